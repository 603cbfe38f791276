//! Sounds for sample packs: one-shots, multi-samples, and the presets through which samplers play them. Data in, data out: whoever
//! calls writes the files.

pub mod edges;
pub mod kit;
pub mod multisample;
pub mod one_shot;
pub mod presets;
pub mod sample_map;
pub mod take;
