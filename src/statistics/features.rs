//! Numbers that describe a loop.

use super::basics::{deviation, entropy, mean};
use riffsmith_dsp::score::{PitchClass, Role};
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};

/// Names of the numbers of [`of_piece`].
pub const FEATURES: [&str; 8] = [
    "density, drums",
    "density, pitched",
    "syncopation",
    "pitch-class entropy",
    "groove consistency",
    "mean interval",
    "polyphony",
    "velocity spread",
];

const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;
const PITCHED: [Role; 3] = [Role::Bass, Role::Chords, Role::Lead];

/// A loop by the numbers of [`FEATURES`]: notes in a quarter note of the drums, of the rest; share of strikes off the eighths (drums
/// and pitched); entropy of the pitch classes in bits; how alike neighbouring bars' onsets are, 0 to 1 (after Wu and Yang, "The jazz
/// transformer on the front line", 2020); mean interval of the lead in semitones; notes struck together in the chords; standard
/// deviation of the velocity.
pub fn of_piece(piece: &Piece) -> [f64; FEATURES.len()] {
    let quarters = f64::from(piece.bars * piece.steps_per_bar()) / f64::from(STEPS_PER_QUARTER);
    let drums = piece.part(Role::Drums);
    let pitched: Vec<Event> = PITCHED.into_iter().flat_map(|role| piece.part(role).to_vec()).collect();
    let all: Vec<Event> = drums.iter().chain(&pitched).copied().collect();
    let chords = piece.part(Role::Chords);
    let lead = piece.part(Role::Lead);
    let velocities: Vec<f64> = all.iter().map(|event| f64::from(event.velocity)).collect();
    [
        drums.len() as f64 / quarters,
        pitched.len() as f64 / quarters,
        mean(all.iter().map(|event| f64::from(u8::from(!event.step.is_multiple_of(2 * SIXTEENTH))))),
        entropy(pitched.iter().map(|event| PitchClass::new(i32::from(event.pitch)))),
        consistency(piece, &all),
        mean(lead.windows(2).map(|pair| f64::from(pair[1].pitch.abs_diff(pair[0].pitch)))),
        chords.len() as f64 / strikes(chords).max(1) as f64,
        deviation(&velocities),
    ]
}

/// What a classifier sees: when in a bar of sixteen parts each kind of drum and each role is struck, on average, and the numbers above
/// scaled to about 1. No tempo: that is given, not composed.
pub fn outline(piece: &Piece) -> Vec<f32> {
    let bar = piece.steps_per_bar();
    let mut outline = Vec::new();
    let mut histogram = |events: &mut dyn Iterator<Item = &Event>| {
        let mut counts = [0.0f32; 16];
        for event in events {
            counts[((event.step % bar) * 16 / bar) as usize] += 1.0 / piece.bars as f32;
        }
        outline.extend(counts.map(|count| count.min(2.0)));
    };
    for kind in [&[36u8][..], &[37, 38, 39], &[42, 44], &[46], &[51, 54, 70], &[45, 47, 50, 56, 63]] {
        histogram(&mut piece.part(Role::Drums).iter().filter(|event| kind.contains(&event.pitch)));
    }
    for role in PITCHED {
        histogram(&mut piece.part(role).iter());
    }
    let scales = [4.0, 4.0, 0.3, 3.0, 0.5, 3.0, 3.0, 15.0];
    outline.extend(of_piece(piece).iter().zip(scales).map(|(value, scale)| (value / scale) as f32));
    let length = |role| {
        let events = piece.part(role);
        mean(events.iter().map(|event| f64::from(event.length) / f64::from(STEPS_PER_QUARTER))) as f32
    };
    outline.extend(PITCHED.map(|role| length(role).min(4.0) / 2.0));
    let sevenths = piece.harmony.iter().filter_map(|(_, chord)| *chord);
    outline.push(mean(sevenths.map(|chord| f64::from(u8::from(chord.quality.intervals().len() >= 4)))) as f32);
    outline.push(piece.harmony.len() as f32 / piece.bars as f32);
    outline
}

fn strikes(events: &[Event]) -> usize {
    let mut steps: Vec<u32> = events.iter().map(|event| event.step).collect();
    steps.dedup();
    steps.len()
}

fn consistency(piece: &Piece, events: &[Event]) -> f64 {
    let bar = piece.steps_per_bar();
    let slots = (bar / SIXTEENTH).max(1) as usize;
    let grid = |index: u32| {
        let mut struck = vec![false; slots];
        for event in events.iter().filter(|event| event.step / bar == index) {
            struck[((event.step % bar) / SIXTEENTH) as usize % slots] = true;
        }
        struck
    };
    let bars: Vec<Vec<bool>> = (0..piece.bars).map(grid).collect();
    let alike = |pair: &[Vec<bool>]| {
        let same = pair[0].iter().zip(&pair[1]).filter(|(a, b)| a == b).count();
        same as f64 / slots as f64
    };
    mean(bars.windows(2).map(alike))
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_models::groove;

    #[test]
    fn a_small_groove_is_counted_by_hand() {
        let text = "style: house\nbpm: 120\nkey: C\nharmony: I | I\n\nkick: X... X... X... X...\n\
                    chords @75: x... .... .... ....\nlead 1=C5 @100: 1.3. ..5. .... ....";
        let piece = groove::read("house/a", text).expect("a groove");
        let [drums, pitched, syncopation, entropy, consistency, interval, polyphony, _] = of_piece(&piece);
        assert_eq!((drums, pitched), (1.0, 12.0 / 8.0));
        assert_eq!((syncopation, consistency, interval, polyphony), (0.0, 1.0, 4.2, 3.0));
        assert!((entropy - 3f64.log2()).abs() < 1e-9, "{entropy}");
        assert!(outline(&piece).iter().all(|value| value.is_finite()));
    }
}
