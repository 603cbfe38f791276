//! Samples and tags to the bytes of a WAV file.

use super::chunks::{Acid, Broadcast, CuePoint, Info, Instrument, Sampler, SamplerLoop};
use super::{BitDepth, Encoding, LoopPoints, OneShot, Repeat, SampledNote, Sound, Tags};
use crate::error::{Error, Result};
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

/// What the file says it was made with.
const SOFTWARE: &str = concat!("riffsmith ", env!("CARGO_PKG_VERSION"));

/// Frames that are encoded at a time.
const STRETCH: usize = 1 << 16;

/// A whole WAV file. Samples beyond -1.0 ..= 1.0 are clipped in integer formats, and 16-bit samples dithered, as by [`Encoding`].
///
/// # Errors
/// If the sound is too long for a WAV file.
pub fn encode(audio: &AudioBuffer, depth: BitDepth, tags: &Tags, dither: Seed) -> Result<Vec<u8>> {
    let mut encoding = Encoding::new(audio.sample_rate, depth, audio.len(), tags, dither)?;
    let mut bytes = Vec::with_capacity(encoding.file_bytes());
    bytes.extend_from_slice(encoding.header());
    for stretch in audio.frames.chunks(STRETCH) {
        bytes.extend(encoding.samples(stretch).map_err(|error| Error::failed(format!("WAV: {error}")))?);
    }
    bytes.extend_from_slice(encoding.trailer());
    Ok(bytes)
}

/// All chunks that follow the data.
pub(super) fn metadata(tags: &Tags, rate: SampleRate) -> Vec<u8> {
    // First, as programs that know both take the later one of its description and the comment, which says more.
    let mut bytes = tags.broadcast.as_ref().map(Broadcast::chunk).unwrap_or_default();
    match &tags.sound {
        Sound::Plain => {}
        Sound::Loop(repeat) => bytes.extend(loop_chunks(repeat, rate)),
        Sound::OneShot(one_shot) => bytes.extend(one_shot_chunks(one_shot, rate)),
    }
    let points = cue_points(tags, rate);
    if !points.is_empty() {
        bytes.extend(CuePoint::chunk(&points));
        bytes.extend(CuePoint::label_chunk(&points));
    }
    bytes.extend(info(tags).chunk());
    bytes
}

/// A loop over all its frames, and its tempo, length, metre and root.
fn loop_chunks(repeat: &Repeat, rate: SampleRate) -> Vec<u8> {
    let mut sampler = Sampler::new(repeat.root_note(), 0, rate.as_u32());
    sampler.loops.push(SamplerLoop::forward(0, repeat.frames.saturating_sub(1) as u32));
    let mut acid = Acid::repeating(repeat.root);
    acid.beats = repeat.quarters;
    acid.set_meter(repeat.meter);
    acid.bpm = repeat.tempo.bpm() as f32;
    [sampler.chunk(), acid.chunk()].concat()
}

/// Where a sampler finds a note, and what it loops while a key is held.
fn one_shot_chunks(one_shot: &OneShot, rate: SampleRate) -> Vec<u8> {
    let OneShot { note, sustain } = one_shot;
    let mut bytes = Vec::new();
    if note.is_some() || sustain.is_some() {
        let (root, cents) = (note.map(|note| note.root), note.map_or(0, |note| note.fine_tune_cents));
        let mut sampler = Sampler::new(root, cents, rate.as_u32());
        if let Some(LoopPoints { first_frame, last_frame }) = sustain {
            sampler.loops.push(SamplerLoop::forward(*first_frame as u32, *last_frame as u32));
        }
        bytes.extend(sampler.chunk());
    }
    bytes.extend(note.map(|note| instrument(&note).chunk()).unwrap_or_default());
    bytes.extend(Acid::one_shot(note.map(|note| note.root.class())).chunk());
    bytes
}

fn instrument(note: &SampledNote) -> Instrument {
    Instrument {
        root: note.root.number(),
        fine_tune_cents: note.fine_tune_cents,
        gain_db: note.gain_db,
        notes: [note.lowest.number(), note.highest.number()],
        velocities: [note.softest.value(), note.hardest.value()],
    }
}

/// The points asked for, or the bars of a loop.
fn cue_points(tags: &Tags, rate: SampleRate) -> Vec<CuePoint> {
    let numbered = |(index, frame, label): (usize, usize, String)| CuePoint {
        id: index as u32 + 1,
        frame: frame as u32,
        label: Some(label),
    };
    match &tags.sound {
        Sound::Loop(repeat) if tags.cues.is_empty() => repeat
            .bars(rate)
            .enumerate()
            .map(|(index, frame)| numbered((index, frame, format!("bar {}", index + 1))))
            .collect(),
        _ => tags.cues.iter().enumerate().map(|(index, cue)| numbered((index, cue.frame, cue.label.clone()))).collect(),
    }
}

fn info(tags: &Tags) -> Info {
    let mut info = Info::default();
    info.set(Info::TITLE, &tags.title);
    info.set(Info::ARTIST, &tags.artist);
    info.set(Info::PRODUCT, &tags.product);
    info.set(Info::GENRE, &tags.genre);
    info.set_keywords(&tags.keywords);
    info.set(Info::CREATED, &tags.created.map(|date| date.to_string()).unwrap_or_default());
    info.set(Info::COPYRIGHT, &tags.copyright);
    info.set(Info::SOFTWARE, SOFTWARE);
    info.set(Info::COMMENT, &tags.comment);
    info
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wav::chunks::BroadcastLoudness;
    use crate::wav::{Cue, describe, riff};
    use riffsmith_dsp::score::{Meter, Pitch, PitchClass, Tempo, Ticks, Velocity};

    /// The chunks after the data of a file of four frames with `tags`: ids and payloads.
    fn chunks(tags: &Tags) -> Vec<(String, Vec<u8>)> {
        let audio = AudioBuffer::silence(SampleRate::CD, 4);
        let bytes = encode(&audio, BitDepth::Int24, tags, Seed(0)).expect("short enough");
        let file = riff::walk(&bytes).expect("a WAV file");
        assert!(file.defects.is_empty() && file.trailing.is_empty(), "{:?}", file.defects);
        file.chunks.iter().map(|chunk| (chunk.name(), chunk.payload.to_vec())).collect()
    }

    fn names(chunks: &[(String, Vec<u8>)]) -> Vec<&str> {
        chunks.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn u32s(payload: &[u8]) -> Vec<u32> {
        payload.chunks_exact(4).map(|field| riff::Fields::new(field).u32().expect("4 bytes")).collect()
    }

    /// One bar of 4/4 at 120 bpm.
    fn repeat(root: Option<PitchClass>) -> Repeat {
        let tempo = Tempo::new(120.0).expect("valid");
        Repeat::new(Ticks::QUARTER * 8, tempo, Meter::COMMON, root, SampleRate::CD)
    }

    #[test]
    fn a_loop_says_where_it_repeats_and_has_a_cue_point_at_each_bar() {
        let tags = Tags { sound: Sound::Loop(repeat(Some(PitchClass::new(9)))), ..Tags::default() };
        let chunks = chunks(&tags);
        assert_eq!(names(&chunks), ["fmt", "data", "smpl", "acid", "cue", "LIST adtl", "LIST INFO"]);
        assert_eq!(u32s(&chunks[2].1), [0, 0, 22_676, 57, 0, 0, 0, 1, 0, 0, 0, 0, 176_399, 0, 0]);
        assert_eq!(chunks[3].1[..16], [6, 0, 0, 0, 57, 0, 0, 0x80, 0, 0, 0, 0, 8, 0, 0, 0]);
        let data = u32::from_le_bytes(*b"data");
        assert_eq!(u32s(&chunks[4].1), [2, 1, 0, data, 0, 0, 0, 2, 88_200, data, 0, 0, 88_200]);
        assert_eq!(chunks[5].1, b"adtllabl\x0a\0\0\0\x01\0\0\0bar 1\0labl\x0a\0\0\0\x02\0\0\0bar 2\0".to_vec());
        let software = format!("ISFT{}\0\0\0{SOFTWARE}\0", char::from(SOFTWARE.len() as u8 + 1));
        assert!(chunks[6].1.starts_with(format!("INFO{software}").as_bytes()));
    }

    #[test]
    fn drums_have_no_root() {
        let tags = Tags { sound: Sound::Loop(repeat(None)), ..Tags::default() };
        let chunks = chunks(&tags);
        assert_eq!(chunks[3].1[..6], [4, 0, 0, 0, 60, 0]);
        assert_eq!(u32s(&chunks[2].1)[3], 60);
    }

    #[test]
    fn a_note_is_tuned_placed_on_the_keyboard_and_held() {
        let note = SampledNote {
            fine_tune_cents: -25,
            gain_db: -6,
            lowest: Pitch::new(40),
            highest: Pitch::new(45),
            softest: Velocity::new(64),
            ..SampledNote::new(Pitch::new(43))
        };
        let sustain = Some(LoopPoints { first_frame: 1, last_frame: 2 });
        let tags = Tags { sound: Sound::OneShot(OneShot { note: Some(note), sustain }), ..Tags::default() };
        let chunks = chunks(&tags);
        assert_eq!(names(&chunks), ["fmt", "data", "smpl", "inst", "acid", "LIST INFO"]);
        assert_eq!(u32s(&chunks[2].1), [0, 0, 22_676, 43, 0x4000_0000, 0, 0, 1, 0, 0, 0, 1, 2, 0, 0]);
        assert_eq!(chunks[3].1, [43, 0xe7, 0xfa, 40, 45, 64, 127]);
        // G, as a root below middle C, in a one-shot of no beats and no tempo.
        assert_eq!(chunks[4].1, [3, 0, 0, 0, 55, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_hit_is_a_one_shot_and_a_song_is_neither() {
        let hit = Tags { sound: Sound::OneShot(OneShot::default()), ..Tags::default() };
        let chunks_of_hit = chunks(&hit);
        assert_eq!(names(&chunks_of_hit), ["fmt", "data", "acid", "LIST INFO"]);
        assert_eq!(chunks_of_hit[2].1[..4], [1, 0, 0, 0]);
        assert_eq!(names(&chunks(&Tags::default())), ["fmt", "data", "LIST INFO"]);
    }

    #[test]
    fn points_given_take_the_place_of_bars() {
        let cues = vec![Cue { frame: 3, label: "drop".to_owned() }];
        let tags = Tags { sound: Sound::Loop(repeat(None)), cues, ..Tags::default() };
        assert_eq!(chunks(&tags)[4].1[..8], [1, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(chunks(&tags)[5].1, b"adtllabl\x09\0\0\0\x01\0\0\0drop\0\0".to_vec());
    }

    #[test]
    fn all_that_is_said_is_read_back() {
        let loudness = BroadcastLoudness { true_peak_dbtp: Some(-1.0), ..BroadcastLoudness::default() };
        let broadcast = Broadcast { description: "a loop".to_owned(), loudness, ..Broadcast::default() };
        let tags = Tags {
            title: "Ros\u{e9}".to_owned(),
            artist: "Label".to_owned(),
            product: "Pack".to_owned(),
            genre: "house".to_owned(),
            keywords: vec!["dark".to_owned(), "A minor".to_owned()],
            comment: "{}".to_owned(),
            created: Some("2026-01-31".parse().expect("a day")),
            copyright: "CC0".to_owned(),
            sound: Sound::Loop(repeat(Some(PitchClass::new(9)))),
            broadcast: Some(broadcast.clone()),
            ..Tags::default()
        };
        let audio = AudioBuffer::silence(SampleRate::CD, 176_400);
        let bytes = encode(&audio, BitDepth::Int16, &tags, Seed(0)).expect("short enough");
        let read = describe(&bytes).expect("our own file");
        assert_eq!(read.warnings, Vec::<String>::new());
        let facts: Vec<(&str, String)> = read.facts().into_iter().map(|fact| (fact.name, fact.value)).collect();
        let expected = [
            ("kind", "loop"),
            ("bpm", "120"),
            ("beats", "8"),
            ("meter", "4/4"),
            ("root", "A"),
            ("note", "A3"),
            ("loop", "0 to 176399 forward"),
            ("cues", "2"),
            ("title", "Ros\u{e9}"),
            ("artist", "Label"),
            ("pack", "Pack"),
            ("genre", "house"),
            ("keywords", "dark; A minor"),
            ("comment", "{}"),
            ("date", "2026-01-31"),
            ("copyright", "CC0"),
            ("software", SOFTWARE),
        ];
        assert_eq!(facts, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(read.broadcast, Some(broadcast));
        assert_eq!(read.info.keywords(), tags.keywords);
        assert_eq!(read.cues[1].label.as_deref(), Some("bar 2"));
    }
}
