//! The controls, each with what it sets and what should follow.

use super::Heard;
use super::measures::{
    bars_without_fill, brightness, deviation, intensity, off_beat, pitches, strikes, surprise, swing,
};
use crate::recipe::Choices;
use crate::statistics::mean;
use riffsmith_dsp::score::{Pitch, Role};
use riffsmith_models::composer::Mood;

/// A control, and a number that should follow it.
pub struct Knob {
    pub name: &'static str,
    pub measured: &'static str,
    pub settings: Settings,
    pub set: fn(&mut Choices, f32),
    pub measure: fn(&Heard<'_>) -> f64,
}

/// What a control is set to.
pub enum Settings {
    /// Anything from the least to the greatest.
    Range([f32; 2]),
    /// One of these, in order.
    Each(&'static [f32]),
    /// Each mood, by a number of it.
    Moods(fn(Mood) -> f32),
}

/// A setting, and the number by which settings are ranked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    pub value: f32,
    pub rank: f32,
}

impl Settings {
    /// So many settings from the least to the greatest; all there are, where these are few.
    pub fn spread(&self, count: u64) -> Vec<Setting> {
        let plain = |value: f32| Setting { value, rank: value };
        match self {
            Self::Range([least, most]) => {
                let share = |index: u64| index as f32 / (count - 1).max(1) as f32;
                (0..count).map(|index| plain(least + share(index) * (most - least))).collect()
            }
            Self::Each(settings) => settings.iter().copied().map(plain).collect(),
            Self::Moods(number) => {
                let setting = |(index, mood)| Setting { value: index as f32, rank: number(mood) };
                let mut settings: Vec<Setting> = Mood::all().enumerate().map(setting).collect();
                settings.sort_by(|a, b| a.rank.total_cmp(&b.rank));
                settings
            }
        }
    }
}

fn set_mood(choices: &mut Choices, index: f32) {
    choices.controls.mood = Mood::all().nth(index as usize);
}

/// Bars in which fills are counted: every distance that is set divides them, so that each asks for a number of fills of its own.
const FILL_BARS: u32 = 48;

/// Bars in which notes are counted whose number is small in a loop of the usual length.
const MANY_BARS: u32 = 8;

pub const KNOBS: [Knob; 9] = [
    Knob {
        name: "density",
        measured: "strikes of drums, bass, chords and lead",
        settings: Settings::Range([-1.0, 1.0]),
        set: |choices, value| choices.controls.density = value,
        measure: strikes,
    },
    Knob {
        name: "syncopation",
        measured: "share of bass, chords and lead off the quarters",
        settings: Settings::Range([-1.0, 1.0]),
        set: |choices, value| choices.controls.syncopation = value,
        measure: off_beat,
    },
    Knob {
        name: "swing",
        measured: "place of the second sixteenths",
        settings: Settings::Range([0.5, 0.75]),
        set: |choices, value| choices.swing = Some(value),
        measure: swing,
    },
    Knob {
        name: "humanize",
        measured: "deviation from the grid, ticks",
        settings: Settings::Range([0.0, 2.0]),
        set: |choices, value| {
            choices.controls.humanize = value;
            choices.swing = Some(0.5);
        },
        measure: deviation,
    },
    Knob {
        name: "range",
        measured: "mean pitch of the lead in an octave and a half from the setting",
        settings: Settings::Range([52.0, 78.0]),
        set: |choices, value| {
            let low = Pitch::new(value.round() as u8);
            choices.controls.ranges.insert(Role::Lead, [low, Pitch::new(low.number() + 18)]);
        },
        measure: |heard| mean(pitches(heard.score, Role::Lead)),
    },
    Knob {
        name: "fill",
        measured: "bars without a fill, of 48",
        settings: Settings::Each(&[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0]),
        set: |choices, value| {
            choices.controls.fill_every = Some(value as u32);
            choices.bars = Some(FILL_BARS);
            choices.roles = vec![Role::Drums];
        },
        measure: bars_without_fill,
    },
    Knob {
        name: "temperature",
        measured: "surprise of bass and lead to who knows our grooves, nats a note",
        settings: Settings::Range([0.2, 2.0]),
        set: |choices, value| {
            choices.temperature = Some(value);
            choices.top_p = Some(1.0);
            choices.bars = Some(MANY_BARS);
        },
        measure: surprise,
    },
    Knob {
        name: "valence",
        measured: "brightness of chords and notes, eight moods by their valence",
        settings: Settings::Moods(Mood::valence),
        set: set_mood,
        measure: brightness,
    },
    Knob {
        name: "arousal",
        measured: "energy a second, eight moods by their arousal",
        settings: Settings::Moods(Mood::arousal),
        set: set_mood,
        measure: intensity,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_ranked_and_each_does_what_its_rank_says() {
        let ranks = |settings: Settings| settings.spread(5).iter().map(|setting| setting.rank).collect::<Vec<f32>>();
        assert_eq!(ranks(Settings::Range([0.0, 2.0])), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(ranks(Settings::Each(&[1.0, 4.0])), [1.0, 4.0]);
        let settings = Settings::Moods(Mood::arousal).spread(5);
        assert_eq!(settings.len(), Mood::all().count());
        assert!(settings.is_sorted_by(|a, b| a.rank <= b.rank));
        for setting in settings {
            let mut choices = Choices::default();
            set_mood(&mut choices, setting.value);
            assert_eq!(choices.controls.mood.map(Mood::arousal), Some(setting.rank));
        }
    }
}
