//! A gain on its way.

/// A gain that goes straight to where it is sent, over a number of frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    value: f32,
    target: f32,
    step: f32,
    left: u32,
}

impl Ramp {
    /// A gain that rests.
    pub fn at(value: f32) -> Self {
        Self { value, target: value, step: 0.0, left: 0 }
    }

    /// Sends it to `target`, which it reaches after `frames`.
    pub fn go(&mut self, target: f32, frames: usize) {
        let frames = u32::try_from(frames.max(1)).unwrap_or(u32::MAX);
        (self.target, self.left) = (target, frames);
        self.step = (target - self.value) / frames as f32;
    }

    /// The gain of the next frame.
    pub fn next(&mut self) -> f32 {
        if self.left > 0 {
            self.left -= 1;
            self.value = if self.left == 0 { self.target } else { self.value + self.step };
        }
        self.value
    }

    /// True if nothing passes, now and until it is sent elsewhere.
    pub fn is_shut(self) -> bool {
        self.value == 0.0 && self.left == 0
    }
}
