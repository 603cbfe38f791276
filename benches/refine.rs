//! Refining per second of stereo audio, beside a fast Griffin-Lim inversion of the same spectrogram.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use riffsmith_dsp::spectral::{Edges, Stft, griffin_lim};
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use riffsmith_models::refiner::{Family, Refiner};

/// Length of the sound.
const SECONDS: usize = 10;

/// Iterations that librosa and others take by default.
const ITERATIONS: usize = 32;

/// Tones that decay, four a second, and a little noise.
fn sound() -> AudioBuffer {
    let mut rng = Seed(1).rng();
    let mut audio = AudioBuffer::silence(SampleRate::CD, SECONDS * 44_100);
    for (i, frame) in audio.frames.iter_mut().enumerate() {
        let seconds = (i % 11_025) as f32 / 44_100.0;
        let hz = 110.0 * (1 + i / 11_025 % 4) as f32;
        let wave: f32 = (1..20).map(|k| (std::f32::consts::TAU * hz * k as f32 * seconds).sin() / k as f32).sum();
        let sample = 0.2 * wave * (-5.0 * seconds).exp();
        *frame = [sample + 1e-3 * rng.bipolar(), sample + 1e-3 * rng.bipolar()];
    }
    audio
}

fn benches(criterion: &mut Criterion) {
    let audio = sound();
    let mut group = criterion.benchmark_group("10 s of stereo");
    group.throughput(Throughput::Elements(audio.len() as u64)).sample_size(10);
    let refiner = Refiner::builtin();
    group.bench_function("refine", |bencher| {
        bencher.iter(|| refiner.refine(&audio, Family::Plucked, 1.0, Edges::Silence));
    });
    let stft = Stft::new(2048, 512);
    group.bench_function("griffin-lim, 32 iterations", |bencher| {
        bencher.iter(|| {
            [0, 1].map(|channel| {
                let spectrogram = stft.analyze(&audio.channel(channel), SampleRate::CD, Edges::Silence);
                let magnitudes: Vec<f32> = spectrogram.values.iter().map(|bin| bin.norm()).collect();
                griffin_lim(&stft, &magnitudes, audio.len(), Edges::Silence, ITERATIONS, Seed(1))
            })
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
