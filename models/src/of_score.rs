//! A score as a piece: for what is measured on both our own music and the data.

use crate::kit;
use crate::piece::{Event, Piece, STEPS_PER_QUARTER, Split, TICKS_PER_STEP};
use riffsmith_dsp::score::{Chord, Role, Score};

/// Half a sixteenth: what is further off the grid belongs to the next sixteenth.
const MOST_OFFSET: i64 = (STEPS_PER_QUARTER * TICKS_PER_STEP / 8) as i64;

/// The tracks that have a role, on the grid, tonic at C; `swing` (0.5 to 0.75) is what its sixteenths were swung by. The rest of the last
/// bar is silence.
pub fn of_score(score: &Score, source: &str, styles: &[String], swing: f32) -> Piece {
    let key = score.keys.first().map(|&(_, key)| key);
    let tonic = key.map_or(0, |key| i32::from(key.tonic.semitones()));
    // To the nearest C, as grooves are moved.
    let shift = if tonic <= 6 { -tonic } else { 12 - tonic };
    let meter = score.meter();
    let bars = score.length.0.div_ceil(meter.bar().0.max(1));
    let mut parts: Vec<(Role, Vec<Event>)> = Vec::new();
    for track in &score.tracks {
        let Some(role) = track.role else { continue };
        let mut events: Vec<Event> = track
            .notes
            .iter()
            .filter_map(|note| {
                let pitch = match role {
                    Role::Drums => kit::folded(note.pitch.number())?,
                    _ => (i32::from(note.pitch.number()) + shift).clamp(0, 127) as u8,
                };
                let onset = step(note.start.0, swing);
                let end = step(note.end().0, swing).max(onset + 1);
                let offset = i64::from(note.start.0) - i64::from(onset * TICKS_PER_STEP);
                Some(Event {
                    step: onset,
                    pitch,
                    length: end - onset,
                    velocity: note.velocity.value(),
                    offset: offset.clamp(-MOST_OFFSET, MOST_OFFSET) as i8,
                })
            })
            .collect();
        events.sort_unstable();
        match parts.iter_mut().find(|(own, _)| *own == role) {
            Some((_, all)) => {
                all.extend(events);
                all.sort_unstable();
            }
            None => parts.push((role, events)),
        }
    }
    let chord =
        |&(at, chord): &(riffsmith_dsp::score::Ticks, Chord)| (at.0 / TICKS_PER_STEP, Some(chord.transposed(-tonic)));
    Piece {
        source: source.to_owned(),
        styles: styles.to_vec(),
        split: Split::Test,
        meter,
        mode: key.map(|key| key.mode),
        bpm: Some(score.tempo().bpm()),
        bars,
        harmony: score.chords.iter().map(chord).collect(),
        parts,
        is_loop: true,
    }
}

/// The moment of a step, in ticks: within each eighth its middle lies where `swing` (0.5 to 0.75) puts it, and the rest is stretched alike.
pub fn moment(step: u32, swing: f32) -> u32 {
    const EIGHTH_STEPS: u32 = STEPS_PER_QUARTER / 2;
    let within = (step % EIGHTH_STEPS) as f32 / EIGHTH_STEPS as f32;
    let warped = if within < 0.5 { within * 2.0 * swing } else { swing + (within - 0.5) * 2.0 * (1.0 - swing) };
    let eighth = EIGHTH_STEPS * TICKS_PER_STEP;
    step / EIGHTH_STEPS * eighth + (warped * eighth as f32).round() as u32
}

/// True for the second sixteenth of an eighth.
pub fn is_swung(step: u32) -> bool {
    step % (STEPS_PER_QUARTER / 2) == STEPS_PER_QUARTER / 4
}

/// Ticks by which the second sixteenths of eighths come late on average, 0 at least: the swing that a drummer learnt, of strikes as (step, offset
/// in ticks).
pub fn swung_late(strikes: impl Iterator<Item = (u32, i32)>) -> i32 {
    let swung = strikes.filter(|&(step, _)| is_swung(step));
    let (sum, count) = swung.fold((0, 0), |(sum, count), (_, offset)| (sum + offset, count + 1));
    (sum / count.max(1)).max(0)
}

/// The step of a moment in ticks: the nearest place of the grid, 32nds and triplets of sixteenths, after what swing (0.5 to 0.75) has moved is
/// moved back.
pub fn step(ticks: u32, swing: f32) -> u32 {
    const EIGHTH_STEPS: u32 = STEPS_PER_QUARTER / 2;
    const PLACES: [u32; 7] = [0, 3, 4, 6, 8, 9, 12];
    let eighth = EIGHTH_STEPS * TICKS_PER_STEP;
    let within = (ticks % eighth) as f32 / eighth as f32;
    let straight = if within < swing { 0.5 * within / swing } else { 0.5 + 0.5 * (within - swing) / (1.0 - swing) };
    let steps = straight * EIGHTH_STEPS as f32;
    let distance = |place: u32| (place as f32 - steps).abs();
    let place = PLACES.into_iter().min_by(|&a, &b| distance(a).total_cmp(&distance(b))).unwrap_or(0);
    ticks / eighth * EIGHTH_STEPS + place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groove;
    use riffsmith_dsp::score::{Key, Note, Pitch, PitchClass, Tempo, Ticks, Track, Velocity};

    #[test]
    fn a_score_is_read_on_the_grid_with_its_tonic_at_c() {
        let mut score = Score::empty(Ticks(1920), Tempo::new(100.0).expect("a tempo"), "4/4".parse().expect("a metre"));
        let key: Key = "D minor".parse().expect("a key");
        score.keys.push((Ticks(0), key));
        score.chords.push((Ticks(0), "Dm".parse().expect("a chord")));
        let note = |start, pitch, length| Note {
            start: Ticks(start),
            pitch: Pitch::new(pitch),
            length: Ticks(length),
            velocity: Velocity::new(90),
        };
        let track = |role, notes| Track {
            name: String::new(),
            role: Some(role),
            channel: 0,
            program: 0,
            notes,
            controls: Vec::new(),
        };
        // An early quarter, a swung sixteenth (150 ticks after it) that is late, a triplet that swing has moved.
        score.tracks.push(track(Role::Lead, vec![note(472, 74, 240), note(638, 77, 80), note(1140, 62, 160)]));
        let piece = of_score(&score, "a", &[], 0.625);
        let lead: Vec<_> = piece.part(Role::Lead).iter().map(|event| (event.step, event.pitch, event.offset)).collect();
        assert_eq!(lead, [(24, 72, -8), (30, 75, 38), (56, 60, 20)]);
        assert_eq!(piece.harmony[0].1.map(|chord| chord.root), Some(PitchClass::new(0)));
        assert_eq!((piece.bars, piece.steps_per_bar()), (1, 96));
        assert!(groove::review::distance(&piece, &piece, Role::Lead) < 1e-9);
    }
}
