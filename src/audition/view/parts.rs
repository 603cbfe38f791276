//! The parts, what plays them, and which are heard.

use super::frame::write;
use super::palette::Palette;
use crate::audition::screen::Screen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws a line each.
pub fn draw(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    for (row, part) in screen.parts.iter().take(usize::from(area.height)).enumerate() {
        let mark = |is: bool, word: &str| if is { word.to_owned() } else { " ".repeat(word.len()) };
        let text = format!(
            "{} {} {:6} {} {} {}  {}",
            row + 1,
            if part.is_heard { '\u{25cf}' } else { '\u{25cb}' },
            part.role.name(),
            mark(part.is_locked, "lock"),
            mark(part.is_muted, "mute"),
            mark(part.is_solo, "solo"),
            part.patch.as_deref().unwrap_or("-")
        );
        let style = if part.is_heard { palette.role(Some(part.role)) } else { palette.faint() };
        let style = if part.is_selected { style.patch(palette.selected()) } else { style };
        let line = Rect { y: area.y + row as u16, height: 1, ..area };
        let width = usize::from(line.width);
        write(&format!("{text:width$}"), style, line, buffer);
    }
}
