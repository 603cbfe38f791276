//! The analysis for people.

use riffsmith_dsp::analysis::{Analysis, Beats, ChordSpan, Motif, numeral};
use riffsmith_dsp::score::{Score, Ticks};

/// Bars of chords in a line.
const BARS_IN_LINE: usize = 4;

/// Changes of tempo and metre that are listed.
const MOST_CHANGES: usize = 8;

/// The lines, a topic each.
pub fn lines(score: &Score, analysis: &Analysis) -> Vec<String> {
    let mut lines = vec![length(analysis), tempo(score), metre(score, &analysis.beats)];
    lines.extend(keys(score, analysis));
    lines.extend(analysis.parts.iter().map(|part| {
        let track = &score.tracks[part.track];
        let name = if track.name.is_empty() { format!("track {}", part.track + 1) } else { printable(&track.name) };
        let (low, high) = part.range;
        let range = if track.is_drums() { String::new() } else { format!(", {low} to {high}") };
        let voices = if part.voices >= 1.3 { format!(", {:.1} voices", part.voices) } else { String::new() };
        let share = 100.0 * part.presence;
        format!("{:9}{name}: {} notes{range}{voices}, in {share:.0} % of the bars", part.function.name(), part.notes)
    }));
    lines.extend(analysis.sections.iter().map(|section| {
        let alike = if section.likeness < 1.0 { format!(" ({:.2} alike)", section.likeness) } else { String::new() };
        format!("{:9}{} bars {}-{}{alike}", "section", section.label, section.from + 1, section.to)
    }));
    lines.extend(repeats(analysis));
    lines.extend(chords(analysis));
    lines.extend(analysis.motifs.iter().map(|(track, motif)| motif_line(*track, motif, score, &analysis.beats)));
    lines.extend(density(analysis));
    lines.extend(feel(analysis));
    lines
}

/// A name without control characters, which would move the terminal's cursor.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn length(analysis: &Analysis) -> String {
    let notes: usize = analysis.density.iter().sum();
    let (bars, seconds) = (analysis.beats.bars.len(), analysis.seconds);
    let nothing = if notes == 0 { ": there is nothing to analyse" } else { "" };
    format!("{:9}{bars} bars, {seconds:.1} s, {notes} notes{nothing}", "length")
}

fn tempo(score: &Score) -> String {
    let bpms = score.tempos.iter().map(|(_, tempo)| tempo.bpm());
    let (low, high) = bpms.fold((f64::MAX, 0.0f64), |(low, high), bpm| (low.min(bpm), high.max(bpm)));
    let changes = match score.tempos.len() - 1 {
        0 => String::new(),
        count => format!(", {count} change{}, {low:.1} to {high:.1}", if count == 1 { "" } else { "s" }),
    };
    format!("{:9}{:.1} bpm{changes}", "tempo", score.tempo().bpm())
}

fn metre(score: &Score, beats: &Beats) -> String {
    let place = |&(at, meter): &(Ticks, _)| format!("{meter} from bar {}", beats.bar_at(at) + 1);
    let changes: Vec<String> = score.meters.iter().skip(1).take(MOST_CHANGES).map(place).collect();
    let more = if score.meters.len() > MOST_CHANGES + 1 { ", and more" } else { "" };
    let first = score.meter();
    if changes.is_empty() {
        format!("{:9}{first}", "metre")
    } else {
        format!("{:9}{first}, {}{more}", "metre", changes.join(", "))
    }
}

fn keys(score: &Score, analysis: &Analysis) -> Vec<String> {
    let Some((home, sure)) = analysis.keys.home else { return vec![format!("{:9}none: no pitched notes", "key")] };
    let second = analysis.keys.second.map_or(String::new(), |(key, sure)| format!("; or {key}, {sure:.2}"));
    let written = score.keys.first().map_or(String::new(), |(_, key)| format!("; the file says {key}"));
    let mut lines = vec![format!("{:9}{home}, {sure:.2}{second}{written}", "key")];
    if analysis.keys.regions.len() > 1 {
        lines.extend(analysis.keys.regions.iter().map(|region| {
            let (from, to, key, sure) = (region.from + 1, region.to, region.key, region.confidence);
            format!("{:9}{key} in bars {from}-{to}, {sure:.2}", "")
        }));
    }
    lines
}

fn repeats(analysis: &Analysis) -> Option<String> {
    let again = analysis.repeats.iter().flatten().count();
    let bars = analysis.repeats.len();
    (again > 0).then(|| format!("{:9}{again} of {bars} bars repeat an earlier one exactly", "repeats"))
}

/// The chord on each beat on which one begins, four bars a line: a dot is a beat on which the one before goes on.
fn chords(analysis: &Analysis) -> Vec<String> {
    let beats = &analysis.beats;
    if analysis.chords.is_empty() {
        return Vec::new();
    }
    let mut symbols = vec![String::from("."); beats.beats.len()];
    let mut numerals = symbols.clone();
    for (index, span) in analysis.chords.iter().enumerate() {
        symbols[span.beat] = span.chord.map_or("-".to_owned(), |chord| chord.to_string());
        numerals[span.beat] = roman(span, analysis.chords.get(index + 1)).unwrap_or_else(|| "-".to_owned());
    }
    let bar = |words: &[String], bar: usize| {
        let end = beats.bars.get(bar + 1).map_or(words.len(), |next| next.first_beat);
        words[beats.bars[bar].first_beat..end].join(" ").trim_end_matches([' ', '.']).to_owned()
    };
    let mut lines = Vec::new();
    for first in (0..beats.bars.len()).step_by(BARS_IN_LINE) {
        let bars = first..(first + BARS_IN_LINE).min(beats.bars.len());
        let cells: Vec<[String; 2]> = bars
            .map(|index| {
                let cell = [bar(&symbols, index), bar(&numerals, index)];
                // A bar in which nothing changes.
                if cell[0].is_empty() { ["%".to_owned(), "%".to_owned()] } else { cell }
            })
            .collect();
        let row = |of: usize| {
            let width = |cell: &[String; 2]| cell[0].chars().count().max(cell[1].chars().count());
            let cells = cells.iter().map(|cell| format!("{:1$}", cell[of], width(cell)));
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        lines.push(format!("{:9}{:4}  {}", if first == 0 { "chords" } else { "" }, first + 1, row(0)));
        lines.push(format!("{:15}{}", "", row(1)));
    }
    lines
}

/// The Roman numeral of a span.
pub fn roman(span: &ChordSpan, next: Option<&ChordSpan>) -> Option<String> {
    Some(numeral(span.chord?, span.key?, next.and_then(|next| next.chord)))
}

fn motif_line(track: usize, motif: &Motif, score: &Score, beats: &Beats) -> String {
    let pitches: Vec<String> = motif.notes.iter().map(|note| note.pitch.to_string()).collect();
    let name = printable(&score.tracks[track].name);
    let name = if name.is_empty() { format!("track {}", track + 1) } else { name };
    let (bar, times) = (beats.bar_at(motif.starts[0]) + 1, motif.starts.len());
    let pitches = pitches.join(" ");
    format!("{:9}{name}: {pitches}, first in bar {bar}, {times} times, {} at this pitch", "motif", motif.at_pitch)
}

fn density(analysis: &Analysis) -> Option<String> {
    let notes: usize = analysis.density.iter().sum();
    let most = analysis.density.iter().copied().max().filter(|&most| most > 0)?;
    let mean = notes as f64 / analysis.density.len() as f64;
    let a_second = notes as f64 / analysis.seconds.max(0.001);
    let at = analysis.density.iter().position(|&count| count == most).unwrap_or(0) + 1;
    Some(format!("{:9}{mean:.1} notes a bar, {a_second:.1} a second; most in bar {at}: {most}", "density"))
}

fn feel(analysis: &Analysis) -> Vec<String> {
    let Some(feel) = &analysis.feel else { return Vec::new() };
    let swing = |what: &str, swing: Option<f64>| swing.map(|swing| format!("{what} at {swing:.2}"));
    let swings = [swing("eighths", feel.swing_eighths), swing("sixteenths", feel.swing_sixteenths)];
    let swings: Vec<String> = swings.into_iter().flatten().collect();
    let mut lines = Vec::new();
    if !swings.is_empty() {
        lines.push(format!("{:9}{} of their beat (0.50 is straight, 0.67 a triplet)", "swing", swings.join(", ")));
    }
    let (late, spread, exact) = (feel.late_ms, feel.spread_ms, 100.0 * feel.on_grid);
    let side = if late < 0.0 { "early" } else { "late" };
    lines.push(format!(
        "{:9}{:.1} ms {side} on average, spread {spread:.1} ms; {exact:.0} % exactly on the grid, {:.0} % off the beats",
        "timing",
        late.abs(),
        100.0 * feel.off_beat
    ));
    let profile: Vec<String> =
        feel.profile.iter().map(|place| place.map_or("-".to_owned(), |velocity| format!("{velocity:.0}"))).collect();
    lines.push(format!(
        "{:9}{:.0}, spread {:.0}; by sixteenths of the bar: {}",
        "velocity",
        feel.velocity,
        feel.velocity_spread,
        profile.join(" ")
    ));
    lines
}
