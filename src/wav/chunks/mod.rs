//! The chunks that say something about a sound, one file each: what they hold, from bytes and to bytes.

mod acid;
mod bext;
mod cue;
mod format;
mod info;
mod inst;
mod smpl;

pub use acid::Acid;
pub use bext::{Broadcast, BroadcastLoudness};
pub use cue::CuePoint;
pub use format::{Encoding, Format};
pub use info::Info;
pub use inst::Instrument;
pub use smpl::{Sampler, SamplerLoop};
