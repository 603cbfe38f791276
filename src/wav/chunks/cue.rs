//! `cue ` and `LIST adtl`: points in a sound, and their names.

use crate::wav::riff::{self, Fields};
use std::collections::BTreeMap;

/// A point in a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CuePoint {
    /// Its number, by which names refer to it.
    pub id: u32,
    /// Where it is.
    pub frame: u32,
    /// Its name.
    pub label: Option<String>,
}

impl CuePoint {
    /// Reads the payload of `cue `, as many points as are there; names come from [`labels`].
    pub fn read_all(payload: &[u8]) -> Vec<Self> {
        let mut fields = Fields::new(payload);
        let count = fields.u32().unwrap_or(0);
        let point = |fields: &mut Fields| {
            let (id, _position) = (fields.u32()?, fields.u32()?);
            let (_chunk, _chunk_start, _block_start) = (fields.u32()?, fields.u32()?, fields.u32()?);
            Some(Self { id, frame: fields.u32()?, label: None })
        };
        (0..count).map_while(|_| point(&mut fields)).collect()
    }

    /// How many points the payload announces, whether they are there or not.
    pub fn announced(payload: &[u8]) -> u32 {
        Fields::new(payload).u32().unwrap_or(0)
    }

    /// The `cue ` chunk of `points`.
    pub fn chunk(points: &[Self]) -> Vec<u8> {
        let mut payload = (points.len() as u32).to_le_bytes().to_vec();
        for point in points {
            payload.extend_from_slice(&point.id.to_le_bytes());
            payload.extend_from_slice(&point.frame.to_le_bytes());
            payload.extend_from_slice(b"data");
            payload.extend_from_slice(&[0; 8]);
            payload.extend_from_slice(&point.frame.to_le_bytes());
        }
        riff::chunk(b"cue ", &payload)
    }

    /// The `LIST adtl` chunk with the names of `points`.
    pub fn label_chunk(points: &[Self]) -> Vec<u8> {
        let mut list = b"adtl".to_vec();
        for (id, label) in points.iter().filter_map(|point| Some((point.id, point.label.as_deref()?))) {
            list.extend(riff::chunk(b"labl", &[&id.to_le_bytes()[..], &riff::terminated(label)].concat()));
        }
        riff::chunk(b"LIST", &list)
    }

    /// The names in the payload of `LIST adtl`, by the numbers of their points.
    pub fn labels(list: &[u8]) -> BTreeMap<u32, String> {
        let labels = riff::within(list).filter(|(id, _)| id == b"labl");
        labels
            .filter_map(|(_, payload)| {
                let (id, text) = payload.split_first_chunk::<4>()?;
                Some((u32::from_le_bytes(*id), riff::text(text)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Vec<CuePoint> {
        let label = |text: &str| Some(text.to_owned());
        vec![
            CuePoint { id: 1, frame: 0, label: label("bar 1") },
            CuePoint { id: 2, frame: 88_200, label: label("middle") },
            CuePoint { id: 3, frame: 90_000, label: None },
        ]
    }

    #[test]
    fn points_have_24_bytes_each_and_names_a_zero_at_their_end() {
        let bytes = CuePoint::chunk(&points()[1..2]);
        let point = b"\x02\0\0\0\x88\x58\x01\0data\0\0\0\0\0\0\0\0\x88\x58\x01\0";
        assert_eq!(bytes, [b"cue \x1c\0\0\0\x01\0\0\0", &point[..]].concat());
        let list = CuePoint::label_chunk(&points()[..2]);
        assert_eq!(
            list,
            b"LIST\x2a\0\0\0adtllabl\x0a\0\0\0\x01\0\0\0bar 1\0labl\x0b\0\0\0\x02\0\0\0middle\0\0".to_vec()
        );
    }

    #[test]
    fn points_and_names_are_read_back() {
        let (bytes, list) = (CuePoint::chunk(&points()), CuePoint::label_chunk(&points()));
        let mut read = CuePoint::read_all(&bytes[8..]);
        let labels = CuePoint::labels(&list[8..]);
        for point in &mut read {
            point.label = labels.get(&point.id).cloned();
        }
        assert_eq!(read, points());
        // Announced are more than there are.
        let mut payload = bytes[8..].to_vec();
        payload[0] = 200;
        assert_eq!((CuePoint::announced(&payload), CuePoint::read_all(&payload).len()), (200, 3));
    }
}
