//! A ring of past samples, read at whole or fractional delays.

/// The last samples of one channel.
#[derive(Debug, Clone)]
pub struct DelayLine {
    ring: Vec<f32>,
    mask: usize,
    next: usize,
}

impl DelayLine {
    /// Room for delays of up to `max_frames`, and the neighbours that [`DelayLine::read_cubic`] needs there.
    pub fn new(max_frames: usize) -> Self {
        let size = (max_frames + 4).next_power_of_two();
        Self { ring: vec![0.0; size], mask: size - 1, next: 0 }
    }

    /// Adds the newest sample.
    #[inline]
    pub fn write(&mut self, sample: f32) {
        self.ring[self.next & self.mask] = sample;
        self.next = self.next.wrapping_add(1);
    }

    /// The sample written `frames` writes ago; 1 is the newest.
    #[inline]
    pub fn read(&self, frames: usize) -> f32 {
        self.ring[self.next.wrapping_sub(frames) & self.mask]
    }

    /// Between samples, on a straight line: for slow modulation in loops where a slight loss of treble does not matter.
    #[inline]
    pub fn read_linear(&self, frames: f32) -> f32 {
        let whole = frames as usize;
        let fraction = frames - whole as f32;
        let near = self.read(whole);
        near + fraction * (self.read(whole + 1) - near)
    }

    /// Between samples, on the cubic through four neighbours (Catmull and Rom, 1974); `frames` is at least 2.0.
    #[inline]
    pub fn read_cubic(&self, frames: f32) -> f32 {
        let whole = frames as usize;
        let t = frames - whole as f32;
        let [a, b, c, d] = [self.read(whole - 1), self.read(whole), self.read(whole + 1), self.read(whole + 2)];
        let linear = 0.5 * (c - a);
        let square = a - 2.5 * b + 2.0 * c - 0.5 * d;
        let cube = 0.5 * (d - a) + 1.5 * (b - c);
        ((cube * t + square) * t + linear) * t + b
    }

    /// Silence in all of it.
    pub fn reset(&mut self) {
        self.ring.fill(0.0);
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_read_back_exactly_at_every_delay() {
        // Both interpolations are exact for straight lines.
        let mut line = DelayLine::new(100);
        (0..1_000).for_each(|n| line.write(n as f32));
        for tenth in 20..=1_000 {
            let delay = tenth as f32 / 10.0;
            assert!((line.read_cubic(delay) - (1_000.0 - delay)).abs() < 1e-3);
            assert!((line.read_linear(delay) - (1_000.0 - delay)).abs() < 1e-3);
        }
        assert_eq!(line.read(1), 999.0);
        assert_eq!(line.read(100), 900.0);
    }

    #[test]
    fn cubic_reading_keeps_a_sine_of_1_khz_within_minus_80_db() {
        let step = std::f64::consts::TAU * 1_000.0 / 44_100.0;
        let mut line = DelayLine::new(64);
        (0..64).for_each(|n| line.write((step * f64::from(n)).sin() as f32));
        let read = line.read_cubic(10.5);
        assert!((f64::from(read) - (step * 53.5).sin()).abs() < 1e-4);
    }
}
