//! Files that are played, auditioned or piped in: a WAV or MIDI file's sound, and what it says about itself.

use crate::commands::refine;
use crate::commands::render::{Performance, perform};
use crate::error::{Error, Result};
use crate::recipe::{Part, Recipe};
use crate::wav;
use crate::wav::chunks::Acid;
use riffsmith_dsp::score::{Meter, Score, midi};
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::path::Path;

/// How a file is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner<'a> {
    /// Round and round: a MIDI file then ends at a bar line, with its tails at its start.
    pub repeat: bool,
    /// How far it is refined, 0 (off) to 1.
    pub refine: f32,
    /// The patch that plays all tracks of a MIDI file; `None`: what comes closest to their programs.
    pub patch: Option<&'a str>,
    /// Frames per second of a MIDI file's performance.
    pub rate: SampleRate,
}

/// A file's sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What is heard.
    pub audio: AudioBuffer,
    /// Length of a bar in seconds, where it is known.
    pub bar_s: Option<f64>,
    /// Its notes, where they are known.
    pub score: Option<Score>,
    /// What made it, if we did and it is a finished mix.
    pub recipe: Option<Box<Recipe>>,
}

/// Reads a file: what it is, its first bytes say. `path` is for messages, and names what plays where it is refined.
///
/// # Errors
/// If it is neither a WAV nor a MIDI file, or a broken one, or cannot be refined.
pub fn load(bytes: &[u8], path: &Path, manner: Manner<'_>) -> Result<Loaded> {
    let broken = |error: riffsmith_dsp::Error| Error::file("play", path, error);
    match bytes {
        [b'R', b'I', b'F', b'F' | b'X', ..] => wave(bytes, path, manner),
        [b'M', b'T', b'h', b'd', ..] => {
            let mut score = midi::read(bytes).map_err(broken)?;
            if manner.repeat {
                let bar = score.meter().bar();
                score.length.0 = score.length.0.max(1).next_multiple_of(bar.0);
            }
            let how = Performance {
                patch: manner.patch,
                refine: manner.refine,
                is_dry: false,
                mastered: true,
                sample_rate: manner.rate,
                ending: if manner.repeat { Ending::Wrap } else { Ending::Ring },
            };
            let has_one_tempo = score.tempos.len() == 1 && score.meters.len() == 1;
            let bar_s = score.meter().bar().quarters() * score.tempo().seconds_per_quarter();
            let audio = perform(&score, &how)?;
            Ok(Loaded { audio, bar_s: has_one_tempo.then_some(bar_s), score: Some(score), recipe: None })
        }
        _ => Err(Error::file("play", path, "it is no WAV or MIDI file")),
    }
}

fn wave(bytes: &[u8], path: &Path, manner: Manner<'_>) -> Result<Loaded> {
    let broken = |error: riffsmith_dsp::Error| Error::file("play", path, error);
    if manner.patch.is_some() {
        return Err(Error::usage(format!("--patch plays MIDI files, but {} is a WAV file", path.display())));
    }
    let description = wav::describe(bytes).map_err(broken)?;
    let audio = wav::decode(bytes).map_err(broken)?;
    let recipe = Recipe::of_file(bytes).ok().filter(|(_, part)| *part == Part::Mix).map(|(recipe, _)| Box::new(recipe));
    let bar_s = match &recipe {
        Some(recipe) => Some(recipe.meter.bar().quarters() * recipe.tempo.seconds_per_quarter()),
        None => description.acid.as_ref().and_then(bar_s),
    };
    let edges = if manner.repeat { Edges::Loop } else { Edges::Silence };
    let audio = if manner.refine > 0.0 { refine::by_name(path, &audio, manner.refine, edges)? } else { audio };
    Ok(Loaded { audio, bar_s, score: None, recipe })
}

fn bar_s(acid: &Acid) -> Option<f64> {
    if acid.is_one_shot() || !(20.0..=400.0).contains(&acid.bpm) {
        return None;
    }
    let meter = Meter::new(u8::try_from(acid.numerator).ok()?, u8::try_from(acid.denominator).ok()?).ok()?;
    Some(meter.bar().quarters() * 60.0 / f64::from(acid.bpm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wav::{BitDepth, Repeat, Sound, Tags, encode};
    use riffsmith_dsp::Seed;
    use riffsmith_dsp::score::{Note, Pitch, Tempo, Ticks, Track, Velocity};

    const ONCE: Manner<'_> = Manner { repeat: false, refine: 0.0, patch: None, rate: SampleRate::CD };

    #[test]
    fn a_loop_says_where_its_bars_are_and_other_sounds_say_nothing() {
        let tempo = Tempo::new(120.0).expect("a tempo");
        let repeat = Repeat::new(Ticks(1920), tempo, Meter::COMMON, None, SampleRate::CD);
        let audio = AudioBuffer::silence(SampleRate::CD, 88_200);
        let file = |sound| {
            let tags = Tags { sound, ..Tags::default() };
            encode(&audio, BitDepth::Int16, &tags, Seed(0)).expect("short")
        };
        let bar_s = |sound| load(&file(sound), Path::new("a.wav"), ONCE).expect("a file").bar_s;
        assert_eq!((bar_s(Sound::Loop(repeat)), bar_s(Sound::Plain)), (Some(2.0), None));
    }

    #[test]
    fn a_midi_file_is_played_to_its_last_tail_or_round_its_bars() {
        let mut score = Score::empty(Ticks(1000), Tempo::new(120.0).expect("a tempo"), Meter::COMMON);
        let note = Note { start: Ticks(0), pitch: Pitch::new(60), length: Ticks(900), velocity: Velocity::new(90) };
        score.tracks.push(Track { notes: vec![note], ..Track::default() });
        let bytes = midi::write(&score);
        let once = load(&bytes, Path::new("a.mid"), ONCE).expect("a file");
        let round = load(&bytes, Path::new("-"), Manner { repeat: true, ..ONCE }).expect("a file");
        assert_eq!((round.audio.len(), round.bar_s), (88_200, Some(2.0)));
        assert!(once.audio.len() != round.audio.len() && once.audio.peak() > 0.01);
    }

    #[test]
    fn other_files_and_a_patch_for_a_wav_file_are_refused() {
        let refused = |bytes: &[u8], manner| load(bytes, Path::new("a.wav"), manner).expect_err("refused").message;
        assert_eq!(refused(b"OggS....", ONCE), "cannot play a.wav: it is no WAV or MIDI file");
        assert_eq!(refused(b"", ONCE), "cannot play a.wav: it is no WAV or MIDI file");
        let patch = Manner { patch: Some("saw_lead"), ..ONCE };
        assert_eq!(refused(b"RIFF....WAVE", patch), "--patch plays MIDI files, but a.wav is a WAV file");
    }
}
