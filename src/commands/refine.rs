//! `riffsmith refine`: any WAV file, taken towards recorded instruments.

use super::train::refiner_target::family;
use super::values;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::one_shots::family_of;
use crate::refine::AMOUNTS;
use crate::spool::Spool;
use crate::wav::chunks::SamplerLoop;
use crate::wav::{BitDepth, Encoding, Source, Tags};
use riffsmith_dsp::mix::{Bounce, Master, Recording, Tape, master};
use riffsmith_dsp::spectral::Edges;
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{AudioBuffer, Seed, StereoFrame};
use riffsmith_models::refiner::{self, Family, Refiner, Take};
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

/// Refines the file, with memory for some seconds of it; a loop is held whole.
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
    let source = Source::open(&args.file)?;
    let family = what_plays(args)?;
    let edges = if args.repeats || is_loop(&source) { Edges::Loop } else { Edges::Silence };
    let outline = source.outline().to_vec();
    let spool = || Spool::new(files::directory_of(&args.output));
    let refused = |error: std::io::Error| Error::file("write", &args.output, files::reason(&error));

    let dry = recorded(source, edges, spool(), refused)?;
    let (rate, frames) = (dry.sample_rate, dry.length);
    let mut take = refiner.refine_recording(dry, family, args.amount, [spool(), spool()]).map_err(refused)?;
    let mut refined = keep_below_ceiling(&mut take, spool).map_err(refused)?;
    let [gain, dry_gain] =
        if args.ab { level_together(&mut refined, &mut take.dry, args.bits).map_err(refused)? } else { [1.0; 2] };

    let title = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let comment = format!("refined by {} as {family} with weights {}", args.amount, refiner.hash());
    let sounds = [
        (Some(&args.output), &mut refined, gain, comment),
        (dry_path.as_ref(), &mut take.dry, dry_gain, "as it was, at equal level".into()),
    ];
    for (path, sound, gain, comment) in sounds {
        let Some(path) = path else { continue };
        let tags = Tags { title: title.clone(), comment, ..Tags::default() };
        let mut encoding = Encoding::new(rate, args.bits, frames, &tags, Seed(0).fork("dither"))?;
        encoding.carry(&outline).map_err(|error| Error::file("read", &args.file, error))?;
        files.stage_with(path, |file| {
            file.write_all(encoding.header())?;
            sound.for_each_stretch(|frames| {
                let scaled: Vec<StereoFrame> = frames.iter().map(|frame| frame.map(|sample| gain * sample)).collect();
                file.write_all(&encoding.samples(&scaled).map_err(std::io::Error::other)?)
            })?;
            file.write_all(encoding.trailer())
        })?;
    }
    files.commit()?;
    report(args, &refined, family, dry_path.as_deref(), console)
}

/// The sound of a file on `tape`.
fn recorded(
    source: Source,
    edges: Edges,
    mut tape: Spool,
    refused: impl Fn(std::io::Error) -> Error,
) -> Result<refiner::Sound<Spool>> {
    let (sample_rate, length) = (source.sample_rate(), source.frames());
    source.read(|frames| tape.append(frames.as_flattened()).map_err(&refused))?;
    Ok(refiner::Sound { recording: tape, sample_rate, length, edges })
}

fn report(
    args: &Args,
    refined: &refiner::Sound<Spool>,
    family: Family,
    dry: Option<&Path>,
    console: Console,
) -> Result<()> {
    let is_loop = refined.edges == Edges::Loop;
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
        "frames": refined.length,
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
    let dry = refiner::Sound::of(dry, edges);
    let Ok(mut take) = Refiner::builtin().refine_recording(dry, named(file)?, amount, [Vec::new(), Vec::new()]);
    let Ok(mut refined) = keep_below_ceiling(&mut take, Vec::new);
    let Ok(refined) = refined.whole();
    Ok(refined)
}

/// Whether the file says that all of it repeats.
fn is_loop(source: &Source) -> bool {
    let loops = source.sampler().map(|sampler| sampler.loops.as_slice());
    let is_whole = |only: &SamplerLoop| only.first_frame == 0 && only.last_frame as usize + 1 == source.frames();
    matches!(loops, Some([only]) if is_whole(only))
}

/// The refined sound at its loudness, limited where its true peaks would be above the ceiling; off is off.
fn keep_below_ceiling<R: Recording, T: Tape<Error = R::Error>>(
    take: &mut Take<R, T>,
    blank: impl Fn() -> T,
) -> std::result::Result<refiner::Sound<T>, R::Error> {
    let refiner::Sound { sample_rate, length, edges, .. } = take.dry;
    let is_unchanged = take.is_unchanged();
    let mut dry = Bounce::recorded(&mut take.dry.recording, length, sample_rate)?;
    let ceiling_dbtp = dry.true_peak_dbtp()?.clamp(CEILING_DBTP, 0.0);
    let target_lufs = dry.loudness_lufs();

    let mut tape = blank();
    take.sound().for_each_stretch(|frames| tape.append(frames.as_flattened()))?;
    let mut refined = Bounce::recorded(&mut tape, length, sample_rate)?;
    let peak_dbtp = refined.true_peak_dbtp()?;
    let mut sound = refiner::Sound { recording: tape, sample_rate, length, edges };
    if is_unchanged || peak_dbtp <= ceiling_dbtp {
        return Ok(sound);
    }
    let mut limited = blank();
    if !target_lufs.is_finite() {
        // Too soft or too short for a loudness.
        let gain = db_to_gain(ceiling_dbtp - peak_dbtp);
        sound.for_each_stretch(|frames| {
            let scaled: Vec<f32> = frames.as_flattened().iter().map(|sample| gain * sample).collect();
            limited.append(&scaled)
        })?;
        return Ok(refiner::Sound { recording: limited, ..sound });
    }
    let finish = Master { inserts: Vec::new(), target_lufs, ceiling_dbtp, release_ms: RELEASE_MS, ..Master::default() };
    match edges {
        Edges::Loop => limited.append(master(sound.whole()?, &finish, Ending::Wrap).frames.as_flattened())?,
        Edges::Silence => {
            Bounce::recorded(sound.recording, length, sample_rate)?
                .mastered(&finish, [blank(), blank()], |frames| limited.append(frames.as_flattened()))?
        }
    }
    Ok(refiner::Sound { recording: limited, sample_rate, length, edges })
}

/// Gains that bring both to the same loudness, and in formats of whole numbers both down alike where one would clip.
fn level_together<R: Recording, T: Recording<Error = R::Error>>(
    refined: &mut refiner::Sound<R>,
    dry: &mut refiner::Sound<T>,
    bits: BitDepth,
) -> std::result::Result<[f32; 2], R::Error> {
    let [mut peak, mut dry_peak] = [0.0f32; 2];
    let highest = |frames: &[StereoFrame]| frames.iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    refined.for_each_stretch(|frames| {
        peak = peak.max(highest(frames));
        Ok(())
    })?;
    dry.for_each_stretch(|frames| {
        dry_peak = dry_peak.max(highest(frames));
        Ok(())
    })?;
    let loudness = Bounce::recorded(&mut refined.recording, refined.length, refined.sample_rate)?.loudness_lufs();
    let above_lu = Bounce::recorded(&mut dry.recording, dry.length, dry.sample_rate)?.loudness_lufs() - loudness;
    let dry_gain = if above_lu.is_finite() { db_to_gain(-above_lu) } else { 1.0 };
    let peak = peak.max(dry_gain * dry_peak);
    let both = if peak > 1.0 && bits != BitDepth::Float32 { peak.recip() } else { 1.0 };
    Ok([both, both * dry_gain])
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
    use riffsmith_dsp::loudness::{integrated_lufs, true_peak_dbtp};

    fn noise(peak: f32) -> AudioBuffer {
        let mut rng = Seed(1).rng();
        AudioBuffer { sample_rate: SampleRate::CD, frames: (0..44_100).map(|_| [peak * rng.bipolar(); 2]).collect() }
    }

    /// `spiky` as what was made of `dry`, below the ceiling.
    fn kept(spiky: &AudioBuffer, dry: &AudioBuffer, edges: Edges) -> AudioBuffer {
        let dry = refiner::Sound::of(dry, edges);
        let Ok(mut take) = Take::matched(dry, spiky.frames.as_flattened().to_vec());
        let Ok(mut kept) = keep_below_ceiling(&mut take, Vec::new);
        let Ok(kept) = kept.whole();
        kept
    }

    #[test]
    fn peaks_stay_below_the_ceiling_and_nothing_becomes_louder_or_softer() {
        for edges in [Edges::Silence, Edges::Loop] {
            let dry = noise(0.5);
            let ceiling = true_peak_dbtp(&dry).clamp(CEILING_DBTP, 0.0);
            let mut spiky = dry.clone();
            (0..10).for_each(|k| spiky.frames[4000 * k + 500] = [2.0; 2]);
            let kept = kept(&spiky, &dry, edges);
            assert!(true_peak_dbtp(&kept) <= ceiling + 0.1, "{}", true_peak_dbtp(&kept));
            let louder = integrated_lufs(&kept) - integrated_lufs(&dry);
            assert!(louder.abs() < 0.5, "{louder}");
        }
        // What was never changed is not touched, however loud.
        let loud = noise(1.0);
        let mut take = Take::<_, Vec<f32>>::unchanged(refiner::Sound::of(&loud, Edges::Silence));
        let Ok(mut same) = keep_below_ceiling(&mut take, Vec::new);
        assert_eq!(same.whole(), Ok(loud));
    }

    #[test]
    fn a_pair_is_equally_loud_and_does_not_clip() {
        let (mut refined, dry) = (noise(0.3), noise(0.9));
        refined.frames[77] = [1.4; 2];
        let sound = |audio| refiner::Sound::of(audio, Edges::Silence);
        let Ok([gain, dry_gain]) = level_together(&mut sound(&refined), &mut sound(&dry), BitDepth::Int24);
        let [refined, dry] = [(refined, gain), (dry, dry_gain)].map(|(mut audio, gain)| {
            audio.scale(gain);
            audio
        });
        assert!(refined.peak() <= 1.0 && dry.peak() <= 1.0);
        assert!((integrated_lufs(&refined) - integrated_lufs(&dry)).abs() < 0.01);
        assert_eq!(beside(Path::new("a/b.wav")), Path::new("a/b_dry.wav"));
    }
}
