//! Curves of a training: what each part loses on what it learns from and on what it is judged by, over the steps.

use super::canvas::{Area, Canvas, Colour};
use super::{BACKGROUND, FAINT_TEXT, GRID, HEIGHT, LEFT, PANEL, RIGHT, TEXT, WIDTH};

const TRAINING: Colour = [102, 178, 255];
const VALIDATION: Colour = [126, 217, 150];
const BEFORE: Colour = [222, 226, 235];

/// Pixels around a panel, for its title and its axes.
const TOP: usize = 44;
const BELOW: usize = 40;
const BETWEEN: usize = 96;
const HEAD: usize = 110;

/// One part's training, in nats per note.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// The part, and what it came to.
    pub title: String,
    /// Steps, loss on the training windows under dropout, loss on the validation pieces.
    pub points: Vec<(u32, f64, f64)>,
    /// The network before, on the validation pieces.
    pub before: Option<f64>,
}

/// The image of these curves, a panel each, as a PNG file under a title.
pub fn curves_png(title: &str, curves: &[Curve]) -> Vec<u8> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
    canvas.text(LEFT, 24, title, TEXT, 3);
    let mut x = LEFT;
    for (name, colour) in [("training, with dropout", TRAINING), ("validation", VALIDATION), ("before", BEFORE)] {
        canvas.fill(Area { x, y: 66, width: 14, height: 14 }, colour, 1.0);
        canvas.text(x + 22, 66, name, TEXT, 2);
        x += Canvas::text_width(name, 2) + 70;
    }
    let columns = curves.len().clamp(1, if curves.len() > 4 { 3 } else { 2 });
    let rows = curves.len().div_ceil(columns).max(1);
    let (width, height) = ((WIDTH - RIGHT) / columns, (HEIGHT - HEAD) / rows);
    for (index, curve) in curves.iter().enumerate() {
        let (column, row) = (index % columns, index / columns);
        let area = Area {
            x: column * width + BETWEEN,
            y: HEAD + row * height + TOP,
            width: width - BETWEEN,
            height: height - TOP - BELOW,
        };
        canvas.fill(area, PANEL, 1.0);
        panel(&mut canvas, area, curve);
    }
    canvas.to_png()
}

fn panel(canvas: &mut Canvas, area: Area, curve: &Curve) {
    canvas.text(area.x, area.y - 24, &curve.title, TEXT, 2);
    let all: Vec<f64> = curve.points.iter().flat_map(|&(_, a, b)| [a, b]).chain(curve.before).collect();
    let (low, high) = all.iter().fold((f64::MAX, f64::MIN), |(low, high), &value| (low.min(value), high.max(value)));
    if all.is_empty() {
        return;
    }
    let room = 0.08 * (high - low).max(0.01);
    let scale =
        Scale { low: low - room, high: high + room, last: curve.points.last().map_or(1, |point| point.0).max(1) };
    for tick in scale.ticks() {
        let y = scale.row(area, tick);
        canvas.fill(Area { y, height: 1, ..area }, GRID, 0.2);
        canvas.text_before(area.x - 6, y.saturating_sub(7), &format!("{tick:.2}"), FAINT_TEXT, 2);
    }
    let steps = format!("{} steps", scale.last);
    canvas.text_before(area.x + area.width, area.y + area.height + 10, &steps, FAINT_TEXT, 2);
    if let Some(y) = curve.before.map(|before| scale.row(area, before)) {
        for x in (area.x..area.x + area.width).step_by(12) {
            canvas.fill(Area { x, y, width: 6, height: 2 }, BEFORE, 0.8);
        }
    }
    let of = |which: fn(&(u32, f64, f64)) -> f64| curve.points.iter().map(|point| (point.0, which(point))).collect();
    line(canvas, area, scale, of(|point| point.1), TRAINING);
    let before = curve.before.map(|before| (0, before));
    line(canvas, area, scale, before.into_iter().chain(of(|point| point.2)).collect(), VALIDATION);
}

/// A line through points of steps and nats.
fn line(canvas: &mut Canvas, area: Area, scale: Scale, points: Vec<(u32, f64)>, colour: Colour) {
    let at = |point: &(u32, f64)| (scale.column(area, point.0) as f64, scale.row(area, point.1) as f64);
    let dot = |canvas: &mut Canvas, x: f64, y: f64, size: usize| {
        let (x, y) = (x as usize, y as usize);
        canvas.fill(Area { x: x - size / 2, y: y - size / 2, width: size, height: size }, colour, 1.0);
    };
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (at(&pair[0]), at(&pair[1]));
        let length = (x1 - x0).abs().max((y1 - y0).abs()).max(1.0) as usize;
        for part in 0..=length {
            let share = part as f64 / length as f64;
            dot(canvas, x0 + share * (x1 - x0), y0 + share * (y1 - y0), 3);
        }
    }
    for (x, y) in points.iter().map(at) {
        dot(canvas, x, y, 6);
    }
}

/// From steps and nats to pixels.
#[derive(Debug, Clone, Copy)]
struct Scale {
    low: f64,
    high: f64,
    last: u32,
}

impl Scale {
    fn row(self, area: Area, nats: f64) -> usize {
        area.y + ((self.high - nats) / (self.high - self.low) * (area.height - 1) as f64).round() as usize
    }

    fn column(self, area: Area, step: u32) -> usize {
        Area { width: area.width - 1, ..area }.column(f64::from(step.min(self.last)) / f64::from(self.last))
    }

    /// Three to eight round numbers.
    fn ticks(self) -> Vec<f64> {
        let span = self.high - self.low;
        let decade = 10f64.powf(span.log10().floor());
        let step = [0.1, 0.2, 0.5, 1.0].map(|part| part * decade).into_iter().find(|step| span / step <= 8.0);
        let step = step.unwrap_or(decade);
        (((self.low / step).ceil() as i64)..=((self.high / step).floor() as i64))
            .map(|tick| tick as f64 * step)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_begins_and_ends_at_its_values() {
        let curve = Curve { points: vec![(40, 3.0, 2.5), (80, 2.0, 2.4)], before: Some(2.8), ..Curve::default() };
        let mut canvas = Canvas::new(500, 300, BACKGROUND);
        let area = Area { x: 100, y: 50, width: 200, height: 200 };
        panel(&mut canvas, area, &curve);
        let scale = Scale { low: 1.92, high: 3.08, last: 80 };
        let at = |step: u32, nats: f64| canvas.at(scale.column(area, step), scale.row(area, nats));
        assert_eq!((at(40, 3.0), at(80, 2.0)), (TRAINING, TRAINING));
        assert_eq!((at(0, 2.8), at(80, 2.4)), (VALIDATION, VALIDATION));
        assert!(![TRAINING, VALIDATION, BEFORE].contains(&at(20, 2.2)));
    }

    #[test]
    fn ticks_are_round_and_few() {
        for (low, high) in [(2.81, 3.42), (0.0, 12.0), (1.0, 1.02), (3.1, 4.1)] {
            let ticks = Scale { low, high, last: 1 }.ticks();
            assert!((3..=11).contains(&ticks.len()) && ticks[0] >= low, "{ticks:?}");
        }
    }

    #[test]
    fn a_training_without_a_point_has_a_picture_too() {
        assert!(curves_png("none", &[]).starts_with(b"\x89PNG"));
        assert!(curves_png("one", &[Curve::default()]).starts_with(b"\x89PNG"));
    }
}
