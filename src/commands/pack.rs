//! `riffsmith pack`: a sample pack from one command, whole or in parts.

use super::generate::{composer, random_seed};
use super::values;
use crate::audition::session;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use crate::pack::variety::least_distance;
use crate::pack::{
    INSTRUMENTS, LOOPS, Manifest, Naming, ONE_SHOTS, Outline, PackRecipe, Plan, Production, Receipt, Shard, Stop, Work,
    finish, work::Found, zip_folder,
};
use crate::recipe::{Recipe, VERSION};
use crate::refine::AMOUNTS;
use crate::wav::BitDepth;
use riffsmith_dsp::score::Key;
use riffsmith_dsp::{SampleRate, Seed};
use riffsmith_models::composer::{BARS, Composer};
use riffsmith_models::refiner::Refiner;
use std::path::{Path, PathBuf};

const AFTER_HELP: &str = "The pack is made in a folder called LABEL_Name within --out. Ctrl-C leaves what is done; the same command with \
                          --resume goes on to the same bytes. Large packs can be made in parts, on several machines: --shard 1/4 \
                          to 4/4, and then `riffsmith pack merge`.";

const GO_ON: &str = "--resume goes on where this ended";

/// Make a sample pack: loops, one-shots, instruments, MIDI, presets, and a page to hear it all
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Styles, such as house,lofi; see `riffsmith list styles`
    #[arg(value_name = "STYLE[,STYLE]", value_delimiter = ',', required_unless_present = "from")]
    styles: Vec<String>,
    #[command(flatten)]
    content: Content,
    #[command(flatten)]
    sound: Sound,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Merge(MergeArgs),
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Content")]
struct Content {
    /// Name of the pack [default: of its styles]
    #[arg(long)]
    name: Option<String>,
    /// Who publishes it: letters and digits that start each file's name
    #[arg(long, default_value = "RS")]
    label: String,
    /// The loops that were kept in a session of `riffsmith audition`, in place of loops of styles
    #[arg(long, value_name = "SESSION", conflicts_with_all = ["styles", "loops", "keys", "bpm", "bars"])]
    from: Option<PathBuf>,
    /// Loops, full mixes and single parts together, 0 to 2000
    #[arg(long, value_name = "N", default_value = "60", value_parser = values::within(LOOPS), allow_hyphen_values = true)]
    loops: u32,
    /// One-shots, 0 to 2000
    #[arg(long, value_name = "N", default_value = "80", value_parser = values::within(ONE_SHOTS), allow_hyphen_values = true)]
    one_shots: u32,
    /// Multi-sampled instruments, 0 to 50
    #[arg(long, value_name = "N", default_value = "2", value_parser = values::within(INSTRUMENTS), allow_hyphen_values = true)]
    instruments: u32,
    /// Stems of each full mix as well
    #[arg(long)]
    stems: bool,
    /// Keys to choose from, such as Am,Cm [default: the styles']
    #[arg(long, value_delimiter = ',', value_parser = values::key)]
    keys: Vec<Key>,
    /// Tempo or range of tempos, such as 124 or 120-128 [default: the styles']
    #[arg(long, value_name = "BPM", value_parser = tempo_range, allow_hyphen_values = true)]
    bpm: Option<[f64; 2]>,
    /// Length of the loops in bars [default: the styles']
    #[arg(long, value_parser = values::within(BARS), allow_hyphen_values = true)]
    bars: Option<u32>,
    /// Same seed and flags, same pack: a whole number [default: random]
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Sound")]
struct Sound {
    /// Take the loops' sound towards recorded instruments, 0 (off) to 1
    #[arg(long, value_name = "AMOUNT", num_args = 0..=1, default_value = "0", default_missing_value = "1", value_parser = values::within(AMOUNTS), allow_negative_numbers = true)]
    refine: f32,
    /// Frames per second: 44100, 48000, 88200 or 96000
    #[arg(long, value_name = "HZ", default_value = "44100", value_parser = values::file_rate)]
    rate: SampleRate,
    /// Bits in a sample: 16 (dithered), 24, or 32 (floating point)
    #[arg(long, default_value = "24")]
    bits: BitDepth,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Files")]
struct Output {
    /// Directory in which the pack's folder is made
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// How files are named
    #[arg(long, value_enum, default_value = "splice")]
    naming: Naming,
    /// Day that the files bear, as 2026-01-31 [default: none]
    #[arg(long)]
    date: Option<String>,
    /// A ZIP archive of the pack beside its folder
    #[arg(long)]
    zip: bool,
    /// Go on with a pack that was stopped
    #[arg(long)]
    resume: bool,
    /// Make part K of N only, to be merged
    #[arg(long, value_name = "K/N", conflicts_with = "zip")]
    shard: Option<Shard>,
}

/// Join the parts of a pack that were made with --shard
#[derive(Debug, clap::Args)]
struct MergeArgs {
    /// The --out directories of the parts, or the folders in them
    #[arg(value_name = "DIR", required = true)]
    parts: Vec<PathBuf>,
    /// Directory in which the pack's folder is made
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// A ZIP archive of the pack beside its folder
    #[arg(long)]
    zip: bool,
    /// Go on with a merge that was stopped
    #[arg(long)]
    resume: bool,
}

/// `124` or `120-128`.
fn tempo_range(text: &str) -> Result<[f64; 2]> {
    let refused =
        || Error::usage(format!("must be a tempo of 20 to 300 or a range of them, such as 120-128, but was {text}"));
    let bounds: Vec<f64> = text
        .split('-')
        .map(|bound| bound.trim().parse())
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| refused())?;
    let range = match bounds.as_slice() {
        [tempo] => [*tempo; 2],
        [slowest, fastest] => [*slowest, *fastest],
        _ => return Err(refused()),
    };
    if 20.0 <= range[0] && range[0] <= range[1] && range[1] <= 300.0 { Ok(range) } else { Err(refused()) }
}

/// Makes the pack, a part of it, or joins its parts.
///
/// # Errors
/// If the choices do not go together, something else is where the pack should be, or it cannot be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    if let Some(Command::Merge(merge)) = &args.command {
        return run_merge(merge, console);
    }
    let composer = composer(None)?;
    let mut pack = recipe(args, &composer);
    if let Some(session) = &args.content.from {
        from_session(&mut pack, session, args.content.name.is_none(), &composer, console)?;
    }
    pack.check()?;
    let directory = args.output.out.join(pack.folder());
    if args.output.resume && args.content.seed.is_none() {
        pack.seed = stored_seed(&directory)?;
    }
    let plan = Plan::new(&pack, &composer)?;
    let Found::Open(work) = Work::open(&directory, &pack, args.output.resume)? else {
        console.note(&format!("{} is complete: there is nothing to do", directory.display()));
        return console.line(&directory.display().to_string());
    };
    console.note(&format!("{}, {} items, seed {}", pack.name, plan.items.len(), pack.seed.0));
    let shard = args.output.shard.unwrap_or(Shard::WHOLE);
    let stop = stop_by_ctrl_c()?;
    let production = Production { work: &work, pack: &pack, plan: &plan, shard, composer: &composer, stop: &stop };
    make_items(&production, console)?;
    if shard != Shard::WHOLE {
        return if stop.asked() {
            Err(stopped_error(&work, &plan, shard))
        } else {
            console.note("this part is done; riffsmith pack merge joins all parts");
            console.line(&directory.display().to_string())
        };
    }
    conclude(work, &pack, &plan, &stop, args.output.zip, console)
}

fn run_merge(args: &MergeArgs, console: Console) -> Result<()> {
    let parts: Vec<Work> = args.parts.iter().map(|part| Work::at(&begun_in(part)?)).collect::<Result<_>>()?;
    let pack = parts[0].recipe()?;
    for part in &parts[1..] {
        if part.recipe()? != pack {
            let (one, other) = (parts[0].directory().display(), part.directory().display());
            return Err(Error::failed(format!("{one} and {other} are parts of different packs")));
        }
    }
    let composer = composer(None)?;
    if pack.composer != composer.hash() {
        return Err(Error::failed(format!(
            "the parts were made with weights {}, but these are {}",
            pack.composer,
            composer.hash()
        ))
        .hint(format!("use riffsmith {}", pack.version)));
    }
    let plan = Plan::new(&pack, &composer)?;
    let directory = args.out.join(pack.folder());
    let Found::Open(work) = Work::open(&directory, &pack, args.resume)? else {
        return console.line(&directory.display().to_string());
    };
    let stop = stop_by_ctrl_c()?;
    let progress = console.progress("joining", plan.items.len() as u64);
    let mut missing = Vec::new();
    for index in 0..plan.items.len() {
        if stop.asked() {
            return Err(stopped_error(&work, &plan, Shard::WHOLE));
        }
        if work.receipt(index).is_none() {
            match parts.iter().find_map(|part| Some((part, part.receipt(index)?))) {
                Some((part, receipt)) => work.adopt(index, part, receipt)?,
                None => missing.push(index + 1),
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    if let Some(first) = missing.first() {
        let count = missing.len();
        return Err(Error::failed(format!(
            "{count} of {} items are in none of the parts, the first is number {first}",
            plan.items.len()
        ))
        .hint("make the missing parts, then merge again with --resume"));
    }
    conclude(work, &pack, &plan, &stop, args.zip, console)
}

fn recipe(args: &Args, composer: &Composer) -> PackRecipe {
    let Args { styles, content, sound, output, .. } = args;
    PackRecipe {
        version: VERSION.to_owned(),
        composer: composer.hash(),
        seed: Seed(content.seed.unwrap_or_else(random_seed)),
        name: content.name.clone().unwrap_or_else(|| named_after(styles)),
        label: content.label.clone(),
        styles: styles.clone(),
        keys: content.keys.clone(),
        bpm: content.bpm,
        bars: content.bars,
        takes: Vec::new(),
        loops: content.loops,
        one_shots: content.one_shots,
        instruments: content.instruments,
        stems: content.stems,
        refine: sound.refine,
        naming: output.naming,
        rate: sound.rate,
        bits: sound.bits,
        date: output.date.clone(),
    }
}

fn named_after(styles: &[String]) -> String {
    let words = styles.iter().flat_map(|style| style.split(['_', ' ', '-']));
    words.map(crate::pack::capitalised).collect::<Vec<_>>().join(" ")
}

/// Puts the loops that a session has kept in the place of the pack's.
fn from_session(pack: &mut PackRecipe, path: &Path, names: bool, composer: &Composer, console: Console) -> Result<()> {
    let contents = session::read(path)?;
    let all = contents.kept.len();
    pack.takes = contents.kept.into_iter().filter_map(|kept| kept.recipe.map(|recipe| *recipe)).collect();
    if pack.takes.len() < all {
        let others = all - pack.takes.len();
        console.warn(&format!("{others} of {all} kept takes are files of others: they are left out"));
    }
    if pack.takes.is_empty() {
        return Err(Error::failed(format!("{} has kept no loop", path.display()))
            .hint("k keeps what plays in riffsmith audition"));
    }
    let refiner = Refiner::builtin().hash();
    for take in &pack.takes {
        take.check()?;
        let is_ours = take.composer == composer.hash();
        if !is_ours || take.refine.as_ref().is_some_and(|refinement| refinement.weights != refiner) {
            let message = format!("{} was kept with other weights than these", crate::names::base(take));
            return Err(Error::failed(message).hint(format!("use riffsmith {}", take.version)));
        }
    }
    pack.loops = pack.takes.len() as u32;
    pack.styles.clear();
    for take in &pack.takes {
        if !pack.styles.contains(&take.style) {
            pack.styles.push(take.style.clone());
        }
    }
    if names {
        pack.name = named_after(&pack.styles);
    }
    tell_alike(&pack.takes, composer, console);
    Ok(())
}

/// Says which of the takes could be taken for each other: `check` will, too.
fn tell_alike(takes: &[Recipe], composer: &Composer, console: Console) {
    let outline =
        |take: &Recipe| Outline::of(&composer.recompose(&take.brief(), take.seed.fork("compose"), &take.redraws));
    let outlines: Vec<Outline> = takes.iter().map(outline).collect();
    for (index, one) in outlines.iter().enumerate() {
        for (other, _) in
            outlines[..index].iter().enumerate().filter(|(_, other)| one.distance(other) < least_distance(None))
        {
            let names = [other, index].map(|index| crate::names::base(&takes[index]));
            console.warn(&format!("{} and {} are much alike", names[0], names[1]));
        }
    }
}

/// The seed of the pack that was begun, or made, in `directory`.
fn stored_seed(directory: &Path) -> Result<Seed> {
    if let Ok(work) = Work::at(directory) {
        return Ok(work.recipe()?.seed);
    }
    let path = directory.join("manifest.json");
    let text = String::from_utf8(files::read(&path)?).map_err(|_| Error::file("use", &path, "it is no text"))?;
    Ok(Manifest::from_json(&text)?.recipe.seed)
}

/// The folder of a pack in the making: `directory` itself, or the only one in it.
fn begun_in(directory: &Path) -> Result<PathBuf> {
    if Work::is_begun(directory) {
        return Ok(directory.to_owned());
    }
    let entries =
        std::fs::read_dir(directory).map_err(|error| Error::file("read", directory, files::reason(&error)))?;
    let mut begun = entries.flatten().map(|entry| entry.path()).filter(|path| Work::is_begun(path));
    begun.next().ok_or_else(|| Error::failed(format!("{} holds no part of a pack", directory.display())))
}

/// A stop that Ctrl-C asks for.
pub(super) fn stop_by_ctrl_c() -> Result<Stop> {
    let stop = Stop::default();
    let stopper = stop.clone();
    ctrlc::set_handler(move || stopper.ask())
        .map_err(|error| Error::failed(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(stop)
}

/// Makes the items that are not there yet.
fn make_items(production: &Production<'_>, console: Console) -> Result<()> {
    let missing = production.missing();
    let progress = console.progress("making", missing.iter().map(|&index| production.effort(index)).sum());
    let made = production.run(&missing, |effort| progress.inc(effort));
    progress.finish_and_clear();
    made.map_err(|error| error.hint(GO_ON))
}

/// Finishes the pack, or describes what there is of it.
fn conclude(work: Work, pack: &PackRecipe, plan: &Plan, stop: &Stop, zip: bool, console: Console) -> Result<()> {
    let receipts: Vec<Option<Receipt>> = (0..plan.items.len()).map(|index| work.receipt(index)).collect();
    let complete = receipts.iter().all(Option::is_some);
    let rows = receipts.into_iter().flatten().flatten().collect();
    let directory = work.directory().to_owned();
    if complete {
        console.note("all items are made; now demo, cover and page");
    }
    let manifest = finish(&directory, pack, rows, complete, stop).map_err(|error| error.hint(GO_ON))?;
    if !manifest.complete {
        return Err(stopped_error(&work, plan, Shard::WHOLE));
    }
    work.close()?;
    let mut made = vec![directory.clone()];
    if zip {
        made.push(zip_folder(&directory)?);
    }
    for path in &made {
        console.line(&path.display().to_string())?;
    }
    console.object(&serde_json::json!({
        "directory": directory,
        "zip": made.get(1),
        "items": plan.items.len(),
        "manifest": manifest,
    }))
}

fn stopped_error(work: &Work, plan: &Plan, shard: Shard) -> Error {
    let all = (0..plan.items.len()).filter(|&index| shard.has(index));
    let done = all.clone().filter(|&index| work.receipt(index).is_some()).count();
    Error::failed(format!("stopped after {done} of {} items", all.count()))
        .hint("the same command with --resume goes on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tempos_and_their_ranges_are_read() {
        assert_eq!(tempo_range("124"), Ok([124.0, 124.0]));
        assert_eq!(tempo_range("120-128.5"), Ok([120.0, 128.5]));
        for text in ["", "128-120", "10-20", "a", "1-2-3", "nan", "-5"] {
            assert!(tempo_range(text).is_err(), "{text}");
        }
    }
}
