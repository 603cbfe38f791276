//! The list of keys, over everything else.

use super::frame::{framed, write};
use super::palette::Palette;
use crate::audition::keys::BINDINGS;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

/// Columns of the list, each of so many characters.
const COLUMNS: usize = 2;
const WIDTH: u16 = 37;

/// Draws it in the middle.
pub fn draw(palette: Palette, area: Rect, buffer: &mut Buffer) {
    let rows = BINDINGS.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS as u16 * WIDTH + 2, rows as u16 + 2);
    let (width, height) = (width.min(area.width), height.min(area.height));
    let middle = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    Clear.render(middle, buffer);
    let inside = framed(middle, "keys, ? closes", palette, buffer);
    for (index, binding) in BINDINGS.iter().enumerate() {
        let (column, row) = (index / rows, index % rows);
        if row >= usize::from(inside.height) {
            continue;
        }
        let key = match binding.key {
            ' ' => "Space".to_owned(),
            '\t' => "Tab".to_owned(),
            key => key.to_string(),
        };
        let x = inside.x + column as u16 * WIDTH;
        if x >= inside.right() {
            continue;
        }
        let line = Rect { x, y: inside.y + row as u16, width: WIDTH.min(inside.right() - x), height: 1 };
        write(&format!(" {key:>5}  {}", binding.help), palette.strong(), line, buffer);
    }
}
