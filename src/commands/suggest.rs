//! `riffsmith suggest`: proposals for someone's own piece.

use super::render::{self, Performance};
use super::{train, values};
use crate::assist::{self, Edit, Lock, Model, Proposal, Section, Shared, Song, Wishes};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::files::{self, FileSet};
use crate::style::Style;
use crate::wav::{self, BitDepth, Tags};
use clap::{Subcommand, ValueEnum};
use riffsmith_dsp::score::{Role, midi};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{SampleRate, Seed};
use riffsmith_models::composer::{Composer, Controls, Keep, Mood, SHIFTS, TEMPERATURES};
use serde::Serialize;
use std::path::{Path, PathBuf};

const AFTER_HELP: &str = "Each proposal is a MIDI file of its own, named after the piece, what was asked and its rank, beside words on what it does, \
    how likely the networks find it, how far it is from what was there, and the longest stretch that is also in the training music. \
    Everything that was not asked for stays as it is, to the tick: notes, tempo, controllers, names.\n\n\
    riffsmith suggest song.mid bass\n\
    riffsmith suggest song.mid infill --bars 5-6 --track lead -n 5 --render\n\
    riffsmith suggest song.mid melody --distance 0.3 --keep rhythm\n\
    riffsmith suggest song.mid continue --learn my_midi/ --voice mine.bin";

/// Propose chords, variations, parts and continuations for a MIDI file of yours
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// A standard MIDI file (format 0 or 1); it is not changed
    #[arg(value_name = "FILE.mid")]
    file: PathBuf,
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
struct How {
    /// How many proposals, 1 to 32
    #[arg(short = 'n', long, value_name = "COUNT", default_value = "3", value_parser = values::within(1..=32_u32), allow_hyphen_values = true, global = true)]
    count: u32,
    /// Same seed, same proposals
    #[arg(long, default_value = "1", global = true)]
    seed: u64,
    /// Directory to write to; made where it is missing
    #[arg(short, long, value_name = "DIR", default_value = ".", global = true)]
    out: PathBuf,
    /// Also write each as a WAV file
    #[arg(long, global = true)]
    render: bool,
    /// Play the first one
    #[cfg(feature = "playback")]
    #[arg(long, global = true)]
    play: bool,
    /// Replace existing files
    #[arg(long, global = true)]
    force: bool,
    /// What must come back as it was: tracks (name, number or role) and bars, such as bass,bars:5-8
    #[arg(long, value_name = "WHAT", value_delimiter = ',', global = true)]
    lock: Vec<String>,
    /// Daring of the networks, 0.1 to 2
    #[arg(long, value_name = "AMOUNT", default_value = "1", value_parser = values::within(TEMPERATURES), allow_hyphen_values = true, global = true)]
    temperature: f32,
    /// Notes: -1 (few) to 1 (many)
    #[arg(long, value_name = "AMOUNT", default_value = "0", value_parser = values::within(SHIFTS), allow_hyphen_values = true, global = true)]
    density: f32,
    /// Notes off the beat: -1 (few) to 1 (many)
    #[arg(long, value_name = "AMOUNT", default_value = "0", value_parser = values::within(SHIFTS), allow_hyphen_values = true, global = true)]
    syncopation: f32,
    /// How it should feel: happy, euphoric, calm, dreamy, sad, dark, tense, aggressive
    #[arg(long, global = true)]
    mood: Option<Mood>,
    /// Style to write in, such as house or house:0.6,funk:0.4, see `riffsmith list styles`
    #[arg(long, value_name = "STYLE", global = true)]
    style: Option<String>,
    /// No note outside the key
    #[arg(long, global = true)]
    strict_key: bool,
    /// Learn from music of yours first, files or directories of MIDI and MusicXML: some minutes; what was learnt is kept as --voice
    #[arg(long, value_name = "PATH", num_args = 1.., global = true)]
    learn: Vec<PathBuf>,
    /// How long --learn takes at most
    #[arg(long, value_name = "MINUTES", default_value_t = 8.0, value_parser = train::minutes, requires = "learn", global = true)]
    learn_minutes: f64,
    /// Compose with what --learn or `train composer` has written in place of the built-in networks; with --learn, write it here [default:
    /// voice.bin in --out]
    #[arg(long, visible_alias = "weights", value_name = "FILE", global = true)]
    voice: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Some bars of a track anew, leading on to what follows
    Infill {
        /// The bars, from 1: 5, or 5-6
        #[arg(long, value_name = "FIRST-LAST", value_parser = bars)]
        bars: (u32, u32),
        /// The track: its name, its number in `riffsmith analyze`, or its role
        #[arg(long, default_value = "lead")]
        track: String,
    },
    /// More bars after the last, in every part
    Continue {
        /// How many, 1 to 64
        #[arg(long, default_value = "8", value_parser = values::within(1..=64_u32), allow_hyphen_values = true)]
        bars: u32,
    },
    /// A section after the last bar
    Section {
        /// What it is there for
        #[arg(long, value_name = "WHAT")]
        form: Form,
        /// How many bars, 1 to 64
        #[arg(long, default_value = "8", value_parser = values::within(1..=64_u32), allow_hyphen_values = true)]
        bars: u32,
    },
    /// The chords of the bars after the last
    Chords {
        /// How many bars, 1 to 64
        #[arg(long, default_value = "4", value_parser = values::within(1..=64_u32), allow_hyphen_values = true)]
        bars: u32,
        /// Other chords under the melody, from its start, in place of the next ones
        #[arg(long, conflicts_with = "bars")]
        reharmonize: bool,
        /// From scratch, such as by --mood: the chords before are not heard
        #[arg(long, conflicts_with = "reharmonize")]
        anew: bool,
        /// These chords, as Roman numerals of the key, a bar each or bars between |: "ii7 V7 Imaj7", "i | VI VII"
        #[arg(long, value_name = "NUMERALS", conflicts_with_all = ["bars", "reharmonize", "anew"])]
        numerals: Option<String>,
    },
    /// Chords under a melody: comping as in `chords --reharmonize`, or four voices
    Harmonize {
        /// As alto, tenor and bass, a track each, in place of comping
        #[arg(long)]
        four_voices: bool,
    },
    /// Variations of the melody; where there is none, a melody to the chords
    Melody {
        /// How far from the melody, 0 (as it is) to 1 (another)
        #[arg(long, default_value = "0.4", value_parser = values::within(0.0..=1.0_f64), allow_hyphen_values = true)]
        distance: f64,
        /// What stays of the notes that change
        #[arg(long)]
        keep: Option<Kept>,
        /// The track, as for infill [default: that of the melody]
        #[arg(long)]
        track: Option<String>,
    },
    /// A second melody against the first
    Counter {
        /// The track of the first, as for infill [default: that of the melody]
        #[arg(long)]
        track: Option<String>,
    },
    /// A bass line to the chords and drums
    Bass,
    /// Drums, their kicks with the bass
    Drums,
    /// Comping to the chords
    Comping,
    /// Drums to a rhythm that was tapped or played: its accents and its timing on a whole kit
    Drumify {
        /// The track with the rhythm, as for infill [default: that of the melody]
        #[arg(long)]
        track: Option<String>,
    },
    /// Melodies between this one and another file's, as many as -n says
    Interpolate {
        /// The MIDI file with the other melody
        #[arg(long, value_name = "FILE.mid")]
        to: PathBuf,
    },
    /// The notes as they are, played by hand
    Humanize {
        /// How far from where they are written, 0 to 2
        #[arg(long, default_value = "1", value_parser = values::within(assist::AMOUNTS), allow_hyphen_values = true)]
        amount: f64,
    },
    /// Drums, comping and bass anew in a style, or between several
    Blend {
        /// The styles and their weights, such as house:0.6,funk:0.4, see `riffsmith list styles`
        #[arg(value_name = "STYLES")]
        styles: String,
    },
    /// The notes as they are, with the timing and the accents of another file, or of a style's drummer
    Groove {
        /// The MIDI file whose drums (or, without drums, all notes) are the model, or a style
        #[arg(long, value_name = "FILE.mid|STYLE")]
        from: PathBuf,
        /// How much of it, 0 to 1
        #[arg(long, default_value = "1", value_parser = values::within(0.0..=1.0_f64), allow_hyphen_values = true)]
        amount: f64,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// Fuller, louder, higher
    Chorus,
    /// Something else, not heard before
    Bridge,
    /// Few notes, without drums and bass
    Break,
    /// Fewer notes, softer, to the tonic
    Outro,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kept {
    /// When they begin, how long and how loud they are
    Rhythm,
    /// Their rhythm, and whether each is above or below the one before
    Contour,
    /// Their rhythm, and that chord tones are chord tones
    Chords,
}

impl What {
    fn name(&self) -> &'static str {
        match self {
            Self::Infill { .. } => "infill",
            Self::Continue { .. } => "continue",
            Self::Section { form: Form::Chorus, .. } => "chorus",
            Self::Section { form: Form::Bridge, .. } => "bridge",
            Self::Section { form: Form::Break, .. } => "break",
            Self::Section { form: Form::Outro, .. } => "outro",
            Self::Counter { .. } => "counter",
            Self::Chords { reharmonize: false, .. } => "chords",
            Self::Harmonize { four_voices: true } => "voices",
            Self::Chords { reharmonize: true, .. } | Self::Harmonize { .. } => "harmony",
            Self::Melody { .. } => "melody",
            Self::Bass => "bass",
            Self::Drums => "drums",
            Self::Comping => "comping",
            Self::Drumify { .. } => "drumify",
            Self::Interpolate { .. } => "interpolate",
            Self::Humanize { .. } => "humanize",
            Self::Blend { .. } => "blend",
            Self::Groove { .. } => "groove",
        }
    }
}

#[derive(Serialize)]
struct Listed {
    path: String,
    wav: Option<String>,
    words: String,
    likelihood: Option<f64>,
    distance: Option<f64>,
    shared: Option<Shared>,
}

/// Writes the proposals and says what they are.
///
/// # Errors
/// If the file cannot be read or written to, or a proposal not be written.
pub fn run(args: &Args, console: Console) -> Result<()> {
    let song = Song::read(&args.file)?;
    let how = &args.how;
    // What is wished for is checked before minutes of learning.
    let lock = Lock::new(&song, &how.lock)?;
    let styles: Vec<(String, f32)> = match &how.style {
        Some(name) => Style::find(name)?.composer.styles.into_iter().collect(),
        None => Vec::new(),
    };
    let learnt = learn(how, console)?;
    let composer = match learnt.as_ref().or(how.voice.as_ref()) {
        Some(path) => Composer::from_bytes(&files::read(path)?).map_err(|error| Error::file("use", path, error))?,
        None => Composer::builtin().map_err(|error| Error::failed(error.to_string()))?,
    };
    let controls =
        Controls { density: how.density, syncopation: how.syncopation, mood: how.mood, ..Controls::default() };
    let wishes = Wishes {
        composer: &composer,
        count: how.count as usize,
        seed: Seed(how.seed),
        temperature: how.temperature,
        strict_key: how.strict_key,
        controls: &controls,
        styles: &styles,
        begins_anew: false,
        accents: &[],
    };
    let mut proposals = propose(&song, &args.what, &wishes)?;
    for proposal in &mut proposals {
        proposal.edits = lock.without(&song, std::mem::take(&mut proposal.edits));
    }
    if proposals.is_empty() {
        return Err(Error::failed(format!("no {} was found for {}", args.what.name(), args.file.display())));
    }
    files::make_directory(&how.out)?;
    let path = |index: usize, ending: &str| {
        how.out.join(format!("{}_{}_{}.{ending}", song.name(), args.what.name(), index + 1))
    };
    let mut set = FileSet::new(how.force);
    let mut listed = Vec::new();
    let mut first = None;
    for (index, proposal) in proposals.iter().enumerate() {
        let target = path(index, "mid");
        let bytes = assist::edited(&song, proposal)?;
        set.stage(&target, &bytes)?;
        let is_played = index == 0 && plays(how);
        let sound = if how.render || is_played { Some(sound(&bytes)?) } else { None };
        let wav = how.render.then(|| path(index, "wav"));
        if let (Some(wav), Some(sound)) = (&wav, &sound) {
            set.stage(wav, &encoded(sound, wav)?)?;
        }
        if is_played {
            first = sound;
        }
        listed.push(said(proposal, &target, wav.as_deref()));
    }
    set.commit()?;
    for own in &listed {
        console.line(&own.path)?;
        console.line(&format!("  {}", own.words))?;
        console.line(&format!("  {}", figures(own)))?;
    }
    console.object(&listed)?;
    play(first)
}

/// Learns from someone's music, if there is some, and says where that is kept.
fn learn(how: &How, console: Console) -> Result<Option<PathBuf>> {
    if how.learn.is_empty() {
        return Ok(None);
    }
    files::make_directory(&how.out)?;
    let voice = how.voice.clone().unwrap_or_else(|| how.out.join("voice.bin"));
    // Blends are wishes, not what the music is.
    let style = how.style.clone().filter(|style| !style.contains([':', ',']));
    let args = train::composer::Args::to_learn(how.learn.clone(), voice.clone(), style, how.learn_minutes, how.force);
    train::composer::run(&args, Console { aside: true, ..console })?;
    Ok(Some(voice))
}

fn propose(song: &Song, what: &What, wishes: &Wishes<'_>) -> Result<Vec<Proposal>> {
    match what {
        What::Infill { bars: (first, last), track } => {
            assist::infill(song, song.track(track)?, &song.bar_range(*first, *last)?, wishes)
        }
        What::Continue { bars } => assist::continuation(song, *bars, wishes),
        What::Section { form, bars } => {
            let kind = match form {
                Form::Chorus => Section::Chorus,
                Form::Bridge => Section::Bridge,
                Form::Break => Section::Break,
                Form::Outro => Section::Outro,
            };
            assist::section(song, kind, *bars, wishes)
        }
        What::Counter { track } => {
            let track = track.as_deref().map(|name| song.track(name)).transpose()?;
            assist::counter(song, track, wishes)
        }
        What::Chords { numerals: Some(numerals), .. } => assist::given_chords(song, numerals, wishes),
        What::Chords { bars, reharmonize: false, anew, .. } => {
            assist::next_chords(song, *bars, &Wishes { begins_anew: *anew, ..*wishes })
        }
        What::Harmonize { four_voices: true } => assist::four_voices(song, wishes),
        What::Chords { .. } | What::Harmonize { .. } => assist::reharmonize(song, wishes),
        What::Melody { distance, keep, track } => {
            let keep = match keep {
                None => Keep::Nothing,
                Some(Kept::Rhythm) => Keep::Rhythm,
                Some(Kept::Contour) => Keep::Contour,
                Some(Kept::Chords) => Keep::Chords,
            };
            let track = track.as_deref().map(|name| song.track(name)).transpose()?;
            assist::melody(song, track, *distance, keep, wishes)
        }
        What::Bass => assist::part(song, Role::Bass, wishes),
        What::Drums => assist::part(song, Role::Drums, wishes),
        What::Comping => assist::part(song, Role::Chords, wishes),
        What::Drumify { track } => {
            let track = track.as_deref().map(|name| song.track(name)).transpose()?;
            assist::drumify(song, track, wishes)
        }
        What::Interpolate { to } => assist::interpolate(song, &Song::read(to)?, wishes),
        What::Humanize { amount } => assist::humanize(song, *amount, wishes.count, wishes.seed),
        What::Blend { styles } => {
            let styles: Vec<(String, f32)> = Style::find(styles)?.composer.styles.into_iter().collect();
            assist::blend(song, &Wishes { styles: &styles, ..*wishes })
        }
        What::Groove { from, amount } => {
            let style = if from.exists() { None } else { from.to_str().and_then(|name| Style::find(name).ok()) };
            let model = match style {
                Some(style) => Model::of_style(&style, song, wishes.composer, wishes.seed)?,
                None => Model::of_song(Song::read(from)?),
            };
            assist::groove(song, &model, *amount)
        }
    }
}

fn said(proposal: &Proposal, path: &Path, wav: Option<&Path>) -> Listed {
    let notes: usize = proposal
        .edits
        .iter()
        .map(|edit| match edit {
            Edit::Replace { notes, .. } | Edit::Add { notes, .. } => notes.len(),
        })
        .sum();
    Listed {
        path: path.display().to_string(),
        wav: wav.map(|wav| wav.display().to_string()),
        words: format!("{} ({notes} notes written)", proposal.words),
        likelihood: proposal.likelihood,
        distance: proposal.distance,
        shared: proposal.shared.clone(),
    }
}

/// `likelihood -1.23 nats a decision, distance 0.31, longest stretch in the training music: 5 notes of ...`.
fn figures(own: &Listed) -> String {
    let likelihood = own.likelihood.map(|nats| format!("likelihood {nats:.2} nats a decision"));
    let distance = own.distance.map(|distance| format!("distance {distance:.2}"));
    let shared = match &own.shared {
        Some(Shared { length, source }) => {
            format!("longest stretch in the training music: {length} in a row of {source}")
        }
        None => "no stretch in the training music".to_owned(),
    };
    let all: Vec<String> = likelihood.into_iter().chain(distance).chain([shared]).collect();
    all.join(", ")
}

fn sound(bytes: &[u8]) -> Result<riffsmith_dsp::AudioBuffer> {
    let score = midi::read(bytes).map_err(|error| Error::failed(error.to_string()))?;
    let how = Performance {
        patch: None,
        refine: 0.0,
        is_dry: false,
        mastered: true,
        sample_rate: SampleRate::CD,
        ending: Ending::Ring,
    };
    render::perform(&score, &how)
}

fn encoded(sound: &riffsmith_dsp::AudioBuffer, path: &Path) -> Result<Vec<u8>> {
    let title = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    wav::encode(sound, BitDepth::default(), &Tags { title, ..Tags::default() }, Seed(0).fork("dither"))
}

#[cfg(feature = "playback")]
fn plays(how: &How) -> bool {
    how.play
}

#[cfg(not(feature = "playback"))]
fn plays(_how: &How) -> bool {
    false
}

#[cfg(feature = "playback")]
fn play(sound: Option<riffsmith_dsp::AudioBuffer>) -> Result<()> {
    sound.map_or(Ok(()), |sound| super::play::play(&sound, Console::default()))
}

#[cfg(not(feature = "playback"))]
fn play(_sound: Option<riffsmith_dsp::AudioBuffer>) -> Result<()> {
    Ok(())
}

/// `5`, or `5-6`.
fn bars(text: &str) -> std::result::Result<(u32, u32), String> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (number(first), number(last)) {
        (Some(first), Some(last)) => Ok((first, last)),
        _ => Err(format!("bars must be a number or two such as 5-6, but were {text:?}")),
    }
}
