//! The analysis for programs. Bars and beats count from 1, times are ticks of 480 to a quarter note.

use super::lines::roman;
use riffsmith_dsp::analysis::{Analysis, Motif};
use riffsmith_dsp::score::{Key, Score};
use serde_json::{Value, json};

/// Everything that was found, as one object.
pub fn object(score: &Score, analysis: &Analysis) -> Value {
    let beats = &analysis.beats;
    let sure = |(key, probability): (Key, f64)| json!({ "key": key.to_string(), "probability": rounded(probability) });
    let regions = analysis.keys.regions.iter().map(|region| {
        json!({
            "first_bar": region.from + 1,
            "last_bar": region.to,
            "key": region.key.to_string(),
            "probability": rounded(region.confidence),
        })
    });
    json!({
        "bars": beats.bars.len(),
        "beats": beats.beats.len(),
        "seconds": rounded(analysis.seconds),
        "notes": analysis.density.iter().sum::<usize>(),
        "tempos": score.tempos.iter().map(|(at, tempo)| json!({ "tick": at.0, "bpm": rounded(tempo.bpm()) })).collect::<Vec<_>>(),
        "meters": score.meters.iter().map(|(at, meter)| json!({ "tick": at.0, "meter": meter.to_string() })).collect::<Vec<_>>(),
        "key": analysis.keys.home.map(sure),
        "second_key": analysis.keys.second.map(sure),
        "written_key": score.keys.first().map(|(_, key)| key.to_string()),
        "keys": regions.collect::<Vec<_>>(),
        "chords": chords(analysis),
        "tracks": tracks(score, analysis),
        "sections": sections(analysis),
        "repeats": analysis.repeats.iter().map(|first| first.map(|bar| bar + 1)).collect::<Vec<_>>(),
        "motifs": analysis.motifs.iter().map(|(track, motif)| motif_object(*track, motif, analysis)).collect::<Vec<_>>(),
        "density": analysis.density,
        "feel": feel(analysis),
    })
}

/// Three digits after the point are more than any of this is known to.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn chords(analysis: &Analysis) -> Vec<Value> {
    let spans = analysis.chords.iter().enumerate();
    spans
        .map(|(index, span)| {
            let beat = analysis.beats.beats[span.beat];
            json!({
                "bar": beat.bar + 1,
                "beat": beat.place + 1,
                "tick": span.start.0,
                "ticks": (span.end - span.start).0,
                "chord": span.chord.map(|chord| chord.to_string()),
                "numeral": roman(span, analysis.chords.get(index + 1)),
                "key": span.key.map(|key| key.to_string()),
                "explained": rounded(span.explained),
            })
        })
        .collect()
}

fn tracks(score: &Score, analysis: &Analysis) -> Vec<Value> {
    let track = |part: &riffsmith_dsp::analysis::Part| {
        let track = &score.tracks[part.track];
        json!({
            "track": part.track + 1,
            "name": track.name,
            "channel": track.channel + 1,
            "program": track.program,
            "role": part.function.name(),
            "notes": part.notes,
            "lowest": part.range.0.number(),
            "highest": part.range.1.number(),
            "voices": rounded(part.voices),
            "presence": rounded(part.presence),
        })
    };
    analysis.parts.iter().map(track).collect()
}

fn sections(analysis: &Analysis) -> Vec<Value> {
    let section = |section: &riffsmith_dsp::analysis::Section| {
        json!({
            "first_bar": section.from + 1,
            "last_bar": section.to,
            "label": section.label,
            "likeness": rounded(section.likeness),
        })
    };
    analysis.sections.iter().map(section).collect()
}

fn motif_object(track: usize, motif: &Motif, analysis: &Analysis) -> Value {
    json!({
        "track": track + 1,
        "pitches": motif.notes.iter().map(|note| note.pitch.number()).collect::<Vec<_>>(),
        "onsets": motif.notes.iter().map(|note| (note.start - motif.notes[0].start).0).collect::<Vec<_>>(),
        "bars": motif.starts.iter().map(|&at| analysis.beats.bar_at(at) + 1).collect::<Vec<_>>(),
        "at_pitch": motif.at_pitch,
    })
}

fn feel(analysis: &Analysis) -> Value {
    analysis.feel.as_ref().map_or(Value::Null, |feel| {
        json!({
            "swing_eighths": feel.swing_eighths.map(rounded),
            "swing_sixteenths": feel.swing_sixteenths.map(rounded),
            "late_ms": rounded(feel.late_ms),
            "spread_ms": rounded(feel.spread_ms),
            "on_grid": rounded(feel.on_grid),
            "off_beat": rounded(feel.off_beat),
            "velocity": rounded(feel.velocity),
            "velocity_spread": rounded(feel.velocity_spread),
            "velocity_profile": feel.profile.map(|place| place.map(rounded)),
        })
    })
}
