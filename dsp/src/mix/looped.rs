//! A loop: each track is rendered once, and everything goes round.

use super::desk::{Desk, Line};
use crate::audio::AudioBuffer;
use crate::effect::{Chain, EffectSpec};
use crate::loudness::integrated_lufs;
use crate::synth::render_track;
use crate::units::db_to_gain;
use rayon::prelude::*;

/// A mix that goes round.
pub(super) struct LoopStage<'a> {
    desk: &'a Desk<'a>,
    /// The drums as they are played, if a side-chain listens to them.
    key: Option<AudioBuffer>,
    /// Depth of the ducking at each frame; empty where no channel gives way.
    depth: Vec<f32>,
}

impl<'a> LoopStage<'a> {
    pub(super) fn new(desk: &'a Desk<'a>) -> Self {
        let is_keyed = desk.heard.iter().any(|line| line.channel.is_keyed());
        let mut stage = Self { desk, key: None, depth: Vec::new() };
        stage.key = desk.key().filter(|_| is_keyed).map(|drums| stage.raw(drums));
        if desk.is_ducked() {
            stage.depth = desk.mix.duck.dips(desk.score, desk.sample_rate).round(desk.length());
        }
        stage
    }

    /// Each track with its share of the room and the echo.
    pub(super) fn stems(&self) -> Vec<AudioBuffer> {
        let strips = self.desk.heard.par_iter().zip(self.strips());
        let stem = |(line, audio): (&Line, AudioBuffer)| {
            let mut sum = Sum::default();
            sum.add(line, audio);
            self.finish(sum)
        };
        strips.map(stem).collect()
    }

    /// Their sum.
    pub(super) fn sum(&self) -> AudioBuffer {
        let mut sum = Sum::default();
        self.desk.heard.iter().zip(self.strips()).for_each(|(line, audio)| sum.add(line, audio));
        self.finish(sum)
    }

    /// Each track as it comes out of its bus.
    fn strips(&self) -> Vec<AudioBuffer> {
        let lines = &self.desk.heard;
        let mut strips: Vec<AudioBuffer> = lines.par_iter().map(|line| self.perform(line)).collect();
        for bus in self.desk.mix.buses.values() {
            let mut members: Vec<&mut AudioBuffer> = Vec::new();
            for (line, audio) in lines.iter().zip(&mut strips) {
                if line.is_on(bus) && !audio.is_silent() {
                    members.push(audio);
                }
            }
            let context = self.desk.context();
            members.par_iter_mut().for_each(|audio| bus.equaliser(&context).process_loop(audio, None));
            let mut key = AudioBuffer::silence(self.desk.sample_rate, self.desk.length());
            members.iter().for_each(|audio| key.add(audio));
            members.par_iter_mut().for_each(|audio| bus.glue(&context).process_loop(audio, Some(&key)));
        }
        strips
    }

    /// A track without its effects.
    fn raw(&self, line: &Line) -> AudioBuffer {
        match (&self.key, self.desk.key()) {
            (Some(key), Some(drums)) if std::ptr::eq(drums, line) => key.clone(),
            _ => {
                let Desk { score, sample_rate, ending, .. } = *self.desk;
                render_track(score, line.track, &line.channel.patch, sample_rate, ending, line.seed)
            }
        }
    }

    /// A track as it comes out of its channel's fader.
    fn perform(&self, line: &Line) -> AudioBuffer {
        let mut audio = self.raw(line);
        if !audio.is_silent() {
            self.run(&line.channel.effects(), &mut audio);
            let gains = line.channel.gains(|| integrated_lufs(&audio));
            line.channel.fade(gains, &self.depth, &mut audio.frames);
        }
        audio
    }

    /// A sum, with its room and echo.
    fn finish(&self, sum: Sum) -> AudioBuffer {
        let wet = |sent: Option<AudioBuffer>, effect: EffectSpec| {
            sent.map(|mut sent| {
                self.run(&[effect], &mut sent);
                sent
            })
        };
        let Sum { dry, reverb, delay } = sum;
        let (reverb, delay) = rayon::join(|| wet(reverb, self.desk.room()), || wet(delay, self.desk.echo()));
        let mut audio = dry.unwrap_or_else(|| AudioBuffer::silence(self.desk.sample_rate, 0));
        [reverb, delay].iter().flatten().for_each(|wet| audio.add_longer(wet));
        audio.remove_mean();
        audio
    }

    fn run(&self, effects: &[EffectSpec], audio: &mut AudioBuffer) {
        Chain::new(effects, &self.desk.context()).process_loop(audio, self.key.as_ref());
    }
}

/// Channels added up, and what they send.
#[derive(Default)]
struct Sum {
    dry: Option<AudioBuffer>,
    reverb: Option<AudioBuffer>,
    delay: Option<AudioBuffer>,
}

impl Sum {
    /// Adds a track, as it comes out of its bus.
    fn add(&mut self, line: &Line, audio: AudioBuffer) {
        if !audio.is_silent() {
            let sends = [line.channel.reverb_send_db, line.channel.delay_send_db];
            for (sent, level_db) in [&mut self.reverb, &mut self.delay].into_iter().zip(sends) {
                let Some(level_db) = level_db else { continue };
                let sent = sent.get_or_insert_with(|| AudioBuffer::silence(audio.sample_rate, 0));
                sent.add_scaled(&audio, db_to_gain(level_db));
            }
        }
        match &mut self.dry {
            Some(dry) => dry.add_longer(&audio),
            None => self.dry = Some(audio),
        }
    }
}
