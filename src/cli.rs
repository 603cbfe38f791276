//! The command line: what can be asked for. Each subcommand's flags stand beside its code in `commands/`.

use crate::commands;
use crate::console::Console;
use crate::error::{Error, Exit, Result};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use std::error::Error as _;
use std::ffi::OsString;
use std::process::ExitCode;

/// Composes, performs and writes loops: a neural network writes the notes, a synthesizer plays them.
#[derive(Debug, Parser)]
#[command(name = "riffsmith", version, max_term_width = 80, disable_help_subcommand = true, after_help = BARE)]
pub struct Cli {
    #[command(flatten)]
    verbosity: Verbosity,
    #[command(subcommand)]
    command: Option<Command>,
}

const BARE: &str = "Without a command: composes a loop, writes it here, prints its path and seed, and plays it where there is a \
                    sound device.";

/// What every command understands.
#[derive(Debug, Args)]
struct Verbosity {
    /// Print one JSON object on stdout in place of lines
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// Print only the result, warnings and errors
    #[arg(short, long, global = true, help_heading = "Output")]
    quiet: bool,
    /// Also print every choice made and the time each step took
    #[arg(short, long, global = true, help_heading = "Output", conflicts_with = "quiet")]
    verbose: bool,
}

/// One variant and one file in `commands/` per subcommand.
#[derive(Debug, Subcommand)]
enum Command {
    Generate(Box<commands::generate::Args>),
    Render(commands::render::Args),
    #[cfg(feature = "playback")]
    Play(Box<commands::play::Args>),
    #[cfg(feature = "playback")]
    Audition(Box<commands::audition::Args>),
    Analyze(commands::analyze::Args),
    Suggest(commands::suggest::Args),
    List(commands::list::Args),
    Check(commands::check::Args),
    Pack(Box<commands::pack::Args>),
    Originality(commands::originality::Args),
    Patch(commands::patch::Args),
    Refine(commands::refine::Args),
    Regen(commands::regen::Args),
    Inspect(commands::inspect::Args),
    Tag(Box<commands::tag::Args>),
    Corpus(commands::corpus::Args),
    Train(commands::train::Args),
    Eval(commands::eval::Args),
}

/// Runs the command that `args` (the program's name first) ask for.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let (console, result) = match Cli::try_parse_from(args) {
        Ok(cli) => {
            let console = Console {
                quiet: cli.verbosity.quiet,
                verbose: cli.verbosity.verbose,
                json: cli.verbosity.json,
                aside: false,
            };
            (console, dispatch(cli.command, console))
        }
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // A closed pipe is no error: the reader has seen enough.
            drop(error.print());
            return ExitCode::SUCCESS;
        }
        Err(error) => (Console::default(), Err(explain(&error))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.error(&error);
            ExitCode::from(error.exit as u8)
        }
    }
}

fn dispatch(command: Option<Command>, console: Console) -> Result<()> {
    match command {
        Some(Command::Generate(args)) => commands::generate::run(&args, console).map(drop),
        Some(Command::Render(args)) => commands::render::run(&args, console),
        #[cfg(feature = "playback")]
        Some(Command::Play(args)) => commands::play::run(&args, console),
        #[cfg(feature = "playback")]
        Some(Command::Audition(args)) => commands::audition::run(&args, console),
        Some(Command::Analyze(args)) => commands::analyze::run(&args, console),
        Some(Command::Suggest(args)) => commands::suggest::run(&args, console),
        Some(Command::List(args)) => commands::list::run(&args, console),
        Some(Command::Check(args)) => commands::check::run(&args, console),
        Some(Command::Pack(args)) => commands::pack::run(&args, console),
        Some(Command::Originality(args)) => commands::originality::run(&args, console),
        Some(Command::Patch(args)) => commands::patch::run(&args, console),
        Some(Command::Refine(args)) => commands::refine::run(&args, console),
        Some(Command::Regen(args)) => commands::regen::run(&args, console),
        Some(Command::Inspect(args)) => commands::inspect::run(&args, console),
        Some(Command::Tag(args)) => commands::tag::run(&args, console),
        Some(Command::Corpus(args)) => commands::corpus::run(&args, console),
        Some(Command::Train(args)) => commands::train::run(&args, console),
        Some(Command::Eval(args)) => commands::eval::run(&args, console),
        None => bare(console),
    }
}

/// A loop of the program's own choice, played where there is a device.
fn bare(console: Console) -> Result<()> {
    let song = commands::generate::run(&commands::generate::Args::plain(), console)?;
    #[cfg(feature = "playback")]
    if let Err(error) = commands::play::play(&song.audio, console) {
        console.note(&format!("not played: {error}"));
    }
    #[cfg(not(feature = "playback"))]
    drop(song);
    Ok(())
}

/// What clap has to say, in our form: one line, and a hint.
fn explain(error: &clap::Error) -> Error {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.split([' ', '=']).next().unwrap_or_default(),
        _ => "",
    };
    if let Some(own) = error.source().and_then(|source| source.downcast_ref::<riffsmith_dsp::Error>()) {
        return Error::flag(argument, own);
    }
    if let Some(own) = error.source().and_then(|source| source.downcast_ref::<Error>()) {
        return Error { exit: Exit::Usage, message: format!("{argument} {own}"), hint: own.hint.clone() };
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let first = paragraphs.next().unwrap_or_default().trim_start_matches("error: ");
    let message = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let tip = paragraphs.find_map(|paragraph| paragraph.trim().strip_prefix("tip: "));
    Error::usage(message).hint(tip.unwrap_or("riffsmith --help lists the commands, riffsmith COMMAND --help the flags"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
