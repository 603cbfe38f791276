//! The composer's weights file.
//!
//! Little-endian: the magic `riffcomp`, version `u32`, checksum `u64` of all that follows, number of networks `u32`; for each a
//! header of fourteen `u32` (part, five sizes, eight widths) and its parameters as half-precision floats.

use super::features::Widths;
use super::layout::{Layout, Sizes};
use super::network::Network;
use super::part::Part;
use crate::error::{Error, Result};
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use std::ops::Range;

const WHAT: &str = "composer weights file";
const MAGIC: &[u8; 8] = b"riffcomp";
const VERSION: u32 = 3;
const HEADER_WORDS: usize = 14;

/// One network of a file: its layout and where its parameters lie.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The network's layout.
    pub layout: Layout,
    /// Its bytes in the file.
    pub bytes: Range<usize>,
}

/// FNV-1a over 64-bit words, the last one filled up with zeros: one changed word always changes it.
pub fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// A file of these networks.
pub fn write(networks: &[(Part, Sizes, &[f32])]) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend((networks.len() as u32).to_le_bytes());
    for (part, sizes, parameters) in networks {
        for word in header(*part, *sizes) {
            body.extend(word.to_le_bytes());
        }
        for &parameter in *parameters {
            body.extend(f16::from_f32(parameter).to_le_bytes());
        }
    }
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_le_bytes());
    file.extend(checksum(&body).to_le_bytes());
    file.extend(body);
    file
}

/// What a file holds.
///
/// # Errors
/// Other bytes, a truncated or changed file, or networks of another version's shape.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry>> {
    let truncated = || Error::format(WHAT, format!("it ends after {} bytes", bytes.len()));
    if !bytes.starts_with(MAGIC) {
        return Err(Error::format(WHAT, "it does not start with `riffcomp`"));
    }
    let word = |at: usize| -> Result<u32> {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).ok_or_else(truncated)?;
        Ok(u32::from_le_bytes(word))
    };
    let version = word(8)?;
    if version != VERSION {
        return Err(Error::Unsupported { what: WHAT, reason: format!("version {version}, only {VERSION} is read") });
    }
    let sum = u64::from(word(12)?) | u64::from(word(16)?) << 32;
    let body = bytes.get(20..).ok_or_else(truncated)?;
    if checksum(body) != sum {
        return Err(Error::format(WHAT, "its checksum does not match: it is truncated or was changed"));
    }
    let mut entries = Vec::new();
    let mut at = 24;
    for _ in 0..word(20)? {
        let words = (0..HEADER_WORDS).map(|index| word(at + 4 * index)).collect::<Result<Vec<u32>>>()?;
        let part = Part::ALL.get(words[0] as usize).copied();
        let part = part.ok_or_else(|| Error::format(WHAT, format!("part {} does not exist", words[0])))?;
        let size = |index: usize| (words[index] as usize).clamp(1, 4096);
        let sizes = Sizes { hidden: size(1), cells: size(2), blocks: size(3).min(16), mix: size(4), tail: size(5) };
        if header(part, sizes)[..] != words[..] {
            let reason = format!("the network of part {} was trained with other features", part.name());
            return Err(Error::Unsupported { what: WHAT, reason });
        }
        let layout = Layout::new(part, sizes);
        let start = at + 4 * HEADER_WORDS;
        at = start + 2 * layout.total;
        if at > bytes.len() {
            return Err(truncated());
        }
        entries.push(Entry { layout, bytes: start..at });
    }
    if at != bytes.len() {
        return Err(Error::format(WHAT, format!("{} bytes follow its end", bytes.len() - at)));
    }
    Ok(entries)
}

impl Entry {
    /// The network, from the bytes of its file.
    pub fn network(&self, file: &[u8]) -> Network {
        let bits: Vec<u16> =
            file[self.bytes.clone()].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let mut parameters = vec![0.0; bits.len()];
        bits.reinterpret_cast::<f16>().convert_to_f32_slice(&mut parameters);
        Network::new(self.layout.clone(), parameters)
    }
}

fn header(part: Part, sizes: Sizes) -> [u32; HEADER_WORDS] {
    let Widths { inputs, onset, at, symbol, tail, length, velocity, offset } = Widths::of(part);
    let Sizes { hidden, cells, blocks, mix, tail: tail_size } = sizes;
    let sizes = [part as usize, hidden, cells, blocks, mix, tail_size];
    let widths = [inputs, onset, at, symbol, tail, length, velocity, offset];
    std::array::from_fn(|index| *sizes.iter().chain(&widths).nth(index).unwrap_or(&0) as u32)
}
