//! Change of sample rate: by rubato for sounds with a beginning and an end, by one Fourier transform of the whole period for
//! seamless loops.

use crate::audio::AudioBuffer;
use crate::units::SampleRate;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler, WindowFunction};
use rustfft::FftPlanner;
use rustfft::num_complex::Complex32;

/// Least length of the anti-aliasing filter in frames of the input: its transition is then under 4 % of the band.
const MIN_FILTER_FRAMES: usize = 1024;

/// Part of the loop's band over which [`resample_loop`] fades out below the lower Nyquist frequency, so that it does not ring.
const LOOP_FADE: f64 = 0.03;

/// The same sound at another rate: `round(frames * to / from)` frames, aligned with the input to the frame; silence before
/// and after.
pub fn resample(audio: &AudioBuffer, to: SampleRate) -> AudioBuffer {
    let from = audio.sample_rate;
    if from == to || audio.is_empty() {
        return AudioBuffer { sample_rate: to, frames: audio.frames.clone() };
    }
    let (rate_in, rate_out) = (from.as_u32() as usize, to.as_u32() as usize);
    let least_block = rate_in / greatest_common_divisor(rate_in, rate_out);
    // An even number of least blocks puts the filter's centre, and so the delay, on a frame of the input *and* of the output.
    let blocks = MIN_FILTER_FRAMES.div_ceil(least_block).next_multiple_of(2);
    let window = WindowFunction::BlackmanHarris2;
    let mut resampler = Fft::<f64>::new_custom(rate_in, rate_out, blocks * least_block, 1, 2, window, FixedSync::Both)
        .expect("rates and block are above 0");
    let wanted = (audio.len() as f64 * to.hz() / from.hz()).round() as usize;
    let mut frames = Vec::with_capacity(wanted);
    let mut late = resampler.output_delay();
    let (block_in, block_out) = (resampler.input_frames_max(), resampler.output_frames_max());
    let (mut input, mut output) = (vec![[0.0; 2]; block_in], vec![[0.0; 2]; block_out]);
    // Block by block, for long sounds; after their end, silence until the last of them has come out.
    let mut blocks = audio.frames.chunks(block_in);
    while frames.len() < wanted {
        let block = blocks.next().unwrap_or_default();
        input.fill([0.0; 2]);
        input.iter_mut().zip(block).for_each(|(input, frame)| *input = frame.map(f64::from));
        let from = InterleavedSlice::new(input.as_flattened(), 2, block_in).expect("two samples a frame");
        let mut to = InterleavedSlice::new_mut(output.as_flattened_mut(), 2, block_out).expect("two samples a frame");
        let (_, made) = resampler.process_into_buffer(&from, &mut to, None).expect("blocks of the lengths asked for");
        let heard = output[..made].iter().skip(late).take(wanted - frames.len());
        frames.extend(heard.map(|frame| frame.map(|sample| sample as f32)));
        late = late.saturating_sub(made);
    }
    AudioBuffer { sample_rate: to, frames }
}

/// The same seamless loop in exactly `frames` frames at another rate: one period in, one period out.
///
/// The loop's exact length in frames follows from its tempo, and is rounded at each rate anew; the caller knows it.
pub fn resample_loop(audio: &AudioBuffer, to: SampleRate, frames: usize) -> AudioBuffer {
    let (length_in, length_out) = (audio.len(), frames);
    if length_in == 0 || length_out == 0 || length_in == length_out {
        let mut frames = audio.frames.clone();
        frames.resize(length_out, [0.0; 2]);
        return AudioBuffer { sample_rate: to, frames };
    }
    // Left as the real part, right as the imaginary part: one complex transform for both.
    let mut spectrum: Vec<_> = audio.frames.iter().map(|[left, right]| Complex32::new(*left, *right)).collect();
    let mut planner = FftPlanner::new();
    planner.plan_fft_forward(length_in).process(&mut spectrum);
    let mut resampled = vec![Complex32::default(); length_out];
    let half = length_in.min(length_out) as f64 / 2.0;
    for bin in 0..(half.ceil() as usize) {
        let gain = (fade(bin as f64 / half) / length_in as f64) as f32;
        resampled[bin] = spectrum[bin] * gain;
        if bin > 0 {
            resampled[length_out - bin] = spectrum[length_in - bin] * gain;
        }
    }
    planner.plan_fft_inverse(length_out).process(&mut resampled);
    AudioBuffer { sample_rate: to, frames: resampled.iter().map(|z| [z.re, z.im]).collect() }
}

/// 1 up to the edge of the band, then half a cosine down to 0 at `place` 1.
fn fade(place: f64) -> f64 {
    let into = ((place - (1.0 - LOOP_FADE)) / LOOP_FADE).clamp(0.0, 1.0);
    0.5 + 0.5 * (std::f64::consts::PI * into).cos()
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn rate(hz: u32) -> SampleRate {
        SampleRate::new(hz).expect("valid")
    }

    /// A sine left, and a cosine at half its level right.
    fn tone(hz: f64, rate_hz: f64, frames: usize) -> AudioBuffer {
        let frames = (0..frames)
            .map(|i| TAU * hz * i as f64 / rate_hz)
            .map(|phase| [phase.sin() as f32, (0.5 * phase.cos()) as f32])
            .collect();
        AudioBuffer { sample_rate: rate(rate_hz as u32), frames }
    }

    /// Largest difference of a sample in dB re full scale.
    fn worst_db(a: &[[f32; 2]], b: &[[f32; 2]]) -> f32 {
        assert_eq!(a.len(), b.len());
        let worst = a.iter().flatten().zip(b.iter().flatten()).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        20.0 * worst.log10()
    }

    #[test]
    fn a_sine_stays_the_same_sine_over_the_whole_output() {
        for (from, to) in [(44_100, 48_000), (48_000, 44_100), (44_100, 96_000), (96_000, 44_100), (11_025, 44_100)] {
            for hz in [100.0, 1000.0, 0.4 * f64::from(from.min(to))] {
                let output = resample(&tone(hz, f64::from(from), from as usize), rate(to));
                let expected = tone(hz, f64::from(to), to as usize);
                assert_eq!(output.len(), expected.len());
                // The filter reaches at most 1024 input frames, or two least blocks, to either side of the ends.
                let edge = 2048 * to as usize / from as usize;
                let inside = edge..to as usize - edge;
                let worst = worst_db(&output.frames[inside.clone()], &expected.frames[inside]);
                // A delay wrong by a hundredth of a frame at 1 kHz would be at -60 dB.
                assert!(worst < -80.0, "{from} to {to} Hz, {hz} Hz: {worst} dB");
            }
        }
    }

    #[test]
    fn a_click_stays_where_it_was_and_the_length_is_exact() {
        for frames in [1, 2, 441, 1000, 44_099, 44_101] {
            let mut audio = AudioBuffer::silence(SampleRate::CD, frames);
            audio.frames[frames / 2] = [1.0; 2];
            let output = resample(&audio, rate(88_200));
            assert_eq!(output.len(), 2 * frames);
            let loudest = |a: &usize, b: &usize| output.frames[*a][0].total_cmp(&output.frames[*b][0]);
            assert_eq!((0..output.len()).max_by(loudest), Some(frames / 2 * 2));
        }
        assert_eq!(resample(&AudioBuffer::silence(SampleRate::CD, 0), rate(48_000)).len(), 0);
    }

    #[test]
    fn nothing_above_the_new_nyquist_frequency_is_left() {
        let output = resample(&tone(30_000.0, 96_000.0, 96_000), SampleRate::CD);
        // The sine's own beginning and end are broad-band; away from them the filter's stop band counts.
        let inside = &output.frames[2048..output.len() - 2048];
        assert!(worst_db(inside, &vec![[0.0; 2]; inside.len()]) < -100.0);
    }

    #[test]
    fn the_same_rate_changes_no_bit() {
        let audio = tone(440.0, 44_100.0, 1000);
        assert_eq!(resample(&audio, SampleRate::CD), audio);
        assert_eq!(resample_loop(&audio, SampleRate::CD, 1000), audio);
    }

    #[test]
    fn a_loop_is_resampled_through_its_seam() {
        // 100 whole periods of a sine go round the loop, at any number of frames.
        for (from, to) in [(44_100, 48_000), (48_000, 44_100), (83_339, 90_709), (1001, 4001)] {
            let looped = |frames: usize| AudioBuffer {
                sample_rate: rate(48_000),
                frames: (0..frames)
                    .map(|i| TAU * 100.0 * i as f64 / frames as f64)
                    .map(|phase| [phase.sin() as f32, (0.5 * phase.cos()) as f32])
                    .collect(),
            };
            let output = resample_loop(&looped(from), rate(48_000), to);
            // Every frame counts, the first and the last too.
            assert!(worst_db(&output.frames, &looped(to).frames) < -110.0);
        }
    }
}
