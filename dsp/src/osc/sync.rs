//! Hard sync: a waveform that another period restarts, without aliasing.

use super::blep::{HALF, TAPS, correct, prepare};
use super::wavetable::MorphTable;
use super::{CYCLE, Waveform, phase_of, sine};
use crate::filter::DcBlocker;
use crate::units::SampleRate;

/// Most frames that are made at a time.
const MAX_FRAMES: usize = 32;

/// What is restarted.
#[derive(Debug, Clone, Copy)]
pub enum SyncedShape {
    /// A classic waveform. Saw, pulse and triangle consist of straight lines, so that correcting their steps and corners is
    /// exact; of a sine, the steps of the curvature remain.
    Classic(Waveform),
    /// A morphing table, an octave duller than it could be, so that little is left above its corrected steps and corners.
    Table(&'static MorphTable),
}

/// How a [`SyncedOscillator`] moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SyncMotion {
    /// What the phase of the period heard as pitch grows by per frame.
    pub increment: u32,
    /// The same of the waveform.
    pub synced_increment: u32,
    /// Part of a pulse's cycle that is high.
    pub width: f32,
    /// Position in a table.
    pub position: f32,
}

/// A step or corner in the waveform itself: at which phase, by how much, and by how much the slope (per cycle) changes.
type Corner = (u32, f32, f32);

/// The curve between the corners: value and slope per cycle.
trait Curve {
    fn at(&self, phase: u32) -> [f32; 2];
    fn corners(&self) -> [Option<Corner>; 2];
}

/// A running pair of phases. Its sound is [`HALF`] frames late, because corrections reach as far ahead.
#[derive(Debug, Clone)]
pub struct SyncedOscillator {
    shape: SyncedShape,
    phase: u32,
    synced: u32,
    /// What is still to be heard: frames to come, already with the corrections of what lies behind them.
    ahead: [f32; MAX_FRAMES + TAPS],
    /// Where the curve was left, to be corrected if width or position move it.
    left_at: Option<f32>,
    /// Cut off cycles have DC.
    dc: DcBlocker,
}

impl SyncedOscillator {
    /// Starts at `phase` (of 2^32) of its period; the waveform is as far as `ratio`, its frequency, has brought it.
    pub fn new(shape: SyncedShape, phase: u32, ratio: f64, rate: SampleRate) -> Self {
        prepare();
        Self {
            shape,
            phase,
            synced: phase_of(f64::from(phase) / CYCLE * ratio),
            ahead: [0.0; MAX_FRAMES + TAPS],
            left_at: None,
            dc: DcBlocker::new(rate),
        }
    }

    /// Fills `out`.
    pub fn fill(&mut self, out: &mut [f32], motion: &SyncMotion) {
        for out in out.chunks_mut(MAX_FRAMES) {
            match self.shape {
                SyncedShape::Classic(Waveform::Saw) => self.run(out, motion, &Saw),
                SyncedShape::Classic(Waveform::Triangle) => self.run(out, motion, &Triangle),
                SyncedShape::Classic(Waveform::Pulse) => self.run(out, motion, &Pulse::new(motion.width)),
                SyncedShape::Classic(Waveform::Sine) => self.run(out, motion, &Sine),
                SyncedShape::Table(table) => {
                    let increment = motion.synced_increment.saturating_mul(2);
                    self.run(out, motion, &Morph { table, position: motion.position, increment });
                }
            }
        }
    }

    fn run(&mut self, out: &mut [f32], motion: &SyncMotion, curve: &impl Curve) {
        let &SyncMotion { increment, synced_increment, .. } = motion;
        if let Some(left_at) = self.left_at {
            let moved = curve.at(self.synced)[0] - left_at;
            self.correct(0, 1.0, moved, 0.0);
        }
        let bend = synced_increment as f32 / CYCLE as f32;
        for frame in 0..out.len() {
            let (phase, is_over) = self.phase.overflowing_add(increment);
            self.phase = phase;
            if is_over {
                // Frames since the restart.
                let since = f64::from(phase) / f64::from(increment);
                let way = |frames: f64| (frames * f64::from(synced_increment)) as u32;
                self.advance(frame, (way(1.0 - since), 1.0), synced_increment, curve);
                let (before, after) = (curve.at(self.synced), curve.at(0));
                self.correct(frame, since as f32, after[0] - before[0], bend * (after[1] - before[1]));
                self.synced = 0;
                self.advance(frame, (way(since), since), synced_increment, curve);
            } else {
                self.advance(frame, (synced_increment, 1.0), synced_increment, curve);
            }
            self.ahead[frame + HALF] += curve.at(self.synced)[0];
        }
        self.left_at = Some(curve.at(self.synced)[0]);
        for (out, sample) in out.iter_mut().zip(&self.ahead) {
            *out = self.dc.process(*sample);
        }
        self.ahead.copy_within(out.len().., 0);
        self.ahead[MAX_FRAMES + TAPS - out.len()..].fill(0.0);
    }

    /// Moves the waveform on by `way`, which began `ago` before the frame, and corrects the corners on it.
    #[inline]
    fn advance(&mut self, frame: usize, (way, ago): (u32, f64), synced_increment: u32, curve: &impl Curve) {
        for (phase, jump, slope) in curve.corners().into_iter().flatten() {
            let until = phase.wrapping_sub(self.synced);
            if until > 0 && until <= way {
                let ago = ago - f64::from(until) / f64::from(synced_increment);
                self.correct(frame, ago as f32, jump, slope * (f64::from(synced_increment) / CYCLE) as f32);
            }
        }
        self.synced = self.synced.wrapping_add(way);
    }

    fn correct(&mut self, frame: usize, ago: f32, jump: f32, bend: f32) {
        let around = self.ahead[frame..].first_chunk_mut().expect("corrections fit in what is ahead");
        correct(around, ago, jump, bend);
    }
}

struct Saw;

impl Curve for Saw {
    fn at(&self, phase: u32) -> [f32; 2] {
        [1.0 - 2.0 * cycles(phase), -2.0]
    }

    fn corners(&self) -> [Option<Corner>; 2] {
        [Some((0, 2.0, 0.0)), None]
    }
}

struct Triangle;

impl Curve for Triangle {
    fn at(&self, phase: u32) -> [f32; 2] {
        // A quarter on, it rises in the first half.
        let shifted = cycles(phase.wrapping_add(1 << 30));
        if shifted < 0.5 { [4.0 * shifted - 1.0, 4.0] } else { [3.0 - 4.0 * shifted, -4.0] }
    }

    fn corners(&self) -> [Option<Corner>; 2] {
        [Some((1 << 30, 0.0, -8.0)), Some((3 << 30, 0.0, 8.0))]
    }
}

struct Pulse {
    width: f32,
    fall: u32,
}

impl Pulse {
    fn new(width: f32) -> Self {
        let width = width.clamp(0.01, 0.99);
        Self { width, fall: phase_of(f64::from(width)) }
    }
}

impl Curve for Pulse {
    fn at(&self, phase: u32) -> [f32; 2] {
        [if phase < self.fall { 2.0 - 2.0 * self.width } else { -2.0 * self.width }, 0.0]
    }

    fn corners(&self) -> [Option<Corner>; 2] {
        [Some((0, 2.0, 0.0)), Some((self.fall, -2.0, 0.0))]
    }
}

struct Sine;

impl Curve for Sine {
    fn at(&self, phase: u32) -> [f32; 2] {
        [sine(phase), std::f32::consts::TAU * sine(phase.wrapping_add(1 << 30))]
    }

    fn corners(&self) -> [Option<Corner>; 2] {
        [None; 2]
    }
}

struct Morph {
    table: &'static MorphTable,
    position: f32,
    increment: u32,
}

impl Curve for Morph {
    fn at(&self, phase: u32) -> [f32; 2] {
        self.table.value_and_slope(self.position, phase, self.increment)
    }

    fn corners(&self) -> [Option<Corner>; 2] {
        [None; 2]
    }
}

fn cycles(phase: u32) -> f32 {
    (f64::from(phase) / CYCLE) as f32
}
