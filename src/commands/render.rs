//! `riffsmith render`: any General MIDI file through our instruments.

use super::values;
use crate::arrange::arrange;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::patch_file;
use crate::refine::{AMOUNTS, refine};
use crate::report::{Kind, Made, Report};
use crate::spool::Spool;
use crate::wav::{self, BitDepth, Encoding, Tags};
use riffsmith_dsp::mix::{self, Channel, Master, Mix, bounce, master};
use riffsmith_dsp::score::{Score, Ticks, midi};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed, StereoFrame};
use riffsmith_models::refiner::Refiner;
use std::path::{Path, PathBuf};

/// Meters differ by a few tenths: -1 dBTP holds on all of them.
const CEILING_DBTP: f32 = -1.3;

/// All renders of a file are the same.
const SEED: Seed = Seed(0);

/// Render a MIDI file to a WAV file, to its end and the last tail
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A standard MIDI file
    file: PathBuf,
    /// The WAV file to write
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,
    /// Play every track with this patch [default: by General MIDI program]
    #[arg(long, value_name = "NAME|FILE", value_parser = values::patch_name)]
    patch: Option<String>,
    /// Without reverb, echo and chorus, neither of the mix nor of the patches
    #[arg(long)]
    dry: bool,
    /// Leave the sum of the tracks raw; it is only turned down where it would clip
    #[arg(long)]
    no_master: bool,
    /// Take the sound towards recorded instruments, 0 (off) to 1
    #[arg(long, value_name = "AMOUNT", num_args = 0..=1, default_value = "0", default_missing_value = "1", value_parser = values::within(AMOUNTS), allow_negative_numbers = true)]
    refine: f32,
    /// Frames per second: 44100, 48000, 88200 or 96000
    #[arg(long, value_name = "HZ", default_value = "44100", value_parser = values::file_rate)]
    rate: SampleRate,
    /// Bits in a sample: 16 (dithered), 24, or 32 (floating point)
    #[arg(long, default_value = "24")]
    bits: BitDepth,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// Renders the file.
///
/// # Errors
/// If the file is no MIDI file, or the result cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let mut files = FileSet::new(args.force);
    files.check(&args.output)?;
    let score = read(&args.file)?;
    let how = Performance {
        patch: args.patch.as_deref(),
        refine: args.refine,
        is_dry: args.dry,
        mastered: !args.no_master,
        sample_rate: args.rate,
        ending: Ending::Ring,
    };
    let title = args.output.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let source = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let tags = Tags { title, comment: format!("rendered from {source}"), ..Tags::default() };
    let frames = if how.refine > 0.0 {
        let audio = perform(&score, &how)?;
        files.stage(&args.output, &wav::encode(&audio, args.bits, &tags, SEED.fork("dither"))?)?;
        audio.len()
    } else {
        let mix = desk(&score, &how)?;
        stage(&mut files, args, &score, &mix, &tags)?
    };
    files.commit()?;
    let mut report = Report::default();
    report.add_file(made(args, &score, frames));
    report.print(console)
}

/// Renders to a file, with memory for a few seconds, and says how many frames that are.
fn stage(files: &mut FileSet, args: &Args, score: &Score, mix: &Mix, tags: &Tags) -> Result<usize> {
    let directory = files::directory_of(&args.output);
    let spool = || Spool::new(directory);
    let refused = |error: std::io::Error| Error::file("write", &args.output, files::reason(&error));
    let bounce = bounce(score, mix, args.rate, Ending::Ring, SEED.fork("render"), spool()).map_err(refused)?;
    let frames = bounce.len();
    let mut encoding = Encoding::new(args.rate, args.bits, frames, tags, SEED.fork("dither"))?;
    files.stage_with(&args.output, |file| {
        file.write_all(encoding.header())?;
        let write = |frames: &[StereoFrame]| file.write_all(&encoding.samples(frames).map_err(std::io::Error::other)?);
        if args.no_master {
            bounce.raw(write)?;
        } else {
            bounce.mastered(&finish(), [spool(), spool()], write)?;
        }
        file.write_all(encoding.trailer())
    })?;
    Ok(frames)
}

/// The score in a MIDI file.
///
/// # Errors
/// If it cannot be read, or is no MIDI file.
pub fn read(path: &Path) -> Result<Score> {
    midi::read(&files::read(path)?).map_err(|error| Error::file("read", path, error))
}

/// How a score is played.
#[derive(Debug, Clone, Copy)]
pub struct Performance<'a> {
    /// The patch of every track; `None`: what comes closest to its program.
    pub patch: Option<&'a str>,
    /// How far the sound is refined, 0 (off) to 1.
    pub refine: f32,
    /// Whether reverb, echo and chorus are left out.
    pub is_dry: bool,
    /// Whether the mix is finished, or left as the sum of the tracks.
    pub mastered: bool,
    /// Frames per second.
    pub sample_rate: SampleRate,
    /// What becomes of the tails at the end.
    pub ending: Ending,
}

/// Plays a score in memory.
///
/// # Errors
/// If there is no such patch.
pub fn perform(score: &Score, how: &Performance) -> Result<AudioBuffer> {
    let (rate, ending, seed) = (how.sample_rate, how.ending, SEED.fork("render"));
    let mix = desk(score, how)?;
    let sum = if how.refine > 0.0 && !mix.channels.is_empty() {
        let stems = mix::render(score, &mix, rate, ending, seed);
        mix::sum(&refine(&Refiner::builtin(), how.refine, score, &mix, stems, ending))
    } else {
        mix::render_sum(score, &mix, rate, ending, seed)
    };
    Ok(if how.mastered { master(sum, &finish(), ending) } else { mix::raw(sum) })
}

/// The channels that a score is played through.
fn desk(score: &Score, how: &Performance) -> Result<Mix> {
    let patch = how.patch.map(patch_file::read).transpose()?;
    let mut mix = arrange(score, patch.as_ref());
    if how.is_dry {
        mix.channels.values_mut().for_each(Channel::dry);
    }
    Ok(mix)
}

fn finish() -> Master {
    Master { ceiling_dbtp: CEILING_DBTP, ..Master::default() }
}

fn made(args: &Args, score: &Score, frames: usize) -> Made {
    let bar = score.meter().bar();
    Made {
        path: args.output.clone(),
        kind: Kind::Mix,
        role: None,
        style: None,
        seed: None,
        bpm: score.tempo().bpm(),
        key: score.keys.first().map(|(_, key)| key.to_string()),
        meter: score.meter().to_string(),
        bars: score.length.0.div_ceil(bar.0.max(Ticks(1).0)),
        frames: Some(frames),
        rate: Some(args.rate.as_u32()),
        bits: Some(args.bits.bits()),
    }
}
