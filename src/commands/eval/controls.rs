//! Whether each control does what it says: settings against what is measured in the notes, by rank.

use crate::commands::{generate, values};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::recipe::{Choices, Recipe};
use crate::statistics::{entropy, mean, spearman};
use crate::style::Style;
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Pitch, Role, Score};
use riffsmith_models::composer::Composer;
use serde::Serialize;
use std::path::PathBuf;

/// Measure each control of the composer: Spearman's rank correlation between its setting and what it controls
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Style, see `riffsmith list styles`
    #[arg(long, default_value = "house")]
    style: String,
    /// Measure only this control; may be given several times
    #[arg(long, value_name = "NAME", value_parser = control_name)]
    control: Vec<String>,
    /// Settings of each control, 3 to 100
    #[arg(long, default_value = "20", value_parser = values::within(3..=100_u64))]
    settings: u64,
    /// Seeds of each setting, 1 to 1000
    #[arg(long, default_value = "20", value_parser = values::within(1..=1000_u64))]
    seeds: u64,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

/// A control, from its least setting to its greatest, and a number that should follow it.
struct Knob {
    name: &'static str,
    measured: &'static str,
    settings: [f32; 2],
    set: fn(&mut Choices, f32),
    measure: fn(&Score) -> f64,
}

const KNOBS: [Knob; 8] = [
    Knob {
        name: "density",
        measured: "strikes of drums, bass, chords and lead",
        settings: [-1.0, 1.0],
        set: |choices, value| choices.controls.density = value,
        measure: |score| score.tracks.iter().map(|track| onsets(&track.notes).len() as f64).sum(),
    },
    Knob {
        name: "syncopation",
        measured: "share of bass, chords and lead off the quarters",
        settings: [-1.0, 1.0],
        set: |choices, value| choices.controls.syncopation = value,
        measure: off_beat,
    },
    Knob {
        name: "swing",
        measured: "place of the second sixteenths",
        settings: [0.5, 0.75],
        set: |choices, value| choices.swing = Some(value),
        measure: swing,
    },
    Knob {
        name: "humanize",
        measured: "deviation from the grid, ticks",
        settings: [0.0, 2.0],
        set: |choices, value| {
            choices.controls.humanize = value;
            choices.swing = Some(0.5);
        },
        measure: deviation,
    },
    Knob {
        name: "range",
        measured: "mean pitch of the lead in an octave and a half from the setting",
        settings: [52.0, 78.0],
        set: |choices, value| {
            let low = Pitch::new(value.round() as u8);
            choices.controls.ranges.insert(Role::Lead, [low, Pitch::new(low.number() + 18)]);
        },
        measure: |score| mean(pitches(score, Role::Lead)),
    },
    Knob {
        name: "fill",
        measured: "bars without a fill, of 24",
        settings: [1.0, 8.0],
        set: |choices, value| {
            choices.controls.fill_every = Some(value.round() as u32);
            choices.bars = Some(24);
            choices.roles = vec![Role::Drums];
        },
        measure: |score| 24.0 - fills(score),
    },
    Knob {
        name: "temperature",
        measured: "entropy of the pitch classes and gaps of lead and bass, bits",
        settings: [0.2, 2.0],
        set: |choices, value| {
            choices.temperature = Some(value);
            choices.top_p = Some(1.0);
            choices.bars = Some(8);
        },
        measure: surprise,
    },
    Knob {
        name: "mood",
        measured: "brightness of the chords, sad to happy",
        settings: [0.0, 1.0],
        set: |choices, value| {
            let moods = ["dark", "sad", "dreamy", "calm", "happy"];
            let index = (value * (moods.len() - 1) as f32).round() as usize;
            choices.controls.mood = moods[index].parse().ok();
        },
        measure: brightness,
    },
];

fn control_name(text: &str) -> std::result::Result<String, String> {
    if KNOBS.iter().any(|knob| knob.name == text) {
        return Ok(text.to_owned());
    }
    Err(format!("must be one of {}", KNOBS.map(|knob| knob.name).join(", ")))
}

#[derive(Serialize)]
struct Row {
    control: &'static str,
    measured: &'static str,
    least: f64,
    most: f64,
    spearman: f64,
}

/// Prints the table.
///
/// # Errors
/// If the style or the weights cannot be read.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let composer = generate::composer(args.weights.as_deref())?;
    let style = Style::find(&args.style)?;
    let (settings, seeds) = (args.settings, args.seeds);
    console.line(&format!("{}, {settings} settings of {seeds} seeds each; means at the ends", style.name))?;
    let mut rows = Vec::new();
    for knob in KNOBS.iter().filter(|knob| args.control.is_empty() || args.control.iter().any(|name| name == knob.name))
    {
        let progress = console.progress(knob.name, settings * seeds);
        let mut points = Vec::new();
        for index in 0..settings {
            let share = index as f32 / (settings - 1) as f32;
            let setting = knob.settings[0] + share * (knob.settings[1] - knob.settings[0]);
            for seed in 0..seeds {
                points.push((f64::from(setting), (knob.measure)(&compose(&style, knob, setting, seed, &composer)?)));
                progress.inc(1);
            }
        }
        progress.finish_and_clear();
        let seeds = seeds as usize;
        let [least, most] = [&points[..seeds], &points[points.len() - seeds..]]
            .map(|points| mean(points.iter().map(|(_, value)| *value)));
        let row = Row { control: knob.name, measured: knob.measured, least, most, spearman: spearman(&points) };
        console
            .line(&format!("{:12} {:6.3}  {least:8.2} to {most:8.2}  {}", row.control, row.spearman, row.measured))?;
        rows.push(row);
    }
    console.object(&rows)
}

fn compose(style: &Style, knob: &Knob, setting: f32, seed: u64, composer: &Composer) -> Result<Score> {
    let mut choices = Choices::default();
    (knob.set)(&mut choices, setting);
    let recipe = Recipe::resolve(style, &choices, Seed(seed), composer.hash()).map_err(Error::failed)?;
    Ok(composer.compose(&recipe.brief(), recipe.seed.fork("compose")))
}

fn onsets(notes: &[riffsmith_dsp::score::Note]) -> Vec<u32> {
    let mut starts: Vec<u32> = notes.iter().map(|note| note.start.0).collect();
    starts.dedup();
    starts
}

fn pitches(score: &Score, role: Role) -> impl Iterator<Item = f64> {
    score.track(role).into_iter().flat_map(|track| &track.notes).map(|note| f64::from(note.pitch.number()))
}

fn off_beat(score: &Score) -> f64 {
    let pitched = score.tracks.iter().filter(|track| !track.is_drums());
    let starts = pitched.flat_map(|track| onsets(&track.notes));
    mean(starts.map(|start| f64::from(u8::from((start % 480).min(480 - start % 480) > 40))))
}

fn swing(score: &Score) -> f64 {
    // What lies in the second quarter of an eighth up to three quarters of it: the moved sixteenth, straight at a half.
    let starts = score.tracks.iter().flat_map(|track| onsets(&track.notes));
    let within = starts.map(|start| f64::from(start % 240) / 240.0);
    mean(within.filter(|within| (0.42..0.83).contains(within)))
}

fn deviation(score: &Score) -> f64 {
    let starts = score.tracks.iter().flat_map(|track| onsets(&track.notes));
    // Of what is near to a sixteenth.
    let off = |start: u32| Some((start % 120).min(120 - start % 120)).filter(|&off| off <= 30);
    mean(starts.filter_map(off).map(f64::from))
}

fn fills(score: &Score) -> f64 {
    let bar = score.meter().bar().0;
    let Some(drums) = score.track(Role::Drums) else { return 0.0 };
    let is_fill = |index: u32| {
        let half = index * bar + bar / 2..(index + 1) * bar;
        let own = drums.notes.iter().filter(|note| half.contains(&note.start.0));
        own.filter(|note| matches!(note.pitch.number(), 38 | 45 | 47 | 50)).count() >= 4
    };
    (0..score.length.0 / bar).filter(|&index| is_fill(index)).count() as f64
}

fn surprise(score: &Score) -> f64 {
    let of_role = |role| {
        let Some(track) = score.track(role) else { return 0.0 };
        let classes = track.notes.iter().map(|note| u32::from(note.pitch.class().semitones()));
        let gaps = track.notes.windows(2).map(|pair| ((pair[1].start.0 - pair[0].start.0) + 30) / 60);
        entropy(classes) + entropy(gaps)
    };
    of_role(Role::Lead) + of_role(Role::Bass)
}

/// The share of chords with a major third less that of those with a minor one, and the brightness of the mode.
fn brightness(score: &Score) -> f64 {
    mean(score.chords.iter().map(|(_, chord)| {
        let has = |third: u8| f64::from(u8::from(chord.quality.intervals().contains(&third)));
        has(4) - has(3)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_of_a_few_loops_follows_its_knob() {
        let composer = Composer::builtin().expect("built in");
        let style = Style::find("house").expect("a style");
        let knob = &KNOBS[0];
        let count = |setting| {
            let one = |seed| (knob.measure)(&compose(&style, knob, setting, seed, &composer).expect("composes"));
            (0..3).map(one).sum::<f64>()
        };
        let [sparse, usual, busy] = [-1.0, 0.0, 1.0].map(count);
        assert!(1.5 * sparse < usual && 1.3 * usual < busy, "{sparse} {usual} {busy}");
    }
}
