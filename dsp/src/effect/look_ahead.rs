//! The gain of a look-ahead limiter: down before the peak, slowly up behind it.

use crate::units::SampleRate;

/// Turns the gain that each frame needs into a smooth gain that is never above it.
///
/// A sliding minimum, an exponential release, then a moving average (Lemire, "Streaming maximum-minimum filter using no more
/// than three comparisons per element", 2006, for the minimum). The average sums integers, so it does not drift.
pub struct LookAhead {
    attack_frames: usize,
    hold_frames: usize,
    release: f64,
    /// Candidates for the minimum as (frame, gain), gains rising; a ring.
    candidates: Vec<(u64, f32)>,
    oldest: u64,
    newest: u64,
    now: u64,
    /// In f64: the last steps of a slow release are smaller than an f32 can add to 1.
    released: f64,
    /// The last `attack_frames` gains in units of 1 / [`ONE`], and their sum.
    recent: Vec<u64>,
    sum: u64,
}

/// A gain of 1 as an integer.
const ONE: f64 = (1u64 << 32) as f64;
/// Frames on either side of a peak over which the gain stays flat: interpolation looks that far.
const FLAT_FRAMES: usize = 32;

impl LookAhead {
    /// Time to come down in, 2 ms: shorter distorts, longer dulls.
    const ATTACK_S: f64 = 0.002;

    /// `release_ms`: time constant of the way back up.
    pub fn new(rate: SampleRate, release_ms: f32) -> Self {
        let attack_frames = rate.frames(Self::ATTACK_S).max(1);
        let hold_frames = attack_frames + 2 * FLAT_FRAMES;
        let mut gain = Self {
            attack_frames,
            hold_frames,
            release: 1.0 - (-1.0 / (f64::from(release_ms) * 1e-3 * rate.hz())).exp(),
            candidates: vec![(0, 1.0); hold_frames.next_power_of_two()],
            oldest: 0,
            newest: 0,
            now: 0,
            released: 1.0,
            recent: vec![0; attack_frames],
            sum: 0,
        };
        gain.reset();
        gain
    }

    /// Frames by which [`LookAhead::tick`] lags behind the gains it is given.
    pub fn latency_frames(&self) -> usize {
        self.attack_frames + FLAT_FRAMES - 1
    }

    /// Given the largest gain that the newest frame allows, the gain for the frame [`LookAhead::latency_frames`] before it.
    #[inline]
    pub fn tick(&mut self, allowed: f32) -> f32 {
        let mask = self.candidates.len() as u64 - 1;
        while self.newest > self.oldest && self.candidates[((self.newest - 1) & mask) as usize].1 >= allowed {
            self.newest -= 1;
        }
        self.candidates[(self.newest & mask) as usize] = (self.now, allowed);
        self.newest += 1;
        if self.candidates[(self.oldest & mask) as usize].0 + self.hold_frames as u64 <= self.now {
            self.oldest += 1;
        }
        let lowest = f64::from(self.candidates[(self.oldest & mask) as usize].1);
        self.released = lowest.min(self.released + self.release * (lowest - self.released));
        let slot = (self.now % self.attack_frames as u64) as usize;
        let units = (self.released * ONE) as u64;
        self.sum = self.sum + units - self.recent[slot];
        self.recent[slot] = units;
        self.now += 1;
        (self.sum as f64 / (ONE * self.attack_frames as f64)) as f32
    }

    /// Back to a gain of 1.
    pub fn reset(&mut self) {
        self.oldest = 0;
        self.newest = 0;
        self.now = 0;
        self.released = 1.0;
        self.recent.fill(ONE as u64);
        self.sum = ONE as u64 * self.attack_frames as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;

    #[test]
    fn the_gain_never_exceeds_what_a_frame_or_its_neighbours_allow() {
        let mut rng = Seed(5).rng();
        let mut gain = LookAhead::new(SampleRate::CD, 20.0);
        let allowed: Vec<f32> =
            (0..50_000).map(|_| if rng.chance(0.01) { rng.between(0.1, 1.0) } else { 1.0 }).collect();
        let gains: Vec<f32> = allowed.iter().map(|&allowed| gain.tick(allowed)).collect();
        let delay = gain.latency_frames();
        for (n, allowed) in allowed[..allowed.len() - delay - FLAT_FRAMES].iter().enumerate().skip(FLAT_FRAMES) {
            let around = &gains[n - FLAT_FRAMES + delay..=n + FLAT_FRAMES + delay];
            // Rounding of the sum to f32.
            assert!(around.iter().all(|gain| *gain <= allowed * (1.0 + 1e-6)));
        }
        // Once all is allowed again, the gain comes back to 1.
        let last = (0..50_000).map(|_| gain.tick(1.0)).last();
        assert!(last.is_some_and(|gain| (1.0 - gain).abs() < 1e-5));
    }
}
