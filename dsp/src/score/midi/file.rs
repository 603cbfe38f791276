//! The chunks of a MIDI file, its unit of time and the events of a track.

use crate::error::{Error, Result};
use crate::score::Ticks;
use midly::{EventIter, Format, TrackEventKind};

/// What error messages call the format.
pub const WHAT: &str = "MIDI file";

/// The events of a track, the `number`th from 0, with their positions in file ticks; the end of the track is the last one if it is there.
///
/// # Errors
/// A broken event.
pub fn events<'a>(number: usize, bytes: &'a [u8]) -> impl Iterator<Item = Result<(u64, TrackEventKind<'a>)>> {
    let mut events = EventIter::new(bytes);
    let mut position = 0u64;
    std::iter::from_fn(move || {
        // midly swallows a broken event and what follows; only what was unread before it tells.
        let unread = events.unread().len();
        let Some(event) = events.next() else {
            let at = bytes.len() - unread;
            let broken = || Error::format(WHAT, format!("track {}: broken event at byte {at}", number + 1));
            return (unread > 0).then(|| Err(broken()));
        };
        Some(event.map_err(|error| Error::format(WHAT, error)).map(|event| {
            position += u64::from(event.delta.as_int());
            (position, event.kind)
        }))
    })
}

/// How file ticks become score ticks: `position * numerator / denominator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    numerator: u64,
    denominator: u64,
    /// True if the file counts seconds (SMPTE), so that its tempo events mean nothing.
    pub is_seconds: bool,
}

impl Scale {
    /// From the header's division word.
    fn new(division: [u8; 2]) -> Result<Self> {
        let quarter = u64::from(Ticks::PER_QUARTER);
        let [high, low] = division;
        // At 120 BPM a second is two quarter notes.
        let (numerator, denominator, is_seconds) = match high {
            0..0x80 => (quarter, u64::from(u16::from_be_bytes(division)), false),
            // Minus 29 stands for 29.97 = 30 / 1.001 frames per second.
            0xe3 => (2 * quarter * 1001, 30_000 * u64::from(low), true),
            _ => match high.wrapping_neg() {
                fps @ (24 | 25 | 30) => (2 * quarter, u64::from(fps) * u64::from(low), true),
                fps => {
                    return Err(Error::format(WHAT, format!("{fps} SMPTE frames per second; 24, 25, 29 or 30 exist")));
                }
            },
        };
        if denominator == 0 {
            return Err(Error::format(WHAT, "its time has no resolution: 0 ticks"));
        }
        Ok(Self { numerator, denominator, is_seconds })
    }

    /// The nearest score tick to a position in file ticks, after `origin`.
    pub fn ticks(self, position: u64, origin: u32) -> Result<Ticks> {
        let scaled = u128::from(position) * u128::from(self.numerator) + u128::from(self.denominator) / 2;
        u32::try_from(scaled / u128::from(self.denominator) + u128::from(origin)).map(Ticks).map_err(|_| {
            Error::Unsupported { what: WHAT, reason: format!("longer than {} quarter notes", u32::MAX / 480) }
        })
    }
}

impl Scale {
    /// The position in file ticks nearest to a score tick.
    pub fn position(self, ticks: Ticks) -> u64 {
        let scaled = u128::from(ticks.0) * u128::from(self.denominator) + u128::from(self.numerator) / 2;
        (scaled / u128::from(self.numerator)) as u64
    }
}

/// A file's header and the bytes of its tracks.
pub struct File<'a> {
    /// How its tracks belong together.
    pub format: Format,
    /// The header's division word.
    pub division: [u8; 2],
    /// What that means.
    pub scale: Scale,
    /// The bytes of each track.
    pub tracks: Vec<&'a [u8]>,
}

impl<'a> File<'a> {
    pub fn split(bytes: &'a [u8]) -> Result<Self> {
        let bytes = unwrapped(bytes);
        let Some((b"MThd", header, mut rest)) = chunk(bytes) else {
            return Err(Error::format(WHAT, "it does not start with an MThd header"));
        };
        let &[0, format, count_high, count_low, division_high, division_low, ..] = header else {
            return Err(Error::format(WHAT, "its header is too short or of an unknown format"));
        };
        let format = match format {
            0 => Format::SingleTrack,
            1 => Format::Parallel,
            2 => Format::Sequential,
            _ => {
                return Err(Error::Unsupported { what: WHAT, reason: format!("format {format}; 0, 1 and 2 are read") });
            }
        };
        let division = [division_high, division_low];
        let scale = Scale::new(division)?;
        let declared = usize::from(u16::from_be_bytes([count_high, count_low]));
        let mut tracks = Vec::new();
        while let Some((name, data, after)) = chunk(rest) {
            if name == b"MTrk" {
                tracks.push(data);
            }
            rest = after;
        }
        if tracks.is_empty() || tracks.len() < declared {
            let reason = format!("it breaks off: {} of {declared} tracks are complete", tracks.len());
            return Err(Error::format(WHAT, reason));
        }
        Ok(Self { format, division, scale, tracks })
    }
}

/// What a RIFF envelope (`RMID`) holds, or the bytes themselves.
fn unwrapped(bytes: &[u8]) -> &[u8] {
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'R', b'M', b'I', b'D', b'd', b'a', b't', b'a', _, _, _, _, data @ ..] => {
            data
        }
        _ => bytes,
    }
}

/// Name, data and remainder of the chunk at the start of `bytes`, if it is complete.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (name, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (data, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((name, data, rest))
}
