//! Where a piece repeats itself: what followed when it last went on as it does now.

use super::roll::{Frame, Roll};

/// What came after the longest earlier stretch that is equal to the frames just heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repetition {
    /// The frame that followed it.
    pub next: usize,
    /// How many frames were equal.
    pub length: usize,
}

/// For each frame, the latest of the longest repetitions of the frames before it; frames are compared by what `part` sees of them.
pub fn repetitions<'a, P: PartialEq>(roll: &'a Roll, part: impl Fn(&'a Frame) -> P) -> Vec<Option<Repetition>> {
    let parts: Vec<P> = roll.iter().map(part).collect();
    // lengths[s]: how many frames before s are equal to those before the frame of this turn.
    let mut lengths = vec![0_usize; roll.len() + 1];
    let mut found = Vec::with_capacity(roll.len());
    for now in 0..roll.len() {
        let mut best: Option<Repetition> = None;
        for earlier in (1..now).rev() {
            lengths[earlier] = if parts[earlier - 1] == parts[now - 1] { lengths[earlier - 1] + 1 } else { 0 };
            if lengths[earlier] > best.map_or(0, |best| best.length) {
                best = Some(Repetition { next: earlier, length: lengths[earlier] });
            }
        }
        found.push(best);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_repetition_is_found_and_of_equals_the_latest() {
        let roll: Roll = [1, 2, 3, 1, 2, 1, 2].iter().map(|&key| vec![key]).collect();
        let found = repetitions(&roll, Clone::clone);
        assert_eq!(found[..4], [None; 4]);
        assert_eq!(found[4], Some(Repetition { next: 1, length: 1 }));
        assert_eq!(found[5], Some(Repetition { next: 2, length: 2 }));
        assert_eq!(found[6], Some(Repetition { next: 4, length: 1 }));
    }
}
