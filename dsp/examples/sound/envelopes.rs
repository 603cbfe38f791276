//! Clicks: what a sine has far above its pitch where notes start, are let go and are choked, and where their volume jumps.

use crate::play::{instrument, rate, render, strike};
use riffsmith_dsp::filter::{FilterMode, Svf, SvfCoefficients};
use riffsmith_dsp::score::{Control, Meter, Note, Pitch, Score, Tempo, Ticks, Track, Velocity};
use riffsmith_dsp::synth::{Ending, render_track};
use riffsmith_dsp::{Seed, patch};

/// What is above this is a click, in hertz.
const CLICK_HZ: f32 = 6_000.0;

pub fn print() {
    println!("Peak of what a note of init_sine has above 6 kHz (48 dB per octave), over the note's own peak, in dB:\n");
    println!("| pitch | start | let go | choked | volume 127 to 20 and back |");
    println!("|---|---:|---:|---:|---:|");
    let sine = instrument("init_sine");
    for (name, pitch) in [("C1", 24), ("C2", 36), ("C3", 48), ("C4", 60)] {
        let [released, choked] = [false, true].map(|choke| {
            let worst = (0..40).map(|step| {
                let mut voice = strike(&sine, f64::from(pitch), rate(44_100));
                let mut sound = render(&mut *voice, 20_000 + 37 * step);
                let event = sound.len();
                if choke {
                    voice.choke();
                } else {
                    voice.release();
                }
                sound.extend(render(&mut *voice, 10_000));
                click_db(&sound, event - 32)
            });
            worst.fold(f32::NEG_INFINITY, f32::max)
        });
        let start = click_db(&played(pitch, Vec::new())[..40_000], 0);
        let volume = |at, value| (Ticks(at), Control::Controller(7, value));
        let swell = click_db(&played(pitch, vec![volume(0, 127), volume(480, 20), volume(900, 127)])[..40_000], 8_000);
        println!("| {name} | {start:.1} | {released:.1} | {choked:.1} | {swell:.1} |");
    }
}

/// A note of two seconds, with controllers; 960 ticks are a second.
fn played(pitch: u8, controls: Vec<(Ticks, Control)>) -> Vec<f64> {
    let score = Score::empty(Ticks(1920), Tempo::new(120.0).expect("in range"), Meter::COMMON);
    let note = Note { start: Ticks(0), pitch: Pitch::new(pitch), length: Ticks(1900), velocity: Velocity::new(96) };
    let track = Track { notes: vec![note], controls, ..Track::default() };
    let patch = patch::find("init_sine").expect("built in");
    let audio = render_track(&score, &track, &patch, rate(44_100), Ending::Cut, Seed(3));
    audio.frames.iter().map(|frame| f64::from(frame[0])).collect()
}

/// From a frame on.
fn click_db(sound: &[f64], from: usize) -> f32 {
    let high = SvfCoefficients::tuned(FilterMode::High, CLICK_HZ, 0.7, rate(44_100));
    let mut filters = [Svf::default(); 4];
    let mut click: f32 = 0.0;
    for (n, &sample) in sound.iter().enumerate() {
        let left = filters.iter_mut().fold(sample as f32, |signal, filter| filter.process(&high, signal));
        if n >= from {
            click = click.max(left.abs());
        }
    }
    let peak = sound.iter().fold(0.0, |peak: f64, sample| peak.max(sample.abs()));
    20.0 * (click / peak as f32).log10()
}
