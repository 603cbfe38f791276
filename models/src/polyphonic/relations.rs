//! How keys are scored: by tables of logits over the distance to a key that means something at this moment.
//!
//! A table belongs to a kind of anchor (the key above, what this voice had, what followed a repetition); the network writes the
//! tables anew for each decision, and each anchor adds its table to the keys around it. So what holds at one pitch holds at all.

use super::roll::KEYS;

/// The class that ends a frame.
pub const STOP: u8 = KEYS as u8;

/// A kind of anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Table {
    /// The lowest key of the piano: absolute pitch.
    Key,
    /// The same, in every octave.
    Class,
    /// The highest key before, for a frame's first note.
    Top,
    /// The key above.
    Above,
    /// Notes of the frame before, by voice: higher ones, the one above, the same, the one below, lower ones.
    Before1,
    Before2,
    Before3,
    Before4,
    Before5,
    /// Notes of the frame before that: of higher voices, the same and lower ones.
    Earlier1,
    Earlier2,
    Earlier3,
    /// Notes chosen in this frame, in every octave.
    Chosen,
    /// The bass before, in every octave.
    Bass,
    /// Notes of the frame after the repetition: of higher voices, the same and lower ones.
    Repeated1,
    Repeated2,
    Repeated3,
    /// The highest note after the repetition of the highest voice.
    RepeatedTop,
    /// Notes of 4, 6, 8, 12, 16, 32 and 64 frames ago.
    Ago4,
    Ago6,
    Ago8,
    Ago12,
    Ago16,
    Ago32,
    Ago64,
    /// Keys by when they last sounded: [`super::inputs::bucket`]s of the frames since.
    Age1,
    Age2,
    Age3,
    Age4,
    Age6,
    Age8,
    Age12,
    Age16,
    Age32,
    Age64,
    /// Nothing: the logit of the frame's end.
    Stop,
}

/// Which distances a table covers.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: i32,
    width: usize,
    octaves: bool,
}

const fn span(table: Table, first: i32, last: i32) -> (Table, Span) {
    (table, Span { first, width: (last - first + 1) as usize, octaves: false })
}

const fn octaves(table: Table) -> (Table, Span) {
    (table, Span { first: 0, width: 12, octaves: true })
}

const TABLES: [(Table, Span); 36] = [
    span(Table::Key, 0, KEYS as i32 - 1),
    octaves(Table::Class),
    span(Table::Top, -30, 30),
    span(Table::Above, -48, -1),
    span(Table::Before1, -16, 16),
    span(Table::Before2, -16, 16),
    span(Table::Before3, -16, 16),
    span(Table::Before4, -16, 16),
    span(Table::Before5, -16, 16),
    span(Table::Earlier1, -12, 12),
    span(Table::Earlier2, -12, 12),
    span(Table::Earlier3, -12, 12),
    octaves(Table::Chosen),
    octaves(Table::Bass),
    span(Table::Repeated1, -2, 2),
    span(Table::Repeated2, -2, 2),
    span(Table::Repeated3, -2, 2),
    span(Table::RepeatedTop, -2, 2),
    span(Table::Ago4, 0, 0),
    span(Table::Ago6, 0, 0),
    span(Table::Ago8, 0, 0),
    span(Table::Ago12, 0, 0),
    span(Table::Ago16, 0, 0),
    span(Table::Ago32, 0, 0),
    span(Table::Ago64, 0, 0),
    span(Table::Age1, 0, 0),
    span(Table::Age2, 0, 0),
    span(Table::Age3, 0, 0),
    span(Table::Age4, 0, 0),
    span(Table::Age6, 0, 0),
    span(Table::Age8, 0, 0),
    span(Table::Age12, 0, 0),
    span(Table::Age16, 0, 0),
    span(Table::Age32, 0, 0),
    span(Table::Age64, 0, 0),
    span(Table::Stop, 0, 0),
];

const STARTS: [usize; TABLES.len() + 1] = {
    let mut starts = [0; TABLES.len() + 1];
    let mut index = 0;
    while index < TABLES.len() {
        assert!(TABLES[index].0 as usize == index, "the tables stand in the order of their enum");
        starts[index + 1] = starts[index] + TABLES[index].1.width;
        index += 1;
    }
    starts
};

/// Numbers in all tables together.
pub const COLUMNS: usize = STARTS[TABLES.len()];

/// A key that the keys around it are scored by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// Index of its table.
    table: u8,
    /// The key.
    key: u8,
}

impl Anchor {
    /// A key as an anchor of this kind.
    pub fn new(table: Table, key: u8) -> Self {
        Self { table: table as u8, key }
    }

    /// A key as an anchor of the kind that stands `after` others behind `first`, which all are of one form.
    pub fn nth(first: Table, after: usize, key: u8) -> Self {
        Self { table: first as u8 + after as u8, key }
    }

    /// Calls `each` with all keys below `limit` that it scores, and the column of their logit.
    #[inline]
    fn for_each(self, limit: usize, mut each: impl FnMut(usize, usize)) {
        let Span { first, width, octaves } = TABLES[usize::from(self.table)].1;
        let start = STARTS[usize::from(self.table)];
        if octaves {
            let shift = 12 - usize::from(self.key) % 12;
            (0..limit).for_each(|key| each(key, start + (key + shift) % 12));
        } else {
            let lowest = i32::from(self.key) + first;
            let end = (lowest + width as i32).clamp(0, limit as i32);
            for key in lowest.max(0)..end {
                each(key as usize, start + (key - lowest) as usize);
            }
        }
    }
}

/// Log probabilities of the keys from `floor` and below `limit` and, in place `limit`, of the frame's end; of nothing else.
pub fn log_probabilities(columns: &[f32], anchors: &[Anchor], floor: usize, limit: usize) -> Vec<f32> {
    let mut logits = vec![0.0; limit + 1];
    logits[limit] = columns[STARTS[Table::Stop as usize]];
    for anchor in anchors {
        anchor.for_each(limit, |key, column| logits[key] += columns[column]);
    }
    logits[..floor].fill(f32::NEG_INFINITY);
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    let shift = highest + sum.ln();
    logits.iter_mut().for_each(|logit| *logit -= shift);
    logits
}

/// Adds to the columns' gradient, given that of the logits: the probabilities less what was chosen.
pub fn add_gradient(gradient: &mut [f32], anchors: &[Anchor], logits: &[f32]) {
    let limit = logits.len() - 1;
    gradient[STARTS[Table::Stop as usize]] += logits[limit];
    for anchor in anchors {
        anchor.for_each(limit, |key, column| gradient[column] += logits[key]);
    }
}
