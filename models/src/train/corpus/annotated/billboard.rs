//! mcgill-billboard: whole songs as their annotators heard them.

use super::accompany::{Texture, accompany};
use super::{Annotated, TimeLine, melody, seed};
use crate::error::Result;
use crate::train::corpus::mcgill_billboard::{Stretch, songs, stretches};
use crate::train::corpus::{Files, harmony, split_of};
use riffsmith_dsp::analysis::pulse;
use riffsmith_dsp::score::{Key, Score, Tempo, Ticks, Track};
use std::collections::HashSet;

/// All songs, each once.
pub fn read(files: &Files, texture: Texture) -> Result<Vec<Annotated>> {
    let songs = songs(files)?;
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for (name, _) in files.ending(".txt") {
        let song = name.trim_end_matches(".txt").parse().ok().and_then(|id: u32| songs.get(&id));
        let Some(song) = song.filter(|song| seen.insert(song.as_str())) else { continue };
        let source = format!("mcgill-billboard/{name}");
        all.extend(annotated(source, song, &stretches(files.text(name)?), texture));
    }
    Ok(all)
}

fn annotated(source: String, song: &str, stretches: &[Stretch], texture: Texture) -> Option<Annotated> {
    let mut rng = seed(&source).rng();
    let mut score = Score::empty(Ticks(1), Tempo::new(120.0).ok()?, stretches.first()?.meter);
    score.meters.clear();
    let (mut chords, mut tracks): (TimeLine, Vec<Track>) = (Vec::new(), Vec::new());
    let mut reached = Ticks(0);
    for stretch in stretches {
        let (line, end) = time_line(stretch, reached);
        let beat = pulse(stretch.meter);
        let mut played = accompany(&line, beat, texture, &mut rng);
        if texture == Texture::Band {
            played.extend(key(stretch).map(|key| melody::invent(&line, key, beat, &mut rng)));
        }
        for track in played {
            match tracks.iter_mut().find(|own| own.channel == track.channel) {
                Some(own) => own.notes.extend(track.notes),
                None => tracks.push(track),
            }
        }
        if score.meters.last().is_none_or(|&(_, meter)| meter != stretch.meter) {
            score.meters.push((reached, stretch.meter));
        }
        chords.extend(line);
        reached = end;
    }
    score.length = reached;
    score.tracks = tracks;
    Some(Annotated { source, split: split_of(song), score, chords, key: None })
}

/// The chords of a stretch, which share each bar evenly, and its end.
fn time_line(stretch: &Stretch, from: Ticks) -> (TimeLine, Ticks) {
    let bar = stretch.meter.bar();
    let mut line = TimeLine::new();
    for (start, chords) in (0..).map(|index| from + bar * index).zip(&stretch.bars) {
        let count = chords.len() as u32;
        for (place, &chord) in (0..).zip(chords) {
            let at = |place: u32| start + Ticks(bar.0 * place / count);
            match line.last_mut() {
                Some((_, end, last)) if *last == chord && *end == at(place) && place > 0 => *end = at(place + 1),
                _ => line.push((at(place), at(place + 1), chord)),
            }
        }
    }
    (line, from + bar * stretch.bars.len() as u32)
}

/// The annotators' tonic, and the mode of the chords above it.
fn key(stretch: &Stretch) -> Option<Key> {
    let down = -i32::from(stretch.tonic.semitones());
    let (line, end) = time_line(stretch, Ticks(0));
    let at_c: Vec<_> = line.iter().map(|&(at, _, chord)| (at.0, chord.map(|chord| chord.transposed(down)))).collect();
    Some(Key { tonic: stretch.tonic, mode: harmony::mode(&at_c, end.0)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_song_is_played_as_long_as_it_is_written() {
        let text = "# title: X\n# metre: 4/4\n# tonic: A\n0.0\tA, verse, | A:min | F:maj G:maj | A:min . . N | x2\n";
        let song =
            annotated("mcgill-billboard/1.txt".to_owned(), "x", &stretches(text), Texture::Band).expect("chords");
        assert_eq!(song.score.length, Ticks(6 * 1920));
        let line: Vec<(u32, Option<String>)> =
            song.chords.iter().map(|&(at, _, chord)| (at.0, chord.map(|chord| chord.to_string()))).take(5).collect();
        let chord = |at: u32, name: &str| (at, Some(name.to_owned()));
        assert_eq!(line, [chord(0, "Am"), chord(1920, "F"), chord(2880, "G"), chord(3840, "Am"), (5280, None)]);
        assert_eq!(song.score.tracks.len(), 3);
        assert!(song.score.tracks.iter().flat_map(|track| &track.notes).all(|note| note.end() <= song.score.length));
    }
}
