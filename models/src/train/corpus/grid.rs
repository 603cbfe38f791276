//! From a player's onsets to the grid.

use crate::piece::{Event, STEPS_PER_QUARTER, TICKS_PER_STEP};
use riffsmith_dsp::score::Ticks;

/// How a beat may be divided: grid steps between two slots, and how likely that is before anything is heard. Sixteenths,
/// triplets of eighths, 32nds, triplets of sixteenths; the shares are estimates for popular music.
const DIVISIONS: [(u32, f64); 4] = [(6, 0.82), (8, 0.10), (3, 0.05), (4, 0.03)];

/// How far players are from the grid, in ticks (standard deviation): about 15 ms at 120 BPM.
const SPREAD_TICKS: f64 = 15.0;

/// How likely a beat is divided as the one before.
const STAY: f64 = 0.9;

/// How long before a beat an onset already belongs to it: half a sixteenth triplet.
const EARLY_TICKS: u32 = 40;

/// How far an onset may be from a 32nd or a triplet of sixteenths to be on the grid, in ticks: files of other resolutions are
/// rounded.
const ON_GRID_TICKS: u32 = 3;

/// Least share of the onsets on the grid for a track to have been written, not played.
const ON_GRID: f64 = 0.9;

/// Least vector strength of what is played to beats, and how many onsets it takes to tell: by chance as many have up to 0.14, files
/// that count seconds have 0.02 at most, and drummers to a click 0.66 in the median (all measured on the corpus).
const STRENGTH: f64 = 0.15;
const ENOUGH: usize = 400;

/// True for what was written, false for what was played.
pub fn is_on_grid(onsets: &[Ticks]) -> bool {
    let is_near = |at: &&Ticks| [60, 80].iter().any(|every| (at.0 + ON_GRID_TICKS) % every <= 2 * ON_GRID_TICKS);
    onsets.iter().filter(is_near).count() as f64 >= ON_GRID * onsets.len() as f64
}

/// True if these onsets keep to the beats of their file, be they written or played; or if they are too few to tell.
///
/// They are seen as angles within a sixteenth, a triplet or an eighth; the length of their mean is the vector strength (Goldberg
/// and Brown, "Response of binaural neurons ...", 1969).
pub fn keeps_to_beats(onsets: &[Ticks]) -> bool {
    let strength = |every: u32| {
        let angles = onsets.iter().map(|at| f64::from(at.0 % every) / f64::from(every) * std::f64::consts::TAU);
        let (x, y) = angles.fold((0.0, 0.0), |(x, y), angle| (x + angle.cos(), y + angle.sin()));
        f64::hypot(x, y) / onsets.len() as f64
    };
    onsets.len() < ENOUGH || [120, 160, 240].into_iter().any(|every| strength(every) >= STRENGTH)
}

/// The grid step nearest to a moment.
pub fn nearest_step(at: Ticks) -> u32 {
    at.0.saturating_add(TICKS_PER_STEP / 2) / TICKS_PER_STEP
}

/// The grid step and offset in ticks of each onset (sorted) of a human performance to a click.
///
/// Each quarter note is divided by four, three, eight or six, as explains its onsets best: normal deviations, every slot
/// of a division equally likely, and a division tends to stay (Viterbi's algorithm over the beats).
pub fn human(onsets: &[Ticks]) -> Vec<(u32, i8)> {
    let beat_of = |at: Ticks| (at.0 + EARLY_TICKS) / Ticks::PER_QUARTER;
    let Some(&last) = onsets.last() else { return Vec::new() };
    let beats = beat_of(last) as usize + 1;
    let mut likelihood = vec![DIVISIONS.map(|_| 0.0); beats];
    for &at in onsets {
        for (own, (every, _)) in likelihood[beat_of(at) as usize].iter_mut().zip(DIVISIONS) {
            let off = f64::from(snapped(at, every).1) / SPREAD_TICKS;
            *own -= off * off / 2.0 + f64::from(STEPS_PER_QUARTER / every).ln();
        }
    }
    let divisions = best_path(&likelihood);
    onsets
        .iter()
        .map(|&at| {
            let (step, off) = snapped(at, DIVISIONS[divisions[beat_of(at) as usize]].0);
            (step, off.clamp(-60, 60) as i8)
        })
        .collect()
}

/// The nearest multiple of `every` steps and the distance to it in ticks, early being negative.
fn snapped(at: Ticks, every: u32) -> (u32, i32) {
    let ticks = every * TICKS_PER_STEP;
    let slot = (at.0 + ticks / 2) / ticks;
    (slot * every, at.0 as i32 - (slot * ticks) as i32)
}

/// The likeliest division of each beat.
fn best_path(likelihood: &[[f64; 4]]) -> Vec<usize> {
    let leave = (1.0 - STAY) / (DIVISIONS.len() - 1) as f64;
    let mut score = DIVISIONS.map(|(_, share)| share.ln());
    let mut came_from = Vec::with_capacity(likelihood.len());
    for own in likelihood {
        let mut from = [0; 4];
        score = std::array::from_fn(|to| {
            let reached = |start: usize| score[start] + if start == to { STAY.ln() } else { leave.ln() };
            from[to] = (0..4).max_by(|&a, &b| reached(a).total_cmp(&reached(b))).expect("four divisions");
            reached(from[to]) + own[to] + DIVISIONS[to].1.ln()
        });
        came_from.push(from);
    }
    let mut now = (0..4).max_by(|&a, &b| score[a].total_cmp(&score[b])).expect("four divisions");
    let mut path = vec![0; likelihood.len()];
    for (beat, from) in came_from.iter().enumerate().rev() {
        path[beat] = now;
        now = from[now];
    }
    path
}

/// Sorts events, and of several at one step and pitch keeps the loudest. Returns how many were merged into another.
pub fn tidy(events: &mut Vec<Event>) -> usize {
    let before = events.len();
    events.sort_unstable_by_key(|event| (event.step, event.pitch, std::cmp::Reverse((event.velocity, event.length))));
    events.dedup_by_key(|event| (event.step, event.pitch));
    before - events.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    /// Onsets at these slots of every beat, each up to `spread` ticks off.
    fn played(slots: &[u32], beats: u32, spread: i32) -> (Vec<u32>, Vec<Ticks>) {
        let mut rng = Seed(3).rng();
        let steps: Vec<u32> = (1..=beats).flat_map(|beat| slots.iter().map(move |slot| beat * 24 + slot)).collect();
        let mut off = || (rng.bits() % (2 * spread as u64 + 1)) as i32 - spread;
        let onsets = steps.iter().map(|step| Ticks((step * 20).wrapping_add_signed(off()))).collect();
        (steps, onsets)
    }

    #[test]
    fn what_is_played_is_told_from_what_is_written_and_from_what_keeps_no_beat() {
        let (_, written) = played(&[0, 6, 8, 16, 21], 16, 3);
        assert!(is_on_grid(&written) && keeps_to_beats(&written));
        let (_, played) = played(&[0, 6, 12, 18], 128, 30);
        assert!(!is_on_grid(&played) && keeps_to_beats(&played));
        let mut rng = Seed(5).rng();
        let mut free: Vec<Ticks> = (0..800).map(|_| Ticks(rng.below(48_000) as u32)).collect();
        free.sort_unstable();
        assert!(!keeps_to_beats(&free));
    }

    #[test]
    fn divisions_of_the_beat_are_heard() {
        for (slots, spread) in [
            (&[0, 6, 12, 18][..], 40),
            (&[0, 12], 40),
            (&[0, 18], 40),
            (&[0, 16], 25),
            (&[0, 8, 16], 25),
            (&[0, 3, 6, 9, 12, 15, 18, 21], 10),
            (&[0, 4, 8, 12, 16, 20], 15),
        ] {
            let (steps, onsets) = played(slots, 16, spread);
            let heard = human(&onsets);
            for ((step, at), (heard, offset)) in steps.iter().zip(&onsets).zip(&heard) {
                assert_eq!(heard, step, "{slots:?}");
                assert_eq!(at.0 as i32, *heard as i32 * 20 + i32::from(*offset));
            }
        }
    }
}
