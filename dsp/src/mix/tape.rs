//! Where a piece waits that is too long to be held.

use std::convert::Infallible;

/// Samples that are written once, in order, and read as often as it takes: in memory, or in a file.
pub trait Tape {
    /// What can go wrong.
    type Error;

    /// Writes `samples` behind all others.
    ///
    /// # Errors
    /// If there is no room.
    fn append(&mut self, samples: &[f32]) -> Result<(), Self::Error>;

    /// Reads the samples from `start` on, all of which have been written.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<(), Self::Error>;
}

impl Tape for Vec<f32> {
    type Error = Infallible;

    fn append(&mut self, samples: &[f32]) -> Result<(), Infallible> {
        self.extend_from_slice(samples);
        Ok(())
    }

    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<(), Infallible> {
        samples.copy_from_slice(&self[start..start + samples.len()]);
        Ok(())
    }
}
