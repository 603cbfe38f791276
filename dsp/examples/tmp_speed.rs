#[path = "../../src/arrange.rs"]
mod arrange;
#[path = "../../benches/concert/mod.rs"]
mod concert;
use riffsmith_dsp::score::midi;
use riffsmith_dsp::synth::{Ending, render_track};
use riffsmith_dsp::*;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let score = concert::score();
    let how = args.get(1).map_or("dry", String::as_str);
    if how == "midi" {
        std::fs::write(&args[2], midi::write(&score)).unwrap();
        return;
    }
    let score = midi::read(&midi::write(&score)).unwrap();
    let mut desk = arrange::arrange(&score, None);
    if how == "dry" || how == "tracks" {
        desk.channels.values_mut().for_each(mix::Channel::dry);
    }
    if how == "tracks" {
        for (i, track) in score.tracks.iter().enumerate() {
            let start = Instant::now();
            let patch = &desk.channels[&(i + 1).to_string()].patch;
            let a = render_track(&score, track, patch, SampleRate::CD, Ending::Ring, Seed(i as u64));
            println!(
                "{:12} {:16} {:5} notes {:.3} s, peak {}, len {:.1}",
                track.name,
                patch.name,
                track.notes.len(),
                start.elapsed().as_secs_f64(),
                a.peak(),
                a.seconds()
            );
        }
        return;
    }
    let start = Instant::now();
    let stems = mix::render(&score, &desk, SampleRate::CD, Ending::Ring, Seed(0));
    let t1 = start.elapsed().as_secs_f64();
    let sum = mix::sum(&stems);
    let out = mix::raw(sum);
    println!(
        "{how}: render {:.3}, raw {:.3}; {:.1} s, rms {}",
        t1,
        start.elapsed().as_secs_f64() - t1,
        out.seconds(),
        out.rms()
    );
    if let Some(path) = args.get(2) {
        let bytes: Vec<u8> = out.frames.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(path, bytes).unwrap();
    }
}
