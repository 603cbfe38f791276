//! From loops to an arrangement.

use super::cast::Material;
use super::scene::Scene;
use super::{Arrangement, DemoLoop, Layer, Part, Section, SectionKind, form};

/// More groups than that would each be heard for too short a time.
const MOST_PARTS: usize = 5;

/// Arranges loops to a track of at least two minutes: intro, build, drop, break, build, drop, outro, over one or several groups. Empty
/// if there is no usable loop.
///
/// The groups with the most roles are taken, of different styles if there are some, in the order of their tempo.
pub fn plan(loops: &[DemoLoop]) -> Arrangement {
    let chosen = choose(loops);
    let bar_s = |material: &Material| {
        let one = &loops[material.first()];
        one.meter.bar().quarters() * one.tempo.seconds_per_quarter()
    };
    let units: Vec<u32> =
        chosen.iter().map(|material| form::unit_bars(material.cycle_bars(loops), bar_s(material))).collect();
    let unit_s: Vec<f64> =
        chosen.iter().zip(&units).map(|(material, &bars)| f64::from(bars) * bar_s(material)).collect();
    let mut shapes: Vec<_> = (0..chosen.len()).map(|index| form::shape(index, chosen.len())).collect();
    form::stretch(&mut shapes, &unit_s);
    let mut arrangement = Arrangement::default();
    for ((material, shape), unit) in chosen.iter().zip(&shapes).zip(units) {
        let start_s = arrangement.seconds();
        arrangement.parts.push(part(loops, material, shape, unit, start_s));
    }
    arrangement
}

/// The materials that are heard, slow ones first.
fn choose(loops: &[DemoLoop]) -> Vec<Material> {
    let mut rest = Material::all(loops);
    let richest = rest.iter().map(|material| material.richness().0).max().unwrap_or(0);
    // A group of a loop or two says little beside complete ones.
    rest.retain(|material| 2 * material.richness().0 >= richest);
    let style = |material: &Material| loops[material.first()].style.as_str();
    let mut chosen: Vec<Material> = Vec::new();
    while chosen.len() < MOST_PARTS && !rest.is_empty() {
        let is_new = |material: &Material| !chosen.iter().any(|other| style(other) == style(material));
        let rank = |index: &usize| (is_new(&rest[*index]), rest[*index].richness());
        // The first of equals.
        let best = (0..rest.len()).rev().max_by_key(rank).expect("there are some left");
        chosen.push(rest.remove(best));
    }
    chosen.sort_by(|a, b| loops[a.first()].tempo.bpm().total_cmp(&loops[b.first()].tempo.bpm()));
    chosen
}

fn part(loops: &[DemoLoop], material: &Material, shape: &[form::Shape], unit: u32, start_s: f64) -> Part {
    let DemoLoop { group, style, tempo, meter, key, .. } = loops[material.first()].clone();
    let mut part = Part { group, style, tempo, meter, key, start_s, sections: Vec::new() };
    let mut start_bar = 0;
    // Whole mixes take turns from unit to unit of the drops, single roles from drop to drop.
    let (mut turn, mut drops) = (0, 0);
    for &(kind, units) in shape {
        let is_drop = kind == SectionKind::Drop;
        let steps = if is_drop { units } else { 1 };
        let bars = unit * units / steps;
        let mut layers = Vec::new();
        for step in 0..steps {
            let cast = material.cast(if is_drop { turn } else { drops });
            let start = meter.bar() * (start_bar + step * bars);
            let scene = Scene { loops, cast, span: [start, start + meter.bar() * bars], meter };
            layers.extend(scene.layers(kind));
            turn += usize::from(is_drop);
        }
        drops += usize::from(is_drop);
        join(&mut layers);
        part.sections.push(Section { kind, start_bar, bars: unit * units, layers });
        start_bar += unit * units;
    }
    part
}

/// Makes one layer of those that only carry on another.
fn join(layers: &mut Vec<Layer>) {
    let mut joined: Vec<Layer> = Vec::new();
    for layer in layers.drain(..) {
        let carried_on =
            |before: &&mut Layer| before.span[1] == layer.span[0] && Layer { span: layer.span, ..**before } == layer;
        match joined.iter_mut().find(carried_on) {
            Some(before) => before.span[1] = layer.span[1],
            None => joined.push(layer),
        }
    }
    *layers = joined;
}
