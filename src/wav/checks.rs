//! What does not agree in a file: lengths, tempos, roots and loop points that cannot all be true.

use super::Description;
use super::chunks::{Acid, CuePoint, Encoding, Format, Instrument, Sampler, SamplerLoop};
use super::riff::{Chunk, Riff};

/// Beats may be off a whole number by this share before tempo and length disagree.
pub const TOLERANCE: f64 = 0.01;

/// All contradictions in a file, in words.
pub fn contradictions(description: &Description, file: &Riff) -> Vec<String> {
    let mut found = Vec::new();
    order(file, &mut found);
    format(&description.format, &mut found);
    length(description, &mut found);
    unread(description, file, &mut found);
    if let Some(sampler) = &description.sampler {
        loops(sampler, description, &mut found);
    }
    cues(description, file, &mut found);
    if let Some(instrument) = &description.instrument {
        ranges(instrument, &mut found);
    }
    if let Some(acid) = &description.acid {
        found.extend(music(acid, description));
    }
    found.extend(roots(description));
    found
}

/// What is there twice, or where some programs do not look.
fn order(file: &Riff, found: &mut Vec<String>) {
    const ONCE: [&[u8; 4]; 8] = [b"fmt ", b"fact", b"data", b"acid", b"smpl", b"inst", b"cue ", b"bext"];
    for id in ONCE {
        if file.chunks.iter().filter(|chunk| &chunk.id == id).count() > 1 {
            let name = String::from_utf8_lossy(id);
            found.push(format!("{} is there more than once: the first counts", name.trim_end()));
        }
    }
    let place = |id: &[u8; 4]| file.chunks.iter().position(|chunk| &chunk.id == id);
    if place(b"smpl").is_some_and(|smpl| Some(smpl) < place(b"data")) {
        found.push("smpl stands before the data, where some samplers do not look".to_owned());
    }
}

fn format(format: &Format, found: &mut Vec<String>) {
    let Format { encoding, channels, rate_hz, bytes_per_second, frame_bytes, bits, valid_bits, .. } = *format;
    if matches!(encoding, Encoding::Other(_)) {
        return;
    }
    if u32::from(frame_bytes) != u32::from(channels) * u32::from(bits.div_ceil(8)) {
        found.push(format!("fmt says {channels} channels of {bits} bits, but {frame_bytes} bytes a frame"));
    }
    if u64::from(bytes_per_second) != u64::from(rate_hz) * u64::from(frame_bytes) {
        found.push(format!("fmt says {bytes_per_second} bytes a second, but {rate_hz} frames of {frame_bytes} bytes"));
    }
    if valid_bits > bits {
        found.push(format!("fmt says that {valid_bits} bits of {bits} count"));
    }
}

fn length(description: &Description, found: &mut Vec<String>) {
    if description.format.sample_bytes().is_none() {
        return;
    }
    let over = description.data.present % usize::from(description.format.frame_bytes);
    if over > 0 {
        found.push(format!("data ends within a frame: {over} bytes are left over"));
    }
    if let (Some(fact), Some(frames)) = (description.fact_frames, description.frames)
        && u64::from(fact) != frames
    {
        found.push(format!("fact says {fact} frames, but data has {frames}"));
    }
}

/// Chunks that are there but too short to be read.
fn unread(description: &Description, file: &Riff, found: &mut Vec<String>) {
    for (id, read) in [
        (b"acid", description.acid.is_some()),
        (b"smpl", description.sampler.is_some()),
        (b"inst", description.instrument.is_some()),
        (b"bext", description.broadcast.is_some()),
    ] {
        if !read && file.chunks.iter().any(|chunk| &chunk.id == id) {
            found.push(format!("{} is too short", String::from_utf8_lossy(id)));
        }
    }
    let payload = |id: &[u8; 4]| file.chunks.iter().find(|chunk| &chunk.id == id).map(|chunk| chunk.payload);
    let announced = payload(b"smpl").map_or(0, Sampler::announced_loops);
    let there = description.sampler.as_ref().map_or(0, |sampler| sampler.loops.len());
    if description.sampler.is_some() && announced as usize > there {
        found.push(format!("smpl announces {announced} loops, but has {there}"));
    }
}

fn loops(sampler: &Sampler, description: &Description, found: &mut Vec<String>) {
    for (index, it) in sampler.loops.iter().enumerate() {
        let number = index + 1;
        let SamplerLoop { first_frame, last_frame, .. } = *it;
        let last = u64::from(last_frame);
        if first_frame > last_frame {
            found.push(format!("loop {number} ends at frame {last_frame}, before its start at {first_frame}"));
        }
        match description.frames {
            Some(frames) if last == frames => found.push(format!(
                "loop {number} ends at frame {last}, one after the last of the sound: the end of a loop belongs to it"
            )),
            Some(frames) if last > frames => {
                found.push(format!("loop {number} ends at frame {last}, but the sound has {frames}"));
            }
            _ => {}
        }
    }
    // Rounded in one way or another, but not of another rate. 0 is what some programs write.
    let period_ns = 1e9 / f64::from(description.format.rate_hz);
    if sampler.period_ns != 0 && (f64::from(sampler.period_ns) / period_ns - 1.0).abs() > TOLERANCE {
        let hz = 1e9 / f64::from(sampler.period_ns);
        found.push(format!("smpl is for {hz:.0} frames a second, fmt for {}", description.format.rate_hz));
    }
}

fn cues(description: &Description, file: &Riff, found: &mut Vec<String>) {
    let payload = file.chunks.iter().find(|chunk| &chunk.id == b"cue ").map(|chunk: &Chunk| chunk.payload);
    let announced = payload.map_or(0, CuePoint::announced);
    if announced as usize > description.cues.len() {
        found.push(format!("cue announces {announced} points, but has {}", description.cues.len()));
    }
    for cue in &description.cues {
        if let Some(frames) = description.frames.filter(|frames| u64::from(cue.frame) > *frames) {
            found.push(format!("cue point {} is at frame {}, but the sound has {frames}", cue.id, cue.frame));
        }
    }
}

fn ranges(instrument: &Instrument, found: &mut Vec<String>) {
    let Instrument { notes: [low, high], velocities: [soft, hard], .. } = *instrument;
    if low > high || high > 127 || instrument.root > 127 {
        found.push(format!("inst is for the notes {low} to {high}, with {} as its root", instrument.root));
    }
    if soft > hard || hard > 127 {
        found.push(format!("inst is for the velocities {soft} to {hard}"));
    }
}

fn music(acid: &Acid, description: &Description) -> Option<String> {
    if acid.is_one_shot() || acid.beats == 0 {
        return None;
    }
    if !(acid.bpm.is_finite() && acid.bpm > 0.0) {
        return Some(format!("acid says {} bpm", acid.bpm));
    }
    let seconds = description.loop_frames()? as f64 / f64::from(description.format.rate_hz);
    let beats = seconds * f64::from(acid.bpm) / 60.0;
    let off = (beats - f64::from(acid.beats)).abs();
    // A bar of 7/8 has three and a half quarter notes, but acid counts whole ones.
    let halves = acid.denominator > 4 && !acid.numerator.is_multiple_of(acid.denominator / 4);
    let allowed = f64::from(acid.beats) * TOLERANCE + if halves { 0.5 } else { 0.0 };
    (off > allowed).then(|| {
        format!(
            "acid says {} beats at {} bpm, but {seconds:.3} s are {beats:.2} beats, or {}",
            acid.beats,
            acid.bpm,
            tempo_of(acid.beats, seconds)
        )
    })
}

/// The tempo at which a length is a number of beats: `120 bpm for 16 beats`.
pub fn tempo_of(beats: u32, seconds: f64) -> String {
    let bpm = f64::from(beats) * 60.0 / seconds;
    let text = format!("{bpm:.2}");
    let unit = if beats == 1 { "beat" } else { "beats" };
    format!("{} bpm for {beats} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Roots by `acid`, `smpl` and `inst` that are not the same.
fn roots(description: &Description) -> Option<String> {
    let sampler = description.sampler.as_ref().and_then(Sampler::root).map(|(pitch, _)| pitch);
    let acid = description.acid.as_ref().and_then(Acid::root);
    if let (Some(acid), Some(sampler)) = (acid, sampler)
        && acid != sampler.class()
    {
        return Some(format!("the root is {acid} by acid, {sampler} by smpl"));
    }
    let instrument = description.instrument.map(|instrument| instrument.root);
    match (instrument, sampler) {
        (Some(instrument), Some(sampler)) if instrument != sampler.number() => {
            Some(format!("the root is note {instrument} by inst, {} by smpl", sampler.number()))
        }
        _ => None,
    }
}
