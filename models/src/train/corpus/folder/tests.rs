use super::*;
use crate::train::corpus::Corpus;
use riffsmith_dsp::score::{Meter, Note, Pitch, Role, Tempo, Velocity};
use std::collections::BTreeMap;

fn note(start: u32, pitch: u8, length: u32) -> Note {
    Note { start: Ticks(start), pitch: Pitch::new(pitch), length: Ticks(length), velocity: Velocity::new(90) }
}

/// A MIDI file of some bars of 4/4.
fn file(bars: u32, tracks: Vec<Track>) -> Vec<u8> {
    let mut score = Score::empty(Ticks(bars * 1920), Tempo::new(124.0).expect("valid"), Meter::COMMON);
    score.tracks = tracks;
    midi::write(&score)
}

fn track(name: &str, channel: u8, notes: Vec<Note>) -> Track {
    Track { name: name.to_owned(), channel, notes, ..Track::default() }
}

/// Four bars of a melody that a seed draws, over held chords and a bass.
fn song(seed: u64, up: u8) -> Vec<u8> {
    let mut rng = Seed(seed).rng();
    let scale = [60, 62, 64, 65, 67, 69, 71, 72];
    let lead = (0..32).map(|index| note(index * 240, up + scale[rng.below(8)], 240)).collect();
    let chords = (0..4).flat_map(|bar| [60, 64, 67].map(|pitch| note(bar * 1920, up + pitch, 1920))).collect();
    let bass = (0..16).map(|beat| note(beat * 480, up + 36, 400)).collect();
    file(4, vec![track("Melody", 0, lead), track("Keys", 1, chords), track("Low", 2, bass)])
}

fn files(all: Vec<(&str, Vec<u8>)>) -> Files {
    Files::new(all.into_iter().map(|(name, bytes)| (name.to_owned(), bytes))).expect("no archives")
}

#[test]
fn a_folder_of_loops_is_read_with_styles_roles_and_lengths() {
    // Played a little late on a channel of its own, and a silent last bar.
    let kick = (0..12).map(|beat| note(beat * 480 + 12, 36, 60)).collect();
    let all = files(vec![
        ("House/deep drums 01.mid", file(4, vec![track("", 0, kick)])),
        ("Drum & Bass/song.MID", song(1, 2)),
        ("broken.mid", b"MThd".to_vec()),
        ("notes.txt", b"buy strings".to_vec()),
        ("sheet.musicxml", b"<score-partwise><part id=\"P\"/></score-partwise>".to_vec()),
    ]);
    let harvest = read("mine", &all);
    assert_eq!(harvest.unread.len(), 1);
    assert!(harvest.unread[0].starts_with("broken.mid: not a valid MIDI file: "), "{:?}", harvest.unread);
    assert_eq!(harvest.dropped["files of other kinds"], 1);
    assert_eq!(harvest.dropped["files without a part that is known"], 1);
    let [song, drums] = &harvest.pieces[..] else { panic!("{}", harvest.pieces.len()) };
    assert_eq!((&drums.source[..], drums.styles.join(" ")), ("mine/House/deep drums 01.mid", "house".to_owned()));
    assert_eq!((drums.bars, drums.is_loop, drums.bpm.map(f64::round)), (4, true, Some(124.0)));
    let first = drums.part(Role::Drums)[1];
    assert_eq!((first.step, first.offset, first.pitch), (24, 12, 36));
    assert_eq!(song.styles, ["drum_and_bass"]);
    assert_eq!(song.parts.iter().map(|(role, _)| *role).collect::<Vec<_>>(), [Role::Bass, Role::Chords, Role::Lead]);
    assert_eq!(song.harmony, [(0, "C".parse().ok())]);
    assert_ne!(song.split, drums.split);
}

#[test]
fn files_are_split_by_piece_and_versions_of_one_stay_together() {
    let names: Vec<String> = (0..20).map(|number| format!("{number}.mid")).collect();
    let mut all: Vec<(&str, Vec<u8>)> = names.iter().zip(0..).map(|(name, seed)| (&name[..], song(seed, 0))).collect();
    all.extend([("3 higher.mid", song(3, 5)), ("3 again.mid", song(3, 0))]);
    let folders = BTreeMap::from([("mine".to_owned(), files(all))]);
    let Corpus { pieces, report } = crate::train::corpus::read(&BTreeMap::new(), &folders).expect("readable");
    // A transposed copy is the same piece.
    assert_eq!(report.dropped[&("mine".to_owned(), "the same as another piece".to_owned())], 2);
    let count = |split| pieces.iter().filter(|piece| piece.split == split).count();
    assert_eq!([Split::Train, Split::Valid, Split::Test].map(count), [16, 2, 2]);
    assert_eq!(report.licences["mine"], "the user's own");
}

#[test]
fn what_keeps_to_no_beat_is_left_out() {
    let mut rng = Seed(1).rng();
    let mut notes: Vec<Note> = (0..800).map(|_| note(rng.below(19_200) as u32, 60, 100)).collect();
    notes.sort_unstable();
    let harvest = read("mine", &files(vec![("free.mid", file(10, vec![track("piano", 0, notes)]))]));
    assert_eq!(harvest.dropped["files that do not keep to their beats"], 1);
}

#[test]
fn styles_are_words_of_the_path() {
    assert_eq!(styles("Hip-Hop/lofi_jam.mid"), ["hip_hop", "lofi"]);
    assert_eq!(styles("songs/my tune.mid"), Vec::<String>::new());
}

#[test]
fn piano_scores_have_lead_chords_and_bass() {
    let note = |step: &str, octave: u8, staff: u8, more: &str| {
        format!(
            "<note>{more}<pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>4</duration><staff>{staff}</staff></note>"
        )
    };
    let bar = note("E", 5, 1, "")
        + &note("C", 5, 1, "<chord/>")
        + "<backup><duration>4</duration></backup>"
        + &note("C", 3, 2, "");
    let xml = format!(
        "<score-partwise><part id=\"P\"><measure><attributes><divisions>1</divisions></attributes>{bar}</measure>{}</part></score-partwise>",
        format!("<measure>{bar}</measure>").repeat(3)
    );
    let harvest = read("mine", &files(vec![("piano.xml", xml.into_bytes())]));
    let first = |role| harvest.pieces[0].part(role).first().map(|event| event.pitch);
    assert_eq!([Role::Bass, Role::Chords, Role::Lead].map(first), [Some(48), Some(72), Some(76)]);
}
