//! Everything that a WAV file says.

use super::checks;
use super::chunks::{Acid, Broadcast, CuePoint, Format, Info, Instrument, Sampler};
use super::riff::{self, Chunk, Riff};
use riffsmith_dsp::{Error, Result};

const WHAT: &str = "WAV file";

/// Everything that a WAV file says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// How its samples are stored.
    pub format: Format,
    /// Where its samples are.
    pub data: Data,
    /// Its length; `None` where a compressed format does not say.
    pub frames: Option<u64>,
    /// Tempo, beats, metre and root.
    pub acid: Option<Acid>,
    /// Tuning and loops.
    pub sampler: Option<Sampler>,
    /// Keys and velocities.
    pub instrument: Option<Instrument>,
    /// Points, with their names.
    pub cues: Vec<CuePoint>,
    /// Texts.
    pub info: Info,
    /// What broadcasters say.
    pub broadcast: Option<Broadcast>,
    /// Frames by the `fact` chunk.
    pub fact_frames: Option<u32>,
    /// All chunks in their order.
    pub chunks: Vec<ChunkEntry>,
    /// What is broken, or does not agree.
    pub warnings: Vec<String>,
}

/// Where the samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data {
    /// Bytes from the start of the file.
    pub offset: usize,
    /// Bytes that the header gives.
    pub declared: u32,
    /// Bytes that are there.
    pub present: usize,
    /// Whether the header never got a size: then all that follows is data.
    pub streamed: bool,
}

impl Data {
    /// Whether some of the data is missing.
    pub fn is_cut(&self) -> bool {
        !self.streamed && self.present < self.declared as usize
    }
}

/// A line in the table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkEntry {
    /// Its id, and the type of a list.
    pub name: String,
    /// Bytes of its payload by its header.
    pub size: u32,
    /// Where its payload begins, in bytes from the start of the file.
    pub offset: usize,
    /// Whether this program knows what it holds.
    pub known: bool,
}

/// Reads everything that a WAV file says. What is broken beside the sound is left out, and named in the warnings.
///
/// # Errors
/// If it is no WAV file, its form is not supported (RF64, RIFX), or `fmt ` or `data` is missing or broken.
pub fn describe(bytes: &[u8]) -> Result<Description> {
    let file = riff::walk(bytes)?;
    let (format, data) = (format(&file)?, data(&file)?);
    let mut description = Description {
        format,
        data,
        frames: None,
        acid: None,
        sampler: None,
        instrument: None,
        cues: Vec::new(),
        info: Info::default(),
        broadcast: None,
        fact_frames: None,
        chunks: file.chunks.iter().map(entry).collect(),
        warnings: file.defects.iter().map(|defect| defect.text.clone()).collect(),
    };
    description.read_chunks(&file);
    description.frames = match format.sample_bytes() {
        Some(_) => Some(data.present as u64 / u64::from(format.frame_bytes)),
        None => description.fact_frames.map(u64::from),
    };
    let found = checks::contradictions(&description, &file);
    description.warnings.extend(found);
    Ok(description)
}

impl Description {
    /// Length in seconds, where it is known.
    pub fn seconds(&self) -> Option<f64> {
        self.frames.map(|frames| frames as f64 / f64::from(self.format.rate_hz.max(1)))
    }

    /// The frames of a loop: up to the end of the one loop from the start, where there is one, as a tail may follow it.
    pub fn loop_frames(&self) -> Option<u64> {
        let frames = self.frames?;
        let end = match self.sampler.as_ref().map(|sampler| sampler.loops.as_slice()) {
            Some([only]) if only.first_frame == 0 => u64::from(only.last_frame) + 1,
            _ => frames,
        };
        // One frame more is the classic mistake, and not a length.
        Some(end.min(frames))
    }

    fn read_chunks(&mut self, file: &Riff) {
        let first = |id: &[u8; 4]| file.chunks.iter().find(|chunk| &chunk.id == id).map(|chunk| chunk.payload);
        self.acid = first(b"acid").and_then(Acid::read);
        self.sampler = first(b"smpl").and_then(Sampler::read);
        self.instrument = first(b"inst").and_then(Instrument::read);
        self.broadcast = first(b"bext").and_then(Broadcast::read);
        self.fact_frames = first(b"fact").and_then(|payload| riff::Fields::new(payload).u32());
        self.cues = first(b"cue ").map(CuePoint::read_all).unwrap_or_default();
        for list in &file.chunks {
            if list.is_list(b"INFO") {
                self.info.read(list.payload);
            } else if list.is_list(b"adtl") {
                let labels = CuePoint::labels(list.payload);
                for cue in self.cues.iter_mut().filter(|cue| cue.label.is_none()) {
                    cue.label = labels.get(&cue.id).cloned();
                }
            }
        }
    }
}

fn format(file: &Riff) -> Result<Format> {
    let chunk = file.chunks.iter().find(|chunk| &chunk.id == b"fmt ");
    let chunk = chunk.ok_or_else(|| Error::format(WHAT, "it has no fmt chunk"))?;
    let format = Format::read(chunk.payload).ok_or_else(|| Error::format(WHAT, "its fmt chunk is too short"))?;
    if format.channels == 0 || format.frame_bytes == 0 || format.rate_hz == 0 {
        return Err(Error::format(WHAT, "its fmt chunk has no channels, no bytes or no rate"));
    }
    Ok(format)
}

fn data(file: &Riff) -> Result<Data> {
    let chunk = file.chunks.iter().find(|chunk| &chunk.id == b"data");
    let Chunk { offset, size, payload, streamed, .. } =
        *chunk.ok_or_else(|| Error::format(WHAT, "it has no data chunk"))?;
    Ok(Data { offset, declared: size, present: payload.len(), streamed })
}

fn entry(chunk: &Chunk) -> ChunkEntry {
    const KNOWN: [&[u8; 4]; 8] = [b"fmt ", b"fact", b"data", b"acid", b"smpl", b"inst", b"cue ", b"bext"];
    let known = KNOWN.contains(&&chunk.id) || chunk.is_list(b"INFO") || chunk.is_list(b"adtl");
    ChunkEntry { name: chunk.name(), size: chunk.size, offset: chunk.offset, known }
}
