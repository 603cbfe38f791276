//! A folder of one-shots as a target for the refiner: what each of them is, and which note it plays.

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use crate::guess::Guess;
use crate::wav::{self, Description, Root};
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::pitch_detection::detect_pitch;
use riffsmith_dsp::score::Pitch;
use riffsmith_models::refiner::Family;
use riffsmith_models::train::refiner::OneShot;
use std::path::{Path, PathBuf};

/// Folders within folders are searched so deep.
const MAX_DEPTH: usize = 8;

/// Longest one-shot that is read: more is a loop or a song.
const MAX_S: f64 = 20.0;

/// Quieter ones are silence, by a mistake of their maker.
const MIN_PEAK: f32 = 1e-4;

/// Words in the names of files and folders, what they mean, and the General MIDI drum where they mean one. The first that fits
/// counts, so that a bass drum is no bass.
const WORDS: &[(&str, Family, Option<u8>)] = &[
    ("kick", Family::Kick, Some(36)),
    ("bassdrum", Family::Kick, Some(36)),
    ("bd", Family::Kick, Some(36)),
    ("snare", Family::Snare, Some(38)),
    ("sd", Family::Snare, Some(38)),
    ("clap", Family::Snare, Some(39)),
    ("rim", Family::Snare, Some(37)),
    ("rimshot", Family::Snare, Some(37)),
    ("openhat", Family::Cymbal, Some(46)),
    ("open", Family::Cymbal, Some(46)),
    ("hat", Family::Cymbal, Some(42)),
    ("hihat", Family::Cymbal, Some(42)),
    ("hh", Family::Cymbal, Some(42)),
    ("crash", Family::Cymbal, Some(49)),
    ("ride", Family::Cymbal, Some(51)),
    ("cymbal", Family::Cymbal, Some(49)),
    ("tom", Family::Drums, Some(45)),
    ("conga", Family::Drums, Some(63)),
    ("bongo", Family::Drums, Some(60)),
    ("cowbell", Family::Drums, Some(56)),
    ("shaker", Family::Drums, Some(70)),
    ("tambourine", Family::Drums, Some(54)),
    ("perc", Family::Drums, Some(64)),
    ("percussion", Family::Drums, Some(64)),
    ("808", Family::Bass, None),
    ("bass", Family::Bass, None),
    ("sub", Family::Bass, None),
    ("piano", Family::Keys, None),
    ("keys", Family::Keys, None),
    ("rhodes", Family::Keys, None),
    ("organ", Family::Keys, None),
    ("guitar", Family::Plucked, None),
    ("pluck", Family::Plucked, None),
    ("harp", Family::Plucked, None),
    ("strings", Family::Pad, None),
    ("pad", Family::Pad, None),
    ("choir", Family::Pad, None),
    ("violin", Family::Pad, None),
    ("cello", Family::Pad, None),
    ("marimba", Family::Mallet, None),
    ("vibraphone", Family::Mallet, None),
    ("vibes", Family::Mallet, None),
    ("kalimba", Family::Mallet, None),
    ("bell", Family::Mallet, None),
    ("mallet", Family::Mallet, None),
    ("lead", Family::Lead, None),
    ("brass", Family::Lead, None),
    ("trumpet", Family::Lead, None),
    ("sax", Family::Lead, None),
    ("flute", Family::Lead, None),
    ("clarinet", Family::Lead, None),
    ("synth", Family::Lead, None),
];

/// The one-shots below a folder; files that are none are named in warnings. With `family`, all of them are of that family.
///
/// Root: from the `smpl` chunk, else from the name, else from the sound.
///
/// # Errors
/// If the folder cannot be read, or holds no one-shot that can be used.
pub fn read(folder: &Path, family: Option<Family>, console: Console) -> Result<Vec<OneShot>> {
    let mut paths = Vec::new();
    collect(folder, MAX_DEPTH, &mut paths)?;
    paths.sort();
    let mut shots = Vec::new();
    for path in &paths {
        match one_shot(folder, path, family) {
            Ok(shot) => shots.push(shot),
            Err(error) => console.warn(&format!("{} is left out: {}", path.display(), error.message)),
        }
    }
    if shots.is_empty() {
        let message = format!("there is no one-shot in {} that can be learnt from", folder.display());
        return Err(Error::failed(message).hint("WAV files of single notes or hits, with what they are in their names"));
    }
    Ok(shots)
}

fn collect(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<()> {
    let refused = |error: std::io::Error| Error::file("read", folder, files::reason(&error));
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        let is_wav = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav"));
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, paths)?;
        } else if path.is_file() && is_wav {
            paths.push(path);
        }
    }
    Ok(())
}

fn one_shot(folder: &Path, path: &Path, family: Option<Family>) -> Result<OneShot> {
    let bytes = files::read(path)?;
    let broken = |error: riffsmith_dsp::Error| Error::failed(error.to_string());
    let description = wav::describe(&bytes).map_err(broken)?;
    if description.seconds().is_some_and(|seconds| seconds > MAX_S) {
        return Err(Error::failed(format!("longer than {MAX_S} s")));
    }
    let audio = wav::decode(&bytes).map_err(broken)?;
    if audio.peak() < MIN_PEAK {
        return Err(Error::failed("it is silent"));
    }
    let name = path.strip_prefix(folder).unwrap_or(path).with_extension("").to_string_lossy().into_owned();
    let by_name = family_of(&name);
    let (family, drum) = match (family, by_name) {
        (Some(family), Some((own, drum))) if own == family => (family, drum),
        (Some(family), _) => (family, None),
        (None, Some(found)) => found,
        (None, None) => return Err(Error::failed("neither its name nor its folder's says what it is")),
    };
    let pitch = match (drum, drum_of(family)) {
        (Some(drum), _) | (None, Some(drum)) => drum,
        (None, None) => root(&description, &name, &audio).ok_or_else(|| Error::failed("it has no pitch"))?.number(),
    };
    Ok(OneShot { name, family, pitch, audio })
}

/// What a path's words say, the file's own name before its folders'.
pub fn family_of(name: &str) -> Option<(Family, Option<u8>)> {
    let lower = name.to_lowercase();
    let of_part = |part: &str| {
        // "Kick01" and "kick_01" are both "kick"; "808" is a word by itself.
        let words: Vec<&str> = part.split(|character: char| !character.is_alphanumeric()).collect();
        let is = |word: &str| {
            words
                .iter()
                .any(|own| *own == word || own.trim_matches(|character: char| character.is_ascii_digit()) == word)
        };
        WORDS.iter().find(|(word, ..)| is(word)).map(|&(_, family, drum)| (family, drum))
    };
    lower.rsplit(['/', '\\']).find_map(of_part)
}

/// The drum that stands for a family of drums.
fn drum_of(family: Family) -> Option<u8> {
    match family {
        Family::Kick => Some(36),
        Family::Snare => Some(38),
        Family::Cymbal => Some(42),
        Family::Drums => Some(45),
        _ => None,
    }
}

fn root(description: &Description, name: &str, audio: &AudioBuffer) -> Option<Pitch> {
    let of_chunk = || description.sampler.as_ref().and_then(|sampler| sampler.root()).map(|(pitch, _)| pitch);
    let detected = || {
        let hz = detect_pitch(audio)?.hz;
        Some(Pitch::folded((69.0 + 12.0 * (hz / 440.0).log2()).round() as i32))
    };
    let stem = name.rsplit('/').next().unwrap_or(name);
    let of_name = || match Guess::of_name(stem).root {
        Some(Root::Note(pitch)) => Some(pitch),
        // A pitch class without an octave: the octave is the sound's own.
        Some(Root::Class(class)) => detected().filter(|pitch| pitch.class() == class),
        None => None,
    };
    of_chunk().or_else(of_name).or_else(detected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_folders_say_what_a_sound_is() {
        let expected = [
            ("Kick_808_C", Some((Family::Kick, Some(36)))),
            ("drums/SD01", Some((Family::Snare, Some(38)))),
            ("Bass/growl_F1", Some((Family::Bass, None))),
            ("bass/Hat Closed 3", Some((Family::Cymbal, Some(42)))),
            ("808_long", Some((Family::Bass, None))),
            ("thing", None),
        ];
        for (name, family) in expected {
            assert_eq!(family_of(name), family, "{name}");
        }
    }

    fn tone(hz: f64) -> AudioBuffer {
        let sample = |i: usize| 0.5 * (std::f64::consts::TAU * hz * i as f64 / 44_100.0).sin() as f32;
        AudioBuffer {
            sample_rate: riffsmith_dsp::SampleRate::CD,
            frames: (0..44_100).map(|i| [sample(i); 2]).collect(),
        }
    }

    fn bytes(audio: &AudioBuffer, tags: &wav::Tags) -> Vec<u8> {
        wav::encode(audio, wav::BitDepth::Int16, tags, riffsmith_dsp::Seed(1)).expect("short")
    }

    #[test]
    fn the_root_is_the_chunk_s_then_the_name_s_then_the_sound_s() {
        let audio = tone(220.0);
        let plain = wav::describe(&bytes(&audio, &wav::Tags::default())).expect("a WAV file");
        assert_eq!(root(&plain, "piano", &audio).map(Pitch::number), Some(57));
        assert_eq!(
            root(&plain, "piano_C3", &audio),
            Guess::of_name("piano_C3").root.and_then(|root| match root {
                Root::Note(pitch) => Some(pitch),
                Root::Class(_) => None,
            })
        );
        let mut tuned = plain;
        tuned.sampler = Some(wav::chunks::Sampler::new(Some(Pitch::new(40)), 0, 44_100));
        assert_eq!(root(&tuned, "piano_C3", &audio).map(Pitch::number), Some(40));
    }

    #[test]
    fn a_folder_is_read_and_what_is_no_one_shot_left_out() {
        let folder = tempfile::tempdir().expect("a directory");
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("writable");
        assert!(read(folder.path(), None, Console::default()).is_err());
        write("piano.wav", &bytes(&tone(220.0), &wav::Tags::default()));
        write("kick.wav", &bytes(&tone(50.0), &wav::Tags::default()));
        write("unknown.wav", &bytes(&tone(440.0), &wav::Tags::default()));
        write("piano_broken.wav", b"RIFF");
        write(
            "piano_silent.wav",
            &bytes(&AudioBuffer::silence(riffsmith_dsp::SampleRate::CD, 100), &wav::Tags::default()),
        );
        let quiet = Console { quiet: true, ..Console::default() };
        let names = |family| -> Vec<(String, Family, u8)> {
            let shots = read(folder.path(), family, quiet).expect("there are some");
            shots.into_iter().map(|shot| (shot.name, shot.family, shot.pitch)).collect()
        };
        let kick = ("kick".to_owned(), Family::Kick, 36);
        assert_eq!(names(None), [kick.clone(), ("piano".to_owned(), Family::Keys, 57)]);
        assert_eq!(names(Some(Family::Pad)).len(), 3);
    }
}
