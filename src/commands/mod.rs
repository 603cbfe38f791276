//! The subcommands, one file each.
//!
//! To add one: a file here with its `Args` and `run`, a variant of `Command` in `cli.rs` and its line in `dispatch`.

pub mod analyze;
#[cfg(feature = "playback")]
pub mod audition;
pub mod check;
mod controls;
pub mod corpus;
pub mod eval;
pub mod generate;
pub mod inspect;
pub mod list;
pub mod originality;
pub mod pack;
pub mod patch;
#[cfg(feature = "playback")]
pub mod play;
pub mod refine;
pub mod regen;
pub mod render;
pub mod suggest;
pub mod tag;
pub mod train;
mod values;
