//! `riffsmith check`: everything that could be wrong with a pack.

use crate::check::{Findings, check};
use crate::console::Console;
use crate::error::{Error, Result};
use std::path::PathBuf;

/// Check a sample pack: files, levels, seams, names, tags, duplicates
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit code 1 if something is not as it should be. Works on packs of any origin.")]
pub struct Args {
    /// The pack's folder
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Prints what is wrong, a line each.
///
/// # Errors
/// If something is, or the folder cannot be read.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let findings = check(&args.directory)?;
    if findings.files == 0 {
        return Err(Error::failed(format!("{} holds no files", args.directory.display())));
    }
    for violation in &findings.violations {
        console.line(&format!("{}: {}", violation.path, violation.what))?;
    }
    console.object(&findings)?;
    describe(&findings, console);
    match findings.violations.len() {
        0 => Ok(()),
        1 => Err(Error::failed("1 thing is not as it should be")),
        count => Err(Error::failed(format!("{count} things are not as they should be"))),
    }
}

fn describe(findings: &Findings, console: Console) {
    let Findings { files, sounds, corpus_distance, .. } = findings;
    console.note(&format!("{files} files, {sounds} of them sounds"));
    if !findings.complete {
        console.note("the pack is not complete: riffsmith pack --resume goes on with it");
    }
    if let (Some(mean), Some((least, one, other))) = (findings.loop_distance, &findings.nearest_loops) {
        console.note(&format!(
            "distance of loops, 0 to 1: mean {mean:.2} (grooves that the networks learnt from: {corpus_distance:.2}), least {least:.2} \
             between {one} and {other}"
        ));
    }
    if let Some(found) = &findings.longest_match {
        let crate::check::Match { path, source, notes } = found;
        console.note(&format!("longest run of notes that is in those grooves too: {notes}, of {path} in {source}"));
    }
}
