//! Written music whose parts are known: cut where metre, signature or key change, its tonic moved to C.

use super::multitrack::{self, SONG_BARS, Setting, Song, trimmed};
use super::musicxml::{Sheet, SheetNote};
use super::{Harvest, chord_finding, grid};
use crate::piece::{Event, Piece, STEPS_PER_QUARTER, TICKS_PER_STEP};
use riffsmith_dsp::analysis::key_regions::{self, Bar};
use riffsmith_dsp::score::{Key, Meter, Role, Ticks};

/// How much louder an accented note is.
const ACCENT: u8 = 15;

/// A score's parts in the roles that they play.
pub struct Written {
    /// The parts, each sorted by (step, pitch).
    pub parts: Vec<(Role, Vec<Event>)>,
    /// Metres, each from a bar line on, the first from 0.
    pub meters: Vec<(u32, Meter)>,
    /// Signatures, each from a bar line on.
    pub signatures: Vec<(u32, Key)>,
    /// Quarter notes per minute, from a step on.
    pub tempos: Vec<(u32, f64)>,
    /// Where it ends.
    pub end: u32,
}

impl Written {
    /// These parts of a sheet.
    pub fn new(sheet: &Sheet, parts: Vec<(Role, Vec<Event>)>) -> Self {
        let steps = |at: Ticks| at.0 / TICKS_PER_STEP;
        let mut meters: Vec<_> = sheet.meters.iter().map(|&(at, meter)| (steps(at), meter)).collect();
        if meters.is_empty() {
            meters.push((0, Meter::COMMON));
        }
        Self {
            parts,
            meters,
            signatures: sheet.signatures.iter().map(|&(at, key)| (steps(at), key)).collect(),
            tempos: sheet.tempos.iter().map(|&(at, bpm)| (steps(at), bpm)).collect(),
            end: steps(sheet.end),
        }
    }

    /// One piece for each stretch of one metre, signature and key.
    pub fn harvest(&self, song: &Song, harvest: &mut Harvest) {
        let before = harvest.pieces.len();
        let mut cuts: Vec<u32> = self.meters.iter().map(|&(at, _)| at).collect();
        cuts.extend(self.signatures.iter().map(|&(at, _)| at));
        cuts.extend([0, self.end]);
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2).filter(|pair| pair[1] <= self.end) {
            self.stretch(pair[0], pair[1], song, harvest);
        }
        if harvest.pieces.len() == before {
            harvest.drop("pieces without 4 bars of one metre and key");
        }
    }

    fn stretch(&self, start: u32, end: u32, song: &Song, harvest: &mut Harvest) {
        let Some(&(_, meter)) = self.meters.iter().rev().find(|(at, _)| *at <= start) else { return };
        let signature = self.signatures.iter().rev().find(|(at, _)| *at <= start).map(|&(_, key)| key);
        let bar = meter.bar().0 / TICKS_PER_STEP;
        if meter.bar() < Ticks::QUARTER {
            return;
        }
        let bars = self.bars(start, end, bar);
        let regions = key_regions::regions(&bars, signature);
        let ends = regions.iter().skip(1).map(|&(first, _)| first).chain([bars.len()]);
        for (&(first, key), last) in regions.iter().zip(ends) {
            let (from, to) = (start + first as u32 * bar, start + last as u32 * bar);
            match self.region(from, to, meter, key, song) {
                Some(piece) => harvest.pieces.push(piece),
                None => harvest.drop("stretches of one key under 4 bars"),
            }
        }
    }

    /// What sounds in each bar of a stretch.
    fn bars(&self, start: u32, end: u32, bar: u32) -> Vec<Bar> {
        let parts = between(&self.parts, start, end);
        (0..(end - start) / bar).map(|index| sounding(&parts, index * bar, bar)).collect()
    }

    fn region(&self, start: u32, end: u32, meter: Meter, key: Key, song: &Song) -> Option<Piece> {
        let bar = meter.bar().0 / TICKS_PER_STEP;
        let mut parts = between(&self.parts, start, end);
        let bars = trimmed(&mut parts, bar, SONG_BARS)?;
        let bpm = self.tempos.iter().rev().find(|(at, _)| *at <= start).map(|&(_, bpm)| bpm);
        let source = if start == 0 { song.source.clone() } else { format!("{}#{start}", song.source) };
        let setting = Setting { meter, key: Some(key), bpm, chords_change: chord_spans(meter) };
        multitrack::piece(Song { source, ..song.clone() }, parts, bars, &setting)
    }
}

/// The events of all parts from `start` on, counted from there.
fn between(parts: &[(Role, Vec<Event>)], start: u32, end: u32) -> Vec<(Role, Vec<Event>)> {
    let cut = |events: &[Event]| -> Vec<Event> {
        let first = events.partition_point(|event| event.step < start);
        let last = events.partition_point(|event| event.step < end);
        events[first..last].iter().map(|event| Event { step: event.step - start, ..*event }).collect()
    };
    parts.iter().map(|(role, events)| (*role, cut(events))).filter(|(_, events)| !events.is_empty()).collect()
}

fn sounding(parts: &[(Role, Vec<Event>)], start: u32, length: u32) -> Bar {
    let mut bar = Bar { all: [0.0; 12], bass: [0.0; 12] };
    for (role, events) in parts {
        let weights = chord_finding::weights(events, start, start + length);
        bar.all.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        if *role == Role::Bass {
            bar.bass = weights;
        }
    }
    bar
}

/// Written harmony may change on every beat: half a bar, then the beat, which is a quarter note at least.
fn chord_spans(meter: Meter) -> Vec<u32> {
    let bar = meter.bar().0 / TICKS_PER_STEP;
    let beat = if is_compound(meter) { 3 * STEPS_PER_QUARTER / 2 } else { STEPS_PER_QUARTER };
    let halves = (bar / beat).is_multiple_of(2) && bar / 2 > beat;
    let spans = [Some(bar / 2).filter(|_| halves), Some(beat).filter(|&beat| bar.is_multiple_of(beat))];
    spans.into_iter().flatten().collect()
}

/// True for 6/8, 9/8 and 12/8, whose beats are dotted quarter notes.
fn is_compound(meter: Meter) -> bool {
    meter.denominator() == 8 && meter.numerator() > 3 && meter.numerator().is_multiple_of(3)
}

/// A note on the grid.
pub fn event(note: &SheetNote) -> Event {
    let step = grid::nearest_step(note.at);
    let length = grid::nearest_step(note.at + note.length).saturating_sub(step).max(1);
    let velocity = if note.is_accented { (note.velocity + ACCENT).min(127) } else { note.velocity };
    Event { step, pitch: note.pitch, length, velocity, offset: 0 }
}

/// The events of some notes, sorted; drums are left out.
pub fn events<'a>(notes: impl IntoIterator<Item = &'a SheetNote>) -> Vec<Event> {
    let mut events: Vec<Event> = notes.into_iter().filter(|note| !note.is_drum).map(event).collect();
    grid::tidy(&mut events);
    events
}

/// Of notes that start together only the highest.
pub fn top_line(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_unstable_by_key(|event| (event.step, std::cmp::Reverse(event.pitch)));
    events.dedup_by_key(|event| event.step);
    events
}

/// Of notes that start together only the lowest.
pub fn bottom_line(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_unstable_by_key(|event| (event.step, event.pitch));
    events.dedup_by_key(|event| event.step);
    events
}

/// Four-part writing: the first part leads, the last is the bass, the others are the chords.
pub fn four_part(mut voices: Vec<Vec<Event>>) -> Vec<(Role, Vec<Event>)> {
    let bass = bottom_line(voices.pop().unwrap_or_default());
    let mut voices = voices.into_iter();
    let lead = top_line(voices.next().unwrap_or_default());
    let mut inner: Vec<Event> = voices.flatten().collect();
    grid::tidy(&mut inner);
    vec![(Role::Bass, bass), (Role::Chords, inner), (Role::Lead, lead)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::corpus::{files, musicxml, openscore};

    #[test]
    fn chords_change_on_beats_that_music_is_counted_in() {
        let spans = |meter: &str| chord_spans(meter.parse().expect("a metre"));
        assert_eq!(spans("4/4"), [48, 24]);
        assert_eq!(spans("3/4"), [24]);
        assert_eq!(spans("6/8"), [36]);
        assert_eq!(spans("12/8"), [72, 36]);
        assert_eq!(spans("2/2"), [48, 24]);
        assert_eq!(spans("3/8"), Vec::<u32>::new());
    }

    /// Bars whose key is found without the signature, and has that signature, in songs of one signature.
    #[test]
    fn keys_that_are_heard_agree_with_signatures() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/openscore-lieder/openscore-lieder-mxl.zip");
        let Ok(bytes) = std::fs::read(path) else {
            eprintln!("skipped: no corpus beside the workspace");
            return;
        };
        let (mut all, mut agree) = (0, 0);
        for (name, bytes) in files::unpacked("lieder", &bytes).expect("an archive").iter().step_by(40) {
            let sheet = musicxml::read_compressed(name, bytes).expect(name);
            let (Some(parts), Some(written)) = (openscore::song(&sheet), sheet.signature()) else { continue };
            if sheet.signatures.len() != 1 || sheet.meters.len() != 1 {
                continue;
            }
            let song = Written::new(&sheet, parts);
            let bars = song.bars(0, song.end, sheet.meter().bar().0 / TICKS_PER_STEP);
            let regions = key_regions::regions(&bars, None);
            let ends = regions.iter().skip(1).map(|&(start, _)| start).chain([bars.len()]);
            for (&(start, key), end) in regions.iter().zip(ends) {
                all += end - start;
                agree += if key.signature() == written.signature() { end - start } else { 0 };
            }
        }
        let share = f64::from(agree as u32) / f64::from(all as u32);
        eprintln!("{share:.3} of {all} bars are heard in a key of their signature");
        // The rest are mostly modulations; relative keys share their signature.
        assert!(share > 0.7, "{share}");
    }
}
