//! MusicXML files whose instruments are not known beforehand.

use super::score_pieces;
use crate::error::Result;
use crate::train::corpus::multitrack::Song;
use crate::train::corpus::musicxml::{self, Sheet, SheetPart};
use crate::train::corpus::written::{Written, events, four_part};
use crate::train::corpus::{Harvest, accompaniment, lead_sheets, openscore};
use riffsmith_dsp::score::{Meter, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity};

/// Names of the lowest part of four-part writing.
const LOWEST: [&str; 6] = ["bass", "cello", "violoncello", "basso", "tuba", "bassoon"];

/// Reads a score: a lead sheet where it has chord symbols, a song with piano, a piano piece, four-part writing, or else what
/// its tracks look like.
///
/// # Errors
/// What is not MusicXML.
pub fn read(name: &str, bytes: &[u8], song: &Song, harvest: &mut Harvest) -> Result<()> {
    let is_packed = name.to_lowercase().ends_with(".mxl");
    let sheet = if is_packed { musicxml::read_compressed(name, bytes)? } else { musicxml::read(name, bytes)? };
    let has_drums = sheet.parts.iter().any(|part| part.notes.iter().any(|note| note.is_drum));
    if !sheet.chords.is_empty() && sheet.parts.len() == 1 {
        harvest.pieces.extend(lead_sheets::piece(sheet, song.clone()));
    } else if let Some(parts) = (!has_drums).then(|| known(&sheet)).flatten() {
        Written::new(&sheet, parts).harvest(song, harvest);
    } else {
        score_pieces(&score(&sheet), song, harvest);
    }
    Ok(())
}

/// The roles of a score for known forces.
fn known(sheet: &Sheet) -> Option<Vec<(Role, Vec<crate::piece::Event>)>> {
    if let Some(parts) = openscore::song(sheet) {
        return Some(parts);
    }
    match &sheet.parts[..] {
        [piano] if piano.notes.iter().any(|note| note.staff == 2) => Some(accompaniment::alone(
            &events(piano.notes.iter().filter(|note| note.staff == 1)),
            &events(piano.notes.iter().filter(|note| note.staff != 1)),
            openscore::window(sheet.meter()),
        )),
        [.., last] if sheet.parts.len() == 4 => {
            let name = last.name.to_lowercase();
            let voices = || sheet.parts.iter().map(|part: &SheetPart| events(&part.notes)).collect();
            LOWEST.iter().any(|lowest| name.contains(lowest)).then(|| four_part(voices()))
        }
        _ => None,
    }
}

/// A sheet as a MIDI file would have it: a track for each part.
fn score(sheet: &Sheet) -> Score {
    let tempo = sheet.tempos.first().and_then(|&(_, bpm)| Tempo::new(bpm.clamp(20.0, 300.0)).ok());
    let tempo = tempo.unwrap_or_else(|| Tempo::from_micros_per_quarter(500_000));
    let mut score = Score::empty(sheet.end.max(Ticks(1)), tempo, sheet.meter());
    if sheet.meters.len() > 1 {
        score.meters = sheet.meters.iter().map(|&(at, meter): &(Ticks, Meter)| (at, meter)).collect();
    }
    for (index, part) in (0..).zip(&sheet.parts) {
        let is_drums = part.notes.iter().any(|note| note.is_drum);
        let mut notes: Vec<Note> = part
            .notes
            .iter()
            .filter(|note| note.is_drum == is_drums)
            .map(|note| Note {
                start: note.at,
                pitch: Pitch::new(note.pitch),
                length: note.length.max(Ticks(1)),
                velocity: Velocity::new(note.velocity),
            })
            .collect();
        notes.sort_unstable();
        let melodic = (0..16u8).filter(|&channel| channel != Track::DRUM_CHANNEL);
        let channel = if is_drums { Track::DRUM_CHANNEL } else { melodic.cycle().nth(index).unwrap_or(0) };
        score.tracks.push(Track { name: part.name.clone(), channel, notes, ..Track::default() });
    }
    score
}
