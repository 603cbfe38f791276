//! The numbers of an instrument that a search moves, as a point in a cube.

use super::Axis;
use crate::instrument::InstrumentSpec;
use crate::parameters::Checked;

/// Numbers that tune an instrument, or count something.
const TUNING: &[&str] = &["semitones", "cents", "algorithm", "voices", "pitch_start_semitones"];

/// Numbers that a comparison of single notes at one level says nothing about, or that would put an instrument out of tune.
const HELD: &[&str] = &[
    "level_db",
    "pan",
    "width",
    "humanize",
    "free_phase",
    "double_cents",
    "drift_cents",
    "twang_cents",
    "tremolo",
    "pitch_start_s",
    // How notes overlap is the player's choice, and a recording tells little of it.
    "release_s",
];

/// True of what a fit leaves as the patch has it: see [`HELD`]; tuning, the loudness's dependence on velocity, and everything
/// that an LFO or unison does.
fn is_held(instrument: &InstrumentSpec, path: &str) -> bool {
    let moves = path == "velocity" || path.starts_with("lfo") || path.starts_with("unison.");
    HELD.contains(&name_of(path)) || moves || Space::is_tuning(instrument, path)
}

fn name_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Some of an instrument's numbers, each on its [`Axis`].
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    axes: Vec<Axis>,
}

impl Space {
    /// What a fit moves of `instrument`; of a kit, only the drum called `part`.
    pub fn to_fit(instrument: &InstrumentSpec, part: Option<&str>) -> Self {
        Self::of(instrument, |path| {
            let is_in_part = part.is_none_or(|part| path.split_once('.').is_some_and(|(head, _)| head == part));
            is_in_part && !is_held(instrument, path)
        })
    }

    /// The numbers of `instrument` whose paths `is_wanted`.
    pub fn of(instrument: &InstrumentSpec, is_wanted: impl Fn(&str) -> bool) -> Self {
        let mut axes = Vec::new();
        instrument.clone().visit_numbers("", &mut |number| {
            if is_wanted(number.path) {
                axes.push(Axis::of(&number));
            }
        });
        Self { axes }
    }

    /// True of what is set rather than turned: transpositions, the ratios of operators, counts.
    pub(super) fn is_tuning(instrument: &InstrumentSpec, path: &str) -> bool {
        let name = name_of(path);
        TUNING.contains(&name) || (name == "ratio" && matches!(instrument, InstrumentSpec::Fm(_)))
    }

    /// One axis a number, in the order of declaration.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Where `instrument` stands: a position from 0 to 1 on each axis.
    pub fn point(&self, instrument: &InstrumentSpec) -> Vec<f64> {
        let mut point = Vec::with_capacity(self.axes.len());
        self.walk(&mut instrument.clone(), |axis, value| point.push(axis.position(*value)));
        point
    }

    /// `instrument` with its numbers at `point`; what lies outside the cube is folded back into it.
    pub fn placed(&self, instrument: &InstrumentSpec, point: &[f64]) -> InstrumentSpec {
        let mut placed = instrument.clone();
        let mut positions = point.iter();
        self.walk(&mut placed, |axis, value| {
            if let Some(&position) = positions.next() {
                *value = axis.value(fold(position));
            }
        });
        placed
    }

    fn walk(&self, instrument: &mut InstrumentSpec, mut visit: impl FnMut(&Axis, &mut f32)) {
        let mut axes = self.axes.iter().peekable();
        instrument.visit_numbers("", &mut |number| {
            if let Some(axis) = axes.next_if(|axis| axis.path == number.path) {
                visit(axis, number.value);
            }
        });
    }
}

/// Mirrors at 0 and 1, so that a step beyond an end comes back inside.
fn fold(position: f64) -> f64 {
    let turned = position.rem_euclid(2.0);
    if turned > 1.0 { 2.0 - turned } else { turned }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::INSTRUMENTS;
    use crate::patch;

    #[test]
    fn every_instrument_has_numbers_to_fit_and_comes_back_from_its_point() {
        for spec in INSTRUMENTS.iter().map(|entry| (entry.default)()) {
            let space = Space::to_fit(&spec, None);
            assert!(space.axes().len() >= 4, "{}: {}", spec.entry().name, space.axes().len());
            let back = space.placed(&spec, &space.point(&spec));
            let far = Space::of(&spec, |_| true);
            for (a, b) in far.point(&back).iter().zip(far.point(&spec)) {
                assert!((a - b).abs() < 1e-6, "{}", spec.entry().name);
            }
        }
    }

    #[test]
    fn a_part_of_a_kit_moves_alone_and_stays_in_range() {
        let kit = patch::find("kit_house").expect("built in").instrument;
        let space = Space::to_fit(&kit, Some("snare"));
        assert!(space.axes().iter().all(|axis| axis.path.starts_with("snare.")));
        assert!(space.axes().iter().any(|axis| axis.path == "snare.wires_hz"));
        let moved = space.placed(&kit, &vec![1.7; space.axes().len()]);
        moved.check().expect("in range");
        let (InstrumentSpec::Kit(before), InstrumentSpec::Kit(after)) = (&kit, &moved) else { panic!("kits") };
        assert_eq!(before.kick, after.kick);
        assert_eq!(before.snare.level_db, after.snare.level_db);
        assert_ne!(before.snare, after.snare);
    }

    #[test]
    fn what_lies_outside_is_mirrored_inside() {
        for (outside, inside) in [(-0.25, 0.25), (1.25, 0.75), (0.5, 0.5), (2.25, 0.25), (-1.25, 0.75)] {
            assert!((fold(outside) - inside).abs() < 1e-12, "{outside}");
        }
    }
}
