//! How far an analysis agrees with a reference.

use crate::score::{Chord, Key, Quality, Ticks};

/// Chords on a time line: each from its start to its end, in order; `None` where nothing sounds.
pub type TimeLine = [(Ticks, Ticks, Option<Chord>)];

/// Time on which two analyses agree, and that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Agreement {
    /// Ticks with the same root, or silence in both.
    pub root: u64,
    /// Ticks compared for it.
    pub root_of: u64,
    /// Ticks with the same root and the same of major and minor, or silence in both.
    pub majmin: u64,
    /// Ticks compared for it: where the reference is diminished, augmented, suspended or without a third it is left out.
    pub majmin_of: u64,
}

impl Agreement {
    /// Compares what was found with the reference, over the reference's time (weighted chord symbol recall: Harte, "Towards automatic
    /// extraction of harmony information from music signals", 2010; the vocabularies are those of MIREX since 2013).
    pub fn of(reference: &TimeLine, found: &TimeLine) -> Self {
        let mut agreement = Self::default();
        let mut index = 0;
        for &(start, end, truth) in reference {
            let mut at = start;
            while at < end {
                while index < found.len() && found[index].1 <= at {
                    index += 1;
                }
                let here = found.get(index).filter(|&&(from, ..)| from <= at);
                let until = match (here, found.get(index)) {
                    (Some(&(_, until, _)), _) => until.min(end),
                    (None, Some(&(from, ..))) => from.min(end),
                    (None, None) => end,
                };
                agreement.add(truth, here.and_then(|&(.., chord)| chord), u64::from((until - at).0));
                at = until;
            }
        }
        agreement
    }

    fn add(&mut self, truth: Option<Chord>, found: Option<Chord>, ticks: u64) {
        let same_root = truth.map(|chord| chord.root) == found.map(|chord| chord.root);
        self.root_of += ticks;
        self.root += if same_root { ticks } else { 0 };
        let third = truth.map(|chord| third(chord.quality));
        if third == Some(None) {
            return;
        }
        let same_third = third == found.map(|chord| self::third(chord.quality));
        self.majmin_of += ticks;
        self.majmin += if same_root && same_third { ticks } else { 0 };
    }

    /// Adds another piece's.
    pub fn join(&mut self, other: &Self) {
        self.root += other.root;
        self.root_of += other.root_of;
        self.majmin += other.majmin;
        self.majmin_of += other.majmin_of;
    }

    /// Shares of the time with the right root, and with the right root and third: 0.0 ..= 1.0.
    pub fn shares(&self) -> [f64; 2] {
        [(self.root, self.root_of), (self.majmin, self.majmin_of)].map(|(right, all)| right as f64 / all.max(1) as f64)
    }
}

/// True for major, false for minor, `None` for what is neither.
fn third(quality: Quality) -> Option<bool> {
    let (intervals, fifth) = (quality.intervals(), quality.intervals().contains(&7));
    match (intervals.contains(&4), intervals.contains(&3)) {
        (true, false) if fifth => Some(true),
        (false, true) if fifth => Some(false),
        _ => None,
    }
}

/// MIREX's score of a key: 1 for the same, 0.5 a fifth above or below, 0.3 the relative, 0.2 the parallel, else 0. Modes count as
/// major or minor by their third.
///
/// MIREX (2005) counts a perfect fifth either way; modes must then be the same.
pub fn key_score(reference: Key, found: Key) -> f64 {
    let above = found.tonic.above(reference.tonic);
    let minor = reference.mode.is_minor();
    match (above, minor == found.mode.is_minor()) {
        (0, true) => 1.0,
        (5 | 7, true) => 0.5,
        (0, false) => 0.2,
        (9, false) if !minor => 0.3,
        (3, false) if minor => 0.3,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<(Ticks, Ticks, Option<Chord>)> {
        let spans = (0..).zip(text.split(' '));
        spans.map(|(index, chord)| (Ticks(index * 480), Ticks(index * 480 + 480), chord.parse().ok())).collect()
    }

    #[test]
    fn time_in_agreement_is_counted() {
        let of = |reference: &str, found: &str| Agreement::of(&line(reference), &line(found)).shares();
        assert_eq!(of("C Am F G7", "C Am7 F G"), [1.0, 1.0]);
        assert_eq!(of("C Am F -", "Cm Am C -"), [0.75, 0.5]);
        // A suspended chord is neither; there only the root is compared.
        assert_eq!(of("Gsus4 C", "G C"), [1.0, 1.0]);
        assert_eq!(Agreement::of(&line("Gsus4 C"), &line("G C")).majmin_of, 480);
        assert_eq!(of("C C", "-"), [0.0, 0.0]);
    }

    #[test]
    fn keys_are_scored_as_mirex_does() {
        let score = |a: &str, b: &str| key_score(a.parse().expect(a), b.parse().expect(b));
        assert_eq!(score("C", "C"), 1.0);
        assert_eq!((score("C", "G"), score("C", "F"), score("Am", "Em")), (0.5, 0.5, 0.5));
        assert_eq!((score("C", "Am"), score("Am", "C")), (0.3, 0.3));
        assert_eq!((score("C", "Cm"), score("C", "D"), score("C", "Em")), (0.2, 0.0, 0.0));
        assert_eq!(score("Am", "A dorian"), 1.0);
    }
}
