//! `riffsmith audition`: take after take, and what is good is kept.

use super::play::DeviceArgs;
use super::values;
use crate::audition::{Log, Opening, Player, Session, Source, lines, view};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::pack::files_below;
use crate::patch_file;
use crate::recipe::Choices;
use crate::refine::AMOUNTS;
use crate::style::Style;
use riffsmith_dsp::score::{Key, Tempo};
use riffsmith_models::composer::BARS;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Frames that the device is asked to take at a time: few, so that keys are heard soon.
const PERIOD_FRAMES: u32 = 512;

const AFTER_HELP: &str = "Keys: n next, p back (at the bar line; N and P at once), k keep, x reject, v vary near, V far, 1-4 \
                          or Tab select a part, l lock, m mute, s solo, t next patch, . and , key, + and - tempo, r refined \
                          or plain, u undo, e export, w waveform or spectrum, Space pause, ? all keys, q quit. What is kept stands in the \
                          session file; riffsmith pack --from it makes a pack. Without a terminal, a word or key a line is read from \
                          standard input: printf 'wait 10\\nkeep\\n' | riffsmith audition funk";

/// Hear take after take, gaplessly: keep, reject, vary, change key, tempo and sounds
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// A style or a blend, a directory, or WAV and MIDI files [default: all styles in turn]
    #[arg(value_name = "STYLE|DIR|FILES")]
    sources: Vec<String>,
    /// The file that remembers what is kept; made when something is, and gone on with where there is one
    #[arg(long, value_name = "FILE", default_value = "riffsmith.session")]
    session: PathBuf,
    /// Directory that e writes to
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Quarter notes per minute, 20 to 300 [default: the style's]
    #[arg(long, value_parser = values::tempo, allow_hyphen_values = true)]
    bpm: Option<Tempo>,
    /// Key, such as Am, "F# major" or "D dorian" [default: the style's]
    #[arg(long, value_parser = values::key)]
    key: Option<Key>,
    /// Length in bars, 1 to 256 [default: the style's, 4 or 8]
    #[arg(long, value_parser = values::within(BARS), allow_hyphen_values = true)]
    bars: Option<u32>,
    /// Seed of the first take, each has the next one [default: the session's, or random]
    #[arg(long)]
    seed: Option<u64>,
    /// Begin with refined sound, at this amount of 0 to 1
    #[arg(long, value_name = "AMOUNT", num_args = 0..=1, default_value = "0", default_missing_value = "1", value_parser = values::within(AMOUNTS), allow_negative_numbers = true)]
    refine: f32,
    /// Volume in per cent, 0 to 100; at 100 the samples are untouched
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = values::within(0.0..=100.0_f32), allow_hyphen_values = true)]
    volume: f32,
    /// Write what happens, with the frames at which it does, to a new file: a JSON object a line
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceArgs,
}

/// Auditions on the terminal, or line by line where there is none.
///
/// # Errors
/// If there is no such style or file, or session or log cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let (source, source_name) = source(args)?;
    let session = Session::open(&args.session)?;
    let (kept, damaged) = (session.contents().kept.len(), session.contents().damaged);
    if damaged > 0 {
        console.warn(&format!("{}: {damaged} damaged lines were passed over", args.session.display()));
    }
    let signals = view::Signals::listen()?;
    let opening = Opening {
        source,
        source_name,
        seed: args.seed,
        session,
        choice: args.device.choice(PERIOD_FRAMES),
        out: args.out.clone(),
        refine: args.refine,
        volume: args.volume / 100.0,
        log: Log::create(args.log.as_deref())?,
    };
    let (mut player, missing) = Player::open(opening)?;
    if let Some(reason) = missing {
        console.warn(&format!("{reason}: going on with the sound off"));
    }
    if kept > 0 {
        console.note(&format!("{} takes were kept before, in {}", kept, args.session.display()));
    }
    let result = if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        let result = view::run(&mut player, &signals);
        console.note(&player.describe_engine());
        result
    } else {
        lines::run(&mut player, &signals.end(), console)
    };
    player.close();
    result?;
    signals.obey();
    Ok(())
}

/// Where takes come from, and how the session calls that.
fn source(args: &Args) -> Result<(Source, String)> {
    let Args { sources, bpm, key, bars, .. } = args;
    let name = if sources.is_empty() { "all styles".to_owned() } else { sources.join(" ") };
    let choices = Choices { tempo: *bpm, key: *key, bars: *bars, ..Choices::default() };
    let is_file = |text: &str| Path::new(text).exists() && !patch_file::is_file(text);
    match sources.as_slice() {
        [] => Ok((Source::Style(None, Box::new(choices)), name)),
        [style] if Style::find(style).is_ok() || !is_file(style) && Path::new(style).extension().is_none() => {
            Ok((Source::Style(Some(Box::new(Style::find(style)?)), Box::new(choices)), name))
        }
        paths => {
            let mut files = Vec::new();
            for path in paths.iter().map(Path::new) {
                if path.is_dir() {
                    files.extend(below(path)?);
                } else {
                    files.push(path.to_owned());
                }
            }
            if files.is_empty() {
                return Err(Error::failed(format!("there is no WAV or MIDI file in {name}")));
            }
            Ok((Source::Files(files), name))
        }
    }
}

/// The WAV and MIDI files of a directory and all below it, in alphabetical order.
fn below(directory: &Path) -> Result<Vec<PathBuf>> {
    let is_music = |path: &Path| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        ending.is_some_and(|ending| ["wav", "mid", "midi"].contains(&ending.as_str()))
    };
    let mut files: Vec<PathBuf> =
        files_below(directory)?.into_iter().map(|path| directory.join(path)).filter(|path| is_music(path)).collect();
    files.sort();
    Ok(files)
}
