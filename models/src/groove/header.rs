//! The lines above the rows: style, tempo, key, metre, feel and harmony.

use super::Wrong;
use crate::piece::{STEPS_PER_QUARTER, TICKS_PER_STEP};
use riffsmith_dsp::score::{Key, Meter, Tempo};

/// What a header line can be called.
pub const NAMES: [&str; 6] = ["style", "bpm", "key", "meter", "feel", "harmony"];

/// The header lines read so far.
#[derive(Default)]
pub struct Header {
    style: Option<String>,
    tempo: Option<Tempo>,
    key: Option<Key>,
    meter: Option<Meter>,
    swing: Option<Swing>,
    harmony: Option<(usize, String)>,
}

/// A header with everything that it must have.
pub struct Complete {
    pub style: String,
    pub tempo: Tempo,
    pub key: Key,
    pub meter: Meter,
    pub swing: Swing,
    /// Bars of Roman numerals, as written, and their line, from 1.
    pub harmony: (usize, String),
}

impl Header {
    /// Takes what stands on `line` if it belongs to the header; false if it does not.
    pub fn take(&mut self, line: usize, name: &str, value: &str) -> Wrong<bool> {
        match name {
            "style" => set(name, &mut self.style, read_style(value)?)?,
            "bpm" => {
                let bpm = value.parse().map_err(|_| format!("bpm is a number from 20 to 300, not {value:?}"))?;
                set(name, &mut self.tempo, Tempo::new(bpm).map_err(|error| error.to_string())?)?;
            }
            "key" => set(name, &mut self.key, value.parse().map_err(|error| format!("{error}"))?)?,
            "meter" => set(name, &mut self.meter, value.parse().map_err(|error| format!("{error}"))?)?,
            "feel" => set(name, &mut self.swing, Swing::read(value)?)?,
            "harmony" => set(name, &mut self.harmony, (line, value.to_owned()))?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Metre is 4/4 and feel straight where not given; the rest must be there.
    pub fn complete(self) -> Wrong<Complete> {
        let missing = |name| format!("a groove needs a line `{name}: ...`");
        let meter = self.meter.unwrap_or(Meter::COMMON);
        if meter.denominator() > 16 {
            return Err(format!("meter {meter} does not fill sixteenths; write 4/4, 3/4, 6/8, 7/8 or 12/8"));
        }
        Ok(Complete {
            style: self.style.ok_or_else(|| missing("style"))?,
            tempo: self.tempo.ok_or_else(|| missing("bpm"))?,
            key: self.key.ok_or_else(|| missing("key"))?,
            meter,
            swing: self.swing.unwrap_or(Swing::STRAIGHT),
            harmony: self.harmony.ok_or_else(|| missing("harmony"))?,
        })
    }
}

impl Complete {
    /// Grid steps in a bar.
    pub fn steps_per_bar(&self) -> u32 {
        self.meter.bar().0 / TICKS_PER_STEP
    }
}

/// Stores what a line says, once.
fn set<T>(name: &str, slot: &mut Option<T>, value: T) -> Wrong<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("the line {name:?} is there twice")),
    }
}

fn read_style(value: &str) -> Wrong<String> {
    let is_tag = !value.is_empty() && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_tag {
        Ok(value.to_owned())
    } else {
        Err(format!("a style is a word of a to z, 0 to 9 and _, such as drum_and_bass, not {value:?}"))
    }
}

/// Where the second sixteenth of each eighth falls: 50 % is straight, 66 % a triplet, 75 % dotted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swing {
    percent: u8,
}

impl Swing {
    /// Even sixteenths.
    pub const STRAIGHT: Self = Self { percent: 50 };

    fn read(value: &str) -> Wrong<Self> {
        let read = || match value.split_once(' ') {
            None => (value == "straight").then_some(Self::STRAIGHT),
            Some(("swing", percent)) => {
                let percent = percent.trim().parse().ok().filter(|percent| (50..=75).contains(percent))?;
                Some(Self { percent })
            }
            Some(_) => None,
        };
        read().ok_or_else(|| format!("feel is `straight` or `swing 50` to `swing 75`, not {value:?}"))
    }

    /// Score ticks by which an onset comes late. Sixteenths and 32nds swing; triplets stay where they are.
    pub fn delay_ticks(self, step: u32) -> i32 {
        const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;
        if !step.is_multiple_of(SIXTEENTH / 2) {
            return 0;
        }
        // The first sixteenth of an eighth is stretched, the second one shortened by as much.
        let within = step % (2 * SIXTEENTH);
        let stretched = within.min(2 * SIXTEENTH - within);
        let shift = (i32::from(self.percent) - 50) * (2 * stretched * TICKS_PER_STEP) as i32;
        (shift + 50) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swing_delays_the_second_sixteenth_of_each_eighth() {
        let swing = |percent| Swing { percent };
        assert_eq!(swing(75).delay_ticks(6), 60, "a dotted eighth less a straight one");
        assert_eq!(swing(58).delay_ticks(6 + 12), 19);
        assert_eq!(swing(60).delay_ticks(3), 12, "a 32nd goes half as far");
        for step in [0, 12, 24, 4, 8, 16] {
            assert_eq!(swing(66).delay_ticks(step), 0, "{step}");
        }
        assert_eq!(Swing::STRAIGHT.delay_ticks(6), 0);
    }
}
