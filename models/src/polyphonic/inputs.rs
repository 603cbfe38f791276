//! What the network is told before each decision: numbers of features that are present, in groups.

/// A group of features of which one or several are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Group {
    /// Frames since the start, in steps that grow.
    Position,
    /// Frame of a group of 16.
    Phase16,
    /// Frame of a group of 6.
    Phase6,
    /// Frames since anything changed.
    Held,
    /// Frames since the last frame that only held what was there: the last fermata, where music moves on each beat.
    SinceHold,
    /// Frame counted from where the lower voices changed most often, of 8.
    Accent8,
    /// The same of 6.
    Accent6,
    /// Notes in the frame before.
    Count,
    /// Pitch classes of the frame before, and of the three before it.
    Classes1,
    Classes2,
    Classes3,
    Classes4,
    /// Pitch classes of the last eight frames.
    Recent,
    /// Lowest key of the frame before.
    Bass,
    /// Highest key of the frame before.
    Top,
    /// Pitch class of the bass before, and of the three before it.
    BassClass1,
    BassClass2,
    BassClass3,
    BassClass4,
    /// Last motion of the lowest voice.
    BassMotion,
    /// Last motion of the highest voice.
    TopMotion,
    /// The motion before.
    TopMotion2,
    /// Frames that the piece has repeated so far.
    Repeated,
    /// The same for its highest voice alone.
    RepeatedTop,
    /// Notes chosen so far in this frame.
    Index,
    /// The key above.
    Above,
    /// Its pitch class.
    AboveClass,
    /// Pitch classes chosen so far in this frame.
    ChosenClasses,
    /// Intervals from the key above up to the others chosen.
    ChosenIntervals,
    /// Intervals from the key above to the notes of the frame before, and of the two before it.
    Around1,
    Around2,
    Around3,
    /// The same for what followed the repetition.
    AroundRepeated,
    /// The same for the frames of eight and of sixteen frames ago.
    Around8,
    Around16,
    /// Pitch class that this voice had.
    VoiceClass,
    /// Interval from the key above to it.
    VoiceInterval,
    /// Last motion of this voice.
    VoiceMotion,
    /// The motion before.
    VoiceMotion2,
    /// Frames for which its key has sounded.
    VoiceAge,
    /// Interval from the key above to the bass before.
    BassInterval,
    /// Motion of the voice above, to what was chosen.
    AboveMotion,
    /// Motion of the highest voice, to what was chosen.
    ChosenTopMotion,
    /// Whether what was chosen agrees with the repetition, by its length.
    Agreement,
    /// Interval from the key above to the note that followed the repetition.
    RepeatedInterval,
    /// Notes of the frame before that lie below the key above.
    Left,
}

/// Longest interval told in each direction.
pub const REACH: i32 = 24;
const AROUND: usize = 2 * REACH as usize + 1;
/// Largest motion told in each direction.
pub const LEAP: i32 = 12;
/// Motions, and that there was none to tell.
const MOTIONS: usize = 2 * LEAP as usize + 2;
/// Numbers told in steps that grow.
pub const BUCKETS: usize = 12;
/// Most notes that are counted.
pub const COUNT: usize = 8;

/// Groups and their sizes.
const GROUPS: [(Group, usize); 46] = [
    (Group::Position, BUCKETS),
    (Group::Phase16, 16),
    (Group::Phase6, 6),
    (Group::Held, BUCKETS),
    (Group::SinceHold, 18),
    (Group::Accent8, 8),
    (Group::Accent6, 6),
    (Group::Count, COUNT + 1),
    (Group::Classes1, 12),
    (Group::Classes2, 12),
    (Group::Classes3, 12),
    (Group::Classes4, 12),
    (Group::Recent, 12),
    (Group::Bass, 89),
    (Group::Top, 89),
    (Group::BassClass1, 13),
    (Group::BassClass2, 13),
    (Group::BassClass3, 13),
    (Group::BassClass4, 13),
    (Group::BassMotion, MOTIONS),
    (Group::TopMotion, MOTIONS),
    (Group::TopMotion2, MOTIONS),
    (Group::Repeated, BUCKETS),
    (Group::RepeatedTop, BUCKETS),
    (Group::Index, COUNT + 1),
    (Group::Above, 89),
    (Group::AboveClass, 13),
    (Group::ChosenClasses, 12),
    (Group::ChosenIntervals, REACH as usize + 1),
    (Group::Around1, AROUND),
    (Group::Around2, AROUND),
    (Group::Around3, AROUND),
    (Group::AroundRepeated, AROUND),
    (Group::Around8, AROUND),
    (Group::Around16, AROUND),
    (Group::VoiceClass, 13),
    (Group::VoiceInterval, AROUND + 1),
    (Group::VoiceMotion, MOTIONS),
    (Group::VoiceMotion2, MOTIONS),
    (Group::VoiceAge, BUCKETS),
    (Group::BassInterval, 50),
    (Group::AboveMotion, MOTIONS),
    (Group::ChosenTopMotion, MOTIONS),
    (Group::Agreement, 3 * BUCKETS),
    (Group::RepeatedInterval, AROUND + 1),
    (Group::Left, COUNT + 1),
];

const OFFSETS: [usize; GROUPS.len() + 1] = {
    let mut offsets = [0; GROUPS.len() + 1];
    let mut index = 0;
    while index < GROUPS.len() {
        assert!(GROUPS[index].0 as usize == index, "the groups stand in the order of their enum");
        offsets[index + 1] = offsets[index] + GROUPS[index].1;
        index += 1;
    }
    offsets
};

/// All features.
pub const INPUTS: usize = OFFSETS[GROUPS.len()];

/// The features that are present before one decision.
#[derive(Debug, Clone, Default)]
pub struct Inputs(pub Vec<u16>);

impl Inputs {
    /// A feature of a group is present; beyond its last one, the last one is.
    pub fn add(&mut self, group: Group, value: usize) {
        let last = GROUPS[group as usize].1 - 1;
        self.0.push((OFFSETS[group as usize] + value.min(last)) as u16);
    }

    /// A motion, or that there is none.
    pub fn motion(&mut self, group: Group, from: Option<u8>, to: Option<u8>) {
        match from.zip(to) {
            Some((from, to)) => {
                self.add(group, (i32::from(to) - i32::from(from)).clamp(-LEAP, LEAP).abs_diff(-LEAP) as usize);
            }
            None => self.add(group, MOTIONS - 1),
        }
    }

    /// An interval from `anchor` within reach, or that there is none.
    pub fn interval(&mut self, group: Group, anchor: u8, key: Option<u8>) {
        match key {
            Some(key) => self.add(group, from_below(anchor, key)),
            None => self.add(group, AROUND),
        }
    }

    /// Intervals from `anchor` to all of these, as far as they are in reach.
    pub fn around(&mut self, group: Group, anchor: u8, frame: &[u8]) {
        for &key in frame.iter().filter(|&&key| key.abs_diff(anchor) <= REACH as u8) {
            self.add(group, from_below(anchor, key));
        }
    }

    /// The pitch classes of a frame, each once.
    pub fn classes(&mut self, group: Group, keys: impl IntoIterator<Item = u8>) {
        let classes = keys.into_iter().fold(0_u16, |classes, key| classes | 1 << class(Some(key)));
        (0..12).filter(|class| classes >> class & 1 == 1).for_each(|class| self.add(group, class));
    }
}

fn from_below(anchor: u8, key: u8) -> usize {
    (i32::from(key) - i32::from(anchor)).clamp(-REACH, REACH).abs_diff(-REACH) as usize
}

/// Pitch class counted from the lowest key, or 12 for none.
pub fn class(key: Option<u8>) -> usize {
    key.map_or(12, |key| usize::from(key) % 12)
}

/// 0, 1, 2, 3, 4, 5 or 6, 7 or 8, up to 12, 16, 32, 64 and beyond.
pub fn bucket(count: usize) -> usize {
    const LAST: [usize; BUCKETS - 1] = [0, 1, 2, 3, 4, 6, 8, 12, 16, 32, 64];
    LAST.partition_point(|&last| last < count)
}
