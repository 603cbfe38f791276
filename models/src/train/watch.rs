//! Who watches a training.

/// Keeps the clock and the files, which this library does not know; `P` tells how far the training is.
pub trait Watch<P> {
    /// Seconds since the training began.
    ///
    /// Infinite once the training is to end.
    fn elapsed_s(&mut self) -> f64;
    /// After each evaluation.
    fn progress(&mut self, progress: &P);
    /// After each evaluation: the bytes from which the training can go on.
    fn checkpoint(&mut self, bytes: &[u8]);

    /// How much of `seconds` is over, 0 to 1; nothing, before the training is to end, where they are infinite.
    fn share_over(&mut self, seconds: f64) -> f64 {
        let elapsed_s = self.elapsed_s();
        if elapsed_s.is_infinite() { 1.0 } else { (elapsed_s / seconds).min(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clock(f64);

    impl Watch<()> for Clock {
        fn elapsed_s(&mut self) -> f64 {
            self.0
        }
        fn progress(&mut self, (): &()) {}
        fn checkpoint(&mut self, _: &[u8]) {}
    }

    #[test]
    fn without_a_limit_no_time_is_over_until_the_end_is_asked_for() {
        assert_eq!([0.0, 3.0, 60.0].map(|elapsed| Clock(elapsed).share_over(6.0)), [0.0, 0.5, 1.0]);
        assert_eq!([0.0, 3.0, f64::INFINITY].map(|elapsed| Clock(elapsed).share_over(f64::INFINITY)), [0.0, 0.0, 1.0]);
    }
}
