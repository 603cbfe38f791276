//! Contracts of the composer, on its own weights and on random ones.

use super::*;
use layout::{Layout, Sizes};
use riffsmith_dsp::score::{Mode, Role, Tempo, Ticks};

/// Networks that know nothing: their logits are noise.
fn random(seed: u64) -> Composer {
    let mut rng = Seed(seed).rng();
    let networks: Vec<(Part, Sizes, Vec<f32>)> = Part::ALL
        .into_iter()
        .map(|part| {
            let sizes = Sizes { hidden: 8, cells: 8, blocks: 1, mix: 8, tail: 8 };
            let total = Layout::new(part, sizes).total;
            (part, sizes, (0..total).map(|_| rng.normal()).collect())
        })
        .collect();
    let networks: Vec<(Part, Sizes, &[f32])> =
        networks.iter().map(|(part, sizes, all)| (*part, *sizes, &all[..])).collect();
    Composer::from_bytes(&weights::write(&networks)).expect("what was written can be read")
}

fn brief(change: impl Fn(&mut BriefOptions)) -> Brief {
    let mut options = BriefOptions::default();
    change(&mut options);
    Brief::new(options).expect("a valid brief")
}

/// Checks what every score keeps, and returns the share of pitched notes in the key.
fn check(score: &Score, brief: &Brief) -> f64 {
    let options = brief.options();
    assert_eq!(score.length, options.meter.bar() * options.bars);
    assert_eq!(score.keys, [(Ticks(0), options.key)]);
    assert_eq!(score.chords.first().map(|&(at, _)| at), Some(Ticks(0)));
    assert_eq!(score.tracks.len(), options.roles.len());
    let (mut inside, mut all) = (0, 0);
    for track in &score.tracks {
        assert!(track.notes.is_sorted_by(|a, b| (a.start, a.pitch) < (b.start, b.pitch)), "{}", track.name);
        for note in &track.notes {
            assert!(note.length.0 >= 1 && note.end() <= score.length && note.start < score.length);
            if track.role == Some(Role::Drums) {
                assert!(track.is_drums() && (35..=81).contains(&note.pitch.number()));
            } else {
                assert!(
                    !track.is_drums() && (18..=108).contains(&note.pitch.number()),
                    "{} {}",
                    track.name,
                    note.pitch
                );
                all += 1;
                inside += i32::from(options.key.contains(note.pitch.class()));
            }
        }
        for pair in track.notes.windows(2) {
            if matches!(track.role, Some(Role::Bass | Role::Lead)) {
                assert!(pair[0].end() <= pair[1].start, "one note at a time");
            }
        }
    }
    f64::from(inside) / f64::from(all.max(1))
}

#[test]
fn whatever_the_weights_every_score_keeps_the_grammar() {
    for seed in 0..6 {
        let composer = random(seed);
        for (meter, bars) in [("4/4", 1), ("3/4", 2), ("6/8", 4), ("7/8", 3), ("5/4", 2), ("1/4", 1), ("4/2", 1)] {
            let brief = brief(|options| {
                options.meter = meter.parse().expect("a metre");
                options.bars = bars;
                options.temperature = 2.0;
                options.top_p = 1.0;
                options.strict_key = seed % 2 == 0;
                options.swing = 0.5 + 0.05 * seed as f32;
            });
            let inside = check(&composer.compose(&brief, Seed(seed)), &brief);
            assert!(if seed % 2 == 0 { inside == 1.0 } else { inside >= 0.95 }, "{inside}");
        }
    }
}

#[test]
fn every_mode_and_key_is_kept() {
    let composer = random(1);
    for (index, mode) in Mode::ALL.into_iter().enumerate() {
        let brief = brief(|options| {
            options.key =
                riffsmith_dsp::score::Key { tonic: riffsmith_dsp::score::PitchClass::new(index as i32 * 5), mode };
            options.strict_key = true;
        });
        assert_eq!(check(&composer.compose(&brief, Seed(3)), &brief), 1.0);
    }
}

#[test]
fn given_chords_are_followed() {
    let composer = random(2);
    let chords: Vec<_> = ["Am", "E7", "F", "Dm7b5"]
        .iter()
        .enumerate()
        .map(|(bar, text)| (Ticks(1920 * bar as u32), text.parse().expect("a chord")))
        .collect();
    let brief = brief(|options| options.chords = Some(chords.clone()));
    let score = composer.compose(&brief, Seed(1));
    assert_eq!(score.chords, chords);
    let comping = score.track(Role::Chords).expect("a track");
    for note in &comping.notes {
        // Players are a little early or late.
        let chord = score.chord_at(note.start + Ticks(10)).expect("a chord everywhere");
        assert!(chord.contains(note.pitch.class()));
        let end = Ticks(note.end().0.saturating_sub(10));
        assert!(score.chord_at(end) == Some(chord), "held chords give way to the next");
    }
}

#[test]
fn a_role_more_changes_nothing_in_those_before_it() {
    let composer = random(4);
    let all = composer.compose(&brief(|_| ()), Seed(9));
    let two = composer.compose(&brief(|options| options.roles = vec![Role::Drums, Role::Chords]), Seed(9));
    assert_eq!(all.track(Role::Drums), two.track(Role::Drums));
    assert_eq!(all.chords, two.chords);
    assert_ne!(composer.compose(&brief(|_| ()), Seed(10)), all);
    assert_eq!(composer.compose(&brief(|_| ()), Seed(9)), all);
}

#[test]
fn broken_weights_are_refused() {
    let good = BUILTIN.to_vec();
    let reason = |bytes: &[u8]| Composer::from_bytes(bytes).expect_err("broken").to_string();
    assert!(reason(b"").contains("does not start"));
    assert!(reason(b"RIFFxxxxWAVE").contains("does not start"));
    assert!(reason(&good[..good.len() - 1]).contains("checksum"));
    assert!(reason(&good[..15]).contains("ends after 15 bytes"));
    let mut changed = good.clone();
    changed[good.len() / 2] ^= 1;
    assert!(reason(&changed).contains("checksum"));
    let mut newer = good.clone();
    newer[8] = 99;
    assert!(reason(&newer).contains("version 99"));
    assert!(reason(&weights::write(&[])).contains("no network for harmony"));
}

#[test]
fn weights_round_trip_to_half_precision() {
    let sizes = Sizes { hidden: 8, cells: 8, blocks: 1, mix: 8, tail: 8 };
    let layout = Layout::new(Part::Bass, sizes);
    let mut rng = Seed(2).rng();
    let parameters: Vec<f32> = (0..layout.total).map(|_| half::f16::from_f32(rng.normal()).to_f32()).collect();
    let file = weights::write(&[(Part::Bass, sizes, &parameters)]);
    let entries = weights::read(&file).expect("readable");
    assert_eq!(entries[0].network(&file), Network::new(layout, parameters));
}

#[test]
fn every_style_tag_gives_a_loop_worth_hearing() {
    let composer = Composer::builtin().expect("the program is whole");
    for tag in STYLES {
        let brief = brief(|options| options.styles = vec![(tag.to_owned(), 1.0)]);
        let score = composer.compose(&brief, Seed(7));
        let inside = check(&score, &brief);
        assert!(inside >= 0.95, "{tag}: {inside}");
        for track in &score.tracks {
            let quarters = (score.length.0 / Ticks::PER_QUARTER) as usize;
            assert!((1..=20 * quarters).contains(&track.notes.len()), "{tag}: {} {}", track.name, track.notes.len());
        }
    }
}

#[test]
fn every_length_and_metre_is_exact() {
    let composer = Composer::builtin().expect("the program is whole");
    for bars in [1, 2, 3, 8, 16, 32] {
        let brief = brief(|options| {
            options.bars = bars;
            options.styles = vec![("funk".to_owned(), 0.5), ("house".to_owned(), 0.5)];
        });
        assert!(check(&composer.compose(&brief, Seed(1)), &brief) >= 0.95, "{bars}");
    }
    for meter in ["3/4", "6/8", "7/8", "5/4", "12/8", "2/4"] {
        let brief = brief(|options| {
            options.meter = meter.parse().expect("a metre");
            options.strict_key = true;
        });
        assert_eq!(check(&composer.compose(&brief, Seed(1)), &brief), 1.0, "{meter}");
    }
}

#[test]
fn threads_make_no_difference() {
    let composer = Composer::builtin().expect("the program is whole");
    let brief = brief(|options| options.styles = vec![("techno".to_owned(), 1.0)]);
    let alone = composer.compose(&brief, Seed(5));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| composer.compose(&brief, Seed(5)))).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("composing does not fail"), alone);
        }
    });
}

#[test]
fn the_chords_under_a_primer_fit_it() {
    let composer = Composer::builtin().expect("built in");
    let primer: Primer = "E5 G5/2 C6/2 B4 G4 A4 C5 F5 A5".parse().expect("a primer");
    let fitting = |primed: bool| -> u32 {
        let one = |seed| {
            let brief = brief(|options| {
                options.key = "C major".parse().expect("a key");
                options.roles = vec![Role::Lead];
                options.controls.primer = primed.then(|| primer.clone());
            });
            let score = composer.compose(&brief, Seed(seed));
            let [first, second] = [0, 1920].map(|at| score.chord_at(Ticks(at)).expect("a chord"));
            let count = |chord: riffsmith_dsp::score::Chord, classes: &[i32]| {
                classes.iter().filter(|&&class| chord.contains(riffsmith_dsp::score::PitchClass::new(class))).count()
                    as u32
            };
            count(first, &[4, 7, 0]) + count(second, &[9, 0, 5])
        };
        (0..8).map(one).sum()
    };
    let (with, without) = (fitting(true), fitting(false));
    assert!(with > without + 8 && with >= 36, "{with} of 48, {without} where it is not heard");
}

#[test]
fn parts_that_are_kept_stay_note_for_note_and_the_others_are_new() {
    let composer = Composer::builtin().expect("built in");
    let brief = brief(|options| options.bars = 2);
    let track = |score: &Score, role: Role| score.track(role).expect("asked for").notes.clone();
    let first = composer.compose(&brief, Seed(1));
    let keeps = |roles: &[Role]| vec![Redraw { seed: Seed(2), keeps: roles.to_vec() }];
    let drums_stay = composer.recompose(&brief, Seed(1), &keeps(&[Role::Drums]));
    assert_eq!(track(&drums_stay, Role::Drums), track(&first, Role::Drums));
    assert_ne!(track(&drums_stay, Role::Bass), track(&first, Role::Bass));
    let lead_stays = composer.recompose(&brief, Seed(1), &keeps(&[Role::Lead]));
    assert_eq!(track(&lead_stays, Role::Lead), track(&first, Role::Lead));
    assert_eq!(lead_stays.chords, first.chords);
    assert_ne!(track(&lead_stays, Role::Drums), track(&first, Role::Drums));
    assert_eq!(composer.recompose(&brief, Seed(1), &keeps(&Role::ALL)), first);
    assert_eq!(composer.recompose(&brief, Seed(1), &keeps(&[])), composer.compose(&brief, Seed(2)));
}

#[test]
fn a_loop_written_for_one_tempo_and_played_at_another_keeps_its_notes() {
    let composer = Composer::builtin().expect("built in");
    let at = |bpm: f64, written: Option<f64>| {
        let tempo = |bpm| Tempo::new(bpm).expect("a tempo");
        let brief = brief(|options| {
            (options.tempo, options.written_tempo, options.bars) = (tempo(bpm), written.map(tempo), 2);
        });
        composer.compose(&brief, Seed(3))
    };
    let faster = at(132.0, Some(120.0));
    assert_eq!(faster.tracks, at(120.0, None).tracks);
    assert!((faster.tempo().bpm() - 132.0).abs() < 0.01);
}
