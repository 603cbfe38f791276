//! File names: tempo, key, style and seed, so that a DAW and a person find what they need.

use crate::recipe::Recipe;

/// `120_Amin_house_8391`: tempo in digits, key, style, seed; with parts written anew also the seed of the last of them,
/// `120_Amin_house_8391_52`.
pub fn base(recipe: &Recipe) -> String {
    let Recipe { tempo, key, style, seed, redraws, .. } = recipe;
    let redrawn = redraws.last().map(|redraw| format!("_{}", redraw.seed.0)).unwrap_or_default();
    format!("{:.0}_{}_{style}_{}{redrawn}", tempo.bpm(), key.short(), seed.0)
}
