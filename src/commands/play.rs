//! `riffsmith play`: a file or a fresh loop through the sound device.

use super::render::Performance;
use super::{generate, render, values};
use crate::audition;
use crate::console::Console;
use crate::device::{Output, Request};
use crate::error::{Error, Result};
use crate::playback::Control;
use crate::recipe::Choices;
use crate::refine::AMOUNTS;
use crate::{files, patch_file, wav};
use riffsmith_dsp::score::Pitch;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use std::path::Path;
use std::sync::Arc;

/// Play a WAV or MIDI file, a fresh loop of a style, or a patch
#[derive(Debug, clap::Args)]
#[command(after_help = "Ctrl-C fades out.")]
pub struct Args {
    /// A .wav or .mid file, or the name of a style
    #[arg(value_name = "FILE|STYLE", required_unless_present = "patch", conflicts_with = "patch")]
    source: Option<String>,
    /// Play one note of a patch: its name, or a .toml file
    #[arg(long, value_name = "NAME|FILE")]
    patch: Option<String>,
    /// The note, such as C3, or a MIDI number; of a kit, the drum [default: in the middle of its range; of a kit, each drum]
    #[arg(long, value_name = "NOTE", value_parser = values::note, requires = "patch")]
    note: Option<Pitch>,
    /// Play again and again, without a gap
    #[arg(long = "loop")]
    repeat: bool,
    /// Device, by its name in `riffsmith list devices` [default: the system's]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Volume in per cent, 0 to 100; at 100 the samples are untouched
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = values::within(0.0..=100.0_f32), allow_hyphen_values = true)]
    volume: f32,
    /// Seed of the fresh loop [default: random]
    #[arg(long)]
    seed: Option<u64>,
    /// Take a style's or a MIDI file's sound towards recorded instruments, 0 (off) to 1
    #[arg(long, value_name = "AMOUNT", num_args = 0..=1, default_value = "0", default_missing_value = "1", value_parser = values::within(AMOUNTS), allow_negative_numbers = true)]
    refine: f32,
}

/// Plays until the end, or until Ctrl-C.
///
/// # Errors
/// If there is no such file, style or device, or the device fails.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let request = Request { device: args.device.clone(), repeat: args.repeat, volume: args.volume / 100.0 };
    let audio = sound(args, console)?;
    play(&audio, &request)
}

/// Plays `audio` until the end, or until Ctrl-C.
///
/// # Errors
/// If there is no such device, or it fails.
pub fn play(audio: &AudioBuffer, request: &Request) -> Result<()> {
    let output = Output::open(request, audio.sample_rate)?;
    let control = Arc::new(Control::default());
    let stopper = Arc::clone(&control);
    ctrlc::set_handler(move || stopper.stop())
        .map_err(|error| Error::failed(format!("cannot listen for Ctrl-C: {error}")))?;
    output.play(audio, request, &control)
}

fn sound(args: &Args, console: Console) -> Result<AudioBuffer> {
    if let Some(patch) = &args.patch {
        return Ok(audition::patch(&patch_file::read(patch)?, args.note, Seed(args.seed.unwrap_or_default())));
    }
    let source = args.source.as_deref().unwrap_or_default();
    let path = Path::new(source);
    let choices = Choices { refine: args.refine, ..Choices::default() };
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("wav") => wav::decode(&files::read(path)?).map_err(|error| Error::file("play", path, error)),
        Some("mid" | "midi") => {
            let how = Performance {
                patch: None,
                refine: args.refine,
                is_dry: false,
                mastered: true,
                sample_rate: SampleRate::CD,
            };
            render::perform(&render::read(path)?, &how)
        }
        Some("toml") | None => Ok(generate::fresh(source, args.seed, &choices, console)?.audio),
        Some(_) => Err(Error::failed(format!("cannot play {}: it is no .wav or .mid file", path.display()))),
    }
}
