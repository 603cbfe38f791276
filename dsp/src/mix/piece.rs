//! A piece: it begins in silence, and is rendered as it is read.

use super::desk::{Desk, Line};
use super::duck::Dips;
use super::{Bus, Channel};
use crate::audio::{AudioBuffer, StereoFrame};
use crate::effect::{Chain, Effect, EffectSpec, MAX_BLOCK};
use crate::loudness::LoudnessMeter;
use crate::synth::{Ending, TrackReader};
use crate::units::{SampleRate, db_to_gain};
use rayon::prelude::*;
use std::ops::Range;

/// Frames that are rendered at a time, by all tracks in parallel: whole blocks, and enough for the threads to be busy.
const STRETCH: usize = 2048 * MAX_BLOCK;

/// Tracks on their channels and buses, and what is heard of them.
pub(super) struct Piece<'a> {
    players: Vec<Player<'a>>,
    buses: Vec<&'a Bus>,
    outputs: Vec<Output>,
    dips: Dips,
    /// Of the score, in frames.
    length: usize,
    sample_rate: SampleRate,
    ending: Ending,
    position: usize,
}

impl<'a> Piece<'a> {
    /// The sum of all tracks, which share a room and an echo.
    pub(super) fn sum(desk: &Desk<'a>) -> Self {
        Self::new(desk, vec![Output::new(desk, 0..desk.heard.len())])
    }

    /// Each track alone, with a room and an echo of its own.
    pub(super) fn stems(desk: &Desk<'a>) -> Self {
        Self::new(desk, (0..desk.heard.len()).map(|index| Output::new(desk, index..index + 1)).collect())
    }

    fn new(desk: &Desk<'a>, outputs: Vec<Output>) -> Self {
        let mut piece = Self {
            players: desk.heard.par_iter().map(|line| Player::new(desk, line)).collect(),
            buses: desk.mix.buses.values().collect(),
            outputs,
            dips: if desk.is_ducked() { desk.mix.duck.dips(desk.score, desk.sample_rate) } else { Dips::default() },
            length: desk.length(),
            sample_rate: desk.sample_rate,
            ending: desk.ending,
            position: 0,
        };
        // What comes out of a late bus at first belongs before the beginning.
        for bus in piece.buses.clone() {
            let mut members = piece.players.iter_mut().filter(|player| player.is_on(bus)).peekable();
            let late = members.peek().map_or(0, |player| player.glue.latency_frames());
            members.for_each(|player| player.play(late, &piece.dips));
            piece.glue(bus, late);
        }
        piece
    }

    /// The next frames of each output; `None` after the last, which may be long after it has become silent.
    pub(super) fn next(&mut self) -> Option<&mut [Output]> {
        let left = self.end().map_or(STRETCH, |end| end.saturating_sub(self.position));
        let count = left.min(STRETCH);
        if count == 0 {
            return None;
        }
        let dips = &self.dips;
        self.players.par_iter_mut().for_each(|player| player.play(count, dips));
        for bus in self.buses.clone() {
            self.glue(bus, count);
        }
        let players = &self.players;
        self.outputs.iter_mut().for_each(|output| output.collect(players, count));
        self.outputs.par_iter_mut().for_each(Output::answer);
        self.position += count;
        if self.ending == Ending::Cut {
            let left = self.length - self.position;
            for output in &mut self.outputs {
                Ending::fade_out(&mut output.frames, left, self.length, self.sample_rate);
            }
        }
        Some(&mut self.outputs)
    }

    /// All of each output.
    pub(super) fn read_all(mut self) -> Vec<AudioBuffer> {
        let mut read: Vec<Vec<StereoFrame>> = self.outputs.iter().map(|_| Vec::with_capacity(self.length)).collect();
        while let Some(outputs) = self.next() {
            read.iter_mut().zip(outputs).for_each(|(frames, output)| frames.extend_from_slice(&output.frames));
        }
        let settled = |mut frames| {
            if self.ending == Ending::Ring {
                Ending::Ring.settle(&mut frames, self.length, self.sample_rate);
            }
            AudioBuffer { sample_rate: self.sample_rate, frames }
        };
        read.into_iter().map(settled).collect()
    }

    /// Sends the players on a bus through its compressor, which hears their sum.
    fn glue(&mut self, bus: &Bus, count: usize) {
        let mut key = vec![[0.0; 2]; count];
        self.players.iter().filter(|player| player.is_on(bus)).for_each(|player| add(&mut key, &player.frames, 1.0));
        let members = self.players.par_iter_mut().filter(|player| player.is_on(bus));
        members.for_each(|player| process(&mut player.glue, &mut player.frames, Some(&key)));
    }

    /// Where the last tail is over; `None` as long as that is not known.
    fn end(&self) -> Option<usize> {
        if self.ending == Ending::Cut {
            return Some(self.length);
        }
        let last = self.players.iter().try_fold(0, |last: usize, player| Some(last.max(player.end()?)))?;
        let rooms = self.outputs.iter().flat_map(|output| &output.rooms).filter(|room| room.is_used);
        let wet = rooms.map(|room| last + room.chain.tail_frames()).max();
        Some(wet.unwrap_or(last).max(self.length))
    }
}

/// A track and its channel.
struct Player<'a> {
    channel: &'a Channel,
    /// Without notes, its effects are not heard either.
    is_silent: bool,
    track: TrackReader<'a>,
    /// What its effects listen to, on a track of its own.
    key: Option<TrackReader<'a>>,
    chain: Chain,
    /// Frames by which the effects are late, until they have been thrown away.
    late: usize,
    gains: StereoFrame,
    /// The bus behind its fader, and its share of what that does.
    bus: Option<&'a Bus>,
    equaliser: Chain,
    glue: Chain,
    /// Of the next frame that comes out of the fader.
    position: usize,
    depth: Vec<f32>,
    frames: Vec<StereoFrame>,
    key_frames: Vec<StereoFrame>,
}

impl<'a> Player<'a> {
    fn new(desk: &Desk<'a>, line: &Line<'a>) -> Self {
        // What it takes to be as loud as it should be is known when all of it has been heard.
        let gains = line.channel.gains(|| Self::at_gains(desk, line, [1.0; 2]).loudness_lufs(desk));
        Self::at_gains(desk, line, gains)
    }

    fn at_gains(desk: &Desk<'a>, line: &Line<'a>, gains: StereoFrame) -> Self {
        let chain = Chain::new(&line.channel.effects(), &desk.context());
        let none = Bus::default();
        let bus = line.bus.unwrap_or(&none);
        Self {
            channel: line.channel,
            is_silent: line.track.notes.is_empty(),
            track: desk.reader(line),
            key: desk.key().filter(|_| line.channel.is_keyed()).map(|drums| desk.reader(drums)),
            late: chain.latency_frames(),
            chain,
            gains,
            bus: line.bus,
            equaliser: bus.equaliser(&desk.context()),
            glue: bus.glue(&desk.context()),
            position: 0,
            depth: Vec::new(),
            frames: Vec::new(),
            key_frames: Vec::new(),
        }
    }

    fn is_on(&self, bus: &Bus) -> bool {
        self.bus.is_some_and(|own| std::ptr::eq(own, bus))
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

    /// The next frames, as they come to the compressor of its bus.
    fn play(&mut self, count: usize, dips: &Dips) {
        self.process(count);
        self.depth.clear();
        if self.channel.duck_db > 0.0 {
            self.depth.resize(count, 0.0);
            dips.fill(self.position, &mut self.depth);
        }
        self.channel.fade(self.gains, &self.depth, &mut self.frames);
        process(&mut self.equaliser, &mut self.frames, None);
        self.position += count;
    }

    /// The next frames, as they come out of the effects.
    fn process(&mut self, count: usize) {
        let late = std::mem::take(&mut self.late);
        if late > 0 && !self.is_silent {
            self.process(late);
        }
        self.frames.resize(count, [0.0; 2]);
        if self.is_silent {
            return;
        }
        self.track.read(&mut self.frames);
        if let Some(key) = &mut self.key {
            self.key_frames.resize(count, [0.0; 2]);
            key.read(&mut self.key_frames);
        }
        let key = self.key.as_ref().map(|_| &self.key_frames[..]);
        process(&mut self.chain, &mut self.frames, key);
    }

    /// Where its tail is over; `None` as long as that is not known.
    fn end(&self) -> Option<usize> {
        let tail = self.chain.tail_frames() + self.equaliser.tail_frames() + self.glue.tail_frames();
        if self.is_silent { Some(0) } else { self.track.end().map(|end| end + tail) }
    }

    /// Level of its sends to room and echo, in dB.
    fn send_db(&self, send: usize) -> Option<f32> {
        [self.channel.reverb_send_db, self.channel.delay_send_db][send]
    }
}

/// What is heard of some of the players.
pub(super) struct Output {
    players: Range<usize>,
    rooms: [Room; 2],
    /// The last frames.
    pub(super) frames: Vec<StereoFrame>,
}

impl Output {
    fn new(desk: &Desk, players: Range<usize>) -> Self {
        let rooms = [desk.room(), desk.echo()].map(|effect| Room::new(desk, effect));
        Self { players, rooms, frames: Vec::new() }
    }

    /// Takes in what its players have played, in their order, whoever was ready first.
    fn collect(&mut self, players: &[Player], count: usize) {
        let players = &players[self.players.clone()];
        self.frames.clear();
        self.frames.resize(count, [0.0; 2]);
        players.iter().for_each(|player| add(&mut self.frames, &player.frames, 1.0));
        self.rooms.iter_mut().enumerate().for_each(|(send, room)| room.hear(players, send, count));
    }

    /// Adds what its rooms answer.
    fn answer(&mut self) {
        self.rooms.par_iter_mut().for_each(Room::answer);
        for room in self.rooms.iter().filter(|room| room.is_used) {
            add(&mut self.frames, &room.frames, 1.0);
        }
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
        for player in players.iter().filter(|player| !player.is_silent) {
            if let Some(level_db) = player.send_db(send) {
                self.is_used = true;
                add(&mut self.frames, &player.frames, db_to_gain(level_db));
            }
        }
    }

    /// Turns them into its answer.
    fn answer(&mut self) {
        if self.is_used {
            process(&mut self.chain, &mut self.frames, None);
        }
    }
}

/// Sends frames through effects.
fn process(chain: &mut Chain, frames: &mut [StereoFrame], key: Option<&[StereoFrame]>) {
    for (index, block) in frames.chunks_mut(MAX_BLOCK).enumerate() {
        let start = index * MAX_BLOCK;
        chain.process(block, key.map(|key| &key[start..start + block.len()]));
    }
}

/// Adds `gain` times `added`.
fn add(sum: &mut [StereoFrame], added: &[StereoFrame], gain: f32) {
    for (frame, added) in sum.iter_mut().zip(added) {
        *frame = [frame[0] + gain * added[0], frame[1] + gain * added[1]];
    }
}
