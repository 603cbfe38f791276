//! Rows: bars of sixteenths, one symbol each.

use super::Wrong;
use riffsmith_dsp::score::{Key, Pitch};

/// Grid steps in a sixteenth note.
const SIXTEENTH: u32 = crate::piece::STEPS_PER_QUARTER / 4;

/// Half a sixteenth: the most that a row may lag or rush.
pub const MAX_LATE_TICKS: i32 = 60;

/// MIDI velocity of a plain hit where the row does not say.
const DEFAULT_VELOCITY: u8 = 100;

/// Which symbols a row understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Strikes: `X`, `x`, `o`, `g`.
    Drum,
    /// Strikes and holds; `>` before a strike takes the next chord early.
    Chords,
    /// Scale degrees and holds: `1`, `b3'`, `5,!`.
    Degrees,
}

/// What is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// The row's drum, or the chord that sounds.
    Strike,
    /// The chord that comes next.
    Ahead,
    /// A note of the scale.
    Degree {
        /// 0 is the tonic, 6 the seventh.
        degree: usize,
        /// Accidentals and octave marks, in semitones.
        semitones: i32,
    },
}

/// How hard it is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Accent,
    Plain,
    Soft,
    Ghost,
}

impl Level {
    /// MIDI velocity at a step, in a row whose plain hits on the beat have velocity `plain`: the weaker its place in the
    /// metre, the softer a hit is played.
    pub fn velocity(self, plain: u8, step: u32) -> u8 {
        let weight = match step {
            _ if step.is_multiple_of(4 * SIXTEENTH) => 100,
            _ if step.is_multiple_of(2 * SIXTEENTH) => 96,
            _ if step.is_multiple_of(SIXTEENTH) => 92,
            _ => 88,
        };
        let percent = match self {
            Self::Accent => 120,
            Self::Plain => 100,
            Self::Soft => 75,
            Self::Ghost => 45,
        };
        (u32::from(plain) * percent * weight / 10_000).clamp(1, 127) as u8
    }
}

/// One struck symbol; times in grid steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub start: u32,
    pub length: u32,
    pub symbol: Symbol,
    pub level: Level,
}

/// How a row is played: the words between its name and its colon.
#[derive(Debug, PartialEq, Eq)]
pub struct Feel {
    /// `1=A1`: the pitch of degree 1.
    pub first: Option<Pitch>,
    /// `@90`: MIDI velocity of a plain hit.
    pub velocity: u8,
    /// `+12`: score ticks behind the beat; negative ahead of it.
    pub late_ticks: i32,
    /// `open`: wide voicings.
    pub is_open: bool,
}

impl Feel {
    /// Reads the words after a row's name.
    pub fn read<'a>(words: impl Iterator<Item = &'a str>, key: Key) -> Wrong<Self> {
        let mut feel = Self { first: None, velocity: DEFAULT_VELOCITY, late_ticks: 0, is_open: false };
        for word in words {
            if let Some(pitch) = word.strip_prefix("1=") {
                let pitch: Pitch = pitch.parse().map_err(|error| format!("{error}"))?;
                if pitch.class() != key.tonic {
                    return Err(format!("degree 1 of {key} is {}, not {pitch}", key.tonic));
                }
                feel.first = Some(pitch);
            } else if let Some(velocity) = word.strip_prefix('@') {
                let velocity = velocity.parse().ok().filter(|velocity| (1..=127).contains(velocity));
                feel.velocity = velocity.ok_or_else(|| format!("{word:?} must be @1 to @127"))?;
            } else if word.starts_with(['+', '-']) {
                let ticks = word.parse().ok().filter(|ticks: &i32| ticks.abs() <= MAX_LATE_TICKS);
                feel.late_ticks = ticks.ok_or_else(|| format!("{word:?} must be -60 to +60 ticks of 480 a quarter"))?;
            } else if word == "open" {
                feel.is_open = true;
            } else {
                return Err(format!(
                    "{word:?} is not understood; after a row's name stand 1=A1, @velocity, +ticks late or open"
                ));
            }
        }
        Ok(feel)
    }
}

/// One symbol of a bar.
#[derive(Debug, Clone)]
enum Cell {
    Hit(Symbol, Level),
    Hold,
    Rest,
    /// Cells that share this many sixteenths evenly.
    Group(Vec<Cell>, u32),
}

/// Reads the bars of a row and repeats them until `bars` are full.
pub fn read(text: &str, notation: Notation, steps_per_bar: u32, bars: u32) -> Wrong<Vec<Hit>> {
    let mut written: Vec<Vec<Cell>> = Vec::new();
    for (bar, content) in super::bars(text).enumerate() {
        let cells = match (content, written.last()) {
            ("%", Some(before)) => before.clone(),
            ("%", None) => return Err("% repeats the bar before it, but this is the first one".to_owned()),
            (content, _) => Scanner { rest: content, notation }.cells()?,
        };
        let sixteenths: u32 = cells.iter().map(|cell| if let Cell::Group(_, wide) = cell { *wide } else { 1 }).sum();
        if sixteenths * SIXTEENTH != steps_per_bar {
            let wanted = steps_per_bar / SIXTEENTH;
            return Err(format!("bar {} has {sixteenths} sixteenths, but must have {wanted}", bar + 1));
        }
        written.push(cells);
    }
    if !bars.is_multiple_of(written.len() as u32) {
        return Err(format!("{} bars do not repeat evenly in the {bars} of the harmony", written.len()));
    }
    let mut hits = Vec::new();
    for (bar, cells) in (0..bars).zip(written.iter().cycle()) {
        lay_out(cells, bar * steps_per_bar, SIXTEENTH, &mut hits)
            .map_err(|wrong| format!("bar {}: {wrong}", bar + 1))?;
    }
    Ok(hits)
}

/// Puts cells of `width` steps each one after the other.
fn lay_out(cells: &[Cell], mut at: u32, width: u32, hits: &mut Vec<Hit>) -> Wrong<()> {
    for cell in cells {
        match cell {
            Cell::Hit(symbol, level) => hits.push(Hit { start: at, length: width, symbol: *symbol, level: *level }),
            Cell::Rest => {}
            Cell::Hold => match hits.last_mut().filter(|hit| hit.start + hit.length == at) {
                Some(hit) => hit.length += width,
                None => return Err("a hold `-` needs a note right before it".to_owned()),
            },
            Cell::Group(inner, wide) => {
                let count = inner.len() as u32;
                let steps = wide * SIXTEENTH;
                if count == 0 || !steps.is_multiple_of(count) {
                    return Err(format!(
                        "{count} in brackets do not fit {wide} sixteenths: a sixteenth holds 2, 3 or 6, `[]:2` also 4"
                    ));
                }
                lay_out(inner, at, steps / count, hits)?;
                at += steps;
                continue;
            }
        }
        at += width;
    }
    Ok(())
}

/// Reads the symbols of one bar.
struct Scanner<'a> {
    rest: &'a str,
    notation: Notation,
}

impl Scanner<'_> {
    /// All cells to the end of the bar.
    fn cells(mut self) -> Wrong<Vec<Cell>> {
        let mut cells = Vec::new();
        while let Some(symbol) = self.next() {
            let cell = match symbol {
                '[' => self.group()?,
                _ => self.cell(symbol)?,
            };
            cells.push(cell);
        }
        Ok(cells)
    }

    /// The next character that is not a space.
    fn next(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        let symbol = self.rest.chars().next()?;
        self.rest = &self.rest[symbol.len_utf8()..];
        Some(symbol)
    }

    /// The next character, if it is one of these.
    fn next_of(&mut self, allowed: &[char]) -> Option<char> {
        let symbol = self.rest.chars().next().filter(|symbol| allowed.contains(symbol))?;
        self.rest = &self.rest[symbol.len_utf8()..];
        Some(symbol)
    }

    /// What follows `[`.
    fn group(&mut self) -> Wrong<Cell> {
        let mut cells = Vec::new();
        loop {
            match self.next() {
                None => return Err("a `[` has no `]`".to_owned()),
                Some('[') => return Err("brackets do not stand in brackets".to_owned()),
                Some(']') => break,
                Some(symbol) => cells.push(self.cell(symbol)?),
            }
        }
        let mut wide = 1;
        if self.next_of(&[':']).is_some() {
            wide = self
                .next_of(&['1', '2', '3', '4', '6', '8'])
                .and_then(|digit| digit.to_digit(10))
                .ok_or("`]:` is followed by how many sixteenths the brackets fill: 1, 2, 3, 4, 6 or 8")?;
        }
        Ok(Cell::Group(cells, wide))
    }

    fn cell(&mut self, symbol: char) -> Wrong<Cell> {
        let is_drum = self.notation == Notation::Drum;
        match symbol {
            '.' => Ok(Cell::Rest),
            '-' if !is_drum => Ok(Cell::Hold),
            '#' | 'b' | '1'..='7' if self.notation == Notation::Degrees => self.degree(symbol),
            '>' if self.notation == Notation::Chords => {
                let level = self.next().and_then(level).ok_or("`>` stands before X, x, o or g")?;
                Ok(Cell::Hit(Symbol::Ahead, level))
            }
            _ => level(symbol)
                .filter(|_| self.notation != Notation::Degrees)
                .map(|level| Cell::Hit(Symbol::Strike, level))
                .ok_or_else(|| format!("{symbol:?} is not understood; here stand {}", self.allowed())),
        }
    }

    /// Accidentals, a digit, octave marks, a level.
    fn degree(&mut self, first: char) -> Wrong<Cell> {
        let mut semitones = 0;
        let mut symbol = Some(first);
        while let Some(accidental) = symbol.filter(|symbol| ['#', 'b'].contains(symbol)) {
            semitones += if accidental == '#' { 1 } else { -1 };
            symbol = self.next_of(&['#', 'b', '1', '2', '3', '4', '5', '6', '7']);
        }
        let digit = symbol.and_then(|symbol| symbol.to_digit(10)).ok_or("`#` and `b` stand before 1 to 7")?;
        while let Some(mark) = self.next_of(&['\'', ',']) {
            semitones += if mark == '\'' { 12 } else { -12 };
        }
        let level = match self.next_of(&['!', '?']) {
            Some('!') => Level::Accent,
            Some(_) => Level::Ghost,
            None => Level::Plain,
        };
        Ok(Cell::Hit(Symbol::Degree { degree: digit as usize - 1, semitones }, level))
    }

    fn allowed(&self) -> &'static str {
        match self.notation {
            Notation::Drum => "X x o g for hits, `.` for a rest, [ ] for shorter ones",
            Notation::Chords => {
                "X x o g for hits, > before one to be early, `-` to hold, `.` to rest, [ ] for shorter ones"
            }
            Notation::Degrees => "1 to 7 with # b ' , ! ?, `-` to hold, `.` to rest, [ ] for shorter ones",
        }
    }
}

fn level(symbol: char) -> Option<Level> {
    match symbol {
        'X' => Some(Level::Accent),
        'x' => Some(Level::Plain),
        'o' => Some(Level::Soft),
        'g' => Some(Level::Ghost),
        _ => None,
    }
}
