//! A style between styles.

use super::Style;
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// The blend that the user writes as `house:0.7,funk:0.3`.
///
/// # Errors
/// An unknown style, or a weight that is not above 0.
pub fn find(text: &str) -> Result<Style> {
    let part = |part: &str| {
        let (name, weight) = part.split_once(':').unwrap_or((part, "1"));
        let number = weight.trim().parse().ok().filter(|weight: &f32| *weight > 0.0 && weight.is_finite());
        let number = number.ok_or_else(|| {
            Error::usage(format!("a blend is written house:0.7,funk:0.3, with weights above 0, but has {part:?}"))
        })?;
        Ok((Style::find(name)?, number))
    };
    let parts = text.split(',').map(part).collect::<Result<Vec<_>>>()?;
    blend(&parts)
}

/// Composes as all of them by their weights, in tempi, swing and modes between them, with the sounds of all and the mix of the
/// heaviest.
fn blend(parts: &[(Style, f32)]) -> Result<Style> {
    let sum: f32 = parts.iter().map(|(_, weight)| weight).sum();
    let heaviest = parts.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((main, _)) = heaviest else { return Err(Error::usage("a blend needs styles")) };
    let mean = |of: &dyn Fn(&Style) -> f64| {
        parts.iter().map(|(style, weight)| of(style) * f64::from(weight / sum)).sum::<f64>()
    };
    let mut tags = BTreeMap::new();
    let mut modes = BTreeMap::new();
    for (style, weight) in parts {
        let total: f32 = style.composer.styles.values().sum();
        for (tag, own) in &style.composer.styles {
            *tags.entry(tag.clone()).or_insert(0.0) += weight / sum * own / total;
        }
        let total: f32 = style.modes.values().sum();
        for (mode, own) in &style.modes {
            *modes.entry(mode.clone()).or_insert(0.0) += weight / sum * own / total;
        }
    }
    let names: Vec<&str> = parts.iter().map(|(style, _)| style.name.as_str()).collect();
    let mut blended = Style {
        name: names.join("_"),
        description: format!("between {}", names.join(" and ")),
        aliases: Vec::new(),
        tempo_bpm: [0, 1].map(|end| mean(&|style| style.tempo_bpm[end]).round()),
        swing: [0, 1].map(|end| mean(&|style| f64::from(style.swing[end])) as f32),
        modes,
        traits: Vec::new(),
        sets: Vec::new(),
        ..main.clone()
    };
    blended.composer.styles = tags;
    blended.composer.temperature = mean(&|style| f64::from(style.composer.temperature)) as f32;
    blended.composer.top_p = mean(&|style| f64::from(style.composer.top_p)) as f32;
    for (style, _) in parts {
        for set in &style.sets {
            let is_whole = blended.roles.iter().all(|role| set.patches.contains_key(role));
            let is_taken = blended.sets.iter().any(|other| other.name == set.name);
            let name = if is_taken { format!("{}_{}", style.name, set.name) } else { set.name.clone() };
            if is_whole {
                blended.sets.push(super::SoundSet { name, ..set.clone() });
            }
        }
    }
    blended.check()?;
    Ok(blended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blend_lies_between_its_styles() {
        let (house, funk) = (Style::find("house").expect("a style"), Style::find("funk").expect("a style"));
        let blend = Style::find("house:0.75,funk:0.25").expect("a blend");
        assert_eq!(blend.name, "house_funk");
        assert_eq!(blend.tempo_bpm[0], (0.75 * house.tempo_bpm[0] + 0.25 * funk.tempo_bpm[0]).round());
        assert_eq!(blend.composer.styles, BTreeMap::from([("house".to_owned(), 0.75), ("funk".to_owned(), 0.25)]));
        assert_eq!(blend.sets.len(), house.sets.len() + funk.sets.len());
        assert_eq!(blend.master, house.master);
        for text in ["house:0", "house:x,funk:1", "hause:1", ":1", "house:-1"] {
            assert!(Style::find(text).is_err(), "{text}");
        }
    }
}
