//! Where a piece waits that is too long to be held.

use std::convert::Infallible;

/// Samples that are read as often as it takes, from anywhere: in memory, or in a file.
pub trait Recording {
    /// What can go wrong.
    type Error;

    /// Reads the samples from `start` on, all of which are there.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<(), Self::Error>;
}

/// A recording that grows: samples are written once, in order.
pub trait Tape: Recording {
    /// Writes `samples` behind all others.
    ///
    /// # Errors
    /// If there is no room.
    fn append(&mut self, samples: &[f32]) -> Result<(), Self::Error>;
}

impl<R: Recording + ?Sized> Recording for &mut R {
    type Error = R::Error;

    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<(), R::Error> {
        (**self).read(start, samples)
    }
}

impl Recording for &[f32] {
    type Error = Infallible;

    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<(), Infallible> {
        samples.copy_from_slice(&self[start..start + samples.len()]);
        Ok(())
    }
}

impl Recording for Vec<f32> {
    type Error = Infallible;

    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<(), Infallible> {
        self.as_slice().read(start, samples)
    }
}

impl Tape for Vec<f32> {
    fn append(&mut self, samples: &[f32]) -> Result<(), Infallible> {
        self.extend_from_slice(samples);
        Ok(())
    }
}
