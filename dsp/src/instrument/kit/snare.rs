//! Snare drum: two modes of the shell and skin, the rattle of the wires, and a snap.
//!
//! Modes at about 180 and 330 Hz as in the 808 and 909 and in a 14-inch drum's (0,1) and (1,1) modes (Rossing, Bork, Zhao and
//! Fystrom, "Acoustics of snare drums", 1992).

use super::gated_room::GatedRoom;
use super::hit::{Hit, HitContext, Onset, SweptSine};
use crate::audio::StereoFrame;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::instrument::voicing::{overdrive, overdrive_makeup};
use crate::osc::Noise;
use crate::parameters::parameters;
use crate::units::db_to_gain;

parameters! {
    /// A snare drum.
    pub struct Snare {
        /// Level in decibels.
        level_db: 1.5 in -40.0..=12.0,
        /// -1.0 (left) ..= 1.0 (right).
        pan: 0.0 in -1.0..=1.0,
        /// The lower mode, in hertz.
        pitch_hz: 185.0 in 80.0..=500.0,
        /// The upper mode, as a multiple of the lower.
        ratio: 1.78 in 1.1..=3.0,
        /// How much higher the modes start.
        sweep: 0.4 in 0.0..=3.0,
        /// Level of the modes.
        tone: 0.6 in 0.0..=2.0,
        /// Time for the modes to fall by 60 dB, in seconds.
        tone_s: 0.2 in 0.02..=2.0,
        /// Level of the wires.
        wires: 0.6 in 0.0..=2.0,
        /// Centre of the wires' noise, in hertz.
        wires_hz: 4500.0 in 500.0..=12000.0,
        /// What is below this does not rattle, in hertz.
        wires_low_hz: 700.0 in 50.0..=8000.0,
        /// Time for the wires to fall by 60 dB, in seconds.
        wires_s: 0.3 in 0.02..=3.0,
        /// Level of the stick's snap.
        snap: 0.5 in 0.0..=2.0,
        /// Saturation in decibels.
        drive_db: 3.0 in 0.0..=30.0,
        /// How different the wires sound left and right.
        width: 0.3 in 0.0..=1.0,
        /// Level of the upper mode beside 0.6 of the lower.
        upper: 0.4 in 0.0..=1.5,
        /// Time for the sweep to fall by 60 dB, in seconds.
        sweep_s: 0.06 in 0.005..=0.5,
        /// Time for the snap to fall by 60 dB, in seconds.
        snap_s: 0.018 in 0.003..=0.2,
        /// Quality of the wires' band: 0.2 (broad) ..= 3.0 (narrow).
        wires_focus: 0.45 in 0.2..=3.0,
        /// Time in which the wires set in, in seconds.
        wires_attack_s: 0.0 in 0.0..=0.03,
        /// Level of a room behind a gate: a dense burst that hardly decays until it is shut.
        room: 0.0 in 0.0..=2.0,
        /// Time until the gate shuts, in seconds.
        room_s: 0.25 in 0.05..=1.0,
    }
}

pub(super) struct SnareHit {
    modes: [SweptSine; 2],
    onset: Onset,
    noises: [Noise; 2],
    wires_onset: Onset,
    wires: Decay,
    wires_level: f32,
    snap: Decay,
    snap_level: f32,
    band: SvfCoefficients,
    high: SvfCoefficients,
    filters: [[Svf; 2]; 2],
    drive: f32,
    makeup: f32,
    width: f32,
    room: Option<GatedRoom>,
}

impl Snare {
    pub(super) fn hit(&self, context: &HitContext) -> SnareHit {
        let rate = context.rate;
        let drive = db_to_gain(self.drive_db);
        let brightness = 0.7 + 0.3 * context.force;
        SnareHit {
            modes: [
                SweptSine::new(context, self.pitch_hz, self.sweep, self.sweep_s, self.tone_s, 0.6 * self.tone),
                SweptSine::new(
                    context,
                    self.pitch_hz * self.ratio,
                    self.sweep,
                    self.sweep_s,
                    0.6 * self.tone_s,
                    self.upper * self.tone,
                ),
            ],
            onset: Onset::new(0.0004, rate),
            noises: ["left", "right"].map(|side| Noise::white(context.seed.fork(side))),
            wires_onset: Onset::new(self.wires_attack_s, rate),
            wires: Decay::new(self.wires_s, rate.hz()),
            wires_level: 1.2 * self.wires,
            snap: Decay::new(self.snap_s, rate.hz()),
            snap_level: self.snap * context.force,
            band: SvfCoefficients::tuned(FilterMode::Band, self.wires_hz * brightness, self.wires_focus, rate),
            high: SvfCoefficients::tuned(FilterMode::High, self.wires_low_hz, 0.707, rate),
            filters: Default::default(),
            drive,
            makeup: overdrive_makeup(drive),
            width: self.width,
            room: (self.room > 0.0).then(|| GatedRoom::new(self, context)),
        }
    }
}

impl Hit for SnareHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in &mut *block {
            let tone = self.onset.step() * (self.modes[0].step() + self.modes[1].step());
            let wires = self.wires_onset.step() * self.wires.step();
            let rattle = self.wires_level * wires + self.snap_level * self.snap.step();
            let [left, right] = &mut self.noises;
            let (left, right) = (left.sample(), right.sample());
            let noises = [left, left + self.width * (right - left)];
            for ((out, noise), [band, high]) in frame.iter_mut().zip(noises).zip(&mut self.filters) {
                let wires = high.process(&self.high, band.process(&self.band, noise)) * rattle;
                *out += overdrive(tone + wires, self.drive, self.makeup);
            }
        }
        if let Some(room) = &mut self.room {
            room.fill(block);
        }
    }

    fn is_finished(&self) -> bool {
        let is_shut = self.room.as_ref().is_none_or(GatedRoom::is_shut);
        is_shut && self.wires.is_finished() && self.snap.is_finished() && self.modes[0].is_finished()
    }
}
