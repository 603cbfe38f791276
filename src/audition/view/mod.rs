//! The terminal view. Each file draws one part of the [`Screen`] into an area; [`terminal`] owns the terminal itself.

mod frame;
mod help;
mod list;
mod meters;
mod palette;
mod parts;
mod picture;
mod roll;
mod signals;
mod terminal;
#[cfg(test)]
mod tests;

pub use signals::Signals;
pub use terminal::run;

use super::screen::Screen;
use palette::Palette;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The smallest terminal in which everything has its place; in smaller ones there is only the list.
const LEAST: [u16; 2] = [72, 18];

/// Rows of meters and parts together, with their frame.
const PARTS_ROWS: u16 = 8;

/// Columns of the list.
const LIST_COLUMNS: [u16; 2] = [30, 46];

/// Draws the screen.
fn draw(screen: &Screen, palette: Palette, area: Rect, buffer: &mut Buffer) {
    if area.width < 20 || area.height < 4 {
        return;
    }
    let head = Rect { height: 1, ..area };
    let foot = Rect { y: area.bottom() - 2, height: 2, ..area };
    let body = Rect { y: area.y + 1, height: area.height - 3, ..area };
    frame::head(screen, palette, head, buffer);
    frame::foot(screen, palette, foot, buffer);
    if area.width < LEAST[0] || area.height < LEAST[1] {
        list::draw(screen, palette, body, buffer);
    } else {
        let columns = (area.width / 3).clamp(LIST_COLUMNS[0], LIST_COLUMNS[1]);
        let left = Rect { width: columns, ..body };
        let right = Rect { x: body.x + columns, width: body.width - columns, ..body };
        let parts = Rect { y: right.bottom() - PARTS_ROWS, height: PARTS_ROWS, ..right };
        let pictures = right.height - PARTS_ROWS;
        let picture = Rect { y: parts.y - pictures / 3, height: pictures / 3, ..right };
        let roll = Rect { height: pictures - picture.height, ..right };
        list::draw(screen, palette, left, buffer);
        roll::draw(screen, palette, roll, buffer);
        picture::draw(screen, palette, picture, buffer);
        let meters = Rect { height: 2, ..frame::framed(parts, &parts_title(screen), palette, buffer) };
        meters::draw(screen, palette, meters, buffer);
        parts::draw(screen, palette, Rect { y: meters.bottom(), height: PARTS_ROWS - 4, ..meters }, buffer);
    }
    if screen.shows_help {
        help::draw(palette, area, buffer);
    }
}

fn parts_title(screen: &Screen) -> String {
    if screen.is_refined { "parts, refined".to_owned() } else { "parts".to_owned() }
}
