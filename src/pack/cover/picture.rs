//! A square picture of smooth shapes: discs, rings, arcs and strokes. The only place that knows tiny-skia.

use tiny_skia::{
    Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, PathBuilder, Pixmap, Point,
    RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

/// Red, green and blue, 0.0 ..= 1.0 each.
pub type Colour = [f32; 3];

/// A place in pixels, from the upper left corner.
pub type Place = [f32; 2];

/// `from` moved towards `to` by `share`, 0.0 ..= 1.0.
pub fn blend(from: Colour, to: Colour, share: f32) -> Colour {
    std::array::from_fn(|index| from[index] + (to[index] - from[index]) * share)
}

/// An opaque image with anti-aliased shapes on it.
pub struct Picture(Pixmap);

impl Picture {
    /// A square of `size` pixels, its colour running from `top` down to `bottom`.
    pub fn new(size: u32, top: Colour, bottom: Colour) -> Self {
        let mut picture = Self(Pixmap::new(size, size).expect("a cover has a size"));
        let edge = size as f32;
        picture.0.fill(colour(top, 1.0));
        picture.gradient([0.0, 0.0], edge, edge, [(top, 1.0), (bottom, 1.0)]);
        picture
    }

    /// A band over the whole width, from `y` down by `height`: `from` at its top, `to` at its bottom, each a colour and an opacity.
    pub fn shade(&mut self, y: f32, height: f32, from: (Colour, f32), to: (Colour, f32)) {
        self.gradient([0.0, y], self.0.width() as f32, height, [from, to]);
    }

    fn gradient(&mut self, at: Place, width: f32, height: f32, ends: [(Colour, f32); 2]) {
        let Some(area) = Rect::from_xywh(at[0], at[1], width, height) else { return };
        let (start, end) = (Point::from_xy(0.0, at[1]), Point::from_xy(0.0, at[1] + height));
        let stops =
            ends.into_iter().zip([0.0, 1.0]).map(|((c, opacity), at)| GradientStop::new(at, colour(c, opacity)));
        let shader = LinearGradient::new(start, end, stops.collect(), SpreadMode::Pad, Transform::identity());
        if let Some(shader) = shader {
            self.0.fill_rect(area, &paint(shader), Transform::identity(), None);
        }
    }

    /// Light around a place: `opacity` in its middle, nothing from `radius` on.
    pub fn glow(&mut self, centre: Place, radius: f32, light: Colour, opacity: f32) {
        let middle = Point::from_xy(centre[0], centre[1]);
        // Falls off like light does, not like a cone.
        let stops = [(0.0, 1.0), (0.35, 0.62), (0.7, 0.17), (1.0, 0.0)];
        let stops = stops.map(|(at, share)| GradientStop::new(at, colour(light, opacity * share))).to_vec();
        let shader = RadialGradient::new(middle, 0.0, middle, radius, stops, SpreadMode::Pad, Transform::identity());
        if let (Some(shader), Some(path)) = (shader, PathBuilder::from_circle(centre[0], centre[1], radius)) {
            self.0.fill_path(&path, &paint(shader), FillRule::Winding, Transform::identity(), None);
        }
    }

    /// A disc.
    pub fn disc(&mut self, centre: Place, radius: f32, fill: Colour) {
        self.ring(centre, [0.0, radius], fill);
    }

    /// What lies between two radii.
    pub fn ring(&mut self, centre: Place, radii: [f32; 2], fill: Colour) {
        let mut builder = PathBuilder::new();
        for radius in radii.into_iter().filter(|&radius| radius > 0.0) {
            builder.push_circle(centre[0], centre[1], radius);
        }
        if let Some(path) = builder.finish() {
            let paint = paint(Shader::SolidColor(colour(fill, 1.0)));
            self.0.fill_path(&path, &paint, FillRule::EvenOdd, Transform::identity(), None);
        }
    }

    /// A line with round ends along `outline`.
    pub fn stroke(&mut self, outline: Outline, width: f32, ink: Colour) {
        if let Some(path) = outline.0.finish() {
            let paint = paint(Shader::SolidColor(colour(ink, 1.0)));
            let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
            self.0.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
        }
    }

    /// The image as a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        let pixels: Vec<u8> = self.0.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.0.width(), self.0.height());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&pixels))
            .expect("memory takes every byte, and the image has the size that the header says");
        bytes
    }

    /// The colour of a pixel, 0 to 255.
    #[cfg(test)]
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let pixel = self.0.pixel(x, y).expect("inside");
        [pixel.red(), pixel.green(), pixel.blue()]
    }
}

/// Lines and arcs to be stroked.
#[derive(Default)]
pub struct Outline(PathBuilder);

impl Outline {
    /// Lifts the pen and sets it down.
    pub fn move_to(&mut self, to: Place) {
        self.0.move_to(to[0], to[1]);
    }

    /// Draws a straight line.
    pub fn line_to(&mut self, to: Place) {
        self.0.line_to(to[0], to[1]);
    }

    /// Draws an arc of an ellipse from one angle to another, in radians: 0 is right, a quarter turn is down. It goes on from where
    /// the pen is, by a straight line if need be, or starts there.
    pub fn arc(&mut self, centre: Place, radii: [f32; 2], from: f32, to: f32) {
        let pieces = ((to - from).abs() / std::f32::consts::FRAC_PI_4).ceil().max(1.0);
        let step = (to - from) / pieces;
        // Distance of a cubic's handles (Goldapp, "Approximation of circular arcs by cubic polynomials", 1991).
        let handle = 4.0 / 3.0 * (step / 4.0).tan();
        let at = |angle: f32, ahead: f32| {
            let (sin, cos) = angle.sin_cos();
            [centre[0] + radii[0] * (cos - ahead * sin), centre[1] + radii[1] * (sin + ahead * cos)]
        };
        let [x, y] = at(from, 0.0);
        if self.0.is_empty() {
            self.0.move_to(x, y);
        } else {
            self.0.line_to(x, y);
        }
        for piece in 0..pieces as usize {
            let start = from + step * piece as f32;
            let (a, b, c) = (at(start, handle), at(start + step, -handle), at(start + step, 0.0));
            self.0.cubic_to(a[0], a[1], b[0], b[1], c[0], c[1]);
        }
    }

    /// The extent of what is drawn: left, top, right, bottom.
    #[cfg(test)]
    pub fn bounds(self) -> Option<[f32; 4]> {
        let bounds = self.0.finish()?.bounds();
        Some([bounds.left(), bounds.top(), bounds.right(), bounds.bottom()])
    }
}

fn colour(rgb: Colour, opacity: f32) -> Color {
    let [red, green, blue] = rgb.map(|part| part.clamp(0.0, 1.0));
    Color::from_rgba(red, green, blue, opacity.clamp(0.0, 1.0)).expect("within 0 to 1")
}

fn paint(shader: Shader<'_>) -> Paint<'_> {
    Paint { shader, anti_alias: true, ..Paint::default() }
}
