use super::*;
use crate::piece::Event;
use riffsmith_dsp::score::{Meter, Mode, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity, midi};

fn files(files: &[(&str, &[u8])]) -> Files {
    Files::new(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))).expect("no broken archive")
}

fn note(start: u32, pitch: u8, length: u32, velocity: u8) -> Note {
    Note { start: Ticks(start), pitch: Pitch::new(pitch), length: Ticks(length), velocity: Velocity::new(velocity) }
}

/// The MIDI file of some tracks in 4/4, at 120 BPM.
fn song(tracks: Vec<Track>) -> Vec<u8> {
    let end = tracks.iter().flat_map(|track| &track.notes).map(Note::end).max().expect("some notes");
    let mut score = Score::empty(end, Tempo::new(120.0).expect("valid"), Meter::COMMON);
    score.tracks = tracks;
    midi::write(&score)
}

/// (step, pitch, velocity, offset) of the events.
fn hits(events: &[Event]) -> Vec<(u32, u8, u8, i8)> {
    events.iter().map(|event| (event.step, event.pitch, event.velocity, event.offset)).collect()
}

#[test]
fn groove_midi_keeps_split_timing_and_velocity() {
    let drums = Track {
        channel: 9,
        notes: vec![note(3, 36, 20, 90), note(110, 22, 20, 50), note(470, 40, 20, 100)],
        ..Track::default()
    };
    let table = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split\n\
        drummer1,s,1,latin/brazilian-samba,92,fill,4-4,drummer1/1.mid,,1,validation\n";
    let harvest = groove_midi::read(&files(&[("info.csv", table.as_bytes()), ("drummer1/1.mid", &song(vec![drums]))]));
    let piece = &harvest.expect("readable").pieces[0];
    assert_eq!(hits(piece.part(Role::Drums)), [(0, 36, 90, 3), (6, 42, 50, -10), (24, 38, 100, -10)]);
    assert_eq!(piece.styles, ["latin", "brazilian", "samba", "fill"]);
    assert_eq!((piece.split, piece.bars, piece.bpm), (Split::Valid, 1, Some(92.0)));
}

#[test]
fn clips_of_one_genre_are_stacked() {
    let hit = |time: f32, note: u8, sound: &str| {
        format!(r#"{{"time":{time},"note":{note},"sound":"{sound}","velocity":100}}"#)
    };
    let entry = |group: &str, bars: u32, hits: &str, more: &str| {
        format!(
            r#"{{"group":"{group}","collection":"basics","tags":[{more}],"applicableGenres":["hip-hop"],"bars":{bars},"pattern":"{group}","hits":[{hits}]}}"#
        )
    };
    let entries = [
        entry("Kick", 1, &hit(0.0, 36, "kick"), ""),
        entry("Snare", 1, &hit(1.0, 38, "snare"), ""),
        entry("Hats", 2, &hit(4.5, 42, "hatClosed"), ""),
        entry("Kick", 1, &hit(3.75, 36, "kick"), "\"experimental\""),
    ];
    let json = format!(r#"{{"entries":[{}]}}"#, entries.join(","));
    let harvest = drum_clips::read(&files(&[("catalog.json", json.as_bytes())])).expect("readable");
    assert_eq!(harvest.dropped["experimental clips"], 1);
    assert_eq!(harvest.pieces.len(), 1, "the same stack is made once");
    let piece = &harvest.pieces[0];
    assert_eq!((piece.bars, piece.is_loop, piece.styles[0].as_str()), (2, true, "hiphop"));
    let hits: Vec<_> = piece.part(Role::Drums).iter().map(|event| (event.step, event.pitch)).collect();
    assert_eq!(hits, [(0, 36), (24, 38), (96, 36), (108, 42), (120, 38)]);
}

#[test]
fn moods_are_tags_and_numerals_chords() {
    let json = r#"{"progressions":[{"mode":"modal","kind":"progression","chords":["im","im","IVM","bVIIM"],"moods":["Dark"]}]}"#;
    let harvest = mood_progressions::read(&files(&[("progressions.json", json.as_bytes())])).expect("readable");
    let piece = &harvest.pieces[0];
    let chords: Vec<_> =
        piece.harmony.iter().map(|(step, chord)| (*step, chord.expect("sounds").to_string())).collect();
    assert_eq!(chords, [(0, "Cm".to_owned()), (192, "F".to_owned()), (288, "A#".to_owned())]);
    assert_eq!((piece.bars, piece.mode, piece.is_loop), (4, Some(Mode::Dorian), true));
    assert_eq!(piece.styles, ["dark"]);
}

#[test]
fn billboard_songs_are_read_once_and_cut_where_key_or_metre_change() {
    let song = "# title: A\n# metre: 4/4\n# tonic: D\n\n0.0\tsilence\n\
        1.0\tA, intro, | D:maj | B:min7 . . A:maj | x2, (guitar)\n\
        9.0\tB, verse, | G:maj A:7/b7 | (2/4) D:maj |\n# tonic: E\n\
        20.0\t| E:min | N | E:min | A:maj E:min |\n";
    let index = "id,chart_date,target_rank,actual_rank,title,artist,peak_rank,weeks_on_chart\n1,,,,T,A,,\n2,,,,T,A,,\n";
    let files = files(&[("index.csv", index.as_bytes()), ("0001.txt", song.as_bytes()), ("0002.txt", song.as_bytes())]);
    let harvest = mcgill_billboard::read(&files).expect("readable");
    assert_eq!(harvest.dropped["songs that were there before"], 1);
    assert_eq!(harvest.dropped["stretches under 4 bars"], 1);
    let text = |piece: &Piece| {
        let chords = piece.harmony.iter();
        chords
            .map(|(step, chord)| format!("{step}:{}", chord.map_or("-".to_owned(), |c| c.to_string())))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(harvest.pieces.len(), 2);
    assert_eq!(text(&harvest.pieces[0]), "0:C 96:Am7 168:G 192:C 288:Am7 360:G 384:F 432:G7/F");
    assert_eq!(text(&harvest.pieces[1]), "0:Cm 96:- 192:Cm 288:F 336:Cm");
    assert_eq!((harvest.pieces[0].bars, harvest.pieces[0].mode), (5, Some(Mode::Major)));
    assert_eq!(harvest.pieces[1].mode, Some(Mode::Dorian));
}

#[test]
fn beats_and_chords_in_seconds_become_bars() {
    let beats: String = (0..21).map(|beat| format!("{}.5 0.0 {}.0\n", beat, u8::from(beat % 4 == 0))).collect();
    let chords = "0.5\t4.5\tD:maj\n4.5\t6.5\tB:min7\n6.5 12.5 A:maj/3\n12.5\t20.5\tN\n";
    let files = files(&[
        ("001/beat_midi.txt", beats.as_bytes()),
        ("001/chord_midi.txt", chords.as_bytes()),
        ("001/key_audio.txt", b"0.1 30.0 D:maj\n"),
    ]);
    let piece = &pop909::read(&files).expect("readable").pieces[0];
    let chord = |text: &str| text.parse().ok();
    assert_eq!(piece.harmony, [(0, chord("C")), (96, chord("Am7")), (144, chord("G/B")), (288, None)]);
    assert_eq!((piece.bars, piece.bpm, piece.mode), (5, Some(60.0), Some(Mode::Major)));
}

/// A zip archive of one file.
pub(super) fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("room");
    archive.write_all(bytes).expect("room");
    archive.finish().expect("room").into_inner()
}

#[test]
fn songs_are_cut_at_metres_moved_to_c_and_harmonised() {
    // D minor to A major, with a D minor triad's root and fifth below; two bars of 3/4 at the end are too short.
    let held =
        |bar: u32, pitches: &[u8]| pitches.iter().map(|&pitch| note(bar * 1920, pitch, 1920, 90)).collect::<Vec<_>>();
    let chords: Vec<Note> =
        (0..8).flat_map(|bar| held(bar, if bar % 2 == 0 { &[62, 65, 69] } else { &[61, 64, 69] })).collect();
    let bass = (0..8).flat_map(|bar| held(bar, if bar % 2 == 0 { &[38] } else { &[33] })).collect();
    let lead = (0..8).map(|bar| note(bar * 1920 + 480, 74, 480, 100)).collect();
    let drums = (0..9).map(|bar| note(bar * 1920, 35, 60, 100)).collect();
    let track = |channel, program, notes| Track { channel, program, notes, ..Track::default() };
    let bytes = song(vec![track(0, 0, chords), track(1, 33, bass), track(2, 80, lead), track(9, 0, drums)]);
    let mut score = midi::read(&bytes).expect("valid");
    score.meters.push((Ticks(8 * 1920), "3/4".parse().expect("a metre")));
    let index = br#"[{"file":"current/d_x.mid","grid":1.0},{"file":"history/9_d_x.mid","grid":0.5}]"#;
    let archive = zipped("current/d_x.mid", &midi::write(&score));
    let harvest = midi_songs::freedoom(&files(&[("index.json", index), ("a.zip", &archive)])).expect("readable");
    assert_eq!(harvest.dropped["files with under 90 % of onsets on the grid"], 1);
    assert_eq!(harvest.pieces.len(), 1);
    let piece = &harvest.pieces[0];
    assert_eq!((piece.bars, piece.mode, piece.bpm), (8, Some(Mode::Minor), Some(120.0)));
    assert_eq!(piece.harmony[..2], [(0, "Cm".parse().ok()), (96, "G".parse().ok())]);
    let first = |role| piece.part(role).first().map(|event| (event.step, event.pitch));
    assert_eq!(Role::ALL.map(first), [Some((0, 36)), Some((0, 36)), Some((0, 60)), Some((24, 72))]);
}

#[test]
fn lead_sheets_start_with_their_pick_up_and_keep_their_chords() {
    let pitch = |step: &str, octave: u8, divisions: u8, more: &str| {
        format!(
            "<note><pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>{divisions}</duration>{more}</note>"
        )
    };
    let symbol = |root: &str, kind: &str| {
        format!("<harmony><root><root-step>{root}</root-step></root><kind>{kind}</kind></harmony>")
    };
    let xml = format!(
        "<score-partwise><part id=\"P1\"><measure><attributes><divisions>2</divisions><key><fifths>1</fifths></key>\
        <time><beats>3</beats><beat-type>4</beat-type></time></attributes>{}</measure>\
        <measure>{}{}{}</measure><measure>{}{}{}</measure></part></score-partwise>",
        pitch("D", 4, 2, ""),
        symbol("G", "major"),
        pitch("G", 4, 4, ""),
        pitch("B", 4, 2, "<tie type=\"start\"/>"),
        pitch("B", 4, 2, "<tie type=\"stop\"/>"),
        symbol("D", "dominant"),
        pitch("A", 4, 4, ""),
    );
    let index = r#"[{"file":"x.mxl","title":"X","genres":["Folk, World, & Country"]}]"#;
    let archive = zipped("X.xml", xml.as_bytes());
    let harvest =
        lead_sheets::read(&files(&[("index.json", index.as_bytes()), ("x.mxl", &archive)])).expect("readable");
    let piece = &harvest.pieces[0];
    let melody: Vec<_> = piece.part(Role::Lead).iter().map(|event| (event.step, event.pitch, event.length)).collect();
    assert_eq!(melody, [(48, 67, 24), (72, 72, 48), (120, 76, 48), (168, 74, 48)]);
    assert_eq!(piece.harmony, [(0, None), (72, "C".parse().ok()), (168, "G7".parse().ok())]);
    assert_eq!((piece.bars, piece.mode, piece.styles[0].as_str()), (3, Some(Mode::Major), "folk"));
}

#[test]
fn drum_notation_becomes_drums() {
    let hit = |id: &str, more: &str| {
        format!("<note>{more}<unpitched/><duration>1</duration><instrument id=\"{id}\"/></note>")
    };
    let xml = format!(
        "<score-partwise><part-list><score-part><midi-instrument id=\"K\"><midi-unpitched>37</midi-unpitched></midi-instrument>\
        <midi-instrument id=\"H\"><midi-unpitched>43</midi-unpitched></midi-instrument></score-part></part-list>\
        <part><measure><attributes><divisions>1</divisions></attributes>{}{}{}<forward><duration>2</duration></forward></measure>\
        </part></score-partwise>",
        hit("K", "<notations><articulations><accent/></articulations></notations>"),
        hit("H", "<chord/>"),
        hit("H", "<notehead parentheses=\"yes\"/>"),
    );
    let side = br#"{"default_bpm":90}"#;
    let files = files(&[("fills/funk-1.musicxml", xml.as_bytes()), ("fills/funk-1.json", side)]);
    let piece = &stickflow::read(&files).expect("readable").pieces[0];
    assert_eq!(hits(piece.part(Role::Drums)), [(0, 36, 115, 0), (0, 42, 90, 0), (24, 42, 45, 0)]);
    assert_eq!((piece.bars, piece.bpm, piece.is_loop), (1, Some(90.0), false));
    assert_eq!(piece.styles, ["funk", "fill"]);
}

#[test]
fn equal_pieces_are_kept_once_in_the_part_that_is_tested() {
    let json = |tonic: &str| format!("# metre: 4/4\n# tonic: {tonic}\n1.0\t| {tonic}:maj | x4\n");
    let mut report = Report::default();
    let index = "id,title,artist\n1,A,A\n2,B,B\n";
    let files =
        files(&[("index.csv", index.as_bytes()), ("1.txt", json("D").as_bytes()), ("2.txt", json("E").as_bytes())]);
    let mut pieces = mcgill_billboard::read(&files).expect("readable").pieces;
    assert_eq!(pieces.len(), 2);
    pieces[0].split = Split::Train;
    pieces[1].split = Split::Test;
    let kept = unique::unique(pieces, &mut report);
    assert_eq!((kept.len(), kept[0].split), (1, Split::Test));
    assert_eq!(report.dropped.values().sum::<usize>(), 1);
}

/// All of the corpus, or `None` (and a message) where it is not there.
fn corpus() -> Option<&'static Corpus> {
    static CORPUS: std::sync::OnceLock<Option<Corpus>> = std::sync::OnceLock::new();
    CORPUS.get_or_init(all_sets).as_ref()
}

fn all_sets() -> Option<Corpus> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let mut sets = BTreeMap::new();
    for reader in READERS {
        let folder = root.join(reader.set);
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let read = entries.map(|entry| {
            let entry = entry.expect("readable");
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("readable"))
        });
        sets.insert(reader.set.to_owned(), Files::new(read).expect("no broken archive"));
    }
    if sets.is_empty() {
        eprintln!("skipped: no corpus beside the workspace");
        return None;
    }
    Some(read(&sets, &BTreeMap::new()).expect("readable"))
}

#[test]
fn the_corpus_holds_what_its_descriptions_say() {
    let Some(Corpus { pieces, report }) = corpus() else { return };
    eprintln!("{report}");
    let split = |set: &str, part: Split| report.splits[&(set.to_owned(), part)].pieces;
    // One of the 897 training files is there twice.
    assert_eq!([Split::Train, Split::Valid, Split::Test].map(|part| split("groove-midi", part)), [896, 124, 129]);
    for piece in pieces {
        let steps = piece.bars * piece.steps_per_bar();
        assert!(piece.bars > 0, "{}", piece.source);
        assert!(piece.harmony.is_sorted_by_key(|(step, _)| *step), "{}", piece.source);
        assert!(piece.harmony.iter().all(|(step, _)| *step < steps), "{}", piece.source);
        for (role, events) in &piece.parts {
            assert!(events.is_sorted_by_key(|event| (event.step, event.pitch)), "{} {role}", piece.source);
            assert!(
                events.iter().all(|event| event.step < steps && event.length > 0 && event.pitch < 128),
                "{}",
                piece.source
            );
            assert!(events.iter().all(|event| event.offset.abs() <= 60 && event.velocity > 0), "{}", piece.source);
            if *role == Role::Drums {
                assert!(events.iter().all(|event| crate::kit::KIT.contains(&event.pitch)), "{}", piece.source);
            }
        }
    }
}

/// Chords per bar, the share of what sounds that is in the chord and that is in the mode, by set.
#[test]
fn chords_and_keys_that_were_found_explain_the_notes() {
    let Some(Corpus { pieces, .. }) = corpus() else { return };
    #[derive(Default)]
    struct Fit {
        bars: f64,
        chords: f64,
        sounding: f64,
        in_chord: f64,
        in_mode: f64,
    }
    let mut sets: BTreeMap<&str, Fit> = BTreeMap::new();
    for piece in pieces.iter().filter(|piece| !piece.harmony.is_empty()) {
        let fit = sets.entry(piece.source.split('/').next().expect("a set")).or_default();
        fit.bars += f64::from(piece.bars);
        fit.chords += piece.harmony.len() as f64;
        let ends = piece.harmony.iter().skip(1).map(|&(step, _)| step);
        for (&(start, chord), end) in piece.harmony.iter().zip(ends.chain([piece.bars * piece.steps_per_bar()])) {
            for (_, events) in piece.parts.iter().filter(|(role, _)| *role != Role::Drums) {
                for (class, weight) in (0..).zip(chord_finding::weights(events, start, end)) {
                    let class = riffsmith_dsp::score::PitchClass::new(class);
                    fit.sounding += weight;
                    fit.in_chord += if chord.is_some_and(|chord| chord.contains(class)) { weight } else { 0.0 };
                    let in_mode = piece.mode.is_some_and(|mode| mode.intervals().contains(&class.semitones()));
                    fit.in_mode += if in_mode { weight } else { 0.0 };
                }
            }
        }
    }
    for (set, fit) in sets.iter().filter(|(_, fit)| fit.sounding > 0.0) {
        let (in_chord, in_mode) = (fit.in_chord / fit.sounding, fit.in_mode / fit.sounding);
        eprintln!(
            "{set}: {:.2} chords a bar, {in_chord:.3} in the chord, {in_mode:.3} in the mode",
            fit.chords / fit.bars
        );
        assert!(in_chord > 0.6, "{set}");
    }
}
