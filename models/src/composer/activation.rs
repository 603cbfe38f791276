//! The exponential family, written so that the compiler can turn it into vector code: training and writing share it.

/// e^x to 2 units in the last place for |x| < 87, saturating beyond.
///
/// x = (n + f) ln 2 with |f| <= 1/2; 2^f by its Taylor polynomial (remainder below 1e-8), 2^n by its exponent bits.
pub fn exp(x: f32) -> f32 {
    // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer.
    const ROUND: f32 = 12_582_912.0;
    let scaled = x.clamp(-87.0, 87.0) * std::f32::consts::LOG2_E;
    let whole = (scaled + ROUND) - ROUND;
    let rest = (scaled - whole) * std::f32::consts::LN_2;
    let mut power = 1.0 / 5040.0;
    for factorial in [720.0f32, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        power = power * rest + 1.0 / factorial;
    }
    power * f32::from_bits(((whole as i32 + 127) << 23) as u32)
}

/// Logistic function.
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// x sigmoid(x) (Elfwing, Uchibe and Doya, 2018).
pub fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_library() {
        for step in -8600..8600 {
            let x = step as f32 * 0.01;
            let exact = f64::from(x).exp();
            // Rounding x log2(e) costs |x| times half a unit: 87 * 6e-8.
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 6e-6, "{x}");
        }
        assert_eq!(sigmoid(0.0), 0.5);
        assert!(exp(-1e9) < 1e-37 && exp(1e9) > 1e37 && sigmoid(-1e9) < 1e-37);
    }
}
