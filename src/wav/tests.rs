//! Files of other people, broken files and files of chance: what is read of them, and what becomes of them.

use super::chunks::{Encoding, Info};
use super::riff::chunk;
use super::{Changes, Kind, Root, Tags, decode, describe, encode, retag, riff};
use proptest::prelude::*;
use riffsmith_dsp::score::{Key, Mode, Pitch, PitchClass, Tempo};
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

/// The payload of `fmt `.
fn fmt(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    let frame_bytes = channels * bits / 8;
    let mut payload = [tag, channels].map(u16::to_le_bytes).concat();
    payload.extend([rate_hz, rate_hz * u32::from(frame_bytes)].map(u32::to_le_bytes).concat());
    payload.extend([frame_bytes, bits].map(u16::to_le_bytes).concat());
    payload
}

/// The same, as `WAVE_FORMAT_EXTENSIBLE`.
fn extensible(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    let mut payload = fmt(0xfffe, channels, rate_hz, bits);
    payload.extend([22, bits].map(u16::to_le_bytes).concat());
    payload.extend(0_u32.to_le_bytes());
    payload.extend(tag.to_le_bytes());
    payload.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
    payload
}

/// A file of these chunks, in this order.
pub fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let body: Vec<u8> = chunks.iter().flat_map(|(id, payload)| chunk(id, payload)).collect();
    [&b"RIFF"[..], &(4 + body.len() as u32).to_le_bytes(), b"WAVE", &body].concat()
}

/// Two seconds at 8 kHz, 8 bits, mono.
fn two_seconds() -> Vec<u8> {
    (0..16_000_u32).map(|n| ((n * n) >> 7) as u8).collect()
}

/// `smpl` of one loop.
fn smpl(root: u32, first: u32, last: u32) -> Vec<u8> {
    [0, 0, 125_000, root, 0, 0, 0, 1, 0, 0, 0, first, last, 0, 0].into_iter().flat_map(u32::to_le_bytes).collect()
}

/// `acid` of a loop with a root.
fn acid(root: u16, beats: u32, bpm: f32) -> Vec<u8> {
    let mut payload = vec![6, 0, 0, 0];
    payload.extend(root.to_le_bytes());
    payload.extend([0, 0x80, 0, 0, 0, 0]);
    payload.extend(beats.to_le_bytes());
    payload.extend([4, 0, 4, 0]);
    payload.extend(bpm.to_le_bytes());
    payload
}

fn warnings(bytes: &[u8]) -> Vec<String> {
    describe(bytes).expect("a WAV file").warnings
}

#[test]
fn every_usual_depth_and_number_of_channels_is_described_and_decoded() {
    // Half of full scale in each format, which all of them hold exactly.
    let formats: [(u16, u16, Vec<u8>); 6] = [
        (1, 8, vec![192]),
        (1, 16, 0x4000_i16.to_le_bytes().to_vec()),
        (1, 24, vec![0, 0, 0x40]),
        (1, 32, 0x4000_0000_i32.to_le_bytes().to_vec()),
        (3, 32, 0.5_f32.to_le_bytes().to_vec()),
        (3, 64, 0.5_f64.to_le_bytes().to_vec()),
    ];
    for (tag, bits, half) in formats {
        for channels in 1..=8_u16 {
            for make in [fmt, extensible] {
                let data = half.repeat(usize::from(channels) * 5);
                let list = [&b"INFO"[..], &chunk(b"INAM", b"first\0")].concat();
                let bytes = file(&[
                    (b"JUNK", &[0; 28]),
                    (b"bext", &[0; 602]),
                    (b"fmt ", &make(tag, channels, 48_000, bits)),
                    (b"LIST", &list),
                    (b"data", &data),
                ]);
                let what = format!("{tag} {bits} bits {channels} channels");
                let read = describe(&bytes).expect(&what);
                assert_eq!(read.warnings, Vec::<String>::new(), "{what}");
                assert_eq!(read.format.encoding, if tag == 1 { Encoding::Pcm } else { Encoding::Float }, "{what}");
                assert_eq!((read.format.channels, read.format.bits), (channels, bits), "{what}");
                assert_eq!((read.frames, read.seconds()), (Some(5), Some(5.0 / 48_000.0)), "{what}");
                assert_eq!(read.info.get(Info::TITLE).as_deref(), Some("first"), "{what}");
                let unknown: Vec<_> = read.chunks.iter().filter(|chunk| !chunk.known).collect();
                assert_eq!((unknown.len(), unknown[0].name.as_str(), unknown[0].size), (1, "JUNK", 28), "{what}");
                let audio = decode(&bytes).expect(&what);
                let others = 0.25 * f32::from(channels.saturating_sub(2));
                assert_eq!(audio.frames, [[0.5 + others; 2]; 5], "{what}");
            }
        }
    }
}

#[test]
fn compressed_files_are_described_and_not_decoded() {
    let bytes = file(&[(b"fmt ", &fmt(0x55, 2, 44_100, 0)), (b"fact", &500_u32.to_le_bytes()), (b"data", &[0; 100])]);
    // An MP3 in a WAV file has no bytes a frame to speak of.
    assert!(describe(&bytes).expect_err("no frames").to_string().contains("no bytes"));
    let mut format = fmt(0x55, 2, 44_100, 0);
    format[12] = 1;
    let bytes = file(&[(b"fmt ", &format), (b"fact", &500_u32.to_le_bytes()), (b"data", &[0; 100])]);
    let read = describe(&bytes).expect("a WAV file");
    assert_eq!((read.format.encoding, read.frames), (Encoding::Other(0x55), Some(500)));
    assert_eq!(
        decode(&bytes).expect_err("an MP3").to_string(),
        "WAV file not supported: its samples are of format 0x0055"
    );
}

#[test]
fn contradictions_are_named() {
    let format = fmt(1, 1, 8_000, 8);
    let data = two_seconds();
    let with = |chunks: &[(&[u8; 4], &[u8])]| {
        let all: Vec<(&[u8; 4], &[u8])> =
            [(b"fmt ", format.as_slice()), (b"data", &data)].into_iter().chain(chunks.iter().copied()).collect();
        warnings(&file(&all))
    };
    assert_eq!(with(&[]), Vec::<String>::new());
    assert_eq!(with(&[(b"acid", &acid(57, 4, 120.0)), (b"smpl", &smpl(57, 0, 15_999))]), Vec::<String>::new());
    assert_eq!(
        with(&[(b"smpl", &smpl(60, 0, 16_000))]),
        ["loop 1 ends at frame 16000, one after the last of the sound: the end of a loop belongs to it"]
    );
    assert_eq!(with(&[(b"smpl", &smpl(60, 0, 16_001))]), ["loop 1 ends at frame 16001, but the sound has 16000"]);
    assert_eq!(with(&[(b"smpl", &smpl(60, 9, 8))]), ["loop 1 ends at frame 8, before its start at 9"]);
    assert_eq!(
        with(&[(b"acid", &acid(57, 4, 128.0))]),
        ["acid says 4 beats at 128 bpm, but 2.000 s are 4.27 beats, or 120 bpm for 4 beats"]
    );
    assert_eq!(with(&[(b"acid", &acid(57, 4, f32::NAN))]), ["acid says NaN bpm"]);
    assert_eq!(
        with(&[(b"acid", &acid(57, 4, 120.0)), (b"smpl", &smpl(60, 0, 15_999))]),
        ["the root is A by acid, C4 by smpl"]
    );
    assert_eq!(
        with(&[(b"smpl", &smpl(60, 0, 15_999)), (b"inst", &[61, 0, 0, 0, 127, 1, 127])]),
        ["the root is note 61 by inst, 60 by smpl"]
    );
    assert_eq!(
        with(&[(b"inst", &[60, 0, 0, 80, 40, 1, 127])]),
        ["inst is for the notes 80 to 40, with 60 as its root"]
    );
    assert_eq!(with(&[(b"inst", &[60, 0, 0, 0, 127, 90, 80])]), ["inst is for the velocities 90 to 80"]);
    assert_eq!(with(&[(b"acid", &[0; 20]), (b"smpl", &[0; 20])]), ["acid is too short", "smpl is too short"]);
    assert_eq!(with(&[(b"fact", &15_000_u32.to_le_bytes())]), ["fact says 15000 frames, but data has 16000"]);
    assert_eq!(with(&[(b"cue ", &[9, 0, 0, 0])]), ["cue announces 9 points, but has 0"]);
    let cue: Vec<u8> = [1, 7, 0, 0, 0, 0, 20_000].into_iter().flat_map(u32::to_le_bytes).collect();
    assert_eq!(with(&[(b"cue ", &cue)]), ["cue point 7 is at frame 20000, but the sound has 16000"]);
    assert_eq!(
        with(&[(b"inst", &[60, 0, 0, 0, 127, 1, 127]), (b"inst", &[0; 7])]),
        ["inst is there more than once: the first counts"]
    );
    let early = file(&[(b"fmt ", &format), (b"smpl", &smpl(60, 0, 15_999)), (b"data", &data)]);
    assert_eq!(warnings(&early), ["smpl stands before the data, where some samplers do not look"]);
    let stereo = file(&[(b"fmt ", &fmt(1, 2, 8_000, 16)), (b"data", &[0; 7])]);
    assert_eq!(warnings(&stereo), ["data ends within a frame: 3 bytes are left over"]);
    let mut wrong = fmt(1, 2, 8_000, 16);
    wrong[12] = 6;
    assert_eq!(
        warnings(&file(&[(b"fmt ", &wrong), (b"data", &[0; 12])])),
        [
            "fmt says 2 channels of 16 bits, but 6 bytes a frame",
            "fmt says 32000 bytes a second, but 8000 frames of 6 bytes"
        ]
    );
}

#[test]
fn a_loop_with_a_tail_is_as_long_as_its_loop_points() {
    let format = fmt(1, 1, 8_000, 8);
    let data = two_seconds();
    let bytes =
        file(&[(b"fmt ", &format), (b"data", &data), (b"smpl", &smpl(57, 0, 7_999)), (b"acid", &acid(57, 2, 120.0))]);
    let read = describe(&bytes).expect("a WAV file");
    assert_eq!((read.loop_frames(), read.warnings), (Some(8_000), vec![]));
}

#[test]
fn bars_of_half_quarters_are_no_contradiction() {
    // One bar of 7/8 at 120 bpm is 3.5 quarter notes; acid has 4.
    let mut acid = acid(57, 4, 120.0);
    (acid[16], acid[18]) = (8, 7);
    let bytes = file(&[(b"fmt ", &fmt(1, 1, 8_000, 8)), (b"data", &[128; 14_000]), (b"acid", &acid)]);
    assert_eq!(warnings(&bytes), Vec::<String>::new());
}

#[test]
fn a_file_cut_at_any_byte_is_described_or_refused() {
    let data = [7; 50];
    let bytes = file(&[
        (b"JUNK", &[0; 3]),
        (b"fmt ", &extensible(1, 1, 8_000, 8)),
        (b"data", &data),
        (b"acid", &acid(57, 4, 120.0)),
        (b"smpl", &smpl(57, 0, 49)),
        (b"LIST", &[&b"INFO"[..], &chunk(b"INAM", b"title\0")].concat()),
    ]);
    let whole = describe(&bytes).expect("a WAV file");
    for length in 0..bytes.len() {
        let cut = &bytes[..length];
        let Ok(read) = describe(cut) else {
            assert!(length < whole.data.offset, "{length}");
            continue;
        };
        assert!(!read.warnings.is_empty(), "{length}");
        assert_eq!(read.data.is_cut(), length < whole.data.offset + data.len(), "{length}");
        let kept = length.min(whole.data.offset + data.len()) - whole.data.offset;
        assert_eq!(read.frames, Some(kept as u64), "{length}");
        if let Ok(retagged) = retag(cut, &Changes::default()) {
            // Only where no chunk is cut can the file be written again.
            assert!(describe(&retagged.bytes).is_ok_and(|read| read.data.present == data.len()), "{length}");
        }
    }
}

/// Files of other people: any order, any known or unknown chunks with any content.
fn foreign() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![
        Just(*b"acid"),
        Just(*b"smpl"),
        Just(*b"inst"),
        Just(*b"cue "),
        Just(*b"LIST"),
        Just(*b"bext"),
        Just(*b"JUNK"),
        Just(*b"fact"),
        "[ -~]{4}".prop_map(|id| *id.as_bytes().first_chunk().expect("four characters")),
    ];
    let payload = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..80),
        (0..127_u32, 0..60_u32, 0..60_u32).prop_map(|(root, first, last)| smpl(root, first, last)),
        (40..70_u16, 0..20_u32, 1.0..300_f32).prop_map(|(root, beats, bpm)| acid(root, beats, bpm)),
        "[ -~]{0,20}".prop_map(|text| [&b"INFO"[..], &chunk(b"INAM", text.as_bytes())].concat()),
    ];
    let other = (id, payload).prop_filter("one fmt and one data", |(id, _)| id != b"fmt " && id != b"data");
    let sound = (1..4_u16, proptest::collection::vec(any::<u8>(), 0..64));
    (proptest::collection::vec(other, 0..7), sound, any::<prop::sample::Index>(), any::<prop::sample::Index>())
        .prop_map(|(others, (channels, data), first, second)| {
            let mut chunks: Vec<([u8; 4], Vec<u8>)> = others;
            let at = first.index(chunks.len() + 1);
            chunks.insert(at, (*b"fmt ", fmt(1, channels, 8_000, 8)));
            chunks.insert(at + 1 + second.index(chunks.len() - at), (*b"data", data));
            let chunks: Vec<(&[u8; 4], &[u8])> = chunks.iter().map(|(id, payload)| (id, payload.as_slice())).collect();
            file(&chunks)
        })
}

fn changes() -> impl Strategy<Value = Changes> {
    let kind = proptest::option::of(prop_oneof![Just(Kind::Loop), Just(Kind::OneShot)]);
    let tempo = proptest::option::of((20.0..300.0_f64).prop_map(|bpm| Tempo::new(bpm).expect("in range")));
    let root = proptest::option::of((0..128_u8).prop_map(|note| Root::Note(Pitch::new(note))));
    let title = proptest::option::of("[ -~]{0,9}");
    let key = proptest::option::of(
        (0..12, 0..7_usize).prop_map(|(tonic, mode)| Key { tonic: PitchClass::new(tonic), mode: Mode::ALL[mode] }),
    );
    let keywords = proptest::collection::vec("[a-z]{1,5}", 0..3);
    (kind, tempo, root, title, key, keywords).prop_map(|(kind, tempo, root, title, key, keywords)| Changes {
        key,
        keywords,
        kind,
        tempo,
        root,
        texts: title.map(|title| (Info::TITLE, title)).into_iter().collect(),
        ..Changes::default()
    })
}

/// The payloads of chunks that retag never changes.
fn untouched(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let file = riff::walk(bytes).expect("a WAV file");
    let mut chunks: Vec<(String, Vec<u8>)> =
        file.chunks.iter().map(|chunk| (chunk.name(), chunk.payload.to_vec())).collect();
    chunks.retain(|(name, _)| !["acid", "smpl", "inst", "LIST INFO"].contains(&name.as_str()));
    // fact comes before the data in the end.
    chunks.sort_by_key(|(name, _)| ["fmt", "fact", "data"].iter().position(|own| own == name).unwrap_or(3));
    chunks
}

proptest! {
    #[test]
    fn any_bytes_are_described_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let wave = [&b"RIFF\xff\xff\0\0WAVE"[..], &bytes].concat();
        for bytes in [&bytes, &wave] {
            let _ = describe(bytes);
            let _ = decode(bytes);
            let _ = retag(bytes, &Changes::default());
        }
    }

    #[test]
    fn any_damage_to_a_file_is_survived(
        mut bytes in foreign(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        changes in changes(),
    ) {
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = decode(&bytes);
        if let Ok(description) = describe(&bytes) {
            let _ = description.facts();
            if let Ok(retagged) = retag(&bytes, &changes) {
                let again = describe(&retagged.bytes).expect("what is written can be read");
                prop_assert_eq!(again.data.present, description.data.present);
            }
        }
    }

    #[test]
    fn retagging_keeps_the_sound_and_all_that_it_does_not_know(bytes in foreign(), changes in changes()) {
        let retagged = retag(&bytes, &changes).expect("nothing is broken");
        prop_assert_eq!(untouched(&retagged.bytes), untouched(&bytes));
        let file = riff::walk(&retagged.bytes).expect("a WAV file");
        prop_assert!(file.defects.is_empty(), "{:?}", file.defects);
        prop_assert_eq!(file.chunks[0].id, *b"fmt ");
        prop_assert!(file.chunks[1..].iter().find(|chunk| &chunk.id != b"fact").is_some_and(|chunk| &chunk.id == b"data"));
        // Once more, there is nothing left to do.
        let again = retag(&retagged.bytes, &changes).expect("nothing is broken");
        prop_assert!(again.bytes == retagged.bytes);
        prop_assert_eq!(again.changes, vec![]);
        if let Some(root) = changes.root {
            let Root::Note(note) = root else { unreachable!("only notes are drawn") };
            let read = describe(&retagged.bytes).expect("a WAV file");
            prop_assert_eq!(read.sampler.and_then(|sampler| sampler.root()).map(|(root, _)| root), Some(note));
        }
    }

    #[test]
    fn a_file_of_ours_says_the_same_after_nothing_was_changed(frames in 0..50_usize, title in "[ -~]{0,9}") {
        let tags = Tags { title, ..Tags::default() };
        let audio = AudioBuffer::silence(SampleRate::CD, frames);
        let bytes = encode(&audio, super::BitDepth::Int24, &tags, Seed(1)).expect("short enough");
        let retagged = retag(&bytes, &Changes::default()).expect("our own file");
        prop_assert!(retagged.bytes == bytes);
        prop_assert_eq!(retagged.changes, vec![]);
    }
}
