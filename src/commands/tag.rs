//! `riffsmith tag`: what WAV files of any origin say about their sound, set right.

use super::values;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::guess::Guess;
use crate::recipe::Recipe;
use crate::wav::chunks::Info;
use crate::wav::{self, Change, Changes, Date, Kind, Length, Retagged, Root};
use riffsmith_dsp::score::{Key, Meter, Tempo};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const AFTER_HELP: &str = "What is not given is kept as it is in the file, and the sound always is, byte for byte. An empty \
                          text takes the text away.";

/// Most beats and bars that a loop is said to have.
const BEATS: std::ops::RangeInclusive<u32> = 1..=65_536;

/// Longest value that is shown of a change.
const SHOWN: usize = 60;

/// Add or repair tempo, key, root and texts of WAV files
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// WAV files, of any origin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    music: Music,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Music")]
struct Music {
    /// Quarter notes per minute, 20 to 300
    #[arg(long, value_parser = values::tempo, allow_hyphen_values = true)]
    bpm: Option<Tempo>,
    /// Key, such as Am, "F# major" or "D dorian"
    #[arg(long, value_parser = values::key)]
    key: Option<Key>,
    /// Root, such as A, F# or C3 [default: the tonic of --key]
    #[arg(long, value_name = "NOTE", value_parser = values::root, allow_hyphen_values = true)]
    root: Option<Root>,
    /// Length in quarter notes [default: what --bpm makes of it]
    #[arg(long, value_parser = values::within(BEATS), allow_hyphen_values = true)]
    beats: Option<u32>,
    /// Length in bars
    #[arg(long, value_parser = values::within(BEATS), allow_hyphen_values = true, conflicts_with = "beats")]
    bars: Option<u32>,
    /// Time signature, such as 4/4, 3/4 or 7/8
    #[arg(long)]
    meter: Option<Meter>,
    /// It is a loop
    #[arg(long = "loop", conflicts_with = "one_shot")]
    repeats: bool,
    /// It is played once
    #[arg(long)]
    one_shot: bool,
    /// Take tempo, key and root from the file's name where they are not given
    #[arg(long)]
    guess: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Texts")]
struct Texts {
    /// Title
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Artist or label
    #[arg(long, value_name = "TEXT")]
    artist: Option<String>,
    /// Pack or album
    #[arg(long, value_name = "TEXT")]
    pack: Option<String>,
    /// Genre
    #[arg(long, value_name = "TEXT")]
    genre: Option<String>,
    /// Keyword to add; may be given again
    #[arg(long = "keyword", value_name = "WORD")]
    keywords: Vec<String>,
    /// Comment
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Copyright or licence
    #[arg(long, value_name = "TEXT")]
    copyright: Option<String>,
    /// Day of creation, such as 2026-01-31
    #[arg(long, value_name = "DAY")]
    date: Option<Date>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct Output {
    /// Change the files themselves
    #[arg(long, conflicts_with = "out")]
    in_place: bool,
    /// Write to this directory, under the same names
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only print what would change
    #[arg(long)]
    dry_run: bool,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// A file and what becomes of it.
struct Planned<'a> {
    source: &'a Path,
    target: PathBuf,
    retagged: Retagged,
    /// Whether a byte of the file differs.
    differs: bool,
    /// What is good to know.
    notes: Vec<String>,
}

/// Tags the files: all of them or, if one is not understood, none.
///
/// # Errors
/// If a file is not understood, or cannot be read or written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let Output { in_place, out, dry_run, force } = &args.output;
    if !(*in_place || *dry_run || out.is_some()) {
        return Err(Error::usage("tag needs --in-place or --out").hint("--dry-run only prints what would change"));
    }
    let planned = args.files.iter().map(|path| plan(args, path)).collect::<Result<Vec<_>>>()?;
    refuse_twins(&planned)?;
    if !dry_run {
        match out {
            Some(directory) => write(&planned, directory, *force)?,
            None => replace(&planned)?,
        }
    }
    for file in &planned {
        file.retagged.warnings.iter().for_each(|text| console.warn(&format!("{}: {text}", file.source.display())));
        file.notes.iter().for_each(|text| console.note(&format!("{}: {text}", file.source.display())));
        console.line(&if *dry_run { file.source } else { &file.target }.display().to_string())?;
        for line in lines(&file.retagged.changes) {
            if *dry_run { console.line(&line)? } else { console.note(&line) }
        }
    }
    console.object(&json!({ "files": planned.iter().map(|file| object(file, *dry_run)).collect::<Vec<_>>() }))
}

fn plan<'a>(args: &Args, path: &'a Path) -> Result<Planned<'a>> {
    let bytes = files::read(path)?;
    let refused = |error| Error::file("tag", path, error);
    let mut changes = asked(args);
    let mut notes = Vec::new();
    if args.music.guess && !guess(&mut changes, path, &bytes).map_err(refused)? {
        notes.push("its name says nothing about tempo, key or root".to_owned());
    }
    let mut retagged = wav::retag(&bytes, &changes).map_err(refused)?;
    if Recipe::of_file(&bytes).is_ok() && Recipe::of_file(&retagged.bytes).is_err() {
        retagged.warnings.push("its recipe gives way to the comment; regen will not make it again".to_owned());
    }
    let target = match &args.output.out {
        Some(directory) => directory.join(path.file_name().unwrap_or_default()),
        None => path.to_owned(),
    };
    let differs = retagged.bytes != bytes;
    Ok(Planned { source: path, target, retagged, differs, notes })
}

/// What is asked for.
fn asked(args: &Args) -> Changes {
    let Music { bpm, key, root, beats, bars, meter, repeats, one_shot, .. } = &args.music;
    Changes {
        kind: if *repeats { Some(Kind::Loop) } else { one_shot.then_some(Kind::OneShot) },
        tempo: *bpm,
        length: beats.map(Length::Beats).or(bars.map(Length::Bars)),
        meter: *meter,
        key: *key,
        root: *root,
        texts: texts(&args.texts),
        keywords: args.texts.keywords.clone(),
        created: args.texts.date,
    }
}

/// Adds what the name of a file says about it, and was not asked for; false if it says nothing.
fn guess(changes: &mut Changes, path: &Path, bytes: &[u8]) -> riffsmith_dsp::Result<bool> {
    let found = Guess::of_name(&path.file_stem().unwrap_or_default().to_string_lossy());
    let description = wav::describe(bytes)?;
    let said = description.acid.map(|acid| if acid.is_one_shot() { Kind::OneShot } else { Kind::Loop });
    let frames = description.loop_frames().map(|frames| frames as f64);
    let seconds = frames.map(|frames| frames / f64::from(description.format.rate_hz));
    let tempo = found.tempo(seconds).filter(|_| changes.kind.or(said) != Some(Kind::OneShot));
    changes.tempo = changes.tempo.or(tempo);
    if changes.key.is_none() && changes.root.is_none() {
        (changes.key, changes.root) = (found.key, found.root);
    }
    Ok(tempo.is_some() || found.key.is_some() || found.root.is_some())
}

fn texts(texts: &Texts) -> Vec<([u8; 4], String)> {
    let Texts { title, artist, pack, genre, comment, copyright, .. } = texts;
    let given = [
        (Info::TITLE, title),
        (Info::ARTIST, artist),
        (Info::PRODUCT, pack),
        (Info::GENRE, genre),
        (Info::COMMENT, comment),
        (Info::COPYRIGHT, copyright),
    ];
    given.into_iter().filter_map(|(id, text)| Some((id, text.clone()?))).collect()
}

/// Refuses two files that would be written to one place.
fn refuse_twins(planned: &[Planned]) -> Result<()> {
    for (index, file) in planned.iter().enumerate() {
        if let Some(twin) = planned[..index].iter().find(|other| other.target == file.target) {
            let (one, other) = (twin.source.display(), file.source.display());
            return Err(Error::usage(format!("{one} and {other} would both be {}", file.target.display())));
        }
    }
    Ok(())
}

/// Writes all files to `directory`, or none.
fn write(planned: &[Planned], directory: &Path, force: bool) -> Result<()> {
    files::make_directory(directory)?;
    let mut files = FileSet::new(force);
    for file in planned {
        files.stage(&file.target, &file.retagged.bytes)?;
    }
    files.commit()
}

/// Replaces those files that change, each whole or not at all.
fn replace(planned: &[Planned]) -> Result<()> {
    let changed = planned.iter().filter(|file| file.differs);
    changed.into_iter().try_for_each(|file| files::replace(&file.target, &file.retagged.bytes))
}

/// A line for each change.
fn lines(changes: &[Change]) -> Vec<String> {
    if changes.is_empty() {
        return vec!["  nothing to change".to_owned()];
    }
    let line = |change: &Change| format!("  {}: {} -> {}", change.what, shown(&change.from), shown(&change.to));
    changes.iter().map(line).collect()
}

fn shown(value: &str) -> String {
    if value.is_empty() {
        return "none".to_owned();
    }
    let cut: String = value.chars().take(SHOWN).collect();
    if cut.len() < value.len() { format!("{cut}...") } else { cut }
}

fn object(file: &Planned, dry_run: bool) -> Value {
    let change = |change: &Change| json!({ "what": change.what, "from": change.from, "to": change.to });
    json!({
        "path": file.source,
        "output": (!dry_run).then_some(&file.target),
        "changes": file.retagged.changes.iter().map(change).collect::<Vec<_>>(),
        "warnings": file.retagged.warnings,
    })
}
