//! Rewrite rules of sections: `Vr: I | IV | V |`, `S: [C] $In $Vr*2`.

use crate::error::{Error, Result};
use riffsmith_dsp::score::{Chord, Meter, PitchClass};
use std::collections::HashMap;

/// How often a bar or section is repeated at most: more are fade-outs.
const MAX_REPEATS: usize = 8;

/// The longest song in words; the corpus's own have less than a thousand.
const MAX_WORDS: usize = 1 << 14;

/// Sections within sections at most.
const MAX_DEPTH: usize = 16;

/// A song's words when all sections are written out.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    Chord(String),
    /// The chord before goes on: `.`
    Hold,
    /// Nothing sounds: `R`
    Rest,
    BarLine,
    Meter(Meter),
    Tonic(PitchClass),
}

/// The words of the rule `S` with all others put in.
///
/// # Errors
/// No rule `S`, a section without a rule or in itself, or a song that is longer than any.
pub fn expanded(text: &str) -> Result<Vec<Word>> {
    let mut rules: HashMap<&str, &str> = HashMap::new();
    for line in text.lines() {
        let line = line.split('%').next().unwrap_or_default();
        if let Some((name, content)) = line.split_once(':') {
            rules.insert(name.trim(), content);
        }
    }
    let mut words = Vec::new();
    expand("S", &rules, 0, &mut words)?;
    Ok(words)
}

fn expand(name: &str, rules: &HashMap<&str, &str>, depth: usize, words: &mut Vec<Word>) -> Result<()> {
    let broken = |reason: String| Error::format("harmonic analysis", reason);
    let content = rules.get(name).ok_or_else(|| broken(format!("section {name} has no rule")))?;
    if depth > MAX_DEPTH {
        return Err(broken(format!("section {name} is in itself")));
    }
    // `|*4` and `|$In` are written without a space.
    let spaced = content.replace('|', " | ").replace("| *", "|*");
    for word in spaced.split_whitespace() {
        if words.len() > MAX_WORDS {
            return Err(broken(format!("more than {MAX_WORDS} chords and bar lines")));
        }
        let (word, times) = match word.split_once('*') {
            Some((word, times)) => {
                let times: usize = times.parse().map_err(|_| broken(format!("repeat {times:?} of section {name}")))?;
                (word, times.clamp(1, MAX_REPEATS))
            }
            None => (word, 1),
        };
        if let Some(section) = word.strip_prefix('$') {
            for _ in 0..times {
                expand(section, rules, depth + 1, words)?;
            }
        } else if let Some(mark) = word.strip_prefix('[').and_then(|mark| mark.strip_suffix(']')) {
            // `[0]` is free time, which goes on in the metre before.
            let root = mark.parse::<Chord>().ok().map(|chord| Word::Tonic(chord.root));
            words.extend(mark.parse().ok().map(Word::Meter).or(root));
        } else if word == "|" {
            let start = words.iter().rposition(|word| *word == Word::BarLine).map_or(0, |line| line + 1);
            words.push(Word::BarLine);
            // A repeated bar does not change key or metre again.
            let bar: Vec<Word> = words[start..]
                .iter()
                .filter(|word| !matches!(word, Word::Meter(_) | Word::Tonic(_)))
                .cloned()
                .collect();
            (1..times).for_each(|_| words.extend_from_slice(&bar));
        } else {
            words.push(match word {
                "." => Word::Hold,
                "R" => Word::Rest,
                chord => Word::Chord(chord.to_owned()),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_rules_are_refused() {
        for (text, reason) in [
            ("A: I |", "section S has no rule"),
            ("S: $A", "section A has no rule"),
            ("S: $S", "section S is in itself"),
            ("S: I |*x", "repeat \"x\" of section S"),
            ("A: I |*8\nB: $A*8\nC: $B*8\nD: $C*8\nS: $D*8 I", "more than 16384 chords and bar lines"),
        ] {
            assert!(expanded(text).expect_err(text).to_string().ends_with(reason), "{text}");
        }
        assert_eq!(expanded("S: I |*99").expect("a song").len(), 16);
    }
}
