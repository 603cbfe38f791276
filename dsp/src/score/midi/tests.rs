use super::{read, write};
use crate::rng::Seed;
use crate::score::{Control, Key, Meter, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A file from its header words and the events of its tracks, without the chunk headers.
fn file(format: u16, division: u16, tracks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06".to_vec();
    for word in [format, tracks.len() as u16, division] {
        bytes.extend(word.to_be_bytes());
    }
    for track in tracks {
        bytes.extend(b"MTrk");
        bytes.extend((track.len() as u32).to_be_bytes());
        bytes.extend(*track);
    }
    bytes
}

/// Start, pitch, length and velocity of the notes of a track.
fn notes(track: &Track) -> Vec<(u32, u8, u32, u8)> {
    track.notes.iter().map(|n| (n.start.0, n.pitch.number(), n.length.0, n.velocity.value())).collect()
}

const END: [u8; 4] = [0, 0xff, 0x2f, 0];

prop_compose! {
    fn some_track(channel: u8)(
        name in "[a-zA-Z ]{1,12}",
        program in 0u8..128,
        gaps in prop::collection::vec((0u8..128, 0u32..900, 1u32..900, 1u8..128), 0..60),
        controls in prop::collection::vec((0u32..9000, 0u8..128, 0u8..128, -8192i16..8192), 0..20),
    ) -> Track {
        // Notes of one pitch follow one another; those of different pitches overlap at will.
        let mut free: BTreeMap<u8, u32> = BTreeMap::new();
        let mut notes = Vec::new();
        for (pitch, gap, length, velocity) in gaps {
            let next = free.entry(pitch).or_default();
            let start = *next + gap;
            *next = start + length;
            let (pitch, velocity) = (Pitch::new(pitch), Velocity::new(velocity));
            notes.push(Note { start: Ticks(start), pitch, length: Ticks(length), velocity });
        }
        notes.sort_unstable();
        let mut controls: Vec<_> = controls.into_iter().map(|(at, number, value, bend)| {
            let kinds = [Control::Controller(number, value), Control::PitchBend(bend), Control::Pressure(value),
                Control::Program(value)];
            (Ticks(at), kinds[usize::from(number) % 4])
        }).collect();
        controls.sort_by_key(|&(at, _)| at);
        let named = Role::ALL.into_iter().find(|role| name.trim().eq_ignore_ascii_case(role.name()));
        let role = if channel == Track::DRUM_CHANNEL { Some(Role::Drums) } else { named };
        Track { name, role, channel, program, notes, controls }
    }
}

prop_compose! {
    fn some_score()(
        tracks in (some_track(0), some_track(9), some_track(15)),
        tempos in prop::collection::btree_map(1u32..9000, 1u32..0xff_ffff, 0..5),
        meters in prop::collection::btree_map(1u32..9000, (1u8..=32, 0u32..=5), 0..5),
        keys in prop::collection::btree_map(0u32..9000, (-6i8..=6, any::<bool>()), 0..5),
        silence in 0u32..10_000,
    ) -> Score {
        let first_meter = (Ticks(0), Meter::COMMON);
        let first_tempo = (Ticks(0), Tempo::from_micros_per_quarter(480_001));
        let meter = |(at, (numerator, power))| (Ticks(at), Meter::new(numerator, 1u8 << power).expect("in range"));
        let tracks = vec![tracks.0, tracks.1, tracks.2];
        let end = tracks.iter().flat_map(|track| &track.notes).map(|note| note.end().0).max().unwrap_or(0);
        Score {
            length: Ticks(end.max(9000) + silence),
            tempos: std::iter::once(first_tempo)
                .chain(tempos.into_iter().map(|(at, micros)| (Ticks(at), Tempo::from_micros_per_quarter(micros))))
                .collect(),
            meters: std::iter::once(first_meter).chain(meters.into_iter().map(meter)).collect(),
            keys: keys.into_iter().map(|(at, (sharps, minor))| (Ticks(at), Key::from_signature(sharps, minor))).collect(),
            chords: Vec::new(),
            tracks,
        }
    }
}

proptest! {
    #[test]
    fn a_score_survives_the_way_to_bytes_and_back(score in some_score()) {
        let bytes = write(&score);
        prop_assert_eq!(&bytes, &write(&score));
        prop_assert_eq!(read(&bytes), Ok(score));
    }

    #[test]
    fn a_file_cut_short_is_an_error(score in some_score(), share in 0.0f64..1.0) {
        let bytes = write(&score);
        let kept = (bytes.len() as f64 * share) as usize;
        prop_assert!(read(&bytes[..kept]).is_err(), "{} of {} bytes", kept, bytes.len());
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut rng = Seed(7).rng();
    let mut read_well = 0;
    for round in 0..20_000 {
        let length = (rng.bits() % 200) as usize;
        let body: Vec<u8> = (0..length).map(|_| (rng.bits() >> 24) as u8).collect();
        let division = rng.bits() as u16;
        let bytes = match round % 4 {
            0 => body,
            1 => [b"MThd\0\0\0\x06".as_slice(), &body].concat(),
            2 => file((rng.bits() % 3) as u16, division, &[&body, &END]),
            _ => {
                // One byte of a valid file is wrong.
                let mut bytes =
                    file(1, 96, &[&[0, 0x90, 60, 100, 96, 0x80, 60, 0, 0, 0xff, 0x58, 4, 4, 2, 24, 8], &END]);
                let at = (rng.bits() % bytes.len() as u64) as usize;
                bytes[at] = (rng.bits() >> 24) as u8;
                bytes
            }
        };
        if let Ok(score) = read(&bytes) {
            read_well += 1;
            assert!(score.length >= Ticks(1));
            for note in score.tracks.iter().flat_map(|track| &track.notes) {
                assert!(note.length >= Ticks(1) && note.start < note.end() && note.end() <= score.length);
            }
            assert!(read(&write(&score)).is_ok());
        }
    }
    assert!(read_well > 1000, "too few of the files reached the event reader: {read_well}");
}

#[test]
fn what_is_not_a_midi_file_is_refused() {
    let no_resolution = file(0, 0, &[&END]);
    let broken_event = file(0, 480, &[&[0, 0x90, 60]]);
    let data_without_status = file(0, 480, &[&[0, 60, 100]]);
    let no_tracks = file(1, 480, &[]);
    let strange_format = file(3, 480, &[&END]);
    for bytes in
        [&b""[..], b"MThd", b"RIFF", &no_resolution, &broken_event, &data_without_status, &no_tracks, &strange_format]
    {
        assert!(read(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn running_status_and_silent_note_ons_are_understood() {
    let track = [&[0, 0x90, 60, 100, 96, 60, 0, 0, 64, 90, 48, 64, 0][..], &END].concat();
    let score = read(&file(0, 96, &[&track])).expect("valid");
    assert_eq!(notes(&score.tracks[0]), [(0, 60, 480, 100), (480, 64, 240, 90)]);
    assert_eq!(score.length, Ticks(720));
    assert_eq!((score.tempo().micros_per_quarter(), score.meter()), (500_000, Meter::COMMON));
}

#[test]
fn every_note_ends_and_lasts() {
    // 60 twice before its note-offs; 62 of no length; 64 never let go, and the track ends 96 ticks later.
    let track = [
        &[0, 0x90, 60, 1, 48, 60, 2, 48, 0x80, 60, 0, 48, 60, 0][..],
        &[0, 0x90, 62, 3, 0, 0x80, 62, 0, 0, 0x90, 64, 4, 96, 0xff, 0x2f, 0],
    ]
    .concat();
    let score = read(&file(0, 96, &[&track])).expect("valid");
    assert_eq!(notes(&score.tracks[0]), [(0, 60, 480, 1), (240, 60, 480, 2), (720, 62, 1, 3), (720, 64, 480, 4)]);
    assert_eq!(score.length, Ticks(1200));
}

#[test]
fn rounding_to_480_ticks_does_not_add_up() {
    // 1000 notes, each 1 tick of 7 in a quarter note after the other.
    let mut track = Vec::new();
    for _ in 0..1000 {
        track.extend([0, 0x90, 60, 100, 1, 0x80, 60, 0]);
    }
    track.extend(END);
    let score = read(&file(0, 7, &[&track])).expect("valid");
    for (index, note) in score.tracks[0].notes.iter().enumerate() {
        assert!((f64::from(note.start.0) - index as f64 * 480.0 / 7.0).abs() <= 0.5, "note {index}");
    }
    assert_eq!(score.length, Ticks(68_571));
}

#[test]
fn smpte_time_is_seconds() {
    // 25 frames of 40 ticks: 1000 ticks are a second, 960 ticks at 120 BPM. The tempo event means nothing.
    let track = [&[0, 0xff, 0x51, 3, 1, 0, 0, 0, 0x90, 60, 100, 0x87, 0x68, 0x80, 60, 0][..], &END].concat();
    let score = read(&file(0, u16::from_be_bytes([0xe7, 40]), &[&track])).expect("valid");
    assert_eq!(notes(&score.tracks[0]), [(0, 60, 960, 100)]);
    assert_eq!((score.tempos.len(), score.tempo().bpm()), (1, 120.0));
}

#[test]
fn patterns_of_format_2_follow_one_another() {
    let pattern = [&[0, 0x90, 60, 100, 96, 0x80, 60, 0][..], &END].concat();
    let score = read(&file(2, 96, &[&pattern, &pattern])).expect("valid");
    let starts: Vec<_> = score.tracks.iter().map(|track| track.notes[0].start.0).collect();
    assert_eq!((starts, score.length), (vec![0, 480], Ticks(960)));
}

#[test]
fn settings_reach_the_track_that_plays_on_their_channel() {
    let setup = [&[0, 0xff, 3, 5, b's', b'e', b't', b'u', b'p', 0, 0xc2, 33, 0, 0xb2, 7, 90][..], &END].concat();
    let bass = [&[0, 0xff, 3, 4, b'B', b'a', b's', b's', 0, 0x92, 36, 100, 96, 0x82, 36, 0][..], &END].concat();
    let score = read(&file(1, 96, &[&setup, &bass])).expect("valid");
    assert_eq!(score.tracks.len(), 1);
    let track = &score.tracks[0];
    assert_eq!((track.name.as_str(), track.role, track.channel, track.program), ("Bass", Some(Role::Bass), 2, 33));
    assert_eq!(track.controls, [(Ticks(0), Control::Controller(7, 90))]);
}

#[test]
fn a_loop_keeps_its_exact_length() {
    let mut score = Score::empty(Ticks(7680), Tempo::new(123.0).expect("valid"), Meter::COMMON);
    let ringing = Note { start: Ticks(7200), pitch: Pitch::new(40), length: Ticks(1920), velocity: Velocity::new(90) };
    score.tracks.push(Track { role: Some(Role::Lead), notes: vec![ringing], ..Track::default() });
    let back = read(&write(&score)).expect("valid");
    assert_eq!(back.length, Ticks(7680));
    assert_eq!(notes(&back.tracks[0]), [(7200, 40, 480, 90)]);
    assert_eq!((back.tracks[0].name.as_str(), back.tracks[0].role), ("lead", Some(Role::Lead)));
}
