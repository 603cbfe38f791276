//! What a player moves while notes sound.

use super::subtractive::Source;

/// Where a channel's controllers stand, each 0.0 ..= 1.0. The default is where they are until something is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Controllers {
    /// The modulation wheel: MIDI controller 1, 0.0 at rest.
    pub wheel: f32,
    /// Channel pressure (aftertouch), 0.0 at rest.
    pub pressure: f32,
    /// Expression: MIDI controller 11, 1.0 at rest.
    pub expression: f32,
}

impl Default for Controllers {
    fn default() -> Self {
        Self { wheel: 0.0, pressure: 0.0, expression: 1.0 }
    }
}

impl Controllers {
    /// Each with the matrix's source that it is.
    pub(super) fn sources(&self) -> [(Source, f32); 3] {
        [(Source::ModWheel, self.wheel), (Source::Pressure, self.pressure), (Source::Expression, self.expression)]
    }

    /// Goes a share of the way to `target`, 1.0 = all of it.
    pub(super) fn approach(&mut self, target: &Self, share: f32) {
        self.wheel += share * (target.wheel - self.wheel);
        self.pressure += share * (target.pressure - self.pressure);
        self.expression += share * (target.expression - self.expression);
    }
}
