//! The index as bytes: names of the pieces, then two sorted tables of (hash, piece), then a checksum.

use super::Originality;
use crate::composer::weights::checksum;
use crate::error::{Error, Result};
use std::borrow::Cow;

const MAGIC: &[u8; 8] = b"RSORIG02";
/// Bytes of a row: the lower half of what is kept of the hash, and the piece.
const ROW: usize = 4;
/// Bytes of an offset.
const OFFSET: usize = 4;

/// Figures by their hash, each with the pieces that have it: buckets by the hash's highest bits, in each the next sixteen bits and the
/// piece, sorted. So a row takes four bytes, and what is looked up is compared in 16 bits more than there are buckets.
#[derive(Debug, Clone)]
pub struct Table {
    /// Bits that choose the bucket.
    bits: u32,
    /// Where each bucket begins, in rows, and where the last one ends.
    offsets: Cow<'static, [u8]>,
    rows: Cow<'static, [u8]>,
}

impl Table {
    /// From rows sorted by hash, at most 16 `bits` to choose a bucket by.
    pub fn new(rows: &[(u32, u16)], bits: u32) -> Self {
        debug_assert!(rows.is_sorted() && (1..=16).contains(&bits));
        let first =
            |bucket: u32| rows.partition_point(|row| u64::from(row.0) < u64::from(bucket) << (32 - bits)) as u32;
        let offsets = (0..=1 << bits).flat_map(|bucket| first(bucket).to_le_bytes()).collect();
        let row = |&(hash, piece): &(u32, u16)| {
            let [low, high] = low_bits(hash, bits).to_le_bytes();
            let [first, second] = piece.to_le_bytes();
            [low, high, first, second]
        };
        Self { bits, offsets, rows: rows.iter().flat_map(row).collect() }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len() / ROW
    }

    /// The pieces that have a figure.
    pub fn sources(&self, hash: u32) -> impl Iterator<Item = u16> + '_ {
        let bucket = (hash >> (32 - self.bits)) as usize;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0usize, |number, &byte| number << 8 | usize::from(byte));
        let at = |bucket: usize| number(&self.offsets[bucket * OFFSET..][..OFFSET]).min(self.len());
        let (from, to) = (at(bucket), at(bucket + 1));
        let wanted = low_bits(hash, self.bits);
        let rows = self.rows.get(from * ROW..to * ROW).unwrap_or_default().chunks_exact(ROW);
        rows.filter(move |row| u16::from_le_bytes([row[0], row[1]]) == wanted)
            .map(|row| u16::from_le_bytes([row[2], row[3]]))
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.bits as u8);
        bytes.extend((self.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&self.offsets);
        bytes.extend_from_slice(&self.rows);
    }
}

/// The sixteen bits after the highest `bits`.
fn low_bits(hash: u32, bits: u32) -> u16 {
    (hash >> (16 - bits)) as u16
}

impl Originality {
    pub(super) fn new(sources: Vec<String>, melodies: Table, drums: Table) -> Self {
        Self { sources, melodies, drums }
    }

    /// As an index file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.sources.len() as u32).to_le_bytes());
        for source in &self.sources {
            bytes.extend((source.len() as u16).to_le_bytes());
            bytes.extend(source.as_bytes());
        }
        for table in [&self.melodies, &self.drums] {
            table.write(&mut bytes);
        }
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    pub(super) fn read(bytes: Cow<'static, [u8]>) -> Result<Self> {
        let broken = || Error::format("index of training music", "it is truncated or changed");
        let end = bytes.len().checked_sub(8).ok_or_else(broken)?;
        let sum = u64::from_le_bytes(bytes[end..].try_into().map_err(|_| broken())?);
        if !bytes.starts_with(MAGIC) || checksum(&bytes[..end]) != sum {
            return Err(broken());
        }
        let mut at = MAGIC.len();
        let mut take = |count: usize| {
            let range = at..at.checked_add(count).filter(|&to| to <= end).ok_or_else(broken)?;
            at = range.end;
            Ok::<_, Error>(range)
        };
        let number = |range: std::ops::Range<usize>| {
            bytes[range].iter().rev().fold(0usize, |number, &byte| number << 8 | usize::from(byte))
        };
        let mut sources = Vec::new();
        for _ in 0..number(take(4)?) {
            let range = take(2)?;
            let text = take(number(range))?;
            sources.push(String::from_utf8_lossy(&bytes[text]).into_owned());
        }
        let part = |range: std::ops::Range<usize>| match &bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[range]),
            Cow::Owned(bytes) => Cow::Owned(bytes[range].to_vec()),
        };
        let mut table = || {
            let bits = number(take(1)?) as u32;
            let count = number(take(4)?);
            if !(1..=16).contains(&bits) {
                return Err(broken());
            }
            let offsets = part(take(((1 << bits) + 1) * OFFSET)?);
            let rows = part(take(count.checked_mul(ROW).ok_or_else(broken)?)?);
            Ok::<_, Error>(Table { bits, offsets, rows })
        };
        let (melodies, drums) = (table()?, table()?);
        Ok(Self::new(sources, melodies, drums))
    }
}
