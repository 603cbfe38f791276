//! Styles: what makes a loop house or funk, as TOML that a musician can open.

mod blend;

use crate::error::{Error, Result};
use crate::{files, patch_file, suggest};
use include_dir::{Dir, include_dir};
use riffsmith_dsp::Rng;
use riffsmith_dsp::mix::{Master, Mix};
use riffsmith_dsp::score::{Meter, Mode, Role, Tempo};
use riffsmith_models::composer::{Brief, BriefOptions, Mood, SWINGS};
use riffsmith_models::traits::{Rule, Trait};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

static STYLES: Dir = include_dir!("$CARGO_MANIFEST_DIR/samples/styles");

/// All of them, in alphabetical order.
static BUILTIN: LazyLock<Vec<Style>> = LazyLock::new(|| {
    let texts = STYLES.files().filter_map(|file| file.contents_utf8());
    let mut styles: Vec<Style> =
        texts.map(|text| Style::from_toml(text).expect("a test reads every built-in style")).collect();
    styles.sort_by(|a, b| a.name.cmp(&b.name));
    styles
});

/// Everything that a style decides where the user does not.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Lower case, with underscores; a built-in style's file is called the same.
    pub name: String,
    /// What it sounds like, in a line.
    pub description: String,
    /// Other names for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Lowest and highest tempo, in quarter notes per minute.
    pub tempo_bpm: [f64; 2],
    /// Least and most swing, 0.5 (straight) to 0.75: where the second of two sixteenths lies.
    #[serde(default = "straight")]
    pub swing: [f32; 2],
    /// Usual metre.
    #[serde(default = "common_time")]
    pub meter: Meter,
    /// Usual length in bars.
    pub bars: u32,
    /// The parts it is made of.
    pub roles: Vec<Role>,
    /// How it is composed.
    pub composer: ComposerHints,
    /// Its modes by name, and how often each is drawn.
    pub modes: BTreeMap<String, f32>,
    /// What makes it this style.
    #[serde(default)]
    pub traits: Vec<Trait>,
    /// Sounds that go together: one set is drawn for a loop.
    pub sets: Vec<SoundSet>,
    /// How the parts are mixed: a [`Mix`] whose channels have no patches yet.
    #[serde(default)]
    mix: toml::Table,
    /// How the mix is finished.
    #[serde(default)]
    pub master: Master,
}

/// Patches that sound well together.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SoundSet {
    /// A word for what it sounds like.
    pub name: String,
    /// For each role the patches of which one is drawn; for drums, kits.
    #[serde(flatten)]
    pub patches: BTreeMap<Role, Vec<String>>,
}

/// What the composer is told about a style.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComposerHints {
    /// The networks' style tags, and the weight of each.
    pub styles: BTreeMap<String, f32>,
    /// Divides the logits: below 1 is more usual, above 1 more daring.
    #[serde(default = "default_temperature")]
    pub temperature: f32,
    /// Share of the likeliest choices that are drawn from, 0.05 to 1.
    #[serde(default = "default_top_p")]
    pub top_p: f32,
}

fn straight() -> [f32; 2] {
    [*SWINGS.start(); 2]
}

fn common_time() -> Meter {
    Meter::COMMON
}

fn default_temperature() -> f32 {
    BriefOptions::default().temperature
}

fn default_top_p() -> f32 {
    BriefOptions::default().top_p
}

impl Style {
    /// How its traits are told.
    pub fn rules(&self) -> Vec<Rule> {
        self.traits.iter().map(|own| own.rule.clone()).collect()
    }

    /// Reads a style.
    ///
    /// # Errors
    /// Broken TOML, unknown fields, tags, modes or patches, numbers out of their range.
    pub fn from_toml(text: &str) -> Result<Self> {
        let style: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            Error::failed(format!("line {line}: {}", error.message()))
        })?;
        style.check()?;
        Ok(style)
    }

    /// The style that the user names: a built-in one, an alias, a blend such as `house:0.7,funk:0.3`, or the path of a TOML file.
    ///
    /// # Errors
    /// If there is none, or the file is no style.
    pub fn find(name: &str) -> Result<Self> {
        if name.contains(':') && !name.ends_with(".toml") {
            return blend::find(name);
        }
        if name.ends_with(".toml") || name.contains(std::path::MAIN_SEPARATOR) {
            return Self::open(Path::new(name));
        }
        let wanted = normalise(name);
        BUILTIN
            .iter()
            .find(|style| style.name == wanted || style.aliases.iter().any(|alias| normalise(alias) == wanted))
            .cloned()
            .ok_or_else(|| {
                let names = BUILTIN.iter().flat_map(|style| style.aliases.iter().chain([&style.name]));
                let names = names.map(String::as_str);
                Error::usage(format!("there is no style {name:?}")).hint(suggest::hint(
                    &wanted,
                    names,
                    "riffsmith list styles names them all",
                ))
            })
    }

    /// All built-in styles, in alphabetical order.
    pub fn builtin() -> Vec<Self> {
        BUILTIN.clone()
    }

    /// The modes and their weights.
    pub fn weighted_modes(&self) -> Vec<(Mode, f32)> {
        self.modes.iter().filter_map(|(name, weight)| Some((mode(name)?, *weight))).collect()
    }

    /// One of the modes, by their weights and by how well each suits a mood.
    pub fn draw_mode(&self, mood: Option<Mood>, rng: &mut Rng) -> Mode {
        let mut modes = self.weighted_modes();
        for (own, weight) in &mut modes {
            *weight *= mood.map_or(1.0, |mood| mood.weight(*own));
        }
        let mut left = rng.uniform() * modes.iter().map(|(_, weight)| weight).sum::<f32>();
        let drawn = modes.iter().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        drawn.or(modes.last()).expect("a style has at least one mode").0
    }

    /// The set of a name.
    ///
    /// # Errors
    /// If there is none.
    pub fn set(&self, name: &str) -> Result<&SoundSet> {
        self.sets.iter().find(|set| set.name == normalise(name)).ok_or_else(|| {
            let names = self.sets.iter().map(|set| set.name.as_str());
            let all = names.clone().collect::<Vec<_>>().join(", ");
            Error::usage(format!("--sounds must be one of {all} for {}, but was {name}", self.name))
                .hint(suggest::hint(&normalise(name), names, "riffsmith list styles names the sounds of each"))
        })
    }

    /// All patches that may play a role, each once.
    pub fn patches(&self, role: Role) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for name in self.sets.iter().filter_map(|set| set.patches.get(&role)).flatten() {
            if !all.contains(&name.as_str()) {
                all.push(name);
            }
        }
        all
    }

    /// The mix of the parts, each played by the patch given for it.
    ///
    /// # Errors
    /// If there is no such patch, or a parameter is unknown or out of its range.
    pub fn desk(&self, patches: &BTreeMap<Role, String>) -> Result<Mix> {
        let mut table = self.mix.clone();
        let channels = table.entry("channels").or_insert_with(|| toml::Table::new().into());
        for (role, patch) in patches {
            let channel = channels
                .as_table_mut()
                .map(|channels| channels.entry(role.name()).or_insert_with(|| toml::Table::new().into()));
            let channel = channel.and_then(toml::Value::as_table_mut);
            let channel = channel.ok_or_else(|| Error::failed(format!("mix.channels.{role} must be a table")))?;
            let source = if patch_file::is_file(patch) {
                toml::Value::try_from(patch_file::read(patch)?).expect("a patch is plain data")
            } else {
                patch.clone().into()
            };
            channel.insert("patch".to_owned(), source);
        }
        if let Some(channels) = channels.as_table_mut() {
            channels.retain(|name, _| patches.keys().any(|role| role.name() == name));
        }
        let mut mix: Mix =
            table.try_into().map_err(|error: toml::de::Error| Error::failed(format!("mix: {}", error.message())))?;
        for (name, bus) in &mut mix.buses {
            if let Some(channel) =
                bus.channels.iter().find(|channel| !Role::ALL.iter().any(|role| role.name() == *channel))
            {
                let roles = Role::ALL.map(Role::name).join(", ");
                return Err(Error::failed(format!("mix.buses.{name} has no channel {channel:?}; there are {roles}")));
            }
            bus.channels.retain(|channel| patches.keys().any(|role| role.name() == channel));
        }
        mix.buses.retain(|_, bus| !bus.channels.is_empty());
        mix.validate()?;
        Ok(mix)
    }

    fn open(path: &Path) -> Result<Self> {
        let bytes = files::read(path)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::file("read", path, "it is no text"))?;
        Self::from_toml(text).map_err(|error| Error::file("use style", path, error))
    }

    fn check(&self) -> Result<()> {
        let [slowest, fastest] = self.tempo_bpm;
        Tempo::new(slowest)?;
        Tempo::new(fastest)?;
        if slowest > fastest || self.swing[0] > self.swing[1] {
            return Err(Error::failed("tempo_bpm and swing are written as [least, most]"));
        }
        if !self.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') || self.name.is_empty()
        {
            return Err(Error::failed(format!("name must be of a-z, 0-9 and _, but was {:?}", self.name)));
        }
        if let Some(unknown) = self.modes.keys().find(|name| mode(name).is_none()) {
            return Err(Error::failed(format!("there is no mode {unknown:?}")));
        }
        if !self.modes.values().any(|&weight| weight > 0.0)
            || self.modes.values().any(|&weight| weight.is_nan() || weight < 0.0)
        {
            return Err(Error::failed("modes needs at least one mode with a weight above 0, and none below"));
        }
        for swing in self.swing {
            let options = BriefOptions {
                styles: self.composer.styles.clone().into_iter().collect(),
                meter: self.meter,
                bars: self.bars,
                roles: self.roles.clone(),
                temperature: self.composer.temperature,
                top_p: self.composer.top_p,
                swing,
                ..BriefOptions::default()
            };
            Brief::new(options).map_err(Error::failed)?;
        }
        if self.sets.is_empty() {
            return Err(Error::failed("sets must hold at least one set of sounds"));
        }
        for (index, set) in self.sets.iter().enumerate() {
            let name = &set.name;
            if *name != normalise(name) || self.sets[..index].iter().any(|other| other.name == *name) {
                return Err(Error::failed(format!("sets need names of their own, in lower case, but one is {name:?}")));
            }
            if let Some(role) = self.roles.iter().find(|role| set.patches.get(role).is_none_or(Vec::is_empty)) {
                return Err(Error::failed(format!("the set {name} has no patch for {role}")));
            }
            for (role, names) in &set.patches {
                for patch in names {
                    self.desk(&BTreeMap::from([(*role, patch.clone())]))?;
                }
            }
        }
        Ok(self.master.validate()?)
    }
}

/// `Drum and Bass`, `drum-and-bass` and `drum_and_bass` are the same name.
fn normalise(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

fn mode(name: &str) -> Option<Mode> {
    Mode::ALL.into_iter().find(|mode| mode.name() == name)
}

#[cfg(test)]
mod tests;
