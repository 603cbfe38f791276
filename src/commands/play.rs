//! `riffsmith play`: files, fresh loops and patches through the sound device.

mod live;

use super::{generate, values};
use crate::audition;
use crate::audition::source::{self, Manner};
use crate::console::Console;
use crate::device::Choice;
use crate::error::{Error, Result};
use crate::playback::{Engine, Notice, Sound, When};
use crate::recipe::Choices;
use crate::refine::AMOUNTS;
use crate::style::Style;
use crate::{files, patch_file};
use riffsmith_dsp::score::Pitch;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the device is looked after.
const LOOK: Duration = Duration::from_millis(20);

/// Frames that a device is asked to take at a time: playing needs no quick answer, but must not stop while the machine is busy.
const PERIOD_FRAMES: u32 = 2048;

const AFTER_HELP: &str = "Ctrl-C fades out. `-` reads a WAV or MIDI file from standard input: \
                          riffsmith generate funk --out /tmp | xargs cat | riffsmith play -";

/// Play WAV or MIDI files, fresh loops of styles, or a patch
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// WAV files of any rate and depth, MIDI files, `-` for standard input, or names of styles; one after the other
    #[arg(value_name = "FILE|STYLE|-", required_unless_present = "patch")]
    sources: Vec<String>,
    /// Play one note of a patch, its name or a .toml file; with MIDI files, all their tracks; with --midi-in, whatever is played there
    #[arg(long, value_name = "NAME|FILE")]
    patch: Option<String>,
    /// The note, such as C3, or a MIDI number; of a kit, the drum [default: in the middle of its range; of a kit, each drum]
    #[arg(long, value_name = "NOTE", value_parser = values::note, requires = "patch", conflicts_with = "sources")]
    note: Option<Pitch>,
    /// Hear a MIDI keyboard or clock: a port of `riffsmith list midi`, or a part of its name
    #[arg(long, value_name = "PORT", requires = "patch", conflicts_with_all = ["sources", "note", "repeat"])]
    midi_in: Option<String>,
    /// Play again and again, without a gap
    #[arg(long = "loop")]
    repeat: bool,
    /// Volume in per cent, 0 to 100; at 100 the samples are untouched
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = values::within(0.0..=100.0_f32), allow_hyphen_values = true)]
    volume: f32,
    /// Seed of fresh loops [default: random]
    #[arg(long)]
    seed: Option<u64>,
    /// Take the sound towards recorded instruments, 0 (off) to 1
    #[arg(long, value_name = "AMOUNT", num_args = 0..=1, default_value = "0", default_missing_value = "1", value_parser = values::within(AMOUNTS), allow_negative_numbers = true)]
    refine: f32,
    #[command(flatten)]
    device: DeviceArgs,
}

/// Which device to play on.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Device")]
pub struct DeviceArgs {
    /// Device, by its name in `riffsmith list devices` [default: the system's]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Sound system, by its name in `riffsmith list hosts` [default: the system's]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Frames that the device takes at a time, 16 to 16384, where it lets itself be told; fewer answer sooner
    #[arg(long, value_name = "FRAMES", value_parser = values::within(16..=16_384_u32))]
    buffer: Option<u32>,
}

impl DeviceArgs {
    /// The device, which takes `period` frames at a time if nothing else is asked for.
    pub fn choice(&self, period: u32) -> Choice {
        Choice {
            host: self.host.clone(),
            device: self.device.clone(),
            period_frames: Some(self.buffer.unwrap_or(period)),
        }
    }
}

/// Plays until the end, or until Ctrl-C.
///
/// # Errors
/// If there is no such file, style, patch, port or device.
pub fn run(args: &Args, console: Console) -> Result<()> {
    if let (Some(patch), Some(port)) = (&args.patch, &args.midi_in) {
        return live::run(&patch_file::read(patch)?, port, &args.device, args.volume / 100.0, console);
    }
    let sounds: Vec<AudioBuffer> = match &args.patch {
        Some(patch) if args.sources.is_empty() => {
            vec![audition::patch(&patch_file::read(patch)?, args.note, Seed(args.seed.unwrap_or_default()))]
        }
        _ => args.sources.iter().map(|source| sound(args, source, console)).collect::<Result<_>>()?,
    };
    play_all(sounds, args.repeat, args.volume / 100.0, args.device.choice(PERIOD_FRAMES), console)
}

/// Plays a sound on the system's device until the end, or until Ctrl-C.
///
/// # Errors
/// If there is no device, or it cannot play.
pub fn play(audio: &AudioBuffer, console: Console) -> Result<()> {
    let choice = Choice { period_frames: Some(PERIOD_FRAMES), ..Choice::default() };
    play_all(vec![audio.clone()], false, 1.0, choice, console)
}

fn play_all(sounds: Vec<AudioBuffer>, repeat: bool, volume: f32, choice: Choice, console: Console) -> Result<()> {
    let Some(rate) = sounds.first().map(|audio| audio.sample_rate) else { return Ok(()) };
    let mut engine = Engine::open(choice, rate)?;
    let stop = stop_by_ctrl_c()?;
    console.detail(&format!("{}, {} frames at a time", engine.device().unwrap_or_default(), engine.period_frames()));
    // One sound goes round by its own length; of several, each is followed by the next, and the last one by the first.
    let goes_round = repeat && sounds.len() == 1;
    let mut frames = Vec::new();
    for audio in sounds {
        let sound = Sound::plain(0, audio, goes_round).at_rate(engine.rate());
        frames.extend_from_slice(&sound.mix.frames);
    }
    let whole = Sound::plain(1, AudioBuffer { sample_rate: engine.rate(), frames }, repeat);
    if volume != 1.0 {
        engine.set_volume(volume);
    }
    engine.play(&Arc::new(whole), When::Now);
    let mut is_stopping = false;
    loop {
        tell(&engine.tend(), console);
        if stop.load(Ordering::Relaxed) && !is_stopping {
            is_stopping = true;
            engine.stop();
        }
        if engine.is_finished() {
            break;
        }
        std::thread::sleep(LOOK);
    }
    engine.drain();
    tell(&engine.tend(), console);
    if engine.xruns() > 0 {
        console.warn(&format!("the device was given too little in time, {} times", engine.xruns()));
    }
    console.detail(&format!("{} xruns", engine.xruns()));
    Ok(())
}

fn tell(notices: &[Notice], console: Console) {
    for notice in notices {
        match notice {
            Notice::Lost(reason) => console.warn(&format!("{reason}; waiting for it")),
            Notice::Back(name) => console.note(&format!("playing on {name}")),
            Notice::Xrun | Notice::Switched { .. } => {}
        }
    }
}

fn stop_by_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::<AtomicBool>::default();
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed))
        .map_err(|error| Error::failed(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(stop)
}

fn sound(args: &Args, source: &str, console: Console) -> Result<AudioBuffer> {
    let manner =
        Manner { repeat: args.repeat, refine: args.refine, patch: args.patch.as_deref(), rate: SampleRate::CD };
    let path = Path::new(source);
    if source == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Error::failed(format!("cannot read standard input: {}", files::reason(&error))))?;
        return Ok(source::load(&bytes, Path::new("standard input"), manner)?.audio);
    }
    let is_style = Style::find(source).is_ok() || !path.exists() && path.extension().is_none();
    if !is_style || path.is_file() && !patch_file::is_file(source) {
        return Ok(source::load(&files::read(path)?, path, manner)?.audio);
    }
    if let Some(patch) = &args.patch {
        return Err(Error::usage(format!("--patch {patch} plays MIDI files, but {source} is a style"))
            .hint("riffsmith generate --patch ROLE=NAME"));
    }
    let choices = Choices { refine: args.refine, ..Choices::default() };
    Ok(generate::fresh(source, args.seed, &choices, console)?.audio)
}
