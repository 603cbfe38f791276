//! Hand clap: several hands a few milliseconds apart, then the room (the 808's and 909's circuit does the same with a
//! sawtooth-shaped envelope on band-passed noise).

use super::hit::{Hit, HitContext};
use crate::audio::StereoFrame;
use crate::envelope::Decay;
use crate::filter::{FilterMode, Svf, SvfCoefficients};
use crate::osc::Noise;
use crate::parameters::parameters;

parameters! {
    /// A hand clap.
    pub struct Clap {
        /// Level in decibels.
        level_db: 5.0 in -40.0..=12.0,
        /// -1.0 (left) ..= 1.0 (right).
        pan: 0.0 in -1.0..=1.0,
        /// Hands before the last, 0 to 6; a fraction is cut off.
        hands: 3.0 in 0.0..=6.0,
        /// Time between hands, in seconds.
        spacing_s: 0.0105 in 0.002..=0.05,
        /// Centre of the noise, in hertz.
        tone_hz: 1150.0 in 300.0..=6000.0,
        /// Quality of the band-pass.
        focus: 1.4 in 0.3..=6.0,
        /// Level of the sizzle above.
        air: 0.25 in 0.0..=1.0,
        /// Time for the tail to fall by 60 dB, in seconds.
        decay_s: 0.3 in 0.03..=2.0,
        /// How different left and right are.
        width: 0.5 in 0.0..=1.0,
        /// Time for one hand to fall by 60 dB, in seconds.
        hand_s: 0.022 in 0.005..=0.2,
        /// Level of the tail beside 0.8 of the hands.
        room: 0.45 in 0.0..=1.5,
    }
}

pub(super) struct ClapHit {
    noises: [Noise; 2],
    /// Frames from now at which hands clap, the last one first.
    onsets: [u32; 8],
    pending: usize,
    frame: u32,
    hand: Decay,
    fresh_hand: Decay,
    tail: Decay,
    room: f32,
    band: SvfCoefficients,
    high: SvfCoefficients,
    filters: [[Svf; 3]; 2],
    air: f32,
    width: f32,
}

impl Clap {
    pub(super) fn hit(&self, context: &HitContext) -> ClapHit {
        let rate = context.rate;
        let mut rng = context.seed.fork("hands").rng();
        let hands = self.hands as usize;
        let mut onsets = [0; 8];
        for (index, onset) in onsets.iter_mut().take(hands).enumerate() {
            let nth = (hands - index) as f32 + 0.12 * rng.bipolar();
            *onset = rate.frames(f64::from(nth * self.spacing_s)) as u32;
        }
        let hand = Decay::new(self.hand_s, rate.hz());
        ClapHit {
            noises: ["left", "right"].map(|side| Noise::white(context.seed.fork(side))),
            onsets,
            pending: hands,
            frame: 0,
            hand,
            fresh_hand: hand,
            tail: Decay::new(self.decay_s, rate.hz()),
            room: self.room,
            band: SvfCoefficients::tuned(FilterMode::Band, self.tone_hz * context.ratio, self.focus, rate),
            high: SvfCoefficients::tuned(FilterMode::High, 2.5 * self.tone_hz * context.ratio, 0.6, rate),
            filters: Default::default(),
            air: self.air * (0.4 + 0.6 * context.force),
            width: self.width,
        }
    }
}

impl Hit for ClapHit {
    fn fill(&mut self, block: &mut [StereoFrame]) {
        for frame in block {
            if self.pending > 0 && self.frame >= self.onsets[self.pending - 1] {
                self.pending -= 1;
                self.hand = self.fresh_hand;
            }
            self.frame += 1;
            let hand = self.hand.step();
            let tail = if self.pending == 0 { self.tail.step() } else { 0.0 };
            let level = 2.2 * (0.8 * hand + self.room * tail);
            let [left, right] = &mut self.noises;
            let (left, right) = (left.sample(), right.sample());
            let noises = [left, left + self.width * (right - left)];
            for ((out, noise), [band, steeper, high]) in frame.iter_mut().zip(noises).zip(&mut self.filters) {
                let body = band.process(&self.band, noise);
                let body = 0.6 * body + 0.8 * steeper.process(&self.band, body);
                *out += level * (body + 0.5 * self.air * high.process(&self.high, noise));
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.pending == 0 && self.hand.is_finished() && self.tail.is_finished()
    }
}
