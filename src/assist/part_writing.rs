//! Part writing: alto, tenor and bass under a soprano, by the rules of four-voice harmony.
//!
//! All ways to lay out each chord are weighed, and the cheapest way through them is found (Viterbi). The rules are those of any textbook of
//! harmony (Aldwell and Schachter, "Harmony and Voice Leading"): complete chords, no doubled leading note or seventh, no parallel fifths and
//! octaves, small steps, a leading note that rises and a seventh that falls. The weights are chosen.

use riffsmith_dsp::score::{Chord, Key, PitchClass};

/// A chord and what the soprano sings at its start; `None` where it rests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// The chord.
    pub chord: Chord,
    /// MIDI pitch.
    pub soprano: Option<u8>,
}

/// MIDI pitches of bass, tenor and alto.
pub type Voicing = [u8; 3];

/// E2 to C4, C3 to G4, G3 to D5: what choirs sing.
const RANGES: [std::ops::RangeInclusive<u8>; 3] = [40..=60, 48..=67, 55..=74];
/// Semitones between tenor and bass, and between upper neighbours, at most.
const WIDEST: [u8; 2] = [24, 12];
/// A fault that is only made where nothing else is possible.
const FORBIDDEN: f64 = 60.0;

/// Lays the chords out; `None` if the soprano leaves no room under it for three voices.
pub fn lay_out(moments: &[Moment], key: Key) -> Option<Vec<Voicing>> {
    // For each moment: its voicings, the cost of the best way to each, and where that came from.
    let mut ways: Vec<Vec<(Voicing, f64, usize)>> = Vec::new();
    for (index, moment) in moments.iter().enumerate() {
        let own = voicings(moment, key);
        let reached = own.into_iter().map(|(voicing, cost)| match ways.last() {
            None => (voicing, cost, 0),
            Some(before) => {
                let step = |(own, so_far, _): &(Voicing, f64, usize)| {
                    so_far + movement(&moments[index - 1], *own, moment, voicing, key)
                };
                let (from, least) = before
                    .iter()
                    .map(step)
                    .enumerate()
                    .min_by(|(_, a), (_, b)| a.total_cmp(b))
                    .expect("a moment without a voicing has ended the search");
                (voicing, cost + least, from)
            }
        });
        let reached: Vec<_> = reached.collect();
        if reached.is_empty() {
            return None;
        }
        ways.push(reached);
    }
    let last = ways.last()?;
    let mut at = (0..last.len()).min_by(|&a, &b| last[a].1.total_cmp(&last[b].1))?;
    let mut found: Vec<Voicing> = Vec::with_capacity(ways.len());
    for way in ways.iter().rev() {
        let (voicing, _, from) = way[at];
        found.push(voicing);
        at = from;
    }
    found.reverse();
    Some(found)
}

/// Fifths and octaves that two voices take one after the other, in all pairs of voices.
pub fn parallels(moments: &[Moment], voicings: &[Voicing]) -> usize {
    let voices = |index: usize| voices(voicings[index], moments[index].soprano);
    (1..voicings.len()).map(|index| parallel(voices(index - 1), voices(index))).sum()
}

/// Every way to lay out a chord, with what is wrong with it.
fn voicings(moment: &Moment, key: Key) -> Vec<(Voicing, f64)> {
    let classes: Vec<PitchClass> = moment.chord.classes().collect();
    let sung = |range: &std::ops::RangeInclusive<u8>| -> Vec<u8> {
        let bass = moment.chord.bass;
        range
            .clone()
            .filter(|&pitch| {
                let class = PitchClass::new(i32::from(pitch));
                classes.contains(&class) || bass == Some(class)
            })
            .collect()
    };
    let [basses, tenors, altos] = [0, 1, 2].map(|voice| sung(&RANGES[voice]));
    let mut found = Vec::new();
    for &bass in &basses {
        if moment.chord.bass.is_some_and(|asked| asked != PitchClass::new(i32::from(bass))) {
            continue;
        }
        for &tenor in tenors.iter().filter(|&&tenor| tenor > bass && tenor - bass <= WIDEST[0]) {
            for &alto in altos.iter().filter(|&&alto| alto >= tenor && alto - tenor <= WIDEST[1]) {
                if moment.soprano.is_none_or(|soprano| alto < soprano) {
                    let voicing = [bass, tenor, alto];
                    found.push((voicing, wrong(moment, &classes, voicing, key)));
                }
            }
        }
    }
    found
}

/// What is wrong with a voicing by itself.
fn wrong(moment: &Moment, classes: &[PitchClass], voicing: Voicing, key: Key) -> f64 {
    let all = voices(voicing, moment.soprano);
    let count = |class: PitchClass| all.iter().flatten().filter(|&&pitch| class_of(pitch) == class).count();
    let place = |class: PitchClass| classes.iter().position(|own| *own == class);
    let root = moment.chord.root;
    let mut cost = 0.0;
    for (index, &class) in classes.iter().enumerate() {
        let above = class.above(root);
        let missing = match above {
            0 => 8.0,
            2..=5 => 20.0,
            7 => 1.5,
            6 | 8 => 10.0,
            9..=11 => 6.0,
            _ => 2.0,
        };
        match count(class) {
            0 => cost += missing,
            1 => {}
            more => {
                let extra = (more - 1) as f64;
                // A leading note, or a seventh, wants to move one way.
                let leads = class == leading(key) && above != 0;
                let doubled = if leads || above >= 10 {
                    12.0
                } else if index == 0 {
                    0.0
                } else {
                    1.5
                };
                cost += extra * doubled;
            }
        }
    }
    cost += match place(class_of(voicing[0])) {
        _ if moment.chord.bass.is_some() => 0.0,
        Some(0) => 0.0,
        Some(1) => 2.5,
        _ => 7.0,
    };
    let gap = moment.soprano.map_or(0, |soprano| soprano.saturating_sub(voicing[2] + WIDEST[1]));
    // The middle of the voices' ranges is where they sound best.
    let strain: f64 = RANGES
        .iter()
        .zip(voicing)
        .map(|(range, pitch)| {
            let middle = f64::from(range.start() + range.end()) / 2.0;
            ((f64::from(pitch) - middle) / f64::from(range.end() - range.start())).powi(2)
        })
        .sum();
    cost + f64::from(gap) + strain + if voicing[1] == voicing[2] { 2.0 } else { 0.0 }
}

/// What is wrong with going from one voicing to the next.
fn movement(before: &Moment, from: Voicing, after: &Moment, to: Voicing, key: Key) -> f64 {
    let [old, new] = [voices(from, before.soprano), voices(to, after.soprano)];
    let mut cost = FORBIDDEN * parallel(old, new) as f64;
    for voice in 0..3 {
        let leap = f64::from(from[voice].abs_diff(to[voice]));
        cost += match voice {
            0 => {
                0.3 * leap
                    + if leap > 12.0 {
                        6.0
                    } else if matches!(leap as u8, 6 | 10 | 11) {
                        2.0
                    } else {
                        0.0
                    }
            }
            _ => 0.8 * leap + if leap > 5.0 { 2.0 } else { 0.0 },
        };
    }
    // No voice goes beyond where its neighbour was.
    for lower in 0..3 {
        if let ([Some(low), Some(high)], [Some(new_low), Some(new_high)]) =
            ([old[lower], old[lower + 1]], [new[lower], new[lower + 1]])
            && (new_low > high || new_high < low)
        {
            cost += 4.0;
        }
    }
    // Into a fifth or octave of the outer voices from the same side, with a leap above.
    if let ([Some(bass), Some(soprano)], [Some(new_bass), Some(new_soprano)]) = ([old[0], old[3]], [new[0], new[3]]) {
        let same_way = (new_bass > bass && new_soprano > soprano) || (new_bass < bass && new_soprano < soprano);
        let is_bare = matches!(new_soprano.abs_diff(new_bass) % 12, 0 | 7);
        if same_way && is_bare && soprano.abs_diff(new_soprano) > 2 {
            cost += 4.0;
        }
    }
    let seventh = before.chord.classes().find(|class| matches!(class.above(before.chord.root), 10 | 11));
    for voice in 1..3 {
        let (old, new) = (from[voice], to[voice]);
        let falls = old >= new && old - new <= 2;
        if seventh == Some(class_of(old)) && !falls {
            cost += 5.0;
        }
        let rises = new >= old && new - old <= 1;
        if class_of(old) == leading(key) && after.chord.root == key.tonic && before.chord != after.chord && !rises {
            cost += 2.0;
        }
    }
    cost
}

fn voices(voicing: Voicing, soprano: Option<u8>) -> [Option<u8>; 4] {
    [Some(voicing[0]), Some(voicing[1]), Some(voicing[2]), soprano]
}

fn parallel(from: [Option<u8>; 4], to: [Option<u8>; 4]) -> usize {
    let mut found = 0;
    for low in 0..3 {
        for high in low + 1..4 {
            if let ([Some(a), Some(b)], [Some(c), Some(d)]) = ([from[low], from[high]], [to[low], to[high]]) {
                let (old, new) = (a.abs_diff(b) % 12, c.abs_diff(d) % 12);
                found += usize::from(old == new && matches!(old, 0 | 7) && a != c && b != d);
            }
        }
    }
    found
}

fn class_of(pitch: u8) -> PitchClass {
    PitchClass::new(i32::from(pitch))
}

/// A semitone below the tonic.
fn leading(key: Key) -> PitchClass {
    key.tonic.transposed(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(chords: &str, soprano: &[u8]) -> Vec<Moment> {
        let chord = |symbol: &str| symbol.parse().expect("a chord");
        chords
            .split(' ')
            .zip(soprano)
            .map(|(symbol, &pitch)| Moment { chord: chord(symbol), soprano: Some(pitch) })
            .collect()
    }

    fn c_major() -> Key {
        "C major".parse().expect("a key")
    }

    #[test]
    fn a_phrase_is_laid_out_without_faults() {
        // "Old Hundredth" begins so: every chord is the textbook's.
        let moments = moments("C C G Am Em F C G C", &[72, 72, 71, 69, 67, 72, 74, 71, 72]);
        let found = lay_out(&moments, c_major()).expect("there is room");
        assert_eq!(parallels(&moments, &found), 0, "{found:?}");
        for (moment, voicing) in moments.iter().zip(&found) {
            let [bass, tenor, alto] = *voicing;
            assert!(bass < tenor && tenor <= alto && Some(alto) < moment.soprano, "{voicing:?}");
            let third = moment.chord.classes().nth(1).expect("a triad");
            let all = [bass, tenor, alto, moment.soprano.expect("sung")];
            assert!(all.iter().any(|&pitch| class_of(pitch) == third), "{voicing:?} lacks its third");
        }
    }

    #[test]
    fn a_seventh_falls_and_a_leading_note_is_not_doubled() {
        let moments = moments("Dm G7 C", &[74, 74, 72]);
        let found = lay_out(&moments, c_major()).expect("there is room");
        let seventh = found[1].iter().position(|&pitch| class_of(pitch).semitones() == 5).expect("F sounds");
        assert!(found[1][seventh] > found[2][seventh] && found[1][seventh] - found[2][seventh] <= 2, "{found:?}");
        assert!(found[1].iter().filter(|&&pitch| class_of(pitch).semitones() == 11).count() == 1, "{found:?}");
    }

    #[test]
    fn parallels_are_counted_in_all_pairs() {
        let moments = moments("C Dm", &[72, 74]);
        assert_eq!(parallels(&moments, &[[48, 55, 64], [50, 57, 65]]), 2);
        assert_eq!(parallels(&moments, &[[48, 55, 64], [48, 55, 65]]), 0);
    }

    #[test]
    fn a_soprano_in_the_bass_leaves_no_room() {
        assert_eq!(lay_out(&moments("C", &[45]), c_major()), None);
        assert_eq!(lay_out(&[], c_major()), None);
    }
}
