//! Chord symbols as a band might play them: what is invented is the playing, not the chords.

use super::TimeLine;
use riffsmith_dsp::Rng;
use riffsmith_dsp::score::{Chord, Note, Pitch, PitchClass, Ticks, Track, Velocity};

/// How chords are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texture {
    /// All tones held in root position, over the lowest one: what every method should read.
    Blocks,
    /// A bass line and broken, held, short or syncopated chords without their root or fifth at times.
    Band,
}

/// How a piece's chords are played, drawn once for each piece.
#[derive(Debug, Clone, Copy)]
enum Comp {
    Held,
    Beats,
    OffBeats,
    Broken,
    Alberti,
}

/// How its bass moves.
#[derive(Debug, Clone, Copy)]
enum Bass {
    Roots,
    Fifths,
    Octaves,
    Walking,
}

const COMPS: [Comp; 5] = [Comp::Held, Comp::Beats, Comp::OffBeats, Comp::Broken, Comp::Alberti];
const BASSES: [Bass; 4] = [Bass::Roots, Bass::Fifths, Bass::Octaves, Bass::Walking];

/// The lowest notes of the bass and of the chords.
const BASS_FROM: i32 = 33;
const COMP_FROM: i32 = 53;

/// An accompaniment in beats of one length: bass and chords, or chords alone for [`Texture::Blocks`].
pub fn accompany(chords: &TimeLine, beat: Ticks, texture: Texture, rng: &mut Rng) -> Vec<Track> {
    let sounding = |index: usize| chords.get(index).and_then(|&(.., chord)| chord);
    let comp = *rng.pick(&COMPS).unwrap_or(&Comp::Held);
    let bass = *rng.pick(&BASSES).unwrap_or(&Bass::Roots);
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for (index, &(start, end, chord)) in chords.iter().enumerate() {
        let Some(chord) = chord else { continue };
        match texture {
            Texture::Blocks => {
                low.push(note(start, end, class_from(chord.lowest(), BASS_FROM)));
                let root = class_from(chord.root, COMP_FROM);
                high.extend(chord.quality.intervals().iter().map(|&tone| note(start, end, root + i32::from(tone))));
            }
            Texture::Band => {
                low.extend(bass_line(chord, sounding(index + 1), start, end, beat, bass, rng));
                high.extend(comping(chord, start, end, beat, comp, rng));
            }
        }
    }
    let track = |channel, program, mut notes: Vec<Note>| {
        notes.sort_unstable();
        Track { channel, program, notes, ..Track::default() }
    };
    // A finger bass and a piano of General MIDI.
    vec![track(0, 33, low), track(1, 0, high)]
}

/// The lowest pitch of a class from `lowest` up.
fn class_from(class: PitchClass, lowest: i32) -> i32 {
    lowest + i32::from(class.above(PitchClass::new(lowest)))
}

fn note(start: Ticks, end: Ticks, pitch: i32) -> Note {
    Note { start, pitch: Pitch::folded(pitch), length: (end - start).max(Ticks(1)), velocity: Velocity::new(85) }
}

/// Steps of one length from `start` to `end`: place, start and end of each.
fn steps(start: Ticks, end: Ticks, length: Ticks) -> impl Iterator<Item = (u32, Ticks, Ticks)> {
    let count = (end - start).0.div_ceil(length.0.max(1));
    (0..count).map(move |place| (place, start + length * place, (start + length * (place + 1)).min(end)))
}

fn bass_line(
    chord: Chord,
    next: Option<Chord>,
    start: Ticks,
    end: Ticks,
    beat: Ticks,
    bass: Bass,
    rng: &mut Rng,
) -> Vec<Note> {
    let lowest = class_from(chord.lowest(), BASS_FROM);
    let tones: Vec<i32> = chord.quality.intervals().iter().map(|&tone| i32::from(tone)).collect();
    let root = class_from(chord.root, BASS_FROM);
    let fifth = root + tones.get(2).or(tones.last()).copied().unwrap_or(7);
    match bass {
        Bass::Roots => steps(start, end, beat * 2).map(|(_, from, to)| note(from, to, lowest)).collect(),
        Bass::Fifths => steps(start, end, beat)
            .map(|(place, from, to)| note(from, to, if place % 2 == 0 { lowest } else { fifth }))
            .collect(),
        Bass::Octaves => steps(start, end, Ticks(beat.0 / 2))
            .map(|(place, from, to)| note(from, to, lowest + if place % 2 == 0 { 0 } else { 12 }))
            .collect(),
        Bass::Walking => steps(start, end, beat)
            .map(|(place, from, to)| {
                let is_last = to == end && place > 0;
                let approach = next.filter(|_| is_last).map(|next| {
                    let target = class_from(next.lowest(), BASS_FROM);
                    target + if rng.chance(0.5) { -1 } else { 2 }
                });
                let tone = tones[rng.below(tones.len())];
                note(from, to, if place == 0 { lowest } else { approach.unwrap_or(root + tone) })
            })
            .collect(),
    }
}

fn comping(chord: Chord, start: Ticks, end: Ticks, beat: Ticks, comp: Comp, rng: &mut Rng) -> Vec<Note> {
    let voicing = voicing(chord, rng);
    let all = |from: Ticks, to: Ticks| voicing.iter().map(move |&pitch| note(from, to, pitch)).collect::<Vec<_>>();
    let half = Ticks(beat.0 / 2);
    let short = |from: Ticks| from + Ticks(beat.0 / 3);
    match comp {
        Comp::Held => all(start, end),
        Comp::Beats => steps(start, end, beat).flat_map(|(_, from, to)| all(from, to.min(short(from)))).collect(),
        Comp::OffBeats => steps(start, end, beat)
            .filter(|(_, from, to)| *to > *from + half)
            .flat_map(|(_, from, _)| all(from + half, short(from + half)))
            .collect(),
        Comp::Broken => steps(start, end, half)
            .map(|(place, from, to)| note(from, to, voicing[place as usize % voicing.len()]))
            .collect(),
        Comp::Alberti => {
            let order = [0, voicing.len() - 1, voicing.len() / 2, voicing.len() - 1];
            steps(start, end, half)
                .map(|(place, from, to)| note(from, to, voicing[order[place as usize % 4]]))
                .collect()
        }
    }
}

/// Two or more tones in close position in any inversion; the root or the fifth is left to others in three of ten chords.
fn voicing(chord: Chord, rng: &mut Rng) -> Vec<i32> {
    let mut tones: Vec<PitchClass> = chord.classes().collect();
    if tones.len() > 2 && rng.chance(0.3) {
        tones.remove(if rng.chance(0.5) { 0 } else { 2 });
    }
    let from = COMP_FROM + rng.below(8) as i32;
    let mut pitches: Vec<i32> = tones.into_iter().map(|class| class_from(class, from)).collect();
    pitches.sort_unstable();
    pitches
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    #[test]
    fn accompaniments_keep_to_their_chords_but_for_walks() {
        let chords: TimeLine = vec![
            (Ticks(0), Ticks(1920), "Am7".parse().ok()),
            (Ticks(1920), Ticks(2880), None),
            (Ticks(2880), Ticks(3840), "F/C".parse().ok()),
        ];
        for seed in 0..40 {
            let tracks = accompany(&chords, Ticks::QUARTER, Texture::Band, &mut Seed(seed).rng());
            for note in &tracks[1].notes {
                let at = chords.iter().find(|(start, end, _)| *start <= note.start && note.start < *end);
                let chord = at.and_then(|&(.., chord)| chord).expect("nothing plays where no chord is");
                assert!(chord.contains(note.pitch.class()), "{chord} {note:?}");
                assert!(note.end() <= Ticks(3840));
            }
            let first = &tracks[0].notes[0];
            assert_eq!((first.start, first.pitch.class().to_string()), (Ticks(0), "A".to_owned()));
            assert!(
                tracks[0].notes.iter().any(|note| note.start == Ticks(2880) && note.pitch.class() == PitchClass::C)
            );
        }
        let blocks = accompany(&chords, Ticks::QUARTER, Texture::Blocks, &mut Seed(0).rng());
        assert_eq!((blocks[0].notes.len(), blocks[1].notes.len()), (2, 4 + 3));
    }
}
