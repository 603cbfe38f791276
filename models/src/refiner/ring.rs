//! Partials that ring on when our sound has let them go: the spectrum with each bin held, and its phase moved on as its partial would.
//!
//! A bin that falls faster than [`DECAY_DB_PER_S`] is held at that rate, and turned from frame to frame by the angle that it turned by
//! while it sounded (Laroche and Dolson, "Improved Phase Vocoder Time-Scale Modification of Audio", 1999; the bins of one partial are
//! turned together).

use riffsmith_dsp::spectral::Bin;

/// How fast a held bin falls: slower than the recorded instruments' releases, so that it is mostly to be lowered.
const DECAY_DB_PER_S: f64 = 40.0;

/// A held bin is heard where our sound is below it by more than this factor of amplitude: -6 dB.
const HEARD: f32 = 0.5;

/// Bins on either side that tell how fast a bin turns: those of one partial.
const NEAR: usize = 2;

/// Share of what a bin turned by before in how fast it turns now.
const INERTIA: f32 = 0.7;

/// The bins held so far.
#[derive(Debug, Clone)]
pub struct Ring {
    decay: f32,
    /// Of both channels.
    held: [Vec<Bin>; 2],
    last: [Vec<Bin>; 2],
    turns: Vec<Bin>,
    products: Vec<Bin>,
}

impl Ring {
    /// For frames of `bins` bins, `hop_s` apart.
    pub fn new(bins: usize, hop_s: f64) -> Self {
        let none = || vec![Bin::default(); bins];
        let decay = 10f64.powf(-DECAY_DB_PER_S * hop_s / 20.0) as f32;
        Self { decay, held: [none(), none()], last: [none(), none()], turns: none(), products: none() }
    }

    /// Goes on by one frame, and writes what rings on beyond it into `rings`, 0 where our sound itself is heard.
    pub fn follow(&mut self, frame: [&[Bin]; 2], rings: [&mut [Bin]; 2]) {
        let bins = self.turns.len();
        self.products.fill(Bin::default());
        for (frame, last) in frame.into_iter().zip(&self.last) {
            for (product, (now, last)) in self.products.iter_mut().zip(frame.iter().zip(last)) {
                *product += now * last.conj();
            }
        }
        let [left, right] = rings;
        for bin in 0..bins {
            let power = |of: &[Bin], other: &[Bin]| of[bin].norm_sqr() + other[bin].norm_sqr();
            let own = power(frame[0], frame[1]);
            let held = power(&self.held[0], &self.held[1]) * self.decay * self.decay;
            (left[bin], right[bin]) = (Bin::default(), Bin::default());
            if own >= held {
                let near = bin.saturating_sub(NEAR)..(bin + NEAR + 1).min(bins);
                self.turns[bin] = self.turns[bin] * INERTIA + self.products[near].iter().sum::<Bin>();
                (self.held[0][bin], self.held[1][bin]) = (frame[0][bin], frame[1][bin]);
            } else {
                let turn = self.turns[bin] * (self.decay / self.turns[bin].norm().max(f32::MIN_POSITIVE));
                self.held[0][bin] *= turn;
                self.held[1][bin] *= turn;
                if own < HEARD * HEARD * held {
                    (left[bin], right[bin]) = (self.held[0][bin], self.held[1][bin]);
                }
            }
        }
        for (last, frame) in self.last.iter_mut().zip(frame) {
            last.copy_from_slice(frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;
    use riffsmith_dsp::spectral::{Edges, Stft};

    #[test]
    fn a_tone_that_stops_rings_on_at_its_pitch_and_falls() {
        let (stft, rate) = (Stft::new(2048, 512), SampleRate::CD);
        let wave = |i: usize| (std::f64::consts::TAU * 443.0 * i as f64 / rate.hz()).sin() as f32;
        let sound: Vec<f32> = (0..66_150).map(|i| if i < 22_050 { wave(i) } else { 0.0 }).collect();
        let mut ring = Ring::new(stft.bins(), 512.0 / rate.hz());
        let mut other = vec![Bin::default(); stft.bins()];
        let tail = stft.process(&sound, Edges::Silence, |_, bins| {
            let frame = bins.to_vec();
            ring.follow([&frame, &frame], [bins, &mut other]);
        });
        // Half a second after its end, far from the switch: -20 dB, and still 443 Hz, as a projection on that tone says.
        let part = 44_100 - 2_205..44_100 + 2_205;
        let level = (tail[part.clone()].iter().map(|sample| sample * sample).sum::<f32>() / 4_410.0).sqrt();
        let level_db = 20.0 * (level * std::f32::consts::SQRT_2).log10();
        assert!((level_db + 20.0).abs() < 1.5, "{level_db} dB");
        let projected = part.clone().fold([0.0f64; 2], |[re, im], i| {
            let angle = std::f64::consts::TAU * 443.0 * i as f64 / rate.hz();
            [re + f64::from(tail[i]) * angle.cos(), im + f64::from(tail[i]) * angle.sin()]
        });
        let share = (projected[0].powi(2) + projected[1].powi(2)).sqrt() * 2.0 / 4_410.0;
        assert!(share as f32 > 0.95 * level * std::f32::consts::SQRT_2, "{share} of {level}");
        // Before, there is nothing to add.
        assert!(tail[4_096..18_000].iter().all(|sample| sample.abs() < 1e-4));
    }

    #[test]
    fn what_sounds_steadily_adds_nothing() {
        let mut ring = Ring::new(4, 0.01);
        let frame = vec![Bin::new(1.0, 0.5); 4];
        let (mut left, mut right) = (frame.clone(), frame.clone());
        for _ in 0..3 {
            ring.follow([&frame, &frame], [&mut left, &mut right]);
            assert!(left.iter().chain(&right).all(|bin| *bin == Bin::default()));
        }
    }
}
