//! What every line of [`EFFECTS`] must keep.

use super::*;
use crate::audio::AudioBuffer;
use crate::rng::Seed;

/// Settings beside the defaults that run other code or longer memories.
const VARIANTS: &[&str] = &[
    "type = 'reverb'\nkind = 'plate'",
    "type = 'reverb'\nkind = 'room'\ndecay_s = 0.3\nsize = 0.3\ndamping = 1.0",
    "type = 'rotary'\nspeed = 'fast'",
    "type = 'tape_delay'\nping_pong = true\nfeedback = 0.7\nwow_cents = 20.0",
    "type = 'drive'\nshape = 'tube'\ndrive_db = 40.0",
    "type = 'drive'\nshape = 'clip'\ndrive_db = 0.0",
    "type = 'fold'\nasymmetry = 1.0\ndrive_db = 30.0",
    "type = 'flanger'\nfeedback = -0.9\noctaves = 3.0",
    "type = 'compressor'\nlookahead_ms = 5.0",
    "type = 'gate'\nthreshold_db = -3.0\nhold_ms = 0.0",
    "type = 'vinyl'\ncrackles_per_s = 200.0\nwow_cents = 30.0",
    "type = 'tape'\ndrive_db = 24.0\nhigh_cut_hz = 4000.0",
];

/// The defaults and the variants, by name.
fn specs() -> Vec<(String, EffectSpec)> {
    let defaults = EFFECTS.iter().map(|effect| (effect.name.to_owned(), (effect.default)()));
    let variants = VARIANTS.iter().map(|text| ((*text).to_owned(), toml::from_str(text).expect(text)));
    defaults.chain(variants).collect()
}

fn context(period_frames: Option<usize>) -> EffectContext {
    EffectContext { sample_rate: SampleRate::CD, tempo: Tempo::new(125.0).expect("valid"), period_frames }
}

fn noise(frames: usize) -> Vec<StereoFrame> {
    let mut rng = Seed(11).rng();
    (0..frames).map(|_| [0.5 * rng.bipolar(), 0.5 * rng.bipolar()]).collect()
}

fn run(effect: &mut dyn Effect, frames: &[StereoFrame], block_frames: usize) -> Vec<StereoFrame> {
    let mut output = frames.to_vec();
    output.chunks_mut(block_frames).for_each(|block| effect.process(block, None));
    output
}

#[test]
fn output_is_finite_and_bounded() {
    for effect in EFFECTS {
        let mut running = (effect.default)().build(&context(None));
        let loud: Vec<StereoFrame> = noise(20_000).iter().map(|frame| [frame[0].signum(), frame[1].signum()]).collect();
        let output = run(&mut *running, &loud, MAX_BLOCK);
        let peak = output.iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        // The defaults of no effect raise full-scale noise by more than 12 dB.
        assert!(peak.is_finite() && peak < 4.0, "{}: {peak}", effect.name);
    }
}

#[test]
fn blocks_of_any_size_give_the_same_samples() {
    for (name, spec) in specs() {
        let input = noise(5_000);
        let whole = run(&mut *spec.build(&context(None)), &input, MAX_BLOCK);
        for block_frames in [1, 7, 33] {
            let parts = run(&mut *spec.build(&context(None)), &input, block_frames);
            assert!(whole == parts, "{} in blocks of {block_frames}", name);
        }
    }
}

#[test]
fn reset_gives_the_same_samples_again() {
    for (name, spec) in specs() {
        let input = noise(5_000);
        let mut running = spec.build(&context(Some(3_000)));
        let first = run(&mut *running, &input, MAX_BLOCK);
        running.reset();
        assert!(run(&mut *running, &input, MAX_BLOCK) == first, "{}", name);
    }
}

#[test]
fn the_tail_is_over_when_it_says() {
    for (name, spec) in specs() {
        let mut running = spec.build(&context(None));
        run(&mut *running, &noise(22_050), MAX_BLOCK);
        let tail = running.tail_frames();
        let output = run(&mut *running, &vec![[0.0; 2]; tail + 22_050], MAX_BLOCK);
        let rest = output[tail..].iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        // -90 dB of the input's peak, 0.5.
        assert!(rest < 0.5 * 3.2e-5, "{}: {rest} after {tail} frames", name);
    }
}

#[test]
fn latency_is_what_it_says() {
    for effect in EFFECTS {
        let mut running = (effect.default)().build(&context(None));
        let mut input = vec![[0.0; 2]; 20_000];
        // Quiet enough to be linear.
        input[100] = [0.01; 2];
        let output = run(&mut *running, &input, MAX_BLOCK);
        let first = output.iter().position(|frame| frame[0].abs() > 1e-3).expect(effect.name);
        let expected = 100 + running.latency_frames();
        assert!(first.abs_diff(expected) <= 2, "{}: {first}, expected {expected}", effect.name);
    }
}

#[test]
fn a_loop_closes() {
    for (name, spec) in specs() {
        let period = 30_011;
        let mut chain = Chain::new(&[spec], &context(Some(period)));
        let mut audio = AudioBuffer { sample_rate: SampleRate::CD, frames: noise(period) };
        let input = audio.clone();
        chain.process_loop(&mut audio, None);
        // Playing on gives the same pass again.
        let mut next = input.frames;
        for block in next.chunks_mut(MAX_BLOCK) {
            chain.process(block, None);
        }
        next.rotate_left(chain.latency_frames() % period);
        let differences = audio.frames.iter().flatten().zip(next.iter().flatten());
        let worst = differences.map(|(a, b)| (a - b).abs()).fold(0.0f32, f32::max);
        // -80 dB of the input: 10 dB more than the tail may leave.
        assert!(worst < 1e-4, "{}: {worst}", name);
    }
}

#[test]
fn silence_decays_to_exact_zero() {
    for (name, spec) in specs() {
        let mut running = spec.build(&context(None));
        run(&mut *running, &noise(1_000), MAX_BLOCK);
        let silence = vec![[0.0; 2]; 20 * running.tail_frames().max(10_000)];
        let output = run(&mut *running, &silence, MAX_BLOCK);
        assert!(output[output.len() - 100..] == [[0.0; 2]; 100], "{}", name);
    }
}

/// Gains that follow the level: what they do to a low tone that comes, stays and goes must not be heard as a click.
#[test]
fn changes_of_gain_do_not_click() {
    for name in ["compressor", "limiter", "gate", "transient", "multiband"] {
        let effect = EFFECTS.iter().find(|effect| effect.name == name).expect(name);
        let mut running = (effect.default)().build(&context(None));
        // 100 Hz, swelling from -60 to 6 dBFS and back in half a second each: every threshold is crossed.
        let level = |n: usize| 10f32.powf((6.0 - 66.0 * (n as f32 / 22_050.0 - 1.0).abs()) / 20.0);
        let tone: Vec<StereoFrame> =
            (0..44_100).map(|n| [level(n) * (std::f32::consts::TAU * n as f32 / 441.0).sin(); 2]).collect();
        let mut output = run(&mut *running, &tone, MAX_BLOCK);
        // What is left above 8 kHz, 24 dB an octave: 100 Hz itself is 150 dB down.
        let mut filters =
            [Biquad::high_pass(SampleRate::CD, 8_000.0, 0.541), Biquad::high_pass(SampleRate::CD, 8_000.0, 1.307)];
        filters.iter_mut().for_each(|filter| output.chunks_mut(MAX_BLOCK).for_each(|block| filter.process(block)));
        let peak = output[200..].iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        assert!(20.0 * peak.log10() < -80.0, "{name}: {} dBFS", 20.0 * peak.log10());
    }
}
