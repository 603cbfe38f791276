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

#[cfg(test)]
mod tests {
    use super::*;

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
