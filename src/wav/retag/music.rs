//! Tempo, length, metre and root, in `acid`.

use super::{Changes, Kind, Length};
use crate::wav::Description;
use crate::wav::checks::{TOLERANCE, tempo_of};
use crate::wav::chunks::Acid;
use riffsmith_dsp::score::Tempo;

/// Beats may be off a whole number by this much, even where [`TOLERANCE`] would allow more: a hundred beats are not known to
/// the beat by a tempo that is known to a per cent.
const BEAT_TOLERANCE: f64 = 0.1;

/// Says what was asked for; what could not be told is warned of.
pub fn set_music(after: &mut Description, changes: &Changes, warnings: &mut Vec<String>) {
    let Changes { tempo, length, meter, .. } = *changes;
    let root = changes.root();
    let timed = tempo.is_some() || length.is_some();
    if !timed && changes.kind.is_none() && meter.is_none() && root.is_none() {
        return;
    }
    let Some(kind) = changes.kind_of(after) else {
        if meter.is_some() {
            warnings.push("it is not known to be a loop, and only a loop has a metre".to_owned());
        }
        return;
    };
    let mut acid = match (after.acid, kind) {
        (Some(acid), _) => acid,
        (None, Kind::OneShot) => Acid::one_shot(None),
        (None, Kind::Loop) if timed => Acid::repeating(None),
        // Without a tempo, its loop points say all that there is to say.
        (None, Kind::Loop) => return,
    };
    match changes.kind {
        Some(Kind::Loop) => acid.set_repeating(),
        Some(Kind::OneShot) => acid.set_one_shot(),
        None => {}
    }
    if let Some(root) = root {
        acid.set_root(Some(root.class()));
    }
    if let Some(meter) = meter {
        acid.set_meter(meter);
    }
    if let Some(tempo) = tempo {
        acid.bpm = tempo.bpm() as f32;
    }
    if kind == Kind::Loop && timed {
        set_length(&mut acid, after, length, warnings);
    }
    after.acid = Some(acid);
}

/// Beats from the length given, or from the tempo and the frames; and a tempo from both, where there is none.
fn set_length(acid: &mut Acid, description: &Description, length: Option<Length>, warnings: &mut Vec<String>) {
    let bar_quarters = f64::from(acid.numerator) * 4.0 / f64::from(acid.denominator.max(1));
    let frames = description.loop_frames().filter(|frames| *frames > 0);
    let seconds = frames.map(|frames| frames as f64 / f64::from(description.format.rate_hz));
    match (length, seconds) {
        (Some(Length::Beats(beats)), _) => acid.beats = beats,
        (Some(Length::Bars(bars)), _) => acid.beats = (f64::from(bars) * bar_quarters).round() as u32,
        (None, Some(seconds)) => {
            let beats = seconds * f64::from(acid.bpm) / 60.0;
            match whole_beats(beats) {
                Some(beats) => acid.beats = beats,
                None => warnings.push(not_whole(beats, acid.bpm, seconds)),
            }
        }
        (None, None) => {}
    }
    let untold = !(acid.bpm.is_finite() && acid.bpm > 0.0);
    if let Some((frames, seconds)) = frames.zip(seconds).filter(|_| untold && acid.beats > 0) {
        acid.bpm = tempo(acid.beats, frames, seconds) as f32;
    }
}

/// The whole number that `beats` are, if they are one: within a per cent and a tenth of a beat.
pub fn whole_beats(beats: f64) -> Option<u32> {
    let nearest = beats.round();
    let allowed = (nearest * TOLERANCE).min(BEAT_TOLERANCE);
    (nearest >= 1.0 && nearest <= f64::from(u32::MAX) && (beats - nearest).abs() <= allowed).then_some(nearest as u32)
}

fn not_whole(beats: f64, bpm: f32, seconds: f64) -> String {
    let near = [beats.floor(), beats.ceil()].map(|beats| beats as u32);
    // Only tempos that music has are a help.
    let possible = near.into_iter().filter(|beats| Tempo::new(f64::from(*beats) * 60.0 / seconds).is_ok());
    let possible: Vec<String> = possible.map(|beats| tempo_of(beats, seconds)).collect();
    let help = if possible.is_empty() { String::new() } else { format!(": it would be {}", possible.join(", ")) };
    format!("{seconds:.3} s are {beats:.2} beats at {bpm} bpm, no whole number{help}")
}

/// The tempo of a length: a whole number if that has the same frames, give or take one.
fn tempo(beats: u32, frames: u64, seconds: f64) -> f64 {
    let bpm = f64::from(beats) * 60.0 / seconds;
    let of_whole = f64::from(beats) * 60.0 / bpm.round() * frames as f64 / seconds;
    if (of_whole - frames as f64).abs() <= 1.0 { bpm.round() } else { (bpm * 1e3).round() / 1e3 }
}
