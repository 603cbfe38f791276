//! What chords sound like: how probable each pitch class is while one sounds, in the bass and above it.

use crate::score::{Chord, Key, PitchClass, Quality};

/// What each kind of evidence weighs.
#[derive(Debug, Clone, Copy)]
pub struct Weights {
    /// All that sounds in a beat, in nats.
    pub all: f64,
    /// What is in the bass.
    pub bass: f64,
    /// Share of a chord's root, third, fifth and further tones in what sounds; other notes have 1 / 12 of the rest each.
    pub tones: [f64; 4],
    /// How much likelier a note outside the chord is that is in the key, than one that is not.
    pub in_key: f64,
    /// How much of a chord's sound is chord tones.
    pub inside: f64,
    /// How often the root, the third, the fifth or a further tone is in the bass.
    pub low: [f64; 4],
    /// Against a new chord on a downbeat, and how much more where there is no strength at all.
    pub change: [f64; 2],
    /// How much the distance of two roots weighs.
    pub motion: f64,
    /// Against chords of notes outside the key, each time one begins; applied dominants cost half.
    pub foreign: f64,
    /// Against rare qualities, as a factor on [`Sought::cost`].
    pub rare: f64,
}

/// Found with our accompaniments of mcgill-billboard's training part by the share of roots and thirds, but for `rare`, which was set by the
/// share of whole symbols there: roots and thirds alone would do without sevenths.
pub const WEIGHTS: Weights = Weights {
    all: 4.0,
    bass: 0.55,
    tones: [0.34, 0.21, 0.26, 0.24],
    in_key: 1.25,
    inside: 0.77,
    low: [0.31, 0.05, 0.12, 0.04],
    change: [0.6, 4.0],
    motion: 1.0,
    foreign: 0.8,
    rare: 0.7,
};

/// A quality that is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sought {
    /// Which.
    pub quality: Quality,
    /// What speaks against it beforehand, in nats: roughly how rare it is in popular songs and in classical ones.
    pub cost: f64,
}

const fn sought(quality: Quality, cost: f64) -> Sought {
    Sought { quality, cost }
}

/// All that are looked for.
pub const SOUGHT: [Sought; 13] = [
    sought(Quality::Major, 0.0),
    sought(Quality::Minor, 0.3),
    sought(Quality::Seventh, 0.8),
    sought(Quality::MinorSeventh, 1.0),
    sought(Quality::MajorSeventh, 1.3),
    sought(Quality::Power, 2.2),
    sought(Quality::Sus4, 2.0),
    sought(Quality::Sus2, 2.6),
    sought(Quality::Sixth, 2.4),
    sought(Quality::Diminished, 2.0),
    sought(Quality::HalfDiminished, 2.0),
    sought(Quality::DiminishedSeventh, 2.2),
    sought(Quality::Augmented, 3.0),
];

/// How probable a root's step is against the most frequent one, in nats, by semitones upwards: roots fall by fifths most often,
/// rise by fifths and seconds, and seldom move by a tritone or a semitone (the order of de Clercq and Temperley, "A corpus analysis
/// of rock harmony", 2011, table 4).
pub const MOTION: [f64; 12] = [-0.7, -1.6, -0.5, -1.0, -1.0, 0.0, -2.0, -0.2, -0.9, -0.6, -0.6, -1.6];

/// How well a beat fits chords in one key; all are computed once.
pub struct Model {
    /// Nats of each pitch class, by chord.
    all: Vec<[f64; 12]>,
    /// Nats of each pitch class in the bass, by chord.
    low: Vec<[f64; 12]>,
    /// Against each chord when it begins.
    pub enter: Vec<f64>,
}

/// Every chord that is looked for: by root, then in the order of [`SOUGHT`].
pub fn candidates() -> impl Iterator<Item = (Chord, f64)> {
    (0..12).flat_map(|root| SOUGHT.map(|it| (Chord::new(PitchClass::new(root), it.quality), it.cost)))
}

impl Model {
    /// The model of a key; `None`: nothing is known of it.
    pub fn new(key: Option<Key>, weights: &Weights) -> Self {
        let mut model = Self { all: Vec::new(), low: Vec::new(), enter: Vec::new() };
        for (chord, cost) in candidates() {
            model.all.push(tones(chord, key, weights));
            model.low.push(bass(chord, weights));
            model.enter.push(weights.rare * cost + weights.foreign * foreign(chord, key));
        }
        model
    }

    /// Nats of a beat under the chord with this index, against notes at random.
    pub fn fit(&self, index: usize, all: &[f64; 12], bass: &[f64; 12]) -> f64 {
        let sum =
            |own: &[f64; 12], heard: &[f64; 12]| own.iter().zip(heard).map(|(own, heard)| own * heard).sum::<f64>();
        sum(&self.all[index], all) + sum(&self.low[index], bass)
    }
}

fn tones(chord: Chord, key: Option<Key>, weights: &Weights) -> [f64; 12] {
    let mut inside = [0.0; 12];
    for (place, class) in chord.classes().enumerate() {
        inside[usize::from(class.semitones())] = weights.tones[place_of(chord.quality, place)];
    }
    let outside: [f64; 12] = std::array::from_fn(|class| {
        let is_in_key = key.is_none_or(|key| key.contains(PitchClass::new(class as i32)));
        if inside[class] > 0.0 {
            0.0
        } else if is_in_key {
            weights.in_key
        } else {
            1.0
        }
    });
    // A power chord does not claim the third that it leaves open: else it would explain every lone root best.
    let open = if chord.quality == Quality::Power { weights.tones[1] } else { 0.0 };
    let in_sum: f64 = inside.iter().sum::<f64>() + open;
    let out_sum: f64 = outside.iter().sum();
    std::array::from_fn(|class| {
        let share = if inside[class] > 0.0 {
            weights.inside * inside[class] / in_sum
        } else {
            (1.0 - weights.inside * (1.0 - open / in_sum)) * outside[class] / out_sum
        };
        weights.all * (12.0 * share).ln()
    })
}

/// Root, third, fifth or further tone: power chords have no third.
fn place_of(quality: Quality, place: usize) -> usize {
    if quality == Quality::Power && place == 1 { 2 } else { place.min(3) }
}

fn bass(chord: Chord, weights: &Weights) -> [f64; 12] {
    let mut low = [0.0; 12];
    for (place, class) in chord.classes().enumerate() {
        low[usize::from(class.semitones())] = weights.low[place_of(chord.quality, place)];
    }
    let own: f64 = low.iter().sum();
    let others = low.iter().filter(|&&share| share == 0.0).count() as f64;
    let rest = (1.0 - own).max(0.05) / others;
    low.map(|share| weights.bass * (12.0 * if share > 0.0 { share } else { rest }).ln())
}

/// How foreign a chord is to a key: 0 for its own chords, 0.5 for dominants of its chords, else 1.
fn foreign(chord: Chord, key: Option<Key>) -> f64 {
    let Some(key) = key else { return 0.0 };
    let raised = key.tonic.transposed(-1);
    // Minor keys have a raised leading note in their dominants.
    let is_own = |class: PitchClass| key.contains(class) || (key.mode.is_minor() && class == raised);
    let is_dominant =
        matches!(chord.quality, Quality::Major | Quality::Seventh) && key.contains(chord.root.transposed(5));
    if chord.classes().all(is_own) {
        0.0
    } else if is_dominant && key.contains(chord.root) {
        0.5
    } else {
        1.0
    }
}
