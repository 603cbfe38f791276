//! The product: command line, recipes, styles, files, plots and playback. The only code that touches files, devices, the
//! terminal, the clock or entropy.

pub mod cli;
pub mod commands;
pub mod console;
pub mod error;

pub use error::{Error, Result};
