//! From a track's controllers to curves over its frames: pitch wheel, modulation, volume and expression.

use crate::audio::StereoFrame;
use crate::instrument::subtractive::Source;
use crate::instrument::{Controllers, Instrument};
use crate::score::{Control, Score, Track};
use crate::units::SampleRate;

/// MIDI controllers.
const MODULATION: u8 = 1;
const DATA_ENTRY: u8 = 6;
const VOLUME: u8 = 7;
const EXPRESSION: u8 = 11;
const DATA_ENTRY_FINE: u8 = 38;
const NON_REGISTERED: [u8; 2] = [98, 99];
const REGISTERED_FINE: u8 = 100;
const REGISTERED: u8 = 101;

/// Semitones of a full pitch bend where nothing else is said.
const BEND_RANGE_SEMITONES: f32 = 2.0;
/// The vibrato that the modulation wheel and channel pressure bring in (General MIDI 2 suggests half a semitone at full depth).
const VIBRATO_HZ: f64 = 5.5;
const VIBRATO_SEMITONES: f32 = 0.5;
/// Time constant of each of the two stages in which the gain follows a controller, in seconds: one alone sets in with a kink, heard as a
/// click of -67 dB.
const GLIDE_S: f64 = 0.005;

/// How near a gain has to be to where it goes to be there: -120 dB.
const ARRIVED: f32 = 1e-6;

/// A value that changes in steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    initial: f32,
    /// From a frame on, sorted.
    changes: Vec<(usize, f32)>,
}

impl Curve {
    fn resting_at(initial: f32) -> Self {
        Self { initial, changes: Vec::new() }
    }

    pub(super) fn at(&self, frame: usize) -> f32 {
        let after = self.changes.partition_point(|&(start, _)| start <= frame);
        after.checked_sub(1).map_or(self.initial, |index| self.changes[index].1)
    }

    /// The first change behind a frame.
    fn change_after(&self, frame: usize) -> Option<usize> {
        let after = self.changes.partition_point(|&(start, _)| start <= frame);
        self.changes.get(after).map(|&(start, _)| start)
    }
}

/// A gain that glides along a curve, over a track's frames from the first on.
#[derive(Debug, Clone)]
pub(super) struct Glide {
    curve: Curve,
    gain: f32,
    /// Share of the way that is gone in a frame.
    step: f32,
    value: f32,
    follower: f32,
    position: usize,
}

impl Glide {
    /// `gain` times the curve.
    pub(super) fn new(curve: Curve, gain: f32, rate: SampleRate) -> Self {
        let start = curve.at(0);
        let step = 1.0 / (GLIDE_S * rate.hz()) as f32;
        Self { curve, gain, step, value: start, follower: start, position: 0 }
    }

    /// Multiplies the next frames.
    pub(super) fn apply(&mut self, frames: &mut [StereoFrame]) {
        let mut left = frames;
        while !left.is_empty() {
            let change = self.curve.change_after(self.position).map_or(left.len(), |frame| frame - self.position);
            let (stretch, behind) = left.split_at_mut(change.min(left.len()));
            self.approach(self.curve.at(self.position), stretch);
            self.position += stretch.len();
            left = behind;
        }
    }

    fn approach(&mut self, target: f32, frames: &mut [StereoFrame]) {
        let mut steps = frames.iter_mut();
        while (self.value - target).abs() > ARRIVED || (self.follower - target).abs() > ARRIVED {
            let Some(frame) = steps.next() else { return };
            self.follower += self.step * (target - self.follower);
            self.value += self.step * (self.follower - self.value);
            let gain = self.gain * self.value;
            *frame = frame.map(|sample| gain * sample);
        }
        (self.value, self.follower) = (target, target);
        let gain = self.gain * target;
        steps.for_each(|frame| *frame = frame.map(|sample| gain * sample));
    }
}

/// What moves the pitch of a whole channel, and what its patch may hear besides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wheels {
    /// In semitones.
    bend: Curve,
    /// Depth of the vibrato, in semitones.
    vibrato: Curve,
    wheel: Curve,
    pressure: Curve,
    expression: Curve,
    rate: SampleRate,
}

impl Wheels {
    /// Semitones by which the pitch is bent at a frame.
    pub(super) fn at(&self, frame: usize) -> f32 {
        let depth = self.vibrato.at(frame);
        let vibrato = if depth == 0.0 {
            0.0
        } else {
            let turns = (VIBRATO_HZ * self.rate.seconds(frame)).fract();
            depth * (std::f64::consts::TAU * turns).sin() as f32
        };
        self.bend.at(frame) + vibrato
    }

    /// Where the controllers of the modulation matrix stand at a frame.
    pub(super) fn controllers_at(&self, frame: usize) -> Controllers {
        Controllers {
            wheel: self.wheel.at(frame),
            pressure: self.pressure.at(frame),
            expression: self.expression.at(frame),
        }
    }
}

/// A registered parameter as controllers choose it, coarse then fine.
const BEND_RANGE: [u8; 2] = [0, 0];
const NO_PARAMETER: [u8; 2] = [127, 127];

/// The wheels, channel pressure and expression, and the gain of volume and expression: 40 log10(value / 127) dB each (General MIDI 2). A track
/// that never sets its volume plays at full level. The range of the wheel is two semitones until registered parameter 0 says
/// otherwise. Modulation and pressure bring in vibrato, each unless `instrument` has its own use for it.
pub(super) fn read(score: &Score, track: &Track, instrument: &dyn Instrument, rate: SampleRate) -> (Wheels, Curve) {
    let [mut bend, mut vibrato, mut wheel, mut pressure] = [0.0; 4].map(Curve::resting_at);
    let [mut expression, mut gain] = [1.0; 2].map(Curve::resting_at);
    // Volume and expression as amplitudes, modulation and pressure as depths of the vibrato.
    let mut amplitudes = [1.0f32; 2];
    let mut depths = [0.0f32; 2];
    let shakes = [Source::ModWheel, Source::Pressure].map(|source| !instrument.routes(source));
    let (mut parameter, mut range) = (NO_PARAMETER, BEND_RANGE_SEMITONES);
    for &(at, control) in &track.controls {
        let frame = score.frame_at(at, rate);
        match control {
            Control::PitchBend(value) => bend.changes.push((frame, f32::from(value) / 8192.0 * range)),
            Control::Controller(REGISTERED, value) => parameter[0] = value,
            Control::Controller(REGISTERED_FINE, value) => parameter[1] = value,
            Control::Controller(number, _) if NON_REGISTERED.contains(&number) => parameter = NO_PARAMETER,
            Control::Controller(DATA_ENTRY, value) if parameter == BEND_RANGE => range = f32::from(value),
            // In hundredths of a semitone.
            Control::Controller(DATA_ENTRY_FINE, value) if parameter == BEND_RANGE => {
                range = range.trunc() + f32::from(value) / 100.0;
            }
            Control::Controller(MODULATION, value) | Control::Pressure(value) => {
                let is_pressure = matches!(control, Control::Pressure(_));
                let position = f32::from(value) / 127.0;
                let moved = if is_pressure { &mut pressure } else { &mut wheel };
                moved.changes.push((frame, position));
                if shakes[usize::from(is_pressure)] {
                    depths[usize::from(is_pressure)] = VIBRATO_SEMITONES * position;
                    vibrato.changes.push((frame, depths[0].max(depths[1])));
                }
            }
            Control::Controller(VOLUME | EXPRESSION, value) => {
                let is_expression = matches!(control, Control::Controller(EXPRESSION, _));
                let position = f32::from(value) / 127.0;
                if is_expression {
                    expression.changes.push((frame, position));
                }
                amplitudes[usize::from(is_expression)] = position.powi(2);
                gain.changes.push((frame, amplitudes[0] * amplitudes[1]));
            }
            Control::Controller(..) | Control::Program(_) => {}
        }
    }
    (Wheels { bend, vibrato, wheel, pressure, expression, rate }, gain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::InstrumentSpec;
    use crate::patch;
    use crate::score::{Meter, Tempo, Ticks};

    fn wheels(controls: &[Control]) -> Wheels {
        wheels_of(&patch::find("init_sine").expect("built in").instrument, controls)
    }

    fn wheels_of(instrument: &InstrumentSpec, controls: &[Control]) -> Wheels {
        let score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("valid"), Meter::COMMON);
        let controls = controls.iter().map(|&control| (Ticks(0), control)).collect();
        read(&score, &Track { controls, ..Track::default() }, instrument, SampleRate::CD).0
    }

    #[test]
    fn the_range_of_the_wheel_is_what_the_file_says() {
        use Control::{Controller, PitchBend};
        let down = PitchBend(-8192);
        assert_eq!(wheels(&[down]).at(0), -2.0);
        let octave = [Controller(101, 0), Controller(100, 0), Controller(6, 12)];
        assert_eq!(wheels(&[&octave[..], &[Controller(38, 50), down]].concat()).at(0), -12.5);
        // Other parameters, and no parameter, leave it alone.
        for other in [[101, 100, 1], [101, 100, 127], [99, 98, 0]] {
            let choose = [Controller(other[0], other[2]), Controller(other[1], other[2]), Controller(6, 24), down];
            assert_eq!(wheels(&[&octave[..], &choose].concat()).at(0), -12.0, "{other:?}");
        }
    }

    #[test]
    fn the_modulation_wheel_brings_in_vibrato() {
        let full = wheels(&[Control::Controller(1, 127)]);
        let quarter_turn = (44_100.0 / VIBRATO_HZ / 4.0).round() as usize;
        assert!((full.at(quarter_turn) - VIBRATO_SEMITONES).abs() < 1e-3);
        assert!((full.at(3 * quarter_turn) + VIBRATO_SEMITONES).abs() < 1e-3);
        let off = wheels(&[Control::Pressure(90), Control::Pressure(0)]);
        assert_eq!(off.at(quarter_turn), 0.0);
    }

    #[test]
    fn a_patch_that_routes_the_wheel_takes_it_over_and_leaves_pressure_alone() {
        let text = "name = \"x\"\ndescription = \"\"\n[instrument]\ntype = \"subtractive\"\n[[instrument.modulation]]\n\
                    source = \"mod_wheel\"\ntarget = \"cutoff\"\namount = 1.0\n";
        let instrument = patch::Patch::from_toml(text).expect("valid").instrument;
        let quarter_turn = (44_100.0 / VIBRATO_HZ / 4.0).round() as usize;
        let wheel = wheels_of(&instrument, &[Control::Controller(1, 127)]);
        assert_eq!((wheel.at(quarter_turn), wheel.controllers_at(0).wheel), (0.0, 1.0));
        let pressed = wheels_of(&instrument, &[Control::Pressure(127)]);
        assert!(pressed.at(quarter_turn) > 0.49);
        let expressed = wheels_of(&instrument, &[Control::Controller(11, 0)]);
        assert_eq!(expressed.controllers_at(0), Controllers { expression: 0.0, ..Controllers::default() });
    }
}
