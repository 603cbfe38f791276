//! From an arrangement to sound.

use super::player::Player;
use super::{Arrangement, Layer, Part, SectionKind, Sweep};
use riffsmith_dsp::effect::{EffectContext, EffectSpec, MAX_BLOCK, Reverb};
use riffsmith_dsp::filter::{Svf, SvfCoefficients};
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::mix::{Master, master};
use riffsmith_dsp::score::{Role, Ticks};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::f32::consts::FRAC_PI_2;
use std::ops::Range;

/// Loudness of the finished demo: as loud as such tracks are put up, and its peaks still whole.
const TARGET_LUFS: f32 = -10.0;
const CEILING_DBTP: f32 = -1.0;

/// The shortest fade, in seconds: no click, and no beat is lost.
const LEAST_FADE_S: f64 = 0.010;

/// The most that a loop is raised to its usual loudness, in dB: one that is nearly silent shall stay so.
const MOST_GAIN_DB: f32 = 18.0;

/// Frames over which gain and cutoff move in a straight line: far below the pace of any sweep.
const STEP: usize = 32;

/// Butterworth: a sweep that does not whistle.
const SWEEP_Q: f32 = 0.9;

/// Level of the room that is heard at gaps and ends, relative to what goes into it.
const ROOM_DB: f32 = -2.0;

/// Renders an arrangement of loops that `load` reads, by their place in the list that was planned from, and masters it to -10 LUFS
/// with no true peak above -1 dBTP. It rings out beyond the arrangement's end.
///
/// One loop is held at a time. Loops at another sample rate are resampled.
///
/// # Errors
/// The first that `load` returns.
pub fn render<E>(
    arrangement: &Arrangement,
    load: impl Fn(usize) -> Result<AudioBuffer, E>,
    rate: SampleRate,
) -> Result<AudioBuffer, E> {
    let mix = mix(arrangement, load, rate)?;
    // No compressor: the loops come from a master that has one, and a second would take the quiet sections up to the drops.
    let how = Master { inserts: Vec::new(), target_lufs: TARGET_LUFS, ceiling_dbtp: CEILING_DBTP, ..Master::default() };
    let mut demo = master(mix, &how, Ending::Ring);
    Ending::Ring.settle(&mut demo.frames, rate.frames(arrangement.seconds()), rate);
    Ok(demo)
}

/// The sum of all layers and the room, before the master.
pub(super) fn mix<E>(
    arrangement: &Arrangement,
    load: impl Fn(usize) -> Result<AudioBuffer, E>,
    rate: SampleRate,
) -> Result<AudioBuffer, E> {
    let Some(last) = arrangement.parts.last() else {
        return Ok(AudioBuffer::silence(rate, 0));
    };
    let room = Reverb {
        decay_s: 2.8,
        size: 1.3,
        damping: 0.5,
        predelay_ms: 12.0,
        low_cut_hz: 180.0,
        mix: 1.0,
        ..Reverb::default()
    };
    let room = |part: &Part| {
        let context = EffectContext { sample_rate: rate, tempo: part.tempo, period_frames: None };
        EffectSpec::Reverb(room.clone()).build(&context)
    };
    let end = last.frame_at(last.length() + Ticks::QUARTER, rate);
    let mut sum = AudioBuffer::silence(rate, end + room(last).tail_frames());
    for part in &arrangement.parts {
        let layers = || part.sections.iter().flat_map(|section| &section.layers);
        let mut indices: Vec<usize> = layers().map(|layer| layer.loop_index).collect();
        indices.sort_unstable();
        indices.dedup();
        for index in indices {
            let mut audio = Some(load(index)?);
            let mut player: Option<(Player, f32)> = None;
            for layer in layers().filter(|layer| layer.loop_index == index) {
                let (player, level) = player.get_or_insert_with(|| {
                    let audio = audio.take().expect("taken once");
                    let player = Player::new(audio, layer.loop_bars, part, rate);
                    let level = level(&player, layer.role, rate);
                    (player, level)
                });
                add(&mut sum, player, *level, layer, part);
            }
        }
    }
    for part in &arrangement.parts {
        for thrown in throws(part) {
            let mut room = room(part);
            let frames = thrown.map(|at| part.frame_at(at, rate));
            ring(&mut sum, frames[0]..frames[1], room.tail_frames(), |block| room.process(block, None));
        }
    }
    Ok(sum)
}

/// The gain that brings a loop to the usual loudness of its role: a whole mix to that of the four roles together.
fn level(player: &Player, role: Option<Role>, rate: SampleRate) -> f32 {
    let usual_lufs = match role {
        None => -14.0,
        Some(Role::Drums) => -18.0,
        Some(Role::Bass) => -20.0,
        Some(Role::Chords) => -20.5,
        Some(Role::Lead) => -20.5,
    };
    let lufs = integrated_lufs(&AudioBuffer { sample_rate: rate, frames: player.frames().to_vec() });
    if lufs.is_finite() { db_to_gain((usual_lufs - lufs).min(MOST_GAIN_DB)) } else { 0.0 }
}

/// Adds a layer to the mix.
fn add(sum: &mut AudioBuffer, player: &Player, level: f32, layer: &Layer, part: &Part) {
    let rate = sum.sample_rate;
    let frame = |at: Ticks| part.frame_at(at, rate);
    let least = rate.frames(LEAST_FADE_S);
    let [start, end] = layer.span.map(frame);
    // It comes in before its first beat, and is gone at its last.
    let from = start as i64 - least as i64;
    let fade_in = least + frame(layer.span[0] + layer.fade_in) - start;
    let fade_out = (end - frame(layer.span[1] - layer.fade_out)).max(least);
    let length = (end as i64 - from) as usize;
    let gain = |at: usize| {
        let share = (at as f32 - least as f32).max(0.0) / (length - least).max(1) as f32;
        let gain_db = layer.gain_db[0] + (layer.gain_db[1] - layer.gain_db[0]) * share;
        let fade = swell(at as f32 / fade_in as f32) * swell((length - at) as f32 / fade_out as f32);
        level * db_to_gain(gain_db) * fade
    };
    let mut filter = layer.sweep.map(|sweep| Filter { sweep, states: Default::default() });
    for step in (0..length).step_by(STEP) {
        let next = (step + STEP).min(length);
        let (before, after) = (gain(step), gain(next));
        let mut scratch = [[0.0; 2]; STEP];
        let played = &mut scratch[..next - step];
        player.play(from + step as i64, played);
        if let Some(filter) = &mut filter {
            filter.run(step as f32 / length as f32, rate, played);
        }
        // What would come before the demo's start is left out.
        let missed = usize::try_from(-(from + step as i64)).unwrap_or(0).min(played.len());
        let start = usize::try_from(from + step as i64).unwrap_or(0).min(sum.frames.len());
        let slope = (after - before) / played.len() as f32;
        for (index, (frame, played)) in sum.frames[start..].iter_mut().zip(&played[missed..]).enumerate() {
            let gain = before + slope * (missed + index) as f32;
            *frame = [frame[0] + gain * played[0], frame[1] + gain * played[1]];
        }
    }
}

/// The gain of a fade after a `share` of it: equal power, so that what crosses keeps its loudness, and flat at both ends, so that
/// it has no kink.
fn swell(share: f32) -> f32 {
    let share = share.clamp(0.0, 1.0);
    (share * share * (3.0 - 2.0 * share) * FRAC_PI_2).sin()
}

/// A sweep under way.
struct Filter {
    sweep: Sweep,
    states: [Svf; 2],
}

impl Filter {
    /// Filters frames after a share of the way.
    fn run(&mut self, share: f32, rate: SampleRate, frames: &mut [[f32; 2]]) {
        let [from, to] = self.sweep.cutoff_hz;
        let tuned = SvfCoefficients::tuned(self.sweep.mode, from * (to / from).powf(share), SWEEP_Q, rate);
        for frame in frames {
            for (sample, state) in frame.iter_mut().zip(&mut self.states) {
                *sample = state.process(&tuned, *sample);
            }
        }
    }
}

/// What goes into the room: the quarter note before the silence at the end of a build, and the end of a part.
fn throws(part: &Part) -> Vec<[Ticks; 2]> {
    let builds = part.sections.iter().filter(|section| section.kind == SectionKind::Build);
    let ends = builds.map(|section| part.span(section)[1]);
    let mut throws: Vec<_> = ends.map(|end| [end - Ticks::QUARTER * 2, end - Ticks::QUARTER]).collect();
    let end = part.length();
    let rings_out = part.sections.last().is_some_and(|section| section.kind == SectionKind::Outro);
    // The outro ends with a quarter note of its own.
    throws.push(if rings_out { [end, end + Ticks::QUARTER] } else { [end - part.meter.bar(), end] });
    throws
}

/// Adds the room's answer to what `frames` of the mix hold, until it has died away after `tail` frames.
fn ring(sum: &mut AudioBuffer, frames: Range<usize>, tail: usize, mut process: impl FnMut(&mut [[f32; 2]])) {
    let length = frames.len();
    let gain = db_to_gain(ROOM_DB);
    let least = sum.sample_rate.frames(LEAST_FADE_S).min(length / 2).max(1);
    let mut sent: Vec<[f32; 2]> = sum.frames.get(frames.clone()).unwrap_or_default().to_vec();
    for (at, frame) in sent.iter_mut().enumerate() {
        let fade = gain * swell(at.min(length - at) as f32 / least as f32);
        *frame = frame.map(|sample| fade * sample);
    }
    sent.resize(length + tail, [0.0; 2]);
    sent.chunks_mut(MAX_BLOCK).for_each(&mut process);
    for (frame, wet) in sum.frames.iter_mut().skip(frames.start).zip(sent) {
        *frame = [frame[0] + wet[0], frame[1] + wet[1]];
    }
}
