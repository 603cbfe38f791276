//! WAV files: samples, and around them what DAWs and samplers look for: tempo, root, loop points, cue points and text.
//!
//! - Writing: [`Tags`] says what a file is, [`encode`] turns it and the sound into bytes, [`Encoding`] part by part.
//! - Reading: [`describe`] says everything that a file says, [`Description::audio`] its sound, [`Source`] that piece by piece.
//! - Changing: [`retag`] rewrites what is said about a sound, and leaves the sound itself alone.
//!
//! Chunks are written after `fmt ` and `data`: one loader is known to ignore `smpl` before the data.

mod carry;
mod checks;
pub mod chunks;
mod depth;
mod describe;
mod encoding;
pub mod facts;
mod read;
mod retag;
pub mod riff;
mod source;
mod tags;
mod write;

pub use depth::BitDepth;
pub use describe::{ChunkEntry, Data, Description, describe};
pub use encoding::Encoding;
pub use read::{comment, decode, is_same_sound};
pub use retag::{Change, Changes, Kind, Length, Retagged, Root, retag, whole_beats};
pub use source::Source;
pub use tags::{Cue, Date, LoopPoints, OneShot, Repeat, SampledNote, Sound, Tags};
pub use write::encode;

#[cfg(test)]
mod tests;
