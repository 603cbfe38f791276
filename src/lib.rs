//! The product: command line, recipes, styles, files, plots and playback. The only code that touches files, devices, the
//! terminal, the clock or entropy.

mod arrange;
mod assist;
pub mod audition;
pub mod check;
mod checksum;
pub mod cli;
pub mod commands;
pub mod console;
pub mod corpus;
#[cfg(feature = "playback")]
pub mod device;
pub mod error;
pub mod files;
pub mod guess;
pub mod measure;
#[cfg(feature = "playback")]
pub mod midi_in;
pub mod names;
pub mod one_shots;
pub mod output;
pub mod pack;
pub mod patch_file;
pub mod pipeline;
#[cfg(feature = "playback")]
pub mod playback;
pub mod plot;
pub mod recipe;
pub mod refine;
pub mod report;
pub mod rolls;
mod spool;
pub mod statistics;
pub mod style;
mod suggest;
pub mod wav;

pub use error::{Error, Result};
