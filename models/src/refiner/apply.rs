//! Gains of bands over time put onto a sound, with what keeps it clean: no echo before an attack, the same loudness.

use super::bands::{Analysis, BANDS};
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::spectral::{Bin, Edges};
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, StereoFrame};

/// Length of the blocks in which energy is compared to find echoes before an attack.
const GUARD_BLOCK_S: f64 = 0.003;

/// A block is before an attack if it is this far below the loudest block within reach of the window. The trough of the
/// lowest bass note between two half waves is some 20 dB deep in a block of this length.
const GUARD_DEPTH: f32 = 1e-3;

/// The sound with `gains_db` (frame after frame, [`BANDS`] each) on both channels.
pub fn apply(audio: &AudioBuffer, analysis: &Analysis, gains_db: &[f32], edges: Edges) -> AudioBuffer {
    let mut gains = vec![0.0; analysis.stft.bins()];
    let mut edit = |t: usize, bins: &mut [Bin]| {
        analysis.bank.interpolate(&gains_db[t * BANDS..][..BANDS], &mut gains);
        for (bin, gain_db) in bins.iter_mut().zip(&gains) {
            *bin *= db_to_gain(*gain_db);
        }
    };
    let [left, right] = [0, 1].map(|channel| analysis.stft.process(&audio.channel(channel), edges, &mut edit));
    let frames = left.into_iter().zip(right).map(|(left, right)| [left, right]).collect();
    let mut refined = AudioBuffer { sample_rate: audio.sample_rate, frames };
    let block = audio.sample_rate.frames(GUARD_BLOCK_S).max(1);
    guard_attacks(&audio.frames, &mut refined.frames, block, analysis.stft.fft_size() / block, edges);
    match_loudness(&mut refined, audio);
    refined
}

/// Takes away what the window spread ahead of attacks: where the dry sound is far below what follows within `reach` blocks,
/// the refined one gets no louder than it. Blocks are about `block` frames long, and all equally so.
fn guard_attacks(dry: &[StereoFrame], refined: &mut [StereoFrame], block: usize, reach: usize, edges: Edges) {
    let (length, count) = (dry.len(), dry.len().div_ceil(block));
    let span = |b: usize| b * length / count..(b + 1) * length / count;
    let energy = |frames: &[StereoFrame]| frames.iter().flatten().map(|sample| sample * sample).sum::<f32>();
    let energies: Vec<(f32, f32)> = (0..count).map(|b| (energy(&dry[span(b)]), energy(&refined[span(b)]))).collect();
    let gain = |b: usize| {
        let ahead = (b + 1..=b + reach).filter(|&later| later < count || edges == Edges::Loop);
        let loudest = ahead.map(|later| energies[later % count].0).fold(0.0, f32::max);
        let (dry, wet) = energies[b];
        if dry < GUARD_DEPTH * loudest && wet > dry { (dry / wet).sqrt() } else { 1.0 }
    };
    let gains: Vec<f32> = (0..count).map(gain).collect();
    // Within a block the gain moves in a straight line from edge to edge; an edge has the larger gain of its two blocks, so
    // that the attack itself is left alone.
    let at_edge = |b: usize, neighbour: usize| match edges {
        Edges::Silence if neighbour == count => gains[b],
        _ => gains[b].max(gains[neighbour % count]),
    };
    for b in 0..count {
        let before = if b > 0 || edges == Edges::Loop { at_edge(b, (b + count - 1) % count) } else { gains[b] };
        let after = at_edge(b, b + 1);
        if before < 1.0 || after < 1.0 {
            let frames = &mut refined[span(b)];
            let step = (after - before) / frames.len() as f32;
            for (i, frame) in frames.iter_mut().enumerate() {
                let gain = before + step * (i as f32 + 0.5);
                *frame = frame.map(|sample| sample * gain);
            }
        }
    }
}

/// Makes `audio` as loud as `model`, in LUFS, or by RMS where that gates all of it; silence stays silence.
pub fn match_loudness(audio: &mut AudioBuffer, model: &AudioBuffer) {
    let difference_lu = integrated_lufs(model) - integrated_lufs(audio);
    let gain = if difference_lu.is_finite() { db_to_gain(difference_lu) } else { model.rms() / audio.rms() };
    if gain.is_finite() {
        audio.scale(gain);
    }
}
