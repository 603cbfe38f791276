//! What a loop's notes have in common with the grooves that the networks learnt styles from: for the electronic styles nearly
//! all there is, so that a copy would be a copy of them.

use super::notes::jaccard;
use riffsmith_dsp::score::{Role, Score};
use riffsmith_models::groove;
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER, TICKS_PER_STEP};
use std::collections::BTreeSet;

/// Notes of a melody in a row, alike in intervals and rhythm, from which on it is a copy.
const MELODY_BOUND: usize = 12;
/// Bars of drums in a row, alike in every hit, from which on they are a copy: unless they are as plain as below.
const DRUM_BARS: u32 = 2;
/// Patterns with fewer hits in a bar are common property: four on the floor, a backbeat.
const PLAIN_HITS: usize = 12;
/// Onsets are compared on sixteenths.
const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;

/// The grooves, ready to be compared with.
pub struct Origin {
    grooves: Vec<Known>,
}

struct Known {
    source: String,
    lead: Melody,
    bass: Melody,
    drums: Vec<Hits>,
}

impl Origin {
    /// All grooves that come with riffsmith.
    pub fn new() -> Self {
        let known = |piece: Piece| Known {
            lead: melody(part(&piece, Role::Lead)),
            bass: melody(part(&piece, Role::Bass)),
            drums: drum_windows(&hits(part(&piece, Role::Drums)), piece.meter.bar().0 / TICKS_PER_STEP),
            source: piece.source,
        };
        Self { grooves: grooves().into_iter().map(known).collect() }
    }

    /// What of a loop is copied, in words; empty if nothing is.
    pub fn copied(&self, score: &Score) -> Vec<String> {
        let lead = melody_of(score, Role::Lead);
        let drums = drum_windows(&hits_of(score), bar_steps(score));
        let least = PLAIN_HITS * DRUM_BARS as usize;
        let mut copied = Vec::new();
        for Known { source, lead: known, drums: known_drums, .. } in &self.grooves {
            let notes = common_run(&lead, known);
            if notes >= MELODY_BOUND {
                copied.push(format!("{notes} notes of its lead in a row are those of {source}"));
            }
            if drums.iter().any(|window| window.len() >= least && known_drums.contains(window)) {
                copied.push(format!("{DRUM_BARS} bars of its drums are those of {source}"));
            }
        }
        copied
    }

    /// The longest stretch of its lead or bass that is in a groove, in notes, and in which.
    pub fn longest(&self, score: &Score) -> Option<(usize, &str)> {
        let [lead, bass] = [Role::Lead, Role::Bass].map(|role| melody_of(score, role));
        let runs = self.grooves.iter().map(|known| {
            let notes = common_run(&lead, &known.lead).max(common_run(&bass, &known.bass));
            (notes, known.source.as_str())
        });
        runs.filter(|(notes, _)| *notes > 0).max_by_key(|(notes, _)| *notes)
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::new()
    }
}

fn grooves() -> Vec<Piece> {
    groove::builtin().into_iter().filter_map(|(name, text)| groove::read(name, text).ok()).collect()
}

/// Mean distance of each two grooves of a style by their drums, as a measure of how alike music of a style is.
pub fn corpus_distance() -> f32 {
    let grooves = grooves();
    let (mut sum, mut count) = (0.0f64, 0u32);
    for (index, piece) in grooves.iter().enumerate() {
        for other in grooves[..index].iter().filter(|other| other.styles == piece.styles) {
            let [own, theirs] = [piece, other].map(|piece| {
                Role::ALL.map(|role| {
                    part(piece, role).iter().map(|event| (event.step / SIXTEENTH, event.pitch)).collect::<BTreeSet<_>>()
                })
            });
            let distances = own.iter().zip(&theirs).map(|(a, b)| {
                let rhythm =
                    |events: &BTreeSet<(u32, u8)>| events.iter().map(|&(step, _)| step).collect::<BTreeSet<u32>>();
                0.5 * jaccard(a, b) + 0.5 * jaccard(&rhythm(a), &rhythm(b))
            });
            sum += f64::from(distances.sum::<f32>() / Role::ALL.len() as f32);
            count += 1;
        }
    }
    (sum / f64::from(count.max(1))) as f32
}

fn part(piece: &Piece, role: Role) -> &[Event] {
    piece.parts.iter().find(|(own, _)| *own == role).map_or(&[], |(_, events)| events.as_slice())
}

/// For each note the interval to the next and the sixteenths until then.
type Melody = Vec<(i32, u32)>;

fn melody(events: &[Event]) -> Melody {
    steps(events.iter().map(|event| (event.step / SIXTEENTH, event.pitch)))
}

fn melody_of(score: &Score, role: Role) -> Melody {
    let notes = score.track(role).map(|track| track.notes.as_slice()).unwrap_or_default();
    steps(notes.iter().map(|note| ((note.start.0 / TICKS_PER_STEP + SIXTEENTH / 2) / SIXTEENTH, note.pitch.number())))
}

fn steps(notes: impl Iterator<Item = (u32, u8)>) -> Melody {
    let notes: Vec<(u32, u8)> = notes.collect();
    notes.windows(2).map(|pair| (i32::from(pair[1].1) - i32::from(pair[0].1), pair[1].0 - pair[0].0)).collect()
}

/// Notes in the longest stretch that both have, repeated notes alone not counted; 0 for none.
fn common_run(a: &Melody, b: &Melody) -> usize {
    let mut longest = 0;
    let mut before = vec![0usize; b.len() + 1];
    for own in a {
        let mut now = vec![0usize; b.len() + 1];
        for (index, theirs) in b.iter().enumerate() {
            if own == theirs {
                now[index + 1] = before[index] + 1;
                longest = longest.max(now[index + 1]);
            }
        }
        before = now;
    }
    if longest == 0 { 0 } else { longest + 1 }
}

type Hits = BTreeSet<(u32, u8)>;

fn hits(events: &[Event]) -> Hits {
    events.iter().map(|event| (event.step / SIXTEENTH, event.pitch)).collect()
}

fn hits_of(score: &Score) -> Hits {
    let notes = score.track(Role::Drums).map(|track| track.notes.as_slice()).unwrap_or_default();
    notes
        .iter()
        .map(|note| ((note.start.0 / TICKS_PER_STEP + SIXTEENTH / 2) / SIXTEENTH, note.pitch.number()))
        .collect()
}

fn bar_steps(score: &Score) -> u32 {
    score.meter().bar().0 / TICKS_PER_STEP
}

/// Every two bars, from their own start.
fn drum_windows(hits: &Hits, bar_steps: u32) -> Vec<Hits> {
    let bar = (bar_steps / SIXTEENTH).max(1);
    let bars = hits.last().map_or(0, |&(step, _)| step / bar + 1);
    let window = |first: u32| {
        let range = first * bar..(first + DRUM_BARS) * bar;
        hits.iter().filter(|(step, _)| range.contains(step)).map(|&(step, drum)| (step - first * bar, drum)).collect()
    };
    (0..(bars + 1).saturating_sub(DRUM_BARS)).map(window).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_groove_is_recognised_as_itself_and_not_as_another() {
        let grooves = grooves();
        let house: Vec<&Piece> = grooves.iter().filter(|piece| piece.styles == ["house"]).collect();
        let lead = |piece: &Piece| melody(part(piece, Role::Lead));
        let [one, other] = [lead(house[0]), lead(house[1])];
        assert_eq!(common_run(&one, &one), one.len() + 1);
        assert!(common_run(&one, &other) < MELODY_BOUND);
        let windows =
            |piece: &Piece| drum_windows(&hits(part(piece, Role::Drums)), piece.meter.bar().0 / TICKS_PER_STEP);
        assert_eq!(windows(house[0]).len(), 3);
        assert!(windows(house[0]).iter().all(|window| !windows(house[1]).contains(window)));
        assert!((0.4..0.95).contains(&corpus_distance()), "{}", corpus_distance());
    }

    #[test]
    fn runs_are_counted_in_notes() {
        let melody = |pitches: &[u8]| steps(pitches.iter().enumerate().map(|(index, &pitch)| (index as u32, pitch)));
        assert_eq!(common_run(&melody(&[60, 62, 64, 65]), &melody(&[50, 52, 54, 50])), 3);
        assert_eq!(common_run(&melody(&[60, 62]), &melody(&[60, 61])), 0);
    }
}
