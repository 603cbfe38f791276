//! rock-corpus-harmony: Roman numerals of 200 rock songs by two listeners (de Clercq and Temperley, "A corpus analysis of rock
//! harmony", 2011).

mod numeral;
mod rules;

use super::{Files, Harvest, harmony, split_of};
use crate::error::Result;
use crate::piece::Piece;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Chord, Meter, PitchClass};
use rules::Word;

/// Shorter stretches between changes of key or metre are left out.
const MIN_BARS: usize = 4;

/// The two listeners, as their files end.
const LISTENERS: [&str; 2] = ["_dt.har", "_tdc.har"];

/// One piece for each stretch of one key and metre. Of the two analyses of a song a hash of its name chooses one, so that
/// each listener has about half; the other stands in where that one cannot be read.
pub fn read(files: &Files) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    let mut songs: Vec<&str> = files
        .ending(".har")
        .filter_map(|(name, _)| LISTENERS.iter().find_map(|ending| name.strip_suffix(ending)))
        .collect();
    songs.dedup();
    for song in songs {
        let first = Seed(0).fork(song).fork("listener").rng().below(2);
        let analysis = [first, 1 - first].into_iter().find_map(|listener| {
            let name = format!("{song}{}", LISTENERS[listener]);
            let text = String::from_utf8_lossy(files.bytes(&name).ok()?).into_owned();
            match rules::expanded(&text) {
                Ok(words) => Some((name, words)),
                Err(error) => {
                    harvest.unread(&name, &error);
                    None
                }
            }
        });
        let Some((name, words)) = analysis else { continue };
        for (number, stretch) in stretches(&words, &mut harvest).into_iter().enumerate() {
            if stretch.bars.len() < MIN_BARS {
                harvest.drop("stretches under 4 bars");
            } else if let Some(piece) = stretch.piece(format!("rock-corpus-harmony/{name}#{number}"), song) {
                harvest.pieces.push(piece);
            } else {
                harvest.drop("stretches without chords");
            }
        }
    }
    Ok(harvest)
}

/// Bars of one metre and tonic.
struct Stretch {
    meter: Meter,
    tonic: Option<PitchClass>,
    /// The chords of each bar, which share it equally; on C.
    bars: Vec<Vec<Option<Chord>>>,
}

fn stretches(words: &[Word], harvest: &mut Harvest) -> Vec<Stretch> {
    let (mut meter, mut tonic, mut last) = (Meter::COMMON, None, None);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut bar: Vec<Option<Chord>> = Vec::new();
    for word in words {
        match word {
            Word::Meter(own) => meter = *own,
            Word::Tonic(own) => tonic = Some(*own),
            Word::Hold => bar.push(last),
            Word::Rest => {
                last = None;
                bar.push(None);
            }
            Word::Chord(text) => {
                match numeral::chord(text) {
                    Some(chord) => last = Some(chord),
                    None => harvest.drop("chords that are not understood"),
                }
                bar.push(last);
            }
            Word::BarLine => {
                // An empty bar goes on with the chord before.
                let chords = if bar.is_empty() { vec![last] } else { std::mem::take(&mut bar) };
                match stretches.last_mut() {
                    Some(stretch) if stretch.meter == meter && stretch.tonic == tonic => stretch.bars.push(chords),
                    _ => stretches.push(Stretch { meter, tonic, bars: vec![chords] }),
                }
            }
        }
    }
    stretches
}

impl Stretch {
    fn piece(self, source: String, song: &str) -> Option<Piece> {
        harmony::piece(source, "rock", split_of(song), self.meter, &self.bars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_become_songs() {
        let text =
            "% A song\n\nBP: I bVII | I . . V7/IV |\nVr: $BP*2 IV | | [2/4] V |\nS: [F] [4/4] R |*2 $Vr [G] vi |*4\n";
        let files = Files::new(LISTENERS.map(|ending| (format!("song{ending}"), text.as_bytes().to_vec())));
        let harvest = read(&files.expect("no archives")).expect("readable");
        assert_eq!(harvest.dropped["stretches under 4 bars"], 1);
        let text = |piece: &Piece| {
            let name = |chord: &Option<Chord>| chord.map_or("-".to_owned(), |chord| chord.to_string());
            piece.harmony.iter().map(|(step, chord)| format!("{step}:{}", name(chord))).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(&harvest.pieces[0]), "0:- 192:C 240:A# 288:C 360:C7 384:C 432:A# 480:C 552:C7 576:F");
        // The metre goes on until another one is written.
        assert_eq!((harvest.pieces.len(), harvest.pieces[1].bars, &text(&harvest.pieces[1])[..]), (2, 4, "0:Am"));
        assert_eq!(harvest.pieces[1].meter, "2/4".parse().expect("a metre"));
    }
}
