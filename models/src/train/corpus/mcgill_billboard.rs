//! mcgill-billboard: chords of songs from the US charts, 1958 to 1991 (Burgoyne, Wild and Fujinaga, "An Expert Ground Truth
//! Set for Audio Chord Recognition and Music Analysis", 2011).

use super::{Files, Harvest, csv, harmony, harte, split_of};
use crate::error::Result;
use crate::piece::Piece;
use riffsmith_dsp::score::{Chord, Meter, PitchClass};
use std::collections::{BTreeMap, HashSet};

/// Shorter stretches between changes of key or metre are left out.
const MIN_BARS: usize = 4;

/// One piece for each stretch of one key and metre; a song that is there several times is read once.
pub fn read(files: &Files) -> Result<Harvest> {
    let songs = songs(files)?;
    let mut harvest = Harvest::default();
    let mut seen = HashSet::new();
    for (name, _) in files.ending(".txt") {
        let song = name.trim_end_matches(".txt").parse().ok().and_then(|id: u32| songs.get(&id));
        let Some(song) = song else {
            harvest.drop("files that the index does not name");
            continue;
        };
        if !seen.insert(song.as_str()) {
            harvest.drop("songs that were there before");
            continue;
        }
        for (number, stretch) in stretches(files.text(name)?).into_iter().enumerate() {
            if stretch.bars.len() < MIN_BARS {
                harvest.drop("stretches under 4 bars");
            } else if let Some(piece) = stretch.piece(format!("mcgill-billboard/{name}#{number}"), song) {
                harvest.pieces.push(piece);
            } else {
                harvest.drop("stretches without chords");
            }
        }
    }
    Ok(harvest)
}

/// `artist / title` of each song in lower case, by its number.
pub fn songs(files: &Files) -> Result<BTreeMap<u32, String>> {
    let rows = csv::rows(files.text("index.csv")?).into_iter();
    let song = |row: BTreeMap<String, String>| {
        Some((row.get("id")?.parse().ok()?, format!("{} / {}", row.get("artist")?, row.get("title")?).to_lowercase()))
    };
    Ok(rows.filter_map(song).collect())
}

/// Bars of one metre and tonic.
pub struct Stretch {
    /// One metre.
    pub meter: Meter,
    /// The tonic that the annotators heard.
    pub tonic: PitchClass,
    /// Its bars.
    pub bars: Vec<Bar>,
}

/// The chords of a bar, which share it equally.
pub type Bar = Vec<Option<Chord>>;

/// The stretches of a song, in order.
pub fn stretches(text: &str) -> Vec<Stretch> {
    let mut meter = Meter::COMMON;
    let mut tonic = PitchClass::C;
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut last = None;
    for line in text.lines() {
        if let Some(value) = line.strip_prefix("# metre:") {
            meter = value.trim().parse().unwrap_or(meter);
        } else if let Some(value) = line.strip_prefix("# tonic:") {
            tonic = harte::note(value.trim()).unwrap_or(tonic);
        }
        let Some((head, tail)) = line.split_once('|').and_then(|(_, rest)| rest.rsplit_once('|')) else { continue };
        // `| C:maj | x4` says the whole line four times.
        let times = tail.split([',', ' ']).find_map(|word| word.strip_prefix('x')?.parse().ok()).unwrap_or(1);
        let written: Vec<(Meter, Bar)> = head.split('|').map(|bar| chords(bar, meter, &mut last)).collect();
        for (own, bar) in std::iter::repeat_n(written, times).flatten() {
            match stretches.last_mut() {
                Some(stretch) if stretch.meter == own && stretch.tonic == tonic => stretch.bars.push(bar),
                _ => stretches.push(Stretch { meter: own, tonic, bars: vec![bar] }),
            }
        }
    }
    stretches
}

/// Metre and chords of a bar: `C:maj`, `F:maj . . G:maj`, `(2/4) C:maj`. A dot is the chord before.
fn chords(bar: &str, meter: Meter, last: &mut Option<Chord>) -> (Meter, Bar) {
    let mut own = meter;
    let mut chords = Vec::new();
    for word in bar.split_whitespace() {
        if let Some(marked) = word.strip_prefix('(') {
            own = marked.trim_end_matches(')').parse().unwrap_or(own);
            continue;
        }
        if word != "." {
            *last = harte::chord(word);
        }
        chords.push(*last);
    }
    (own, chords)
}

impl Stretch {
    fn piece(self, source: String, song: &str) -> Option<Piece> {
        let down = -i32::from(self.tonic.semitones());
        let at_c = |chords: &Vec<Option<Chord>>| {
            chords.iter().map(|chord| chord.map(|chord| chord.transposed(down))).collect()
        };
        let bars: Vec<Vec<Option<Chord>>> = self.bars.iter().map(at_c).collect();
        harmony::piece(source, "pop", split_of(song), self.meter, &bars)
    }
}
