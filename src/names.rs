//! File names: tempo, key, style and seed, so that a DAW and a person find what they need.

use crate::recipe::Recipe;

/// `120_Amin_house_8391`: tempo in digits, key, style, seed.
pub fn base(recipe: &Recipe) -> String {
    let Recipe { tempo, key, style, seed, .. } = recipe;
    format!("{:.0}_{}_{style}_{}", tempo.bpm(), key.short(), seed.0)
}
