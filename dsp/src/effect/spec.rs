//! Effects as data: what a patch or a mix names.

use super::{
    Chorus, Compressor, Delay, Drive, Effect, EffectContext, Ensemble, Eq, Flanger, Fold, Gate, Limiter, Lofi,
    Multiband, Parameters, Phaser, Reverb, Rotary, Tape, TapeDelay, Transient, Vinyl, Width,
};
use crate::error::Result;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An effect and its parameters. In TOML: `type = "drive"`, then the parameters; each has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", tag = "type", rename_all = "snake_case")]
pub enum EffectSpec {
    /// Saturation.
    Drive(Drive),
    /// Detuned doubling.
    Chorus(Chorus),
    /// Level control.
    Compressor(Compressor),
    /// Tone control.
    Eq(Eq),
    /// Echoes in time.
    Delay(Delay),
    /// A room.
    Reverb(Reverb),
    /// Wandering notches.
    Phaser(Phaser),
    /// Middle and sides.
    Width(Width),
    /// An old sampler.
    Lofi(Lofi),
    /// A ceiling.
    Limiter(Limiter),
    /// Silence between the hits.
    Gate(Gate),
    /// Attack and sustain.
    Transient(Transient),
    /// Folding.
    Fold(Fold),
    /// Level control in bands.
    Multiband(Multiband),
    /// A sweeping comb.
    Flanger(Flanger),
    /// Many strings from one.
    Ensemble(Ensemble),
    /// A turning loudspeaker.
    Rotary(Rotary),
    /// Echoes on tape.
    TapeDelay(TapeDelay),
    /// A tape machine.
    Tape(Tape),
    /// A record player.
    Vinyl(Vinyl),
}

/// A line of [`EFFECTS`].
pub struct EffectInfo {
    /// The effect's `type`.
    pub name: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Its default parameters.
    pub default: fn() -> EffectSpec,
}

/// Every effect.
pub const EFFECTS: &[EffectInfo] = &[
    EffectInfo {
        name: "drive",
        summary: "soft, tube or clip saturation with level compensation",
        default: || EffectSpec::Drive(Drive::default()),
    },
    EffectInfo {
        name: "chorus",
        summary: "two modulated copies a side, in stereo",
        default: || EffectSpec::Chorus(Chorus::default()),
    },
    EffectInfo {
        name: "compressor",
        summary: "feed-forward compressor with soft knee and side-chain input",
        default: || EffectSpec::Compressor(Compressor::default()),
    },
    EffectInfo {
        name: "eq",
        summary: "low and high cut, shelves and up to four bells",
        default: || EffectSpec::Eq(Eq::default()),
    },
    EffectInfo {
        name: "delay",
        summary: "tempo-synced echoes, straight or ping-pong",
        default: || EffectSpec::Delay(Delay::default()),
    },
    EffectInfo {
        name: "reverb",
        summary: "room, hall or plate from a feedback delay network whose lines turn into each other",
        default: || EffectSpec::Reverb(Reverb::default()),
    },
    EffectInfo {
        name: "phaser",
        summary: "six all-pass stages, swept in stereo",
        default: || EffectSpec::Phaser(Phaser::default()),
    },
    EffectInfo {
        name: "width",
        summary: "stereo width, with the low end kept in mono",
        default: || EffectSpec::Width(Width::default()),
    },
    EffectInfo {
        name: "lofi",
        summary: "fewer bits, a lower rate and the wow of a tape",
        default: || EffectSpec::Lofi(Lofi::default()),
    },
    EffectInfo {
        name: "limiter",
        summary: "look-ahead limiter that holds true peaks below a ceiling",
        default: || EffectSpec::Limiter(Limiter::default()),
    },
    EffectInfo {
        name: "gate",
        summary: "closes on what is quiet, by level or side-chain",
        default: || EffectSpec::Gate(Gate::default()),
    },
    EffectInfo {
        name: "transient",
        summary: "attack and sustain, louder or softer",
        default: || EffectSpec::Transient(Transient::default()),
    },
    EffectInfo {
        name: "fold",
        summary: "sine wave-folder, antialiased",
        default: || EffectSpec::Fold(Fold::default()),
    },
    EffectInfo {
        name: "multiband",
        summary: "three compressors with look-ahead between flat crossovers",
        default: || EffectSpec::Multiband(Multiband::default()),
    },
    EffectInfo {
        name: "flanger",
        summary: "swept comb with feedback, in stereo",
        default: || EffectSpec::Flanger(Flanger::default()),
    },
    EffectInfo {
        name: "ensemble",
        summary: "triple chorus of a string machine",
        default: || EffectSpec::Ensemble(Ensemble::default()),
    },
    EffectInfo {
        name: "rotary",
        summary: "turning horn and drum of an organ's cabinet, slow or fast",
        default: || EffectSpec::Rotary(Rotary::default()),
    },
    EffectInfo {
        name: "tape_delay",
        summary: "tempo-synced echoes that waver, darken and saturate",
        default: || EffectSpec::TapeDelay(TapeDelay::default()),
    },
    EffectInfo {
        name: "tape",
        summary: "saturation, head bump, loss of treble, wow, flutter and hiss",
        default: || EffectSpec::Tape(Tape::default()),
    },
    EffectInfo {
        name: "vinyl",
        summary: "crackle, rumble, hiss and wow of a record",
        default: || EffectSpec::Vinyl(Vinyl::default()),
    },
];

impl EffectSpec {
    /// # Errors
    /// The first parameter that is out of its range. Reading a spec checks it; this is for one put together in code.
    pub fn validate(&self) -> Result<()> {
        self.parameters().validate()
    }

    /// The running effect.
    pub fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        self.parameters().build(context)
    }

    /// True for reverb, echo and chorus: what `riffsmith render --dry` leaves out.
    pub fn is_space(&self) -> bool {
        matches!(self, Self::Reverb(_) | Self::Delay(_) | Self::TapeDelay(_) | Self::Chorus(_) | Self::Ensemble(_))
    }

    /// True for what listens to a side-chain.
    pub fn is_keyed(&self) -> bool {
        match self {
            Self::Compressor(compressor) => compressor.sidechain,
            Self::Gate(gate) => gate.sidechain,
            _ => false,
        }
    }

    fn parameters(&self) -> &dyn Parameters {
        match self {
            Self::Drive(drive) => drive,
            Self::Chorus(chorus) => chorus,
            Self::Compressor(compressor) => compressor,
            Self::Eq(eq) => eq,
            Self::Delay(delay) => delay,
            Self::Reverb(reverb) => reverb,
            Self::Phaser(phaser) => phaser,
            Self::Width(width) => width,
            Self::Lofi(lofi) => lofi,
            Self::Limiter(limiter) => limiter,
            Self::Gate(gate) => gate,
            Self::Transient(transient) => transient,
            Self::Fold(fold) => fold,
            Self::Multiband(multiband) => multiband,
            Self::Flanger(flanger) => flanger,
            Self::Ensemble(ensemble) => ensemble,
            Self::Rotary(rotary) => rotary,
            Self::TapeDelay(tape_delay) => tape_delay,
            Self::Tape(tape) => tape,
            Self::Vinyl(vinyl) => vinyl,
        }
    }
}

impl Serialize for EffectSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for EffectSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let spec = Self::deserialize(deserializer)?;
        spec.validate().map_err(serde::de::Error::custom)?;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_is_read_by_its_name_and_written_back() {
        for effect in EFFECTS {
            let spec: EffectSpec = toml::from_str(&format!("type = {:?}", effect.name)).expect(effect.name);
            assert_eq!(spec, (effect.default)());
            let written = toml::to_string(&spec).expect(effect.name);
            assert_eq!(toml::from_str::<EffectSpec>(&written).expect(effect.name), spec);
        }
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (text, expected) in [
            ("type = \"drive\"\ndrive_db = 99", "drive_db of drive must be 0 to 48 dB, but was 99"),
            ("type = \"drive\"\nmix = nan", "mix of drive must be 0 to 1, but was NaN"),
            ("type = \"drive\"\ngain = 1", "unknown field `gain`"),
            ("type = \"fuzz\"", "unknown variant `fuzz`"),
        ] {
            let error = toml::from_str::<EffectSpec>(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
