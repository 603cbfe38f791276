//! Attacks, each for itself: where they are in a sound, how far they moved in what was made of it, and what sounds before them there.
//!
//! An attack is a rise of level by [`LEAST_DB`] or more within some milliseconds, in one of two bands (`split.rs`). One that swells has no
//! moment of its own, and is none.

use super::sound::Sound;
use super::split::{SPLITS, Split};
use riffsmith_dsp::mix::Recording;
use riffsmith_dsp::spectral::Edges;
use std::ops::Range;

/// Blocks in which levels are compared, in seconds.
const BLOCK_S: f64 = 0.0005;

/// Blocks before and behind the middle of an attack that are its own: 3 ms.
const OWN: isize = 6;

/// Blocks within which there is one attack, or its parts in both bands: 5 ms.
const NEAR: isize = 10;

/// Blocks before and behind an attack in which it is looked for elsewhere: 20 ms.
const REACH: isize = 40;

/// An attack that is lost has moved as far as is looked, in milliseconds.
const LOST_MS: f32 = REACH as f32 * BLOCK_S as f32 * 1000.0;

/// Rise of an attack's level in dB, and the part of what rises within reach of it that is its own.
const LEAST_DB: f32 = 10.0;
const SHARP: f32 = 0.7;

/// Part of its rise that an attack must keep, or it is lost.
const KEPT: f32 = 0.5;

/// Energy re the loudest that is silence: -40 dB.
const SILENCE: f32 = 1e-4;

/// Time in which the course of a level forgets a peak: longer than half a wave of the lowest bass note.
const HELD_S: f64 = 0.03;

/// An echo is heard before an attack in so many blocks, the 46 ms of the transform, but for the last ones, which the attack itself masks; in means
/// over so many, 12 ms, half a wave of the lowest bass note.
const ECHO: isize = 92;
const MASKED: isize = 4;
const ECHO_MEAN: isize = 24;

/// An echo has so many times the energy of what sounded before, or in our sound there; less is none, but noise.
const ECHO_RISE: f32 = 2.0;

/// Where an attack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attack {
    /// Its middle in either band, in blocks of [`BLOCK_S`]; `None` where it does not rise there.
    at: [Option<usize>; SPLITS],
}

impl Attack {
    /// Its middle, in seconds.
    pub fn seconds(&self) -> f64 {
        self.at.iter().flatten().min().copied().unwrap_or(0) as f64 * BLOCK_S
    }
}

/// Energies of the blocks of a sound, in both bands.
#[derive(Debug, Clone)]
pub struct Energies {
    edges: Edges,
    bands: [Vec<f32>; SPLITS],
}

impl Energies {
    /// Those of a sound.
    ///
    /// # Errors
    /// Those of the recording.
    pub fn of<R: Recording>(sound: &mut Sound<R>) -> Result<Self, R::Error> {
        let block = sound.sample_rate.frames(BLOCK_S).max(1);
        let mut split = Split::new(sound.sample_rate);
        let mut bands = [0, 1].map(|_| Vec::with_capacity(sound.length.div_ceil(block)));
        let (mut sums, mut frames_left) = ([0.0f32; SPLITS], block);
        let mut end_block = |sums: &mut [f32; SPLITS]| {
            bands.iter_mut().zip(sums).for_each(|(energies, sum)| energies.push(std::mem::take(sum)));
        };
        sound.for_each_stretch(|frames| {
            for &frame in frames {
                for (sum, [left, right]) in sums.iter_mut().zip(split.bands(frame)) {
                    *sum += left * left + right * right;
                }
                frames_left -= 1;
                if frames_left == 0 {
                    end_block(&mut sums);
                    frames_left = block;
                }
            }
            Ok(())
        })?;
        if frames_left < block {
            end_block(&mut sums);
        }
        Ok(Self { edges: sound.edges, bands })
    }

    /// The loudest echo before one of the `attacks` of this sound in `made`, which is what was made of it, re that attack, in dB.
    pub fn echo_db(&self, attacks: &[Attack], made: &Self) -> f32 {
        let loudest = |sound: &Self, band: usize, range: Range<isize>| {
            let mean = |t: isize| (t..t + ECHO_MEAN).map(|t| sound.at(band, t)).sum::<f32>() / ECHO_MEAN as f32;
            (range.start..=range.end - ECHO_MEAN).map(mean).fold(0.0, f32::max)
        };
        let echo = |band: usize, at: isize| {
            let [ours, echo] = [self, made].map(|sound| loudest(sound, band, at - ECHO..at - OWN - MASKED));
            let before = loudest(made, band, at - 2 * ECHO..at - ECHO);
            let attack = (at - OWN..at + REACH).map(|t| made.at(band, t)).fold(0.0, f32::max);
            if echo > ECHO_RISE * ours.max(before) { echo / attack.max(f32::MIN_POSITIVE) } else { 0.0 }
        };
        let echoes = attacks
            .iter()
            .flat_map(|attack| (0..SPLITS).filter_map(|band| attack.at[band].map(|at| echo(band, at as isize))));
        10.0 * echoes.fold(0.0, f32::max).log10()
    }

    fn at(&self, band: usize, t: isize) -> f32 {
        place(t, self.bands[band].len(), self.edges).map_or(0.0, |at| self.bands[band][at])
    }
}

/// How the levels of a sound go, block by block.
#[derive(Debug)]
pub struct Course {
    edges: Edges,
    /// Of both bands, in dB; they fall slowly.
    levels: [Vec<f32>; SPLITS],
    /// Level of silence, in dB.
    silence_db: f32,
}

impl From<Energies> for Course {
    fn from(Energies { edges, bands }: Energies) -> Self {
        let loudest = bands.iter().flatten().copied().fold(f32::MIN_POSITIVE, f32::max);
        let silence = SILENCE * loudest;
        let levels = bands.map(|energies| levels(energies, edges, silence));
        Self { edges, levels, silence_db: 10.0 * silence.log10() }
    }
}

impl Course {
    /// That of a sound.
    ///
    /// # Errors
    /// Those of the recording.
    pub fn of<R: Recording>(sound: &mut Sound<R>) -> Result<Self, R::Error> {
        Energies::of(sound).map(Self::from)
    }

    /// All attacks, the first one first.
    pub fn attacks(&self) -> Vec<Attack> {
        let mut found: Vec<(usize, usize)> =
            (0..SPLITS).flat_map(|band| self.attacks_of(band).into_iter().map(move |at| (at, band))).collect();
        found.sort_unstable();
        let mut attacks: Vec<Attack> = Vec::new();
        for (at, band) in found {
            match attacks.last_mut() {
                Some(last) if last.at.iter().flatten().all(|other| at - other <= NEAR as usize) => {
                    last.at[band].get_or_insert(at);
                }
                _ => {
                    let mut attack = Attack { at: [None; SPLITS] };
                    attack.at[band] = Some(at);
                    attacks.push(attack);
                }
            }
        }
        attacks
    }

    /// The middles of the attacks in a band.
    fn attacks_of(&self, band: usize) -> Vec<usize> {
        let count = self.levels[band].len() as isize;
        let own: Vec<f32> = (0..count).map(|t| self.rise_within(band, t, OWN)).collect();
        let own_at = |t: isize| place(t, own.len(), self.edges).map_or(0.0, |at| own[at]);
        let is_attack = |&t: &isize| {
            let rise = own_at(t);
            // Of equal ones the first.
            rise >= LEAST_DB
                && (1..=NEAR).all(|away| own_at(t - away) < rise && own_at(t + away) <= rise)
                && rise >= SHARP * self.rise_within(band, t, REACH)
        };
        let middle = |t: isize| {
            let (sum, moment) = (-OWN..=OWN).fold((0.0, 0.0), |(sum, moment), away| {
                let rise = self.rise(band, t + away);
                (sum + rise, moment + away as f32 * rise)
            });
            (t + (moment / sum).round() as isize).clamp(0, count - 1) as usize
        };
        (0..count).filter(is_attack).map(middle).collect()
    }

    /// By how many milliseconds an attack of this sound comes later in `other`: of its bands that which moved farthest, of those that kept it; [`LOST_MS`] if
    /// none did.
    pub fn moved_ms(&self, attack: &Attack, other: &Self) -> f32 {
        let lags = attack.at.iter().enumerate().filter_map(|(band, at)| self.lag(band, (*at)? as isize, other));
        let farthest = lags.max_by_key(|lag| lag.abs());
        farthest.map_or(LOST_MS, |lag| lag as f32 * BLOCK_S as f32 * 1000.0)
    }

    /// By how many blocks the attack at `at` comes later in `other`: where its rise is most like what it is here; `None` if it is lost.
    fn lag(&self, band: usize, at: isize, other: &Self) -> Option<isize> {
        let near = |t: isize| 0.5 * other.rise(band, t - 1) + other.rise(band, t) + 0.5 * other.rise(band, t + 1);
        let agreement = |lag: isize| (at - OWN..=at + OWN).map(|t| self.rise(band, t) * near(t + lag)).sum::<f32>();
        let mut best = (agreement(0), 0);
        for lag in (1..=REACH).flat_map(|lag| [lag, -lag]) {
            let found = agreement(lag);
            if found > best.0 {
                best = (found, lag);
            }
        }
        let lag = best.1;
        let [rise, kept] = [self.rise_within(band, at, OWN), other.rise_within(band, at + lag, OWN + 2)];
        (kept >= KEPT * rise).then_some(lag)
    }

    /// By how many dB the level rises, so many blocks before and behind `t`: from where it begins to the highest.
    fn rise_within(&self, band: usize, t: isize, blocks: isize) -> f32 {
        let highest = (t..=t + blocks).map(|t| self.level(band, t)).fold(f32::NEG_INFINITY, f32::max);
        let lowest = (t - blocks - 1..t).map(|t| self.level(band, t)).fold(f32::INFINITY, f32::min);
        highest - lowest
    }

    /// By how many dB a block's level is above the one before.
    fn rise(&self, band: usize, t: isize) -> f32 {
        (self.level(band, t) - self.level(band, t - 1)).max(0.0)
    }

    fn level(&self, band: usize, t: isize) -> f32 {
        place(t, self.levels[band].len(), self.edges).map_or(self.silence_db, |at| self.levels[band][at])
    }
}

/// Where block `t` of `count` is, round a loop's end too.
fn place(t: isize, count: usize, edges: Edges) -> Option<usize> {
    match edges {
        Edges::Loop => Some(t.rem_euclid(count as isize) as usize),
        Edges::Silence => usize::try_from(t).ok().filter(|&at| at < count),
    }
}

/// The level of each block, in dB; peaks are held for a while, so that waves are no rises.
fn levels(mut energies: Vec<f32>, edges: Edges, silence: f32) -> Vec<f32> {
    let forget = (-BLOCK_S / HELD_S).exp() as f32;
    let mut held = 0.0f32;
    if edges == Edges::Loop {
        // It has gone round before.
        energies.iter().for_each(|&energy| held = energy.max(held * forget));
    }
    for energy in &mut energies {
        held = energy.max(held * forget);
        *energy = 10.0 * (held + silence).log10();
    }
    energies
}

#[cfg(test)]
/// How far the attack of `dry` that moved farthest moved in `wet`, in milliseconds.
pub fn most_moved_ms(dry: &riffsmith_dsp::AudioBuffer, wet: &riffsmith_dsp::AudioBuffer) -> f32 {
    let [Ok(dry), Ok(wet)] = [dry, wet].map(|audio| Course::of(&mut Sound::of(audio, Edges::Silence)));
    dry.attacks().iter().map(|attack| dry.moved_ms(attack, &wet).abs()).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

    fn course(audio: &AudioBuffer, edges: Edges) -> Course {
        let Ok(course) = Course::of(&mut Sound::of(audio, edges));
        course
    }

    /// Adds a pluck, as loud as `level` and as bright as it has `partials`.
    fn pluck(audio: &mut AudioBuffer, at: usize, hz: f32, level: f32, partials: usize) {
        let count = audio.len();
        for i in 0..40_000 {
            let seconds = i as f32 / 44_100.0;
            let wave: f32 =
                (1..=partials).map(|k| (std::f32::consts::TAU * hz * k as f32 * seconds).sin() / k as f32).sum();
            let sample = level * wave * (-8.0 * seconds).exp();
            audio.frames[(at + i) % count].iter_mut().for_each(|out| *out += sample);
        }
    }

    /// Four plucks, the third one `late` frames late and at `level`.
    fn phrase(late: usize, level: f32) -> AudioBuffer {
        let mut audio = AudioBuffer::silence(SampleRate::CD, 80_000);
        for (index, hz) in [220.0, 330.0, 165.0, 440.0].into_iter().enumerate() {
            let (late, level) = if index == 2 { (late, level) } else { (0, 1.0) };
            pluck(&mut audio, 441 + 10_000 * index + late, hz, 0.2 * level, 20);
        }
        audio
    }

    #[test]
    fn each_attack_of_a_phrase_is_found_where_it_is() {
        let attacks = course(&phrase(0, 1.0), Edges::Silence).attacks();
        assert_eq!(attacks.len(), 4, "{attacks:?}");
        for (index, attack) in attacks.iter().enumerate() {
            let at = (441 + 10_000 * index) as f64 / 44_100.0;
            assert!((attack.seconds() - at).abs() < 0.002, "{attack:?} at {at} s");
        }
    }

    #[test]
    fn one_late_note_of_a_phrase_does_not_hide_behind_the_others() {
        let dry = phrase(0, 1.0);
        for (late, ms) in [(66, 1.5), (132, 3.0), (441, 10.0)] {
            let moved = most_moved_ms(&dry, &phrase(late, 1.0));
            assert!((moved - ms).abs() <= 0.5, "{ms} ms measured as {moved}");
        }
        assert_eq!(most_moved_ms(&dry, &dry), 0.0);
        // As loud as what rings there, it is no attack any more; nor is it one that comes a tenth of a second later.
        assert_eq!(most_moved_ms(&dry, &phrase(0, 0.02)), LOST_MS);
        assert_eq!(most_moved_ms(&dry, &phrase(4_410, 1.0)), LOST_MS);
    }

    #[test]
    fn a_hi_hat_that_moves_over_a_kick_is_seen() {
        let beat = |late: usize| {
            let mut rng = Seed(3).rng();
            let mut audio = AudioBuffer::silence(SampleRate::CD, 60_000);
            pluck(&mut audio, 1_000, 50.0, 0.8, 1);
            for i in 0..4_000 {
                let noise = 0.08 * rng.bipolar() * (-(i as f32) / 700.0).exp();
                audio.frames[8_000 + late + i].iter_mut().for_each(|out| *out += noise);
            }
            audio
        };
        assert_eq!(course(&beat(0), Edges::Silence).attacks().len(), 2);
        let moved = most_moved_ms(&beat(0), &beat(220));
        assert!((moved - 5.0).abs() <= 0.5, "{moved}");
    }

    #[test]
    fn what_swells_is_no_attack_and_what_changes_its_timbre_has_not_moved() {
        let mut swelling = AudioBuffer::silence(SampleRate::CD, 60_000);
        for (i, frame) in swelling.frames.iter_mut().enumerate() {
            let seconds = i as f32 / 44_100.0;
            *frame = [0.3 * (1500.0 * seconds).sin() * (seconds / 0.3).min(1.0).powi(2); 2];
        }
        assert_eq!(course(&swelling, Edges::Silence).attacks(), []);
        let [bright, dull] = [30, 3].map(|partials| {
            let mut audio = AudioBuffer::silence(SampleRate::CD, 60_000);
            pluck(&mut audio, 5_000, 196.0, 0.3, partials);
            audio
        });
        assert!(most_moved_ms(&bright, &dull) <= 0.5);
    }

    #[test]
    fn a_loop_has_no_ends() {
        let mut audio = AudioBuffer::silence(SampleRate::CD, 44_000);
        pluck(&mut audio, 100, 220.0, 0.3, 20);
        pluck(&mut audio, 22_000, 220.0, 0.3, 20);
        let mut turned = audio.clone();
        turned.frames.rotate_left(11_000);
        let [whole, turned] = [audio, turned].map(|audio| course(&audio, Edges::Loop).attacks());
        assert_eq!((whole.len(), turned.len()), (2, 2), "{whole:?} {turned:?}");
        assert!((whole[1].seconds() - turned[0].seconds() - 0.25).abs() < 0.001);
    }

    #[test]
    fn echoes_before_attacks_are_found() {
        let dry = phrase(0, 1.0);
        let mut early = dry.clone();
        for (i, frame) in early.frames[20_441 - 1_300..20_441 - 300].iter_mut().enumerate() {
            frame.iter_mut().for_each(|out| *out += 0.15 * (0.2 * i as f32).sin());
        }
        let [Ok(dry), Ok(early)] = [dry, early].map(|audio| Energies::of(&mut Sound::of(&audio, Edges::Silence)));
        let attacks = Course::from(dry.clone()).attacks();
        assert_eq!(dry.echo_db(&attacks, &dry), f32::NEG_INFINITY);
        let echo = dry.echo_db(&attacks, &early);
        assert!((-12.0..0.0).contains(&echo), "{echo}");
    }
}
