//! Voice leading: the close voicing that moves least from the last one.

use super::comp::{Comp, Motion, Size};
use riffsmith_dsp::score::{Chord, PitchClass};

/// Where comping lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Register {
    /// The lowest pitch.
    pub low: u8,
    /// The highest.
    pub high: u8,
    /// Where the first voicing lies, and to which all are drawn.
    pub centre: f32,
}

impl Register {
    /// From C3, below which close intervals turn to mud, to G5, round F4.
    pub const USUAL: Self = Self { low: 48, high: 79, centre: 65.0 };

    /// All from `low` to `high` alike.
    pub fn new(low: u8, high: u8) -> Self {
        Self { low, high, centre: (f32::from(low) + f32::from(high)) / 2.0 }
    }
}

/// The pitches, ascending, that a strike of `comp` plays over `chord` after the voicing `last`.
///
/// Of all close voicings in the register the cheapest is taken: the sum over its notes of the way from the nearest note of `last`, a
/// pull towards the middle of the register, and a fine where the top note does not move as `comp` asks. `has_bass` leaves the root
/// to the bass where the chord has more notes than the voicing.
pub fn voice(chord: Chord, comp: Comp, last: &[u8], has_bass: bool, register: Register) -> Vec<u8> {
    let classes = tones(chord, comp.size, has_bass);
    let mut best: Option<(f32, Vec<u8>)> = None;
    for inversion in 0..classes.len() {
        for bottom in register.low..=register.high {
            if bottom % 12 != classes[inversion].semitones() {
                continue;
            }
            let mut pitches = stack(&classes, inversion, bottom);
            // A power chord grows by the octave.
            if pitches.len() == 2 && matches!(comp.size, Size::Triad | Size::Four | Size::Full) {
                pitches.push(bottom + 12);
            }
            if pitches.last().is_some_and(|&top| top > register.high) {
                continue;
            }
            let cost = cost(&pitches, comp.motion, last, register.centre);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, pitches));
            }
        }
    }
    best.map(|(_, pitches)| pitches).unwrap_or_default()
}

/// The chord's notes that a voicing of this size plays.
fn tones(chord: Chord, size: Size, has_bass: bool) -> Vec<PitchClass> {
    let all: Vec<PitchClass> = chord.classes().collect();
    let nth = |index: usize| all[index.min(all.len() - 1)];
    let seventh = all.len() > 3;
    match size {
        Size::Root => vec![all[0]],
        Size::Third => vec![nth(1)],
        Size::Fifth => vec![nth(2)],
        Size::Other => vec![nth(all.len() - 1)],
        // Shells: third and seventh name the chord; a triad's root and third; the fifth of a power chord.
        Size::Dyad if seventh => vec![nth(1), nth(3)],
        Size::Dyad => vec![all[0], nth(1)],
        Size::Triad if seventh && has_bass => vec![nth(1), nth(2), nth(3)],
        Size::Triad if seventh => vec![all[0], nth(1), nth(3)],
        Size::Triad => all,
        Size::Four if all.len() > 4 && has_bass => all[1..].to_vec(),
        Size::Four => all.into_iter().take(4).collect(),
        Size::Full => all,
    }
}

/// The notes from `classes[inversion]` at `bottom` upwards, each the next above the one before.
fn stack(classes: &[PitchClass], inversion: usize, bottom: u8) -> Vec<u8> {
    let mut above: Vec<u8> = classes.iter().map(|class| class.above(classes[inversion])).collect();
    above.sort_unstable();
    above.dedup();
    above.into_iter().map(|semitones| bottom + semitones).collect()
}

fn cost(pitches: &[u8], motion: Motion, last: &[u8], centre: f32) -> f32 {
    let middle = pitches.iter().map(|&pitch| f32::from(pitch)).sum::<f32>() / pitches.len().max(1) as f32;
    let register = (middle - centre).abs();
    let Some(&last_top) = last.last() else { return register };
    let way: u32 =
        pitches.iter().map(|&pitch| last.iter().map(|&from| u32::from(pitch.abs_diff(from))).min().unwrap_or(0)).sum();
    let top = pitches.last().copied().unwrap_or(last_top);
    let obeys = match motion {
        Motion::Down => top < last_top,
        Motion::Hold => top.abs_diff(last_top) <= 2,
        Motion::Up => top > last_top,
    };
    // An octave of detours is the price of the wrong direction; the pull grows beyond a fifth from the middle.
    way as f32 + 0.1 * register + (register - 7.0).max(0.0) + if obeys { 0.0 } else { 12.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::score::Quality;

    fn comp(size: Size, motion: Motion) -> Comp {
        Comp { size, motion }
    }

    #[test]
    fn every_chord_is_voiced_with_its_own_notes_in_range() {
        for root in 0..12 {
            for quality in Quality::ALL {
                let chord = Chord::new(PitchClass::new(root), quality);
                for symbol in 0..Comp::COUNT {
                    let mut last = vec![60, 64, 67];
                    for _ in 0..4 {
                        last = voice(chord, Comp::from_symbol(symbol), &last, true, Register::USUAL);
                        assert!(!last.is_empty(), "{chord} {symbol}");
                        assert!(last.is_sorted_by(|a, b| a < b));
                        assert!(last.iter().all(|pitch| (48..=79).contains(pitch)));
                        assert!(last.iter().all(|&pitch| chord.contains(PitchClass::new(i32::from(pitch)))));
                    }
                }
            }
        }
    }

    #[test]
    fn common_tones_stay() {
        let f: Chord = "F".parse().expect("a chord");
        assert_eq!(voice(f, comp(Size::Triad, Motion::Hold), &[60, 64, 67], true, Register::USUAL), vec![60, 65, 69]);
        let a_minor: Chord = "Am".parse().expect("a chord");
        assert_eq!(
            voice(a_minor, comp(Size::Triad, Motion::Hold), &[60, 64, 67], true, Register::USUAL),
            vec![60, 64, 69]
        );
    }

    #[test]
    fn the_top_note_moves_as_asked() {
        let c: Chord = "C".parse().expect("a chord");
        let last = [60, 64, 67];
        assert!(voice(c, comp(Size::Triad, Motion::Up), &last, true, Register::USUAL).last() > last.last());
        assert!(voice(c, comp(Size::Triad, Motion::Down), &last, true, Register::USUAL).last() < last.last());
        assert_eq!(voice(c, comp(Size::Triad, Motion::Hold), &last, true, Register::USUAL), last);
    }
}
