//! What a voice costs: two detuned saws, a state-variable low-pass with an envelope, and an ADSR on the loudness; ours beside
//! the same recipe in fundsp.
//!
//! Both play the same notes at the same rate, in turns; the medians of the times and of their ratio are printed.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use fundsp::prelude32::*;
use riffsmith_dsp::envelope::Adsr;
use riffsmith_dsp::instrument::subtractive::{FilterSpec, OscillatorSpec, Subtractive};
use riffsmith_dsp::instrument::{Instrument, Strike};
use riffsmith_dsp::score::Velocity;
use riffsmith_dsp::{SampleRate, Seed};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Times that each renders all notes.
const ROUNDS: usize = 41;
const PITCHES: [u8; 8] = [36, 43, 48, 55, 60, 64, 72, 79];
/// Detuning of the saws up and down, in cents.
const CENTS: f32 = 6.0;
const HELD_S: f32 = 1.0;
const RELEASE_S: f32 = 0.3;
/// Frames in which both are rendered.
const BLOCK: usize = MAX_BUFFER_SIZE;
/// Cutoff at rest, in hertz; the envelope starts this many octaves above it and falls by 60 dB in its time.
const CUTOFF_HZ: f32 = 500.0;
const ENVELOPE_OCTAVES: f32 = 4.0;
const ENVELOPE_S: f32 = 0.5;
/// Quality 1: a resonance of `log(2) / log(80)`.
const RESONANCE: f32 = 0.158_18;

fn frames(seconds: f32) -> usize {
    (f64::from(seconds) * SampleRate::CD.hz()) as usize
}

fn recipe() -> Subtractive {
    let saw = |cents| OscillatorSpec { level: 0.5, cents, ..OscillatorSpec::default() };
    Subtractive {
        osc1: saw(-CENTS),
        osc2: saw(CENTS),
        filter: FilterSpec {
            cutoff_hz: CUTOFF_HZ,
            resonance: RESONANCE,
            envelope_octaves: ENVELOPE_OCTAVES,
            key_tracking: 0.0,
            velocity_octaves: 0.0,
            ..FilterSpec::default()
        },
        filter_envelope: Adsr { attack_s: 0.0, decay_s: ENVELOPE_S, sustain: 0.0, ..Adsr::default() },
        amp_envelope: Adsr { attack_s: 0.01, decay_s: 0.2, sustain: 0.7, release_s: RELEASE_S, ..Adsr::default() },
        ..Subtractive::default()
    }
}

/// Renders every note, and returns the sum of squares so that nothing is left out.
fn ours(recipe: &Subtractive) -> f32 {
    let mut energy = 0.0;
    for pitch in PITCHES {
        let mut voice = recipe.strike(&Strike {
            pitch: f64::from(pitch),
            velocity: Velocity::new(127),
            sample_rate: SampleRate::CD,
            bpm: 120.0,
            seed: Seed(1),
        });
        let mut block = [[0.0; 2]; BLOCK];
        for at in (0..frames(HELD_S + RELEASE_S)).step_by(BLOCK) {
            if at / BLOCK == frames(HELD_S) / BLOCK {
                voice.release();
            }
            block.fill([0.0; 2]);
            voice.render(&mut block);
            energy += block.iter().map(|frame| frame[0] * frame[0]).sum::<f32>();
        }
    }
    energy
}

fn theirs() -> f32 {
    let mut energy = 0.0;
    for pitch in PITCHES {
        let hz = midi_hz(f32::from(pitch));
        let detuned = |cents: f32| saw_hz(hz * exp2(cents / 1200.0)) * 0.5;
        let fall = -1000f32.ln() / ENVELOPE_S;
        let cutoff = lfo(move |t: f32| CUTOFF_HZ * exp2(ENVELOPE_OCTAVES * exp(fall * t)));
        let tone = ((detuned(-CENTS) + detuned(CENTS)) | cutoff | dc(1.0)) >> lowpass();
        let mut voice = tone * adsr_live(0.01, 0.2, 0.7, RELEASE_S);
        voice.set_sample_rate(SampleRate::CD.hz());
        voice.allocate();
        let mut gate = BufferArray::<U1>::new();
        let mut out = BufferArray::<U1>::new();
        for at in (0..frames(HELD_S + RELEASE_S)).step_by(BLOCK) {
            // Its envelope has to see the key up before it is down.
            let is_down = (BLOCK..frames(HELD_S)).contains(&at);
            gate.channel_f32_mut(0).fill(if is_down { 1.0 } else { 0.0 });
            voice.process(BLOCK, &gate.buffer_ref(), &mut out.buffer_mut());
            energy += out.channel_f32(0).iter().map(|sample| sample * sample).sum::<f32>();
        }
    }
    energy
}

fn timed(render: impl FnOnce() -> f32) -> Duration {
    let start = Instant::now();
    black_box(render());
    start.elapsed()
}

fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("no NaN"));
    values[values.len() / 2]
}

fn main() {
    let recipe = recipe();
    // Tables are built when they are first used.
    let energies = [ours(&recipe), theirs()];
    let pairs: Vec<[f64; 2]> =
        (0..ROUNDS).map(|_| [timed(|| ours(&recipe)), timed(theirs)].map(|time| time.as_secs_f64())).collect();
    let seconds = PITCHES.len() as f64 * f64::from(HELD_S + RELEASE_S);
    let speed = |side: usize| seconds / median(pairs.iter().map(|pair| pair[side]).collect());
    println!("| voice | times real time | energy |");
    println!("|---|---:|---:|");
    println!("| ours | {:.0} | {:.0} |", speed(0), energies[0]);
    println!("| fundsp | {:.0} | {:.0} |", speed(1), energies[1]);
    println!();
    println!(
        "ratio of speeds, ours / fundsp, median of {ROUNDS}: {:.2}",
        median(pairs.iter().map(|[a, b]| b / a).collect())
    );
}
