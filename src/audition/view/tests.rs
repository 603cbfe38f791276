//! The view at the sizes that terminals have.

use super::*;
use crate::audition::meters::BANDS;
use crate::audition::screen::{Mark, PartLine, Picture, State, TakeLine};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use riffsmith_dsp::score::Role;

fn screen() -> Screen {
    let take = |number: u64| TakeLine {
        number,
        name: format!("house 124 Amin {}", 8390 + number),
        is_kept: number.is_multiple_of(3),
        is_selected: number == 7,
        is_playing: number == 6,
        state: match number {
            10 => State::Failed,
            8.. => State::Coming,
            _ => State::Ready,
        },
    };
    let mut notes = Vec::new();
    for step in 0..32_u8 {
        let start = f32::from(step) / 32.0;
        let mut note = |role, pitch, length| notes.push(Mark { role: Some(role), pitch, start, length });
        if step % 4 == 0 {
            note(Role::Drums, 36, 0.01);
            note(Role::Bass, 33 + step % 7, 0.06);
        }
        note(Role::Drums, 42, 0.01);
        if step % 8 == 4 {
            note(Role::Drums, 38, 0.01);
        }
        if step % 8 == 0 {
            [57, 60, 64].into_iter().for_each(|pitch| note(Role::Chords, pitch, 0.2));
        }
        if step % 3 == 0 {
            note(Role::Lead, 69 + step % 12, 0.03);
        }
    }
    let part = |role: Role| PartLine {
        role,
        patch: (role != Role::Lead).then(|| format!("{role}_patch")),
        is_selected: role == Role::Bass,
        is_locked: role == Role::Drums,
        is_muted: role == Role::Chords,
        is_solo: false,
        is_heard: role != Role::Chords,
    };
    let wave = |column: u32| {
        let level = 0.9 * (1.0 - (column % 32) as f32 / 40.0);
        [-level, 0.8 * level]
    };
    Screen {
        source: "house".to_owned(),
        takes: (1..=30).map(take).collect(),
        playing: "house  124 bpm  A minor  4/4  -13.2 LUFS".to_owned(),
        notes,
        bars: 4,
        bar: 1,
        playhead: 0.4,
        picture: Picture::Waveform((0..512).map(wave).collect()),
        parts: Role::ALL.map(part).to_vec(),
        peaks_db: [-6.3, -0.4],
        lufs: -13.6,
        volume_db: 0.0,
        is_refined: false,
        is_paused: false,
        is_waiting: true,
        device: Some("Default".to_owned()),
        latency_ms: 34.8,
        xruns: 0,
        kept: 2,
        message: "take 7 is still being made: it will follow when it is ready".to_owned(),
        shows_help: false,
    }
}

fn drawn(screen: &Screen, palette: Palette, width: u16, height: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("in memory");
    terminal.draw(|frame| draw(screen, palette, frame.area(), frame.buffer_mut())).expect("in memory");
    terminal
}

fn text(screen: &Screen, width: u16, height: u16) -> String {
    drawn(screen, Palette::Plain, width, height).backend().to_string()
}

#[test]
fn at_80_by_24() {
    insta::assert_snapshot!(text(&screen(), 80, 24));
}

#[test]
fn at_120_by_40_with_a_spectrogram() {
    let column = |time: usize| {
        let mut levels = [-72.0; BANDS];
        for (band, level) in levels.iter_mut().enumerate() {
            *level = -10.0 - band as f32 - (time % 8) as f32 * 4.0;
        }
        levels
    };
    let picture = Picture::Spectrogram((0..100).map(column).collect());
    insta::assert_snapshot!(text(&Screen { picture, is_refined: true, ..screen() }, 120, 40));
}

#[test]
fn at_200_by_60() {
    insta::assert_snapshot!(text(&screen(), 200, 60));
}

#[test]
fn with_its_keys() {
    insta::assert_snapshot!(text(&Screen { shows_help: true, ..screen() }, 80, 24));
}

#[test]
fn before_anything_plays_and_without_a_device() {
    let takes =
        screen().takes.into_iter().take(2).map(|take| TakeLine { state: State::Coming, is_playing: false, ..take });
    let empty = Screen {
        source: "house".to_owned(),
        takes: takes.collect(),
        lufs: f32::NEG_INFINITY,
        peaks_db: [-72.0; 2],
        parts: screen().parts,
        message: "there is no sound device".to_owned(),
        ..Screen::default()
    };
    insta::assert_snapshot!(text(&empty, 80, 24));
}

#[test]
fn without_colours_nothing_has_a_colour_and_with_them_parts_have_theirs() {
    let colours = |palette| {
        let terminal = drawn(&screen(), palette, 120, 40);
        let cells = terminal.backend().buffer().content().iter();
        cells.filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
    };
    assert_eq!(colours(Palette::Plain), 0);
    assert!(colours(Palette::Colours) > 200);
}

#[test]
fn any_size_is_drawn_without_a_panic() {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("in memory");
    for (width, height) in
        [(1, 1), (19, 3), (20, 4), (40, 10), (71, 18), (72, 17), (72, 18), (73, 19), (300, 20), (80, 100)]
    {
        for shows_help in [false, true] {
            terminal.backend_mut().resize(width, height);
            let screen = Screen { shows_help, ..screen() };
            terminal
                .draw(|frame| draw(&screen, Palette::Colours, frame.area(), frame.buffer_mut()))
                .expect("in memory");
        }
    }
}
