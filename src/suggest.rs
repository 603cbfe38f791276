//! The nearest valid name to a misspelt one.

/// Names less alike than this (Jaro-Winkler similarity) are no help.
const LEAST_SIMILARITY: f64 = 0.7;

/// The candidate most like `given`, if any is like it at all; case does not count.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&given, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= LEAST_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// A hint made of the nearest name and of the place where all are listed.
pub fn hint<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>, listed: &str) -> String {
    match nearest(given, candidates) {
        Some(name) => format!("did you mean {name}? {listed}"),
        None => listed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour_and_nonsense_finds_none() {
        let names = ["house", "techno", "drum_and_bass", "lofi"];
        assert_eq!(nearest("Hose", names), Some("house"));
        assert_eq!(nearest("tekno", names), Some("techno"));
        assert_eq!(nearest("drumnbass", names), Some("drum_and_bass"));
        assert_eq!(nearest("xyz", names), None);
    }
}
