//! Writes the page, one sound after the other.

use super::html::{escape, escape_json, fill};
use super::{Kind, PageInfo, PageItem};
use base64::prelude::{BASE64_STANDARD, Engine};
use riffsmith_dsp::score::Key;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Result, Seek, Write};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const STYLE_LIGHT: &str = include_str!("light.css");
const SCRIPT: &str = concat!(include_str!("clock.js"), include_str!("player.js"), include_str!("page.js"));

/// Gathers a page whose previews wait in a temporary file, so that memory holds but what the list shows: about 1 kB a sound.
///
/// The same items in the same order make the same bytes.
#[derive(Debug)]
pub struct PageWriter {
    info: PageInfo,
    /// The list, by the places of its rows.
    rows: BTreeMap<usize, String>,
    previews: BufWriter<File>,
}

impl PageWriter {
    /// A page without sounds yet.
    ///
    /// # Errors
    /// If there is no room or no right for a temporary file.
    pub fn new(info: &PageInfo) -> Result<Self> {
        let previews = BufWriter::new(tempfile::tempfile()?);
        Ok(Self { info: info.clone(), rows: BTreeMap::new(), previews })
    }

    /// Adds the row that stands at a place of the list, counted from 0; in the end, no place may be left out.
    ///
    /// # Errors
    /// If there is no room for its preview.
    pub fn item(&mut self, place: usize, item: &PageItem) -> Result<()> {
        let row = serde_json::to_string(&Row::of(item)).expect("a row has text keys and finite numbers");
        if let Some(preview) = &item.preview {
            let base64 = BASE64_STANDARD.encode(&preview.bytes);
            writeln!(self.previews, r#"<script type="text/plain" id="preview-{place}">{base64}</script>"#)?;
        }
        self.rows.insert(place, escape_json(&row));
        Ok(())
    }

    /// Writes the page.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self, mut out: impl Write) -> Result<()> {
        let Self { info, rows, previews } = self;
        let mut previews = previews.into_inner().map_err(io::IntoInnerError::into_error)?;
        previews.rewind()?;
        fill(&mut out, TEMPLATE, |name, out| match name {
            "name" => write!(out, "{}", escape(&info.name)),
            "label" => write!(out, "{}", escape(&info.label)),
            "description" => write!(out, "{}", escape(&info.description)),
            "licence" => write!(out, "{}", escape(&info.licence)),
            "version" => write!(out, "{}", escape(&info.version)),
            "facts" => info.facts.iter().try_for_each(|(name, value)| {
                write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value))
            }),
            "style" => write!(out, "{STYLE}"),
            "style_light" => write!(out, "{STYLE_LIGHT}"),
            "script" => write!(out, "{SCRIPT}"),
            "script_hash" => write!(out, "sha256-{}", BASE64_STANDARD.encode(Sha256::digest(SCRIPT))),
            "index" => {
                write!(out, "[")?;
                for (number, row) in rows.values().enumerate() {
                    write!(out, "{}{row}", if number == 0 { "\n" } else { ",\n" })?;
                }
                write!(out, "\n]")
            }
            "previews" => io::copy(&mut previews, out).map(drop),
            unknown => unreachable!("the template asks for {unknown}"),
        })?;
        out.flush()
    }
}

/// A row as the page's program reads it.
#[derive(Serialize)]
struct Row<'a> {
    path: &'a str,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<KeyOfRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bpm: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bars: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beats: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    peaks: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<PreviewOfRow>,
}

/// A key, and the notes of its scale as bits, C lowest: keys that share six of seven go together.
#[derive(Serialize)]
struct KeyOfRow {
    name: String,
    notes: u16,
}

/// Where the sound lies in its preview, in frames at 48 kHz.
#[derive(Serialize)]
struct PreviewOfRow {
    lead: u32,
    frames: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    bar: Option<u32>,
}

impl<'a> Row<'a> {
    fn of(item: &'a PageItem) -> Self {
        Self {
            path: &item.path,
            kind: item.kind,
            role: item.role.as_deref(),
            style: item.style.as_deref(),
            key: item.key.map(KeyOfRow::of),
            bpm: item.bpm,
            bars: item.bars,
            beats: item.beats,
            seconds: item.seconds.map(|seconds| (1000.0 * seconds).round() / 1000.0),
            tags: &item.tags,
            peaks: item.peaks.as_ref().map(|peaks| BASE64_STANDARD.encode(peaks.as_bytes())),
            preview: item.preview.as_ref().map(|preview| PreviewOfRow {
                lead: preview.lead,
                frames: preview.frames,
                bar: preview.bar,
            }),
        }
    }
}

impl KeyOfRow {
    fn of(key: Key) -> Self {
        let notes = key.scale().iter().fold(0, |notes, class| notes | 1 << class.semitones());
        Self { name: key.to_string(), notes }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Peaks, Preview, peaks, preview};
    use super::*;
    use riffsmith_dsp::{AudioBuffer, SampleRate};

    const HOSTILE: &str = "</script><script>alert('1')</script> & \"{{script}}\" <!--";

    fn info() -> PageInfo {
        PageInfo { name: HOSTILE.into(), facts: vec![(HOSTILE.into(), HOSTILE.into())], ..PageInfo::default() }
    }

    fn sound() -> (Peaks, Preview) {
        let frames = (0..4_410).map(|n| [(f64::from(n) * 0.05).sin() as f32; 2]).collect();
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
        (peaks(&audio), preview(&audio, None))
    }

    fn items() -> Vec<PageItem> {
        let (peaks, preview) = sound();
        let full = PageItem {
            role: Some(HOSTILE.into()),
            style: Some(HOSTILE.into()),
            key: Some("F# minor".parse().expect("a key")),
            bpm: Some(122.5),
            bars: Some(4),
            beats: Some(16),
            seconds: Some(0.1),
            tags: vec![HOSTILE.into()],
            peaks: Some(peaks),
            preview: Some(preview),
            ..PageItem::new(format!("Loops/{HOSTILE}.wav"), Kind::OneShot)
        };
        vec![PageItem::new("MIDI/a.mid", Kind::Midi), full]
    }

    fn page(items: &[PageItem]) -> String {
        let mut page = PageWriter::new(&info()).expect("a temporary file");
        // In any order: what is last in the list is made first here.
        for (place, item) in items.iter().enumerate().rev() {
            page.item(place, item).expect("room");
        }
        let mut bytes = Vec::new();
        page.finish(&mut bytes).expect("memory");
        String::from_utf8(bytes).expect("text")
    }

    fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
        text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(inside, _)| inside).expect("both marks")
    }

    #[test]
    fn names_from_outside_stay_names() {
        let page = page(&items());
        assert!(!page.contains("<script>alert"));
        assert!(!page.contains(" <!--\""));
        // Our own: the index, one preview, and the program.
        assert_eq!(page.matches("<script").count(), 3);
        assert_eq!(page.matches("</script").count(), 3);
        assert!(page.contains(
            "<h1>&lt;/script&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;{{script}}&quot;"
        ));
    }

    #[test]
    fn the_index_says_all_there_is_to_know() {
        let page = page(&items());
        let index = between(&page, r#"id="index">"#, "</script>");
        let rows: Vec<serde_json::Value> = serde_json::from_str(index).expect("JSON");
        assert_eq!(rows[0], serde_json::json!({"path": "MIDI/a.mid", "kind": "midi", "tags": []}));
        let row = &rows[1];
        assert_eq!(row["path"], format!("Loops/{HOSTILE}.wav"));
        assert_eq!((&row["kind"], &row["bpm"], &row["tags"][0]), (&"one_shot".into(), &122.5.into(), &HOSTILE.into()));
        // F# G# A B C# D E: bits 6, 8, 9, 11, 1, 2 and 4.
        assert_eq!(row["key"], serde_json::json!({"name": "F# minor", "notes": 0b1011_0101_0110}));
        assert_eq!(row["preview"], serde_json::json!({"lead": 0, "frames": 4_800 + 960}));
        let peaks = BASE64_STANDARD.decode(row["peaks"].as_str().expect("text")).expect("base64");
        assert_eq!(peaks, sound().0.as_bytes());
    }

    #[test]
    fn previews_stand_after_the_program_under_the_number_of_their_row() {
        let page = page(&items());
        let preview = between(&page, r#"<script type="text/plain" id="preview-1">"#, "</script>");
        assert_eq!(BASE64_STANDARD.decode(preview).expect("base64"), sound().1.bytes);
        assert!(page.find("build();\n</script>") < page.find("preview-1"));
        assert!(!page.contains("preview-0"));
    }

    #[test]
    fn only_the_program_may_run_and_nothing_may_be_fetched() {
        let page = page(&items());
        let policy = between(&page, r#"Content-Security-Policy" content=""#, r#"">"#);
        let program = between(&page, "<script>", "</script>");
        assert!(policy.starts_with("default-src 'none';"));
        let hash = BASE64_STANDARD.encode(Sha256::digest(program));
        assert!(policy.contains(&format!("script-src 'sha256-{hash}';")), "{policy}");
        for address in ["http:", "https:", "//cdn", "@import", "url("] {
            // The one exception names the SVG format.
            let found = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!found.contains(address), "{address}");
        }
    }

    #[test]
    fn the_same_items_make_the_same_bytes() {
        assert_eq!(page(&items()), page(&items()));
        assert!(page(&[]).contains("id=\"index\">[\n]</script>"));
    }
}
