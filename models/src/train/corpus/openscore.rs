//! openscore-lieder and openscore-quartets: songs with piano and string quartets of the 18th to 20th century.

use super::multitrack::Song;
use super::musicxml::{self, Sheet, SheetPart};
use super::written::{Written, events, four_part, top_line};
use super::{Files, Harvest, accompaniment, split_of};
use crate::error::Result;
use crate::piece::{Event, STEPS_PER_QUARTER, TICKS_PER_STEP};
use rayon::prelude::*;
use riffsmith_dsp::score::{Meter, Role};

/// Songs: the voice leads; bass and chords are the piano's.
pub fn lieder(files: &Files) -> Result<Harvest> {
    Ok(scores(files, "openscore-lieder", song))
}

/// Quartets: the first violin leads, the cello is the bass, the inner voices are the chords.
pub fn quartets(files: &Files) -> Result<Harvest> {
    Ok(scores(files, "openscore-quartets", |sheet| {
        let strings: Vec<Vec<Event>> = sheet.parts.iter().map(|part| events(&part.notes)).collect();
        (strings.len() == 4).then(|| four_part(strings))
    }))
}

/// All scores of a set, in the order of their names.
fn scores(files: &Files, set: &str, roles: impl Fn(&Sheet) -> Option<Vec<(Role, Vec<Event>)>> + Sync) -> Harvest {
    let scores: Vec<(&str, &[u8])> = files.ending(".mxl").collect();
    let read = scores.par_iter().map(|&(name, bytes)| {
        let mut harvest = Harvest::default();
        match musicxml::read_compressed(name, bytes) {
            Ok(sheet) => match roles(&sheet) {
                Some(parts) => {
                    let song = Song {
                        source: format!("{set}/{name}"),
                        styles: ["classical", "cinematic"].map(str::to_owned).to_vec(),
                        split: split_of(work(name)),
                    };
                    Written::new(&sheet, parts).harvest(&song, &mut harvest);
                }
                None => harvest.drop("scores for other instruments"),
            },
            Err(error) => harvest.unread(name, &error),
        }
        harvest
    });
    let mut all = Harvest::default();
    read.collect::<Vec<_>>().into_iter().for_each(|harvest| all.add(harvest));
    all
}

/// The work that a file is a version of: its path without the file's own name.
fn work(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(work, _)| work)
}

/// The roles of a song for voices and piano; of several voices the first leads. `None` without either.
pub fn song(sheet: &Sheet) -> Option<Vec<(Role, Vec<Event>)>> {
    let is_piano = |part: &&SheetPart| part.notes.iter().any(|note| note.staff == 2);
    let piano = sheet.parts.iter().rev().find(is_piano)?;
    let voice = sheet.parts.iter().find(|part| !std::ptr::eq(*part, piano) && !part.notes.is_empty())?;
    let hand = |is_left: bool| events(piano.notes.iter().filter(|note| (note.staff >= 2) == is_left));
    let (bass, chords) = accompaniment::split(&hand(false), &hand(true), window(sheet.meter()));
    let lead = top_line(events(voice.notes.iter().filter(|note| note.staff == 1)));
    Some(vec![(Role::Bass, bass), (Role::Chords, chords), (Role::Lead, lead)])
}

/// How long a low note of the piano rules, in grid steps: half a bar, or the bar where it has no halves.
pub fn window(meter: Meter) -> u32 {
    let bar = meter.bar().0 / TICKS_PER_STEP;
    if bar.is_multiple_of(2) && bar > 3 * STEPS_PER_QUARTER { bar / 2 } else { bar }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::Split;

    fn note(step: &str, octave: u8, duration: u8, more: &str) -> String {
        format!(
            "<note><pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>{duration}</duration>{more}</note>"
        )
    }

    #[test]
    fn the_voice_leads_and_the_left_hand_is_the_bass() {
        let attributes = "<attributes><divisions>1</divisions><key><fifths>1</fifths></key><time><beats>4</beats>\
            <beat-type>4</beat-type></time></attributes>";
        let voice: String = (0..4)
            .map(|bar| {
                let own = if bar == 0 { attributes } else { "" };
                format!("<measure>{own}{}</measure>", note("B", 4, 4, ""))
            })
            .collect();
        let piano: String = (0..4)
            .map(|bar| {
                let own = if bar == 0 { attributes } else { "" };
                let right = note("D", 4, 2, "<staff>1</staff>") + &note("G", 4, 2, "<staff>1</staff>");
                let left = note("G", 2, 1, "<staff>2</staff>") + &note("D", 3, 3, "<staff>2</staff>");
                format!("<measure>{own}{right}<backup><duration>4</duration></backup>{left}</measure>")
            })
            .collect();
        let xml = format!(
            "<score-partwise><part-list><score-part id=\"V\"><part-name>Voice</part-name></score-part>\
            <score-part id=\"P\"><part-name>Piano</part-name></score-part></part-list>\
            <part id=\"V\">{voice}</part><part id=\"P\">{piano}</part></score-partwise>"
        );
        let archive = super::super::tests::zipped("score.xml", xml.as_bytes());
        let files = Files::new([("X/Y/lc1.mxl".to_owned(), archive), ("X/Z/lc2.mxl".to_owned(), b"broken".to_vec())]);
        let harvest = lieder(&files.expect("no archives")).expect("readable");
        assert!(harvest.unread[0].starts_with("X/Z/lc2.mxl: not a valid zip archive"), "{:?}", harvest.unread);
        let piece = &harvest.pieces[0];
        let part = |role| piece.part(role).iter().map(|event| (event.step, event.pitch)).take(2).collect::<Vec<_>>();
        // G major, moved up to C.
        assert_eq!(part(Role::Lead), [(0, 76), (96, 76)]);
        assert_eq!(part(Role::Bass), [(0, 48), (96, 48)]);
        assert_eq!(part(Role::Chords), [(0, 67), (24, 55)]);
        assert_eq!((piece.bars, piece.split), (4, split_of("X/Y")));
        assert_ne!(piece.split, Split::Test);
        assert_eq!(piece.harmony, [(0, "C".parse().ok())]);
    }
}
