//! The list of takes.

use super::frame::{framed, write};
use super::palette::Palette;
use crate::audition::screen::{Screen, State};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it, with the selected take in view.
pub fn draw(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let inside = framed(area, "takes", palette, buffer);
    let rows = usize::from(inside.height);
    let selected = screen.takes.iter().position(|take| take.is_selected).unwrap_or(0);
    let first = selected.saturating_sub(rows / 2).min(screen.takes.len().saturating_sub(rows));
    for (row, take) in screen.takes.iter().skip(first).take(rows).enumerate() {
        let playing = if take.is_playing { '\u{25b6}' } else { ' ' };
        let kept = if take.is_kept { '*' } else { ' ' };
        let state = match take.state {
            State::Ready => ' ',
            State::Coming => '\u{2026}',
            State::Failed => '!',
        };
        let text = format!("{playing}{kept}{state}{:>3} {}", take.number, take.name);
        let mut style = match (take.is_playing, take.state) {
            (true, _) => palette.playing(),
            (false, State::Failed) => palette.warning(),
            (false, State::Coming) => palette.faint(),
            (false, State::Ready) => ratatui::style::Style::new(),
        };
        if take.is_selected {
            style = style.patch(palette.selected());
        }
        let line = Rect { y: inside.y + row as u16, height: 1, ..inside };
        let width = usize::from(line.width);
        write(&format!("{text:width$}"), style, line, buffer);
    }
}
