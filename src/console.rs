//! What the terminal shows: data on stdout, everything else on stderr.

use crate::error::{Error, Result};
use anstream::eprintln;
use clap::builder::styling::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Write};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// How much the user wants to read, and in which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Console {
    /// Only errors and warnings on stderr.
    pub quiet: bool,
    /// Also the choices that were made and the time that each step took.
    pub verbose: bool,
    /// One JSON object on stdout in place of lines.
    pub json: bool,
    /// What is done is a step on the way to another result: its lines are notes, and its object is not shown.
    pub aside: bool,
}

impl Console {
    /// A line of the result on stdout; not printed where the result is JSON.
    ///
    /// # Errors
    /// If stdout cannot be written to. A closed pipe is no error: the reader has seen enough.
    pub fn line(self, text: &str) -> Result<()> {
        match self {
            Self { aside: true, .. } => self.note(text),
            Self { json: true, .. } => {}
            _ => return print(text),
        }
        Ok(())
    }

    /// The result as one JSON object on stdout, where asked for.
    ///
    /// # Errors
    /// If stdout cannot be written to.
    pub fn object(self, value: &impl Serialize) -> Result<()> {
        if !self.json || self.aside {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::failed(format!("cannot write JSON: {error}")))?;
        print(&text)
    }

    /// Something good to know.
    pub fn note(self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// Something that only the curious want to know.
    pub fn detail(self, text: &str) {
        if self.verbose {
            eprintln!("{text}");
        }
    }

    /// Something that is probably not what the user wants.
    pub fn warn(self, text: &str) {
        eprintln!("{WARNING}warning:{WARNING:#} {text}");
    }

    /// Why the command did not succeed.
    pub fn error(self, error: &Error) {
        eprintln!("{ERROR}error:{ERROR:#} {error}");
        if let Some(hint) = &error.hint {
            eprintln!("{HINT}hint:{HINT:#} {hint}");
        }
    }

    /// A bar for `steps` steps of `what`; it shows on a terminal only.
    pub fn progress(self, what: &str, steps: u64) -> ProgressBar {
        let shown = !self.quiet && !self.json && steps > 1 && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            Some(steps),
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
        );
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").expect("the template is valid");
        bar.set_style(style);
        bar.set_message(what.to_owned());
        bar
    }
}

fn print(text: &str) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
