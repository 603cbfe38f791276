//! Changes what a WAV file says about its sound, and not one byte of the sound.
//!
//! Chunks that this program does not know, and those that nothing is changed in, are kept byte for byte. `fmt `, `fact` and
//! `data` come first, then the others in the order that they had; sizes and pad bytes are set right.

use super::checks::{TOLERANCE, tempo_of};
use super::chunks::{Acid, Info, Sampler, SamplerLoop};
use super::facts::Fact;
use super::riff::{self, Chunk, Remedy, Riff};
use super::tags::root_note;
use super::{Date, Description, describe};
use riffsmith_dsp::score::{Key, Meter, Pitch, PitchClass, Tempo};
use riffsmith_dsp::{Error, Result};

const WHAT: &str = "WAV file";

/// Beats may be off a whole number by this much, even where [`TOLERANCE`] would allow more: a hundred beats are not known to
/// the beat by a tempo that is known to a per cent.
const BEAT_TOLERANCE: f64 = 0.1;

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

/// Tempo, length, metre and root, in `acid`.
fn set_music(after: &mut Description, changes: &Changes, warnings: &mut Vec<String>) {
    let Changes { tempo, length, meter, .. } = *changes;
    let root = root_of(changes);
    let timed = tempo.is_some() || length.is_some();
    if !timed && changes.kind.is_none() && meter.is_none() && root.is_none() {
        return;
    }
    let Some(kind) = kind_of(after, changes) else {
        if meter.is_some() {
            warnings.push("it is not known to be a loop, and only a loop has a metre".to_owned());
        }
        return;
    };
    let mut acid = match (after.acid, kind) {
        (Some(acid), _) => acid,
        (None, Kind::OneShot) => Acid::one_shot(None),
        (None, Kind::Loop) if timed => Acid::repeating(None),
        // Without a tempo, its loop points say all that there is to say.
        (None, Kind::Loop) => return,
    };
    match changes.kind {
        Some(Kind::Loop) => acid.set_repeating(),
        Some(Kind::OneShot) => acid.set_one_shot(),
        None => {}
    }
    if let Some(root) = root {
        acid.set_root(Some(root.class()));
    }
    if let Some(meter) = meter {
        acid.set_meter(meter);
    }
    if let Some(tempo) = tempo {
        acid.bpm = tempo.bpm() as f32;
    }
    if kind == Kind::Loop && timed {
        set_length(&mut acid, after, length, warnings);
    }
    after.acid = Some(acid);
}

/// The root asked for, or the tonic of the key.
fn root_of(changes: &Changes) -> Option<Root> {
    changes.root.or(changes.key.map(|key| Root::Class(key.tonic)))
}

/// What the sound is, by the user, by the file, or because it has a tempo.
fn kind_of(description: &Description, changes: &Changes) -> Option<Kind> {
    let said = description.acid.map(|acid| if acid.is_one_shot() { Kind::OneShot } else { Kind::Loop });
    let timed = changes.tempo.is_some() || changes.length.is_some();
    changes.kind.or(said).or(timed.then_some(Kind::Loop))
}

/// Beats from the length given, or from the tempo and the frames; and a tempo from both, where there is none.
fn set_length(acid: &mut Acid, description: &Description, length: Option<Length>, warnings: &mut Vec<String>) {
    let bar_quarters = f64::from(acid.numerator) * 4.0 / f64::from(acid.denominator.max(1));
    let frames = description.loop_frames().filter(|frames| *frames > 0);
    let seconds = frames.map(|frames| frames as f64 / f64::from(description.format.rate_hz));
    match (length, seconds) {
        (Some(Length::Beats(beats)), _) => acid.beats = beats,
        (Some(Length::Bars(bars)), _) => acid.beats = (f64::from(bars) * bar_quarters).round() as u32,
        (None, Some(seconds)) => {
            let beats = seconds * f64::from(acid.bpm) / 60.0;
            match whole_beats(beats) {
                Some(beats) => acid.beats = beats,
                None => warnings.push(not_whole(beats, acid.bpm, seconds)),
            }
        }
        (None, None) => {}
    }
    let untold = !(acid.bpm.is_finite() && acid.bpm > 0.0);
    if let Some((frames, seconds)) = frames.zip(seconds).filter(|_| untold && acid.beats > 0) {
        acid.bpm = tempo(acid.beats, frames, seconds) as f32;
    }
}

/// The whole number that `beats` are, if they are one: within a per cent and a tenth of a beat.
pub fn whole_beats(beats: f64) -> Option<u32> {
    let nearest = beats.round();
    let allowed = (nearest * TOLERANCE).min(BEAT_TOLERANCE);
    (nearest >= 1.0 && nearest <= f64::from(u32::MAX) && (beats - nearest).abs() <= allowed).then_some(nearest as u32)
}

fn not_whole(beats: f64, bpm: f32, seconds: f64) -> String {
    let below = (beats.floor() as u32).max(1);
    let (low, high) = (tempo_of(below, seconds), tempo_of(below + 1, seconds));
    format!("{seconds:.3} s are {beats:.2} beats at {bpm} bpm, no whole number: it would be {low}, {high}")
}

/// The tempo of a length: a whole number if that has the same frames, give or take one.
fn tempo(beats: u32, frames: u64, seconds: f64) -> f64 {
    let bpm = f64::from(beats) * 60.0 / seconds;
    let of_whole = f64::from(beats) * 60.0 / bpm.round() * frames as f64 / seconds;
    if (of_whole - frames as f64).abs() <= 1.0 { bpm.round() } else { (bpm * 1e3).round() / 1e3 }
}

/// Root and loop points, in `smpl`; the root also in `inst`, where there is one.
fn set_sampler(after: &mut Description, changes: &Changes, had_no_acid: bool) {
    let kind = kind_of(after, changes);
    let root = root_of(changes);
    let becomes_loop = kind == Some(Kind::Loop) && (changes.kind.is_some() || had_no_acid);
    let made = after.sampler.is_none() && (root.is_some() || becomes_loop);
    let Some(mut sampler) = after.sampler.clone().or_else(|| made.then(|| Sampler::new(None, 0, after.format.rate_hz)))
    else {
        return;
    };
    if let Some(root) = root {
        let own = if made { None } else { sampler.root().map(|(pitch, _)| pitch) };
        let note = match root {
            Root::Note(note) => note,
            Root::Class(class) => own.filter(|own| own.class() == class).unwrap_or_else(|| root_note(class)),
        };
        if own != Some(note) {
            sampler.tune(note, 0);
        }
        if let Some(instrument) = &mut after.instrument {
            instrument.root = note.number();
        }
    }
    let last = after.frames.and_then(|frames| u32::try_from(frames.checked_sub(1)?).ok());
    if let Some(last) = last {
        if becomes_loop || made && kind == Some(Kind::Loop) {
            mend_loops(&mut sampler, last);
        } else if changes.kind == Some(Kind::OneShot) {
            // What is held stays; what goes round for ever does not.
            sampler.loops.retain(|it| it.first_frame > 0 || it.last_frame < last);
        }
    }
    after.sampler = Some(sampler);
}

/// Brings loops within the sound, up to its `last` frame; one over all of it, if there is none.
fn mend_loops(sampler: &mut Sampler, last: u32) {
    for it in &mut sampler.loops {
        it.last_frame = it.last_frame.min(last);
    }
    sampler.loops.retain(|it| it.first_frame < it.last_frame);
    if sampler.loops.is_empty() {
        sampler.loops.push(SamplerLoop::forward(0, last));
    }
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
        keywords.retain(|word| !(word.contains(' ') && word.parse::<Key>().is_ok()));
        keywords.push(key.to_string());
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

/// A chunk that may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Sampler,
    Instrument,
    Acid,
    Info,
}

fn slot(chunk: &Chunk) -> Option<Slot> {
    match &chunk.id {
        b"smpl" => Some(Slot::Sampler),
        b"inst" => Some(Slot::Instrument),
        b"acid" => Some(Slot::Acid),
        b"LIST" if chunk.is_list(b"INFO") => Some(Slot::Info),
        _ => None,
    }
}

/// The file with those chunks replaced or added that differ.
fn rebuild(file: &Riff, before: &Description, after: &Description) -> Result<Vec<u8>> {
    let mut changed: Vec<(Slot, Vec<u8>)> = Vec::new();
    if let Some(sampler) = after.sampler.as_ref().filter(|_| after.sampler != before.sampler) {
        changed.push((Slot::Sampler, sampler.chunk()));
    }
    if let Some(instrument) = after.instrument.filter(|_| after.instrument != before.instrument) {
        changed.push((Slot::Instrument, instrument.chunk()));
    }
    if let Some(acid) = after.acid.filter(|_| after.acid != before.acid) {
        changed.push((Slot::Acid, acid.chunk()));
    }
    if after.info != before.info {
        let list = if after.info.is_empty() { Vec::new() } else { after.info.chunk() };
        changed.push((Slot::Info, list));
    }
    let slots: Vec<Slot> = changed.iter().map(|(slot, _)| *slot).collect();

    let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
    for chunk in ordered(file) {
        match slot(chunk).filter(|slot| slots.contains(slot)) {
            // The first of its kind makes room for the new one, another one is gone.
            Some(own) => {
                if let Some(place) = changed.iter().position(|(slot, _)| *slot == own) {
                    bytes.extend(changed.remove(place).1);
                }
            }
            None => bytes.extend(riff::chunk(&chunk.id, chunk.payload)),
        }
    }
    bytes.extend(changed.into_iter().flat_map(|(_, chunk)| chunk));
    let size = u32::try_from(bytes.len() - 8)
        .map_err(|_| Error::Unsupported { what: WHAT, reason: "it would be larger than 4 GiB".to_owned() })?;
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(file.trailing);
    Ok(bytes)
}

/// The chunks with the sound in front.
fn ordered<'a>(file: &'a Riff<'a>) -> Vec<&'a Chunk<'a>> {
    let mut chunks: Vec<&Chunk> = file.chunks.iter().collect();
    chunks.sort_by_key(|chunk| match &chunk.id {
        b"fmt " => 0,
        b"fact" => 1,
        b"data" => 2,
        _ => 3,
    });
    chunks
}

/// What is set right although nobody asked.
fn repairs(file: &Riff) -> Vec<Change> {
    let names = |chunks: &[&Chunk]| chunks.iter().map(|chunk| chunk.name()).collect::<Vec<_>>().join(", ");
    let (own, ordered) = (file.chunks.iter().collect::<Vec<_>>(), ordered(file));
    let mut found = Vec::new();
    if own != ordered {
        found.push(Change { what: "order", from: names(&own), to: names(&ordered) });
    }
    let mended = file.defects.iter().filter(|defect| defect.remedy == Remedy::Rewriting);
    found.extend(mended.map(|defect| Change { what: "frame", from: defect.text.clone(), to: "set right".to_owned() }));
    found
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
