//! Bass drum: a sine that falls into its pitch, a click, and saturation.
//!
//! The circuit of the 808 is a bridged-T resonator at about 50 Hz, pushed up for some milliseconds (Werner, Abel and Smith, "A
//! physically-informed, circuit-bendable, digital model of the Roland TR-808 bass drum circuit", DAFx 2014); the 909's is a
//! triangle with a long sweep and a separate click.

use super::hit::{Hit, HitContext, Onset, SweptSine};
use crate::audio::StereoFrame;
use crate::envelope::Decay;
use crate::filter::{DcBlocker, FilterMode, Svf, SvfCoefficients};
use crate::instrument::voicing::{overdrive, overdrive_makeup};
use crate::osc::Noise;
use crate::parameters::parameters;
use crate::units::db_to_gain;

parameters! {
    /// A bass drum.
    pub struct Kick {
        /// Level in decibels.
        level_db: -2.0 in -40.0..=12.0,
        /// Where the pitch ends, in hertz.
        pitch_hz: 50.0 in 25.0..=200.0,
        /// How much higher it starts, as a multiple of the pitch.
        sweep: 4.0 in 0.0..=12.0,
        /// Time for the sweep to fall by 60 dB, in seconds.
        sweep_s: 0.2 in 0.005..=1.0,
        /// Time for the body to fall by 60 dB, in seconds.
        decay_s: 0.6 in 0.03..=6.0,
        /// Level of a second mode of the skin, 1.59 times as high, that decays three times as fast.
        skin: 0.0 in 0.0..=1.0,
        /// Level of the beater's click.
        click: 0.3 in 0.0..=2.0,
        /// Centre of the click, in hertz.
        click_hz: 3000.0 in 300.0..=12000.0,
        /// Time for the click to fall by 60 dB, in seconds.
        click_s: 0.015 in 0.002..=0.2,
        /// Saturation in decibels; 0 = nearly clean.
        drive_db: 3.0 in 0.0..=30.0,
        /// Time from silence to full level, in seconds.
        attack_s: 0.0007 in 0.0002..=0.02,
        /// Level of the air that the skin moves: noise below the click.
        air: 0.0 in 0.0..=2.0,
        /// Centre of the air, in hertz.
        air_hz: 500.0 in 60.0..=6000.0,
        /// Time for the air to fall by 60 dB, in seconds.
        air_s: 0.12 in 0.01..=2.0,
    }
}

pub(super) struct KickHit {
    body: SweptSine,
    skin: SweptSine,
    onset: Onset,
    noise: Noise,
    click: Decay,
    click_level: f32,
    click_filter: (Svf, SvfCoefficients),
    air: Decay,
    air_level: f32,
    air_filter: (Svf, SvfCoefficients),
    drive: f32,
    makeup: f32,
    dc: DcBlocker,
}

impl Kick {
    pub(super) fn hit(&self, context: &HitContext) -> KickHit {
        let rate = context.rate;
        let drive = db_to_gain(self.drive_db);
        let sweep = self.sweep * (0.6 + 0.4 * context.force);
        let click_hz = self.click_hz * (0.5 + 0.5 * context.force);
        KickHit {
            body: SweptSine::new(context, self.pitch_hz, sweep, self.sweep_s, self.decay_s, 1.0),
            skin: SweptSine::new(context, 1.59 * self.pitch_hz, sweep, self.sweep_s, self.decay_s / 3.0, self.skin),
            onset: Onset::new(self.attack_s, rate),
            noise: Noise::white(context.seed),
            click: Decay::new(self.click_s, rate.hz()),
            click_level: 1.5 * self.click * context.force,
            click_filter: (Svf::default(), SvfCoefficients::tuned(FilterMode::Band, click_hz, 0.7, rate)),
            air: Decay::new(self.air_s, rate.hz()),
            air_level: 1.5 * self.air * context.force,
            air_filter: (Svf::default(), SvfCoefficients::tuned(FilterMode::Band, self.air_hz, 0.5, rate)),
            drive,
            makeup: overdrive_makeup(drive),
            dc: DcBlocker::new(rate),
        }
    }
}

impl Hit for KickHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in block {
            let body = self.onset.step() * (self.body.step() + self.skin.step());
            let noise = self.noise.sample();
            let (filter, tuning) = &mut self.click_filter;
            let click = filter.process(tuning, noise) * self.click.step() * self.click_level;
            let (filter, tuning) = &mut self.air_filter;
            let air = filter.process(tuning, noise) * self.air.step() * self.air_level;
            let out = self.dc.process(overdrive(body, self.drive, self.makeup)) + click + air;
            frame[0] += out;
            frame[1] += out;
        }
    }

    fn is_finished(&self) -> bool {
        let is_still = self.air_level == 0.0 || self.air.is_finished();
        self.body.is_finished() && self.click.is_finished() && is_still
    }
}
