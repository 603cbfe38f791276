//! Loudness and true peak: ITU-R BS.1770-4, loudness range by EBU Tech 3342.

mod k_weighting;
mod meter;
pub mod true_peak;

pub use meter::LoudnessMeter;
pub use true_peak::true_peak_dbtp;

use crate::audio::AudioBuffer;
use crate::units::SampleRate;

/// What a meter shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Loudness of the whole, gated; -infinity for silence.
    pub integrated_lufs: f32,
    /// Loudest 3 seconds; of the whole, if shorter.
    pub short_term_max_lufs: f32,
    /// Loudness range in LU: from the 10th to the 95th percentile of short-term loudness; 0 below 3 seconds.
    pub range_lu: f32,
    /// True peak in dBTP; -infinity for silence.
    pub true_peak_dbtp: f32,
}

/// Hops in a second: blocks of 400 ms overlap by three quarters.
const HOPS_PER_S: usize = 10;
const MOMENTARY_HOPS: usize = 4;
const SHORT_TERM_HOPS: usize = 30;
/// Absolute gate of both standards.
const ABSOLUTE_GATE_LUFS: f64 = -70.0;

/// Measures everything at once.
pub fn measure(audio: &AudioBuffer) -> Loudness {
    let hops = hop_powers(audio);
    let short_term = windows(&hops, SHORT_TERM_HOPS);
    let loudest = short_term.iter().copied().fold(0.0, f64::max);
    Loudness {
        integrated_lufs: lufs(gated_power(&windows(&hops, MOMENTARY_HOPS))) as f32,
        short_term_max_lufs: lufs(loudest) as f32,
        range_lu: if hops.len() < SHORT_TERM_HOPS { 0.0 } else { range_lu(&short_term) as f32 },
        true_peak_dbtp: true_peak_dbtp(audio),
    }
}

/// By how much K-weighting multiplies the power of a frequency.
pub fn k_weight(rate: SampleRate, hz: f64) -> f64 {
    k_weighting::k_weighting(rate).iter().map(|filter| filter.gain_at(rate, hz).powi(2)).product()
}

/// Loudness of the whole, gated; -infinity for silence. Audio below 400 ms counts as one block.
pub fn integrated_lufs(audio: &AudioBuffer) -> f32 {
    lufs(gated_power(&windows(&hop_powers(audio), MOMENTARY_HOPS))) as f32
}

/// K-weighted power of every 100 ms, both channels added; an unfinished last hop is left out unless it is the only one.
fn hop_powers(audio: &AudioBuffer) -> Vec<f64> {
    let mut meter = LoudnessMeter::new(audio.sample_rate);
    meter.add(&audio.frames);
    meter.hops()
}

/// Mean power of every window of `width` hops, one hop apart; of the whole, if it is shorter.
fn windows(hops: &[f64], width: usize) -> Vec<f64> {
    let width = width.min(hops.len()).max(1);
    hops.windows(width).map(|window| window.iter().sum::<f64>() / width as f64).collect()
}

/// Loudness of a power (BS.1770-4, equation 2).
fn lufs(power: f64) -> f64 {
    -0.691 + 10.0 * power.log10()
}

fn power(lufs: f64) -> f64 {
    10f64.powf((lufs + 0.691) / 10.0)
}

fn mean_above(powers: &[f64], gate: f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0usize);
    for power in powers.iter().filter(|&&power| power > gate) {
        sum += power;
        count += 1;
    }
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// Mean power above both gates: -70 LUFS, then 10 LU below what passes that.
fn gated_power(blocks: &[f64]) -> f64 {
    let absolute = power(ABSOLUTE_GATE_LUFS);
    let relative = mean_above(blocks, absolute) * 0.1;
    mean_above(blocks, absolute.max(relative))
}

/// EBU Tech 3342: percentiles of the short-term loudness above -70 LUFS and 20 LU below its mean.
fn range_lu(short_term: &[f64]) -> f64 {
    let absolute = power(ABSOLUTE_GATE_LUFS);
    let gate = absolute.max(mean_above(short_term, absolute) * 0.01);
    let mut heard: Vec<f64> = short_term.iter().copied().filter(|&power| power > gate).collect();
    heard.sort_by(f64::total_cmp);
    let at = |share: f64| heard.get(((heard.len().max(1) - 1) as f64 * share).round() as usize);
    match (at(0.10), at(0.95)) {
        (Some(&low), Some(&high)) => lufs(high) - lufs(low),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use ebur128::{EbuR128, Mode};
    use std::f64::consts::TAU;

    fn sine(rate: SampleRate, seconds: f64, hz: f64, amplitude: f64, channels: [f64; 2]) -> AudioBuffer {
        let step = TAU * hz / rate.hz();
        let sample = |n: usize| amplitude * (step * n as f64).sin();
        let frames = (0..rate.frames(seconds)).map(|n| channels.map(|share| (share * sample(n)) as f32));
        AudioBuffer { sample_rate: rate, frames: frames.collect() }
    }

    #[test]
    fn a_full_scale_sine_of_997_hz_in_one_channel_is_minus_3_01_lkfs() {
        // BS.1770-4, annex 1; within EBU Tech 3341's tolerance for meters, as the shelf shifts a little with the rate.
        for hz in [32_000, 44_100, 48_000, 96_000, 192_000] {
            let rate = SampleRate::new(hz).expect("valid");
            let measured = integrated_lufs(&sine(rate, 2.0, 997.0, 1.0, [1.0, 0.0]));
            assert!((measured + 3.01).abs() < 0.05, "{hz} Hz: {measured}");
        }
    }

    #[test]
    fn the_gate_leaves_out_quiet_stretches() {
        // EBU Tech 3341, test case 3: -36, -23 and -36 dBFS stereo sines of 1 kHz read -23 LUFS.
        let rate = SampleRate::new(48_000).expect("valid");
        let part = |seconds, db: f64| sine(rate, seconds, 1_000.0, 10f64.powf(db / 20.0), [1.0, 1.0]);
        let mut audio = part(10.0, -36.0);
        audio.frames.extend(part(60.0, -23.0).frames);
        audio.frames.extend(part(10.0, -36.0).frames);
        assert!((integrated_lufs(&audio) + 23.0).abs() < 0.1);
    }

    #[test]
    fn the_range_of_two_levels_is_their_difference() {
        // EBU Tech 3342, test case 1: 20 s each at -20 and -30 dBFS read 10 LU.
        let rate = SampleRate::new(48_000).expect("valid");
        let mut audio = sine(rate, 20.0, 1_000.0, 0.1, [1.0, 1.0]);
        audio.frames.extend(sine(rate, 20.0, 1_000.0, 0.1 * 10f64.powf(-0.5), [1.0, 1.0]).frames);
        assert!((measure(&audio).range_lu - 10.0).abs() < 1.0);
    }

    #[test]
    fn all_figures_agree_with_another_meter() {
        for (index, hz) in [44_100u32, 48_000, 96_000].into_iter().enumerate() {
            let rate = SampleRate::new(hz).expect("valid");
            let mut rng = Seed(index as u64).rng();
            let (mut level, mut smooth) = (0.3, 0.0);
            let frames: Vec<[f32; 2]> = (0..8 * hz)
                .map(|n| {
                    if n % (hz / 3) == 0 {
                        level = rng.between(0.01, 0.7);
                    }
                    // Up to Nyquist, where meters differ most, there is little.
                    smooth = 0.7 * smooth + 0.3 * rng.bipolar();
                    [level * smooth, 0.6 * level * smooth]
                })
                .collect();
            let mut meter =
                EbuR128::new(2, hz, Mode::I | Mode::S | Mode::TRUE_PEAK | Mode::LRA).expect("a usual format");
            meter.add_frames_f32(frames.as_flattened()).expect("two channels");
            let measured = measure(&AudioBuffer { sample_rate: rate, frames });
            let expected = meter.loudness_global().expect("measured") as f32;
            assert!((measured.integrated_lufs - expected).abs() < 0.05, "{} {expected}", measured.integrated_lufs);
            let expected = meter.loudness_range().expect("measured") as f32;
            assert!((measured.range_lu - expected).abs() < 0.5, "{} {expected}", measured.range_lu);
            let peak = meter.true_peak(0).expect("measured").max(meter.true_peak(1).expect("measured"));
            let expected = 20.0 * peak.log10() as f32;
            // The other meter's filter is one of the two used here; the larger counts.
            assert!(
                (-0.01..0.2).contains(&(measured.true_peak_dbtp - expected)),
                "{} {expected}",
                measured.true_peak_dbtp
            );
        }
    }

    #[test]
    fn silence_and_short_sounds_have_a_loudness() {
        let silence = AudioBuffer::silence(SampleRate::CD, 100_000);
        assert_eq!(integrated_lufs(&silence), f32::NEG_INFINITY);
        assert_eq!(integrated_lufs(&AudioBuffer::silence(SampleRate::CD, 0)), f32::NEG_INFINITY);
        let short = sine(SampleRate::CD, 0.05, 1_000.0, 0.5, [1.0, 1.0]);
        assert!((integrated_lufs(&short) + 6.0).abs() < 0.5);
    }
}
