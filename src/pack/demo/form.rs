//! The form: which sections a part has, and how many bars they take.

use super::SectionKind::{self, Break, Build, Drop, Intro, Outro};

/// A demo lasts at least this long, in seconds: what shops ask for.
pub const LEAST_S: f64 = 120.0;

/// A section should last about as long, in seconds: long enough to be heard, short enough to go on.
const UNIT_S: [f64; 2] = [8.0, 17.0];

/// A section to be: what it does, and how many units it lasts.
pub type Shape = (SectionKind, u32);

/// The sections of the part at `index` of `count`: one arc over all of them, from the intro of the first to the outro of the last.
pub fn shape(index: usize, count: usize) -> Vec<Shape> {
    let drop = if count <= 3 { (Drop, 2) } else { (Drop, 1) };
    let (intro, build, rest, outro) = ((Intro, 1), (Build, 1), (Break, 1), (Outro, 1));
    match (index, count) {
        (0, 1) => vec![intro, build, drop, rest, build, drop, outro],
        (0, 2) => vec![intro, build, drop, rest],
        (0, _) => vec![intro, build, drop],
        _ if index + 1 == count => vec![build, drop, outro],
        // Every other part takes a breath first.
        _ if index % 2 == 1 => vec![rest, build, drop],
        _ => vec![build, drop],
    }
}

/// Bars of a unit: whole rounds of the loops where they are short enough, halves of them where they are long.
pub fn unit_bars(cycle_bars: u32, bar_s: f64) -> u32 {
    let mut bars = cycle_bars.max(1);
    while f64::from(bars) * bar_s < UNIT_S[0] {
        bars *= 2;
    }
    while f64::from(bars) * bar_s > UNIT_S[1] && bars.is_multiple_of(2) {
        bars /= 2;
    }
    bars
}

/// Lengthens sections until everything lasts long enough: drops first, the last of them before others, and what is between them when
/// they get to one and a half of their length. `unit_s` are the lengths of each part's unit.
pub fn stretch(shapes: &mut [Vec<Shape>], unit_s: &[f64]) {
    let seconds = |shapes: &[Vec<Shape>]| -> f64 {
        let units = |shape: &Vec<Shape>| f64::from(shape.iter().map(|(_, units)| units).sum::<u32>());
        shapes.iter().zip(unit_s).map(|(shape, unit)| units(shape) * unit).sum()
    };
    let turn = |(kind, units): &&mut Shape| match kind {
        Drop => (*units, 0),
        Break => (2 * *units, 1),
        Intro => (2 * *units, 2),
        Outro => (2 * *units, 3),
        Build => (2 * *units, 4),
    };
    while seconds(shapes) < LEAST_S {
        let Some(next) = shapes.iter_mut().flatten().rev().min_by_key(turn) else { return };
        next.1 += 1;
    }
}
