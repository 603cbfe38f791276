//! A piece: it begins in silence, and is rendered as it is read.

use super::Channel;
use super::desk::{Desk, Line};
use super::duck::Dips;
use crate::audio::{AudioBuffer, StereoFrame};
use crate::effect::{Chain, Effect, EffectSpec, MAX_BLOCK};
use crate::loudness::LoudnessMeter;
use crate::synth::{Ending, TrackReader};
use crate::units::{SampleRate, db_to_gain};
use rayon::prelude::*;

/// Frames that are rendered at a time, by all tracks in parallel: whole blocks, and enough for the threads to be busy.
const STRETCH: usize = 2048 * MAX_BLOCK;

/// Tracks on their channels, and their room and echo.
pub(super) struct Piece<'a> {
    players: Vec<Player<'a>>,
    rooms: [Room; 2],
    dips: Dips,
    /// Of the score, in frames.
    length: usize,
    sample_rate: SampleRate,
    ending: Ending,
    position: usize,
    depth: Vec<f32>,
    sum: Vec<StereoFrame>,
}

impl<'a> Piece<'a> {
    pub(super) fn new(desk: &Desk<'a>, lines: &[Line<'a>]) -> Self {
        let playing = lines.iter().filter(|line| !line.track.notes.is_empty());
        Self {
            players: playing.map(|line| Player::new(desk, line)).collect(),
            rooms: [desk.room(), desk.echo()].map(|effect| Room::new(desk, effect)),
            dips: if desk.is_ducked() { desk.mix.duck.dips(desk.score, desk.sample_rate) } else { Dips::default() },
            length: desk.length(),
            sample_rate: desk.sample_rate,
            ending: desk.ending,
            position: 0,
            depth: Vec::new(),
            sum: Vec::new(),
        }
    }

    /// The next frames; `None` after the last, which may be long after it has become silent.
    pub(super) fn next(&mut self) -> Option<&mut [StereoFrame]> {
        let left = self.end().map_or(STRETCH, |end| end.saturating_sub(self.position));
        let count = left.min(STRETCH);
        if count == 0 {
            return None;
        }
        self.depth.resize(count, 0.0);
        self.dips.fill(self.position, &mut self.depth);
        let depth = &self.depth;
        self.players.par_iter_mut().for_each(|player| player.play(count, depth));
        self.sum.clear();
        self.sum.resize(count, [0.0; 2]);
        // In the order of the tracks, whoever is ready first.
        for player in &self.players {
            add(&mut self.sum, &player.frames, 1.0);
        }
        for (send, room) in self.rooms.iter_mut().enumerate() {
            room.hear(&self.players, send, count);
        }
        self.rooms.par_iter_mut().for_each(Room::answer);
        for room in self.rooms.iter().filter(|room| room.is_used) {
            add(&mut self.sum, &room.frames, 1.0);
        }
        self.position += count;
        if self.ending == Ending::Cut {
            Ending::fade_out(&mut self.sum, self.length - self.position, self.length, self.sample_rate);
        }
        Some(&mut self.sum)
    }

    /// All of it.
    pub(super) fn read_all(mut self) -> AudioBuffer {
        let mut frames = Vec::with_capacity(self.length);
        while let Some(stretch) = self.next() {
            frames.extend_from_slice(stretch);
        }
        if self.ending == Ending::Ring {
            Ending::Ring.settle(&mut frames, self.length, self.sample_rate);
        }
        AudioBuffer { sample_rate: self.sample_rate, frames }
    }

    /// Where the last tail is over; `None` as long as that is not known.
    fn end(&self) -> Option<usize> {
        if self.ending == Ending::Cut {
            return Some(self.length);
        }
        let last = self.players.iter().try_fold(0, |last: usize, player| Some(last.max(player.end()?)))?;
        let used = self.rooms.iter().filter(|room| room.is_used);
        let wet = used.map(|room| last + room.chain.tail_frames()).max();
        Some(wet.unwrap_or(last).max(self.length))
    }
}

/// A track and its channel.
struct Player<'a> {
    channel: &'a Channel,
    track: TrackReader<'a>,
    /// What its effects listen to, on a track of its own.
    key: Option<TrackReader<'a>>,
    chain: Chain,
    /// Frames by which the effects are late, until they have been thrown away.
    late: usize,
    gains: StereoFrame,
    frames: Vec<StereoFrame>,
    key_frames: Vec<StereoFrame>,
}

impl<'a> Player<'a> {
    fn new(desk: &Desk<'a>, line: &Line<'a>) -> Self {
        let mut player = Self::with_gains(desk, line, [1.0; 2]);
        // What it takes to be as loud as it should be is known when all of it has been heard.
        player.gains = line.channel.gains(|| Self::with_gains(desk, line, [1.0; 2]).loudness_lufs(desk));
        player
    }

    fn with_gains(desk: &Desk<'a>, line: &Line<'a>, gains: StereoFrame) -> Self {
        let chain = Chain::new(&line.channel.effects(), &desk.context());
        Self {
            channel: line.channel,
            track: desk.reader(line),
            key: desk.key().filter(|_| line.channel.is_keyed()).map(|drums| desk.reader(drums)),
            late: chain.latency_frames(),
            chain,
            gains,
            frames: Vec::new(),
            key_frames: Vec::new(),
        }
    }

    /// Loudness behind the effects.
    fn loudness_lufs(mut self, desk: &Desk) -> f32 {
        let mut meter = LoudnessMeter::new(desk.sample_rate);
        let mut position = 0;
        loop {
            let end = if desk.ending == Ending::Cut { Some(desk.length()) } else { self.end() };
            let count = end.map_or(STRETCH, |end| end.saturating_sub(position)).min(STRETCH);
            if count == 0 {
                return meter.integrated_lufs();
            }
            self.process(count);
            meter.add(&self.frames);
            position += count;
        }
    }

    /// The next frames, as they come out of the fader.
    fn play(&mut self, count: usize, depth: &[f32]) {
        self.process(count);
        self.channel.fade(self.gains, depth, &mut self.frames);
    }

    /// The next frames, as they come out of the effects.
    fn process(&mut self, count: usize) {
        let late = std::mem::take(&mut self.late);
        if late > 0 {
            self.process(late);
        }
        self.frames.resize(count, [0.0; 2]);
        self.track.read(&mut self.frames);
        if let Some(key) = &mut self.key {
            self.key_frames.resize(count, [0.0; 2]);
            key.read(&mut self.key_frames);
        }
        for (index, block) in self.frames.chunks_mut(MAX_BLOCK).enumerate() {
            let start = index * MAX_BLOCK;
            let key = self.key.as_ref().map(|_| &self.key_frames[start..start + block.len()]);
            self.chain.process(block, key);
        }
    }

    /// Where its tail is over; `None` as long as that is not known.
    fn end(&self) -> Option<usize> {
        self.track.end().map(|end| end + self.chain.tail_frames())
    }

    /// Level of its sends to room and echo, in dB.
    fn send_db(&self, send: usize) -> Option<f32> {
        [self.channel.reverb_send_db, self.channel.delay_send_db][send]
    }
}

/// A room that channels send to.
struct Room {
    chain: Chain,
    is_used: bool,
    frames: Vec<StereoFrame>,
}

impl Room {
    fn new(desk: &Desk, effect: EffectSpec) -> Self {
        let chain = Chain::new(&[effect], &desk.context());
        debug_assert_eq!(chain.latency_frames(), 0, "the dry sound does not wait");
        Self { chain, is_used: false, frames: Vec::new() }
    }

    /// Takes in the players' last frames; `send` is its place among their sends.
    fn hear(&mut self, players: &[Player], send: usize, count: usize) {
        self.frames.clear();
        self.frames.resize(count, [0.0; 2]);
        for player in players {
            if let Some(level_db) = player.send_db(send) {
                self.is_used = true;
                add(&mut self.frames, &player.frames, db_to_gain(level_db));
            }
        }
    }

    /// Turns them into its answer.
    fn answer(&mut self) {
        if self.is_used {
            self.frames.chunks_mut(MAX_BLOCK).for_each(|block| self.chain.process(block, None));
        }
    }
}

/// Adds `gain` times `added`.
fn add(sum: &mut [StereoFrame], added: &[StereoFrame], gain: f32) {
    for (frame, added) in sum.iter_mut().zip(added) {
        *frame = [frame[0] + gain * added[0], frame[1] + gain * added[1]];
    }
}
