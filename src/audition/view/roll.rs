//! The piano roll: pitched notes above, a line for each drum below, and where the sound is.

use super::frame::{framed, write};
use super::palette::Palette;
use crate::audition::screen::{Mark, Screen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use riffsmith_dsp::score::Role;

/// Part of the rows that drums take at most.
const DRUM_SHARE: f32 = 0.4;

/// Draws it.
pub fn draw(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let inside = framed(area, "notes", palette, buffer);
    if inside.width == 0 || inside.height == 0 {
        return;
    }
    lines(screen, palette, inside, buffer);
    if screen.notes.is_empty() && screen.bars > 0 {
        write(" its notes are not known", palette.faint(), inside, buffer);
    }
    let is_drum = |mark: &&Mark| mark.role == Some(Role::Drums);
    let mut drums: Vec<u8> = screen.notes.iter().filter(is_drum).map(|mark| mark.pitch).collect();
    drums.sort_unstable();
    drums.dedup();
    let most = ((f32::from(inside.height) * DRUM_SHARE) as usize).max(1);
    let drum_rows = drums.len().min(most) as u16;
    let keyboard = Rect { height: inside.height - drum_rows, ..inside };
    let pitches = screen.notes.iter().filter(|mark| !is_drum(mark)).map(|mark| mark.pitch);
    let (low, high) = pitches.fold((127, 0), |(low, high), pitch| (low.min(pitch), high.max(pitch)));
    for mark in &screen.notes {
        let y = if mark.role == Some(Role::Drums) {
            // Low drums below; where there are too many, neighbours share a line.
            let index = drums.binary_search(&mark.pitch).unwrap_or(0);
            inside.bottom() - 1 - (index * usize::from(drum_rows) / drums.len().max(1)) as u16
        } else if keyboard.height == 0 {
            continue;
        } else {
            let share = f32::from(high - mark.pitch) / f32::from((high - low).max(1));
            keyboard.y + (share * f32::from(keyboard.height - 1)).round() as u16
        };
        bar(mark, y, palette, inside, buffer);
    }
}

/// Bar lines, and the playhead.
fn lines(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    for bar in 1..screen.bars {
        let x = column(bar as f32 / screen.bars as f32, area);
        column_of(x, "\u{250a}", palette.faint(), area, buffer);
    }
    if screen.bars > 0 {
        let x = column(screen.playhead, area);
        column_of(x, "\u{2502}", palette.playing(), area, buffer);
    }
}

fn column_of(x: u16, symbol: &str, style: Style, area: Rect, buffer: &mut Buffer) {
    for y in area.top()..area.bottom() {
        buffer[(x, y)].set_symbol(symbol).set_style(style);
    }
}

fn bar(mark: &Mark, y: u16, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let is_drum = mark.role == Some(Role::Drums);
    let first = column(mark.start, area);
    let last = if is_drum { first } else { column((mark.start + mark.length).min(0.9999), area).max(first + 1) - 1 };
    for x in first..=last {
        let cell = &mut buffer[(x, y)];
        let is_playhead = cell.symbol() == "\u{2502}";
        cell.set_symbol(glyph(mark.role)).set_style(palette.role(mark.role));
        if is_playhead {
            cell.set_style(palette.selected());
        }
    }
}

/// Parts are told apart without colours too.
fn glyph(role: Option<Role>) -> &'static str {
    match role {
        Some(Role::Drums) => "\u{2022}",
        Some(Role::Bass) => "\u{2588}",
        Some(Role::Chords) => "\u{2592}",
        Some(Role::Lead) => "\u{2593}",
        None => "\u{2580}",
    }
}

fn column(share: f32, area: Rect) -> u16 {
    area.x + ((share.clamp(0.0, 1.0) * f32::from(area.width)) as u16).min(area.width - 1)
}
