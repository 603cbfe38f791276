//! What a control should move, as numbers of the notes that are written.

use super::Heard;
use crate::statistics::mean;
use riffsmith_dsp::score::{Note, PitchClass, Role, Score};

/// Onsets of all parts.
pub fn strikes(heard: &Heard<'_>) -> f64 {
    heard.score.tracks.iter().map(|track| onsets(&track.notes).len() as f64).sum()
}

fn onsets(notes: &[Note]) -> Vec<u32> {
    let mut starts: Vec<u32> = notes.iter().map(|note| note.start.0).collect();
    starts.dedup();
    starts
}

/// The pitches of a role.
pub fn pitches(score: &Score, role: Role) -> impl Iterator<Item = f64> {
    score.track(role).into_iter().flat_map(|track| &track.notes).map(|note| f64::from(note.pitch.number()))
}

/// Share of what is pitched that begins off the quarters.
pub fn off_beat(heard: &Heard<'_>) -> f64 {
    let pitched = heard.score.tracks.iter().filter(|track| !track.is_drums());
    let starts = pitched.flat_map(|track| onsets(&track.notes));
    mean(starts.map(|start| f64::from(u8::from((start % 480).min(480 - start % 480) > 40))))
}

/// Where what lies in the second quarter of an eighth up to three quarters of it lies: the moved sixteenth, straight at a half.
pub fn swing(heard: &Heard<'_>) -> f64 {
    let starts = heard.score.tracks.iter().flat_map(|track| onsets(&track.notes));
    let within = starts.map(|start| f64::from(start % 240) / 240.0);
    mean(within.filter(|within| (0.42..0.83).contains(within)))
}

/// Mean distance from the sixteenths, in ticks, of what is near to one.
pub fn deviation(heard: &Heard<'_>) -> f64 {
    let starts = heard.score.tracks.iter().flat_map(|track| onsets(&track.notes));
    let off = |start: u32| Some((start % 120).min(120 - start % 120)).filter(|&off| off <= 30);
    mean(starts.filter_map(off).map(f64::from))
}

/// Bars in whose second half fewer than four snares and toms are struck: a backbeat has one there, a ghost note or two beside it.
pub fn bars_without_fill(heard: &Heard<'_>) -> f64 {
    let bar = heard.score.meter().bar().0;
    let Some(drums) = heard.score.track(Role::Drums) else { return 0.0 };
    let is_fill = |index: u32| {
        let half = index * bar + bar / 2..(index + 1) * bar;
        let own = drums.notes.iter().filter(|note| half.contains(&note.start.0));
        own.filter(|note| matches!(note.pitch.number(), 38 | 45 | 47 | 50)).count() >= 4
    };
    (0..heard.score.length.0 / bar).filter(|&index| !is_fill(index)).count() as f64
}

/// How surprising bass and lead are, note by note, to someone who knows our grooves and not the network: bold draws are unlikely ones,
/// whoever listens. Entropies of a loop's own pitches grow with the number of its notes instead.
pub fn surprise(heard: &Heard<'_>) -> f64 {
    heard.ear.surprise(heard.piece)
}

/// How bright chords and notes are, the mean of both, each about -1 to 1. Of the chords: those with a major third less those with a minor
/// one. Of the pitched notes: half their mean place on the line of fifths from the tonic, on which what makes a mode brighter lies
/// higher (the major third at 4, the minor at -3, the lowered sixth at -4 and second at -5; Temperley, "The Cognition of Basic Musical
/// Structures", 2001); listeners find modes happier the higher, up to the major one (Temperley and Tan, "Emotional connotations of
/// diatonic modes", 2013).
pub fn brightness(heard: &Heard<'_>) -> f64 {
    let tonic = heard.score.keys.first().map_or(0, |(_, key)| i32::from(key.tonic.semitones()));
    let pitched = heard.score.tracks.iter().filter(|track| !track.is_drums()).flat_map(|track| &track.notes);
    let fifths = |pitch: i32| PitchClass::new(pitch - tonic).fifths();
    let notes = mean(pitched.map(|note| f64::from(fifths(i32::from(note.pitch.number()))) / 2.0));
    let chords = mean(heard.score.chords.iter().map(|(_, chord)| {
        let has = |third: u8| f64::from(u8::from(chord.quality.intervals().contains(&third)));
        has(4) - has(3)
    }));
    (notes + chords) / 2.0
}

/// Energy in a second, in strikes at full strength: the square of the strength counts, as it does for power. Tempo, density and loudness
/// together are the strongest cues of arousal (Gabrielsson and Lindström, 2010).
pub fn intensity(heard: &Heard<'_>) -> f64 {
    let seconds = heard.score.length.quarters() * 60.0 / heard.score.tempo().bpm();
    let notes = heard.score.tracks.iter().flat_map(|track| &track.notes);
    notes.map(|note| (f64::from(note.velocity.value()) / 127.0).powi(2)).sum::<f64>() / seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::eval::controls::Ear;
    use riffsmith_dsp::score::{Key, Meter, Pitch, Tempo, Ticks, Track, Velocity};
    use riffsmith_models::of_score;

    /// Notes of a role, each an eighth after the other.
    fn measured(measure: fn(&Heard<'_>) -> f64, key: &str, role: Role, pitches: &[u8]) -> f64 {
        let mut score = Score::empty(Ticks(2 * 1920), Tempo::new(90.0).expect("valid"), Meter::COMMON);
        score.keys.push((Ticks(0), key.parse::<Key>().expect("a key")));
        let note = |(index, &pitch): (usize, &u8)| Note {
            start: Ticks(240 * index as u32),
            pitch: Pitch::new(pitch),
            length: Ticks(100),
            velocity: Velocity::new(90),
        };
        let notes = pitches.iter().enumerate().map(note).collect();
        let channel = if role == Role::Drums { 9 } else { 0 };
        score.tracks.push(Track { role: Some(role), channel, notes, ..Track::default() });
        let piece = of_score(&score, "test", &[], 0.5);
        measure(&Heard { score: &score, piece: &piece, ear: &Ear::new().expect("grooves") })
    }

    #[test]
    fn scales_are_the_brighter_the_higher_they_lie_on_the_line_of_fifths() {
        let scale =
            |intervals: [u8; 7]| measured(brightness, "D", Role::Lead, &intervals.map(|interval| 62 + interval));
        let [phrygian, minor, dorian, mixolydian, major] = [
            [0, 1, 3, 5, 7, 8, 10],
            [0, 2, 3, 5, 7, 8, 10],
            [0, 2, 3, 5, 7, 9, 10],
            [0, 2, 4, 5, 7, 9, 10],
            [0, 2, 4, 5, 7, 9, 11],
        ]
        .map(scale);
        // Tonic, second, third and so on: 0, 2, 4, -1, 1, 3, 5; half their mean, and there are no chords.
        assert_eq!(major, 0.5);
        assert!(phrygian < minor && minor < dorian && dorian < mixolydian && mixolydian < major);
    }

    #[test]
    fn fills_are_many_snares_and_toms_and_energy_is_counted_by_the_second() {
        let bars = |pitches: &[u8]| measured(bars_without_fill, "C", Role::Drums, pitches);
        let beat = [36, 42, 38, 42, 36, 42, 38, 42];
        assert_eq!(bars(&beat), 2.0);
        assert_eq!(bars(&[36, 42, 38, 42, 38, 45, 47, 50]), 1.0);
        // Five strikes of strength 90 in two bars of 90 BPM, 5.33 s.
        let energy = measured(intensity, "C", Role::Lead, &[60, 62, 64, 65, 67]);
        assert!((energy - 5.0 * (90.0f64 / 127.0).powi(2) / (8.0 * 60.0 / 90.0)).abs() < 1e-9, "{energy}");
    }
}
