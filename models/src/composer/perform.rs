//! From tokens to notes: pitches in the key, voicings of the chords, swing, micro-timing, exact ends.

use super::brief::Brief;
use super::control::{Mood, weakness};
use super::grid::Bar;
use super::human::Human;
use super::kit;
use super::line::{Line, Token};
use super::part::Part;
use super::pitches;
use super::programs;
use super::quantise::{LENGTHS, offset, velocity};
use super::voicing::{self, Comp};
use crate::of_score::{is_swung, moment, swung_late};
use crate::piece::TICKS_PER_STEP;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Chord, Note, Pitch, Role, Score, Ticks, Track, Velocity};

/// Ticks that a drum's note is written with: drums ring as they will.
const DRUM_LENGTH: Ticks = Ticks(60);

/// A part as it was written.
pub struct Written {
    /// Which part.
    pub part: Part,
    /// What it plays.
    pub line: Line,
    /// Of the player's deviations.
    pub seed: Seed,
}

/// The score of these lines.
pub fn score(brief: &Brief, harmony: &[(u32, Option<Chord>)], lines: &[Written]) -> Score {
    let options = brief.options();
    let length = brief.length();
    let tonic = i32::from(options.key.tonic.semitones());
    let mut score = Score::empty(length, options.tempo, options.meter);
    score.keys.push((Ticks(0), options.key));
    let chords =
        harmony.iter().filter_map(|&(step, chord)| Some((Ticks(step * TICKS_PER_STEP), chord?.transposed(tonic))));
    score.chords = chords.filter(|&(at, _)| at < length).collect();
    let has_bass = options.roles.contains(&Role::Bass);
    for Written { part, line, seed } in lines {
        let Some(role) = part.role() else { continue };
        let human = Human { amount: options.controls.humanize, seed: seed.fork(part.name()) };
        let stage = Stage { swing: options.swing, length, harmony, tonic, human };
        let asked = options.controls.range(*part);
        let mut notes = match part {
            Part::Harmony => Vec::new(),
            Part::Drums => stage.drums(line),
            Part::Chords => {
                let own = asked.map(|[low, high]| voicing::Register::new(low.number(), high.number()));
                stage.chords(line, has_bass, own.unwrap_or(voicing::Register::USUAL))
            }
            Part::Bass => stage.melody(line, pitches::BASS),
            Part::Lead => stage.melody(line, pitches::LEAD),
        };
        if let Some(register) = register(role).filter(|_| asked.is_none()) {
            settle(&mut notes, register);
        }
        if let Some(form) = &options.controls.form {
            thin(&mut notes, |bar| form.fullness(role, bar, options.bars), brief.grid());
        }
        human.strengths(&mut notes);
        level(&mut notes, role, options.controls.mood.map_or(0.0, Mood::louder));
        notes.sort_unstable();
        notes.dedup_by_key(|note| (note.start, note.pitch));
        score.tracks.push(Track {
            name: role.name().to_owned(),
            role: Some(role),
            channel: programs::channel(role),
            program: programs::program(role, &options.styles),
            notes,
            controls: Vec::new(),
        });
    }
    score.tracks.sort_by_key(|track| track.role);
    score
}

/// Brings a part whose strong notes (the ninth decile) are too soft or too loud for its role to the nearest strength that is not,
/// all notes alike: how parts are balanced is the mix's business, and accents and ghost notes stay as far apart as they were. The
/// bounds are those of our own grooves. Then all are `louder`, in steps of velocity.
fn level(notes: &mut [Note], role: Role, louder: f32) {
    let (softest, loudest) = match role {
        Role::Drums => (84, 120),
        Role::Bass => (64, 114),
        Role::Chords => (52, 104),
        Role::Lead => (56, 104),
    };
    let mut velocities: Vec<i32> = notes.iter().map(|note| i32::from(note.velocity.value())).collect();
    velocities.sort_unstable();
    let Some(&strong) = velocities.get(velocities.len() * 9 / 10) else { return };
    let louder = strong.clamp(softest, loudest) - strong + louder.round() as i32;
    for note in notes {
        note.velocity = Velocity::new((i32::from(note.velocity.value()) + louder).clamp(1, 127) as u8);
    }
}

/// Leaves of each bar as much as `fullness` says, 0 nothing and 1 all: the weakest places go first; what stays is softer in proportion.
fn thin(notes: &mut Vec<Note>, fullness: impl Fn(u32) -> f32, grid: Bar) {
    let bar = grid.steps * TICKS_PER_STEP;
    notes.retain_mut(|note| {
        // Players are a little early or late.
        let moment = note.start.0 + TICKS_PER_STEP / 2;
        let full = fullness(moment / bar);
        let strength = 0.6 + 0.4 * full;
        note.velocity = Velocity::new((f32::from(note.velocity.value()) * strength).round().max(1.0) as u8);
        full >= 1.0 || weakness(moment % bar / TICKS_PER_STEP, grid) < full
    });
}

/// Where the middle note of a line lies at the lowest, and its highest note at most.
struct Register {
    lowest_middle: u8,
    highest: u8,
}

/// The register of a line that others must leave room for: a bass low, but where speakers and ears still follow (its middle not
/// below E1); a lead above the chords, whose middle is F4.
fn register(role: Role) -> Option<Register> {
    match role {
        Role::Bass => Some(Register { lowest_middle: 28, highest: 60 }),
        Role::Lead => Some(Register { lowest_middle: 69, highest: 96 }),
        Role::Drums | Role::Chords => None,
    }
}

/// Moves a line up by octaves until its middle note is in its register, as far as its highest note allows.
fn settle(notes: &mut [Note], register: Register) {
    let mut pitches: Vec<u8> = notes.iter().map(|note| note.pitch.number()).collect();
    pitches.sort_unstable();
    let (Some(&middle), Some(&highest)) = (pitches.get(pitches.len() / 2), pitches.last()) else { return };
    let missing = register.lowest_middle.saturating_sub(middle).div_ceil(12);
    let room = register.highest.saturating_sub(highest) / 12;
    let shift = 12 * missing.min(room);
    for note in notes {
        note.pitch = Pitch::new(note.pitch.number() + shift);
    }
}

/// What all notes are placed by.
struct Stage<'a> {
    swing: f32,
    length: Ticks,
    harmony: &'a [(u32, Option<Chord>)],
    tonic: i32,
    human: Human,
}

impl Stage<'_> {
    /// A step's moment: within each eighth, its middle lies where `swing` puts it and the rest is stretched alike.
    fn ticks(&self, step: u32) -> Ticks {
        Ticks(moment(step, self.swing))
    }

    fn drums(&self, line: &Line) -> Vec<Note> {
        let late = self.lateness(line);
        let note = |token: &Token| {
            let step = line.step(token);
            let deviation = offset(token.offset) - if is_swung(step) { late } else { 0 };
            let human = (self.human.amount * deviation as f32).round();
            let start = i64::from(self.ticks(step).0) + human as i64;
            let start = Ticks(start.clamp(0, i64::from(self.length.0) - 1) as u32);
            Note {
                start,
                pitch: Pitch::new(kit::drum(usize::from(token.symbol))),
                length: DRUM_LENGTH.min(self.length - start),
                velocity: Velocity::new(velocity(token.velocity)),
            }
        };
        line.tokens().iter().map(note).collect()
    }

    /// Ticks by which the second sixteenths come late on average. The brief says how much they swing, so that the swing which
    /// the network learnt is taken out, and only each hit's deviation from it stays.
    fn lateness(&self, line: &Line) -> i32 {
        swung_late(line.tokens().iter().map(|token| (line.step(token), offset(token.offset))))
    }

    /// From a token's step to its end: its length, the next onset or the end of the piece, whichever is first.
    fn span(&self, line: &Line, index: usize, latest: u32) -> (Ticks, Ticks) {
        let tokens = line.tokens();
        let step = line.step(&tokens[index]);
        let next = tokens.get(index + 1).map_or(u32::MAX, |next| line.step(next));
        let end = (step + LENGTHS[usize::from(tokens[index].length)]).min(next).min(latest);
        let at = |step: u32| self.human.moved(step, self.ticks(step)).min(self.length);
        (at(step), at(end) - at(step))
    }

    fn melody(&self, line: &Line, range: pitches::Range) -> Vec<Note> {
        // Up or down to the key's tonic, whichever is nearer.
        let shift = if self.tonic > 6 { self.tonic - 12 } else { self.tonic };
        let note = |(index, token): (usize, &Token)| {
            let (start, length) = self.span(line, index, u32::MAX);
            let pitch = Pitch::folded(i32::from(range.pitch(usize::from(token.symbol))) + shift);
            let velocity = self.human.struck(line.step(token), pitch.number(), velocity(token.velocity));
            Note { start, pitch, length: length.max(Ticks(1)), velocity }
        };
        line.tokens().iter().enumerate().map(note).collect()
    }

    fn chords(&self, line: &Line, has_bass: bool, register: voicing::Register) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut last: Vec<u8> = Vec::new();
        for (index, token) in line.tokens().iter().enumerate() {
            let step = line.step(token);
            let change = self.harmony.partition_point(|&(from, _)| from <= step);
            let chord = change.checked_sub(1).and_then(|index| self.harmony[index].1);
            let Some(chord) = chord else { continue };
            // A held chord gives way to the next one.
            let latest = self.harmony.get(change).map_or(u32::MAX, |&(next, _)| next);
            let (start, length) = self.span(line, index, latest);
            last = voicing::voice(
                chord.transposed(self.tonic),
                Comp::from_symbol(usize::from(token.symbol)),
                &last,
                has_bass,
                register,
            );
            notes.extend(last.iter().map(|&pitch| Note {
                start,
                pitch: Pitch::new(pitch),
                length: length.max(Ticks(1)),
                velocity: self.human.struck(step, pitch, velocity(token.velocity)),
            }));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: Human = Human { amount: 1.0, seed: Seed(1) };

    #[test]
    fn swing_moves_the_second_sixteenth_and_keeps_the_eighths() {
        let stage = |swing| Stage { swing, length: Ticks(1920), harmony: &[], tonic: 0, human: EXACT };
        for step in 0..96 {
            assert_eq!(stage(0.5).ticks(step), Ticks(step * TICKS_PER_STEP));
        }
        let swung = stage(2.0 / 3.0);
        assert_eq!([0, 6, 12, 18, 24].map(|step| swung.ticks(step).0), [0, 160, 240, 400, 480]);
        assert!((1..96).all(|step| swung.ticks(step - 1) < swung.ticks(step)));
    }

    #[test]
    fn a_low_line_is_lifted_by_octaves_as_far_as_there_is_room() {
        let settled = |pitches: &[u8], role: Role| {
            let note = |&pitch: &u8| Note {
                start: Ticks(0),
                pitch: Pitch::new(pitch),
                length: Ticks(1),
                velocity: Velocity::new(90),
            };
            let mut notes: Vec<Note> = pitches.iter().map(note).collect();
            settle(&mut notes, register(role).expect("a line"));
            notes.iter().map(|note| note.pitch.number()).collect::<Vec<u8>>()
        };
        assert_eq!(settled(&[48, 55, 60], Role::Lead), [72, 79, 84]);
        assert_eq!(settled(&[69, 74, 81], Role::Lead), [69, 74, 81]);
        assert_eq!(settled(&[55, 60, 80], Role::Lead), [67, 72, 92]);
        assert_eq!(settled(&[55, 60, 90], Role::Lead), [55, 60, 90]);
        assert_eq!(settled(&[24, 26, 31], Role::Bass), [36, 38, 43]);
        assert_eq!(settled(&[24, 28, 31], Role::Bass), [24, 28, 31]);
        assert!(settled(&[], Role::Bass).is_empty());
    }

    #[test]
    fn soft_parts_are_lifted_with_their_dynamics() {
        let note = |velocity: u8| Note {
            start: Ticks(0),
            pitch: Pitch::new(60),
            length: Ticks(1),
            velocity: Velocity::new(velocity),
        };
        let levelled = |velocities: &[u8]| {
            let mut notes: Vec<Note> = velocities.iter().map(|&velocity| note(velocity)).collect();
            level(&mut notes, Role::Chords, 0.0);
            notes.iter().map(|note| note.velocity.value()).collect::<Vec<u8>>()
        };
        assert_eq!(levelled(&[20, 36, 44]), [28, 44, 52]);
        assert_eq!(levelled(&[60, 70, 80]), [60, 70, 80]);
        assert_eq!(levelled(&[100, 124, 124]), [80, 104, 104]);
        assert!(levelled(&[]).is_empty());
    }

    #[test]
    fn the_brief_s_swing_takes_the_place_of_the_learnt_one() {
        let grid = Bar::new("4/4".parse().expect("a metre")).expect("a bar");
        let mut line = Line::new(grid);
        // Sixteenths of a hat, every second one 30 ticks late, the last one 50.
        for sixteenth in 0..16u32 {
            let late = if sixteenth == 15 { 11 } else { 9 };
            let offset = if sixteenth % 2 == 1 { late } else { 6 };
            let slot = (sixteenth / 2 * 6 + sixteenth % 2 * 3) as u8;
            line.push(Token { bar: 0, slot, symbol: 4, length: 0, velocity: 10, offset });
        }
        let stage = Stage { swing: 0.5, length: Ticks(1920), harmony: &[], tonic: 0, human: EXACT };
        let starts: Vec<u32> = stage.drums(&line).iter().map(|note| note.start.0).collect();
        // The mean, 32 ticks, is gone.
        let expected = |sixteenth: u32| sixteenth * 120 - if sixteenth % 2 == 1 { 2 } else { 0 };
        assert_eq!(starts[..15], (0..15).map(expected).collect::<Vec<_>>());
        assert_eq!(starts[15], 15 * 120 + 18);
    }
}
