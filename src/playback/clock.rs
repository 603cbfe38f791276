//! Playing without a device: the callback is asked as if there were one, and what it says goes nowhere.

use riffsmith_dsp::SampleRate;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Frames that are asked for at a time.
pub const PERIOD: usize = 512;

/// A thread that stands for a device. It ends with this.
#[derive(Debug)]
pub struct Clock {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Clock {
    /// Asks `fill` for stereo at `rate`.
    pub fn start(rate: SampleRate, mut fill: impl FnMut(&mut [f32]) + Send + 'static) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let asked = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut block = vec![0.0; 2 * PERIOD];
            let (began, mut frames) = (Instant::now(), 0_usize);
            while !asked.load(Ordering::Relaxed) {
                fill(&mut block);
                frames += PERIOD;
                let due = began + Duration::from_secs_f64(rate.seconds(frames));
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // If it has panicked, there is nothing left to end.
            drop(thread.join());
        }
    }
}
