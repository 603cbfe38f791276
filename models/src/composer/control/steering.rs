//! How wishes push the draws of a part.
//!
//! Onsets are drawn as "the next one lies there". Seen slot by slot that is a row of decisions, strike or not, each with its odds
//! given that nothing was struck before (the discrete hazard); a wish multiplies these odds, so that twice the odds everywhere mean
//! more notes, and odds by metrical weight mean notes elsewhere, while the network still says which slots are likely.

use super::{Controls, Form, fill};
use crate::composer::brief::Brief;
use crate::composer::chord_symbol;
use crate::composer::context::Window;
use crate::composer::features::Cursor;
use crate::composer::grid::{Bar, NEXT_BAR, slot_step};
use crate::composer::kit;
use crate::composer::part::Part;
use crate::composer::pitches;
use crate::piece::{Event, STEPS_PER_QUARTER};
use crate::traits::Rule;
use std::ops::Range;

/// Log odds that the density adds at its ends.
const DENSITY: f32 = 2.4;
/// Log odds that the syncopation adds at its ends, from the strongest to the weakest place.
const SYNCOPATION: f32 = 6.0;
/// Log odds of a hit on a sixteenth within a fill. Networks expect fills at the end of four and eight bars; elsewhere 3.5 left three in
/// four of them out.
const FILL: f32 = 6.5;
/// Added to the logit of snare and toms there: styles with claps hardly know a snare, and played hats with less.
const FILL_DRUM: f32 = 9.0;
/// Log odds of a strike at a place that a trait wants struck, of one more drum there, and added to that drum's logit.
const PLACE: f32 = 1.5;
const STACKED: f32 = 1.5;
const DRUM: f32 = 2.0;
/// Taken from the logit of a pitch at the end of the range that was asked for: lines keep to its middle.
const MIDDLE: f32 = 2.0;
/// Added to the logit of a chord that holds all of the melody's next notes, taken where it holds none; and log odds of a change, where
/// the chord before holds none.
const HOLDS: f32 = 3.5;
const CHANGES: f32 = 2.0;
/// Steps that a melody's note is taken to last at most: four bars of 4/4.
const LONGEST: u32 = 16 * STEPS_PER_QUARTER;
/// Added to the logit of a drum that answers an accent, at most.
const ANSWER: f32 = 1.0;
/// Log odds that silence a part.
const SILENT: f32 = -12.0;

/// How one part is pushed.
#[derive(Debug, Clone, Copy)]
pub struct Steering<'a> {
    part: Part,
    grid: Bar,
    bars: u32,
    tonic: i32,
    controls: &'a Controls,
    rules: &'a [Rule],
    accents: &'a [f32],
    melody: &'a [Event],
}

impl<'a> Steering<'a> {
    /// The wishes of a brief for a part.
    pub fn new(part: Part, brief: &'a Brief) -> Self {
        let options = brief.options();
        Self {
            part,
            grid: brief.grid(),
            bars: options.bars,
            tonic: i32::from(options.key.tonic.semitones()),
            controls: &options.controls,
            rules: &options.rules,
            accents: &[],
            melody: &[],
        }
    }

    /// The same, with chords that hold the notes of a melody, its tonic at C.
    pub fn under(self, melody: &'a [Event]) -> Self {
        Self { melody, ..self }
    }

    /// The same, with log odds of a strike added at each step (from the first; none beyond the last): drums are struck there rather by kick,
    /// snare, clap and rim than by others.
    pub fn accenting(self, accents: &'a [f32]) -> Self {
        Self { accents, ..self }
    }

    /// The earlier bar that this one repeats.
    pub fn repeats(&self, bar: u32) -> Option<u32> {
        let form = self.controls.form.as_ref()?;
        // A fill is played anew.
        form.repeats(bar, self.bars).filter(|_| !self.has_fill(bar))
    }

    /// True where a new section begins that is not to go on from the one before.
    pub fn begins_anew(&self, bar: u32) -> bool {
        self.controls.form.as_ref().is_some_and(|form| form.begins_anew(bar, self.bars))
    }

    /// Log odds added to a strike at a slot, while a bar is written with its fill or without.
    pub fn onset(&self, cursor: Cursor, slot: usize, filling: bool) -> f32 {
        let stacked = cursor.taken.is_some() && slot == cursor.slot;
        if self.part == Part::Harmony {
            return 0.0;
        }
        let bar = cursor.bar;
        if stacked && self.part == Part::Drums {
            // One more drum where a trait wants one that can still be struck.
            let wanted = self.wanted(bar, slot, |own| {
                own.drums().iter().any(|&drum| kit::symbol(drum) > cursor.taken.map(usize::from))
            });
            if wanted > 0.0 {
                return STACKED;
            }
        }
        let crash = if self.part == Part::Drums && slot == 0 && self.follows_fill(bar) { 2.0 } else { 0.0 };
        if stacked {
            return crash;
        }
        let density = DENSITY * self.controls.density();
        let syncopation = SYNCOPATION * self.controls.syncopation * (weakness(slot_step(slot), self.grid) - 0.4);
        let is_sixteenth = slot_step(slot).is_multiple_of(STEPS_PER_QUARTER / 4);
        let fill = if filling && is_sixteenth && self.is_fill(slot) { FILL } else { 0.0 };
        // That a drum is not to be struck says nothing of the others.
        let place = self.wanted(bar, slot, |_| true);
        let place = PLACE * if self.part == Part::Drums { place.max(0.0) } else { place };
        density + syncopation + fill + crash + place + self.section(bar) + self.accent(bar, slot)
    }

    /// Added to the logit of a symbol struck at a slot, while a bar is written with its fill or without.
    pub fn symbol(&self, window: Window<'_>, cursor: Cursor, slot: usize, symbol: usize, filling: bool) -> f32 {
        match self.part {
            Part::Drums if filling && self.is_fill(slot) => match kit::drum(symbol) {
                drum if fill::has(drum) => FILL_DRUM,
                drum if is_timekeeper(drum) => -1.5,
                _ => 0.0,
            },
            // Fills where they are asked for, and nowhere else.
            Part::Drums if self.controls.fill_every.is_some() && self.is_roll(slot, kit::drum(symbol)) => -3.0,
            Part::Drums if slot == 0 && kit::drum(symbol) == 49 && self.follows_fill(cursor.bar) => 3.0,
            Part::Drums => {
                let drum = kit::drum(symbol);
                let is_answer = matches!(drum, 36..=40);
                let accent = if is_answer { self.accent(cursor.bar, slot).clamp(0.0, ANSWER) } else { 0.0 };
                DRUM * self.wanted(cursor.bar, slot, |own| own.drums().contains(&drum)) + accent
            }
            Part::Harmony => {
                let Some(chord) = chord_symbol::chord(symbol) else { return 0.0 };
                let mood = self.controls.mood.map_or(0.0, |mood| mood.chord(chord));
                let from = window.step(cursor.bar * self.grid.steps + slot_step(slot));
                let under = self.controls.primer.as_ref().map_or(0.0, |primer| {
                    let classes = chord_symbol::class_set(Some(chord));
                    let [inside, outside] = primer.agreement(self.tonic, from, from + self.grid.steps, classes);
                    4.0 * (inside as f32 - outside as f32) / (inside + outside).max(1) as f32
                });
                let classes = chord_symbol::class_set(Some(chord));
                let step = cursor.bar * self.grid.steps + slot_step(slot);
                // What sounds soon counts more: the chord may give way later.
                let soon = self.agreement(step..step + 2 * STEPS_PER_QUARTER, classes);
                let later = self.agreement(step..step + self.grid.steps, classes);
                mood + under + HOLDS * (0.7 * soon + 0.3 * later)
            }
            Part::Bass | Part::Lead => {
                let pitch = self.pitch(symbol);
                let colour = self.controls.mood.map_or(0.0, |mood| mood.pitch(pitch - self.tonic));
                let middle = self.controls.range(self.part).map_or(0.0, |[low, high]| {
                    let [low, high] = [low, high].map(|pitch| f32::from(pitch.number()));
                    let from_middle = (pitch as f32 - (low + high) / 2.0) / ((high - low) / 2.0);
                    -MIDDLE * from_middle * from_middle
                });
                colour + middle
            }
            _ => 0.0,
        }
    }

    /// The MIDI pitch of a bass's or lead's symbol.
    fn pitch(&self, symbol: usize) -> i32 {
        let range = if self.part == Part::Bass { pitches::BASS } else { pitches::LEAD };
        i32::from(range.pitch(symbol)) + self.shift()
    }

    /// True for a symbol within the range asked for.
    pub fn allows(&self, symbol: usize) -> bool {
        if !self.part.is_melodic() {
            return true;
        }
        self.controls.range(self.part).is_none_or(|[low, high]| {
            (i32::from(low.number())..=i32::from(high.number())).contains(&self.pitch(symbol))
        })
    }

    /// Semitones from C to the nearest tonic of the key.
    pub fn shift(&self) -> i32 {
        if self.tonic > 6 { self.tonic - 12 } else { self.tonic }
    }

    /// What the rules of the part want of a slot, those that `counts` admits: 1 a strike, -1 none.
    fn wanted(&self, bar: u32, slot: usize, counts: impl Fn(&Rule) -> bool) -> f32 {
        let step = bar * self.grid.steps + slot_step(slot);
        let own = self.rules.iter().filter(|rule| Some(rule.role()) == self.part.role() && counts(rule));
        own.map(|rule| rule.wants(step, self.grid.steps)).sum::<f32>().clamp(-1.0, 1.0)
    }

    /// Log odds of another chord at a slot, after the one of `symbol`: where it does not hold the melody any more.
    pub fn change(&self, bar: u32, slot: usize, symbol: Option<u16>) -> f32 {
        let step = slot_step(slot);
        let Some(symbol) = symbol.filter(|_| !self.melody.is_empty()) else { return 0.0 };
        let classes = chord_symbol::class_set(chord_symbol::chord(usize::from(symbol)));
        let from = bar * self.grid.steps + step;
        match step.is_multiple_of(STEPS_PER_QUARTER) {
            true => -CHANGES * self.agreement(from..from + 2 * STEPS_PER_QUARTER, classes),
            false => -CHANGES,
        }
    }

    /// How much of the melody in these steps is in a set of pitch classes: 1 all, -1 nothing, 0 where it is silent.
    fn agreement(&self, steps: Range<u32>, classes: u16) -> f32 {
        let (mut inside, mut all) = (0.0, 0.0);
        let first = self.melody.partition_point(|event| event.step + LONGEST < steps.start);
        for event in self.melody[first..].iter().take_while(|event| event.step < steps.end) {
            let common = (event.step + event.length).min(steps.end).saturating_sub(event.step.max(steps.start)) as f32;
            all += common;
            inside += common * f32::from(u8::from(classes >> (event.pitch % 12) & 1 == 1));
        }
        if all > 0.0 { 2.0 * inside / all - 1.0 } else { 0.0 }
    }

    fn accent(&self, bar: u32, slot: usize) -> f32 {
        let step = (bar * self.grid.steps + slot_step(slot)) as usize;
        self.accents.get(step).copied().unwrap_or(0.0)
    }

    /// Log odds of all of a bar, as the form has it.
    fn section(&self, bar: u32) -> f32 {
        match &self.controls.form {
            Some(Form::CallResponse) => match (self.part, bar % 2) {
                (Part::Lead, 0) => 0.3,
                (Part::Lead, _) => SILENT,
                (Part::Chords | Part::Bass, 0) => -0.6,
                (Part::Chords | Part::Bass, _) => 0.6,
                _ => 0.0,
            },
            _ => 0.0,
        }
    }

    /// True for a bar that the part plays with a fill.
    pub fn has_fill(&self, bar: u32) -> bool {
        self.part == Part::Drums && fill::is_due(self.controls, bar)
    }

    /// True for what a fill would be made of, where none is: toms, and in the second half of a bar snares off the quarters.
    fn is_roll(&self, slot: usize, drum: u8) -> bool {
        let is_weak = !slot_step(slot).is_multiple_of(STEPS_PER_QUARTER);
        fill::has(drum) && (drum != 38 || (is_weak && self.is_fill(slot)))
    }

    /// True for a slot where fills are played.
    fn is_fill(&self, slot: usize) -> bool {
        slot_step(slot) >= fill::start(self.grid)
    }

    fn follows_fill(&self, bar: u32) -> bool {
        self.has_fill((bar + self.bars - 1) % self.bars.max(1))
    }
}

/// True for hats, ride, tambourine and shaker.
fn is_timekeeper(drum: u8) -> bool {
    matches!(drum, 42 | 44 | 46 | 51 | 54 | 70)
}

/// How weak a place in the bar is, 0 (its start) to 1 (between the sixteenths), after the metrical levels of Longuet-Higgins and Lee,
/// "The rhythmic interpretation of monophonic music" (1984).
pub fn weakness(step: u32, grid: Bar) -> f32 {
    let quarter = STEPS_PER_QUARTER;
    match step {
        0 => 0.0,
        step if grid.steps.is_multiple_of(2 * quarter) && step.is_multiple_of(2 * quarter) => 0.1,
        step if step.is_multiple_of(quarter) => 0.2,
        step if step.is_multiple_of(quarter / 2) => 0.6,
        step if step.is_multiple_of(quarter / 4) => 0.9,
        _ => 1.0,
    }
}

/// Multiplies the odds of a strike, slot by slot, by the exponential of `log_odds`; `allowed` says which classes can be drawn. The
/// classes must lie in the order of time, [`NEXT_BAR`] last.
pub fn steer_onsets(logits: &mut [f32], allowed: impl Fn(usize) -> bool, log_odds: impl Fn(usize) -> f32) {
    let classes: Vec<usize> = (0..logits.len()).filter(|&class| allowed(class)).collect();
    let shifts: Vec<f32> = classes.iter().map(|&class| if class == NEXT_BAR { 0.0 } else { log_odds(class) }).collect();
    if shifts.iter().all(|&shift| shift == 0.0) {
        return;
    }
    let highest = classes.iter().map(|&class| logits[class]).fold(f32::MIN, f32::max);
    let weights: Vec<f64> = classes.iter().map(|&class| f64::from(logits[class] - highest).exp()).collect();
    // What is left from a class on.
    let mut rest: Vec<f64> = weights
        .iter()
        .rev()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    rest.reverse();
    let mut survived = 0.0f64;
    for (index, &class) in classes.iter().enumerate() {
        let later = (rest[index] - weights[index]).max(0.0);
        if index + 1 == classes.len() || later <= 0.0 {
            logits[class] = survived as f32;
            for &never in &classes[index + 1..] {
                logits[never] = f32::MIN;
            }
            break;
        }
        let odds = (weights[index] / later).max(1e-30).ln() + f64::from(shifts[index]);
        // ln of strike and of no strike, from the log odds.
        let strike = -(-odds).exp().ln_1p();
        let none = -odds.exp().ln_1p();
        logits[class] = (survived + strike) as f32;
        survived += none;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(logits: &[f32], classes: &[usize]) -> Vec<f32> {
        let sum: f32 = classes.iter().map(|&class| logits[class].exp()).sum();
        classes.iter().map(|&class| logits[class].exp() / sum).collect()
    }

    #[test]
    fn odds_are_multiplied_slot_by_slot() {
        let mut logits = vec![0.0; NEXT_BAR + 1];
        let classes = [3, 6, NEXT_BAR];
        for (class, share) in classes.into_iter().zip([0.5f32, 0.25, 0.25]) {
            logits[class] = share.ln();
        }
        let plain = logits.clone();
        steer_onsets(&mut logits, |class| classes.contains(&class), |_| 0.0);
        assert_eq!(logits, plain);
        // Both have even odds; three times as good ones strike with 3/4.
        steer_onsets(&mut logits, |class| classes.contains(&class), |_| 3.0f32.ln());
        for (share, expected) in shares(&logits, &classes).into_iter().zip([0.75, 0.1875, 0.0625]) {
            assert!((share - expected).abs() < 1e-5, "{share} {expected}");
        }
    }

    #[test]
    fn extreme_logits_stay_numbers() {
        for extreme in [-200.0f32, 200.0] {
            let mut logits = vec![0.0; NEXT_BAR + 1];
            logits[5] = extreme;
            steer_onsets(&mut logits, |class| class >= 5, |_| 5.0);
            assert!(logits.iter().all(|logit| !logit.is_nan()), "{extreme}");
        }
    }
}
