//! MIDI's clock: 24 ticks a quarter note.

use std::collections::VecDeque;

/// Ticks that the tempo is measured over: two quarter notes.
const SPAN: usize = 48;

/// Longest time between two ticks of a running clock, in seconds: 20 BPM has an eighth of a second.
const LONGEST_S: f64 = 0.5;

/// Ticks, and the tempo that they keep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pulse {
    ticks: VecDeque<f64>,
}

impl Pulse {
    /// The message.
    pub const TICK: u8 = 0xf8;

    /// Hears a tick. After a stop it begins anew.
    pub fn tick(&mut self, at_s: f64) {
        if self.ticks.back().is_some_and(|last| at_s - last > LONGEST_S) {
            self.ticks.clear();
        }
        self.ticks.push_back(at_s);
        if self.ticks.len() > SPAN + 1 {
            self.ticks.pop_front();
        }
    }

    /// Quarter notes per minute, once a quarter note was heard.
    pub fn bpm(&self) -> Option<f64> {
        let (first, last) = (self.ticks.front()?, self.ticks.back()?);
        let intervals = self.ticks.len() - 1;
        (intervals >= 24 && last > first).then(|| 60.0 * intervals as f64 / 24.0 / (last - first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tempo_is_that_of_the_ticks_and_a_stop_begins_anew() {
        let mut pulse = Pulse::default();
        let mut beat = |from: f64, bpm: f64, ticks: u32| {
            (0..ticks).for_each(|tick| pulse.tick(from + f64::from(tick) * 2.5 / bpm));
            pulse.bpm()
        };
        assert_eq!(beat(0.0, 120.0, 24), None);
        assert!((beat(0.5, 120.0, 24).expect("two quarters") - 120.0).abs() < 3.0);
        let after_a_stop = beat(100.0, 90.0, 30).expect("a quarter");
        assert!((after_a_stop - 90.0).abs() < 1e-6, "{after_a_stop}");
    }
}
