//! What watches a training: the terminal, the clock and the checkpoint file.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::FileSet;
use crate::pack::Stop;
use riffsmith_models::train::Watch;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Watches one training, whose progress `P` is told in lines.
pub struct Log<P> {
    console: Console,
    start: Instant,
    checkpoint: PathBuf,
    line: fn(&P) -> String,
    stop: Stop,
    told: Vec<P>,
    failed: Option<Error>,
}

impl<P> Log<P> {
    /// From now on, never stopped.
    pub fn new(console: Console, checkpoint: PathBuf, line: fn(&P) -> String) -> Self {
        let stop = Stop::default();
        Self { console, start: Instant::now(), checkpoint, line, stop, told: Vec::new(), failed: None }
    }

    /// Ends the training, as if its time were over, when `stop` is asked for.
    pub fn until(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// The seconds that it took, and all that was told.
    ///
    /// # Errors
    /// If a checkpoint could not be written.
    pub fn end(self) -> Result<(f64, Vec<P>)> {
        self.failed.map_or(Ok((self.start.elapsed().as_secs_f64(), self.told)), Err)
    }
}

impl<P: Clone> Watch<P> for Log<P> {
    fn elapsed_s(&mut self) -> f64 {
        // A checkpoint that cannot be written ends the training: it would be lost.
        let is_over = self.failed.is_some() || self.stop.asked();
        if is_over { f64::INFINITY } else { self.start.elapsed().as_secs_f64() }
    }

    fn progress(&mut self, progress: &P) {
        self.console.note(&format!("{:6.0} s  {}", self.start.elapsed().as_secs_f64(), (self.line)(progress)));
        self.told.push(progress.clone());
    }

    fn checkpoint(&mut self, bytes: &[u8]) {
        self.failed = self.failed.take().or(write(&self.checkpoint, bytes, true).err());
    }
}

/// Writes a file of weights or of a training's state.
///
/// # Errors
/// If there is no room or no right to write, or it exists and `force` is not given.
pub fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let mut files = FileSet::new(force);
    files.stage(path, bytes)?;
    files.commit()
}
