//! One WAV file: what it says against what it is.

use super::Violation;
use crate::checksum::sha256;
use crate::error::Result;
use crate::files;
use crate::guess::Guess;
use crate::pack::variety::Fingerprint;
use crate::pack::{Kind, Row};
use crate::wav::chunks::Encoding;
use crate::wav::{self, Description};
use riffsmith_dsp::loudness::true_peak_dbtp;
use riffsmith_dsp::pitch_detection::detect_pitch_near;
use riffsmith_dsp::score::{Key, Pitch};
use riffsmith_dsp::seam::seam_score;
use riffsmith_dsp::units::{db_to_gain, pitch_to_hz};
use riffsmith_dsp::{AudioBuffer, levels};
use std::path::Path;

/// Ceiling of our own files, with what meters differ by; of others', full scale.
const OWN_CEILING_DBTP: f32 = -0.95;
const CEILING_DBTP: f32 = 0.0;
/// Softer than this is silent.
const SILENT_DB: f32 = -60.0;
/// More offset than this is heard as a click where the sound starts: -60 dBFS.
const MOST_DC: f32 = 1e-3;
/// A one-shot starts within this of its first frame above -60 dB of its peak, and ends below that.
const LATEST_START_S: f64 = 1e-3;
const EDGE_DB: f32 = -60.0;
/// A root is believed to be wrong from this on, where the pitch is as clear as this.
const MOST_CENTS: f64 = 10.0;
const LEAST_CLARITY: f32 = 0.92;

/// What is kept of a sound that was heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Where it is.
    pub path: String,
    /// What it holds, by the manifest or by itself.
    pub kind: Option<Kind>,
    /// What plays, by the manifest.
    pub instrument: Option<String>,
    /// The pitch that was recorded, by itself.
    pub root: Option<Pitch>,
    /// SHA-256 of its samples.
    pub samples: String,
    /// What it sounds like.
    pub fingerprint: Option<Fingerprint>,
    /// What is wrong with it.
    pub violations: Vec<Violation>,
}

/// Hears a file. `row` is what the manifest says of it.
///
/// # Errors
/// If it cannot be read.
pub fn hear(directory: &Path, path: &str, row: Option<&Row>) -> Result<Heard> {
    let bytes = files::read(&directory.join(path))?;
    let mut found = Vec::new();
    let mut heard = Heard {
        path: path.to_owned(),
        kind: row.map(|row| row.kind),
        instrument: row.map(|row| row.instrument.clone()),
        root: None,
        samples: String::new(),
        fingerprint: None,
        violations: Vec::new(),
    };
    match wav::describe(&bytes) {
        Err(error) => found.push(error.to_string()),
        Ok(description) => {
            found.extend(description.warnings.iter().cloned());
            heard.kind = heard.kind.or_else(|| kind(&description));
            heard.root = root(&description);
            let data = description.data;
            heard.samples = sha256(bytes.get(data.offset..data.offset + data.present).unwrap_or_default());
            found.extend(against_row(&description, row));
            found.extend(against_name(path, &description, row));
            match description.audio(&bytes) {
                Err(error) => found.push(error.to_string()),
                Ok(audio) => {
                    found.extend(levels_of(&audio, &description, row));
                    found.extend(match heard.kind {
                        Some(Kind::Loop | Kind::Stem) => loop_of(&audio, &description),
                        Some(Kind::OneShot) => one_shot_of(&audio, &description, row),
                        _ => Vec::new(),
                    });
                    heard.fingerprint = Some(Fingerprint::of(&audio));
                }
            }
        }
    }
    heard.violations = found.into_iter().map(|what| Violation { path: path.to_owned(), what }).collect();
    Ok(heard)
}

/// By its own words.
fn kind(description: &Description) -> Option<Kind> {
    let acid = description.acid.as_ref()?;
    Some(if acid.is_one_shot() { Kind::OneShot } else { Kind::Loop })
}

/// Where it is marked as pitched.
fn root(description: &Description) -> Option<Pitch> {
    let is_pitched = description.acid.as_ref()?.root().is_some();
    description.sampler.as_ref()?.root().map(|(root, _)| root).filter(|_| is_pitched)
}

/// What the manifest says of it.
fn against_row(description: &Description, row: Option<&Row>) -> Vec<String> {
    let Some(row) = row else { return Vec::new() };
    let format = &description.format;
    let acid = description.acid.as_ref();
    let said: [(&str, Option<String>, Option<String>); 6] = [
        ("frames", row.frames.map(|frames| frames.to_string()), description.frames.map(|frames| frames.to_string())),
        ("rate", row.rate.map(|rate| rate.to_string()), Some(format.rate_hz.to_string())),
        ("bits", row.bits.map(|bits| bits.to_string()), Some(format.bits.to_string())),
        ("channels", row.channels.map(|channels| channels.to_string()), Some(format.channels.to_string())),
        ("bpm", row.bpm.map(|bpm| format!("{bpm:.2}")), acid.map(|acid| format!("{:.2}", acid.bpm))),
        ("root", row.root.as_deref().map(class_name), acid.and_then(|acid| acid.root()).map(|root| root.to_string())),
    ];
    let differs = said.into_iter().filter_map(|(what, manifest, file)| {
        let manifest = manifest?;
        let file = file.unwrap_or_else(|| "nothing".to_owned());
        (manifest != file).then(|| format!("its {what} is {file}, but {manifest} in the manifest"))
    });
    differs.collect()
}

/// `C#` of `C#3`.
fn class_name(root: &str) -> String {
    root.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').to_owned()
}

/// What its name says: tempo and key; and that every system can bear it.
fn against_name(path: &str, description: &Description, row: Option<&Row>) -> Vec<String> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut found = Vec::new();
    if path.chars().any(|c| c.is_control() || "<>:\"\\|?*".contains(c)) || file.len() > 200 {
        found.push("its name cannot be used on every system".to_owned());
    }
    let says_tempo = !matches!(row.map(|row| row.kind), Some(Kind::OneShot | Kind::Multisample | Kind::Stem));
    let guess = Guess::of_name(stem);
    if let Some(acid) = description.acid.as_ref().filter(|acid| acid.bpm > 0.0 && says_tempo)
        && let Some(tempo) = guess.tempo(description.seconds())
        && (tempo.bpm() - f64::from(acid.bpm)).abs() > 0.51
    {
        found.push(format!("its name says {} bpm, its acid chunk {}", tempo.bpm(), acid.bpm));
    }
    let stated: Option<Key> = row.and_then(|row| row.key.as_deref()).and_then(|key| key.parse().ok());
    if let (Some(named), Some(stated)) = (guess.key, stated)
        && named != stated
    {
        found.push(format!("its name says {named}, the manifest {stated}"));
    }
    found
}

fn levels_of(audio: &AudioBuffer, description: &Description, row: Option<&Row>) -> Vec<String> {
    let measured = levels::measure(audio);
    let mut found = Vec::new();
    if measured.peak_dbfs < SILENT_DB {
        found.push("it is silent".to_owned());
    }
    let dc = measured.dc.iter().fold(0.0, |most: f32, dc| most.max(dc.abs()));
    if dc > MOST_DC {
        found.push(format!("it has an offset of {dc:.4}"));
    }
    let is_float = matches!(description.format.encoding, Encoding::Float);
    let ceiling = if row.is_some() { OWN_CEILING_DBTP } else { CEILING_DBTP };
    let peak_dbtp = true_peak_dbtp(audio);
    // Floating point holds what is above full scale; stems are meant to be turned down.
    if !is_float && peak_dbtp > ceiling {
        found.push(format!("its true peak is {peak_dbtp:.2} dBTP, above {ceiling}"));
    }
    found
}

/// Length by tempo and beats, and the seam.
fn loop_of(audio: &AudioBuffer, description: &Description) -> Vec<String> {
    let mut found = Vec::new();
    let frames = description.loop_frames().unwrap_or(0) as usize;
    let acid = description.acid.as_ref().filter(|acid| acid.bpm > 0.0 && acid.beats > 0);
    match acid {
        None => found.push("it does not say its tempo".to_owned()),
        Some(acid) => {
            let seconds = f64::from(acid.beats) * 60.0 / f64::from(acid.bpm);
            let exact = audio.sample_rate.frames(seconds);
            if exact.abs_diff(frames) > 1 {
                found.push(format!(
                    "it is {frames} frames long, but {} beats at {} bpm are {exact}",
                    acid.beats, acid.bpm
                ));
            }
        }
    }
    if description.sampler.as_ref().is_none_or(|sampler| sampler.loops.is_empty()) {
        found.push("it has no loop points".to_owned());
    }
    let repeated =
        AudioBuffer { sample_rate: audio.sample_rate, frames: audio.frames[..frames.min(audio.len())].to_vec() };
    let seam = seam_score(&repeated);
    if seam > 1.0 {
        found.push(format!("its seam is {seam:.2} times as rough as its own sound"));
    }
    found
}

/// Edges and root.
fn one_shot_of(audio: &AudioBuffer, description: &Description, row: Option<&Row>) -> Vec<String> {
    let mut found = Vec::new();
    let floor = audio.peak() * db_to_gain(EDGE_DB);
    let above = |frame: &[f32; 2]| frame.iter().any(|sample| sample.abs() > floor);
    let first = audio.frames.iter().position(above).unwrap_or(0);
    if audio.sample_rate.seconds(first) > LATEST_START_S + 1e-4 {
        found.push(format!("it starts {:.1} ms late", 1000.0 * audio.sample_rate.seconds(first)));
    }
    if audio.frames.last().is_some_and(above) {
        found.push("its end is cut off".to_owned());
    }
    let is_chord = row.is_some_and(|row| row.instrument == "stab");
    if let Some(root) = root(description).filter(|_| !is_chord) {
        let hz = pitch_to_hz(f64::from(root.number()));
        let heard = detect_pitch_near(audio, hz).filter(|heard| heard.clarity >= LEAST_CLARITY);
        let cents = heard.map_or(0.0, |heard| heard.cents_above(hz));
        if cents.abs() > MOST_CENTS {
            found.push(format!("it is {cents:.0} cents away from its root {root}"));
        }
    }
    found
}
