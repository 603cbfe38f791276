//! Score and sound of riffsmith: bytes and numbers in, bytes and numbers out; no I/O, no clock, no entropy.

pub mod analysis;
pub mod audio;
pub mod delay_line;
pub mod effect;
pub mod envelope;
pub mod error;
pub mod filter;
mod fir;
pub mod fit;
pub mod instrument;
pub mod levels;
pub mod lfo;
pub mod loudness;
pub mod mix;
pub mod osc;
pub mod parameters;
pub mod patch;
pub mod pitch_detection;
pub mod resample;
pub mod rng;
pub mod score;
pub mod seam;
pub mod soundfont;
pub mod spectral;
pub mod sustain_loop;
pub mod synth;
pub mod units;

pub use audio::{AudioBuffer, StereoFrame};
pub use error::{Error, Result};
pub use rng::{Rng, Seed};
pub use units::SampleRate;
