//! A roll as a chain of decisions: the notes of each frame in a fixed order of voices, then its end.
//!
//! The order is fixed, so the probability of the frame is the product of its decisions' probabilities, exactly.

use super::inputs::{BUCKETS, Group, Inputs, bucket, class};
use super::order::Order;
use super::relations::{Anchor, STOP, Table};
use super::repetition::{Repetition, repetitions};
use super::roll::{KEYS, Roll, mirrored};

/// One decision: what is known before it, and what was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision<'a> {
    /// Features that are present.
    pub inputs: &'a [u16],
    /// What the keys are scored by.
    pub anchors: &'a [Anchor],
    /// Keys from this one on may be chosen, ...
    pub floor: u8,
    /// ... and below this one.
    pub limit: u8,
    /// The key chosen, or [`STOP`].
    pub choice: u8,
}

impl Decision<'_> {
    /// The log probability of the choice, out of those of the keys below the limit and of the frame's end.
    pub fn log_probability(&self, all: &[f32]) -> f32 {
        all[usize::from(self.choice.min(self.limit))]
    }
}

/// All decisions of a roll.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chain {
    inputs: Vec<u16>,
    anchors: Vec<Anchor>,
    /// Where the decisions' inputs and anchors end, their floors, limits and choices.
    decisions: Vec<(u32, u32, u8, u8, u8)>,
    /// Where the frames' decisions end.
    frames: Vec<u32>,
}

impl Chain {
    /// Of a whole roll.
    pub fn new(roll: &Roll, order: Order) -> Self {
        let turned = (order == Order::Up).then(|| mirrored(roll));
        let roll = turned.as_ref().unwrap_or(roll);
        let mut chain = Self::default();
        let history = History::new(roll, order);
        for (time, frame) in roll.iter().enumerate() {
            let moment = Moment::new(&history, time);
            let keys = order.of(frame);
            for index in 0..=keys.len() {
                let chosen = &keys[..index];
                // A frame of one note ends where its lowest is asked for.
                let (floor, limit) = order.bounds(chosen);
                let inputs = moment.inputs(chosen);
                chain.inputs.extend(&moment.common.0);
                chain.inputs.extend(inputs.0);
                chain.anchors.extend(moment.anchors(chosen).iter());
                let choice = keys.get(index).copied().unwrap_or(STOP);
                let (inputs, anchors) = (chain.inputs.len() as u32, chain.anchors.len() as u32);
                chain.decisions.push((inputs, anchors, floor, limit, choice));
            }
            chain.frames.push(chain.decisions.len() as u32);
        }
        chain
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Where a frame's decisions start; that of the frame after the last is their number.
    pub fn start(&self, frame: usize) -> usize {
        if frame == 0 { 0 } else { self.frames[frame - 1] as usize }
    }

    /// One decision.
    pub fn decision(&self, index: usize) -> Decision<'_> {
        let (inputs, anchors, floor, limit, choice) = self.decisions[index];
        let (first_input, first_anchor) =
            if index == 0 { (0, 0) } else { (self.decisions[index - 1].0, self.decisions[index - 1].1) };
        Decision {
            inputs: &self.inputs[first_input as usize..inputs as usize],
            anchors: &self.anchors[first_anchor as usize..anchors as usize],
            floor,
            limit,
            choice,
        }
    }
}

/// A roll, and what can be told of its repetitions.
struct History<'a> {
    roll: &'a Roll,
    order: Order,
    whole: Vec<Option<Repetition>>,
    top: Vec<Option<Repetition>>,
}

impl<'a> History<'a> {
    fn new(roll: &'a Roll, order: Order) -> Self {
        Self { roll, order, whole: repetitions(roll, |frame| frame), top: repetitions(roll, |frame| frame.first()) }
    }

    /// The frame that lies so many frames before this time; an empty one before the start.
    fn ago(&self, time: usize, frames: usize) -> &'a [u8] {
        time.checked_sub(frames).map_or(&[], |at| &self.roll[at])
    }
}

/// What is known at the start of a frame.
struct Moment<'a> {
    history: &'a History<'a>,
    time: usize,
    before: [&'a [u8]; 4],
    /// The last three of them, and what followed the repetition, in the order of the decisions.
    ordered: [Vec<u8>; 4],
    repeated: (&'a [u8], usize),
    repeated_top: (Option<u8>, usize),
    /// For how many frames each key of the frame before has sounded, in the order of the decisions.
    ages: Vec<usize>,
    common: Inputs,
    anchors: Vec<Anchor>,
}

/// The key above where nothing has sounded yet: B4, in the middle of the highest voices.
const MIDDLE: u8 = 50;
/// Distances at which music likes to repeat.
const AGO: [usize; 7] = [4, 6, 8, 12, 16, 32, 64];

impl<'a> Moment<'a> {
    fn new(history: &'a History<'a>, time: usize) -> Self {
        let before = [1, 2, 3, 4].map(|frames| history.ago(time, frames));
        let of = |found: Option<Repetition>| {
            found.map_or((&[][..], 0), |Repetition { next, length }| (&history.roll[next][..], length))
        };
        let repeated = of(history.whole[time]);
        let (top, length) = of(history.top[time]);
        let age = |&key: &u8| (1..=time).take_while(|&frames| history.ago(time, frames).contains(&key)).count();
        let ordered = [before[0], before[1], before[2], repeated.0].map(|frame| history.order.of(frame));
        let ages = ordered[0].iter().map(age).collect();
        let mut moment = Self {
            history,
            time,
            before,
            ordered,
            repeated,
            repeated_top: (top.first().copied(), length),
            ages,
            common: Inputs::default(),
            anchors: Vec::new(),
        };
        moment.common = moment.common_inputs();
        moment.anchors = moment.common_anchors();
        moment
    }

    fn common_inputs(&self) -> Inputs {
        let Self { history, time, before, .. } = *self;
        let mut inputs = Inputs::default();
        let held = |at: usize| at > 0 && history.roll[at] == history.roll[at - 1];
        inputs.add(Group::Position, bucket(time));
        inputs.add(Group::Phase16, time % 16);
        inputs.add(Group::Phase6, time % 6);
        inputs.add(Group::Held, bucket((0..time).rev().take_while(|&at| held(at)).count()));
        inputs.add(Group::SinceHold, (0..time).rev().take_while(|&at| !held(at)).count());
        inputs.add(Group::Accent8, self.accent(8));
        inputs.add(Group::Accent6, self.accent(6));
        inputs.add(Group::Count, before[0].len());
        let groups = [Group::Classes1, Group::Classes2, Group::Classes3, Group::Classes4];
        for (group, frame) in groups.into_iter().zip(before) {
            inputs.classes(group, frame.iter().copied());
        }
        inputs.classes(Group::Recent, (1..=8).flat_map(|frames| history.ago(time, frames)).copied());
        let tops = before.map(|frame| frame.first().copied());
        let basses = before.map(|frame| frame.last().copied());
        inputs.add(Group::Bass, basses[0].map_or(KEYS, usize::from));
        inputs.add(Group::Top, tops[0].map_or(KEYS, usize::from));
        let groups = [Group::BassClass1, Group::BassClass2, Group::BassClass3, Group::BassClass4];
        for (group, bass) in groups.into_iter().zip(basses) {
            inputs.add(group, class(bass));
        }
        inputs.motion(Group::BassMotion, basses[1], basses[0]);
        inputs.motion(Group::TopMotion, tops[1], tops[0]);
        inputs.motion(Group::TopMotion2, tops[2], tops[1]);
        inputs.add(Group::Repeated, bucket(self.repeated.1));
        inputs.add(Group::RepeatedTop, bucket(self.repeated_top.1));
        inputs
    }

    /// This frame's place, counted from the place in `period` at which the lower voices have changed most often so far.
    fn accent(&self, period: usize) -> usize {
        let lower = |at: usize| self.history.roll[at].get(1..).unwrap_or_default();
        let mut changes = vec![0_usize; period];
        for at in (1..self.time).filter(|&at| lower(at) != lower(at - 1)) {
            changes[at % period] += 1;
        }
        let most = (0..period).rev().max_by_key(|&place| changes[place]).unwrap_or(0);
        (self.time + period - most) % period
    }

    fn common_anchors(&self) -> Vec<Anchor> {
        let Self { history, time, before, .. } = *self;
        let mut anchors = vec![Anchor::new(Table::Key, 0), Anchor::new(Table::Class, 0)];
        anchors.extend(before[0].last().map(|&bass| Anchor::new(Table::Bass, bass)));
        for (index, frames) in AGO.into_iter().enumerate() {
            anchors.extend(history.ago(time, frames).iter().map(|&key| Anchor::nth(Table::Ago4, index, key)));
        }
        let mut heard = 0_u128;
        for frames in 1..=time.min(64) {
            for &key in history.ago(time, frames).iter().filter(|&&key| heard >> key & 1 == 0) {
                anchors.push(Anchor::nth(Table::Age1, bucket(frames) - 1, key));
            }
            heard = history.ago(time, frames).iter().fold(heard, |heard, &key| heard | 1 << key);
        }
        anchors
    }

    fn inputs(&self, chosen: &[u8]) -> Inputs {
        let Self { history, time, before, .. } = *self;
        let [last, earlier, third, _] = before;
        let index = chosen.len();
        let order = history.order;
        let place_above = order.place_above(index);
        let above = place_above.map(|place| chosen[place]);
        let anchor = above.or(last.first().copied()).unwrap_or(MIDDLE);
        let [now, then, first, repeated] = [0, 1, 2, 3].map(|frame| self.ordered[frame].get(index).copied());
        let mut inputs = Inputs::default();
        inputs.add(Group::Index, index);
        inputs.add(Group::Above, above.map_or(KEYS, usize::from));
        inputs.add(Group::AboveClass, class(above));
        inputs.classes(Group::ChosenClasses, chosen.iter().copied());
        for &key in chosen.iter().rev().filter(|&&key| key > anchor) {
            inputs.add(Group::ChosenIntervals, usize::from(key - anchor));
        }
        inputs.around(Group::Around1, anchor, last);
        inputs.around(Group::Around2, anchor, earlier);
        inputs.around(Group::Around3, anchor, third);
        inputs.around(Group::AroundRepeated, anchor, self.repeated.0);
        inputs.around(Group::Around8, anchor, history.ago(time, 8));
        inputs.around(Group::Around16, anchor, history.ago(time, 16));
        inputs.add(Group::VoiceClass, class(now));
        inputs.interval(Group::VoiceInterval, anchor, now);
        inputs.motion(Group::VoiceMotion, then, now);
        inputs.motion(Group::VoiceMotion2, first, then);
        inputs.add(Group::VoiceAge, self.ages.get(index).map_or(0, |&age| bucket(age)));
        let bass = order.bass(chosen).or(last.last().copied());
        inputs.add(Group::BassInterval, bass.map_or(49, |bass| usize::from(anchor.saturating_sub(bass).min(48))));
        inputs.motion(Group::AboveMotion, place_above.and_then(|place| self.ordered[0].get(place).copied()), above);
        inputs.motion(Group::ChosenTopMotion, last.first().copied(), chosen.first().copied());
        let length = self.repeated.1;
        let agreement = if length == 0 { 0 } else { 1 + usize::from(self.ordered[3].starts_with(chosen)) };
        inputs.add(Group::Agreement, agreement * BUCKETS + bucket(length));
        inputs.interval(Group::RepeatedInterval, anchor, repeated);
        inputs.add(Group::Left, last.iter().filter(|&&key| key < anchor || above.is_none()).count());
        inputs
    }

    fn anchors(&self, chosen: &[u8]) -> Vec<Anchor> {
        let [last, earlier, ..] = self.before;
        let order = self.history.order;
        let mut anchors = self.anchors.clone();
        match order.place_above(chosen.len()) {
            Some(place) => anchors.push(Anchor::new(Table::Above, chosen[place])),
            None => anchors.extend(last.first().map(|&top| Anchor::new(Table::Top, top))),
        }
        let mut voices = |frame: &[u8], first: Table, most: isize| {
            let voice = order.voice(chosen.len(), frame.len()) as isize;
            for (other, &key) in frame.iter().enumerate() {
                // How far it lies below this voice, at most `most` either way, counted from the highest.
                let apart = (other as isize - voice).clamp(-most, most) + most;
                anchors.push(Anchor::nth(first, apart as usize, key));
            }
        };
        voices(last, Table::Before1, 2);
        voices(earlier, Table::Earlier1, 1);
        voices(self.repeated.0, Table::Repeated1, 1);
        anchors.extend(chosen.iter().map(|&key| Anchor::new(Table::Chosen, key)));
        if chosen.is_empty() {
            anchors.extend(self.repeated_top.0.map(|top| Anchor::new(Table::RepeatedTop, top)));
        }
        anchors
    }
}
