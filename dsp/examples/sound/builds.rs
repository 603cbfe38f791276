//! What two builds of the synthesizer make of the same scores: how far they are apart.
//!
//!     sound builds --write FILE    renders every patch and every style's mixes, raw and mastered, and keeps their samples
//!     sound builds FILE OTHER      compares what two builds wrote

use super::styles::{mixes, score};
use riffsmith_dsp::mix::{Master, master, render_sum};
use riffsmith_dsp::patch::{audition, builtin};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use std::fs;
use std::path::Path;
use std::time::Instant;

/// What was rendered, in order.
const KINDS: [&str; 3] = ["patch", "mix", "master"];

/// Renders or compares, as the arguments say.
pub fn run(arguments: &[String]) {
    match arguments {
        [flag, file] if flag == "--write" => write(Path::new(file)),
        [file, other] => compare(&read(Path::new(file)), &read(Path::new(other))),
        _ => eprintln!("usage: sound builds --write FILE, or sound builds FILE OTHER"),
    }
}

/// A sound: its kind, its name, and its samples, left and right in turns.
type Sound = (u8, String, Vec<f32>);

/// Each sound as kind, length of the name, name, number of samples, samples; all little-endian.
fn write(path: &Path) {
    let start = Instant::now();
    let sounds = rendered();
    println!("{} sounds in {:.2} s", sounds.len(), start.elapsed().as_secs_f64());
    let mut bytes = Vec::new();
    for (kind, name, samples) in &sounds {
        bytes.extend([*kind, name.len() as u8]);
        bytes.extend(name.as_bytes());
        bytes.extend((samples.len() as u64).to_le_bytes());
        samples.iter().for_each(|sample| bytes.extend(sample.to_le_bytes()));
    }
    fs::write(path, bytes).expect("writable");
}

fn rendered() -> Vec<Sound> {
    let samples = |audio: &AudioBuffer| audio.frames.as_flattened().to_vec();
    let mut sounds: Vec<Sound> = builtin().map(|patch| (0, patch.name.clone(), samples(&audition(&patch)))).collect();
    let score = score();
    for (name, mix) in mixes() {
        let sum = render_sum(&score, &mix, SampleRate::CD, Ending::Wrap, Seed(5));
        sounds.push((1, name.clone(), samples(&sum)));
        sounds.push((2, name, samples(&master(sum, &Master::default(), Ending::Wrap))));
    }
    sounds
}

fn read(path: &Path) -> Vec<Sound> {
    let bytes = fs::read(path).expect("readable");
    let mut rest = bytes.as_slice();
    let mut take = |count: usize| rest.split_off(..count).expect("a whole file");
    let mut sounds = Vec::new();
    let mut left = bytes.len();
    while left > 0 {
        let [kind, length] = *take(2).first_chunk().expect("two bytes");
        let name = String::from_utf8(take(length.into()).to_vec()).expect("a name");
        let count = u64::from_le_bytes(*take(8).first_chunk().expect("eight bytes")) as usize;
        let (samples, _) = take(4 * count).as_chunks();
        sounds.push((kind, name, samples.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()));
        left -= 10 + usize::from(length) + 4 * count;
    }
    sounds
}

/// Prints, for each kind, how many sounds are the same to the bit, and the largest difference re full scale and re its sound's peak.
fn compare(ours: &[Sound], theirs: &[Sound]) {
    assert_eq!(ours.len(), theirs.len(), "both must be of the same version");
    println!("| | sounds | the same bits | largest difference, dBFS | re its peak, dB | in |");
    println!("|---|---:|---:|---:|---:|---|");
    for (kind, what) in KINDS.iter().enumerate() {
        let (mut count, mut same) = (0, 0);
        let (mut most, mut most_of_peak, mut worst) = (0.0f32, 0.0f32, "none");
        for (sound, other) in ours.iter().zip(theirs).filter(|(sound, _)| usize::from(sound.0) == kind) {
            assert_eq!((&sound.1, sound.2.len()), (&other.1, other.2.len()), "both must be of the same version");
            let apart = sound.2.iter().zip(&other.2).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            let peak = sound.2.iter().fold(f32::MIN_POSITIVE, |peak, sample| peak.max(sample.abs()));
            count += 1;
            same += usize::from(sound.2.iter().map(|sample| sample.to_bits()).eq(other.2.iter().map(|s| s.to_bits())));
            most_of_peak = most_of_peak.max(apart / peak);
            if apart > most {
                (most, worst) = (apart, &sound.1);
            }
        }
        let (most_db, of_peak_db) = (20.0 * most.log10(), 20.0 * most_of_peak.log10());
        println!("| {what} | {count} | {same} | {most_db:.1} | {of_peak_db:.1} | {worst} |");
    }
}
