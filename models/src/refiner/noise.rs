//! The noise that is added where our sound is silent and recorded ones are not.

/// White noise of variance 1: sample `index` of `channel`, the same in every run and read in any order.
pub fn white(channel: u64, index: usize) -> f32 {
    // SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014) of the position.
    let mut state = (index as u64).wrapping_add(channel << 40).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^= state >> 31;
    let uniform = (state >> 40) as f32 / (1u64 << 24) as f32;
    // A uniform variable in -1 .. 1 has the variance 1/3.
    3f32.sqrt() * (2.0 * uniform - 1.0)
}

/// How much softer noise can be one, two and three frames later than in a frame itself, in units: the window spreads it so far.
const SPREAD: [f32; 3] = [0.4, 1.35, 3.0];

/// Lowers levels of noise, frame after frame of `bands` bands in units, so that none is spread by the window over frames that were to
/// have less. What is spread to earlier frames is the attack guard's matter.
pub fn fall_slowly(levels: &mut [f32], bands: usize) {
    let frames = levels.len() / bands;
    for t in (0..frames).rev() {
        for (later, spread) in SPREAD.iter().enumerate().take_while(|(later, _)| t + later + 1 < frames) {
            let (now, then) = levels.split_at_mut((t + later + 1) * bands);
            for (level, next) in now[t * bands..][..bands].iter_mut().zip(then) {
                *level = level.min(*next + spread);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_falls_no_faster_than_the_window_lets_it_and_rises_at_once() {
        let mut levels = vec![0.0, 1.0, 0.0, 9.0, 3.0, 3.0, 2.9, 3.0, 0.5, 3.0, 0.5, 3.0];
        fall_slowly(&mut levels, 2);
        // Of the first band 0, 0, 3, 2.9, 0.5, 0.5; the second one rises from 1 to 9 and is then 3.
        let expected = [0.0, 1.0, 0.0, 3.4, 1.3, 3.0, 0.9, 3.0, 0.5, 3.0, 0.5, 3.0];
        for (level, expected) in levels.iter().zip(expected) {
            assert!((level - expected).abs() < 1e-5, "{levels:?}");
        }
    }

    #[test]
    fn it_is_white_and_its_channels_are_independent() {
        let count = 40_000;
        let mean =
            |of: &dyn Fn(usize) -> f32| (0..count).map(|i| f64::from(of(i))).sum::<f64>() / f64::from(count as u32);
        // Four standard deviations of the mean of so many.
        let tolerance = 4.0 / f64::from(count as u32).sqrt();
        assert!(mean(&|i| white(0, i)).abs() < tolerance);
        assert!((mean(&|i| white(0, i).powi(2)) - 1.0).abs() < tolerance);
        assert!(mean(&|i| white(0, i) * white(0, i + 1)).abs() < tolerance);
        assert!(mean(&|i| white(0, i) * white(1, i)).abs() < tolerance);
    }
}
