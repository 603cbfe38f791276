//! Numbers and text as bytes: seven bits a byte, the lowest first, the eighth set while more follow (LEB128).

use super::WHAT;
use crate::error::{Error, Result};

/// Bytes being written.
#[derive(Default)]
pub struct Output(Vec<u8>);

impl Output {
    /// A number.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A count or index.
    pub fn count(&mut self, value: usize) {
        self.number(value as u64);
    }

    /// A number that may be negative: 0, -1, 1, -2, 2 are 0, 1, 2, 3, 4.
    pub fn signed(&mut self, value: i64) {
        self.number((value << 1 ^ value >> 63) as u64);
    }

    /// Text with its length.
    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Eight bytes as they are.
    pub fn fixed(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Bytes being read.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// From the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// True when all is read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(|| broken("it breaks off"))?;
        self.0 = rest;
        Ok(bytes)
    }

    /// A number.
    pub fn number(&mut self) -> Result<u64> {
        let mut value = 0;
        for (index, &byte) in self.0.iter().enumerate().take(10) {
            let bits = u64::from(byte & 0x7f);
            value |= bits.checked_shl(7 * index as u32).unwrap_or(0);
            if byte < 0x80 {
                self.0 = &self.0[index + 1..];
                return Ok(value);
            }
        }
        Err(broken("a number does not end"))
    }

    /// A number that is less than `limit`.
    pub fn below(&mut self, limit: u64, what: &str) -> Result<u64> {
        let value = self.number()?;
        if value < limit { Ok(value) } else { Err(broken(what)) }
    }

    /// How many things follow, each of which takes a byte at least.
    pub fn count(&mut self) -> Result<usize> {
        let count = self.number()?;
        usize::try_from(count).ok().filter(|&count| count <= self.0.len()).ok_or_else(|| broken("it breaks off"))
    }

    /// A number that may be negative.
    pub fn signed(&mut self) -> Result<i64> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Text with its length.
    pub fn text(&mut self) -> Result<String> {
        let length = self.count()?;
        String::from_utf8(self.bytes(length)?.to_vec()).map_err(|_| broken("a text is not UTF-8"))
    }

    /// Eight bytes as they are.
    pub fn fixed_u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.bytes(8)?.try_into().expect("eight bytes were taken")))
    }

    /// Four bytes as they are.
    pub fn fixed_u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.bytes(4)?.try_into().expect("four bytes were taken")))
    }
}

/// What is wrong with a file's body.
pub fn broken(reason: &str) -> Error {
    Error::format(WHAT, reason)
}
