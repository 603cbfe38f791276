//! A tape for what is too long for memory.

use riffsmith_dsp::mix::{Recording, Tape};
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::path::Path;
use tempfile::SpooledTempFile;

/// What is held in memory before there is a file: a minute and a half of stereo.
const MEMORY_BYTES: usize = 32 << 20;
/// Samples that are turned into bytes at a time.
const STRETCH: usize = 1 << 14;

/// Samples in memory, and from 32 MiB on in a file without a name, which is gone with the program, however that ends.
pub struct Spool {
    file: SpooledTempFile,
    bytes: Vec<u8>,
}

impl Spool {
    /// A blank one, whose file would be in `directory`.
    pub fn new(directory: &Path) -> Self {
        Self { file: tempfile::spooled_tempfile_in(MEMORY_BYTES, directory), bytes: vec![0; 4 * STRETCH] }
    }
}

impl Tape for Spool {
    fn append(&mut self, samples: &[f32]) -> Result<()> {
        self.file.seek(SeekFrom::End(0))?;
        for samples in samples.chunks(STRETCH) {
            let bytes = &mut self.bytes[..4 * samples.len()];
            for (bytes, sample) in bytes.chunks_exact_mut(4).zip(samples) {
                bytes.copy_from_slice(&sample.to_le_bytes());
            }
            self.file.write_all(bytes)?;
        }
        Ok(())
    }
}

impl Recording for Spool {
    type Error = std::io::Error;

    fn read(&mut self, start: usize, samples: &mut [f32]) -> Result<()> {
        self.file.seek(SeekFrom::Start(4 * start as u64))?;
        for samples in samples.chunks_mut(STRETCH) {
            let bytes = &mut self.bytes[..4 * samples.len()];
            self.file.read_exact(bytes)?;
            for (bytes, sample) in bytes.chunks_exact(4).zip(samples) {
                *sample = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_in_memory_and_on_the_disk() {
        let directory = tempfile::tempdir().expect("a directory");
        let sample = |index: usize| index as f32 * 0.125 - 3.0;
        for count in [100, 3 * STRETCH + 7, MEMORY_BYTES / 4 + 10_000] {
            let mut spool = Spool::new(directory.path());
            let samples: Vec<f32> = (0..count).map(sample).collect();
            samples.chunks(50_001).for_each(|samples| spool.append(samples).expect("room"));
            assert_eq!(spool.file.is_rolled(), 4 * count > MEMORY_BYTES);
            for (start, length) in [(0, 10), (count / 2, count - count / 2), (count - 3, 3)] {
                let mut read = vec![0.0; length];
                spool.read(start, &mut read).expect("written");
                assert!(read.iter().enumerate().all(|(index, &value)| value == sample(start + index)));
            }
            assert!(spool.read(count - 1, &mut [0.0; 2]).is_err());
            // Nothing that could be left over has a name.
            assert_eq!(std::fs::read_dir(directory.path()).expect("there").count(), 0);
        }
    }
}
