//! A corpus as one file, which is read many times faster than the sets that it was made of.
//!
//! After the magic bytes `riffcorp` come, little-endian, the version (4 bytes), the length of what is packed (8 bytes) and the
//! FNV-1a hash of the bytes that follow (8 bytes). Those are deflated: numbers of seven bits a byte, differences where values follow
//! one another, each property of a part's notes in a row of its own.

mod body;
mod numbers;

use super::Corpus;
use crate::error::{Error, Result};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use numbers::{Input, Output};
use std::io::{Read, Write};

/// What the file starts with.
pub const MAGIC: &[u8; 8] = b"riffcorp";

/// The format of this program's files. A change of the body needs another one.
const VERSION: u32 = 1;

/// What error messages call the format.
const WHAT: &str = "corpus file";

/// Magic, version, length and hash.
const HEADER: usize = 28;

/// The most that a file may unpack to: fifty times as much as all sets that are known.
const MAX_UNPACKED: u64 = 1 << 30;

/// The bytes of a corpus file.
pub fn pack(corpus: &Corpus) -> Vec<u8> {
    let mut body = Output::default();
    body::write(corpus, &mut body);
    let body = body.into_bytes();
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(&body).and_then(|()| packer.finish()).expect("memory takes all that is written");
    let mut bytes = Vec::with_capacity(HEADER + packed.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&hash(&packed).to_le_bytes());
    bytes.extend_from_slice(&packed);
    bytes
}

/// The corpus of a file's bytes.
///
/// # Errors
/// Bytes of something else, of a newer version, or that were changed since.
pub fn unpack(bytes: &[u8]) -> Result<Corpus> {
    let broken = |reason: &str| Error::format(WHAT, reason);
    let Some((header, packed)) = bytes.split_at_checked(HEADER).filter(|(header, _)| header.starts_with(MAGIC)) else {
        return Err(broken("it does not start with `riffcorp`"));
    };
    let mut fields = Input::new(&header[MAGIC.len()..]);
    let (version, length, sum) = (fields.fixed_u32()?, fields.fixed_u64()?, fields.fixed_u64()?);
    if version != VERSION {
        let reason = format!("version {version}; this program reads {VERSION}: build it again");
        return Err(Error::Unsupported { what: WHAT, reason });
    }
    if hash(packed) != sum {
        return Err(broken("its checksum is wrong: it was cut off or changed"));
    }
    if length > MAX_UNPACKED {
        return Err(broken("it says that it is larger than any"));
    }
    let mut body = Vec::new();
    let read = DeflateDecoder::new(packed).take(length + 1).read_to_end(&mut body);
    if read.is_err() || body.len() as u64 != length {
        return Err(broken("it does not unpack to the length that it says"));
    }
    body::read(&mut Input::new(&body))
}

/// FNV-1a, 64 bits (Fowler, Noll and Vo, 1991).
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
