//! Head, foot and the frames between them.

use super::palette::Palette;
use crate::audition::screen::Screen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

/// Keys that are always shown.
const KEYS: &str = "n next  p back  k keep  x reject  v vary  m mute  u undo  ? all keys  q quit";

/// What plays, and where it is.
pub fn head(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let state = match (screen.is_paused, screen.is_waiting) {
        (true, _) => "paused",
        (false, true) => "waiting",
        (false, false) => "playing",
    };
    let left = format!(" riffsmith  {}  {state}  {}", screen.source, screen.playing);
    let right = if screen.bars > 0 { format!("bar {}/{} ", screen.bar + 1, screen.bars) } else { String::new() };
    write(&left, palette.strong(), area, buffer);
    write_right(&right, palette.strong(), area, buffer);
}

/// What was said last, the device, and the keys.
pub fn foot(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let device = match &screen.device {
        Some(_) => format!("key to sound {:.0} ms  {} xruns  {} kept ", screen.latency_ms, screen.xruns, screen.kept),
        None => format!("no sound  {} kept ", screen.kept),
    };
    let first = Rect { height: 1, ..area };
    let style = if screen.xruns > 0 || screen.device.is_none() { palette.warning() } else { palette.faint() };
    let room = area.width.saturating_sub(device.chars().count() as u16 + 1);
    write(&format!(" {}", screen.message), palette.strong(), Rect { width: room, ..first }, buffer);
    write_right(&device, style, first, buffer);
    write(&format!(" {KEYS}"), palette.faint(), Rect { y: area.y + 1, height: 1, ..area }, buffer);
}

/// Draws a frame, and returns what is inside.
pub fn framed(area: Rect, title: &str, palette: Palette, buffer: &mut Buffer) -> Rect {
    let block = Block::bordered().border_style(palette.faint()).title(format!(" {title} "));
    let inside = block.inner(area);
    block.render(area, buffer);
    inside
}

/// Writes a line, as much of it as there is room for.
pub fn write(text: &str, style: ratatui::style::Style, area: Rect, buffer: &mut Buffer) {
    if area.height > 0 {
        buffer.set_stringn(area.x, area.y, text, usize::from(area.width), style);
    }
}

fn write_right(text: &str, style: ratatui::style::Style, area: Rect, buffer: &mut Buffer) {
    let width = (text.chars().count() as u16).min(area.width);
    write(text, style, Rect { x: area.right() - width, width, ..area }, buffer);
}
