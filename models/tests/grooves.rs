//! What a style stands for, checked on every groove of the library.

use riffsmith_dsp::score::{Chord, Mode, PitchClass, Quality, Role};
use riffsmith_models::groove;
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER, Split};
use std::collections::HashSet;

const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;

/// Styles, how many grooves each must have, and tempo in BPM.
const STYLES: [(&str, usize, std::ops::RangeInclusive<f64>); 8] = [
    ("house", 15, 118.0..=132.0),
    ("techno", 15, 125.0..=145.0),
    ("drum_and_bass", 15, 165.0..=178.0),
    ("trap", 15, 130.0..=160.0),
    ("lofi", 15, 68.0..=92.0),
    ("ambient", 15, 55.0..=100.0),
    ("funk", 10, 90.0..=120.0),
    ("rock", 12, 90.0..=190.0),
];

fn grooves() -> Vec<Piece> {
    let read = |(name, text)| groove::read(name, text).unwrap_or_else(|error| panic!("{error}"));
    groove::builtin().into_iter().map(read).collect()
}

fn of_style(style: &str) -> Vec<Piece> {
    grooves().into_iter().filter(|piece| piece.styles == [style]).collect()
}

fn drum(name: &str) -> u8 {
    groove::KIT.iter().find(|(own, _)| *own == name).expect(name).1
}

/// True if one of these drums is struck on a step of the piece.
fn strikes(piece: &Piece, drums: &[&str], step: u32) -> bool {
    let numbers: Vec<u8> = drums.iter().map(|name| drum(name)).collect();
    piece.part(Role::Drums).iter().any(|event| event.step == step && numbers.contains(&event.pitch))
}

/// The share of bars in which one of these drums is struck on all these beats, counted from 1.
fn bars_with(piece: &Piece, drums: &[&str], beats: &[u32]) -> f64 {
    let struck = |bar: u32| {
        beats.iter().all(|beat| strikes(piece, drums, bar * piece.steps_per_bar() + (beat - 1) * STEPS_PER_QUARTER))
    };
    (0..piece.bars).filter(|&bar| struck(bar)).count() as f64 / f64::from(piece.bars)
}

fn share<T>(items: &[T], holds: impl Fn(&T) -> bool) -> f64 {
    if items.is_empty() { 1.0 } else { items.iter().filter(|item| holds(item)).count() as f64 / items.len() as f64 }
}

fn class(event: &Event) -> PitchClass {
    PitchClass::new(i32::from(event.pitch))
}

fn chord_at(piece: &Piece, step: u32) -> Chord {
    let after = piece.harmony.partition_point(|&(start, _)| start <= step);
    piece.harmony[after - 1].1.expect("grooves have no silent harmony")
}

fn is_in(mode: Mode, class: PitchClass) -> bool {
    mode.intervals().contains(&class.semitones())
}

/// The share of pitched notes that belong to the mode or to the chord they sound with.
fn in_key(piece: &Piece) -> f64 {
    let mode = piece.mode.expect("grooves have a mode");
    let pitched: Vec<Event> =
        [Role::Bass, Role::Chords, Role::Lead].into_iter().flat_map(|role| piece.part(role).to_vec()).collect();
    share(&pitched, |event| is_in(mode, class(event)) || chord_at(piece, event.step).contains(class(event)))
}

/// The share of chord changes at which the bass has the chord's lowest note, held or struck within an eighth.
fn roots_at_changes(piece: &Piece) -> f64 {
    share(&piece.harmony, |&(start, chord)| {
        let lowest = chord.expect("grooves have no silent harmony").lowest();
        piece.part(Role::Bass).iter().any(|event| {
            let reaches = event.step + event.length > start;
            class(event) == lowest && reaches && event.step <= start + 2 * SIXTEENTH
        })
    })
}

/// The share of lead notes on a beat that are chord tones; the third that a power chord leaves open is one.
fn chord_tones_on_beats(piece: &Piece) -> f64 {
    let on_beats: Vec<&Event> =
        piece.part(Role::Lead).iter().filter(|event| event.step.is_multiple_of(STEPS_PER_QUARTER)).collect();
    share(&on_beats, |event| {
        let chord = chord_at(piece, event.step);
        let is_open_third = chord.quality == Quality::Power && [3, 4].contains(&class(event).above(chord.root));
        chord.contains(class(event)) || is_open_third
    })
}

/// How different two grooves are in a role, 0 (the same) to 1: Jaccard distance of their sets of (onset, pitch).
fn distance(a: &Piece, b: &Piece, role: Role) -> f64 {
    let set = |piece: &Piece| -> HashSet<(u32, u8)> {
        piece.part(role).iter().map(|event| (event.step, event.pitch)).collect()
    };
    let (a, b) = (set(a), set(b));
    1.0 - a.intersection(&b).count() as f64 / a.union(&b).count().max(1) as f64
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}

/// Fails with every groove of a style for which `holds` is false.
fn every(style: &str, trait_name: &str, holds: impl Fn(&Piece) -> bool) {
    let without: Vec<_> = of_style(style).into_iter().filter(|piece| !holds(piece)).map(|piece| piece.source).collect();
    assert!(without.is_empty(), "{trait_name}: not in {}", without.join(", "));
}

#[test]
fn every_groove_is_read_and_has_four_roles() {
    let wrong: Vec<_> =
        groove::builtin().into_iter().filter_map(|(name, text)| groove::read(name, text).err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for ((name, _), piece) in groove::builtin().into_iter().zip(grooves()) {
        let style = &piece.styles[0];
        assert!(name.starts_with(&format!("{style}/")), "{name} is of style {style}");
        assert_eq!(piece.bars, 4, "{name}");
        for role in Role::ALL {
            assert!(!piece.part(role).is_empty(), "{name} has no {role}");
        }
    }
}

#[test]
fn every_style_has_its_grooves_some_for_validation_at_its_tempo() {
    for (style, count, bpm) in STYLES {
        let pieces = of_style(style);
        assert!(pieces.len() >= count, "{style}: {} of {count}", pieces.len());
        let valid = pieces.iter().filter(|piece| piece.split == Split::Valid).count();
        assert!((1..=3).contains(&valid), "{style}: {valid} of {} for validation", pieces.len());
        every(style, "tempo", |piece| bpm.contains(&piece.bpm.expect("grooves have a tempo")));
    }
}

#[test]
fn notes_lie_in_the_key_and_the_bass_marks_the_changes() {
    for piece in grooves() {
        let (in_key, roots, strong) = (in_key(&piece), roots_at_changes(&piece), chord_tones_on_beats(&piece));
        assert!(in_key >= 0.95, "{}: {in_key:.3} in key", piece.source);
        assert!(roots >= 0.7, "{}: the bass marks {roots:.2} of the changes", piece.source);
        assert!(strong >= 0.5, "{}: {strong:.2} of the lead's notes on beats are chord tones", piece.source);
    }
}

#[test]
fn parts_stay_in_singable_and_playable_ranges() {
    for piece in grooves() {
        let range = |role| {
            let pitches = piece.part(role).iter().map(|event| event.pitch);
            (pitches.clone().min().expect("has notes"), pitches.max().expect("has notes"))
        };
        let (bass, lead) = (range(Role::Bass), range(Role::Lead));
        assert!(bass.0 >= 24 && bass.1 <= 60, "{}: bass {bass:?}", piece.source);
        assert!(lead.0 >= 55 && lead.1 <= 91 && lead.1 - lead.0 <= 22, "{}: lead {lead:?}", piece.source);
        for role in [Role::Bass, Role::Lead] {
            let overlap = piece.part(role).windows(2).find(|pair| pair[0].step + pair[0].length > pair[1].step);
            assert_eq!(overlap, None, "{}: {role} is one voice", piece.source);
        }
    }
}

#[test]
fn no_two_grooves_of_a_style_are_nearly_the_same() {
    for (style, ..) in STYLES {
        let pieces = of_style(style);
        let pairs = || {
            let after = |i: usize| pieces[i + 1..].iter();
            pieces.iter().enumerate().flat_map(move |(i, a)| after(i).map(move |b| (a, b)))
        };
        for role in Role::ALL {
            let (a, b) =
                pairs().min_by(|x, y| distance(x.0, x.1, role).total_cmp(&distance(y.0, y.1, role))).expect("pairs");
            let nearest = distance(a, b, role);
            assert!(nearest >= 0.25, "{role} of {} and {} differ by {nearest:.2}", a.source, b.source);
        }
        for (a, b) in pairs() {
            let whole = mean(Role::ALL.into_iter().map(|role| distance(a, b, role)));
            assert!(whole >= 0.7, "{} and {} differ by {whole:.2}", a.source, b.source);
        }
    }
}

#[test]
fn the_bars_of_a_groove_vary() {
    for piece in grooves() {
        let bar = |role, index: u32| -> Vec<(u32, u8)> {
            let steps = piece.steps_per_bar();
            let own = piece.part(role).iter().filter(|event| event.step / steps == index);
            own.map(|event| (event.step % steps, event.pitch)).collect()
        };
        for role in [Role::Drums, Role::Lead, Role::Bass] {
            let distinct: HashSet<_> = (0..piece.bars).map(|index| bar(role, index)).collect();
            assert!(distinct.len() >= 2, "{}: all bars of the {role} are the same", piece.source);
        }
    }
}

#[test]
fn no_closed_hat_cuts_an_open_one_short_at_once() {
    for piece in grooves() {
        let both = piece
            .part(Role::Drums)
            .iter()
            .find(|event| event.pitch == drum("openhat") && strikes(&piece, &["hat", "pedal"], event.step));
        assert_eq!(both, None, "{}: {:?}", piece.source, both.map(|event| event.step));
    }
}

#[test]
fn house_has_its_kick_on_every_beat_claps_and_open_hats_between() {
    every("house", "kick on the beats", |piece| bars_with(piece, &["kick"], &[1, 2, 3, 4]) >= 0.75);
    every("house", "clap on two and four", |piece| bars_with(piece, &["clap", "snare"], &[2, 4]) == 1.0);
    let open = share(&of_style("house"), |piece| {
        (0..4).all(|beat| strikes(piece, &["openhat"], beat * STEPS_PER_QUARTER + 2 * SIXTEENTH))
    });
    assert!(open >= 0.8, "{open:.2} have an open hat on every off-beat");
}

#[test]
fn techno_is_four_on_the_floor() {
    every("techno", "kick on the beats", |piece| {
        let beats: Vec<u32> = (0..16).collect();
        share(&beats, |beat| strikes(piece, &["kick"], beat * STEPS_PER_QUARTER)) >= 14.0 / 16.0
    });
}

#[test]
fn drum_and_bass_has_a_backbeat_and_kicks_between_the_beats() {
    let backbeat = share(&of_style("drum_and_bass"), |piece| bars_with(piece, &["snare"], &[2, 4]) == 1.0);
    assert!(backbeat >= 0.9, "{backbeat:.2} have the snare on two and four; the rest is half-time");
    every("drum_and_bass", "a snare on two and four or on three", |piece| {
        bars_with(piece, &["snare"], &[2, 4]) == 1.0 || bars_with(piece, &["snare"], &[3]) == 1.0
    });
    every("drum_and_bass", "kick off the beat", |piece| {
        let kicks: Vec<_> = piece.part(Role::Drums).iter().filter(|event| event.pitch == drum("kick")).collect();
        share(&kicks, |event| !event.step.is_multiple_of(STEPS_PER_QUARTER)) >= 0.3
    });
}

#[test]
fn trap_is_half_time_with_rolling_hats_and_long_bass_notes() {
    every("trap", "snare on three", |piece| bars_with(piece, &["snare", "clap"], &[3]) == 1.0);
    every("trap", "no back-beat", |piece| bars_with(piece, &["snare", "clap"], &[2, 4]) == 0.0);
    every("trap", "rolls of the hat", |piece| {
        let hats: Vec<_> = piece.part(Role::Drums).iter().filter(|event| event.pitch == drum("hat")).collect();
        hats.windows(2).any(|pair| pair[1].step - pair[0].step < SIXTEENTH)
    });
    every("trap", "bass notes of a beat or more", |piece| {
        mean(piece.part(Role::Bass).iter().map(|event| f64::from(event.length))) >= f64::from(2 * SIXTEENTH)
    });
}

#[test]
fn lofi_swings_behind_the_beat_on_sevenths_and_ninths() {
    every("lofi", "snare behind the beat", |piece| {
        let backbeats: Vec<&Event> = piece
            .part(Role::Drums)
            .iter()
            .filter(|event| ["snare", "rim", "clap"].map(drum).contains(&event.pitch))
            .collect();
        share(&backbeats, |event| event.offset > 0) == 1.0
    });
    every("lofi", "swing", |piece| {
        let between: Vec<&Event> = piece
            .parts
            .iter()
            .flat_map(|(_, events)| events)
            .filter(|event| event.step % (2 * SIXTEENTH) == SIXTEENTH)
            .collect();
        mean(between.iter().map(|event| f64::from(event.offset))) >= 15.0
    });
    every("lofi", "sevenths and ninths", |piece| {
        share(&piece.harmony, |(_, chord)| chord.expect("a chord").quality.intervals().len() >= 4) >= 0.75
    });
}

#[test]
fn ambient_is_sparse_and_holds_its_chords() {
    every("ambient", "chords of half a bar or more", |piece| {
        mean(piece.part(Role::Chords).iter().map(|event| f64::from(event.length)))
            >= f64::from(piece.steps_per_bar()) / 2.5
    });
    every("ambient", "soft drums", |piece| piece.part(Role::Drums).iter().all(|event| event.velocity <= 60));
    every("ambient", "few leads a bar", |piece| piece.part(Role::Lead).len() as u32 <= 8 * piece.bars);
}

#[test]
fn funk_is_on_the_one_with_ghost_notes_and_syncopation() {
    every("funk", "kick on the one", |piece| bars_with(piece, &["kick"], &[1]) == 1.0);
    every("funk", "bass on the one", |piece| {
        (0..piece.bars).all(|bar| piece.part(Role::Bass).iter().any(|event| event.step == bar * piece.steps_per_bar()))
    });
    every("funk", "ghost notes on the snare", |piece| {
        piece.part(Role::Drums).iter().filter(|event| event.pitch == drum("snare") && event.velocity < 60).count() >= 4
    });
    every("funk", "sixteenths off the eighths", |piece| {
        let all: Vec<&Event> =
            [Role::Bass, Role::Chords, Role::Lead].into_iter().flat_map(|role| piece.part(role)).collect();
        share(&all, |event| event.step % (2 * SIXTEENTH) == SIXTEENTH) >= 0.15
    });
    every("funk", "sevenths and ninths", |piece| {
        share(&piece.harmony, |(_, chord)| chord.expect("a chord").quality.intervals().len() >= 4) == 1.0
    });
}

#[test]
fn rock_has_a_backbeat_and_moves_in_eighths() {
    every("rock", "back-beat", |piece| {
        let dotted_beat = piece.meter.denominator() == 8;
        let on = |beats: &[u32]| bars_with(piece, &["snare"], beats) == 1.0;
        dotted_beat || on(&[2, 4]) || on(&[3])
    });
    every("rock", "eighths", |piece| {
        share(piece.part(Role::Bass), |event| event.step.is_multiple_of(2 * SIXTEENTH)) >= 0.75
    });
}
