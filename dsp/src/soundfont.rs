//! Reference sounds: a General MIDI SoundFont (the bytes of an SF2 file), played dry.

use crate::audio::AudioBuffer;
use crate::error::{Error, Result};
use crate::fit::Hit;
use crate::score::{Score, Track};
use crate::units::SampleRate;
use rustysynth::{SoundFont, Synthesizer, SynthesizerSettings};
use std::sync::Arc;

/// MIDI's status nibble for a change of program.
const PROGRAM_CHANGE: i32 = 0xc0;
/// General MIDI's channel of the drums, from 0.
const DRUM_CHANNEL: i32 = 9;

/// A player of a SoundFont.
pub struct Reference {
    soundfont: Arc<SoundFont>,
}

impl Reference {
    /// Reads the bytes of an SF2 file.
    ///
    /// # Errors
    /// If they are not a SoundFont.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let soundfont = SoundFont::new(&mut std::io::Cursor::new(bytes));
        soundfont
            .map(|soundfont| Self { soundfont: Arc::new(soundfont) })
            .map_err(|error| Error::format("SoundFont", error))
    }

    /// The name that the SoundFont gives itself.
    pub fn name(&self) -> &str {
        self.soundfont.get_info().get_bank_name()
    }

    /// One note of a program (of a kit, on the drum channel), heard for `seconds`; see [`Self::render`].
    ///
    /// # Panics
    /// If the sample rate is below 16 kHz.
    pub fn note(&self, program: u8, is_kit: bool, note: &Hit, seconds: f64, sample_rate: SampleRate) -> AudioBuffer {
        let frames = sample_rate.frames(seconds);
        let (program, channel) = (i32::from(program), if is_kit { DRUM_CHANNEL } else { 0 });
        let (pitch, velocity) = (i32::from(note.pitch.number()), i32::from(note.velocity.value()));
        let events = [(0, pitch, velocity), (sample_rate.frames(note.held_s), pitch, 0)];
        self.play(channel, program, &events, sample_rate, frames)
    }

    /// The notes of a track, with its program (a kit's, on the drum channel), for so many frames; no reverb, no chorus.
    ///
    /// # Panics
    /// If the sample rate is below 16 kHz.
    pub fn render(&self, score: &Score, track: &Track, sample_rate: SampleRate, frames: usize) -> AudioBuffer {
        let mut events: Vec<(usize, i32, i32)> = Vec::new();
        for note in &track.notes {
            let pitch = i32::from(note.pitch.number());
            events.push((score.frame_at(note.start, sample_rate), pitch, i32::from(note.velocity.value())));
            events.push((score.frame_at(note.end(), sample_rate), pitch, 0));
        }
        // Ends come first.
        events.sort_by_key(|&(frame, pitch, velocity)| (frame, velocity > 0, pitch));
        self.play(i32::from(track.channel), i32::from(track.program), &events, sample_rate, frames)
    }

    /// Plays `(frame, pitch, velocity)`, velocity 0 for the end of a note.
    fn play(
        &self,
        channel: i32,
        program: i32,
        events: &[(usize, i32, i32)],
        sample_rate: SampleRate,
        frames: usize,
    ) -> AudioBuffer {
        let mut settings = SynthesizerSettings::new(sample_rate.as_u32() as i32);
        settings.enable_reverb_and_chorus = false;
        settings.block_size = 8;
        let mut synthesizer =
            Synthesizer::new(&self.soundfont, &settings).expect("settings within rustysynth's ranges");
        synthesizer.process_midi_message(channel, PROGRAM_CHANGE, program, 0);
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        let mut at = 0;
        for &(frame, pitch, velocity) in events {
            let until = frame.min(frames);
            synthesizer.render(&mut left[at..until], &mut right[at..until]);
            at = until;
            match velocity {
                0 => synthesizer.note_off(channel, pitch),
                _ => synthesizer.note_on(channel, pitch, velocity),
            }
        }
        synthesizer.render(&mut left[at..], &mut right[at..]);
        AudioBuffer { sample_rate, frames: left.into_iter().zip(right).map(|(left, right)| [left, right]).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_soundfont_are_refused() {
        for bytes in [&b""[..], b"RIFF", &[0xff; 4000]] {
            let error = Reference::from_bytes(bytes).err().expect("not a SoundFont").to_string();
            assert!(error.contains("SoundFont"), "{error}");
        }
    }
}
