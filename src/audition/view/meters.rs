//! Peaks and loudness.

use super::frame::write;
use super::palette::Palette;
use crate::audition::meters::FLOOR_DB;
use crate::audition::screen::Screen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The lowest peak that has a mark on the scale, in dBFS.
const LOWEST_DB: f32 = -48.0;

/// Peaks from here on are a warning, in dBFS.
const HOT_DB: f32 = -1.0;

/// Draws a line each for left and right, and loudness and volume beside them.
pub fn draw(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    const TEXT: u16 = 32;
    let width = usize::from(area.width.saturating_sub(TEXT));
    let loudness = if screen.lufs.is_finite() { format!("{:5.1} LUFS", screen.lufs) } else { "    - LUFS".to_owned() };
    let beside = [loudness, format!("volume {:+.0} dB", screen.volume_db)];
    for (row, (side, (peak_db, beside))) in
        ["L", "R"].into_iter().zip(screen.peaks_db.into_iter().zip(beside)).enumerate()
    {
        let share = (1.0 - peak_db / LOWEST_DB).clamp(0.0, 1.0);
        let filled = (share * width as f32).round() as usize;
        let peak = if peak_db > FLOOR_DB { format!("{peak_db:6.1} dBFS") } else { "     - dBFS".to_owned() };
        let text =
            format!("{side} {}{} {peak}  {beside}", "\u{25ae}".repeat(filled), "\u{00b7}".repeat(width - filled));
        let style = if peak_db > HOT_DB { palette.warning() } else { palette.strong() };
        write(&text, style, Rect { y: area.y + row as u16, height: 1, ..area }, buffer);
    }
}
