//! An inspection for people: a line for each thing that is known.

use super::Inspection;
use crate::measure::Measures;
use crate::wav::chunks::{Acid, Broadcast, CuePoint, Format};
use crate::wav::{ChunkEntry, Description};

/// Cue points that are named one by one.
const NAMED_CUES: usize = 8;

/// Longest text that is shown.
const SHOWN: usize = 200;

/// All lines about a file.
pub fn lines(inspection: &Inspection) -> Vec<String> {
    let Inspection { path, description, measures, recipe, .. } = inspection;
    let mut lines = vec![path.display().to_string()];
    let mut add = |name: &str, text: String| lines.push(format!("  {name:<11}{text}"));
    add("format", format(description));
    for fact in description.facts() {
        match fact.name {
            "cues" => add("cues", cues(&description.cues)),
            "comment" if recipe.is_some() => {}
            name => add(name, cut(&fact.value)),
        }
    }
    if let Some((recipe, _)) = recipe {
        add("recipe", format!("{} seed {}, by riffsmith {}", recipe.style, recipe.seed.0, recipe.version));
    }
    if let Some(broadcast) = &description.broadcast {
        add("bext", bext(broadcast));
    }
    match (measures, &inspection.audio) {
        (Some(measures), _) => levels(measures, description, &mut add),
        (None, Err(error)) => add("levels", format!("not measured: {error}")),
        (None, Ok(_)) => {}
    }
    add("chunks", description.chunks.iter().map(chunk).collect::<Vec<_>>().join(", "));
    for warning in &description.warnings {
        add("warning", warning.clone());
    }
    lines
}

fn format(description: &Description) -> String {
    let Format { encoding, extensible, channels, rate_hz, bits, .. } = description.format;
    let channels = match channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        more => format!("{more} channels"),
    };
    let form = if extensible { " (extensible)" } else { "" };
    let length = match (description.frames, description.seconds()) {
        (Some(frames), Some(seconds)) => format!("{frames} frames, {seconds:.3} s"),
        _ => "of unknown length".to_owned(),
    };
    format!("{bits}-bit {encoding}{form}, {rate_hz} Hz, {channels}, {length}")
}

fn cues(cues: &[CuePoint]) -> String {
    let name = |cue: &CuePoint| match &cue.label {
        Some(label) => format!("{label} at {}", cue.frame),
        None => cue.frame.to_string(),
    };
    let mut text = cues.iter().take(NAMED_CUES).map(name).collect::<Vec<_>>().join(", ");
    if cues.len() > NAMED_CUES {
        text.push_str(&format!(" and {} more", cues.len() - NAMED_CUES));
    }
    cut(&text)
}

fn bext(broadcast: &Broadcast) -> String {
    let Broadcast { description, originator, reference, date, time, time_reference_frames, loudness } = broadcast;
    let mut parts: Vec<String> =
        [description, originator, reference, date, time].into_iter().filter(|text| !text.is_empty()).cloned().collect();
    parts.push(format!("starts at frame {time_reference_frames}"));
    for (level, unit) in [
        (loudness.integrated_lufs, "LUFS"),
        (loudness.range_lu, "LU range"),
        (loudness.true_peak_dbtp, "dBTP"),
        (loudness.momentary_max_lufs, "LUFS momentary"),
        (loudness.short_term_max_lufs, "LUFS short-term"),
    ] {
        parts.extend(level.map(|level| format!("{level} {unit}")));
    }
    cut(&parts.join(", "))
}

fn levels(measures: &Measures, description: &Description, add: &mut impl FnMut(&str, String)) {
    let Measures { loudness, levels, seam } = measures;
    let Some(crest_db) = levels.crest_db() else {
        add("levels", "silence".to_owned());
        return;
    };
    let folded = if description.format.channels > 2 { ", folded down to stereo" } else { "" };
    add(
        "levels",
        format!(
            "peak {:.2} dBFS, true peak {:.2} dBTP, {}, crest {crest_db:.1} dB{folded}",
            levels.peak_dbfs,
            loudness.true_peak_dbtp,
            lufs(loudness.integrated_lufs)
        ),
    );
    let [left, right] = levels.dc;
    add("DC", format!("{:.3} % of full scale", 100.0 * left.abs().max(right.abs())));
    if let Some(correlation) = levels.correlation {
        add("stereo", format!("correlation {correlation:+.2}"));
    }
    if let Some(balance) = levels.balance {
        let percent = |share: f32| share * 100.0;
        add(
            "balance",
            format!(
                "sub {:.0} %, low {:.0} %, mid {:.0} %, high {:.0} %",
                percent(balance.sub),
                percent(balance.low),
                percent(balance.mid),
                percent(balance.high)
            ),
        );
    }
    // A one-shot that is not held does not repeat.
    let repeats = description.sampler.as_ref().is_some_and(|sampler| !sampler.loops.is_empty());
    if repeats || !description.acid.as_ref().is_some_and(Acid::is_one_shot) {
        add("seam", format!("{seam:.2}, {}", if *seam <= 1.0 { "closes" } else { "rougher than the sound itself" }));
    }
}

fn lufs(loudness: f32) -> String {
    if loudness.is_finite() { format!("{loudness:.1} LUFS") } else { "too soft for LUFS".to_owned() }
}

fn chunk(chunk: &ChunkEntry) -> String {
    format!("{} {}{}", chunk.name, chunk.size, if chunk.known { "" } else { " (unknown)" })
}

/// One line, not too long.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN { line } else { line.chars().take(SHOWN).chain("...".chars()).collect() }
}
