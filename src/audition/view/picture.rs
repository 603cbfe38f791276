//! The waveform with its playhead, or a spectrogram that scrolls.

use super::frame::framed;
use super::palette::Palette;
use crate::audition::meters::{BANDS, FLOOR_DB};
use crate::audition::screen::{Picture, Screen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws one of them.
pub fn draw(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    match &screen.picture {
        Picture::Waveform(overview) => {
            let inside = framed(area, "waveform", palette, buffer);
            waveform(overview, screen, palette, inside, buffer);
        }
        Picture::Spectrogram(columns) => {
            let inside = framed(area, "spectrum, 40 Hz to 16 kHz", palette, buffer);
            spectrogram(columns, palette, inside, buffer);
        }
    }
}

fn waveform(overview: &[[f32; 2]], screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    if overview.is_empty() {
        return;
    }
    // Two halves in each cell.
    let halves = f32::from(area.height) * 2.0;
    let playhead = (screen.playhead * f32::from(area.width)) as u16;
    for column in 0..area.width {
        let place = |column: u16| usize::from(column) * overview.len() / usize::from(area.width);
        let range = place(column)..place(column + 1).max(place(column) + 1);
        let reach = overview[range].iter().fold([0.0f32; 2], |[low, high], part| [low.min(part[0]), high.max(part[1])]);
        let y_of = |sample: f32| (0.5 - 0.5 * sample.clamp(-1.0, 1.0)) * halves;
        let (top, bottom) = (y_of(reach[1]), y_of(reach[0]));
        for row in 0..area.height {
            let is_filled = |half: u16| {
                let middle = f32::from(2 * row + half) + 0.5;
                middle >= top && middle <= bottom.max(top + 1.0)
            };
            let symbol = match (is_filled(0), is_filled(1)) {
                (true, true) => "\u{2588}",
                (true, false) => "\u{2580}",
                (false, true) => "\u{2584}",
                (false, false) => " ",
            };
            let cell = &mut buffer[(area.x + column, area.y + row)];
            cell.set_symbol(symbol);
            cell.set_style(if column == playhead { palette.selected() } else { palette.role(None) });
        }
    }
}

fn spectrogram(columns: &[[f32; BANDS]], palette: Palette, area: Rect, buffer: &mut Buffer) {
    const SHADES: [&str; 5] = [" ", "\u{2591}", "\u{2592}", "\u{2593}", "\u{2588}"];
    for (x, levels) in (area.left()..area.right()).rev().zip(columns.iter().rev()) {
        for row in 0..area.height {
            // Low bands below; those that share a row show the loudest of them.
            let band = |row: u16| usize::from(area.height - row) * BANDS / usize::from(area.height);
            let level =
                levels[band(row + 1)..band(row).max(band(row + 1) + 1)].iter().copied().fold(FLOOR_DB, f32::max);
            let shade = ((1.0 - level / FLOOR_DB).clamp(0.0, 1.0) * 5.0) as usize;
            buffer[(x, area.y + row)].set_symbol(SHADES[shade.min(4)]).set_style(palette.level(level));
        }
    }
}
