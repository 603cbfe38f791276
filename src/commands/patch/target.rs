//! What a patch is fitted to: a recording, or a program of a SoundFont.

use crate::error::{Error, Result};
use crate::{files, wav};
use riffsmith_dsp::fit::{DrumPart, Hit, Target};
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::pitch_detection::detect_pitch;
use riffsmith_dsp::score::{Pitch, Velocity};
use riffsmith_dsp::soundfont::Reference;
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// How long a SoundFont's note is heard, in seconds.
const HEARD_S: f64 = 4.0;
/// How hard a recording is taken to be struck.
const VELOCITY: u8 = 110;

/// Where the sound comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A WAV file.
    Wav(PathBuf),
    /// A SoundFont, and a program from 0; a kit's where a drum is fitted.
    SoundFont(PathBuf, u8),
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let ends = |name: &str, ending: &str| name.to_lowercase().ends_with(ending);
        let refused = |what: &str| Err(Error::usage(what).hint("write HIT.wav or FILE.sf2:PROGRAM, such as GM.sf2:33"));
        if ends(text, ".wav") {
            return Ok(Self::Wav(PathBuf::from(text)));
        }
        match text.rsplit_once(':') {
            _ if ends(text, ".sf2") => refused(&format!("must name a program behind the SoundFont, but was {text}")),
            Some((file, program)) if ends(file, ".sf2") => match program.parse() {
                Ok(program @ 0..=127) => Ok(Self::SoundFont(PathBuf::from(file), program)),
                _ => refused(&format!("must have a program of 0 to 127, but was {program}")),
            },
            _ => refused(&format!("must be a .wav file or a program of an .sf2 file, but was {text}")),
        }
    }
}

impl Source {
    /// How people call it: the file's name, and the program.
    pub fn name(&self) -> String {
        let file = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match self {
            Self::Wav(path) => file(path),
            Self::SoundFont(path, program) => format!("{}:{program}", file(path)),
        }
    }

    /// The notes that `patch`, or its drum `part`, is to play, and their sound. `note` says which one a recording is.
    ///
    /// # Errors
    /// If the file cannot be read, is silent, or has no pitch that can be told.
    pub fn target(&self, patch: &Patch, part: Option<&DrumPart>, note: Option<Pitch>) -> Result<Target> {
        match self {
            Self::Wav(path) => {
                let audio = wav::decode(&files::read(path)?).map_err(|error| Error::file("fit to", path, error))?;
                if audio.peak() == 0.0 {
                    return Err(Error::file("fit to", path, "it is silent"));
                }
                let pitch = match note.or(part.map(DrumPart::pitch)) {
                    Some(pitch) => pitch,
                    None => pitch_of(&audio).ok_or_else(|| {
                        Error::file("fit to", path, "its pitch is not clear").hint("--note says which one it is")
                    })?,
                };
                let hit = Hit { pitch, velocity: Velocity::new(VELOCITY), held_s: audio.seconds() };
                Ok(Target::new([(hit, audio)]))
            }
            Self::SoundFont(path, program) => {
                let soundfont =
                    Reference::from_bytes(&files::read(path)?).map_err(|error| Error::file("read", path, error))?;
                let mut hits = Hit::usual(patch, part.map(|part| part.name));
                if let Some(note) = note {
                    hits.iter_mut().for_each(|hit| hit.pitch = note);
                }
                let sound = |hit| soundfont.note(*program, part.is_some(), &hit, HEARD_S, SampleRate::CD);
                let notes: Vec<(Hit, AudioBuffer)> = hits.into_iter().map(|hit| (hit, sound(hit))).collect();
                if notes.iter().any(|(_, audio)| audio.peak() == 0.0) {
                    return Err(Error::file("fit to", path, format!("its program {program} is silent")));
                }
                Ok(Target::new(notes))
            }
        }
    }
}

fn pitch_of(audio: &AudioBuffer) -> Option<Pitch> {
    let pitch = riffsmith_dsp::units::hz_to_pitch(detect_pitch(audio)?.hz);
    (0.0..=127.0).contains(&pitch).then(|| Pitch::new(pitch.round() as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_wav_files_and_programs_of_soundfonts() {
        assert_eq!("a b.WAV".parse(), Ok(Source::Wav("a b.WAV".into())));
        assert_eq!("d/GM.sf2:33".parse(), Ok(Source::SoundFont("d/GM.sf2".into(), 33)));
        for text in ["hit.mp3", "GM.sf2", "GM.sf2:128", "GM.sf2:bass", "", ":3"] {
            assert!(text.parse::<Source>().is_err_and(|error| error.hint.is_some()), "{text}");
        }
    }
}
