//! RIFF: chunks of an id, a size and that many bytes, padded to an even length; all numbers little-endian.

use riffsmith_dsp::{Error, Result};

/// What a size says that was never filled in: ffmpeg writes `0xffff_ffff` into a pipe, sox `0x7fff_f000` and a little more.
const UNSET_SIZES: std::ops::RangeFrom<u32> = 0x7fff_f000..;

/// Bytes of an id and a size.
const HEADER: usize = 8;

/// One chunk of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Four characters.
    pub id: [u8; 4],
    /// Where its payload begins, in bytes from the start of the file.
    pub offset: usize,
    /// The size that its header gives.
    pub size: u32,
    /// The payload, as far as it is there.
    pub payload: &'a [u8],
    /// Whether the size was never filled in: then all that follows is its payload.
    pub streamed: bool,
}

impl Chunk<'_> {
    /// Its id, and the type of a list: `LIST INFO`.
    pub fn name(&self) -> String {
        let id = String::from_utf8_lossy(&self.id).trim_end().to_owned();
        match self.payload.first_chunk::<4>().filter(|_| &self.id == b"LIST") {
            Some(kind) if is_id(kind) => format!("{id} {}", String::from_utf8_lossy(kind).trim_end()),
            _ => id,
        }
    }

    /// True if it is a list of `kind`, such as `INFO`.
    pub fn is_list(&self, kind: &[u8; 4]) -> bool {
        &self.id == b"LIST" && self.payload.starts_with(kind)
    }
}

/// Something wrong with the frame of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// What is wrong.
    pub text: String,
    /// What becomes of it when the file is written again.
    pub remedy: Remedy,
}

/// What becomes of a defect when the file is written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It is set right.
    Rewriting,
    /// It is kept as it is, and harms nobody.
    None,
    /// Something is lost or misread already: the file is not to be written again.
    Impossible,
}

/// The chunks of a WAVE file, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Riff<'a> {
    /// The chunks.
    pub chunks: Vec<Chunk<'a>>,
    /// What follows the last chunk and is none.
    pub trailing: &'a [u8],
    /// What is wrong.
    pub defects: Vec<Defect>,
}

/// Finds the chunks of a WAVE file; sizes are believed only as far as the bytes go.
///
/// # Errors
/// If it does not begin like a WAV file, or is one for more than 4 GiB (RF64, BW64) or of the other byte order (RIFX).
pub fn walk(bytes: &[u8]) -> Result<Riff<'_>> {
    let whole = check_form(bytes)?;
    let declared = HEADER + whole as usize;
    let unset = is_unset(whole, bytes.len());
    let mut riff = Riff { chunks: Vec::new(), trailing: &[], defects: Vec::new() };
    let mut at = 12;
    while at < bytes.len() {
        let Some((id, size)) = header(bytes, at) else {
            riff.trailing = &bytes[at..];
            break;
        };
        let offset = at + HEADER;
        let rest = &bytes[offset..];
        // Beyond the end that RIFF gives, only whole chunks are taken for chunks.
        if at >= declared && !unset && size as usize > rest.len() {
            riff.trailing = &bytes[at..];
            break;
        }
        let is_data = &id == b"data";
        let streamed = is_data && is_streamed(bytes, bytes.len(), size, rest.len());
        let payload = if streamed { rest } else { &rest[..rest.len().min(size as usize)] };
        let chunk = Chunk { id, offset, size, payload, streamed };
        if streamed {
            riff.flaw(
                "the size of data was never filled in: it is taken to reach to the end".to_owned(),
                Remedy::Rewriting,
            );
        } else if payload.len() < size as usize {
            riff.flaw(
                format!("{} is cut off: {} of {size} bytes are there", chunk.name(), payload.len()),
                Remedy::Impossible,
            );
        }
        at = offset + payload.len();
        if size % 2 == 1 && at < bytes.len() {
            if has_pad(bytes, at) {
                at += 1;
            } else {
                riff.flaw(format!("{} has an odd size and no pad byte", chunk.name()), Remedy::Rewriting);
            }
        }
        riff.chunks.push(chunk);
    }
    riff.check_end(bytes.len(), declared, unset);
    Ok(riff)
}

/// Whether the size that RIFF gives was never filled in, in a file of so many bytes.
fn is_unset(whole: u32, length: usize) -> bool {
    whole == 0 || UNSET_SIZES.contains(&whole) && HEADER + whole as usize > length
}

/// Whether the `size` of data was never filled in: in a file of `length` bytes, of which `head` holds at least the first twelve, and of
/// which `there` follow the chunk's header.
pub fn is_streamed(head: &[u8], length: usize, size: u32, there: usize) -> bool {
    let unset = check_form(head).is_ok_and(|whole| is_unset(whole, length));
    size == 0 && unset || UNSET_SIZES.contains(&size) && size as usize > there
}

impl Riff<'_> {
    fn flaw(&mut self, text: String, remedy: Remedy) {
        self.defects.push(Defect { text, remedy });
    }

    fn check_end(&mut self, length: usize, declared: usize, unset: bool) {
        let end = length - self.trailing.len();
        if !self.trailing.is_empty() {
            // What looks like no chunk before the end that RIFF gives may be a chunk that is broken.
            let inside = !unset && end < declared && self.trailing.len() > 1;
            let remedy = if inside { Remedy::Impossible } else { Remedy::None };
            self.flaw(format!("{} bytes after the last chunk are none", self.trailing.len()), remedy);
        }
        // Some writers do not count the last pad byte.
        let right = [end, end.saturating_sub(1), end + 1].contains(&declared);
        if unset {
            self.flaw("the size of RIFF was never filled in".to_owned(), Remedy::Rewriting);
        } else if !right {
            self.flaw(
                format!("RIFF says that the file has {declared} bytes, but its chunks have {end}"),
                Remedy::Rewriting,
            );
        }
    }
}

/// The size that RIFF gives.
fn check_form(bytes: &[u8]) -> Result<u32> {
    const WHAT: &str = "WAV file";
    let unsupported = |reason: &str| Err(Error::Unsupported { what: WHAT, reason: reason.to_owned() });
    match bytes.first_chunk::<4>() {
        Some(b"RIFF") => {}
        Some(b"RF64" | b"BW64") => return unsupported("RF64, the form for more than 4 GiB"),
        Some(b"RIFX") => return unsupported("RIFX, the form with the high byte first"),
        _ => return Err(Error::format(WHAT, "it does not begin with RIFF")),
    }
    let (Some(size), Some(form)) = (bytes[4..].first_chunk::<4>(), bytes.get(8..12)) else {
        return Err(Error::format(WHAT, "it ends too early"));
    };
    if form != b"WAVE" {
        return Err(Error::format(WHAT, format!("it holds {:?}, not WAVE", String::from_utf8_lossy(form))));
    }
    Ok(u32::from_le_bytes(*size))
}

/// The id and the size at `at`, if there can be a chunk.
fn header(bytes: &[u8], at: usize) -> Option<([u8; 4], u32)> {
    let id = *bytes.get(at..)?.first_chunk::<4>()?;
    let size = *bytes.get(at + 4..)?.first_chunk::<4>()?;
    is_id(&id).then(|| (id, u32::from_le_bytes(size)))
}

/// True for printable ASCII, which all ids are.
fn is_id(id: &[u8; 4]) -> bool {
    id.iter().all(|byte| (0x20..0x7f).contains(byte))
}

/// Whether the byte after an odd chunk pads it. Some writers leave it out: then the next chunk begins there.
fn has_pad(bytes: &[u8], at: usize) -> bool {
    let fits = |at: usize| header(bytes, at).is_some_and(|(_, size)| size as usize <= bytes.len() - at - HEADER);
    bytes[at] == 0 || fits(at + 1) || !fits(at)
}

/// The chunks within a list, after its type; as far as they are whole.
pub fn within(list: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut at = 4;
    std::iter::from_fn(move || {
        let (id, size) = header(list, at)?;
        let payload = list.get(at + HEADER..)?.get(..size as usize)?;
        at += HEADER + payload.len();
        if size % 2 == 1 && at < list.len() && has_pad(list, at) {
            at += 1;
        }
        Some((id, payload))
    })
}

/// A chunk to write: id, size, payload and pad byte.
pub fn chunk(id: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + 1 + payload.len());
    bytes.extend_from_slice(id);
    bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    bytes.extend_from_slice(payload);
    if payload.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// Reads the numbers of a payload one after the other; `None` where it ends.
#[derive(Debug, Clone)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// From its first byte.
    pub fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    /// The next `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*bytes)
    }

    /// 8 bits.
    pub fn u8(&mut self) -> Option<u8> {
        self.bytes().map(u8::from_le_bytes)
    }

    /// 16 bits.
    pub fn u16(&mut self) -> Option<u16> {
        self.bytes().map(u16::from_le_bytes)
    }

    /// 32 bits.
    pub fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    /// A 32-bit float.
    pub fn f32(&mut self) -> Option<f32> {
        self.bytes().map(f32::from_le_bytes)
    }

    /// All that is left.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// Text in a field of a chunk: up to the first zero, as UTF-8, or else Latin-1 as older programs write it.
pub fn text(field: &[u8]) -> String {
    let field = field.split(|&byte| byte == 0).next().unwrap_or_default();
    let text =
        std::str::from_utf8(field).map_or_else(|_| field.iter().copied().map(char::from).collect(), str::to_owned);
    text.trim_end().to_owned()
}

/// Text as a field that ends with a zero.
pub fn terminated(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if byte == 0 { b' ' } else { byte }).chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(body: &[u8]) -> Vec<u8> {
        let size = (4 + body.len()) as u32;
        [&b"RIFF"[..], &size.to_le_bytes(), b"WAVE", body].concat()
    }

    fn ids(riff: &Riff) -> Vec<String> {
        riff.chunks.iter().map(Chunk::name).collect()
    }

    fn texts<'a>(riff: &'a Riff) -> Vec<&'a str> {
        riff.defects.iter().map(|defect| defect.text.as_str()).collect()
    }

    #[test]
    fn chunks_of_odd_and_even_size_are_found() {
        let file = wave(&[chunk(b"one ", b"abc"), chunk(b"two ", b""), chunk(b"LIST", b"INFO")].concat());
        let riff = walk(&file).expect("a WAV file");
        assert_eq!(ids(&riff), ["one", "two", "LIST INFO"]);
        assert_eq!(riff.chunks[0], Chunk { id: *b"one ", offset: 20, size: 3, payload: b"abc", streamed: false });
        assert!(riff.defects.is_empty(), "{:?}", riff.defects);
    }

    #[test]
    fn a_missing_pad_byte_is_noticed_and_survived() {
        let file = wave(&[&b"one \x03\0\0\0abc"[..], &chunk(b"two ", b"1234")].concat());
        let riff = walk(&file).expect("a WAV file");
        assert_eq!(ids(&riff), ["one", "two"]);
        assert_eq!(texts(&riff), ["one has an odd size and no pad byte"]);
        // A pad byte that is not zero is one all the same.
        let file = wave(&[&b"one \x03\0\0\0abcX"[..], &chunk(b"two ", b"1234")].concat());
        let riff = walk(&file).expect("a WAV file");
        assert_eq!((ids(&riff), texts(&riff)), (vec!["one".to_owned(), "two".to_owned()], vec![]));
    }

    #[test]
    fn the_last_pad_byte_is_one_whatever_it_holds_and_whether_it_is_counted_or_not() {
        for (pad, size) in [(&b"X"[..], 16), (b"\0", 16), (b"\0", 15), (b"", 15), (b"", 16)] {
            let mut file = wave(&[&b"one \x03\0\0\0abc"[..], pad].concat());
            file[4] = size;
            let riff = walk(&file).expect("a WAV file");
            assert_eq!((ids(&riff).len(), riff.trailing, texts(&riff)), (1, &[][..], vec![]), "{pad:?} {size}");
        }
    }

    #[test]
    fn sizes_past_the_end_are_cut_and_cannot_be_set_right() {
        let file = wave(b"one \xff\xff\0\0abcd");
        let riff = walk(&file).expect("a WAV file");
        assert_eq!(riff.chunks[0].payload, b"abcd");
        assert_eq!(
            riff.defects,
            [Defect { text: "one is cut off: 4 of 65535 bytes are there".to_owned(), remedy: Remedy::Impossible }]
        );
    }

    #[test]
    fn sizes_that_a_pipe_never_filled_in_reach_to_the_end() {
        for (whole, size) in [(u32::MAX, u32::MAX), (0x7fff_f024, 0x7fff_f000), (0, 0)] {
            let mut file = wave(b"data....12345678");
            file[4..8].copy_from_slice(&whole.to_le_bytes());
            file[16..20].copy_from_slice(&size.to_le_bytes());
            let riff = walk(&file).expect("a WAV file");
            assert_eq!(riff.chunks[0].payload, b"12345678", "{size}");
            assert_eq!(riff.defects.len(), 2, "{:?}", riff.defects);
            assert!(riff.defects.iter().all(|defect| defect.remedy == Remedy::Rewriting));
        }
    }

    #[test]
    fn what_follows_the_end_is_told_from_chunks_that_riff_did_not_count() {
        let mut file = wave(&chunk(b"one ", b"12"));
        file.extend(chunk(b"two ", b"34"));
        let riff = walk(&file).expect("a WAV file");
        assert_eq!(ids(&riff), ["one", "two"]);
        assert_eq!(texts(&riff), ["RIFF says that the file has 22 bytes, but its chunks have 32"]);

        let mut file = wave(&chunk(b"one ", b"12"));
        file.extend(b"TAGged by a program of 1998");
        let riff = walk(&file).expect("a WAV file");
        assert_eq!((ids(&riff).len(), riff.trailing.len()), (1, 27));
        assert_eq!(texts(&riff), ["27 bytes after the last chunk are none"]);
        assert_eq!(riff.defects[0].remedy, Remedy::None);
    }

    #[test]
    fn other_forms_are_named() {
        let refused = |bytes: &[u8]| walk(bytes).expect_err("no WAV file").to_string();
        assert_eq!(
            refused(b"RF64\xff\xff\xff\xffWAVEds64"),
            "WAV file not supported: RF64, the form for more than 4 GiB"
        );
        assert!(refused(b"BW64").contains("RF64"));
        assert!(refused(b"RIFX\0\0\0\0WAVE").contains("high byte first"));
        assert_eq!(refused(b"RIFF\0\0\0\0AVI "), "not a valid WAV file: it holds \"AVI \", not WAVE");
        assert_eq!(refused(b"RIFF\0\0"), "not a valid WAV file: it ends too early");
        assert_eq!(refused(b""), "not a valid WAV file: it does not begin with RIFF");
    }

    #[test]
    fn texts_end_at_the_first_zero_and_may_be_of_either_encoding() {
        assert_eq!(text(b"Caf\xc3\xa9\0junk"), "Caf\u{e9}");
        assert_eq!(text(b"Caf\xe9 \0"), "Caf\u{e9}");
        assert_eq!(text(&terminated("a\0b")), "a b");
    }
}
