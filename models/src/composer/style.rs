//! The style tags that the networks know.

use crate::error::{Error, Result};

/// Inputs set aside for style tags, so that a new tag does not change the networks' shape.
pub const INPUTS: usize = 48;

/// The tags, by their input. A new one goes to the end.
pub const STYLES: [&str; 44] = [
    "house",
    "techno",
    "drum_and_bass",
    "trap",
    "lofi",
    "funk",
    "rock",
    "ambient",
    "pop",
    "hiphop",
    "jazz",
    "latin",
    "soul",
    "punk",
    "metal",
    "electro",
    "garage",
    "breakbeat",
    "disco",
    "trance",
    "dance",
    "reggae",
    "blues",
    "country",
    "gospel",
    "afrobeat",
    "afrocuban",
    "bossa",
    "samba",
    "rnb",
    "neworleans",
    "folk",
    "classical",
    "chorale",
    "cinematic",
    "synthwave",
    "dubstep",
    "highlife",
    "middleeastern",
    "game",
    "fill",
    "halftime",
    "shuffle",
    "swing",
];

/// Other spellings found in corpora, and the tag that they mean.
const ALIASES: [(&str, &str); 16] = [
    ("dnb", "drum_and_bass"),
    ("drum-and-bass", "drum_and_bass"),
    ("jungle", "drum_and_bass"),
    ("hip-hop", "hiphop"),
    ("hip_hop", "hiphop"),
    ("lo-fi", "lofi"),
    ("lo_fi", "lofi"),
    ("lofi_hiphop", "lofi"),
    ("afro", "afrobeat"),
    ("edm", "dance"),
    ("hymn", "chorale"),
    ("orchestral", "cinematic"),
    ("synth", "synthwave"),
    ("boogaloo", "latin"),
    ("traditional", "folk"),
    ("brazilian", "latin"),
];

/// The input of a tag, in any of its spellings.
pub fn index(tag: &str) -> Option<usize> {
    let own = ALIASES.iter().find(|(alias, _)| *alias == tag).map_or(tag, |&(_, own)| own);
    STYLES.iter().position(|known| *known == own)
}

/// Weights of a blend, one per input, adding up to 1.
///
/// # Errors
/// A tag that is not in [`STYLES`], or weights that are not positive.
pub fn blend(styles: &[(String, f32)]) -> Result<[f32; INPUTS]> {
    let mut weights = [0.0; INPUTS];
    for (tag, weight) in styles {
        let input = index(tag).ok_or_else(|| Error::Unknown {
            what: "style tag",
            given: tag.clone(),
            expected: format!("known tags are {}", STYLES.join(", ")),
        })?;
        if !(*weight > 0.0 && weight.is_finite()) {
            return Err(Error::range("weight of a style", "more than 0", weight));
        }
        weights[input] += weight;
    }
    let sum: f32 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_mean_known_tags() {
        for (alias, tag) in ALIASES {
            assert!(index(alias).is_some() && STYLES.contains(&tag) && !STYLES.contains(&alias), "{alias}");
        }
    }

    #[test]
    fn blends_add_up_to_one_and_name_what_is_unknown() {
        let blend_of = |tags: &[(&str, f32)]| blend(&tags.iter().map(|&(t, w)| (t.to_owned(), w)).collect::<Vec<_>>());
        let weights = blend_of(&[("house", 3.0), ("funk", 1.0)]).expect("known tags");
        assert_eq!((weights[0], weights[5]), (0.75, 0.25));
        let error = blend_of(&[("hause", 1.0)]).expect_err("not a tag");
        assert!(error.to_string().starts_with("style tag \"hause\" is not known; known tags are house"));
        assert!(blend_of(&[("house", f32::NAN)]).is_err());
        assert_eq!(blend_of(&[]), Ok([0.0; INPUTS]));
    }
}
