//! The mix: each track through its patch and its channel, with its share of the sends, to stems that add up.
//!
//! Reverb and delay are linear, so each stem can carry its own share of them: the sum of the stems *is* the mix. Where no stems are
//! asked for, what all channels send is added up first.

mod balance;
mod bounce;
mod bus;
mod channel;
mod desk;
mod duck;
mod limit;
mod looped;
pub mod master;
mod patch_source;
mod piece;
mod tape;

pub use balance::{Balance, octave_levels_db};
pub use bounce::{Bounce, bounce};
pub use bus::Bus;
pub use channel::Channel;
pub use duck::Duck;
pub use master::{Master, master};
pub use tape::{Recording, Tape};

use crate::audio::AudioBuffer;
use crate::effect::{Delay, EffectSpec, Reverb};
use crate::error::{Error, Result};
use crate::loudness::true_peak_dbtp;
use crate::rng::Seed;
use crate::score::{Role, Score, Track};
use crate::synth::Ending;
use crate::units::{SampleRate, db_to_gain, gain_to_db};
use desk::Desk;
use looped::LoopStage;
use piece::Piece;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The highest true peak of a mix without a master.
const RAW_CEILING_DBTP: f32 = -1.0;

/// How a piece is played and mixed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mix {
    /// Channels by the tracks they are for: its number (from `1`), else its name, else its role (`drums`, `bass`, `chords`,
    /// `lead`). A track without a channel is not heard.
    pub channels: BTreeMap<String, Channel>,
    /// Channels that are treated as one, by a name of their own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub buses: BTreeMap<String, Bus>,
    /// The room that all channels can send to; its own `mix` is not used.
    pub reverb: Reverb,
    /// The echo that all channels can send to; its own `mix` is not used.
    pub delay: Delay,
    /// How channels with a `duck_db` give way to the kick drum.
    pub duck: Duck,
}

/// One track as it sounds in the mix.
#[derive(Debug, Clone, PartialEq)]
pub struct Stem {
    /// The track's name, or its role's.
    pub name: String,
    /// What it does, where known.
    pub role: Option<Role>,
    /// Its sound, reverb and echo included.
    pub audio: AudioBuffer,
}

impl Mix {
    /// # Errors
    /// The first parameter that is out of its range, or a channel that is on two buses.
    pub fn validate(&self) -> Result<()> {
        self.channels.values().try_for_each(Channel::validate)?;
        self.buses.values().try_for_each(Bus::validate)?;
        let mut on_bus: Vec<&String> = self.buses.values().flat_map(|bus| &bus.channels).collect();
        on_bus.sort();
        if let Some(twice) = on_bus.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::Unknown {
                what: "channel on two buses",
                given: twice[0].clone(),
                expected: "a channel is on one bus at most".to_owned(),
            });
        }
        EffectSpec::Reverb(self.reverb.clone()).validate()?;
        EffectSpec::Delay(self.delay.clone()).validate()?;
        self.duck.validate()
    }

    /// The channel for the `index`th track (from 0).
    pub fn channel(&self, index: usize, track: &Track) -> Option<&Channel> {
        self.channels.get(&self.channel_name(index, track)?)
    }

    /// What that channel is called.
    fn channel_name(&self, index: usize, track: &Track) -> Option<String> {
        let role = track.role.map(|role| role.name().to_owned());
        let names = [Some((index + 1).to_string()), Some(track.name.clone()), role];
        names.into_iter().flatten().find(|name| self.channels.contains_key(name))
    }
}

/// Renders every track that has a channel, in the order of the score, to stems of one length.
///
/// Tracks are rendered in parallel; each depends on its own seed alone, so the bytes do not depend on the number of threads.
pub fn render(score: &Score, mix: &Mix, sample_rate: SampleRate, ending: Ending, seed: Seed) -> Vec<Stem> {
    let desk = Desk::new(score, mix, sample_rate, ending, seed);
    let audio: Vec<AudioBuffer> = match ending {
        Ending::Wrap => LoopStage::new(&desk).stems(),
        _ => Piece::stems(&desk).read_all(),
    };
    let longest = audio.iter().map(AudioBuffer::len).max().unwrap_or(0);
    let stems = desk.heard.iter().zip(audio).map(|(line, mut audio)| {
        audio.frames.resize(longest, [0.0; 2]);
        let track = line.track;
        let role_name = track.role.map_or("track", Role::name);
        let name = if track.name.is_empty() { role_name } else { &track.name };
        Stem { name: name.to_owned(), role: track.role, audio }
    });
    stems.collect()
}

/// Renders the mix alone: the sum of the stems of [`render`] but for roundings and, if it rings, some frames near -90 dB.
///
/// All sends go through one room and one echo. [`bounce`] does the same to a [`Tape`], for pieces of any length.
pub fn render_sum(score: &Score, mix: &Mix, sample_rate: SampleRate, ending: Ending, seed: Seed) -> AudioBuffer {
    let desk = Desk::new(score, mix, sample_rate, ending, seed);
    match ending {
        Ending::Wrap => LoopStage::new(&desk).sum(),
        _ => Piece::sum(&desk).read_all().swap_remove(0),
    }
}

/// The mix before mastering: the stems, added in their order.
///
/// Without stems there is nothing to take the sample rate from; the result is empty, at 44.1 kHz.
pub fn sum(stems: &[Stem]) -> AudioBuffer {
    let Some(first) = stems.first() else { return AudioBuffer::silence(SampleRate::CD, 0) };
    let longest = stems.iter().map(|stem| stem.audio.len()).max().unwrap_or(0);
    let mut sum = AudioBuffer::silence(first.audio.sample_rate, longest);
    stems.iter().for_each(|stem| sum.add(&stem.audio));
    sum
}

/// Turns all stems down alike, until neither one nor their sum has a sample above -1 dBFS. Most have none, and stay as they are.
pub fn make_room(stems: &mut [Stem]) {
    let peak = stems.iter().map(|stem| stem.audio.peak()).fold(sum(stems).peak(), f32::max);
    let over_db = gain_to_db(peak) - RAW_CEILING_DBTP;
    if over_db > 0.0 {
        stems.iter_mut().for_each(|stem| stem.audio.scale(db_to_gain(-over_db)));
    }
}

/// A mix without a master: as it is, only turned down where its true peak would be above -1 dBTP.
pub fn raw(mut mix: AudioBuffer) -> AudioBuffer {
    let over_db = true_peak_dbtp(&mix) - RAW_CEILING_DBTP;
    if over_db > 0.0 {
        mix.scale(db_to_gain(-over_db));
    }
    mix
}

#[cfg(test)]
mod tests;
