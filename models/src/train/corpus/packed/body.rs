//! What is in a corpus file: the report's words, the style tags, the pieces.

use super::super::{Corpus, Report};
use super::numbers::{Input, Output, broken};
use crate::error::Result;
use crate::piece::{Event, Piece, Split};
use crate::train::corpus::multitrack::MAX_BARS;
use riffsmith_dsp::score::{Chord, Meter, Mode, PitchClass, Quality, Role};
use std::collections::{BTreeMap, BTreeSet};

const SPLITS: [Split; 3] = [Split::Train, Split::Valid, Split::Test];

/// Pitch classes that a chord's bass may be, and none.
const BASSES: u64 = 13;

/// Writes everything but the counts, which the pieces tell.
pub fn write(corpus: &Corpus, out: &mut Output) {
    let Corpus { pieces, report } = corpus;
    out.count(report.licences.len());
    for (set, licence) in &report.licences {
        out.text(set);
        out.text(licence);
    }
    out.count(report.dropped.len());
    for ((set, reason), &count) in &report.dropped {
        out.text(set);
        out.text(reason);
        out.count(count);
    }
    out.count(report.unread.len());
    report.unread.iter().for_each(|file| out.text(file));
    let tags: BTreeSet<&str> = pieces.iter().flat_map(|piece| &piece.styles).map(String::as_str).collect();
    let tags: BTreeMap<&str, usize> = tags.into_iter().zip(0..).collect();
    out.count(tags.len());
    tags.keys().for_each(|tag| out.text(tag));
    out.count(pieces.len());
    pieces.iter().for_each(|piece| write_piece(piece, &tags, out));
}

/// The corpus of a body.
///
/// # Errors
/// It breaks off, goes on after its end, or holds what no piece can.
pub fn read(input: &mut Input) -> Result<Corpus> {
    let mut report = Report::default();
    for _ in 0..input.count()? {
        report.licences.insert(input.text()?, input.text()?);
    }
    for _ in 0..input.count()? {
        let key = (input.text()?, input.text()?);
        report.dropped.insert(key, input.number()? as usize);
    }
    report.unread = (0..input.count()?).map(|_| input.text()).collect::<Result<_>>()?;
    let tags: Vec<String> = (0..input.count()?).map(|_| input.text()).collect::<Result<_>>()?;
    let pieces: Vec<Piece> = (0..input.count()?).map(|_| read_piece(&tags, input)).collect::<Result<_>>()?;
    if !input.is_empty() {
        return Err(broken("it goes on after its end"));
    }
    report.count(&pieces);
    Ok(Corpus { pieces, report })
}

fn write_piece(piece: &Piece, tags: &BTreeMap<&str, usize>, out: &mut Output) {
    out.text(&piece.source);
    out.count(piece.styles.len());
    piece.styles.iter().for_each(|tag| out.count(tags[tag.as_str()]));
    out.number(piece.split as u64);
    out.number(piece.meter.numerator().into());
    out.number(piece.meter.denominator().into());
    out.number(piece.mode.map_or(0, |mode| 1 + mode as u64));
    out.number(piece.bpm.is_some().into());
    piece.bpm.iter().for_each(|bpm| out.fixed(bpm.to_bits()));
    out.number(piece.bars.into());
    out.number(piece.is_loop.into());
    out.count(piece.harmony.len());
    let mut last = 0;
    for &(step, chord) in &piece.harmony {
        out.number(u64::from(step - last));
        out.number(chord.map_or(0, |chord| 1 + code(chord)));
        last = step;
    }
    out.count(piece.parts.len());
    for (role, events) in &piece.parts {
        out.number(*role as u64);
        out.count(events.len());
        let mut differences = |of: &dyn Fn(&Event) -> i64| {
            events.iter().fold(0, |last, event| {
                out.signed(of(event) - last);
                of(event)
            });
        };
        differences(&|event| event.step.into());
        differences(&|event| event.pitch.into());
        differences(&|event| event.length.into());
        differences(&|event| event.velocity.into());
        differences(&|event| event.offset.into());
    }
}

fn read_piece(tags: &[String], input: &mut Input) -> Result<Piece> {
    let source = input.text()?;
    let tag = |input: &mut Input| Ok(tags[input.below(tags.len() as u64, "a style has no name")? as usize].clone());
    let styles = (0..input.count()?).map(|_| tag(input)).collect::<Result<_>>()?;
    let split = SPLITS[input.below(3, "a part of the data that is none")? as usize];
    let (numerator, denominator) = (input.below(256, "a metre")?, input.below(256, "a metre")?);
    let meter = Meter::new(numerator as u8, denominator as u8)?;
    let modes = Mode::ALL.len() as u64;
    let mode = input.below(1 + modes, "a mode that is none")?.checked_sub(1).map(|mode| Mode::ALL[mode as usize]);
    let bpm = if input.below(2, "a tempo")? == 1 { Some(f64::from_bits(input.fixed_u64()?)) } else { None };
    if bpm.is_some_and(|bpm| !(bpm > 0.0 && bpm.is_finite())) {
        return Err(broken("a tempo that is none"));
    }
    let bars = input.below(u64::from(MAX_BARS) + 1, "a piece is too long")? as u32;
    let is_loop = input.below(2, "a loop")? == 1;
    let mut piece =
        Piece { source, styles, split, meter, mode, bpm, bars, harmony: Vec::new(), parts: Vec::new(), is_loop };
    let end = i64::from(bars) * i64::from(piece.steps_per_bar());
    let mut step = 0;
    let chords = 12 * Quality::ALL.len() as u64 * BASSES;
    for _ in 0..input.count()? {
        step += input.below(end.max(1) as u64, "a chord after the end")? as i64;
        if step >= end {
            return Err(broken("a chord after the end"));
        }
        let chord = input.below(1 + chords, "a chord that is none")?.checked_sub(1).map(chord);
        piece.harmony.push((step as u32, chord));
    }
    for _ in 0..input.count()? {
        let role = Role::ALL[input.below(Role::ALL.len() as u64, "a role that is none")? as usize];
        if piece.parts.iter().any(|(own, _)| *own == role) {
            return Err(broken("a role twice"));
        }
        let count = input.count()?;
        let mut row = |low: i64, high: i64, what: &str| -> Result<Vec<i64>> {
            let mut last = 0i64;
            let mut value = |_| {
                last = last.wrapping_add(input.signed()?);
                if (low..=high).contains(&last) { Ok(last) } else { Err(broken(what)) }
            };
            (0..count).map(&mut value).collect()
        };
        let steps = row(0, end - 1, "a note after the end")?;
        let pitches = row(0, 127, "a pitch that is none")?;
        let lengths = row(1, i64::from(u32::MAX / 2), "a length that is none")?;
        let velocities = row(1, 127, "a velocity that is none")?;
        let offsets = row(-60, 60, "a note too far from the grid")?;
        let event = |index: usize| Event {
            step: steps[index] as u32,
            pitch: pitches[index] as u8,
            length: lengths[index] as u32,
            velocity: velocities[index] as u8,
            offset: offsets[index] as i8,
        };
        let events: Vec<Event> = (0..count).map(event).collect();
        if !events.is_sorted_by_key(|event| (event.step, event.pitch)) {
            return Err(broken("notes that are not in order"));
        }
        piece.parts.push((role, events));
    }
    Ok(piece)
}

/// A chord as a number.
fn code(chord: Chord) -> u64 {
    let bass = chord.bass.map_or(0, |bass| 1 + u64::from(bass.semitones()));
    (u64::from(chord.root.semitones()) * Quality::ALL.len() as u64 + chord.quality as u64) * BASSES + bass
}

/// The chord of a number.
fn chord(code: u64) -> Chord {
    let (rest, bass) = (code / BASSES, code % BASSES);
    let (root, quality) = (rest / Quality::ALL.len() as u64, rest % Quality::ALL.len() as u64);
    let class = |semitones: u64| PitchClass::new(semitones as i32);
    Chord { root: class(root), quality: Quality::ALL[quality as usize], bass: bass.checked_sub(1).map(class) }
}
