//! A training run as bytes: numbers and networks, to go on from later.

use crate::error::{Error, Result};
use crate::refiner::parameters::checksum;

/// First bytes of a checkpoint.
const MAGIC: &[u8; 8] = b"riffckp1";

/// Packs sections: magic, FNV-1a of what follows, then the length and the bytes of each section; little-endian.
pub fn pack(sections: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    for section in sections {
        body.extend((section.len() as u64).to_le_bytes());
        body.extend(section);
    }
    [&MAGIC[..], &checksum(&body).to_le_bytes(), &body].concat()
}

/// The sections of a checkpoint.
///
/// # Errors
/// If the bytes are not an undamaged checkpoint of exactly `count` sections.
pub fn unpack(bytes: &[u8], count: usize) -> Result<Vec<Vec<u8>>> {
    let broken = || Error::format("refiner checkpoint", "it is damaged, cut short, or something else");
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(broken)?;
    let (sum, mut body) = rest.split_at_checked(8).ok_or_else(broken)?;
    if sum != checksum(body).to_le_bytes() {
        return Err(broken());
    }
    let mut sections = Vec::new();
    while let Some((length, rest)) = body.split_first_chunk::<8>() {
        let (section, rest) = rest.split_at_checked(u64::from_le_bytes(*length) as usize).ok_or_else(broken)?;
        sections.push(section.to_vec());
        body = rest;
    }
    if sections.len() == count && body.is_empty() { Ok(sections) } else { Err(broken()) }
}

/// Numbers as bytes.
pub fn floats_to_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Bytes as numbers.
pub fn bytes_to_floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_come_back_and_damage_is_found() {
        let sections = vec![vec![1, 2, 3], Vec::new(), floats_to_bytes(&[0.5, -2.0])];
        let bytes = pack(&sections);
        assert_eq!(unpack(&bytes, 3), Ok(sections.clone()));
        assert_eq!(bytes_to_floats(&sections[2]), [0.5, -2.0]);
        assert!(unpack(&bytes, 2).is_err());
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(unpack(&damaged, 3).is_err());
            assert!(unpack(&bytes[..at], 3).is_err());
        }
    }
}
