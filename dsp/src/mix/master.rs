//! Mastering: tonal balance, the bus effects, loudness to a target, true peaks below a ceiling.

use super::balance::{Balance, OCTAVES, octave_levels_db};
use super::bounce::Bounce;
use super::limit::{Limiting, find_gain_db};
use crate::audio::AudioBuffer;
use crate::effect::{Chain, Compressor, EffectContext, EffectSpec, Eq, Limiter};
use crate::error;
use crate::loudness::{integrated_lufs, true_peak};
use crate::parameters::check_range;
use crate::score::Tempo;
use crate::spectral::Edges;
use crate::synth::Ending;
use crate::units::{SampleRate, db_to_gain};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// What is done to the sum of the stems.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Master {
    /// Brings the spectrum nearer to that of finished recordings; off by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balance>,
    /// Bus effects, which hear the mix at -18 LUFS. By default a low cut at 25 Hz and a gentle glue compressor.
    pub inserts: Vec<EffectSpec>,
    /// Integrated loudness of the result: -40 to -5 LUFS, default -14. Missed where it would take more than 14 dB of limiting.
    pub target_lufs: f32,
    /// No true peak is above this: -24 to 0 dBTP, default -1.
    pub ceiling_dbtp: f32,
    /// Time constant of the limiter's way back up: 5 to 1 000 ms, default 80.
    pub release_ms: f32,
}

impl Default for Master {
    fn default() -> Self {
        let low_cut = Eq { low_cut_hz: Some(25.0), ..Eq::default() };
        let glue = Compressor {
            threshold_db: -16.0,
            ratio: 2.0,
            knee_db: 10.0,
            attack_ms: 20.0,
            release_ms: 150.0,
            ..Compressor::default()
        };
        Self {
            balance: None,
            inserts: vec![EffectSpec::Eq(low_cut), EffectSpec::Compressor(glue)],
            target_lufs: -14.0,
            ceiling_dbtp: -1.0,
            release_ms: 80.0,
        }
    }
}

impl Master {
    /// Loudness at which the mix enters the bus effects, so that their thresholds mean the same in every piece.
    pub(super) const REFERENCE_LUFS: f32 = -18.0;

    /// # Errors
    /// The first parameter that is out of its range.
    pub fn validate(&self) -> error::Result<()> {
        check_range("target_lufs", self.target_lufs, -40.0..=-5.0)?;
        self.balance.as_ref().map_or(Ok(()), Balance::validate)?;
        self.inserts.iter().try_for_each(EffectSpec::validate)?;
        EffectSpec::Limiter(self.limiter()).validate()
    }

    /// Tonal balance, for a mix with `levels_db` in its octaves, and the bus effects.
    pub(super) fn bus(&self, levels_db: Option<[f32; OCTAVES]>, rate: SampleRate, period: Option<usize>) -> Chain {
        let context = EffectContext {
            sample_rate: rate,
            // Effects on the bus have no times in beats.
            tempo: Tempo::from_micros_per_quarter(500_000),
            period_frames: period,
        };
        let balance = self.balance.as_ref().zip(levels_db);
        let balance = balance.map(|(balance, levels_db)| EffectSpec::Eq(balance.eq(levels_db, rate)));
        let effects: Vec<EffectSpec> = balance.into_iter().chain(self.inserts.iter().cloned()).collect();
        Chain::new(&effects, &context)
    }

    fn limiter(&self) -> Limiter {
        Limiter { gain_db: 0.0, ceiling_dbtp: self.ceiling_dbtp, release_ms: self.release_ms }
    }
}

/// Masters a mix. Its length stays; what `ending` wraps, wraps through every effect.
pub fn master(mix: AudioBuffer, master: &Master, ending: Ending) -> AudioBuffer {
    if ending == Ending::Wrap {
        return master_loop(mix, master);
    }
    let sample_rate = mix.sample_rate;
    let mut frames = Vec::with_capacity(mix.len());
    let result: Result<(), Infallible> = Bounce::of(mix).mastered(master, [Vec::new(), Vec::new()], |stretch| {
        frames.extend_from_slice(stretch);
        Ok(())
    });
    match result {
        Ok(()) => AudioBuffer { sample_rate, frames },
        Err(never) => match never {},
    }
}

fn master_loop(mix: AudioBuffer, master: &Master) -> AudioBuffer {
    let mut audio = mix;
    let loudness = integrated_lufs(&audio);
    if !loudness.is_finite() {
        return audio;
    }
    audio.scale(db_to_gain(Master::REFERENCE_LUFS - loudness));
    let levels_db = master.balance.is_some().then(|| octave_levels_db(&audio, Edges::Loop));
    master.bus(levels_db, audio.sample_rate, Some(audio.len())).process_loop(&mut audio, None);
    audio.remove_mean();
    let loudness = integrated_lufs(&audio);
    if !loudness.is_finite() {
        return audio;
    }
    let mut peaks = true_peak::peaks(&audio, true);
    true_peak::raise_to_edges(&audio, &mut peaks);
    let highest = peaks.iter().copied().fold(0.0, f32::max);
    let mut limited = AudioBuffer::silence(audio.sample_rate, audio.len());
    let found: Result<f32, Infallible> = find_gain_db(master, loudness, highest, |gain_db| {
        limit_loop(&audio, &peaks, Limiting::new(master, audio.sample_rate, gain_db), master, &mut limited);
        Ok(integrated_lufs(&limited))
    });
    match found {
        Ok(_) => limited,
        Err(never) => match never {},
    }
}

/// Writes `audio`, raised and limited, to `limited`; `peaks` are its true peaks before.
fn limit_loop(audio: &AudioBuffer, peaks: &[f32], mut limiting: Limiting, master: &Master, limited: &mut AudioBuffer) {
    let length = peaks.len();
    let latency = limiting.latency_frames();
    // Long enough for the release to forget its past.
    let run_up = latency + audio.sample_rate.frames(10.4e-3 * f64::from(master.release_ms));
    let start = (length - run_up % length) % length;
    for &peak in peaks.iter().cycle().skip(start).take(run_up + latency) {
        limiting.next(peak);
    }
    for (frame, (limited, samples)) in limited.frames.iter_mut().zip(&audio.frames).enumerate() {
        let gain = limiting.next(peaks[(frame + latency) % length]);
        *limited = [gain * samples[0], gain * samples[1]];
    }
    // Peaks that are higher on one side leave an offset when they are turned down: far less than the limiter's margin.
    limited.remove_mean();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loudness::true_peak_dbtp;
    use crate::rng::Seed;
    use crate::units::SampleRate;

    /// Hits of decaying noise on a tone: 12 dB and more between loudness and peaks.
    fn piece(seed: u64, frames: usize) -> AudioBuffer {
        let mut rng = Seed(seed).rng();
        let mut level = 0.0;
        let mut low = 0.0;
        let samples = (0..frames).map(|n| {
            level = if n % 11_025 == 0 { 0.5 } else { level * 0.9995 };
            low += 0.3 * (level * rng.bipolar() - low);
            let tone = 0.05 * (n as f32 * std::f32::consts::TAU * 200.0 / 44_100.0).sin();
            [low + tone + 0.01, 0.7 * low - tone]
        });
        AudioBuffer { sample_rate: SampleRate::CD, frames: samples.collect() }
    }

    #[test]
    fn loudness_and_true_peak_are_as_asked_for() {
        for ending in [Ending::Wrap, Ending::Ring, Ending::Cut] {
            for (seed, target_lufs) in [-23.0f32, -16.0, -14.0, -11.0, -9.0].into_iter().enumerate() {
                let spec = Master { target_lufs, ..Master::default() };
                let input = piece(seed as u64, 220_500);
                let output = master(input.clone(), &spec, ending);
                assert_eq!(output.len(), input.len());
                let reached = integrated_lufs(&output);
                assert!((reached - target_lufs).abs() < 0.5, "{ending:?}: {reached} for {target_lufs}");
                assert!(true_peak_dbtp(&output) < -1.0, "{ending:?}, {target_lufs}: {}", true_peak_dbtp(&output));
            }
        }
    }

    #[test]
    fn a_loop_is_mastered_alike_wherever_it_is_cut() {
        let spec = Master { target_lufs: -10.0, ..Master::default() };
        let input = piece(9, 132_300);
        let mut rotated = input.clone();
        rotated.frames.rotate_left(50_000);
        let mut expected = master(input, &spec, Ending::Wrap);
        expected.frames.rotate_left(50_000);
        let output = master(rotated, &spec, Ending::Wrap);
        // The meter's blocks fall differently, so the gain may differ by some hundredths of a dB: compare shapes.
        let ratio = expected.rms() / output.rms();
        assert!((ratio - 1.0).abs() < 0.02);
        let samples = output.frames.iter().flatten().zip(expected.frames.iter().flatten());
        let worst = samples.map(|(a, b)| (a * ratio - b).abs()).fold(0.0f32, f32::max);
        // A hundredth of a dB of gain is 1e-3 at full scale, and the limiter magnifies it.
        assert!(worst < 6e-3, "{worst}");
    }

    #[test]
    fn a_loop_that_begins_at_a_crest_keeps_below_the_ceiling_when_it_is_started() {
        // Round the loop there is no step, from silence there is one, which overshoots.
        let tone = |n: u32| 0.5 * (f64::from(n) / 44_100.0 * std::f64::consts::TAU * 40.0).cos() as f32;
        let frames = (0..88_200).map(|n| [tone(n), tone(n)]).collect();
        let input = AudioBuffer { sample_rate: SampleRate::CD, frames };
        let spec = Master { target_lufs: -6.0, inserts: Vec::new(), ..Master::default() };
        let output = master(input, &spec, Ending::Wrap);
        assert!(output.frames[0][0].abs() > 0.5, "{:?}", output.frames[0]);
        assert!(true_peak_dbtp(&output) < -1.0, "{}", true_peak_dbtp(&output));
    }

    #[test]
    fn dc_is_gone_and_silence_stays() {
        let output = master(piece(3, 132_300), &Master::default(), Ending::Wrap);
        let mean = output.frames.iter().map(|frame| f64::from(frame[0])).sum::<f64>() / 132_300.0;
        // -66 dBFS; the limiter's gain may bring back a little.
        assert!(mean.abs() < 5e-4, "{mean}");
        let silence = AudioBuffer::silence(SampleRate::CD, 10_000);
        assert_eq!(master(silence.clone(), &Master::default(), Ending::Wrap), silence);
    }
}
