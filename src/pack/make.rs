//! One item of a pack: its files and what the manifest says about them.

use super::kit::sampled_kit;
use super::manifest::{Kind, Row};
use super::multisample::{Density, Multisample, multisample};
use super::naming::capitalised;
use super::one_shot::{chord_stab, one_shot};
use super::one_shots::{OneShotItem, Struck, drum_one_shot, kit_seed};
use super::plan::{Item, LoopItem, Plan};
use super::presets::{decent_sampler, sfz};
use super::recipe::PackRecipe;
use super::sample_map::{SampleMap, Zone};
use super::take::Take;
use super::texts;
use crate::checksum::sha256;
use crate::error::{Error, Result};
use crate::output;
use crate::pipeline::{Song, generate};
use crate::recipe::{Part, Recipe};
use crate::wav::{self, BitDepth, LoopPoints, OneShot, SampledNote, Sound, Tags};
use riffsmith_dsp::patch::{self, Patch};
use riffsmith_dsp::score::{Pitch, PitchClass, Role, Score, Velocity, midi};
use riffsmith_dsp::seam::seam_score;
use riffsmith_dsp::{AudioBuffer, Seed};
use riffsmith_models::composer::Composer;

/// The files of an item, by their paths within the pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// Each file and its row of the manifest.
    pub files: Vec<(Row, Vec<u8>)>,
}

/// Makes item `index` of a pack.
///
/// # Errors
/// If a patch is unknown, or a sound too long for its file.
pub fn make(pack: &PackRecipe, plan: &Plan, index: usize, composer: &Composer) -> Result<Made> {
    let files = match &plan.items[index] {
        Item::Loop(item) => make_loop(pack, item, composer)?,
        Item::OneShot(item) => make_one_shot(pack, item)?,
        Item::Instrument(patch) => make_instrument(pack, &patch::find(patch)?)?,
        Item::Kit(patch) => make_kit(pack, plan, &patch::find(patch)?),
    };
    let hashed = files.into_iter().map(|(row, bytes)| (Row { sha256: sha256(&bytes), ..row }, bytes));
    Ok(Made { files: hashed.collect() })
}

type Files = Vec<(Row, Vec<u8>)>;

fn make_loop(pack: &PackRecipe, item: &LoopItem, composer: &Composer) -> Result<Files> {
    let (recipe, song) = if item.is_chosen {
        (item.recipe.clone(), generate(&item.recipe, composer))
    } else {
        closing(&item.recipe, composer)
    };
    let recipe = &recipe;
    let instrument = item.role.map_or("full", Role::name);
    let about = Row {
        patch: item.role.map(|role| recipe.mix.channels[role.name()].patch.name.clone()),
        style: Some(recipe.style.clone()),
        group: Some(item.group + 1),
        bpm: Some(recipe.tempo.bpm()),
        bars: Some(recipe.bars),
        meter: Some(recipe.meter.to_string()),
        key: (item.role != Some(Role::Drums)).then(|| recipe.key.to_string()),
        root: (item.role != Some(Role::Drums)).then(|| recipe.key.tonic.to_string()),
        in_key: share_in_key(&song.score),
        tags: loop_tags(recipe, item.role),
        seed: Some(recipe.seed.0),
        ..Row::new("", Kind::Loop, instrument)
    };
    let mut files = Vec::new();
    let folder = capitalised(instrument);
    let path = format!("Loops/{folder}/{}.wav", item.name);
    files.push(sound_of(pack, recipe, Part::Mix, &song.audio, Row { path, ..about.clone() })?);
    if item.role.is_none() && pack.stems {
        for stem in &song.stems {
            let Some(role) = stem.role else { continue };
            let unpitched = role == Role::Drums;
            let row = Row {
                path: format!("Stems/{}/{role}.wav", item.name),
                kind: Kind::Stem,
                instrument: role.name().to_owned(),
                patch: Some(recipe.mix.channels[role.name()].patch.name.clone()),
                key: about.key.clone().filter(|_| !unpitched),
                root: about.root.clone().filter(|_| !unpitched),
                ..about.clone()
            };
            files.push(sound_of(pack, recipe, Part::Stem(role), &stem.audio, row)?);
        }
    }
    let row = Row { path: format!("MIDI/{folder}/{}.mid", item.name), kind: Kind::Midi, ..about };
    files.push((row, midi::write(&song.score)));
    Ok(files)
}

/// Performances of a loop at most, until one closes.
const TAKES: u64 = 8;

/// The first of a few performances of which every sound closes without a click: a hard pluck right at the seam can be rougher
/// than nearly all of a soft part. Each has notes of its own.
fn closing(recipe: &Recipe, composer: &Composer) -> (Recipe, Song) {
    let take = |number: u64| {
        let seed = if number == 0 { recipe.seed } else { recipe.seed.fork("take").fork_index(number) };
        let recipe = Recipe { seed, ..recipe.clone() };
        let song = generate(&recipe, composer);
        (recipe, song)
    };
    let closes = |song: &Song| {
        let sounds = song.stems.iter().map(|stem| &stem.audio).chain([&song.audio]);
        sounds.into_iter().all(|audio| seam_score(audio) <= 1.0)
    };
    let mut first = take(0);
    for number in 1..TAKES {
        if closes(&first.1) {
            break;
        }
        first = take(number);
    }
    first
}

fn sound_of(pack: &PackRecipe, recipe: &Recipe, part: Part, audio: &AudioBuffer, row: Row) -> Result<(Row, Vec<u8>)> {
    let mut tags = output::tags(recipe, part, file_stem(&row.path));
    tags.keywords.extend(row.tags.iter().cloned());
    let bytes = wav::encode(audio, recipe.depth(part), &with_publisher(pack, tags)?, recipe.seed.fork("dither"))?;
    let row = Row { seam: Some(f64::from(seam_score(audio))), ..row };
    Ok((measured(row, audio, recipe.depth(part)), bytes))
}

fn make_one_shot(pack: &PackRecipe, item: &OneShotItem) -> Result<Files> {
    let patch = patch::find(&item.patch)?;
    let take = take(pack, item.seed);
    let shot = match item.sound {
        Struck::Drum(drum) => drum_one_shot(pack, &patch, drum),
        Struck::Note(pitch) => one_shot(&patch, pitch, &take),
        Struck::Stab(root, quality) => chord_stab(&patch, root, quality, &take),
    };
    if shot.audio.is_empty() {
        return Err(Error::failed(format!("patch {} has nothing to be heard for {}", item.patch, item.name)));
    }
    let instrument = item.sound.instrument(patch.role());
    let tags = Tags {
        title: item.name.clone(),
        keywords: patch.tags.clone(),
        comment: format!("patch {}, seed {}", patch.name, item.seed.0),
        sound: Sound::OneShot(shot.root.map_or_else(OneShot::default, OneShot::pitched)),
        ..Tags::default()
    };
    let bytes = wav::encode(&shot.audio, pack.bits, &with_publisher(pack, tags)?, item.seed.fork("dither"))?;
    let row = Row {
        patch: Some(patch.name.clone()),
        root: shot.root.map(|root| root.to_string()),
        tags: patch.tags.clone(),
        seed: Some(item.seed.0),
        ..Row::new(format!("One_Shots/{}/{}.wav", item.folder, item.name), Kind::OneShot, instrument)
    };
    Ok(vec![(measured(row, &shot.audio, pack.bits), bytes)])
}

fn make_instrument(pack: &PackRecipe, patch: &Patch) -> Result<Files> {
    let seed = pack.seed.fork("instrument").fork(&patch.name);
    let folder = format!("Multisamples/{}", patch.name);
    let Multisample { map, samples } = multisample(patch, Density::default(), &take(pack, seed), |pitch, velocity| {
        format!("{}_{:03}_v{:03}.wav", patch.name, pitch.number(), velocity.value())
    });
    let mut files = Vec::new();
    for (zone, (file, audio)) in map.zones.iter().zip(&samples) {
        let tags = Tags {
            title: file_stem(file).to_owned(),
            keywords: patch.tags.clone(),
            comment: format!("patch {}, seed {}", patch.name, seed.0),
            sound: Sound::OneShot(sampled(zone)),
            ..Tags::default()
        };
        let bytes = wav::encode(audio, pack.bits, &with_publisher(pack, tags)?, seed.fork(file))?;
        let row = Row {
            patch: Some(patch.name.clone()),
            root: Some(Pitch::new(zone.root).to_string()),
            tags: patch.tags.clone(),
            seed: Some(seed.0),
            ..Row::new(format!("{folder}/{file}"), Kind::Multisample, role_name(patch))
        };
        files.push((measured(row, audio, pack.bits), bytes));
    }
    files.extend(presets(patch, &map, &format!("../../{folder}/")));
    Ok(files)
}

/// A kit plays the pack's own one-shots: those of its drums that are among them.
fn make_kit(pack: &PackRecipe, plan: &Plan, patch: &Patch) -> Files {
    let file = |drum: &super::kit::DrumSample| {
        let item = plan.one_shots().find(|item| {
            item.patch == patch.name && matches!(item.sound, Struck::Drum(other) if other.name == drum.name)
        });
        item.map_or(String::new(), |item| format!("One_Shots/{}/{}.wav", item.folder, item.name))
    };
    let take = take(pack, kit_seed(pack, &patch.name));
    let mut map = sampled_kit(patch, 1, &take, |drum, _| file(drum)).map;
    map.zones.retain(|zone| !zone.file.is_empty());
    presets(patch, &map, "../../")
}

/// The presets of a patch: for two samplers, from their folders two below the pack's, and riffsmith's own.
fn presets(patch: &Patch, map: &SampleMap, to_samples: &str) -> Files {
    let zone = |zone: &Zone| Zone { file: format!("{to_samples}{}", zone.file), ..zone.clone() };
    let map = SampleMap { zones: map.zones.iter().map(zone).collect(), ..map.clone() };
    let row = |path: String| Row {
        patch: Some(patch.name.clone()),
        tags: patch.tags.clone(),
        ..Row::new(path, Kind::Preset, role_name(patch))
    };
    vec![
        (row(format!("Presets/SFZ/{}.sfz", patch.name)), sfz::write(&map).into_bytes()),
        (row(format!("Presets/DecentSampler/{}.dspreset", patch.name)), decent_sampler::write(&map).into_bytes()),
        (row(format!("Presets/Patches/{}.toml", patch.name)), texts::patch(patch).into_bytes()),
    ]
}

fn take(pack: &PackRecipe, seed: Seed) -> Take {
    Take { sample_rate: pack.rate, ..Take::new(seed) }
}

fn sampled(zone: &Zone) -> OneShot {
    let note = SampledNote {
        fine_tune_cents: zone.fine_tune_cents.clamp(-50, 50),
        gain_db: zone.gain_db.round() as i8,
        lowest: Pitch::new(zone.low_key),
        highest: Pitch::new(zone.high_key),
        softest: Velocity::new(zone.low_velocity),
        hardest: Velocity::new(zone.high_velocity),
        ..SampledNote::new(Pitch::new(zone.root))
    };
    let sustain = zone.sustain.as_ref().map(|found| LoopPoints { first_frame: found.first, last_frame: found.last });
    OneShot { note: Some(note), sustain }
}

/// What all files of a pack say.
///
/// # Errors
/// If there is no such day as the recipe's.
pub fn with_publisher(pack: &PackRecipe, tags: Tags) -> Result<Tags> {
    Ok(Tags {
        artist: pack.label.clone(),
        product: pack.name.clone(),
        copyright: texts::LICENCE_LINE.to_owned(),
        created: pack.date()?,
        ..tags
    })
}

/// A row with what meters say about its sound.
pub fn measured(row: Row, audio: &AudioBuffer, bits: BitDepth) -> Row {
    let rounded = |value: f64| value.is_finite().then_some((100.0 * value).round() / 100.0);
    let loudness = riffsmith_dsp::loudness::measure(audio);
    Row {
        frames: Some(audio.len()),
        rate: Some(audio.sample_rate.as_u32()),
        bits: Some(bits.bits()),
        channels: Some(2),
        true_peak_dbtp: rounded(f64::from(loudness.true_peak_dbtp)),
        lufs: rounded(f64::from(loudness.integrated_lufs)),
        seam: row.seam.and_then(rounded),
        in_key: row.in_key.and_then(rounded),
        ..row
    }
}

/// Share of the pitched notes that lie in the declared key; `None` where there are none.
fn share_in_key(score: &Score) -> Option<f64> {
    let key = score.keys.first()?.1;
    let pitched = score.tracks.iter().filter(|track| !track.is_drums()).flat_map(|track| &track.notes);
    let classes: Vec<PitchClass> = pitched.map(|note| note.pitch.class()).collect();
    let inside = classes.iter().filter(|class| key.contains(**class)).count();
    (!classes.is_empty()).then(|| inside as f64 / classes.len() as f64)
}

fn loop_tags(recipe: &Recipe, role: Option<Role>) -> Vec<String> {
    let mut tags = vec![recipe.style.clone()];
    let channels = recipe.mix.channels.iter().filter(|(name, _)| role.is_none_or(|role| role.name() == *name));
    for tag in channels.flat_map(|(_, channel)| &channel.patch.tags) {
        if role.is_some() && !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

fn role_name(patch: &Patch) -> &'static str {
    patch.role().map_or("synth", Role::name)
}

fn file_stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
