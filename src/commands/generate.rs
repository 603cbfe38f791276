//! `riffsmith generate`: composes, performs and writes loops.

use super::controls::ControlArgs;
use super::values;
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::names;
use crate::output::{self, Extras};
use crate::pipeline::{Song, generate};
use crate::recipe::{Choices, Progression, Recipe};
use crate::refine::AMOUNTS;
use crate::report::{Made, Report};
use crate::style::Style;
use crate::wav::BitDepth;
use clap::FromArgMatches;
use riffsmith_dsp::score::{Key, Meter, Role, Tempo};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{SampleRate, Seed};
use riffsmith_models::composer::{BARS, Composer, SWINGS, TOP_PS};
use std::path::{Path, PathBuf};
use std::time::Instant;

const AFTER_HELP: &str = "What is not given is chosen by the style and the seed. Files are named tempo_key_style_seed, such as \
                          120_Amin_house_8391.wav.";

/// Compose loops and write them as WAV files
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Style, see `riffsmith list styles`, a blend such as house:0.7,funk:0.3, or a TOML file [default: drawn]
    style: Option<String>,
    /// The same as STYLE
    #[arg(long = "style", value_name = "STYLE", conflicts_with = "style")]
    style_flag: Option<String>,
    #[command(flatten)]
    music: Music,
    #[command(flatten)]
    composition: ControlArgs,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Music")]
struct Music {
    /// Quarter notes per minute, 20 to 300 [default: the style's]
    #[arg(long, value_parser = values::tempo, allow_hyphen_values = true)]
    bpm: Option<Tempo>,
    /// Key, such as Am, "F# major" or "D dorian" [default: the style's]
    #[arg(long, value_parser = values::key)]
    key: Option<Key>,
    /// Length in bars, 1 to 256 [default: the style's, 4 or 8]
    #[arg(long, value_parser = values::within(BARS), allow_hyphen_values = true)]
    bars: Option<u32>,
    /// Time signature, such as 4/4, 3/4 or 7/8 [default: the style's]
    #[arg(long)]
    meter: Option<Meter>,
    /// Parts to write, from drums,bass,chords,lead [default: the style's]
    #[arg(long, value_delimiter = ',', value_parser = values::role)]
    roles: Vec<Role>,
    /// Chords, one a bar: "Am F C G", or with bar lines: "Am7 | Dm7 G7"
    #[arg(long, value_parser = values::progression)]
    chords: Option<Progression>,
    /// Place of the second sixteenth, 0.5 to 0.75 [default: the style's]
    #[arg(long, value_parser = values::within(SWINGS), allow_hyphen_values = true)]
    swing: Option<f32>,
    /// Set of sounds, such as deep, see `riffsmith list styles` [default: drawn]
    #[arg(long, value_name = "NAME")]
    sounds: Option<String>,
    /// Patch for a role, such as bass=acid_bass or a .toml file; may be repeated
    #[arg(long = "patch", value_name = "ROLE=NAME", value_parser = values::role_patch)]
    patches: Vec<(Role, String)>,
    /// Same seed and flags, same file: a whole number [default: random]
    #[arg(long)]
    seed: Option<u64>,
    /// How many loops to make, 1 to 999; the seed counts up
    #[arg(long, default_value = "1", value_parser = values::within(1..=999_u64), allow_hyphen_values = true)]
    count: u64,
    /// Share of likely choices drawn from, 0.05 to 1 [default: the style's]
    #[arg(long, value_parser = values::within(TOP_PS), allow_hyphen_values = true)]
    top_p: Option<f32>,
    /// No note outside the key
    #[arg(long)]
    strict_key: bool,
    /// Take the sound towards recorded instruments, 0 (off) to 1
    #[arg(long, value_name = "AMOUNT", num_args = 0..=1, default_value = "0", default_missing_value = "1", value_parser = values::within(AMOUNTS), allow_negative_numbers = true)]
    refine: f32,
    /// Leave the mix raw; it is only turned down where it would clip
    #[arg(long)]
    no_master: bool,
    /// Compose with the weights in this file in place of the built-in ones
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Files")]
struct Output {
    /// Directory to write to; made where it is missing
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    extras: Extras,
    /// Frames per second: 44100, 48000, 88200 or 96000
    #[arg(long, value_name = "HZ", default_value = "44100", value_parser = values::file_rate)]
    rate: SampleRate,
    /// Bits in a sample: 16 (dithered), 24, or 32 (floating point)
    #[arg(long, default_value = "24")]
    bits: BitDepth,
    /// At the end, tails wrap to the start, ring on after it, or are cut
    #[arg(long, default_value = "wrap", value_parser = values::ending)]
    tail: Ending,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

impl Args {
    /// What `riffsmith generate` without flags asks for.
    pub fn plain() -> Self {
        let command = <Self as clap::Args>::augment_args(clap::Command::new("generate"));
        Self::from_arg_matches(&command.get_matches_from(["generate"])).expect("every argument is optional")
    }

    fn choices(&self) -> Result<Choices> {
        let Self { music, composition, output, .. } = self;
        Ok(Choices {
            tempo: music.bpm,
            key: music.key,
            meter: music.meter,
            bars: music.bars,
            roles: music.roles.clone(),
            chords: music.chords.clone(),
            sounds: music.sounds.clone(),
            patches: music.patches.iter().cloned().collect(),
            swing: music.swing,
            temperature: composition.temperature(),
            controls: composition.controls()?,
            top_p: music.top_p,
            strict_key: music.strict_key,
            refine: music.refine,
            no_master: music.no_master,
            sample_rate: Some(output.rate),
            bits: output.bits,
            ending: Some(output.tail),
        })
    }
}

/// Makes the loops and says what was made; the last one is returned.
///
/// # Errors
/// If the choices do not go together, or the files cannot be written.
pub fn run(args: &Args, console: Console) -> Result<Song> {
    let style = args.style.as_deref().or(args.style_flag.as_deref()).map(Style::find).transpose()?;
    let composer = composer(args.music.weights.as_deref())?;
    let first = args.music.seed.unwrap_or_else(random_seed);
    let choices = args.choices()?;
    let recipes = (0..args.music.count)
        .map(|index| {
            let seed = Seed(first.wrapping_add(index));
            let style = style.clone().unwrap_or_else(|| draw_style(seed));
            Recipe::resolve(&style, &choices, seed, composer.hash())
        })
        .collect::<Result<Vec<_>>>()?;
    files::make_directory(&args.output.out)?;
    let progress = console.progress("composing", args.music.count);
    let mut report = Report::default();
    let mut last = None;
    for recipe in recipes {
        let (song, files) = make(&recipe, &composer, &args.output, console)?;
        report.add(recipe, files);
        last = Some(song);
        progress.inc(1);
    }
    progress.finish_and_clear();
    report.print(console)?;
    last.ok_or_else(|| Error::usage("--count must be 1 or more"))
}

/// What the style and the seed chose, beyond the summary.
fn choices(recipe: &Recipe) -> String {
    let patches = recipe.mix.channels.iter().map(|(role, channel)| format!("{role} {}", channel.patch.name));
    let Recipe { swing, temperature, top_p, composer, .. } = recipe;
    let patches = patches.collect::<Vec<_>>().join(", ");
    format!("{patches}; swing {swing:.2}, temperature {temperature}, top-p {top_p}, composer {composer}")
}

/// A loop of the style called `name`, in memory only.
///
/// # Errors
/// If there is no such style.
pub fn fresh(name: &str, seed: Option<u64>, choices: &Choices, console: Console) -> Result<Song> {
    let style = Style::find(name)?;
    let composer = composer(None)?;
    let seed = Seed(seed.unwrap_or_else(random_seed));
    let recipe = Recipe::resolve(&style, choices, seed, composer.hash())?;
    console.note(&summary(&recipe));
    Ok(generate(&recipe, &composer))
}

/// The composer with its own weights, or with those in a file.
///
/// # Errors
/// If the file cannot be read or is no weights file.
pub fn composer(weights: Option<&Path>) -> Result<Composer> {
    match weights {
        Some(path) => {
            Composer::from_bytes(&files::read(path)?).map_err(|error| Error::file("use weights", path, error))
        }
        None => Composer::builtin().map_err(Error::failed),
    }
}

fn make(recipe: &Recipe, composer: &Composer, output: &Output, console: Console) -> Result<(Song, Vec<Made>)> {
    let mut files = FileSet::new(output.force);
    files.check(&output.out.join(format!("{}.wav", names::base(recipe))))?;
    let started = Instant::now();
    let song = generate(recipe, composer);
    console.detail(&choices(recipe));
    console.detail(&format!("composed and performed in {:.2} s", started.elapsed().as_secs_f64()));
    let made = output::stage(&mut files, recipe, &song, output.extras, &output.out)?;
    files.commit()?;
    console.note(&summary(recipe));
    Ok((song, made))
}

fn summary(recipe: &Recipe) -> String {
    let Recipe { style, tempo, key, meter, bars, seed, .. } = recipe;
    format!("{style}, {} bpm, {key}, {meter}, {bars} bars, seed {}", tempo.bpm(), seed.0)
}

fn draw_style(seed: Seed) -> Style {
    let styles = Style::builtin();
    seed.fork("style").rng().pick(&styles).cloned().expect("there are built-in styles")
}

/// Six digits: enough to differ, few enough to remember and to type.
pub(crate) fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // The standard library's way to the system's entropy.
    RandomState::new().hash_one(0_u8) % 1_000_000
}
