//! Who watches a training.

/// Keeps the clock and the files, which this library does not know; `P` tells how far the training is.
pub trait Watch<P> {
    /// Seconds since the training began.
    fn elapsed_s(&mut self) -> f64;
    /// After each evaluation.
    fn progress(&mut self, progress: &P);
    /// After each evaluation: the bytes from which the training can go on.
    fn checkpoint(&mut self, bytes: &[u8]);
}
