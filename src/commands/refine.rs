//! `riffsmith refine`: any WAV file, taken towards recorded instruments.

use super::train::refiner_target::family;
use super::values;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::one_shots::family_of;
use crate::refine::AMOUNTS;
use crate::wav::{self, BitDepth, Description, Tags};
use riffsmith_dsp::loudness::{integrated_lufs, true_peak_dbtp};
use riffsmith_dsp::mix::{Master, master};
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, Seed};
use riffsmith_models::refiner::{Family, Refiner};
use serde_json::json;
use std::path::{Path, PathBuf};

/// True peaks are kept below this, or below the file's own where that is higher; at most 0.
const CEILING_DBTP: f32 = -1.0;

/// Time constant of the limiter's way back up: short, for it is single peaks that refining raises.
const RELEASE_MS: f32 = 20.0;

const AFTER_HELP: &str = "Length, rate, loudness, stereo image and loop points stay. A file whose one loop goes from its first \
                          frame to its last is refined as a loop and stays seamless. Works best on a single instrument; a mix \
                          is refined as one.";

/// Take the sound of a WAV file towards recorded instruments
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// A WAV file of any rate, depth and number of channels
    file: PathBuf,
    /// The WAV file to write
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,
    /// What plays: keys, plucked, bass, pad, lead, mallet, kick, snare, cymbal or drums [default: by a word in the file's name]
    #[arg(long, value_name = "NAME", value_parser = family)]
    family: Option<Family>,
    /// How far, 0 (off, sample for sample) to 1
    #[arg(long, default_value = "1", value_parser = values::within(AMOUNTS), allow_negative_numbers = true)]
    amount: f32,
    /// Weights file; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// It is a seamless loop, whatever the file says
    #[arg(long = "loop")]
    repeats: bool,
    /// Also write the sound as it was, at the same loudness and depth, to compare: OUT_dry.wav
    #[arg(long)]
    ab: bool,
    /// Bits in a sample: 16 (dithered), 24, or 32 (floating point)
    #[arg(long, default_value = "24")]
    bits: BitDepth,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// Refines the file.
///
/// # Errors
/// If a file cannot be read, is no WAV file or no weights file, nothing says what plays, or the result cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let mut files = FileSet::new(args.force);
    let dry_path = args.ab.then(|| beside(&args.output));
    for path in [Some(&args.output), dry_path.as_ref()].into_iter().flatten() {
        files.check(path)?;
    }
    let refiner = match &args.weights {
        Some(path) => Refiner::from_bytes(&files::read(path)?).map_err(|error| Error::file("read", path, error))?,
        None => Refiner::builtin(),
    };
    let broken = |error: riffsmith_dsp::Error| Error::file("read", &args.file, error);
    let bytes = files::read(&args.file)?;
    let description = wav::describe(&bytes).map_err(broken)?;
    let mut dry = wav::decode(&bytes).map_err(broken)?;
    let family = what_plays(args)?;
    let edges = if args.repeats || is_loop(&description) { Edges::Loop } else { Edges::Silence };
    let mut refined = keep_below_ceiling(refiner.refine(&dry, family, args.amount, edges), &dry, edges);
    if args.ab {
        level_together(&mut refined, &mut dry, args.bits);
    }

    let title = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let comment = format!("refined by {} as {family} with weights {}", args.amount, refiner.hash());
    let sounds =
        [(Some(&args.output), &refined, comment), (dry_path.as_ref(), &dry, "as it was, at equal level".into())];
    for (path, audio, comment) in sounds {
        let Some(path) = path else { continue };
        let tags = Tags { title: title.clone(), comment, ..Tags::default() };
        let encoded = wav::encode(audio, args.bits, &tags, Seed(0).fork("dither"))?;
        files.stage(path, &wav::carry(&encoded, &bytes).map_err(broken)?)?;
    }
    files.commit()?;
    report(args, &refined, family, edges, dry_path.as_deref(), console)
}

fn report(
    args: &Args,
    refined: &AudioBuffer,
    family: Family,
    edges: Edges,
    dry: Option<&Path>,
    console: Console,
) -> Result<()> {
    let is_loop = edges == Edges::Loop;
    let kind = if is_loop { "a loop" } else { "a sound" };
    console.note(&format!("{} refined as {kind} of {family}", args.file.display()));
    for path in [Some(args.output.as_path()), dry].into_iter().flatten() {
        console.line(&path.display().to_string())?;
    }
    console.object(&json!({
        "path": args.output,
        "dry": dry,
        "family": family.name(),
        "amount": args.amount,
        "loop": is_loop,
        "frames": refined.len(),
        "rate": refined.sample_rate.as_u32(),
    }))
}

/// The family asked for, or the one that the file's name names.
fn what_plays(args: &Args) -> Result<Family> {
    args.family.map_or_else(|| named(&args.file), Ok)
}

/// The family that a file's name names.
fn named(file: &Path) -> Result<Family> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    family_of(&stem).map(|(family, _)| family).ok_or_else(|| {
        let names = Family::ALL.map(Family::name).join(", ");
        Error::usage(format!("nothing in the name of {} says what plays", file.display()))
            .hint(format!("riffsmith refine --family takes one of {names}"))
    })
}

/// The sound of a file, refined as what its name says that it is.
///
/// # Errors
/// If its name does not say what plays.
pub fn by_name(file: &Path, dry: &AudioBuffer, amount: f32, edges: Edges) -> Result<AudioBuffer> {
    Ok(keep_below_ceiling(Refiner::builtin().refine(dry, named(file)?, amount, edges), dry, edges))
}

/// Whether the file says that all of it repeats.
fn is_loop(description: &Description) -> bool {
    let loops = description.sampler.as_ref().map(|sampler| sampler.loops.as_slice());
    let frames = description.frames.unwrap_or(0);
    matches!(loops, Some([only]) if only.first_frame == 0 && u64::from(only.last_frame) + 1 == frames)
}

/// The refined sound at its loudness, limited where its true peaks would be above the ceiling; off is off.
fn keep_below_ceiling(refined: AudioBuffer, dry: &AudioBuffer, edges: Edges) -> AudioBuffer {
    let ceiling_dbtp = true_peak_dbtp(dry).clamp(CEILING_DBTP, 0.0);
    if refined == *dry || true_peak_dbtp(&refined) <= ceiling_dbtp {
        return refined;
    }
    let target_lufs = integrated_lufs(dry);
    if !target_lufs.is_finite() {
        // Too soft or too short for a loudness.
        let mut refined = refined;
        refined.scale(db_to_gain(ceiling_dbtp - true_peak_dbtp(&refined)));
        return refined;
    }
    let release_ms = RELEASE_MS;
    let finish = Master { inserts: Vec::new(), target_lufs, ceiling_dbtp, release_ms, ..Master::default() };
    master(refined, &finish, if edges == Edges::Loop { Ending::Wrap } else { Ending::Ring })
}

/// Brings both to the same loudness, and in formats of whole numbers both down alike where one would clip.
fn level_together(refined: &mut AudioBuffer, dry: &mut AudioBuffer, bits: BitDepth) {
    let above_lu = integrated_lufs(dry) - integrated_lufs(refined);
    if above_lu.is_finite() {
        dry.scale(db_to_gain(-above_lu));
    }
    let peak = refined.peak().max(dry.peak());
    if peak > 1.0 && bits != BitDepth::Float32 {
        refined.scale(peak.recip());
        dry.scale(peak.recip());
    }
}

/// `OUT_dry.wav` for `OUT.wav`.
fn beside(output: &Path) -> PathBuf {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let ending = output.extension().map_or_else(|| "wav".into(), |ending| ending.to_string_lossy());
    output.with_file_name(format!("{stem}_dry.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;

    fn noise(peak: f32) -> AudioBuffer {
        let mut rng = Seed(1).rng();
        AudioBuffer { sample_rate: SampleRate::CD, frames: (0..44_100).map(|_| [peak * rng.bipolar(); 2]).collect() }
    }

    #[test]
    fn peaks_stay_below_the_ceiling_and_nothing_becomes_louder_or_softer() {
        for edges in [Edges::Silence, Edges::Loop] {
            let dry = noise(0.5);
            let ceiling = true_peak_dbtp(&dry).clamp(CEILING_DBTP, 0.0);
            let mut spiky = dry.clone();
            (0..10).for_each(|k| spiky.frames[4000 * k + 500] = [2.0; 2]);
            let kept = keep_below_ceiling(spiky, &dry, edges);
            assert!(true_peak_dbtp(&kept) <= ceiling + 0.1, "{}", true_peak_dbtp(&kept));
            let louder = integrated_lufs(&kept) - integrated_lufs(&dry);
            assert!(louder.abs() < 0.5, "{louder}");
        }
        // What was never changed is not touched, however loud.
        assert_eq!(keep_below_ceiling(noise(1.0), &noise(1.0), Edges::Silence), noise(1.0));
    }

    #[test]
    fn a_pair_is_equally_loud_and_does_not_clip() {
        let (mut refined, mut dry) = (noise(0.3), noise(0.9));
        refined.frames[77] = [1.4; 2];
        level_together(&mut refined, &mut dry, BitDepth::Int24);
        assert!(refined.peak() <= 1.0 && dry.peak() <= 1.0);
        assert!((integrated_lufs(&refined) - integrated_lufs(&dry)).abs() < 0.01);
        assert_eq!(beside(Path::new("a/b.wav")), Path::new("a/b_dry.wav"));
    }
}
