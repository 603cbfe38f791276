//! An image in memory: rectangles, columns and text.

use super::font;

/// Red, green, blue, 0 to 255.
pub type Colour = [u8; 3];

/// A part of an image, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Area {
    /// The column at `share` (0.0 ..= 1.0) of the width.
    pub fn column(self, share: f64) -> usize {
        self.x + (share * self.width as f64).round() as usize
    }
}

/// An RGB image.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

impl Canvas {
    /// An image of one colour.
    pub fn new(width: usize, height: usize, background: Colour) -> Self {
        Self { width, height, pixels: vec![background; width * height] }
    }

    /// Lays `colour` over a pixel, `opacity` 0.0 ..= 1.0; pixels outside are ignored.
    pub fn blend(&mut self, x: usize, y: usize, colour: Colour, opacity: f32) {
        if x < self.width && y < self.height {
            let pixel = &mut self.pixels[y * self.width + x];
            for (own, new) in pixel.iter_mut().zip(colour) {
                *own = (f32::from(*own) + (f32::from(new) - f32::from(*own)) * opacity).round() as u8;
            }
        }
    }

    /// The colour of a pixel.
    #[cfg(test)]
    pub fn at(&self, x: usize, y: usize) -> Colour {
        self.pixels[y * self.width + x]
    }

    /// Lays `colour` over an area.
    pub fn fill(&mut self, area: Area, colour: Colour, opacity: f32) {
        for y in area.y..area.y + area.height {
            for x in area.x..area.x + area.width {
                self.blend(x, y, colour, opacity);
            }
        }
    }

    /// Writes `text` with its upper left corner at `(x, y)`, each pixel of the font `scale` pixels large.
    pub fn text(&mut self, x: usize, y: usize, text: &str, colour: Colour, scale: usize) {
        for (index, character) in text.chars().enumerate() {
            let left = x + index * font::ADVANCE * scale;
            for (row, bits) in font::glyph(character).into_iter().enumerate() {
                for column in (0..font::WIDTH).filter(|column| bits >> (font::WIDTH - 1 - column) & 1 == 1) {
                    let dot = Area { x: left + column * scale, y: y + row * scale, width: scale, height: scale };
                    self.fill(dot, colour, 1.0);
                }
            }
        }
    }

    /// Columns that `text` takes.
    pub fn text_width(text: &str, scale: usize) -> usize {
        text.chars().count() * font::ADVANCE * scale
    }

    /// Writes `text` so that it ends at column `right`.
    pub fn text_before(&mut self, right: usize, y: usize, text: &str, colour: Colour, scale: usize) {
        self.text(right.saturating_sub(Self::text_width(text, scale)), y, text, colour, scale);
    }

    /// The image as a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(self.pixels.as_flattened()))
            .expect("memory takes every byte, and the image has the size that the header says");
        bytes
    }
}
