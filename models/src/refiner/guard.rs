//! Nothing sounds before an attack that did not sound there before: what the window has spread ahead of it is taken away, in two bands
//! each for itself.

use super::bounds::MASKED_S;
use super::sound::Sound;
use super::split::{SPLITS, Split};
use riffsmith_dsp::mix::{Recording, Tape};
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::{SampleRate, StereoFrame};
use std::ops::Range;

/// Length of the blocks in which energy is compared to find echoes before an attack: well within 2 ms, which the ear does not hear.
const GUARD_BLOCK_S: f64 = 0.0007;

/// A block is before an attack if all that was in the last 12 ms, half a wave of the lowest bass note, is 6 dB below the loudest
/// block within reach of the window.
const GUARD_BEFORE_S: f64 = 0.012;
const GUARD_DEPTH: f32 = 0.25;

/// What sounds may have so many times the energy of before, 1 dB: its mean over 12 ms is not quite still.
const STILL: f32 = 1.26;

/// An attack has begun in a band where a block has so many times the mean energy of before: more than a wave has.
const BEGUN: f32 = 2.0;

/// Energy of an echo re the attack's that nobody hears: -70 dB.
const INAUDIBLE: f32 = 1e-7;

/// Most that the gain rises within a block: within 2 ms before an attack it is back. A step would click.
const RISING: f32 = 0.5;

/// Blocks that are read at a time.
const BLOCKS_AT_ONCE: usize = 2048;

/// Copies `wet` to `blank`, without what the window spread ahead of the attacks of `dry`: where that has been below what follows within
/// `reach_s`, the copy rises no more than it does from where `wet` was before: what rings on is not broken off. Before the first sound of
/// all is silence.
pub fn guard_attacks<R: Recording, T: Tape<Error = R::Error>>(
    dry: &mut Sound<R>,
    wet: &mut T,
    reach_s: f64,
    mut blank: T,
) -> Result<T, R::Error> {
    let blocks = Blocks::new(dry.length, dry.sample_rate);
    let (mut energies, mut first) = ([0, 1].map(|_| Vec::with_capacity(blocks.count)), None);
    let is_silent = |frame: &StereoFrame| frame.iter().all(|&sample| sample == 0.0);
    let mut both = Both::new(dry.sample_rate);
    blocks.for_each(dry, wet, |b, dry, wet| {
        both.split(dry, wet);
        for (energies, (dry, wet)) in energies.iter_mut().zip(both.dry.iter().zip(&both.wet)) {
            energies.push((energy(dry), energy(wet)));
        }
        first = first.or_else(|| dry.iter().position(|frame| !is_silent(frame)).map(|at| blocks.span(b).start + at));
        Ok(())
    })?;
    let gains = gains(&energies, reach_s, dry.edges).map(|gains| without_steps(&gains, dry.edges));
    let (first, fade) = (first.unwrap_or(0), dry.sample_rate.frames(MASKED_S));
    let edges = dry.edges;
    let mut both = Both::new(dry.sample_rate);
    blocks.for_each(dry, wet, |b, dry, wet| {
        let before = match (b, edges) {
            (0, Edges::Silence) => 0,
            (0, Edges::Loop) => blocks.count - 1,
            _ => b - 1,
        };
        both.split(dry, wet);
        if gains.iter().any(|gains| gains[before] < 1.0 || gains[b] < 1.0) {
            for (band, gains) in both.wet.iter_mut().zip(&gains) {
                turn_down(band, [gains[before], gains[b]]);
            }
            let [low, high] = &both.wet;
            for (frame, (low, high)) in wet.iter_mut().zip(low.iter().zip(high)) {
                *frame = [low[0] + high[0], low[1] + high[1]];
            }
        }
        if edges == Edges::Silence {
            fade_in(wet, blocks.span(b).start, first, fade.min(first));
        }
        blank.append(wet.as_flattened())
    })?;
    Ok(blank)
}

/// A block of both sounds in bands.
struct Both {
    splits: [Split; 2],
    dry: [Vec<StereoFrame>; SPLITS],
    wet: [Vec<StereoFrame>; SPLITS],
}

impl Both {
    fn new(rate: SampleRate) -> Self {
        let nothing = || [Vec::new(), Vec::new()];
        Self { splits: [Split::new(rate), Split::new(rate)], dry: nothing(), wet: nothing() }
    }

    /// Splits the next block.
    fn split(&mut self, dry: &[StereoFrame], wet: &[StereoFrame]) {
        let [dry_split, wet_split] = &mut self.splits;
        for (frames, split, bands) in [(dry, dry_split, &mut self.dry), (wet, wet_split, &mut self.wet)] {
            bands.iter_mut().for_each(Vec::clear);
            for &frame in frames {
                bands.iter_mut().zip(split.bands(frame)).for_each(|(band, frame)| band.push(frame));
            }
        }
    }
}

/// Equal blocks of a sound.
struct Blocks {
    length: usize,
    count: usize,
}

impl Blocks {
    fn new(length: usize, rate: SampleRate) -> Self {
        Self { length, count: length.div_ceil(rate.frames(GUARD_BLOCK_S).max(1)) }
    }

    fn span(&self, b: usize) -> Range<usize> {
        b * self.length / self.count..(b + 1) * self.length / self.count
    }

    /// Visits each block of both sounds, with its number.
    fn for_each<R: Recording, T: Recording<Error = R::Error>>(
        &self,
        dry: &mut Sound<R>,
        wet: &mut T,
        mut visit: impl FnMut(usize, &[StereoFrame], &mut [StereoFrame]) -> Result<(), R::Error>,
    ) -> Result<(), R::Error> {
        let [mut dry_frames, mut wet_frames] = [0, 1].map(|_| Vec::new());
        for from in (0..self.count).step_by(BLOCKS_AT_ONCE) {
            let to = self.count.min(from + BLOCKS_AT_ONCE);
            let start = self.span(from).start;
            let frames = self.span(to - 1).end - start;
            dry_frames.resize(frames, [0.0; 2]);
            wet_frames.resize(frames, [0.0; 2]);
            dry.read(start, &mut dry_frames)?;
            wet.read(2 * start, wet_frames.as_flattened_mut())?;
            for b in from..to {
                let span = self.span(b);
                let span = span.start - start..span.end - start;
                visit(b, &dry_frames[span.clone()], &mut wet_frames[span])?;
            }
        }
        Ok(())
    }
}

fn energy(frames: &[StereoFrame]) -> f32 {
    frames.iter().flatten().map(|sample| sample * sample).sum()
}

/// The gains of each block of both bands, from the energies of both sounds in it.
fn gains(energies: &[Vec<(f32, f32)>; SPLITS], reach_s: f64, edges: Edges) -> [Vec<f32>; SPLITS] {
    let count = energies[0].len();
    let blocks = |seconds: f64| (seconds / GUARD_BLOCK_S).ceil() as usize;
    let (before, reach) = (blocks(GUARD_BEFORE_S).min(count), blocks(reach_s));
    // The loudest block of our sound from `first` to `last`, counted from before the start so that they are never negative.
    let loudest = |band: usize, first: usize, last: usize| {
        let is_there = |&at: &usize| edges == Edges::Loop || (count..2 * count).contains(&at);
        (first..=last).filter(is_there).map(|at| energies[band][at % count].0).fold(0.0, f32::max)
    };
    // Mean energies of both sounds in the last 12 ms: of waves, not of their halves, which a gain would bend.
    let recent = |band: usize, b: usize| {
        let is_there = |&at: &usize| edges == Edges::Loop || at >= count;
        let blocks = (b + count + 1 - before..=b + count).filter(is_there).map(|at| energies[band][at % count]);
        let [dry, wet] = blocks.fold([0.0, 0.0], |[dry, wet], block| [dry + block.0, wet + block.1]);
        [dry, wet].map(|energy| energy / before.max(1) as f32)
    };
    let mut gains = [0, 1].map(|_| Vec::with_capacity(count));
    let end = count.saturating_sub(1);
    let mut lately = [0, 1].map(|band| if edges == Edges::Loop { recent(band, end) } else { [0.0; 2] });
    for b in 0..count {
        let at = b + count;
        let attacks = [0, 1].map(|band| loudest(band, at + 1, at + reach));
        let is_before = [0, 1].map(|band: usize| loudest(band, at - before, at) < GUARD_DEPTH * attacks[band]);
        for band in 0..SPLITS {
            let ([dry, wet], [dry_lately, wet_lately]) = (recent(band, b), lately[band]);
            // What is before an attack in one band is so in the other, unless it begins there sooner.
            let has_begun = energies[band][at % count].0 > BEGUN * dry_lately;
            let is_guarded = is_before[band] || (is_before[1 - band] && !has_begun);
            // No echo is what sounded before, or what rises as our sound does.
            let likewise = if dry_lately > 0.0 { dry * (wet_lately / dry_lately).min(1.0) } else { dry };
            let allowed = STILL * wet_lately.max(likewise);
            let is_echo = is_guarded && wet > allowed.max(INAUDIBLE * attacks[band]);
            let gain = if is_echo { (allowed / wet).sqrt() } else { 1.0 };
            // Before an attack what has died away does not come back.
            let falls = |lately: f32, now: f32| if is_guarded { lately.min(now) } else { now };
            lately[band] = [falls(dry_lately, dry), falls(wet_lately, gain * gain * wet)];
            gains[band].push(gain);
        }
    }
    gains
}

/// The gain at each block's end: it is back at the end of the block before an attack's, and rises towards that within two blocks.
fn without_steps(gains: &[f32], edges: Edges) -> Vec<f32> {
    let count = gains.len();
    let behind = |b: usize, blocks: usize| match edges {
        Edges::Loop => gains[(b + blocks) % count],
        Edges::Silence => gains.get(b + blocks).copied().unwrap_or(0.0),
    };
    (0..count).map(|b| gains[b].max(behind(b, 1)).max(behind(b, 2) - RISING)).collect()
}

/// The gain goes within a block from that at the end of the one before to its own.
fn turn_down(wet: &mut [StereoFrame], [before, own]: [f32; 2]) {
    let step = (own - before) / wet.len() as f32;
    for (i, frame) in wet.iter_mut().enumerate() {
        *frame = frame.map(|sample| sample * (before + step * (i as f32 + 0.5)));
    }
}

/// Silences what lies before the frame `first` but for a fade of the last `fade` frames; the frames begin at `start`.
fn fade_in(frames: &mut [StereoFrame], start: usize, first: usize, fade: usize) {
    for (index, frame) in (start..first).zip(frames) {
        let gain = (index + fade).saturating_sub(first) as f32 / fade.max(1) as f32;
        *frame = frame.map(|sample| gain * sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::AudioBuffer;

    fn guarded(dry: Vec<StereoFrame>, wet: &[StereoFrame]) -> Vec<StereoFrame> {
        let audio = AudioBuffer { sample_rate: SampleRate::CD, frames: dry };
        let mut wet = wet.as_flattened().to_vec();
        let Ok(guarded) = guard_attacks(&mut Sound::of(&audio, Edges::Silence), &mut wet, 0.05, Vec::new());
        guarded.as_chunks().0.to_vec()
    }

    #[test]
    fn nothing_is_let_through_before_an_attack_and_the_attack_is_left_alone() {
        let mut dry = vec![[0.0f32; 2]; 10_000];
        dry[5000..].iter_mut().enumerate().for_each(|(i, frame)| *frame = [(0.01 * i as f32).cos(); 2]);
        // So that it is not the first sound of all.
        dry[0] = [1e-9; 2];
        let mut wet = vec![[0.0f32; 2]; 10_000];
        wet[3000..].fill([0.5; 2]);
        let wet = guarded(dry, &wet);
        // What begins 45 ms before the attack is an echo, turned down within a block, up to 2 ms before it, which the ear does not hear; then
        // the wave's troughs are no pauses.
        let most = |frames: &[StereoFrame], wanted: f32| {
            frames.iter().fold(0.0f32, |most, frame| most.max((frame[0] - wanted).abs()))
        };
        assert!(most(&wet[3062..5000 - 93], 0.0) < 1e-6, "{}", most(&wet[3062..5000 - 93], 0.0));
        assert!(most(&wet[5000..], 0.5) < 1e-6, "{}", most(&wet[5000..], 0.5));
    }

    /// A bass note of 50 Hz with a hi-hat at 5000.
    fn bass_and_hat() -> Vec<StereoFrame> {
        let mut rng = riffsmith_dsp::Seed(4).rng();
        let frame = |i: usize| {
            let bass = 0.5 * (std::f32::consts::TAU * 50.0 * i as f32 / 44_100.0).sin();
            let hat = if i < 5000 { 0.0 } else { 0.1 * rng.bipolar() * (-(i as f32 - 5000.0) / 1000.0).exp() };
            [bass + hat; 2]
        };
        (0..10_000).map(frame).collect()
    }

    #[test]
    fn an_echo_of_a_hi_hat_over_a_bass_is_taken_away() {
        let dry = bass_and_hat();
        let mut wet = dry.clone();
        for (i, frame) in wet[3500..5000].iter_mut().enumerate() {
            let echo = 0.03 * (i as f32 / 1500.0) * (1.3 * i as f32).sin();
            frame.iter_mut().for_each(|sample| *sample += echo);
        }
        let guarded = guarded(dry.clone(), &wet);
        let error = |frames: &[StereoFrame]| {
            let squares = frames.iter().zip(&dry).skip(3500).take(1470).map(|(a, b)| (a[0] - b[0]).powi(2));
            10.0 * squares.sum::<f32>().log10()
        };
        assert!(error(&guarded) < error(&wet) - 8.0, "{} dB, then {} dB", error(&wet), error(&guarded));
    }

    #[test]
    fn the_gain_that_comes_back_does_not_click() {
        // A wave without overtones, its echo before an attack as loud as itself.
        let wave = |i: usize| [0.5 * (std::f32::consts::TAU * 200.0 * i as f32 / 44_100.0).cos(); 2];
        let mut dry: Vec<StereoFrame> = (0..10_000).map(|i| if i < 5000 { [0.0; 2] } else { wave(i) }).collect();
        dry[0] = [1e-9; 2];
        let wet: Vec<StereoFrame> = (0..10_000).map(|i| if i < 3000 { [0.0; 2] } else { wave(i) }).collect();
        let guarded = guarded(dry, &wet);
        // Third differences: of the wave 1e-5.
        let bend = |frames: &[StereoFrame]| {
            frames
                .windows(4)
                .fold(0.0f32, |most, f| most.max((f[3][0] - 3.0 * f[2][0] + 3.0 * f[1][0] - f[0][0]).abs()))
        };
        assert!(guarded[3500..4850].iter().all(|frame| frame[0].abs() < 1e-3));
        assert!(bend(&guarded[4850..]) < 0.02, "{}", bend(&guarded[4850..]));
    }

    #[test]
    fn waves_before_an_attack_are_not_bent() {
        let dry = bass_and_hat();
        let guarded = guarded(dry.clone(), &dry);
        let error = dry.iter().zip(&guarded).fold(0.0f32, |most, (a, b)| most.max((a[0] - b[0]).abs()));
        assert!(error < 2e-3, "{error}");
    }

    #[test]
    fn what_rang_on_before_is_not_broken_off_by_an_attack() {
        let mut dry = vec![[0.0f32; 2]; 10_000];
        dry[5000..].fill([1.0; 2]);
        dry[0] = [1e-9; 2];
        let wet = guarded(dry, &vec![[0.1; 2]; 10_000]);
        assert!(wet.iter().all(|frame| frame[0] > 0.09), "{:?}", wet.iter().map(|frame| frame[0]).fold(1.0, f32::min));
    }

    #[test]
    fn nothing_sounds_before_the_first_sound() {
        let mut dry = vec![[0.0f32; 2]; 100_000];
        dry[80_001..].fill([0.3; 2]);
        let refined =
            guarded(dry.clone(), &dry.iter().map(|frame| frame.map(|sample| sample + 0.1)).collect::<Vec<_>>());
        let fade = SampleRate::CD.frames(MASKED_S);
        assert!(refined[..=80_001 - fade].iter().all(|frame| *frame == [0.0; 2]));
        assert!(refined[80_001..].iter().all(|frame| *frame == [0.4; 2]));
        let fading = &refined[80_001 - fade..80_001];
        assert!(fading.windows(2).all(|pair| pair[0][0] <= pair[1][0]) && fading[fade - 1][0] > 0.09);
    }
}
