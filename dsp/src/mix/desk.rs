//! What the tracks of a mix are rendered from.

use super::{Bus, Channel, Mix};
use crate::effect::{Delay, EffectContext, EffectSpec, Reverb};
use crate::rng::Seed;
use crate::score::{Score, Track};
use crate::synth::{Ending, TrackReader};
use crate::units::SampleRate;

/// A track that is heard.
pub(super) struct Line<'a> {
    pub(super) track: &'a Track,
    pub(super) channel: &'a Channel,
    /// The bus that its channel is on.
    pub(super) bus: Option<&'a Bus>,
    pub(super) seed: Seed,
}

impl Line<'_> {
    /// True if its channel is on that bus.
    pub(super) fn is_on(&self, bus: &Bus) -> bool {
        self.bus.is_some_and(|own| std::ptr::eq(own, bus))
    }
}

/// A score under its mix.
pub(super) struct Desk<'a> {
    pub(super) score: &'a Score,
    pub(super) mix: &'a Mix,
    pub(super) sample_rate: SampleRate,
    pub(super) ending: Ending,
    pub(super) heard: Vec<Line<'a>>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(score: &'a Score, mix: &'a Mix, sample_rate: SampleRate, ending: Ending, seed: Seed) -> Self {
        let line = |(index, track): (usize, &'a Track)| {
            let label = track.role.map_or(track.name.as_str(), |role| role.name());
            let seed = seed.fork(label).fork_index(index as u64);
            let name = mix.channel_name(index, track)?;
            let bus = mix.buses.values().find(|bus| bus.channels.contains(&name));
            mix.channels.get(&name).map(|channel| Line { track, channel, bus, seed })
        };
        let heard = score.tracks.iter().enumerate().filter_map(line).collect();
        Self { score, mix, sample_rate, ending, heard }
    }

    /// Length of the score in frames.
    pub(super) fn length(&self) -> usize {
        self.score.frame_at(self.score.length, self.sample_rate)
    }

    /// The drums that side-chains listen to.
    pub(super) fn key(&self) -> Option<&Line<'a>> {
        self.heard.iter().find(|line| line.track.is_drums())
    }

    /// True if a channel gives way to the kick.
    pub(super) fn is_ducked(&self) -> bool {
        self.heard.iter().any(|line| line.channel.duck_db > 0.0)
    }

    /// A track without its effects.
    pub(super) fn reader(&self, line: &Line<'a>) -> TrackReader<'a> {
        TrackReader::new(self.score, line.track, &line.channel.patch, self.sample_rate, self.ending, line.seed)
    }

    pub(super) fn context(&self) -> EffectContext {
        EffectContext {
            sample_rate: self.sample_rate,
            tempo: self.score.tempo(),
            period_frames: (self.ending == Ending::Wrap).then(|| self.length()),
        }
    }

    /// The room that all channels can send to, without the dry sound.
    pub(super) fn room(&self) -> EffectSpec {
        EffectSpec::Reverb(Reverb { mix: 1.0, ..self.mix.reverb.clone() })
    }

    /// The echo that all channels can send to, without the dry sound.
    pub(super) fn echo(&self) -> EffectSpec {
        EffectSpec::Delay(Delay { mix: 1.0, ..self.mix.delay.clone() })
    }
}
