//! The recipe: every choice that made a loop, enough to make it again to the last byte.

use crate::checksum::sha256;
use crate::error::{Error, Result};
use crate::refine::Refinement;
use crate::style::Style;
use crate::wav::{self, BitDepth};
use riffsmith_dsp::mix::{Master, Mix};
use riffsmith_dsp::score::{Chord, Key, Meter, PitchClass, Role, Tempo, Ticks};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{Rng, SampleRate, Seed};
use riffsmith_models::composer::{Brief, BriefOptions, Controls, Form, Mood, Redraw};
use riffsmith_models::traits::Rule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that recipes are written by.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The longest loop, in seconds.
const MAX_SECONDS: f64 = 1200.0;

/// How often parts can be written anew: each time is composed again with the loop, and takes room in its recipe, of which readers keep two
/// thousand characters.
pub const MAX_REDRAWS: usize = 8;

/// What the user asked for; `None` and empty mean that style and seed decide.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// Quarter notes per minute.
    pub tempo: Option<Tempo>,
    /// Tonic and mode.
    pub key: Option<Key>,
    /// Time signature.
    pub meter: Option<Meter>,
    /// Length.
    pub bars: Option<u32>,
    /// The parts to write.
    pub roles: Vec<Role>,
    /// Chords of each bar, repeated to the length of the loop.
    pub chords: Option<Progression>,
    /// The set of sounds, by its name.
    pub sounds: Option<String>,
    /// Patches by role, in place of the set's.
    pub patches: BTreeMap<Role, String>,
    /// Where the second of two sixteenths lies, 0.5 to 0.75.
    pub swing: Option<f32>,
    /// The composer's temperature.
    pub temperature: Option<f32>,
    /// The composer's nucleus.
    pub top_p: Option<f32>,
    /// No note outside the key.
    pub strict_key: bool,
    /// Further wishes to the composer.
    pub controls: Controls,
    /// How far the stems are refined, 0 (off) to 1.
    pub refine: f32,
    /// Leave the mix as it is, without a master.
    pub no_master: bool,
    /// Frames per second.
    pub sample_rate: Option<SampleRate>,
    /// How the mix is stored.
    pub bits: BitDepth,
    /// What becomes of the tails at the end.
    pub ending: Option<Ending>,
}

/// Bars of one or more chords each.
pub type Progression = Vec<Vec<Chord>>;

/// Every choice, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The version of riffsmith that made it.
    pub version: String,
    /// Hash of the composer's weights.
    pub composer: String,
    /// The origin of all randomness.
    pub seed: Seed,
    /// Name of the style.
    pub style: String,
    /// Tags and weights that the composer is given.
    pub style_tags: BTreeMap<String, f32>,
    /// What makes it its style.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub style_rules: Vec<Rule>,
    /// Quarter notes per minute.
    #[serde(rename = "bpm")]
    pub tempo: Tempo,
    /// The tempo that its notes were written for, where it is played at another one.
    #[serde(default, rename = "written_bpm", skip_serializing_if = "Option::is_none")]
    pub written_tempo: Option<Tempo>,
    /// Tonic and mode.
    pub key: Key,
    /// Time signature.
    pub meter: Meter,
    /// Length.
    pub bars: u32,
    /// The parts.
    pub roles: Vec<Role>,
    /// Chords asked for, in ticks from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chords: Option<Vec<(Ticks, Chord)>>,
    /// Where the second of two sixteenths lies.
    pub swing: f32,
    /// The composer's temperature.
    pub temperature: f32,
    /// The composer's nucleus.
    pub top_p: f32,
    /// No note outside the key.
    pub strict_key: bool,
    /// Further wishes to the composer, where there are any.
    #[serde(default, skip_serializing_if = "Controls::is_plain")]
    pub controls: Controls,
    /// What was written anew, one after the other, while other parts stayed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redraws: Vec<Redraw>,
    /// How each part is played, and how they are mixed.
    #[serde(default, skip_serializing_if = "is_blank")]
    pub mix: Mix,
    /// How the stems are refined, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refine: Option<Refinement>,
    /// How the mix is finished; not at all, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<Master>,
    /// Frames per second.
    pub rate: SampleRate,
    /// How the mix is stored.
    pub bits: BitDepth,
    /// What becomes of the tails at the end.
    pub ending: Ending,
}

impl Recipe {
    /// Takes what the user chose, and draws the rest from the style by the seed: each choice from a fork of its own, so that
    /// choosing one changes no other.
    ///
    /// # Errors
    /// If the choices do not go together.
    pub fn resolve(style: &Style, choices: &Choices, seed: Seed, composer: String) -> Result<Self> {
        let draw = |what: &str| seed.fork(what).rng();
        let meter = choices.meter.unwrap_or(style.meter);
        let controls = &choices.controls;
        // Sections are as long as the style's loops.
        let sections = controls.form.as_ref().map_or(1, Form::sections);
        let bars = choices.bars.unwrap_or(style.bars * sections);
        let roles = if choices.roles.is_empty() { style.roles.clone() } else { choices.roles.clone() };
        let recipe = Self {
            version: VERSION.to_owned(),
            composer,
            seed,
            style: style.name.clone(),
            style_tags: style.composer.styles.clone(),
            style_rules: style.rules(),
            tempo: choices.tempo.map_or_else(|| draw_tempo(style, controls.mood, &mut draw("tempo")), Ok)?,
            written_tempo: None,
            key: choices.key.unwrap_or_else(|| draw_key(style, controls.mood, &mut draw("key"))),
            meter,
            bars,
            chords: choices.chords.as_ref().map(|progression| spread(progression, meter, bars)),
            swing: choices.swing.unwrap_or_else(|| draw("swing").between(style.swing[0], style.swing[1])),
            temperature: choices.temperature.unwrap_or(style.composer.temperature),
            top_p: choices.top_p.unwrap_or(style.composer.top_p),
            strict_key: choices.strict_key,
            controls: choices.controls.clone(),
            redraws: Vec::new(),
            mix: style.desk(&draw_patches(style, choices, &roles, seed)?)?,
            master: (!choices.no_master).then(|| finish(style, &roles)),
            roles,
            refine: Refinement::new(choices.refine),
            rate: choices.sample_rate.unwrap_or(SampleRate::CD),
            bits: choices.bits,
            ending: choices.ending.unwrap_or(Ending::Wrap),
        };
        recipe.check()?;
        Ok(recipe)
    }

    /// The recipe stored in a WAV file, and which of its sounds the file holds.
    ///
    /// # Errors
    /// If there is none, or it is not understood.
    pub fn of_file(bytes: &[u8]) -> Result<(Self, Part)> {
        let text = wav::comment(bytes).filter(|text| text.starts_with('{'));
        let text = text.ok_or_else(|| Error::failed("it holds no recipe"))?;
        let Stored { part, mut recipe, as_styled } = serde_json::from_str(&text)
            .map_err(|error| Error::failed(format!("its recipe is not understood: {error}")))?;
        if let Some(AsStyled { patches, is_mastered, checksum }) = as_styled {
            let style = Style::find(&recipe.style)?;
            recipe.style_rules = style.rules();
            recipe.mix = style.desk(&patches)?;
            recipe.master = is_mastered.then(|| finish(&style, &recipe.roles));
            if recipe.checksum() != checksum {
                let message = format!("the style {} is not what it was when the file was made", recipe.style);
                return Err(Error::failed(message).hint(format!("use riffsmith {}", recipe.version)));
            }
        }
        recipe.check()?;
        Ok((recipe, part))
    }

    /// The recipe as JSON in ASCII, to be stored in a file with one of its sounds. What is as its style says is left out, as readers keep
    /// two thousand characters at most.
    pub fn to_json(&self, part: Part) -> String {
        let mut recipe = self.clone();
        let as_styled = self.as_styled();
        if as_styled.is_some() {
            (recipe.style_rules, recipe.mix, recipe.master) = (Vec::new(), Mix::default(), None);
        }
        let stored = Stored { part, recipe, as_styled };
        let text = serde_json::to_string(&stored).expect("maps have text keys and numbers are finite");
        let mut ascii = String::with_capacity(text.len());
        for character in text.chars() {
            if character.is_ascii() {
                ascii.push(character);
            } else {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    ascii.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        ascii
    }

    /// Its patches and whether it has a master, where all else about rules, mix and master is as a built-in style says.
    fn as_styled(&self) -> Option<AsStyled> {
        let style = Style::find(&self.style).ok()?;
        let patch = |role: &Role| Some((*role, self.mix.channels.get(role.name())?.patch.name.clone()));
        let patches: BTreeMap<Role, String> = self.roles.iter().filter_map(patch).collect();
        let finish = finish(&style, &self.roles);
        let is_as_styled = style.rules() == self.style_rules
            && style.desk(&patches).is_ok_and(|mix| mix == self.mix)
            && self.master.as_ref().is_none_or(|master| *master == finish);
        let is_mastered = self.master.is_some();
        is_as_styled.then(|| AsStyled { patches, is_mastered, checksum: self.checksum() })
    }

    /// Tells what may be left out apart from another style's.
    fn checksum(&self) -> String {
        let told = (&self.style_rules, &self.mix, &self.master);
        let text = serde_json::to_string(&told).expect("maps have text keys and numbers are finite");
        sha256(text.as_bytes())[..16].to_owned()
    }

    /// What the composer is asked for.
    ///
    /// # Panics
    /// Never: [`Recipe::resolve`] and [`Recipe::of_file`] have checked it.
    pub fn brief(&self) -> Brief {
        Brief::new(self.brief_options()).expect("a recipe is checked when it is made")
    }

    /// The exact length.
    pub fn length(&self) -> Ticks {
        self.meter.bar() * self.bars
    }

    /// How a sound is stored. Stems and their sum are stored as they are; only the mix has a choice.
    pub fn depth(&self, part: Part) -> BitDepth {
        if part == Part::Mix { self.bits } else { BitDepth::Float32 }
    }

    fn brief_options(&self) -> BriefOptions {
        BriefOptions {
            styles: self.style_tags.clone().into_iter().collect(),
            key: self.key,
            meter: self.meter,
            tempo: self.tempo,
            written_tempo: self.written_tempo,
            bars: self.bars,
            roles: self.roles.clone(),
            chords: self.chords.clone(),
            temperature: self.temperature,
            top_p: self.top_p,
            strict_key: self.strict_key,
            swing: self.swing,
            controls: self.controls.clone(),
            rules: self.style_rules.clone(),
            ..BriefOptions::default()
        }
    }

    /// # Errors
    /// If it says what cannot be made: recipes are read from files.
    pub fn check(&self) -> Result<()> {
        // Recipes are also read from files that may hold anything.
        for tempo in [Some(self.tempo), self.written_tempo].into_iter().flatten() {
            Tempo::new(tempo.bpm())?;
        }
        if self.redraws.len() > MAX_REDRAWS {
            let count = self.redraws.len();
            return Err(Error::failed(format!("a loop can be redrawn {MAX_REDRAWS} times, but was {count} times")));
        }
        Brief::new(self.brief_options()).map_err(|error| match error {
            riffsmith_models::Error::Range { name, allowed, given } => {
                Error::usage(format!("--{name} must be {allowed}, but was {given}"))
            }
            other => Error::usage(other),
        })?;
        let seconds = self.length().quarters() * self.tempo.seconds_per_quarter();
        if seconds > MAX_SECONDS {
            let minutes = MAX_SECONDS / 60.0;
            return Err(Error::usage(format!(
                "a loop must last at most {minutes} minutes, but {} bars at {} bpm last {:.0}",
                self.bars,
                self.tempo.bpm(),
                seconds / 60.0
            ))
            .hint("fewer --bars or more --bpm"));
        }
        self.refine.as_ref().map_or(Ok(()), Refinement::check)?;
        self.mix.validate()?;
        Ok(self.master.as_ref().map_or(Ok(()), Master::validate)?)
    }
}

/// Which sound of a recipe a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The finished loop.
    Mix,
    /// The sum of the stems, before it is finished.
    Premaster,
    /// One role alone.
    Stem(Role),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    part: Part,
    #[serde(flatten)]
    recipe: Recipe,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_styled: Option<AsStyled>,
}

/// What is needed beside a built-in style to know rules, mix and master.
#[derive(Serialize, Deserialize)]
struct AsStyled {
    patches: BTreeMap<Role, String>,
    #[serde(rename = "mastered")]
    is_mastered: bool,
    /// Of rules, mix and master: a style may change.
    checksum: String,
}

/// True where the mix is left to the style.
fn is_blank(mix: &Mix) -> bool {
    *mix == Mix::default()
}

/// Parts that make up a mix; fewer are not meant to have its spectrum.
const MIX_ROLES: usize = 3;

/// How a mix of these roles is finished.
fn finish(style: &Style, roles: &[Role]) -> Master {
    let balance = style.master.balance.clone().filter(|_| roles.len() >= MIX_ROLES);
    Master { balance, ..style.master.clone() }
}

/// Part of the style's tempi that a mood leaves.
const MOOD_TEMPI: f64 = 0.3;

fn draw_tempo(style: &Style, mood: Option<Mood>, rng: &mut Rng) -> Result<Tempo> {
    let [slowest, fastest] = style.tempo_bpm;
    let width = fastest - slowest;
    let [slowest, fastest] = mood.map_or([slowest, fastest], |mood| {
        let slow = slowest + (1.0 - MOOD_TEMPI) * width * f64::from(mood.arousal() + 1.0) / 2.0;
        [slow.round(), (slow + MOOD_TEMPI * width).round()]
    });
    let whole = 1 + (fastest - slowest).floor() as usize;
    Ok(Tempo::new(slowest + rng.below(whole) as f64)?)
}

fn draw_key(style: &Style, mood: Option<Mood>, rng: &mut Rng) -> Key {
    let mode = style.draw_mode(mood, rng);
    Key { tonic: PitchClass::new(rng.below(12) as i32), mode }
}

/// The patches chosen, and for the other roles those of one set of sounds.
fn draw_patches(style: &Style, choices: &Choices, roles: &[Role], seed: Seed) -> Result<BTreeMap<Role, String>> {
    let set = match &choices.sounds {
        Some(name) => style.set(name)?,
        None => seed.fork("sounds").rng().pick(&style.sets).expect("a style has at least one set"),
    };
    let drawn = |role: Role| {
        let mut rng = seed.fork("patch").fork(role.name()).rng();
        set.patches.get(&role).and_then(|names| rng.pick(names)).cloned()
    };
    let chosen = |role: Role| choices.patches.get(&role).cloned().or_else(|| drawn(role));
    Ok(roles.iter().filter_map(|&role| Some((role, chosen(role)?))).collect())
}

/// Chords of each bar, shared out evenly within it, from the start again when they are used up.
fn spread(progression: &Progression, meter: Meter, bars: u32) -> Vec<(Ticks, Chord)> {
    let bar = meter.bar();
    let of_bar = |index: u32, chords: &[Chord]| {
        let count = chords.len() as u32;
        let at = move |position: usize| bar * index + Ticks(bar.0 * position as u32 / count);
        chords.iter().enumerate().map(|(position, chord)| (at(position), *chord)).collect::<Vec<_>>()
    };
    (0..bars).zip(progression.iter().cycle()).flat_map(|(index, chords)| of_bar(index, chords)).collect()
}
