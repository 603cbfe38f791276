//! A note or a chord as a patch plays it, alone and with its tail.

use riffsmith_dsp::effect::{Chain, Effect, EffectContext};
use riffsmith_dsp::instrument::{Instrument, InstrumentSpec};
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::{Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};
use riffsmith_dsp::synth::{Ending, render_track};
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

/// How a note is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Take {
    /// Frames per second.
    pub sample_rate: SampleRate,
    /// For modulation and echoes in beats.
    pub tempo: Tempo,
    /// Through the patch's own effects; else dry.
    pub inserts: bool,
    /// How hard it is struck.
    pub velocity: Velocity,
    /// The origin of its noise, phases and drift.
    pub seed: Seed,
}

impl Take {
    /// A firm stroke through the patch's effects, at 44.1 kHz and 120 BPM.
    pub fn new(seed: Seed) -> Self {
        let tempo = Tempo::from_micros_per_quarter(500_000);
        Self { sample_rate: SampleRate::CD, tempo, inserts: true, velocity: Velocity::new(110), seed }
    }

    /// The same, struck otherwise, by chance of its own.
    #[must_use]
    pub fn struck(self, velocity: Velocity, seed: Seed) -> Self {
        Self { velocity, seed, ..self }
    }
}

/// How long a note is held, and how long it may sound at most, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Length {
    /// From the strike until it is let go.
    pub hold_s: f64,
    /// From the strike to the last frame.
    pub longest_s: f64,
}

impl Length {
    /// What is struck or plucked rings out; what sounds on is held, pads long enough to unfold, and let go.
    pub fn of(patch: &Patch) -> Self {
        let is_pad = patch.tags.iter().any(|tag| tag == "pad");
        match &patch.instrument {
            // The longest cymbals need not quite five seconds.
            InstrumentSpec::Kit(_) => Self { hold_s: 1.0, longest_s: 6.0 },
            other if !other.sustains() => Self { hold_s: 8.0, longest_s: 8.0 },
            _ if is_pad => Self { hold_s: 4.0, longest_s: 8.0 },
            _ => Self { hold_s: 1.5, longest_s: 6.0 },
        }
    }
}

/// The sound of `pitches` struck together (for a kit, General MIDI's drums), held for `hold_s` seconds and let go, at the level of
/// the patch. It ends below -90 dB.
pub fn play(patch: &Patch, pitches: &[Pitch], hold_s: f64, take: &Take) -> AudioBuffer {
    let length = Ticks::from_quarters(hold_s / take.tempo.seconds_per_quarter()).max(Ticks(1));
    let note = |&pitch: &Pitch| Note { start: Ticks(0), pitch, length, velocity: take.velocity };
    let track = Track { notes: pitches.iter().map(note).collect(), ..Track::default() };
    let score = Score::empty(length, take.tempo, Meter::COMMON);
    let mut audio = render_track(&score, &track, patch, take.sample_rate, Ending::Ring, take.seed);
    if take.inserts && !patch.inserts.is_empty() {
        let context = EffectContext { sample_rate: take.sample_rate, tempo: take.tempo, period_frames: None };
        let mut chain = Chain::new(&patch.inserts, &context);
        let tail = chain.tail_frames();
        chain.process_piece(&mut audio, None, tail);
        Ending::Ring.settle(&mut audio.frames, 0, take.sample_rate);
    }
    audio
}
