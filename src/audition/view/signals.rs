//! What the system asks of the program: to end, or to stop for a while.

use crate::error::{Error, Result};
use crate::files;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Signals that were received.
#[derive(Debug, Default)]
pub struct Signals {
    end: Arc<AtomicBool>,
    which: Arc<AtomicUsize>,
    suspend: Arc<AtomicBool>,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub fn listen() -> Result<Self> {
        let signals = Self::default();
        let refused =
            |error: std::io::Error| Error::failed(format!("cannot listen for signals: {}", files::reason(&error)));
        #[cfg(unix)]
        let ends = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
        #[cfg(not(unix))]
        let ends = [SIGINT, SIGTERM];
        for signal in ends {
            flag::register_usize(signal, Arc::clone(&signals.which), signal as usize).map_err(refused)?;
            flag::register(signal, Arc::clone(&signals.end)).map_err(refused)?;
        }
        #[cfg(unix)]
        {
            flag::register(signal_hook::consts::SIGTSTP, Arc::clone(&signals.suspend)).map_err(refused)?;
            end_without_terminal().map_err(refused)?;
        }
        Ok(signals)
    }

    /// Set once it is to end.
    pub fn end(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.end)
    }

    /// True if it was asked to stop for a while since this was last asked.
    pub fn take_suspend(&self) -> bool {
        self.suspend.swap(false, Ordering::Relaxed)
    }

    /// Stops the program until the shell has it go on.
    pub fn suspend() {
        #[cfg(unix)]
        // Where it is not allowed, the program just goes on.
        drop(low_level::emulate_default_handler(signal_hook::consts::SIGTSTP));
    }

    /// Ends the program as the signal would have, if there was one: who sent it sees that.
    pub fn obey(&self) {
        let signal = self.which.load(Ordering::Relaxed) as i32;
        if signal != 0 && signal != SIGINT {
            drop(low_level::emulate_default_handler(signal));
        }
    }
}

/// Time in which the program ends by itself after its terminal is gone.
#[cfg(unix)]
const HANG_UP: std::time::Duration = std::time::Duration::from_secs(1);

/// Ends the program after its terminal is gone: a read from that may never come back. What was kept is on the disk already.
#[cfg(unix)]
fn end_without_terminal() -> std::io::Result<()> {
    let hang_up = signal_hook::consts::SIGHUP;
    let mut hang_ups = signal_hook::iterator::Signals::new([hang_up])?;
    std::thread::spawn(move || {
        if hang_ups.forever().next().is_some() {
            std::thread::sleep(HANG_UP);
            low_level::exit(128 + hang_up);
        }
    });
    Ok(())
}
