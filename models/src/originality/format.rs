//! The index as bytes: names of the pieces, then two sorted tables of (hash, piece), then a checksum.

use super::Originality;
use crate::composer::weights::checksum;
use crate::error::{Error, Result};
use std::borrow::Cow;

const MAGIC: &[u8; 8] = b"RSORIG01";
/// Bytes of a row: hash and piece.
const ROW: usize = 6;

/// Figures by their hash, each with the pieces that have it.
#[derive(Debug, Clone)]
pub struct Table(Cow<'static, [u8]>);

impl Table {
    /// From rows sorted by hash.
    pub fn new(rows: &[(u32, u16)]) -> Self {
        debug_assert!(rows.is_sorted());
        let bytes = |&(hash, piece): &(u32, u16)| {
            let mut row = [0; ROW];
            row[..4].copy_from_slice(&hash.to_le_bytes());
            row[4..].copy_from_slice(&piece.to_le_bytes());
            row
        };
        Self(rows.iter().flat_map(bytes).collect())
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.0.len() / ROW
    }

    fn row(&self, index: usize) -> (u32, u16) {
        let row = &self.0[index * ROW..][..ROW];
        (u32::from_le_bytes([row[0], row[1], row[2], row[3]]), u16::from_le_bytes([row[4], row[5]]))
    }

    /// The pieces that have a figure.
    pub fn sources(&self, hash: u32) -> impl Iterator<Item = u16> + '_ {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.row(middle).0 < hash { low = middle + 1 } else { high = middle }
        }
        (low..self.len()).map(|index| self.row(index)).take_while(move |row| row.0 == hash).map(|row| row.1)
    }
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
            bytes.extend((table.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&table.0);
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
        let mut table = || {
            let count = number(take(4)?);
            let range = take(count.checked_mul(ROW).ok_or_else(broken)?)?;
            Ok::<_, Error>(Table(match &bytes {
                Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[range]),
                Cow::Owned(bytes) => Cow::Owned(bytes[range].to_vec()),
            }))
        };
        let (melodies, drums) = (table()?, table()?);
        Ok(Self::new(sources, melodies, drums))
    }
}
