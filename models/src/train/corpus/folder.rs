//! A folder of someone's own MIDI and MusicXML files.

mod sheets;

use super::multitrack::{self, SONG_BARS, Song, Timing};
use super::{Files, Harvest, grid, near};
use crate::composer::style;
use crate::piece::{Piece, Split, TICKS_PER_STEP};
use rayon::prelude::*;
use riffsmith_dsp::Seed;
use riffsmith_dsp::analysis::roles;
use riffsmith_dsp::score::{Score, Ticks, Track, midi};
use std::collections::HashMap;

/// The endings of the files that are read.
pub const ENDINGS: [&str; 6] = ["mid", "midi", "kar", "mxl", "musicxml", "xml"];

/// What a loop is at most, in bars; it has a power of two of them.
const LOOP_BARS: u32 = 16;

/// Longer files count wrong, in quarter notes.
const MAX_QUARTERS: u32 = 1 << 16;

/// One part of the data in ten is validated with, and one in ten is tested.
const ONE_IN: usize = 10;

/// Reads all files as set `set`.
///
/// Words of a file's path that are known styles are its styles. Roles are told by program, name, register and how many notes
/// sound together. A file of one metre and 1, 2, 4, 8 or 16 whole bars is a loop. What is nearly the same comes into one part
/// of the data; the rest is dealt out by the files' names.
pub fn read(set: &str, files: &Files) -> Harvest {
    let all: Vec<(&str, &[u8])> = files.ending("").collect();
    let read = all.par_iter().map(|&(name, bytes)| {
        let mut harvest = Harvest::default();
        let song = Song { source: format!("{set}/{name}"), styles: styles(name), split: Split::Train };
        let before = |harvest: &Harvest| harvest.pieces.len() + harvest.dropped.len();
        let result = match ending(name).as_deref() {
            Some("mid" | "midi" | "kar") => {
                midi::read(bytes).map_err(Into::into).map(|score| score_pieces(&score, &song, &mut harvest))
            }
            Some(ending) if ENDINGS.contains(&ending) => sheets::read(name, bytes, &song, &mut harvest),
            _ => {
                harvest.drop("files of other kinds");
                Ok(())
            }
        };
        if let Err(error) = result {
            harvest.unread(name, &error);
        } else if before(&harvest) == 0 {
            harvest.drop("files without a part that is known");
        }
        harvest
    });
    let mut harvest = Harvest::default();
    read.collect::<Vec<_>>().into_iter().for_each(|own| harvest.add(own));
    deal(&mut harvest.pieces);
    harvest
}

/// The pieces of a MIDI file, or of a score like one.
fn score_pieces(score: &Score, song: &Song, harvest: &mut Harvest) {
    if score.length > Ticks::QUARTER * MAX_QUARTERS {
        harvest.drop("files longer than 65536 quarter notes");
        return;
    }
    let mut tracks: Vec<Track> = score.tracks.iter().filter(|track| !track.notes.is_empty()).cloned().collect();
    // A file of one track is often all that its name says.
    if let [only] = &mut tracks[..]
        && only.name.trim().is_empty()
    {
        only.name = stem(&song.source).to_owned();
    }
    let mut onsets: Vec<Ticks> = tracks.iter().flat_map(|track| &track.notes).map(|note| note.start).collect();
    onsets.sort_unstable();
    if !onsets.is_empty() && !grid::keeps_to_beats(&onsets) {
        harvest.drop("files that do not keep to their beats");
        return;
    }
    let roles = roles::roles(&tracks);
    let stretches = multitrack::stretches(score);
    let is_whole = stretches.len() == 1;
    for (start, end, meter) in stretches {
        let bar = meter.bar().0 / TICKS_PER_STEP;
        let mut parts = multitrack::parts(&roles, meter, start, end, Timing::Played);
        let last = parts.iter().filter_map(|(_, events)| events.last()).map(|event| event.step).max();
        let Some(last) = last else { continue };
        let long = grid::nearest_step(end - start).max(last + 1).div_ceil(bar);
        let is_loop = is_whole && long <= LOOP_BARS && long.is_power_of_two();
        let bars = if is_loop {
            let events = parts.iter_mut().flat_map(|(_, events)| events);
            events.for_each(|event| event.length = event.length.min(long * bar - event.step));
            Some(long)
        } else {
            multitrack::trimmed(&mut parts, bar, if is_whole { 1 } else { SONG_BARS })
        };
        let piece = bars.and_then(|bars| multitrack::whole(score, song, start, meter, parts, bars));
        match piece {
            Some(piece) => harvest.pieces.push(Piece { is_loop, ..piece }),
            None => harvest.drop("stretches under 4 bars between changes of metre"),
        }
    }
}

/// Deals families of pieces that are nearly the same to the parts of the data, in an order that hashes of their names give: the
/// first tenth is validated with, at least one family where there are two; the next tenth is tested.
fn deal(pieces: &mut [Piece]) {
    // The stretches of one file belong together, too.
    let file = |piece: &Piece| piece.source.split('#').next().map(str::to_owned);
    let same = (1..pieces.len()).filter(|&index| file(&pieces[index - 1]) == file(&pieces[index]));
    let same: Vec<(usize, usize)> = same.map(|index| (index - 1, index)).collect();
    let families = near::families(pieces, &same);
    let mut order: Vec<usize> = families.clone();
    order.sort_unstable();
    order.dedup();
    order.sort_by_key(|&first| Seed(0).fork(&pieces[first].source).rng().bits());
    let valid = (order.len() / ONE_IN).max(usize::from(order.len() > 1));
    let test = order.len() / ONE_IN;
    let split = |place: usize| match place {
        place if place < valid => Split::Valid,
        place if place < valid + test => Split::Test,
        _ => Split::Train,
    };
    let splits: HashMap<usize, Split> =
        order.into_iter().enumerate().map(|(place, family)| (family, split(place))).collect();
    pieces.iter_mut().zip(families).for_each(|(piece, family)| piece.split = splits[&family]);
}

/// Known styles among the words of a path: `Drum & Bass/two step 174.mid` is `drum_and_bass`.
fn styles(name: &str) -> Vec<String> {
    let mut styles: Vec<String> = Vec::new();
    let mut add = |words: &str| {
        if style::index(words).is_some() && !styles.iter().any(|own| own == words) {
            styles.push(words.to_owned());
        }
    };
    let path = name.rsplit_once('.').map_or(name, |(path, _)| path).to_lowercase().replace('&', "and");
    for part in path.split('/') {
        let words: Vec<&str> = part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for length in (1..=3).rev() {
            words.windows(length).for_each(|words| add(&words.join("_")));
        }
    }
    styles
}

/// The ending of a file's name, in lower case.
fn ending(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase())
}

/// A file's name without folder and ending.
fn stem(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests;
