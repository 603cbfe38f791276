//! composable-drum-patterns: step-sequenced clips of single groups of drums, stacked here into grooves.

use super::{Files, Harvest, grid, split_of, style_tag};
use crate::error::Result;
use crate::kit;
use crate::piece::{Event, Piece, STEPS_PER_QUARTER};
use riffsmith_dsp::score::{Meter, Role};
use riffsmith_dsp::{Rng, Seed};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

/// Grooves made of each clip of a genre's largest group.
const GROOVES_PER_CLIP: usize = 3;

/// How often a groove has percussion, and how often toms (most of those clips are fills).
const PERCUSSION_SHARE: f32 = 0.35;
const TOMS_SHARE: f32 = 0.12;

#[derive(Deserialize)]
struct Catalog {
    entries: Vec<Clip>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Clip {
    group: String,
    collection: String,
    tags: Vec<String>,
    applicable_genres: Vec<String>,
    bars: u32,
    pattern: String,
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    /// In quarter notes.
    time: f64,
    note: u8,
    sound: String,
    velocity: u8,
}

/// Stacks a kick, a snare and a hat clip of one genre, and sometimes percussion or toms.
///
/// Basic clips are drawn more often than systematic variations, fills less; experimental ones never. All grooves on one
/// kick pattern are in one part of the data; hats and snares may occur in several.
pub fn read(files: &Files) -> Result<Harvest> {
    let catalog: Catalog = files.json("catalog.json")?;
    let mut harvest = Harvest::default();
    let mut genres: BTreeMap<&str, BTreeMap<&str, Vec<&Clip>>> = BTreeMap::new();
    for clip in &catalog.entries {
        if clip.has("experimental") {
            harvest.drop("experimental clips");
        } else if clip.applicable_genres.is_empty() {
            harvest.drop("clips without a genre");
        } else {
            for genre in &clip.applicable_genres {
                genres.entry(genre).or_default().entry(&clip.group).or_default().push(clip);
            }
        }
    }
    for (genre, groups) in &genres {
        let (Some(kicks), Some(snares), Some(hats)) = (groups.get("Kick"), groups.get("Snare"), groups.get("Hats"))
        else {
            harvest.drop("genres without kick, snare or hats");
            continue;
        };
        let extras = |group| groups.get(group).map_or(&[][..], Vec::as_slice);
        let wanted = GROOVES_PER_CLIP * kicks.len().max(snares.len()).max(hats.len());
        let mut made = HashSet::new();
        for index in 0..wanted {
            let mut rng = Seed(0).fork(genre).fork_index(index as u64).rng();
            let mut stack = vec![drawn(kicks, &mut rng), drawn(snares, &mut rng), drawn(hats, &mut rng)];
            for (group, share) in [("Perc", PERCUSSION_SHARE), ("Toms", TOMS_SHARE)] {
                if !extras(group).is_empty() && rng.uniform() < share {
                    stack.push(drawn(extras(group), &mut rng));
                }
            }
            let patterns: Vec<&str> = stack.iter().map(|clip| clip.pattern.as_str()).collect();
            if made.insert(patterns) {
                harvest.pieces.push(groove(genre, index, &stack));
            }
        }
    }
    Ok(harvest)
}

impl Clip {
    fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// How often it is drawn, relative to other clips.
    fn weight(&self) -> f32 {
        let collection = if self.collection == "basics" { 3.0 } else { 1.0 };
        let is_fill = self.has("fill") || self.has("fills");
        if is_fill { 0.3 * collection } else { collection }
    }

    /// The clip over a number of bars, from its start again where it is shorter.
    fn repeated(&self, bars: u32) -> impl Iterator<Item = Event> {
        let length = self.bars * 4 * STEPS_PER_QUARTER;
        (0..bars / self.bars).flat_map(move |time| {
            self.hits.iter().filter_map(move |hit| {
                let step = (hit.time * f64::from(STEPS_PER_QUARTER)).round() as u32;
                let pitch = hit.drum().filter(|_| step < length)?;
                Some(Event {
                    step: step + time * length,
                    pitch,
                    length: 1,
                    velocity: hit.velocity.clamp(1, 127),
                    offset: 0,
                })
            })
        })
    }
}

impl Hit {
    /// The catalogue's three toms are numbered apart from General MIDI's six.
    fn drum(&self) -> Option<u8> {
        match self.sound.as_str() {
            "tomLow" => Some(45),
            "tomMid" => Some(47),
            "tomHigh" => Some(50),
            _ => kit::folded(self.note),
        }
    }
}

fn drawn<'a>(clips: &[&'a Clip], rng: &mut Rng) -> &'a Clip {
    let sum: f32 = clips.iter().map(|clip| clip.weight()).sum();
    let mut left = rng.uniform() * sum;
    for clip in clips {
        left -= clip.weight();
        if left < 0.0 {
            return clip;
        }
    }
    clips[clips.len() - 1]
}

fn groove(genre: &str, index: usize, stack: &[&Clip]) -> Piece {
    // Clips have 1, 2 or 4 bars: the longest is a multiple of the others.
    let bars = stack.iter().map(|clip| clip.bars).max().unwrap_or(1);
    let mut events: Vec<Event> = stack.iter().flat_map(|clip| clip.repeated(bars)).collect();
    grid::tidy(&mut events);
    Piece {
        source: format!("composable-drum-patterns/{genre}/{index}"),
        styles: vec![style_tag(genre)],
        split: split_of(&stack[0].pattern),
        meter: Meter::COMMON,
        mode: None,
        bpm: None,
        bars,
        harmony: Vec::new(),
        parts: vec![(Role::Drums, events)],
        is_loop: true,
    }
}
