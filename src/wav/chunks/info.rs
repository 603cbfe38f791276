//! `LIST INFO`: texts about a sound.

use crate::wav::riff;

/// What stands between two keywords.
const SEPARATOR: &str = "; ";

/// The content of a `LIST INFO` chunk, its texts as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info(Vec<([u8; 4], Vec<u8>)>);

impl Info {
    /// Title.
    pub const TITLE: [u8; 4] = *b"INAM";
    /// Artist or label.
    pub const ARTIST: [u8; 4] = *b"IART";
    /// Product: the pack or album that it belongs to.
    pub const PRODUCT: [u8; 4] = *b"IPRD";
    /// Genre.
    pub const GENRE: [u8; 4] = *b"IGNR";
    /// Keywords.
    pub const KEYWORDS: [u8; 4] = *b"IKEY";
    /// Comment.
    pub const COMMENT: [u8; 4] = *b"ICMT";
    /// Date of creation, ISO 8601.
    pub const CREATED: [u8; 4] = *b"ICRD";
    /// Program.
    pub const SOFTWARE: [u8; 4] = *b"ISFT";
    /// Copyright or licence.
    pub const COPYRIGHT: [u8; 4] = *b"ICOP";

    /// Adds the texts in the payload of a list; of two with one id, the first counts.
    pub fn read(&mut self, list: &[u8]) {
        for (id, payload) in riff::within(list) {
            if self.find(id).is_none() {
                self.0.push((id, payload.to_vec()));
            }
        }
    }

    /// The text `id`.
    pub fn get(&self, id: [u8; 4]) -> Option<String> {
        self.find(id).map(riff::text)
    }

    /// Sets the text `id`, or takes it away if `text` is empty; the others stay as they are.
    pub fn set(&mut self, id: [u8; 4], text: &str) {
        let place = self.0.iter().position(|(own, _)| *own == id);
        match place {
            Some(place) if text.is_empty() => drop(self.0.remove(place)),
            Some(place) => self.0[place].1 = riff::terminated(text),
            None if text.is_empty() => {}
            // Some programs read no further than a text as long as a recipe: a comment at the end stays there.
            None => {
                let comment = self.0.last().is_some_and(|(own, _)| *own == Self::COMMENT);
                self.0.insert(self.0.len() - usize::from(comment), (id, riff::terminated(text)));
            }
        }
    }

    /// The keywords.
    pub fn keywords(&self) -> Vec<String> {
        let text = self.get(Self::KEYWORDS).unwrap_or_default();
        text.split(';').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    }

    /// Sets the keywords.
    pub fn set_keywords(&mut self, keywords: &[String]) {
        self.set(Self::KEYWORDS, &keywords.join(SEPARATOR));
    }

    /// All texts with their ids, in their order.
    pub fn texts(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().map(|(id, text)| (String::from_utf8_lossy(id).into_owned(), riff::text(text)))
    }

    /// True if there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The chunk.
    pub fn chunk(&self) -> Vec<u8> {
        let mut list = b"INFO".to_vec();
        for (id, text) in &self.0 {
            list.extend(riff::chunk(id, text));
        }
        riff::chunk(b"LIST", &list)
    }

    fn find(&self, id: [u8; 4]) -> Option<&[u8]> {
        self.0.iter().find(|(own, _)| *own == id).map(|(_, text)| text.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_odd_and_even_length_are_padded_and_read_back() {
        let mut info = Info::default();
        info.set(Info::TITLE, "four");
        info.set(Info::GENRE, "");
        info.set(Info::SOFTWARE, "odd");
        let bytes = info.chunk();
        assert_eq!(bytes, b"LIST\x1e\0\0\0INFOINAM\x05\0\0\0four\0\0ISFT\x04\0\0\0odd\0".to_vec());
        let mut read = Info::default();
        read.read(&bytes[8..]);
        assert_eq!(read, info);
        assert_eq!(read.get(Info::TITLE).as_deref(), Some("four"));
        assert_eq!(read.get(Info::GENRE), None);
    }

    #[test]
    fn a_changed_text_leaves_the_others_to_the_last_byte() {
        let mut info = Info::default();
        // Latin-1, and no zero at its end.
        info.read(b"INFOIENG\x04\0\0\0Caf\xe9INAM\x04\0\0\0old\0");
        info.set(Info::TITLE, "new");
        assert_eq!(info.chunk(), b"LIST\x1c\0\0\0INFOIENG\x04\0\0\0Caf\xe9INAM\x04\0\0\0new\0".to_vec());
        info.set(Info::TITLE, "");
        assert_eq!(info.chunk(), b"LIST\x10\0\0\0INFOIENG\x04\0\0\0Caf\xe9".to_vec());
    }

    #[test]
    fn a_new_text_leaves_the_comment_at_the_end() {
        let mut info = Info::default();
        for id in [Info::TITLE, Info::COMMENT, Info::ARTIST, Info::GENRE] {
            info.set(id, "x");
        }
        let ids: Vec<String> = info.texts().map(|(id, _)| id).collect();
        assert_eq!(ids, ["INAM", "IART", "IGNR", "ICMT"]);
    }

    #[test]
    fn keywords_are_one_text() {
        let mut info = Info::default();
        info.set_keywords(&["dark".to_owned(), "A minor".to_owned()]);
        assert_eq!(info.get(Info::KEYWORDS).as_deref(), Some("dark; A minor"));
        assert_eq!(info.keywords(), ["dark", "A minor"]);
        info.set(Info::KEYWORDS, "a;b ;; c");
        assert_eq!(info.keywords(), ["a", "b", "c"]);
    }
}
