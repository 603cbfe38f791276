//! Keeps the course of loudness: the network may re-colour a moment freely, but not make it vanish or stick out, nor sound on
//! in silence.

use super::bands::Survey;
use riffsmith_dsp::spectral::Edges;

/// Farthest that the gains may raise a frame: enough to turn a soft attack into a hard one.
const MAX_RISE: f32 = 31.6;
/// Farthest that gains and noise together may lower a frame: enough to shorten a decay, too little to swallow a note. -24 dB.
const MAX_FALL: f32 = 4e-3;

/// Noise in a frame may have so much of the power that our sound lately had: +6 dB.
const MAX_NOISE: f32 = 4.0;

/// How fast it is forgotten how loud our sound was: a tail that our sound lacks falls at least by this.
const FORGET_DB_PER_S: f64 = 120.0;

/// Mean square of what is heard as silence: -96 dBFS.
const SILENCE: f64 = 2.5e-10;

/// What is allowed in each frame of a sound.
pub struct Envelope {
    /// Power that our sound has or lately had.
    held: Vec<f32>,
    silence: f32,
}

impl Envelope {
    /// `hop_s` is the time from frame to frame, `fft_size` that of the transform.
    pub fn new(survey: &Survey, hop_s: f64, fft_size: usize, edges: Edges) -> Self {
        let forget = 10f64.powf(-FORGET_DB_PER_S * hop_s / 10.0) as f32;
        let mut held = survey.frames.clone();
        // A loop is gone round twice, so that its end is remembered at its start.
        let rounds = if edges == Edges::Loop { 2 } else { 1 };
        let mut last = 0.0f32;
        for _ in 0..rounds {
            for power in &mut held {
                last = power.max(last * forget);
                *power = last;
            }
        }
        // White noise of mean square 1 has a power of 3/8 of the size, the mean of Hann's square, in each bin.
        let size = fft_size as f64;
        Self { held, silence: (SILENCE * 0.375 * size * size / 2.0) as f32 }
    }

    /// By how much to multiply the power of the gains' part and of the noise in frame `t`: `dry` is our sound's power, `wet` the
    /// same with the gains.
    pub fn limits(&self, t: usize, dry: f32, wet: f32, noise: f32) -> [f32; 2] {
        let allowed = if self.held[t] > self.silence { MAX_NOISE * self.held[t] } else { 0.0 };
        let noise_limit = if noise > allowed { allowed / noise } else { 1.0 };
        let missing = MAX_FALL * dry - noise * noise_limit;
        let gain_limit = match wet {
            wet if wet > MAX_RISE * dry => MAX_RISE * dry / wet,
            wet if wet < missing && wet > 0.0 => missing / wet,
            _ => 1.0,
        };
        [gain_limit, noise_limit]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten loud frames, then silence, at 100 frames a second.
    fn envelope(edges: Edges) -> Envelope {
        let frames: Vec<f32> = (0..100).map(|t| if t < 10 { 1e5 } else { 0.0 }).collect();
        let survey = Survey { frames, loudest: 1e5, threshold: 0.0, colour: Vec::new(), image: Vec::new() };
        Envelope::new(&survey, 0.01, 2048, edges)
    }

    #[test]
    fn gains_move_a_frame_by_15_db_up_and_24_db_down_and_no_farther() {
        let envelope = envelope(Edges::Silence);
        assert_eq!(envelope.limits(5, 1.0, 20.0, 0.0), [1.0, 1.0]);
        assert_eq!(envelope.limits(5, 1.0, 0.01, 0.0), [1.0, 1.0]);
        assert_eq!(envelope.limits(5, 1.0, 63.2, 0.0), [0.5, 1.0]);
        assert!((envelope.limits(5, 1.0, 1e-3, 0.0)[0] - 4.0).abs() < 1e-5);
    }

    #[test]
    fn noise_rings_on_for_a_while_and_silence_stays_silence() {
        let envelope = envelope(Edges::Silence);
        assert_eq!(envelope.limits(9, 1e5, 1e5, 4e5), [1.0, 1.0]);
        // 0.1 s later it is 12 dB lower.
        let late = envelope.limits(19, 0.0, 0.0, 4e5)[1];
        assert!((10.0 * late.log10() + 12.0).abs() < 0.1, "{late}");
        assert_eq!(envelope.limits(99, 0.0, 0.0, 4e5), [1.0, 0.0]);
    }

    #[test]
    fn the_end_of_a_loop_rings_into_its_start() {
        let frames: Vec<f32> = (0..100).map(|t| if t < 90 { 0.0 } else { 1e5 }).collect();
        let survey = Survey { frames, loudest: 1e5, threshold: 0.0, colour: Vec::new(), image: Vec::new() };
        let of = |edges| Envelope::new(&survey, 0.01, 2048, edges).limits(2, 0.0, 0.0, 1.0)[1];
        assert_eq!((of(Edges::Silence), of(Edges::Loop)), (0.0, 1.0));
    }
}
