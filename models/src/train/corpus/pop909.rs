//! pop909-chords: chords, beats and keys of Chinese pop songs (Wang et al., "POP909: A Pop-Song Dataset for Music
//! Arrangement Generation", 2020). The chords were found by a program: about a third of them are disputed.

use super::{Files, Harvest, harmony, harte, split_of};
use crate::error::Result;
use crate::piece::{Piece, STEPS_PER_QUARTER};
use riffsmith_dsp::score::{Chord, Key, Meter};

/// Shorter stretches between changes of key or metre are left out.
const MIN_BARS: usize = 4;

/// One piece for each stretch of one key with the same number of beats between its downbeats.
pub fn read(files: &Files) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    for (name, _) in files.ending("chord_midi.txt") {
        let song = name.trim_end_matches("chord_midi.txt");
        let chords = timed(files.text(name)?);
        let keys = timed(files.text(&format!("{song}key_audio.txt"))?);
        let beats = beats(files.text(&format!("{song}beat_midi.txt"))?);
        let mut stretch = Stretch::default();
        let mut number = 0;
        for bar in bars(&beats) {
            let key = at(&keys, (bar[0] + bar[1]) / 2.0).and_then(|label| label.replace(':', " ").parse().ok());
            if stretch.key != key || stretch.beats != bar.len() - 1 {
                number += 1;
                stretch = finish(stretch, song, number, &mut harvest);
                (stretch.key, stretch.beats) = (key, bar.len() - 1);
            }
            // The middle of a beat is on one side of every chord change.
            let middles = bar.windows(2).map(|beat| (beat[0] + beat[1]) / 2.0);
            stretch.chords.extend(middles.map(|middle| at(&chords, middle).and_then(harte::chord)));
            stretch.seconds += bar[bar.len() - 1] - bar[0];
        }
        finish(stretch, song, number + 1, &mut harvest);
    }
    Ok(harvest)
}

/// Bars of one key and metre.
#[derive(Default)]
struct Stretch {
    key: Option<Key>,
    /// Beats in a bar.
    beats: usize,
    /// The chord of each beat.
    chords: Vec<Option<Chord>>,
    seconds: f64,
}

/// Makes a piece of a stretch and starts a new one.
fn finish(stretch: Stretch, song: &str, number: u32, harvest: &mut Harvest) -> Stretch {
    let Stretch { key, beats, chords, seconds } = stretch;
    let meter = u8::try_from(beats).ok().and_then(|beats| Meter::new(beats, 4).ok());
    match (key, meter) {
        _ if chords.is_empty() => {}
        _ if chords.len() < MIN_BARS * beats => harvest.drop("stretches under 4 bars"),
        (Some(key), Some(meter)) if chords.iter().any(Option::is_some) => {
            let down = -i32::from(key.tonic.semitones());
            let bpm = chords.len() as f64 / seconds * 60.0;
            let bars = (chords.len() / beats) as u32;
            let chords = chords.into_iter().map(|chord| chord.map(|chord| chord.transposed(down)));
            let harmony = harmony::merged((0..).map(|beat| beat * STEPS_PER_QUARTER).zip(chords).collect());
            harvest.pieces.push(Piece {
                source: format!("pop909-chords/{song}{number}"),
                styles: vec!["pop".to_owned()],
                split: split_of(&format!("pop909 {song}")),
                meter,
                mode: Some(key.mode),
                bpm: Some(bpm),
                bars,
                harmony,
                parts: Vec::new(),
                is_loop: false,
            });
        }
        _ => harvest.drop("stretches without chords, key or metre"),
    }
    Stretch::default()
}

/// Start, end (in seconds) and label of each line.
fn timed(text: &str) -> Vec<(f64, f64, &str)> {
    let line = |line: &'_ str| -> Option<(f64, f64)> {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    text.lines()
        .filter_map(|own| line(own).map(|(start, end)| (start, end, own.split_whitespace().nth(2).unwrap_or(""))))
        .collect()
}

/// The label that holds at a moment.
fn at<'a>(labels: &[(f64, f64, &'a str)], seconds: f64) -> Option<&'a str> {
    labels.iter().find(|(start, end, _)| (*start..*end).contains(&seconds)).map(|(_, _, label)| *label)
}

/// Time of each beat in seconds, and whether a bar starts there.
fn beats(text: &str) -> Vec<(f64, bool)> {
    let beat = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse().ok()?, words.nth(1)? == "1.0"))
    };
    text.lines().filter_map(beat).collect()
}

/// The beats of each complete bar and the one that follows it, in seconds.
fn bars(beats: &[(f64, bool)]) -> Vec<Vec<f64>> {
    let starts: Vec<usize> = (0..beats.len()).filter(|&index| beats[index].1).collect();
    starts.windows(2).map(|pair| beats[pair[0]..=pair[1]].iter().map(|(seconds, _)| *seconds).collect()).collect()
}
