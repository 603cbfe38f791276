//! An inspection for programs: one JSON object a file.

use super::Inspection;
use crate::measure::Measures;
use crate::wav::ChunkEntry;
use crate::wav::chunks::{Acid, Broadcast, CuePoint, Format, Instrument, Sampler, SamplerLoop};
use serde_json::{Map, Value, json};

/// All that is known of a file.
pub fn object(inspection: &Inspection) -> Value {
    let Inspection { path, bytes, description, audio, measures, recipe } = inspection;
    let texts: Map<String, Value> = description.info.texts().map(|(id, text)| (id, text.into())).collect();
    json!({
        "path": path,
        "bytes": bytes,
        "format": format(&description.format),
        "frames": description.frames,
        "seconds": description.seconds(),
        "acid": description.acid.as_ref().map(acid),
        "smpl": description.sampler.as_ref().map(smpl),
        "inst": description.instrument.as_ref().map(inst),
        "cues": description.cues.iter().map(cue).collect::<Vec<_>>(),
        "info": texts,
        "bext": description.broadcast.as_ref().map(bext),
        "recipe": recipe.as_ref().map(|(recipe, part)| json!({ "part": part, "recipe": recipe })),
        "levels": measures.as_ref().map(levels),
        "not_measured": audio.as_ref().err().map(ToString::to_string),
        "chunks": description.chunks.iter().map(chunk).collect::<Vec<_>>(),
        "warnings": description.warnings,
    })
}

fn format(format: &Format) -> Value {
    json!({
        "encoding": format.encoding.to_string(),
        "extensible": format.extensible,
        "rate": format.rate_hz,
        "bits": format.bits,
        "valid_bits": format.valid_bits,
        "channels": format.channels,
        "channel_mask": format.channel_mask,
    })
}

fn acid(acid: &Acid) -> Value {
    json!({
        "one_shot": acid.is_one_shot(),
        "stretch": acid.stretches(),
        "root": acid.root().map(|root| root.to_string()),
        "beats": acid.beats,
        "meter": format!("{}/{}", acid.numerator, acid.denominator),
        "bpm": number(acid.bpm, 4),
    })
}

fn smpl(sampler: &Sampler) -> Value {
    let root = sampler.root();
    let one = |it: &SamplerLoop| {
        json!({
            "cue_id": it.cue_id,
            "direction": it.direction(),
            "first_frame": it.first_frame,
            "last_frame": it.last_frame,
            "play_count": it.play_count,
        })
    };
    json!({
        "unity_note": sampler.unity_note,
        "pitch_fraction": sampler.pitch_fraction,
        "root": root.map(|(pitch, _)| pitch.to_string()),
        "fine_tune_cents": root.map(|(_, cents)| cents),
        "period_ns": sampler.period_ns,
        "loops": sampler.loops.iter().map(one).collect::<Vec<_>>(),
    })
}

fn inst(instrument: &Instrument) -> Value {
    let Instrument { root, fine_tune_cents, gain_db, notes: [low_note, high_note], velocities: [soft, hard] } =
        *instrument;
    json!({
        "root": root,
        "fine_tune_cents": fine_tune_cents,
        "gain_db": gain_db,
        "low_note": low_note,
        "high_note": high_note,
        "low_velocity": soft,
        "high_velocity": hard,
    })
}

fn cue(cue: &CuePoint) -> Value {
    json!({ "id": cue.id, "frame": cue.frame, "label": cue.label })
}

fn bext(broadcast: &Broadcast) -> Value {
    let level = |level: Option<f32>| level.map_or(Value::Null, |level| number(level, 2));
    let loudness = broadcast.loudness;
    json!({
        "description": broadcast.description,
        "originator": broadcast.originator,
        "reference": broadcast.reference,
        "date": broadcast.date,
        "time": broadcast.time,
        "time_reference_frames": broadcast.time_reference_frames,
        "integrated_lufs": level(loudness.integrated_lufs),
        "range_lu": level(loudness.range_lu),
        "true_peak_dbtp": level(loudness.true_peak_dbtp),
        "momentary_max_lufs": level(loudness.momentary_max_lufs),
        "short_term_max_lufs": level(loudness.short_term_max_lufs),
    })
}

fn levels(measures: &Measures) -> Value {
    let Measures { loudness, levels, seam } = measures;
    let balance = levels.balance.map(|balance| {
        json!({
            "sub": number(balance.sub, 4),
            "low": number(balance.low, 4),
            "mid": number(balance.mid, 4),
            "high": number(balance.high, 4),
        })
    });
    json!({
        "peak_dbfs": number(levels.peak_dbfs, 2),
        "true_peak_dbtp": number(loudness.true_peak_dbtp, 2),
        "integrated_lufs": number(loudness.integrated_lufs, 2),
        "short_term_max_lufs": number(loudness.short_term_max_lufs, 2),
        "range_lu": number(loudness.range_lu, 2),
        "rms_dbfs": number(levels.rms_dbfs, 2),
        "crest_db": levels.crest_db().map(|crest_db| number(crest_db, 2)),
        "dc": levels.dc.map(|dc| number(dc, 6)),
        "correlation": levels.correlation.map(|value| number(value, 4)),
        "balance": balance,
        "seam": number(*seam, 4),
    })
}

fn chunk(chunk: &ChunkEntry) -> Value {
    json!({ "id": chunk.name, "size": chunk.size, "offset": chunk.offset, "known": chunk.known })
}

/// A number to so many decimals; null where it is none, as of silence in decibels.
fn number(value: f32, decimals: i32) -> Value {
    let scale = 10f64.powi(decimals);
    json!((f64::from(value) * scale).round() / scale)
}
