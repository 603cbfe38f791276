//! Changes what a WAV file says about its sound, and not one byte of the sound.
//!
//! Chunks that this program does not know, and those that nothing is changed in, are kept byte for byte. `fmt `, `fact` and
//! `data` come first, then the others in the order that they had; sizes and pad bytes are set right.

mod music;
mod rebuild;
mod sampler;

pub use music::whole_beats;

use super::chunks::Info;
use super::facts::Fact;
use super::riff::{self, Remedy, Riff};
use super::{Date, Description, describe};
use music::set_music;
use rebuild::{rebuild, repairs};
use riffsmith_dsp::score::{Key, Meter, Pitch, PitchClass, Tempo};
use riffsmith_dsp::{Error, Result};
use sampler::set_sampler;

const WHAT: &str = "WAV file";

/// Whether a sound repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It repeats at a tempo.
    Loop,
    /// It is played once.
    OneShot,
}

/// The length of a loop in music.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// In quarter notes.
    Beats(u32),
    /// In bars of its metre.
    Bars(u32),
}

/// A root, whose octave is known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// Of any octave.
    Class(PitchClass),
    /// A note.
    Note(Pitch),
}

impl Root {
    fn class(self) -> PitchClass {
        match self {
            Self::Class(class) => class,
            Self::Note(pitch) => pitch.class(),
        }
    }
}

/// What to say from now on; what is not given is kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// Whether it repeats; if the file does not say either, a tempo or a length make it a loop.
    pub kind: Option<Kind>,
    /// Quarter notes per minute.
    pub tempo: Option<Tempo>,
    /// Length; if it is not given, it follows from the tempo.
    pub length: Option<Length>,
    /// Time signature.
    pub meter: Option<Meter>,
    /// Tonic, which is the root where there is no other, and mode, which becomes a keyword.
    pub key: Option<Key>,
    /// Root.
    pub root: Option<Root>,
    /// Texts by the ids that [`Info`] has for them; an empty one takes the text away.
    pub texts: Vec<([u8; 4], String)>,
    /// Keywords to add.
    pub keywords: Vec<String>,
    /// When it was made.
    pub created: Option<Date>,
}

impl Changes {
    /// The root asked for, or the tonic of the key.
    fn root(&self) -> Option<Root> {
        self.root.or(self.key.map(|key| Root::Class(key.tonic)))
    }

    /// What the sound is, by the user, by the file, or because it has a tempo.
    fn kind_of(&self, description: &Description) -> Option<Kind> {
        let said = description.acid.map(|acid| if acid.is_one_shot() { Kind::OneShot } else { Kind::Loop });
        let timed = self.tempo.is_some() || self.length.is_some();
        self.kind.or(said).or(timed.then_some(Kind::Loop))
    }
}

/// Something that is now said in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What: `bpm`, `title`, `order`.
    pub what: &'static str,
    /// What it was; empty if it was not there.
    pub from: String,
    /// What it is; empty if it is gone.
    pub to: String,
}

/// A file with its metadata changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Retagged {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// What changed.
    pub changes: Vec<Change>,
    /// What is still broken or does not agree, or could not be told.
    pub warnings: Vec<String>,
}

/// Changes the metadata of the WAV file `bytes`.
///
/// # Errors
/// If it is no WAV file that [`describe`] understands, something in it is cut off, or it would grow beyond 4 GiB.
pub fn retag(bytes: &[u8], changes: &Changes) -> Result<Retagged> {
    let before = describe(bytes)?;
    let file = riff::walk(bytes)?;
    check(&file)?;
    let mut warnings = Vec::new();
    let mut after = before.clone();
    set_music(&mut after, changes, &mut warnings);
    set_sampler(&mut after, changes, before.acid.is_none());
    set_texts(&mut after.info, changes);
    let retagged = rebuild(&file, &before, &after)?;
    let described = describe(&retagged)?;
    debug_assert_eq!(data(bytes, &before), data(&retagged, &described), "the sound is left alone");

    let mut found = difference(&before.facts(), &described.facts());
    found.extend(repairs(&file));
    warnings.extend(described.warnings);
    Ok(Retagged { bytes: retagged, changes: found, warnings })
}

/// Refuses what could not be written again without loss.
fn check(file: &Riff) -> Result<()> {
    if let Some(defect) = file.defects.iter().find(|defect| defect.remedy == Remedy::Impossible) {
        return Err(Error::format(WHAT, &defect.text));
    }
    for id in [b"fmt ", b"data"] {
        if file.chunks.iter().filter(|chunk| &chunk.id == id).count() > 1 {
            return Err(Error::format(
                WHAT,
                format!("it has more than one {}", String::from_utf8_lossy(id).trim_end()),
            ));
        }
    }
    Ok(())
}

fn set_texts(info: &mut Info, changes: &Changes) {
    for (id, text) in &changes.texts {
        info.set(*id, text);
    }
    if let Some(date) = changes.created {
        info.set(Info::CREATED, &date.to_string());
    }
    let mut keywords = info.keywords();
    if let Some(key) = changes.key {
        // The name of a key has a space, so that no other keyword is taken for one.
        let is_key = |word: &String| word.contains(' ') && word.parse::<Key>().is_ok();
        match keywords.iter_mut().find(|word| is_key(word)) {
            Some(word) => *word = key.to_string(),
            None => keywords.push(key.to_string()),
        }
    }
    for word in &changes.keywords {
        if !keywords.contains(word) {
            keywords.push(word.clone());
        }
    }
    if keywords != info.keywords() {
        info.set_keywords(&keywords);
    }
}

/// What is said differently, in the order of the facts.
fn difference(before: &[Fact], after: &[Fact]) -> Vec<Change> {
    let value = |facts: &[Fact], name: &str| {
        facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.clone()).unwrap_or_default()
    };
    let gone = before.iter().filter(|fact| !after.iter().any(|other| other.name == fact.name));
    let names = after.iter().chain(gone).map(|fact| fact.name);
    names
        .map(|what| Change { what, from: value(before, what), to: value(after, what) })
        .filter(|change| change.from != change.to)
        .collect()
}

fn data<'a>(bytes: &'a [u8], description: &Description) -> &'a [u8] {
    &bytes[description.data.offset..description.data.offset + description.data.present]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wav::chunks::Instrument;
    use crate::wav::chunks::{Sampler, SamplerLoop};
    use crate::wav::tests::file;

    /// `seconds` at 8 kHz, 8 bits, mono, and chunks after it.
    fn sound(seconds: f64, others: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let format = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0];
        let data: Vec<u8> = (0..(seconds * 8_000.0) as u32).map(|n| ((n * n) >> 7) as u8).collect();
        let own: [(&[u8; 4], &[u8]); 2] = [(b"fmt ", &format), (b"data", &data)];
        file(&[&own[..], others].concat())
    }

    fn bpm(bpm: f64) -> Changes {
        Changes { tempo: Some(Tempo::new(bpm).expect("valid")), ..Changes::default() }
    }

    fn key(name: &str) -> Option<Key> {
        Some(name.parse().expect("a key"))
    }

    /// What changes, as `name: before -> after`.
    fn changed(bytes: &[u8], changes: &Changes) -> Vec<String> {
        let retagged = retag(bytes, changes).expect("a WAV file");
        retagged.changes.iter().map(|change| format!("{}: {} -> {}", change.what, change.from, change.to)).collect()
    }

    fn payload(bytes: &[u8], id: &[u8; 4]) -> Option<Vec<u8>> {
        let file = riff::walk(bytes).expect("a WAV file");
        file.chunks.iter().find(|chunk| &chunk.id == id).map(|chunk| chunk.payload.to_vec())
    }

    #[test]
    fn a_tempo_makes_a_loop_of_a_plain_sound() {
        let bytes = sound(2.0, &[]);
        assert_eq!(
            changed(&bytes, &bpm(120.0)),
            [
                "kind:  -> loop",
                "bpm:  -> 120",
                "beats:  -> 4",
                "meter:  -> 4/4",
                "note:  -> C4",
                "loop:  -> 0 to 15999 forward"
            ]
        );
        let retagged = retag(&bytes, &bpm(120.0)).expect("a WAV file");
        assert_eq!(retagged.warnings, Vec::<String>::new());
        let acid = payload(&retagged.bytes, b"acid").expect("made");
        assert_eq!(acid, [4, 0, 0, 0, 60, 0, 0, 0x80, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 4, 0, 0, 0, 0xf0, 0x42]);
    }

    #[test]
    fn a_tempo_that_does_not_suit_the_length_is_stored_with_a_warning_and_no_beats() {
        let bytes = sound(2.0, &[]);
        let retagged = retag(&bytes, &bpm(128.0)).expect("a WAV file");
        assert_eq!(
            retagged.warnings,
            [
                "2.000 s are 4.27 beats at 128 bpm, no whole number: it would be 120 bpm for 4 beats, 150 bpm for 5 beats"
            ]
        );
        let acid = describe(&retagged.bytes).expect("a WAV file").acid.expect("made");
        assert_eq!((acid.bpm, acid.beats), (128.0, 0));

        // With beats the user has decided, but is told all the same.
        let given = Changes { length: Some(Length::Beats(4)), ..bpm(128.0) };
        let retagged = retag(&bytes, &given).expect("a WAV file");
        assert_eq!(
            retagged.warnings,
            ["acid says 4 beats at 128 bpm, but 2.000 s are 4.27 beats, or 120 bpm for 4 beats"]
        );
        // Half a per cent is what a tempo without decimals is off.
        assert_eq!(retag(&bytes, &bpm(120.6)).expect("a WAV file").warnings, Vec::<String>::new());
    }

    #[test]
    fn beats_are_whole_within_a_per_cent_and_a_tenth() {
        for (beats, whole) in [
            (4.0, Some(4)),
            (3.97, Some(4)),
            (4.03, Some(4)),
            (4.05, None),
            (64.09, Some(64)),
            (64.2, None),
            (0.2, None),
        ] {
            assert_eq!(whole_beats(beats), whole, "{beats}");
        }
        for beats in [f64::NAN, f64::INFINITY, -4.0, 0.0, 1e18] {
            assert_eq!(whole_beats(beats), None, "{beats}");
        }
    }

    #[test]
    fn a_length_alone_has_the_tempo_of_its_frames() {
        let bytes = sound(2.0, &[]);
        let tempo = |length| {
            let changes = Changes { length: Some(length), ..Changes::default() };
            let read = describe(&retag(&bytes, &changes).expect("a WAV file").bytes).expect("a WAV file");
            read.acid.map(|acid| (acid.beats, acid.bpm))
        };
        assert_eq!(tempo(Length::Beats(4)), Some((4, 120.0)));
        assert_eq!(tempo(Length::Bars(1)), Some((4, 120.0)));
        // 7 beats in 2 s are 210 bpm; 7.1 s would not be whole, and is rounded to a thousandth.
        assert_eq!(tempo(Length::Beats(7)), Some((7, 210.0)));
        let bytes = sound(1.9, &[]);
        let changes = Changes { length: Some(Length::Beats(4)), ..Changes::default() };
        let read = describe(&retag(&bytes, &changes).expect("a WAV file").bytes).expect("a WAV file");
        assert_eq!(read.acid.map(|acid| acid.bpm), Some(126.316));
        // Rounded to frames, 133 bpm are not exactly that any more, and yet they are.
        let bytes = sound(4.0 * 60.0 / 133.0, &[]);
        let read = describe(&retag(&bytes, &changes).expect("a WAV file").bytes).expect("a WAV file");
        assert_eq!(read.acid.map(|acid| acid.bpm), Some(133.0));
    }

    #[test]
    fn bars_count_by_the_metre() {
        let changes =
            Changes { length: Some(Length::Bars(2)), meter: Some(Meter::new(6, 8).expect("valid")), ..bpm(180.0) };
        assert!(changed(&sound(2.0, &[]), &changes).contains(&"beats:  -> 6".to_owned()));
        // A file keeps its own metre.
        let three = retag(&sound(2.0, &[]), &changes).expect("a WAV file").bytes;
        let more = Changes { length: Some(Length::Bars(4)), ..Changes::default() };
        assert_eq!(changed(&three, &more), ["beats: 6 -> 12"]);
    }

    #[test]
    fn a_key_gives_the_root_and_a_keyword() {
        let bytes = retag(&sound(2.0, &[]), &Changes { key: key("Fm"), ..bpm(120.0) }).expect("a WAV file").bytes;
        let read = describe(&bytes).expect("a WAV file");
        assert_eq!(read.acid.and_then(|acid| acid.root()).map(|root| root.to_string()).as_deref(), Some("F"));
        assert_eq!(read.info.keywords(), ["F minor"]);
        let changes = Changes { key: key("G dorian"), keywords: vec!["dark".to_owned()], ..Changes::default() };
        assert_eq!(
            changed(&bytes, &changes),
            ["root: F -> G", "note: F3 -> G3", "keywords: F minor -> G dorian; dark"]
        );
    }

    #[test]
    fn a_root_without_an_octave_keeps_the_one_that_is_there() {
        let mut sampler = Sampler::new(Some(Pitch::new(69)), 7, 8_000);
        sampler.loops.push(SamplerLoop::forward(100, 200));
        let instrument = Instrument { root: 69, fine_tune_cents: 7, gain_db: 0, notes: [60, 72], velocities: [1, 127] };
        let bytes = sound(2.0, &[(b"smpl", &sampler.chunk()[8..]), (b"inst", &instrument.chunk()[8..15])]);
        let root = |root| Changes { root: Some(root), ..Changes::default() };
        assert_eq!(changed(&bytes, &root(Root::Class(PitchClass::new(9)))), Vec::<String>::new());
        assert_eq!(
            changed(&bytes, &root(Root::Note(Pitch::new(70)))),
            [
                "note: A4 +7 cents -> A#4",
                "inst: root 69, +7 cents, +0 dB, notes 60 to 72, velocities 1 to 127 -> \
                 root 70, +7 cents, +0 dB, notes 60 to 72, velocities 1 to 127"
            ]
        );
    }

    #[test]
    fn loop_points_one_frame_too_long_are_mended_when_it_is_said_to_be_a_loop() {
        let mut sampler = Sampler::new(None, 0, 8_000);
        sampler.loops = vec![SamplerLoop::forward(0, 16_000), SamplerLoop::forward(9, 8)];
        let bytes = sound(2.0, &[(b"smpl", &sampler.chunk()[8..])]);
        let changes = Changes { kind: Some(Kind::Loop), ..Changes::default() };
        assert_eq!(changed(&bytes, &changes), ["loop: 0 to 16000 forward, 9 to 8 forward -> 0 to 15999 forward"]);
        assert_eq!(changed(&bytes, &Changes::default()), Vec::<String>::new());
    }

    #[test]
    fn a_one_shot_has_no_loop_but_the_one_it_is_held_on() {
        let looped = retag(&sound(2.0, &[]), &bpm(120.0)).expect("a WAV file").bytes;
        let once = Changes { kind: Some(Kind::OneShot), ..Changes::default() };
        assert_eq!(
            changed(&looped, &once),
            ["kind: loop -> one-shot", "beats: 4 -> ", "meter: 4/4 -> ", "loop: 0 to 15999 forward -> "]
                .map(str::to_owned)
        );
        let mut sampler = Sampler::new(None, 0, 8_000);
        sampler.loops.push(SamplerLoop::forward(1_000, 15_999));
        let held = sound(2.0, &[(b"smpl", &sampler.chunk()[8..])]);
        assert_eq!(changed(&held, &once), ["kind:  -> one-shot"]);
    }

    #[test]
    fn texts_are_set_and_taken_away() {
        let texts = |text: &str| Changes { texts: vec![(Info::TITLE, text.to_owned())], ..Changes::default() };
        let titled = retag(&sound(0.1, &[]), &texts("Caf\u{e9}")).expect("a WAV file").bytes;
        assert_eq!(changed(&titled, &texts("Bar")), ["title: Caf\u{e9} -> Bar"]);
        // The last text takes its list with it.
        let bare = retag(&titled, &texts("")).expect("a WAV file");
        assert!(bare.bytes == sound(0.1, &[]), "{:?}", bare.changes);
        let dated = Changes { created: Some(Date::new(2026, 1, 31).expect("a day")), ..Changes::default() };
        assert_eq!(changed(&titled, &dated), ["date:  -> 2026-01-31"]);
    }

    #[test]
    fn the_sound_comes_first_and_the_rest_keeps_its_order() {
        let format = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0];
        let chunks: [(&[u8; 4], &[u8]); 6] = [
            (b"JUNK", b"odd"),
            (b"bext", b"broken"),
            (b"fmt ", &format),
            (b"abcd", b"x"),
            (b"data", b"12345"),
            (b"efgh", b""),
        ];
        let retagged = retag(&file(&chunks), &Changes::default()).expect("a WAV file");
        let [junk, bext, format, abcd, data, efgh] = chunks;
        assert!(retagged.bytes == file(&[format, data, junk, bext, abcd, efgh]));
        let order = &retagged.changes[0];
        assert_eq!((order.what, order.from.as_str()), ("order", "JUNK, bext, fmt, abcd, data, efgh"));
        assert_eq!(order.to, "fmt, data, JUNK, bext, abcd, efgh");
    }

    #[test]
    fn sizes_are_set_right_and_what_is_cut_off_is_refused() {
        let whole = sound(0.1, &[(b"JUNK", b"1234")]);
        let mut unset = whole.clone();
        unset[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        let mended = retag(&unset, &Changes::default()).expect("a WAV file");
        assert!(mended.bytes == whole);
        assert_eq!((mended.changes.len(), mended.changes[0].what), (1, "frame"));
        assert_eq!(mended.changes[0].from, "the size of RIFF was never filled in");

        let refused = |bytes: &[u8]| retag(bytes, &Changes::default()).expect_err("not understood").to_string();
        assert_eq!(refused(&whole[..whole.len() - 1]), "not a valid WAV file: JUNK is cut off: 3 of 4 bytes are there");
        assert!(refused(&whole[..500]).contains("data is cut off"));
        let twice = sound(0.1, &[(b"data", b"1234")]);
        assert_eq!(refused(&twice), "not a valid WAV file: it has more than one data");
    }

    #[test]
    fn bytes_after_the_end_stay_there() {
        let mut bytes = sound(0.1, &[]);
        bytes.extend(b"TAG of a program of 1998");
        let retagged = retag(&bytes, &bpm(120.0)).expect("a WAV file");
        assert!(retagged.bytes.ends_with(b"TAG of a program of 1998"));
        let file = riff::walk(&retagged.bytes).expect("a WAV file");
        assert_eq!((file.trailing.len(), file.defects.len()), (24, 1));
    }

    #[test]
    fn a_tail_after_the_loop_does_not_count() {
        let mut sampler = Sampler::new(None, 0, 8_000);
        sampler.loops.push(SamplerLoop::forward(0, 15_999));
        let bytes = sound(3.3, &[(b"smpl", &sampler.chunk()[8..])]);
        let retagged = retag(&bytes, &bpm(120.0)).expect("a WAV file");
        assert_eq!(retagged.warnings, Vec::<String>::new());
        assert_eq!(describe(&retagged.bytes).expect("a WAV file").acid.map(|acid| acid.beats), Some(4));
    }
}
