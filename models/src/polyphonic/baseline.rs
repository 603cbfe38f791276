//! What counting alone reaches: every key by itself, and every key given whether it sounded just before.

use super::roll::{Frame, KEYS, Roll};

/// Nats per frame on `test`, counted on `train`, one added to each count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baselines {
    /// Each key by how often it sounds, over all frames.
    pub independent: f64,
    /// Each key by how often it sounds after it sounded, or did not, over all frames but the pieces' first.
    pub markov: f64,
}

/// Counts on the training pieces, and measures on the test pieces.
pub fn baselines(train: &[Roll], test: &[Roll]) -> Baselines {
    // Frames in which a key was silent or sounding before, and those of them in which it sounds.
    let mut counts = [[[0.0_f64; 2]; 2]; KEYS];
    for (before, now) in steps(train) {
        for (key, counts) in counts.iter_mut().enumerate() {
            let [before, now] = [before, now].map(|frame| usize::from(frame.contains(&(key as u8))));
            counts[before][0] += 1.0;
            counts[before][1] += now as f64;
        }
    }
    let (mut independent, mut frames) = (0.0, 0_usize);
    for frame in test.iter().flatten() {
        frames += 1;
        for (key, [silent, sounding]) in counts.iter().enumerate() {
            independent += nats(silent[0] + sounding[0], silent[1] + sounding[1], frame.contains(&(key as u8)));
        }
    }
    let (mut markov, mut later) = (0.0, 0_usize);
    for (before, now) in test.iter().flat_map(|roll| roll.iter().zip(roll.iter().skip(1))) {
        later += 1;
        for (key, counts) in counts.iter().enumerate() {
            let [before, now] = [before, now].map(|frame| frame.contains(&(key as u8)));
            let [all, on] = counts[usize::from(before)];
            markov += nats(all, on, now);
        }
    }
    Baselines { independent: independent / frames.max(1) as f64, markov: markov / later.max(1) as f64 }
}

fn nats(all: f64, on: f64, sounds: bool) -> f64 {
    let share = (on + 1.0) / (all + 2.0);
    -(if sounds { share } else { 1.0 - share }).ln()
}

/// Each frame with the one before it; before the first one nothing sounds.
fn steps(rolls: &[Roll]) -> impl Iterator<Item = (&Frame, &Frame)> {
    const NOTHING: &Frame = &Frame::new();
    rolls.iter().flat_map(|roll| [NOTHING].into_iter().chain(roll).zip(roll))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_agrees_with_a_count_by_hand() {
        let roll: Roll = vec![vec![5], vec![5], vec![]];
        let found = baselines(std::slice::from_ref(&roll), std::slice::from_ref(&roll));
        // 87 keys never sound in three frames; one does in two, after itself in one of two.
        let (never, two_of_three): (f64, f64) = (4.0 / 5.0, 3.0 / 5.0);
        let alone = -(87.0 * 3.0 * never.ln() + 2.0 * two_of_three.ln() + (1.0 - two_of_three).ln()) / 3.0;
        let after_itself: f64 = 2.0 / 4.0;
        let given = -(87.0 * 2.0 * never.ln() + 2.0 * after_itself.ln()) / 2.0;
        assert!((found.independent - alone).abs() < 1e-12);
        assert!((found.markov - given).abs() < 1e-12);
    }
}
