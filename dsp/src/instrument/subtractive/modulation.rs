//! The modulation matrix: which source moves which target, and how far.

use crate::error::{Error, Result};
use crate::instrument::Controllers;
use crate::parameters::Checked;
use serde::{Deserialize, Serialize};

/// What moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The first low-frequency oscillator, -1.0 ..= 1.0.
    #[serde(alias = "lfo")]
    Lfo1,
    /// The second low-frequency oscillator, -1.0 ..= 1.0.
    Lfo2,
    /// The envelope of the loudness, 0.0 ..= 1.0.
    AmpEnvelope,
    /// The envelope of the filter, 0.0 ..= 1.0.
    FilterEnvelope,
    /// The envelope that moves nothing but what the matrix says, 0.0 ..= 1.0.
    ModEnvelope,
    /// How hard the note was struck, 0.0 ..= 1.0.
    Velocity,
    /// What the velocity is above 100 of 127, 0.0 ..= 1.0: an accent.
    Accent,
    /// Octaves above middle C.
    Key,
    /// Another number for each note, -1.0 ..= 1.0.
    Random,
    /// The modulation wheel (MIDI controller 1), 0.0 ..= 1.0; a patch that has it here is spared the usual vibrato.
    ModWheel,
    /// Channel pressure, 0.0 ..= 1.0; likewise.
    Pressure,
    /// Expression (MIDI controller 11), 0.0 ..= 1.0, which is also where it is until it is sent; it moves the volume all the same.
    Expression,
}

const SOURCES: usize = Source::Expression as usize + 1;
/// The velocity from which on a note is accented.
const ACCENT_FROM: f32 = 100.0 / 127.0;

macro_rules! targets {
    ($( $variant:ident, $name:literal, $most:literal, $description:literal; )*) => {
        /// What is moved; amounts add up.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Target {
            $( #[doc = $description] #[serde(rename = $name)] $variant, )*
        }

        impl Target {
            /// Its name, and the largest amount.
            fn range(self) -> (&'static str, f32) {
                match self { $( Self::$variant => ($name, $most), )* }
            }
        }

        /// All targets.
        #[cfg(test)]
        const ALL: &[Target] = &[$( Target::$variant, )*];

        const TARGETS: usize = [$( $name, )*].len();
    };
}

targets! {
    Pitch, "pitch", 48.0, "All oscillators, in semitones.";
    Osc1Pitch, "osc1_pitch", 48.0, "The first oscillator, in semitones.";
    Osc2Pitch, "osc2_pitch", 48.0, "The second oscillator, in semitones.";
    Vibrato, "vibrato", 12.0, "Depth of the first low-frequency oscillator on the pitch, in semitones.";
    Osc1Level, "osc1_level", 2.0, "Amplitude of the first oscillator.";
    Osc2Level, "osc2_level", 2.0, "Amplitude of the second oscillator.";
    NoiseLevel, "noise_level", 2.0, "Amplitude of the noise.";
    Position, "position", 1.0, "Position in the wavetables of both oscillators.";
    Osc1Position, "osc1_position", 1.0, "Position in the first oscillator's wavetable.";
    Osc2Position, "osc2_position", 1.0, "Position in the second oscillator's wavetable.";
    PulseWidth, "pulse_width", 0.48, "Part of the pulses' cycles that is high.";
    Sync, "sync", 4.0, "Ratio of synced oscillators, in octaves.";
    Cutoff, "cutoff", 8.0, "The filter, in octaves.";
    Resonance, "resonance", 1.0, "The filter's resonance.";
    Vowel, "vowel", 1.0, "The formant filter's vowel.";
    Drive, "drive", 36.0, "Saturation before the filter, in decibels.";
    Amplitude, "amplitude", 1.0, "Loudness: 1.0 doubles it at a source's 1.0 and silences it at -1.0.";
    Pan, "pan", 1.0, "Left (-1.0) to right (1.0).";
}

/// A connection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modulation {
    /// What moves.
    pub source: Source,
    /// What is moved.
    pub target: Target,
    /// By how much at a source's 1.0, in the target's unit.
    pub amount: f32,
}

impl Checked for Modulation {
    fn check(&self) -> Result<()> {
        let (name, most) = self.target.range();
        if (-most..=most).contains(&self.amount) {
            return Ok(());
        }
        Err(Error::range("amount", format!("-{most} to {most} for the target `{name}`"), self.amount))
    }
}

/// The sources' values of one control period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sources([f32; SOURCES]);

impl Sources {
    /// What stays the same for a whole note.
    pub(super) fn of_note(velocity: f32, pitch: f64, random: f32) -> Self {
        let mut sources = Self([0.0; SOURCES]);
        sources.set(Source::Velocity, velocity);
        sources.set(Source::Accent, ((velocity - ACCENT_FROM) / (1.0 - ACCENT_FROM)).max(0.0));
        sources.set(Source::Key, (pitch as f32 - 60.0) / 12.0);
        sources.set(Source::Random, random);
        Controllers::default().sources().into_iter().for_each(|(source, value)| sources.set(source, value));
        sources
    }

    pub(super) fn set(&mut self, source: Source, value: f32) {
        self.0[source as usize] = value;
    }
}

/// How far each target is moved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved([f32; TARGETS]);

impl Moved {
    pub(super) fn new(connections: &[Modulation], sources: &Sources) -> Self {
        let mut moved = [0.0; TARGETS];
        for connection in connections {
            moved[connection.target as usize] += connection.amount * sources.0[connection.source as usize];
        }
        Self(moved)
    }

    pub(super) fn by(&self, target: Target) -> f32 {
        self.0[target as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FilterKind, Subtractive};
    use super::*;
    use crate::instrument::{Controllers, Instrument, Strike};
    use crate::osc::wavetable::Table;
    use crate::patch::Patch;
    use crate::rng::Seed;
    use crate::score::Velocity;
    use crate::units::SampleRate;

    /// Half a second, with a synced wavetable, a pulse, noise and the filter that has what the target needs.
    fn played(modulation: Vec<Modulation>, target: Target) -> Vec<[f32; 2]> {
        let mut spec = Subtractive { modulation, noise_level: 0.1, ..Subtractive::default() };
        spec.osc1.wavetable = Some(Table::Harmonic);
        spec.osc1.sync_ratio = 1.5;
        spec.osc2.level = 0.5;
        match target {
            Target::Vowel => spec.filter.mode = FilterKind::Formant,
            Target::Osc2Position => spec.osc2.wavetable = Some(Table::Fm),
            _ => spec.osc2.waveform = crate::osc::Waveform::Pulse,
        }
        let mut block = vec![[0.0; 2]; 22_050];
        let (velocity, sample_rate) = (Velocity::new(127), SampleRate::CD);
        let mut voice = spec.strike(&Strike { pitch: 64.0, velocity, sample_rate, bpm: 120.0, seed: Seed(2) });
        voice.listen(&Controllers { wheel: 1.0, ..Controllers::default() });
        block.chunks_mut(64).for_each(|block| voice.render(block));
        block
    }

    #[test]
    fn every_target_is_heard() {
        for &target in ALL {
            let (_, most) = target.range();
            let still = played(Vec::new(), target);
            for source in [Source::Accent, Source::Lfo2, Source::Key, Source::ModEnvelope, Source::ModWheel] {
                let moved = played(vec![Modulation { source, target, amount: 0.2 * most }], target);
                let apart = moved.iter().flatten().zip(still.iter().flatten());
                let apart: f32 = apart.map(|(a, b)| (a - b).powi(2)).sum();
                assert!(apart > 1.0, "{target:?} by {source:?}: {apart}");
                assert!(moved.iter().flatten().all(|sample| sample.is_finite()), "{target:?} by {source:?}");
            }
        }
    }

    #[test]
    fn a_matrix_is_read_and_wrong_ones_are_refused_by_name() {
        let patch = |line: &str| {
            let head = "name = \"x\"\ndescription = \"\"\n[instrument]\ntype = \"subtractive\"\n";
            Patch::from_toml(&format!("{head}[[instrument.modulation]]\n{line}\n"))
        };
        let valid = "source = \"lfo2\"\ntarget = \"osc1_position\"\namount = 0.5";
        assert!(patch(valid).is_ok());
        for (line, message) in [
            (
                "source = \"lfo2\"\ntarget = \"cutoff\"\namount = 9.0",
                "amount must be -8 to 8 for the target `cutoff`, but was 9",
            ),
            ("source = \"lfo3\"\ntarget = \"cutoff\"\namount = 1.0", "unknown variant `lfo3`"),
            ("source = \"lfo2\"\ntarget = \"cutof\"\namount = 1.0", "unknown variant `cutof`"),
            ("source = \"lfo2\"\namount = 1.0", "missing field `target`"),
        ] {
            let error = patch(line).expect_err(line).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
