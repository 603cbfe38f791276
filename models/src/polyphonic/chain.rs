//! A roll as a chain of decisions: the notes of each frame from the highest down, then its end.
//!
//! The order of a frame's notes is fixed, so the probability of the frame is the product of its decisions' probabilities, exactly.

use super::inputs::{BUCKETS, Group, Inputs, bucket, class};
use super::relations::{Anchor, STOP, Table};
use super::repetition::{Repetition, repetitions};
use super::roll::{KEYS, Roll};

/// One decision: what is known before it, and what was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision<'a> {
    /// Features that are present.
    pub inputs: &'a [u16],
    /// What the keys are scored by.
    pub anchors: &'a [Anchor],
    /// Keys below this one may be chosen.
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
    /// Where the decisions' inputs and anchors end, their limits and choices.
    decisions: Vec<(u32, u32, u8, u8)>,
    /// Where the frames' decisions end.
    frames: Vec<u32>,
}

impl Chain {
    /// Of a whole roll.
    pub fn new(roll: &Roll) -> Self {
        let mut chain = Self::default();
        let history = History::new(roll);
        for (time, frame) in roll.iter().enumerate() {
            let moment = Moment::new(&history, time);
            for index in 0..=frame.len() {
                let limit = if index > 0 { frame[index - 1] } else { KEYS as u8 };
                let inputs = moment.inputs(&frame[..index]);
                chain.inputs.extend(&moment.common.0);
                chain.inputs.extend(inputs.0);
                chain.anchors.extend(moment.anchors(&frame[..index]).iter());
                let choice = frame.get(index).copied().unwrap_or(STOP);
                chain.decisions.push((chain.inputs.len() as u32, chain.anchors.len() as u32, limit, choice));
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
        let (inputs, anchors, limit, choice) = self.decisions[index];
        let (first_input, first_anchor) =
            if index == 0 { (0, 0) } else { (self.decisions[index - 1].0, self.decisions[index - 1].1) };
        Decision {
            inputs: &self.inputs[first_input as usize..inputs as usize],
            anchors: &self.anchors[first_anchor as usize..anchors as usize],
            limit,
            choice,
        }
    }
}

/// A roll, and what can be told of its repetitions.
struct History<'a> {
    roll: &'a Roll,
    whole: Vec<Option<Repetition>>,
    top: Vec<Option<Repetition>>,
}

impl<'a> History<'a> {
    fn new(roll: &'a Roll) -> Self {
        Self { roll, whole: repetitions(roll, |frame| frame), top: repetitions(roll, |frame| frame.first()) }
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
    repeated: (&'a [u8], usize),
    repeated_top: (Option<u8>, usize),
    /// For how many frames each key of the frame before has sounded.
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
        let ages = before[0].iter().map(age).collect();
        let mut moment = Self {
            history,
            time,
            before,
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
        let voice = chosen.len();
        let above = chosen.last().copied();
        let anchor = above.or(last.first().copied()).unwrap_or(MIDDLE);
        let [now, then, first] = [last, earlier, third].map(|frame| frame.get(voice).copied());
        let mut inputs = Inputs::default();
        inputs.add(Group::Index, voice);
        inputs.add(Group::Above, above.map_or(KEYS, usize::from));
        inputs.add(Group::AboveClass, class(above));
        inputs.classes(Group::ChosenClasses, chosen.iter().copied());
        for &key in chosen.iter().rev().skip(1) {
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
        inputs.add(Group::VoiceAge, self.ages.get(voice).map_or(0, |&age| bucket(age)));
        inputs
            .add(Group::BassInterval, last.last().map_or(49, |&bass| usize::from(anchor.saturating_sub(bass).min(48))));
        inputs.motion(Group::AboveMotion, voice.checked_sub(1).and_then(|above| last.get(above).copied()), above);
        inputs.motion(Group::ChosenTopMotion, last.first().copied(), chosen.first().copied());
        let (repeated, length) = self.repeated;
        let agreement = if length == 0 { 0 } else { 1 + usize::from(repeated.starts_with(chosen)) };
        inputs.add(Group::Agreement, agreement * BUCKETS + bucket(length));
        inputs.interval(Group::RepeatedInterval, anchor, repeated.get(voice).copied());
        inputs.add(Group::Left, last.iter().filter(|&&key| key < anchor || above.is_none()).count());
        inputs
    }

    fn anchors(&self, chosen: &[u8]) -> Vec<Anchor> {
        let [last, earlier, ..] = self.before;
        let voice = chosen.len();
        let mut anchors = self.anchors.clone();
        match chosen.last() {
            Some(&above) => anchors.push(Anchor::new(Table::Above, above)),
            None => anchors.extend(last.first().map(|&top| Anchor::new(Table::Top, top))),
        }
        // How far a voice lies below this one, at most `most` either way, counted from the highest.
        let apart = |other: usize, most: isize| (other as isize - voice as isize).clamp(-most, most) + most;
        let mut voices = |frame: &[u8], first: Table, most: isize| {
            for (other, &key) in frame.iter().enumerate() {
                anchors.push(Anchor::nth(first, apart(other, most) as usize, key));
            }
        };
        voices(last, Table::Before1, 2);
        voices(earlier, Table::Earlier1, 1);
        voices(self.repeated.0, Table::Repeated1, 1);
        anchors.extend(chosen.iter().map(|&key| Anchor::new(Table::Chosen, key)));
        if voice == 0 {
            anchors.extend(self.repeated_top.0.map(|top| Anchor::new(Table::RepeatedTop, top)));
        }
        anchors
    }
}
