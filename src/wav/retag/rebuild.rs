//! The file with other metadata around the same sound.

use super::{Change, WHAT};
use crate::wav::Description;
use crate::wav::riff::{self, Chunk, Remedy, Riff};
use riffsmith_dsp::{Error, Result};

/// A chunk that may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Sampler,
    Instrument,
    Acid,
    Info,
}

fn slot(chunk: &Chunk) -> Option<Slot> {
    match &chunk.id {
        b"smpl" => Some(Slot::Sampler),
        b"inst" => Some(Slot::Instrument),
        b"acid" => Some(Slot::Acid),
        b"LIST" if chunk.is_list(b"INFO") => Some(Slot::Info),
        _ => None,
    }
}

/// The file with those chunks replaced or added that differ.
///
/// # Errors
/// If it would grow beyond 4 GiB.
pub fn rebuild(file: &Riff, before: &Description, after: &Description) -> Result<Vec<u8>> {
    let mut changed: Vec<(Slot, Vec<u8>)> = Vec::new();
    if let Some(sampler) = after.sampler.as_ref().filter(|_| after.sampler != before.sampler) {
        changed.push((Slot::Sampler, sampler.chunk()));
    }
    if let Some(instrument) = after.instrument.filter(|_| after.instrument != before.instrument) {
        changed.push((Slot::Instrument, instrument.chunk()));
    }
    if let Some(acid) = after.acid.filter(|_| after.acid != before.acid) {
        changed.push((Slot::Acid, acid.chunk()));
    }
    if after.info != before.info {
        let list = if after.info.is_empty() { Vec::new() } else { after.info.chunk() };
        changed.push((Slot::Info, list));
    }
    let slots: Vec<Slot> = changed.iter().map(|(slot, _)| *slot).collect();

    let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
    for chunk in ordered(file) {
        match slot(chunk).filter(|slot| slots.contains(slot)) {
            // The first of its kind makes room for the new one, another one is gone.
            Some(own) => {
                if let Some(place) = changed.iter().position(|(slot, _)| *slot == own) {
                    bytes.extend(changed.remove(place).1);
                }
            }
            None => bytes.extend(riff::chunk(&chunk.id, chunk.payload)),
        }
    }
    bytes.extend(changed.into_iter().flat_map(|(_, chunk)| chunk));
    let size = u32::try_from(bytes.len() - 8)
        .map_err(|_| Error::Unsupported { what: WHAT, reason: "it would be larger than 4 GiB".to_owned() })?;
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(file.trailing);
    Ok(bytes)
}

/// The chunks with the sound in front.
fn ordered<'a>(file: &'a Riff<'a>) -> Vec<&'a Chunk<'a>> {
    let mut chunks: Vec<&Chunk> = file.chunks.iter().collect();
    chunks.sort_by_key(|chunk| match &chunk.id {
        b"fmt " => 0,
        b"fact" => 1,
        b"data" => 2,
        _ => 3,
    });
    chunks
}

/// What is set right although nobody asked.
pub fn repairs(file: &Riff) -> Vec<Change> {
    let names = |chunks: &[&Chunk]| chunks.iter().map(|chunk| chunk.name()).collect::<Vec<_>>().join(", ");
    let (own, ordered) = (file.chunks.iter().collect::<Vec<_>>(), ordered(file));
    let mut found = Vec::new();
    if own != ordered {
        found.push(Change { what: "order", from: names(&own), to: names(&ordered) });
    }
    let mended = file.defects.iter().filter(|defect| defect.remedy == Remedy::Rewriting);
    found.extend(mended.map(|defect| Change { what: "frame", from: defect.text.clone(), to: "set right".to_owned() }));
    found
}
