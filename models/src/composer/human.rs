//! A player's deviations: where no recording tells them, small ones are drawn; where one does, they can be more or less.

use super::quantise::VELOCITIES;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Note, Ticks, Velocity};
use std::collections::BTreeMap;

/// Standard deviation of the time of a pitched note, in ticks of a 480th of a quarter note: 5 ms at 120 BPM. Skilled players keep a
/// pulse to about 1 % of its period (Repp, "Sensorimotor synchronization", 2005).
const TIMING_TICKS: f32 = 4.8;
/// The most, so that no two notes change their order.
const MOST_TICKS: f32 = 9.0;

/// MIDI velocities in a class of them.
const CLASS_WIDTH: f32 = 128.0 / VELOCITIES as f32;

/// One player's.
#[derive(Debug, Clone, Copy)]
pub struct Human {
    /// 0 none, 1 as played.
    pub amount: f32,
    /// The origin of what is drawn.
    pub seed: Seed,
}

impl Human {
    /// The moment `ticks` of a grid step, moved. What begins and what ends there stay together; the start of the loop stays.
    pub fn moved(&self, step: u32, ticks: Ticks) -> Ticks {
        if step == 0 || self.amount == 0.0 {
            return ticks;
        }
        let drawn = self.seed.fork_index(u64::from(step)).rng().normal() * TIMING_TICKS * self.amount;
        let moved = ticks.0 as f32 + drawn.clamp(-MOST_TICKS, MOST_TICKS).round();
        Ticks(moved.max(0.0) as u32)
    }

    /// The strength of a note of `pitch` at a grid step, given the middle of its class: a player's is anywhere in the class, and no two
    /// fingers strike alike.
    pub fn struck(&self, step: u32, pitch: u8, middle: u8) -> Velocity {
        let mut rng = self.seed.fork("strength").fork_index(u64::from(step) << 7 | u64::from(pitch)).rng();
        let moved = f32::from(middle) + self.amount.min(1.0) * (0.5 * CLASS_WIDTH * rng.bipolar() - 0.5);
        Velocity::new(moved.round().clamp(1.0, 127.0) as u8)
    }

    /// Brings the strengths nearer to the mean of their pitch (drum), or further from it.
    pub fn strengths(&self, notes: &mut [Note]) {
        if self.amount == 1.0 {
            return;
        }
        let mut sums: BTreeMap<u8, (f32, f32)> = BTreeMap::new();
        for note in notes.iter() {
            let (sum, count) = sums.entry(note.pitch.number()).or_default();
            *sum += f32::from(note.velocity.value());
            *count += 1.0;
        }
        for note in notes {
            let (sum, count) = sums[&note.pitch.number()];
            let mean = sum / count;
            let value = mean + self.amount * (f32::from(note.velocity.value()) - mean);
            note.velocity = Velocity::new(value.round().clamp(1.0, 127.0) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::score::Pitch;

    #[test]
    fn moments_move_a_little_and_never_pass_each_other() {
        let human = Human { amount: 2.0, seed: Seed(3) };
        let moved: Vec<u32> = (0..400).map(|step| human.moved(step, Ticks(20 * step)).0).collect();
        assert!(moved.is_sorted_by(|a, b| a < b));
        assert!(moved.iter().zip(0..).any(|(&moved, step)| moved != 20 * step));
        assert_eq!(moved[0], 0);
        let exact = Human { amount: 0.0, seed: Seed(3) };
        assert_eq!(exact.moved(7, Ticks(140)), Ticks(140));
    }

    #[test]
    fn fingers_differ_within_the_class() {
        let human = Human { amount: 1.0, seed: Seed(3) };
        let struck: Vec<u8> = (48..96).map(|pitch| human.struck(24, pitch, 84).value()).collect();
        assert!(struck.iter().all(|velocity| (80..88).contains(velocity)));
        assert!((80..88).filter(|velocity| struck.contains(velocity)).count() == 8, "{struck:?}");
        let exact = Human { amount: 0.0, seed: Seed(3) };
        assert_eq!(exact.struck(24, 60, 84), Velocity::new(84));
    }

    #[test]
    fn strengths_close_up_or_part() {
        let strengths = |amount: f32| {
            let mut notes: Vec<Note> = [60, 80, 100]
                .map(|velocity| Note {
                    start: Ticks(0),
                    pitch: Pitch::new(38),
                    length: Ticks(1),
                    velocity: Velocity::new(velocity),
                })
                .to_vec();
            Human { amount, seed: Seed(1) }.strengths(&mut notes);
            notes.iter().map(|note| note.velocity.value()).collect::<Vec<u8>>()
        };
        assert_eq!(strengths(0.0), [80, 80, 80]);
        assert_eq!(strengths(1.0), [60, 80, 100]);
        assert_eq!(strengths(2.0), [40, 80, 120]);
    }
}
