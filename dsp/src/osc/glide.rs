//! A value on a straight line through a block.

/// A value that moves evenly from frame to frame; the value at a frame does not depend on how the frames are cut into blocks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Glide {
    from: f32,
    step: f32,
    target: Option<f32>,
}

impl Glide {
    /// One that stays.
    pub fn fixed(value: f32) -> Self {
        Self { from: value, step: 0.0, target: Some(value) }
    }

    /// From where it was to have gone to `target`, in `frames`; the first target is taken at once.
    pub fn aim(&mut self, target: f32, frames: usize) {
        self.from = self.target.unwrap_or(target);
        self.step = (target - self.from) / frames as f32;
        self.target = Some(target);
    }

    /// At a frame.
    #[inline]
    pub fn at(&self, frame: usize) -> f32 {
        self.from + self.step * frame as f32
    }

    /// At the first frame, and what is added in each.
    #[inline]
    pub(super) fn line(&self) -> [f32; 2] {
        [self.from, self.step]
    }

    /// At its end.
    pub fn target(&self) -> f32 {
        self.target.unwrap_or(self.from)
    }
}
