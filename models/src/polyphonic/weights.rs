//! The weights file of an ensemble of networks.
//!
//! Little-endian: the magic `riffroll`, version `u32`, checksum `u64` of all that follows, number of networks `u32`; for each a
//! header of seven `u32` (four sizes, the order, numbers of features and of columns) and its parameters as
//! half-precision floats.

use super::inputs::INPUTS;
use super::layout::{Layout, Sizes};
use super::order::Order;
use super::relations::COLUMNS;
use crate::composer::weights::checksum;
use crate::error::{Error, Result};
use half::f16;

const WHAT: &str = "weights file of a polyphonic network";
const MAGIC: &[u8; 8] = b"riffroll";
const VERSION: u32 = 1;
/// Where the networks begin.
const BODY: usize = 8 + 4 + 8;
const HEADER: usize = 7;

/// A trained network.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its sizes.
    pub sizes: Sizes,
    /// The order in which it decides.
    pub order: Order,
    /// Its parameters.
    pub parameters: Vec<f32>,
}

/// A file of these networks.
pub fn write(members: &[Member]) -> Vec<u8> {
    let mut body = (members.len() as u32).to_le_bytes().to_vec();
    for member in members {
        body.extend(header(member.sizes, member.order).into_iter().flat_map(u32::to_le_bytes));
        body.extend(member.parameters.iter().flat_map(|&number| f16::from_f32(number).to_le_bytes()));
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
/// Other bytes, a truncated or changed file, or networks with other features.
pub fn read(bytes: &[u8]) -> Result<Vec<Member>> {
    if !bytes.starts_with(MAGIC) {
        return Err(Error::format(WHAT, "it does not start with `riffroll`"));
    }
    let word = |at: usize| -> Result<u32> {
        let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
        word.map(|word| u32::from_le_bytes(*word))
            .ok_or_else(|| Error::format(WHAT, format!("it ends after {} bytes", bytes.len())))
    };
    let version = word(8)?;
    if version != VERSION {
        return Err(Error::Unsupported { what: WHAT, reason: format!("version {version}, only {VERSION} is read") });
    }
    if checksum(bytes.get(BODY..).unwrap_or_default()) != u64::from(word(12)?) | u64::from(word(16)?) << 32 {
        return Err(Error::format(WHAT, "its checksum does not match: it is truncated or was changed"));
    }
    let mut members = Vec::new();
    let mut at = BODY + 4;
    for _ in 0..word(BODY)? {
        let words = (0..HEADER).map(|index| word(at + 4 * index)).collect::<Result<Vec<u32>>>()?;
        let size = |index: usize| (words[index] as usize).clamp(1, 4096);
        let sizes = Sizes { hidden: size(0), cells: size(1), wide: size(2), blocks: size(3).min(16) };
        let order = Order::ALL.get(words[4] as usize).copied();
        let order = order.ok_or_else(|| Error::format(WHAT, format!("there is no order {}", words[4])))?;
        if header(sizes, order)[..] != words[..] {
            return Err(Error::Unsupported { what: WHAT, reason: "it was trained with other features".into() });
        }
        let start = at + 4 * HEADER;
        at = start + 2 * Layout::new(sizes).total;
        let numbers = bytes.get(start..at).ok_or_else(|| Error::format(WHAT, "it ends within a network"))?;
        let parameters = numbers.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect();
        members.push(Member { sizes, order, parameters });
    }
    if at != bytes.len() {
        return Err(Error::format(WHAT, format!("{} bytes follow its end", bytes.len() - at)));
    }
    Ok(members)
}

fn header(sizes: Sizes, order: Order) -> [u32; HEADER] {
    let Sizes { hidden, cells, wide, blocks } = sizes;
    [hidden, cells, wide, blocks, order as usize, INPUTS, COLUMNS].map(|word| word as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_come_back_as_half_precision_keeps_them() {
        let sizes = Sizes { hidden: 2, cells: 3, wide: 4, blocks: 1 };
        let parameters = (0..Layout::new(sizes).total).map(|index| index as f32 / 1024.0).collect();
        let members = [Member { sizes, order: Order::Up, parameters }];
        let bytes = write(&members);
        let found = read(&bytes).expect("what was written");
        assert_eq!((found[0].sizes, found[0].order), (sizes, Order::Up));
        let kept = |number: &f32| f16::from_f32(*number).to_f32();
        assert_eq!(found[0].parameters, members[0].parameters.iter().map(kept).collect::<Vec<_>>());
        for broken in [&bytes[..bytes.len() - 2], &bytes[1..], &[&bytes[..], &[0]].concat()[..]] {
            assert!(read(broken).is_err());
        }
    }
}
