//! Every patch as it sounds by itself: level, width, balance, and the patch most like it.
//!
//!     sound patches                     the table of the built-in patches
//!     sound patches FOLDER              of the patches in a folder
//!     sound patches [FOLDER] --trim     the gain that brings each patch to its role's level
//!     sound patches [FOLDER] --wav OUT  also writes each patch's phrase into the folder OUT

use rayon::prelude::*;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::levels::measure;
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::patch::{Likeness, Patch, audition, builtin, level_lufs};
use riffsmith_dsp::score::Role;
use riffsmith_dsp::units::gain_to_db;
use std::path::Path;

/// Prints what is asked for.
pub fn run(arguments: &[String]) {
    let wav = arguments.iter().position(|argument| argument == "--wav");
    let folder = arguments.first().filter(|first| !first.starts_with("--"));
    let patches = folder.map_or_else(|| builtin().collect(), |folder| read(Path::new(folder)));
    if arguments.iter().any(|argument| argument == "--trim") {
        return trim(&patches);
    }
    table(&patches);
    if let Some(out) = wav.and_then(|at| arguments.get(at + 1)) {
        patches.par_iter().for_each(|patch| write(&Path::new(out).join(format!("{}.wav", patch.name)), patch));
    }
}

/// The patches in a folder, in alphabetical order.
fn read(folder: &Path) -> Vec<Patch> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let patch = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("readable");
        Patch::from_toml(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(patch).collect()
}

fn table(patches: &[Patch]) {
    println!(
        "| patch | role | LUFS | missing, LU | peak, dBFS | crest, dB | correlation | mono, dB | sub / low / mid / high, % | nearest | at, dB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let heard: Vec<(AudioBuffer, Likeness)> =
        patches.par_iter().map(|patch| (audition(patch), Likeness::of(patch))).collect();
    let nearest: Vec<Option<(f32, usize)>> = (0..patches.len())
        .into_par_iter()
        .map(|index| {
            let others = (0..patches.len()).filter(|other| *other != index);
            let distances = others.filter_map(|other| Some((heard[index].1.distance_db(&heard[other].1)?, other)));
            distances.min_by(|a, b| a.0.total_cmp(&b.0))
        })
        .collect();
    for ((patch, (audio, _)), nearest) in patches.iter().zip(&heard).zip(&nearest) {
        let (role, loudness, levels) = (role(patch), integrated_lufs(audio), measure(audio));
        let mono = audio.mono();
        let mono_rms = (mono.iter().map(|sample| sample * sample).sum::<f32>() / mono.len() as f32).sqrt();
        let balance = levels.balance.map_or_else(String::new, |balance| {
            let shares = [balance.sub, balance.low, balance.mid, balance.high];
            shares.map(|share| format!("{:.0}", 100.0 * share)).join(" / ")
        });
        let (distance, other) = nearest.map_or((f32::NAN, "-"), |(distance, at)| (distance, &*patches[at].name));
        println!(
            "| {} | {role} | {loudness:.1} | {:+.1} | {:.1} | {:.1} | {:.2} | {:.1} | {balance} | {other} | {distance:.2} |",
            patch.name,
            level_lufs(role) - loudness,
            levels.peak_dbfs,
            levels.crest_db().unwrap_or(0.0),
            levels.correlation.unwrap_or(1.0),
            gain_to_db(mono_rms) - levels.rms_dbfs,
        );
    }
    summary(patches, &heard, &nearest);
}

fn summary(patches: &[Patch], heard: &[(AudioBuffer, Likeness)], nearest: &[Option<(f32, usize)>]) {
    let mut distances: Vec<f32> = nearest.iter().flatten().map(|(distance, _)| *distance).collect();
    distances.sort_by(f32::total_cmp);
    if let Some(least) = distances.first() {
        let median = distances[distances.len() / 2];
        println!("\n{} patches; to the nearest other: least {least:.2} dB, median {median:.2} dB", patches.len());
    }
    for wanted in Role::ALL {
        let own = patches.iter().zip(heard).filter(|(patch, _)| role(patch) == wanted);
        let mut levels: Vec<f32> = own.map(|(_, (audio, _))| integrated_lufs(audio)).collect();
        levels.sort_by(f32::total_cmp);
        if let [lowest, .., highest] = levels[..] {
            let median = levels[levels.len() / 2];
            println!("{wanted}: {} patches, {lowest:.1} to {highest:.1} LUFS, median {median:.1}", levels.len());
        }
    }
}

/// Prints each patch's gain as it should be. Inserts that saturate make the way there crooked, so it is gone in steps.
fn trim(patches: &[Patch]) {
    let trimmed: Vec<(Patch, f32)> = patches
        .par_iter()
        .map(|patch| {
            let mut patch = patch.clone();
            let mut missing = f32::INFINITY;
            for _ in 0..8 {
                missing = level_lufs(role(&patch)) - integrated_lufs(&audition(&patch));
                if !missing.is_finite() || missing.abs() < 0.06 {
                    break;
                }
                patch.gain_db = (10.0 * (patch.gain_db + missing).clamp(-40.0, 24.0)).round() / 10.0;
            }
            (patch, missing)
        })
        .collect();
    for ((trimmed, left), patch) in trimmed.iter().zip(patches) {
        let moved = trimmed.gain_db - patch.gain_db;
        println!("{} {:.1} moved {moved:+.1} left {left:+.2}", patch.name, trimmed.gain_db);
    }
}

fn role(patch: &Patch) -> Role {
    patch.role().unwrap_or(Role::Chords)
}

fn write(path: &Path, patch: &Patch) {
    let audio = audition(patch);
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: audio.sample_rate.hz() as u32,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("writable");
    audio.frames.iter().flatten().for_each(|sample| writer.write_sample(*sample).expect("writable"));
    writer.finalize().expect("writable");
}
