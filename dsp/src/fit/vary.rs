//! Patches between two others, and patches near one.

use super::level::{loudness_lufs, match_loudness};
use super::{DRUM_PARTS, Hit, Space, hear};
use crate::error::{Error, Result};
use crate::instrument::InstrumentSpec;
use crate::patch::Patch;
use crate::rng::Seed;
use crate::units::gain_to_db;

/// Standard deviation of a number's step at the full amount, as a part of its natural scale, and the longest step.
const STEP: f64 = 0.12;
const LONGEST_STEP: f64 = 0.25;
/// A mutation that cannot be kept is tried again this many times, each time half as far.
const TRIES: i32 = 6;
/// How far from its model's loudness a variation may stay, in LU, and its peak, in dBFS.
const OFF_LU: f32 = 1.0;
const PEAK_DBFS: f32 = 6.0;

/// The patch that lies `amount` (0.0 = `a`, 1.0 = `b`) of the way between two of the same instrument, at a loudness between
/// theirs. What is tuned or chosen rather than turned, and the inserts, come from the nearer one.
///
/// # Errors
/// If their instruments are of different types.
pub fn morph(a: &Patch, b: &Patch, amount: f64) -> Result<Patch> {
    if a.instrument.entry().name != b.instrument.entry().name {
        let [a, b] = [a, b].map(|patch| format!("{} is {}", patch.name, patch.instrument.entry().name));
        return Err(Error::Unsupported { what: "a morph between instruments", reason: format!("{a}, {b}") });
    }
    let between = |a: f32, b: f32| a + amount as f32 * (b - a);
    let nearer = if amount < 0.5 { a } else { b };
    let space = Space::of(&a.instrument, |path| !Space::is_tuning(&a.instrument, path));
    let ends = space.point(&a.instrument).into_iter().zip(space.point(&b.instrument));
    let point: Vec<f64> = ends.map(|(a, b)| a + amount * (b - a)).collect();
    let mut tags = nearer.tags.clone();
    tags.extend(a.tags.iter().chain(&b.tags).filter(|tag| !nearer.tags.contains(tag)).cloned());
    let mut patch = Patch {
        name: format!("{}_{}", a.name, b.name),
        description: format!("between {} and {}", a.name, b.name),
        tags,
        gain_db: between(a.gain_db, b.gain_db),
        glide_s: between(a.glide_s, b.glide_s),
        strum_s: between(a.strum_s, b.strum_s),
        instrument: space.placed(&nearer.instrument, &point),
        ..nearer.clone()
    };
    for (part, hits) in parts(&patch, None) {
        let wanted = between(loudness_lufs(a, &hits), loudness_lufs(b, &hits));
        match_loudness(&mut patch, wanted, part, &hits);
    }
    Ok(patch)
}

/// A patch near `model`: each number a step away on its natural scale, by chance and at most a quarter of the scale at the
/// full `amount` (0.0 ..= 1.0); what is at its lowest, such as a noise that is off, stays there. As loud as `model`. Of a kit,
/// only the drum called `part`, if there is one.
pub fn mutate(model: &Patch, part: Option<&str>, amount: f64, seed: Seed) -> Patch {
    let space = Space::to_fit(&model.instrument, part);
    let home = space.point(&model.instrument);
    let mut rng = seed.fork("mutate").rng();
    let steps: Vec<f64> = home
        .iter()
        .map(|&position| {
            let step = (STEP * f64::from(rng.normal())).clamp(-LONGEST_STEP, LONGEST_STEP);
            if position > 0.0 { step } else { 0.0 }
        })
        .collect();
    for halved in 0..TRIES {
        let reach = amount * 0.5f64.powi(halved);
        let point: Vec<f64> = home.iter().zip(&steps).map(|(home, step)| home + reach * step).collect();
        let mut patch = Patch { instrument: space.placed(&model.instrument, &point), ..model.clone() };
        if parts(model, part).into_iter().all(|(part, hits)| takes_the_place(&mut patch, model, part, &hits)) {
            return patch;
        }
    }
    model.clone()
}

/// Brings `patch` to the loudness of `model`; false if that cannot be, or it clips.
fn takes_the_place(patch: &mut Patch, model: &Patch, part: Option<&str>, hits: &[Hit]) -> bool {
    let wanted = loudness_lufs(model, hits);
    match_loudness(patch, wanted, part, hits);
    let peak = hits.iter().map(|hit| hear(patch, hit, 1.0).peak()).fold(0.0, f32::max);
    (loudness_lufs(patch, hits) - wanted).abs() <= OFF_LU && gain_to_db(peak) <= PEAK_DBFS
}

/// What is brought to its loudness by itself: each drum of a kit, or the whole patch.
fn parts(patch: &Patch, part: Option<&str>) -> Vec<(Option<&'static str>, Vec<Hit>)> {
    if !matches!(patch.instrument, InstrumentSpec::Kit(_)) {
        return vec![(None, Hit::usual(patch, None))];
    }
    let asked = DRUM_PARTS.iter().filter(|drum| part.is_none_or(|part| part == drum.name));
    asked.map(|drum| (Some(drum.name), Hit::usual(patch, Some(drum.name)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch;

    fn loudness_change(patch: &Patch, model: &Patch) -> f32 {
        let hits = Hit::usual(model, None);
        loudness_lufs(patch, &hits) - loudness_lufs(model, &hits)
    }

    #[test]
    fn a_morph_starts_at_one_patch_and_ends_at_the_other() {
        let [a, b] = ["warm_pad", "saw_lead"].map(|name| patch::find(name).expect("built in"));
        for (amount, end) in [(0.0, &a), (1.0, &b)] {
            let morphed = morph(&a, &b, amount).expect("of one kind");
            let space = Space::of(&end.instrument, |_| true);
            let ends = space.point(&morphed.instrument).into_iter().zip(space.point(&end.instrument));
            assert!(ends.into_iter().all(|(a, b)| (a - b).abs() < 1e-5), "{amount}");
            assert_eq!(morphed.inserts, end.inserts);
        }
        let middle = morph(&a, &b, 0.5).expect("of one kind");
        middle.validate().expect("in range");
        assert!(middle.instrument != a.instrument && middle.instrument != b.instrument);
    }

    #[test]
    fn instruments_of_two_kinds_have_nothing_in_between() {
        let [a, b] = ["warm_pad", "marimba"].map(|name| patch::find(name).expect("built in"));
        let message = morph(&a, &b, 0.5).expect_err("two kinds").to_string();
        assert!(message.contains("warm_pad is subtractive, marimba is modal"), "{message}");
    }

    #[test]
    fn mutations_differ_by_seed_and_stay_in_range_and_as_loud() {
        for name in ["warm_pad", "fm_bell", "nylon_guitar", "drawbar_organ", "kit_house", "marimba"] {
            let model = patch::find(name).expect("built in");
            let [one, same, other] = [1, 1, 2].map(|seed| mutate(&model, None, 0.5, Seed(seed)));
            assert_eq!(one, same, "{name}");
            assert!(one.instrument != other.instrument && one.instrument != model.instrument, "{name}");
            for patch in [&one, &other, &mutate(&model, None, 1.0, Seed(3))] {
                patch.validate().unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(loudness_change(patch, &model).abs() <= OFF_LU, "{name}: {}", loudness_change(patch, &model));
            }
        }
    }

    #[test]
    fn no_amount_is_no_change_and_a_little_is_less_than_much() {
        let model = patch::find("warm_pad").expect("built in");
        assert_eq!(mutate(&model, None, 0.0, Seed(1)).instrument, model.instrument);
        let space = Space::to_fit(&model.instrument, None);
        let way = |amount| {
            let point = space.point(&mutate(&model, None, amount, Seed(1)).instrument);
            point.iter().zip(space.point(&model.instrument)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        assert!(0.0 < way(0.1) && way(0.1) < 0.3 * way(1.0) && way(1.0) <= LONGEST_STEP + 1e-3);
    }

    #[test]
    fn one_drum_of_a_kit_can_be_changed_alone() {
        let model = patch::find("kit_house").expect("built in");
        let patch = mutate(&model, Some("conga"), 0.5, Seed(1));
        let (InstrumentSpec::Kit(before), InstrumentSpec::Kit(after)) = (&model.instrument, &patch.instrument) else {
            panic!("kits")
        };
        assert_ne!(before.conga, after.conga);
        assert_eq!((&before.kick, &before.snare, &before.clave), (&after.kick, &after.snare, &after.clave));
    }
}
