//! The search itself.

use super::level::{loudness_lufs, match_loudness};
use super::{Hit, Space, Target};
use crate::instrument::InstrumentSpec;
use crate::parameters::Checked;
use crate::patch::Patch;
use crate::rng::Seed;
use cmaes::{CMAESOptions, DVector};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Shares of the evaluations and first step sizes, in parts of each axis: once over the land, then twice around the best.
const ROUNDS: [(f64, f64); 3] = [(0.5, 0.25), (0.3, 0.1), (0.2, 0.04)];
/// Digits that a fitted number keeps: finer than is heard.
const DIGITS: i32 = 4;

/// How long to search, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FitSettings {
    /// Patches to listen to; 1 500 for a drum are enough.
    pub evaluations: usize,
    /// Of the search's random steps.
    pub seed: Seed,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The patch, as loud as the one it started from.
    pub patch: Patch,
    /// Distance of the first patch to the target, in dB.
    pub before_db: f32,
    /// Distance of the fitted patch, in dB; never above `before_db`.
    pub after_db: f32,
    /// Patches listened to.
    pub evaluations: usize,
}

/// Moves the numbers of `start`, of a kit only those of the drum called `part`, until it sounds most like `target`.
///
/// `progress` is told how many patches were listened to; it is called from any thread.
pub fn fit(
    start: &Patch,
    part: Option<&str>,
    target: &Target,
    settings: FitSettings,
    progress: &(dyn Fn(usize) + Sync),
) -> Fitted {
    let space = Space::to_fit(&start.instrument, part);
    let done = AtomicUsize::new(0);
    let distance = |point: &DVector<f64>| {
        let patch = Patch { instrument: space.placed(&start.instrument, point.as_slice()), ..start.clone() };
        progress(1 + done.fetch_add(1, Ordering::Relaxed));
        f64::from(target.distance_db(&patch))
    };
    let before_db = target.distance_db(start);
    let mut best = (space.point(&start.instrument), f64::from(before_db));
    for (round, (share, step)) in ROUNDS.into_iter().enumerate() {
        let evaluations = (share * settings.evaluations as f64) as usize;
        let options = CMAESOptions::new(best.0.clone(), step)
            .max_function_evals(evaluations)
            .seed(settings.seed.fork_index(round as u64).0);
        // Only an empty space or a step of 0 is refused.
        let Ok(mut search) = options.build(&distance) else { break };
        let found = search.run_parallel().overall_best;
        if let Some(found) = found.filter(|found| found.value < best.1) {
            best = (found.point.as_slice().to_vec(), found.value);
        }
    }
    let mut patch = start.clone();
    if best.1 < f64::from(before_db) {
        patch.instrument = rounded(space.placed(&start.instrument, &best.0), &space);
        let hits: Vec<Hit> = target.hits().collect();
        match_loudness(&mut patch, loudness_lufs(start, &hits), part, &hits);
    }
    let after_db = target.distance_db(&patch);
    Fitted { patch, before_db, after_db, evaluations: done.into_inner() }
}

/// The numbers of `space` as a person would write them.
fn rounded(mut instrument: InstrumentSpec, space: &Space) -> InstrumentSpec {
    let mut axes = space.axes().iter().peekable();
    instrument.visit_numbers("", &mut |number| {
        if axes.next_if(|axis| axis.path == number.path).is_some() {
            let magnitude = number.value.abs().max(1e-3).log10().floor() as i32;
            let unit = 10f64.powi(magnitude - DIGITS + 1);
            let value = ((f64::from(*number.value) / unit).round() * unit) as f32;
            *number.value = value.clamp(*number.range.start(), *number.range.end());
        }
    });
    instrument
}

#[cfg(test)]
mod tests {
    use super::super::hear;
    use super::*;
    use crate::patch;
    use crate::score::{Pitch, Velocity};

    fn snare() -> (Patch, Target) {
        let start = patch::find("kit_house").expect("built in");
        let wanted = patch::find("kit_rock").expect("built in");
        let hit = Hit { pitch: Pitch::new(38), velocity: Velocity::new(100), held_s: 0.1 };
        (start, Target::new([(hit, hear(&wanted, &hit, 1.0))]))
    }

    const SETTINGS: FitSettings = FitSettings { evaluations: 300, seed: Seed(4) };

    #[test]
    fn a_drum_comes_nearer_to_another_and_stays_as_loud() {
        let (start, target) = snare();
        let fitted = fit(&start, Some("snare"), &target, SETTINGS, &|_| ());
        // Found: half of the first distance after so short a search.
        assert!(fitted.after_db < 0.6 * fitted.before_db, "{} of {}", fitted.after_db, fitted.before_db);
        assert!((300..340).contains(&fitted.evaluations), "{}", fitted.evaluations);
        fitted.patch.validate().expect("in range");
        let hits: Vec<Hit> = target.hits().collect();
        let louder = loudness_lufs(&fitted.patch, &hits) - loudness_lufs(&start, &hits);
        assert!(louder.abs() < 0.2, "{louder}");
    }

    #[test]
    fn the_seed_and_not_the_number_of_threads_decides() {
        let (start, target) = snare();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| fit(&start, Some("snare"), &target, FitSettings { evaluations: 60, ..SETTINGS }, &|_| ()))
        };
        assert_eq!(on(1), on(3));
    }
}
