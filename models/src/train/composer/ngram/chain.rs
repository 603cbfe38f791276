//! An interpolated n-gram whose contexts are chains of elements: which element, and which is given up first where data are
//! thin, the validation decisions choose.

use rayon::prelude::*;
use std::collections::HashMap;

/// Elements of a context at most: with two more, no part lost more than 0.02 nats per note less on validation pieces.
const LONGEST: usize = 6;
/// Times that all scales are tuned again.
const SWEEPS: usize = 2;
/// Factors by which the weight of the shorter context may be scaled.
const SCALES: [f64; 14] = [0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0];

/// Decisions of one kind: each the class decided for, and a row of all that it may depend on.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    classes: Vec<u16>,
    rows: Vec<Vec<u16>>,
}

impl Decisions {
    /// Adds a decision.
    pub fn push(&mut self, class: u16, row: Vec<u16>) {
        self.classes.push(class);
        self.rows.push(row);
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &[u16]> {
        self.rows.iter().map(Vec::as_slice)
    }

    fn iter(&self) -> impl Iterator<Item = (u16, &[u16])> {
        self.classes.iter().copied().zip(self.rows())
    }

    /// Places in the row where something changes from decision to decision.
    fn varying(&self) -> Vec<usize> {
        let Some(first) = self.rows.first() else { return Vec::new() };
        (0..first.len()).filter(|&place| self.rows.iter().any(|row| row[place] != first[place])).collect()
    }
}

/// What followed the contexts of one length.
#[derive(Debug, Clone)]
struct Level {
    /// The place in the row by which these contexts are longer than the last level's; the empty context has none.
    place: Option<usize>,
    /// By shorter context and what stands in that place.
    contexts: HashMap<(u32, u16), u32>,
    /// By context: decisions, and different classes among them.
    totals: Vec<(u32, u32)>,
    /// By context and class.
    counts: HashMap<(u32, u16), u32>,
    /// Factor of the weight of the shorter context.
    scale: f64,
}

/// A decision on its way along a chain: its context, none once it was never seen, and the probability of its class so far.
type Followed = (Option<u32>, f64);

/// What was counted after a context.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    total: f64,
    classes: f64,
    count: f64,
}

impl Evidence {
    /// Probability of the class counted, given that after the shorter context (Witten and Bell, 1991).
    fn interpolated(self, scale: f64, shorter: f64) -> f64 {
        let weight = scale * self.classes;
        (self.count + weight * shorter) / (self.total + weight)
    }
}

impl Level {
    /// Counts the decisions, and moves their `contexts` on by one place.
    fn count(place: Option<usize>, decisions: &Decisions, contexts: &mut [u32]) -> Self {
        let mut level =
            Self { place, contexts: HashMap::new(), totals: Vec::new(), counts: HashMap::new(), scale: 1.0 };
        for (context, (class, row)) in contexts.iter_mut().zip(decisions.iter()) {
            let key = level.key(*context, row);
            let new = level.totals.len() as u32;
            *context = *level.contexts.entry(key).or_insert(new);
            if *context == new {
                level.totals.push((0, 0));
            }
            let count = level.counts.entry((*context, class)).or_default();
            let (total, classes) = &mut level.totals[*context as usize];
            *total += 1;
            *classes += u32::from(*count == 0);
            *count += 1;
        }
        level
    }

    fn key(&self, shorter: u32, row: &[u16]) -> (u32, u16) {
        (shorter, self.place.map_or(0, |place| row[place]))
    }

    /// The context that follows a shorter one and what was counted there; `None` if it was never seen.
    fn find(&self, shorter: Option<u32>, class: u16, row: &[u16]) -> Option<(u32, Evidence)> {
        let context = *self.contexts.get(&self.key(shorter?, row))?;
        let (total, classes) = self.totals[context as usize];
        let count = self.counts.get(&(context, class)).copied().unwrap_or(0);
        Some((context, Evidence { total: total.into(), classes: classes.into(), count: count.into() }))
    }

    /// Takes a decision one step along the chain.
    fn follow(&self, (shorter, probability): Followed, class: u16, row: &[u16]) -> Followed {
        match self.find(shorter, class, row) {
            Some((context, evidence)) => (Some(context), evidence.interpolated(self.scale, probability)),
            None => (None, probability),
        }
    }

    /// The scale with which these decisions are likeliest, and their nats with it.
    fn tuned(&self, decisions: &Decisions, followed: &[Followed]) -> (f64, f64) {
        let evidence = followed.iter().zip(decisions.iter()).map(|(&(shorter, probability), (class, row))| {
            (self.find(shorter, class, row).map(|(_, evidence)| evidence), probability)
        });
        let evidence: Vec<(Option<Evidence>, f64)> = evidence.collect();
        best_scale(|scale| {
            let lost = |&(evidence, probability): &(Option<Evidence>, f64)| {
                -evidence.map_or(probability, |evidence| evidence.interpolated(scale, probability)).ln()
            };
            evidence.iter().map(lost).sum()
        })
    }
}

/// The scale that loses the fewest nats, and these.
fn best_scale(mut nats: impl FnMut(f64) -> f64) -> (f64, f64) {
    let tried = SCALES.map(|scale| (scale, nats(scale)));
    tried.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).expect("there are scales to try")
}

/// The n-gram of one factor.
#[derive(Debug, Clone)]
pub struct Chain {
    classes: usize,
    levels: Vec<Level>,
}

impl Chain {
    /// Starts from the empty context and adds element after element, each time the one with which the validation decisions are
    /// likeliest, until none helps.
    pub fn new(classes: usize, training: &Decisions, validation: &Decisions) -> Self {
        let mut chain = Self { classes, levels: Vec::new() };
        let mut contexts = vec![0; training.rows.len()];
        let mut followed = vec![chain.start(); validation.rows.len()];
        let mut least = f64::INFINITY;
        let mut candidates = vec![None];
        let mut left: Vec<Option<usize>> = training.varying().into_iter().map(Some).collect();
        while chain.levels.len() <= LONGEST {
            let tried = candidates.par_iter().map(|&place| {
                let level = Level::count(place, training, &mut contexts.clone());
                (place, level.tuned(validation, &followed))
            });
            let tried: Vec<(Option<usize>, (f64, f64))> = tried.collect();
            let best = tried.into_iter().min_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
            let Some((place, (scale, nats))) = best.filter(|(_, (_, nats))| *nats < least) else { break };
            let level = Level { scale, ..Level::count(place, training, &mut contexts) };
            for (followed, (class, row)) in followed.iter_mut().zip(validation.iter()) {
                *followed = level.follow(*followed, class, row);
            }
            chain.levels.push(level);
            least = nats;
            left.retain(|&other| other != place);
            candidates.clone_from(&left);
        }
        chain.retune(validation);
        chain
    }

    /// Tunes the scales once more: a shorter context that others follow is there for what they have not seen.
    fn retune(&mut self, validation: &Decisions) {
        for _ in 0..SWEEPS {
            for index in (0..self.levels.len()).rev() {
                let (best, _) = best_scale(|scale| {
                    self.levels[index].scale = scale;
                    self.nats(validation)
                });
                self.levels[index].scale = best;
            }
        }
    }

    /// Before any element: all classes alike.
    fn start(&self) -> Followed {
        (Some(0), 1.0 / self.classes as f64)
    }

    /// Probability of a class, given the row of what it may depend on.
    pub fn probability(&self, class: u16, row: &[u16]) -> f64 {
        self.levels.iter().fold(self.start(), |followed, level| level.follow(followed, class, row)).1
    }

    /// Nats of these decisions.
    pub fn nats(&self, decisions: &Decisions) -> f64 {
        decisions.iter().map(|(class, row)| -self.probability(class, row).ln()).sum()
    }
}
