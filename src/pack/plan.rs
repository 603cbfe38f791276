//! What a pack will hold, decided before any sound is made: the same on every machine that makes a part of it.
//!
//! Loops come in groups of one style, key, tempo and chord progression, so that they can be layered: a full mix, and single parts
//! written anew over its chords. Tempos, keys, patches, densities and registers are spread out, not left to chance, and no
//! two loops of a kind are closer than [`least_distance`].

use super::naming::{self, Name};
use super::one_shots::{self, OneShotItem};
use super::recipe::PackRecipe;
use super::variety::{Character, Outline, least_distance};
use crate::error::{Error, Result};
use crate::recipe::{Choices, Recipe};
use crate::style::{SoundSet, Style};
use rayon::prelude::*;
use riffsmith_dsp::effect::EffectSpec;
use riffsmith_dsp::mix::Master;
use riffsmith_dsp::score::{Chord, Key, PitchClass, Role, Score, Tempo, Ticks};
use riffsmith_dsp::{Rng, Seed};
use riffsmith_models::composer::Composer;
use riffsmith_models::originality::Originality;

/// What a group holds, in this order: the mix, then its parts.
const MEMBERS: [Option<Role>; 5] = [None, Some(Role::Drums), Some(Role::Bass), Some(Role::Chords), Some(Role::Lead)];

/// Pieces written for each loop, of which the one nearest to what is planned is taken.
const CANDIDATES: u64 = 3;
/// Pieces written for a loop at most, where all before are too close to others.
const TRIES: u64 = 40;

/// Loudness of a part alone, in LUFS: peaks stay as far above it as they are.
fn solo_lufs(role: Role) -> f32 {
    match role {
        Role::Drums => -13.0,
        Role::Bass => -15.0,
        Role::Chords | Role::Lead => -16.0,
    }
}

/// All that a pack will hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In the order of their numbers.
    pub items: Vec<Item>,
}

/// What is made at once, from the recipe and its number alone.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A loop, with its notes and stems.
    Loop(Box<LoopItem>),
    /// A one-shot.
    OneShot(OneShotItem),
    /// A multi-sampled instrument.
    Instrument(String),
    /// A kit of the pack's one-shots.
    Kit(String),
}

/// A loop to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopItem {
    /// Loops of one group go together.
    pub group: usize,
    /// The part that it holds; `None`: the whole mix.
    pub role: Option<Role>,
    /// How it is made.
    pub recipe: Recipe,
    /// It was chosen by ear, and is made just so.
    pub is_chosen: bool,
    /// Its name, without its ending.
    pub name: String,
}

impl Plan {
    /// Plans the pack.
    ///
    /// # Errors
    /// If a style is unknown, or there are not as many different loops or one-shots as asked for.
    pub fn new(pack: &PackRecipe, composer: &Composer) -> Result<Self> {
        let styles = pack.read_styles()?;
        let loops = if pack.takes.is_empty() { loops(pack, &styles, composer)? } else { chosen(pack) };
        let mut items: Vec<Item> = loops.into_iter().map(|item| Item::Loop(Box::new(item))).collect();
        let one_shots = one_shots::plan(pack, &styles)?;
        let kits = one_shots::kits(&one_shots);
        items.extend(one_shots.into_iter().map(Item::OneShot));
        items.extend(one_shots::instruments(pack, &styles).into_iter().map(Item::Instrument));
        items.extend(kits.into_iter().map(Item::Kit));
        Ok(Self { items })
    }

    /// The one-shots.
    pub fn one_shots(&self) -> impl Iterator<Item = &OneShotItem> {
        self.items.iter().filter_map(|item| if let Item::OneShot(one_shot) = item { Some(one_shot) } else { None })
    }
}

/// What the loops of a group have in common.
struct Group {
    style: usize,
    key: Key,
    tempo: Tempo,
    seed: Seed,
}

fn loops(pack: &PackRecipe, styles: &[Style], composer: &Composer) -> Result<Vec<LoopItem>> {
    let groups = groups(pack, styles)?;
    let leaders: Vec<(Recipe, Vec<Drafted>)> = groups
        .par_iter()
        .enumerate()
        .map(|(index, group)| {
            let recipe = resolve(pack, styles, index, group, None)?;
            let drafts = (0..CANDIDATES).map(|attempt| draft(composer, &recipe, attempt)).collect();
            Ok((recipe, drafts))
        })
        .collect::<Result<_>>()?;
    let mut chosen = Chosen { loops: Vec::new() };
    let mut mixes = Vec::new();
    for ((recipe, drafts), group) in leaders.into_iter().zip(&groups) {
        mixes.push(chosen.choose(composer, recipe, drafts, group.style, None)?);
    }
    // Single parts are written over the chords of their group's mix.
    let member = |index: usize| (index / MEMBERS.len(), MEMBERS[index % MEMBERS.len()]);
    let members: Vec<(usize, Role)> =
        (0..pack.loops as usize).map(member).filter_map(|(group, role)| role.map(|role| (group, role))).collect();
    let drafted: Vec<(usize, Role, Recipe, Vec<Drafted>)> = members
        .par_iter()
        .map(|&(index, role)| {
            let mut recipe = resolve(pack, styles, index, &groups[index], Some(role))?;
            recipe.chords = chords(&mixes[index].1);
            let drafts = (0..CANDIDATES).map(|attempt| draft(composer, &recipe, attempt)).collect();
            Ok((index, role, recipe, drafts))
        })
        .collect::<Result<_>>()?;
    let mut parts = Vec::new();
    for (index, role, recipe, drafts) in drafted {
        parts.push(chosen.choose(composer, recipe, drafts, groups[index].style, Some(role))?);
    }
    let mut words = naming::words(pack.seed.fork("loop words"));
    let mut parts = parts.into_iter();
    let mut mixes = mixes.into_iter();
    let items = (0..pack.loops as usize).map(|index| {
        let (group, role) = member(index);
        let drafted = if role.is_none() { mixes.next() } else { parts.next() };
        let (recipe, _) = drafted.expect("each loop was drafted");
        let word = words.next().expect("endless");
        let name = loop_name(pack, &styles[groups[group].style].name, &recipe, role, &word);
        LoopItem { group, role, recipe, is_chosen: false, name }
    });
    Ok(items.collect())
}

/// The loops that were chosen by ear, each a group of its own.
fn chosen(pack: &PackRecipe) -> Vec<LoopItem> {
    let words = naming::words(pack.seed.fork("loop words"));
    let item = |(group, (take, word)): (usize, (&Recipe, String))| {
        let recipe = Recipe { rate: pack.rate, bits: pack.bits, ..take.clone() };
        let name = loop_name(pack, &recipe.style, &recipe, None, &word);
        LoopItem { group, role: None, recipe, is_chosen: true, name }
    };
    pack.takes.iter().zip(words).enumerate().map(item).collect()
}

/// Spreads styles, keys and tempos over the groups.
fn groups(pack: &PackRecipe, styles: &[Style]) -> Result<Vec<Group>> {
    let count = (pack.loops as usize).div_ceil(MEMBERS.len());
    let draw = |what: &str| pack.seed.fork(what).rng();
    // Round the circle of fifths from somewhere: neighbours go together, and none comes twice before all have come.
    let start = draw("first tonic").below(12) as i32;
    let mut keys = pack.keys.clone();
    shuffle(&mut keys, &mut draw("keys"));
    (0..count)
        .map(|index| {
            let style = index % styles.len();
            let of_style = (0..count).filter(|group| group % styles.len() == style).count();
            let seed = pack.seed.fork("group").fork_index(index as u64);
            let key = if keys.is_empty() {
                let drawn = styles[style].draw_mode(None, &mut seed.fork("mode").rng());
                Key { tonic: PitchClass::new(start + 7 * index as i32), mode: drawn }
            } else {
                keys[index % keys.len()]
            };
            let [slowest, fastest] = pack.bpm.unwrap_or(styles[style].tempo_bpm);
            let mut places: Vec<usize> = (0..of_style).collect();
            shuffle(&mut places, &mut pack.seed.fork("tempos").fork_index(style as u64).rng());
            let place = (places[index / styles.len()] as f64 + 0.5) / of_style as f64;
            let bpm = (slowest + place * (fastest - slowest)).round().clamp(slowest, fastest);
            Ok(Group { style, key, tempo: Tempo::new(bpm)?, seed })
        })
        .collect()
}

/// A group's recipe for a whole mix or a single part.
fn resolve(pack: &PackRecipe, styles: &[Style], index: usize, group: &Group, role: Option<Role>) -> Result<Recipe> {
    let style = &styles[group.style];
    let turn = index / styles.len();
    let mut choices = Choices {
        tempo: Some(group.tempo),
        key: Some(group.key),
        bars: pack.bars,
        roles: role.into_iter().collect(),
        refine: pack.refine,
        sample_rate: Some(pack.rate),
        bits: pack.bits,
        ..Choices::default()
    };
    // Each set of sounds comes up before one comes again, and so does each patch for a role in it; a part alone is played by another
    // set than in the mix.
    let drawn = |what: &str| pack.seed.fork(what).fork_index(group.style as u64).rng();
    let mut sets: Vec<&SoundSet> = style.sets.iter().collect();
    shuffle(&mut sets, &mut drawn("sounds"));
    let alone = usize::from(role.is_some());
    let set = sets[(turn + alone) % sets.len()];
    choices.sounds = Some(set.name.clone());
    for (role, names) in &set.patches {
        let mut names = names.clone();
        shuffle(&mut names, &mut drawn(role.name()));
        choices.patches.insert(*role, names[(turn / sets.len() + alone) % names.len()].clone());
    }
    let label = role.map_or("mix", Role::name);
    let mut recipe = Recipe::resolve(style, &choices, group.seed.fork(label), pack.composer.clone())?;
    // What is layered swings alike.
    recipe.swing = group.seed.fork("swing").rng().between(style.swing[0], style.swing[1]);
    if let Some(role) = role {
        recipe.master = recipe.master.map(|master| solo_master(&master, role));
    }
    Ok(recipe)
}

/// A part alone is not glued nor pushed as a mix is: only cleaned below and brought to a level.
fn solo_master(master: &Master, role: Role) -> Master {
    let cuts = |effect: &&EffectSpec| matches!(effect, EffectSpec::Eq(_));
    Master {
        inserts: master.inserts.iter().filter(cuts).cloned().collect(),
        target_lufs: solo_lufs(role).min(master.target_lufs),
        balance: None,
        ..master.clone()
    }
}

/// A piece written for a loop.
struct Drafted {
    seed: Seed,
    score: Score,
    outline: Outline,
    character: Character,
    is_copy: bool,
}

fn draft(composer: &Composer, recipe: &Recipe, attempt: u64) -> Drafted {
    let seed = recipe.seed.fork_index(attempt);
    let score = composer.compose(&recipe.brief(), seed.fork("compose"));
    let is_copy = !Originality::builtin().copied(&score).is_empty();
    Drafted { seed, outline: Outline::of(&score), character: Character::of(&score), is_copy, score }
}

/// The loops chosen so far.
struct Chosen {
    loops: Vec<(usize, Option<Role>, Outline, Character)>,
}

impl Chosen {
    /// Of the pieces far enough from those before, the one that is least like the average of its kind so far: densities and
    /// registers spread out. Further ones are written while all are too close.
    fn choose(
        &mut self,
        composer: &Composer,
        recipe: Recipe,
        mut drafts: Vec<Drafted>,
        style: usize,
        role: Option<Role>,
    ) -> Result<(Recipe, Score)> {
        let kin = || self.loops.iter().filter(|(_, other, ..)| *other == role);
        let is_free = |draft: &Drafted| {
            !draft.is_copy && kin().all(|(_, _, other, _)| draft.outline.distance(other) >= least_distance(role))
        };
        drafts.retain(is_free);
        let mut attempt = CANDIDATES;
        while drafts.is_empty() {
            if attempt == TRIES {
                let what = role.map_or("full", Role::name);
                return Err(Error::failed(format!(
                    "after {TRIES} tries there is no further {what} loop that differs from the others"
                ))
                .hint("ask for fewer --loops, or more styles"));
            }
            drafts.extend(Some(draft(composer, &recipe, attempt)).filter(is_free));
            attempt += 1;
        }
        let alike: Vec<Character> =
            kin().filter(|(other, ..)| *other == style).map(|(.., character)| *character).collect();
        let spread = |draft: &Drafted| {
            let nearest = alike.iter().map(|other| {
                let density = (draft.character.density / other.density.max(0.01)).max(0.01).ln().abs();
                density + (draft.character.register - other.register).abs() / 12.0
            });
            nearest.fold(f32::INFINITY, f32::min)
        };
        let best = drafts.into_iter().reduce(|best, next| if spread(&next) > spread(&best) { next } else { best });
        let best = best.expect("one at least is left");
        self.loops.push((style, role, best.outline, best.character));
        Ok((Recipe { seed: best.seed, ..recipe }, best.score))
    }
}

fn chords(score: &Score) -> Option<Vec<(Ticks, Chord)>> {
    (!score.chords.is_empty()).then(|| score.chords.clone())
}

fn loop_name(pack: &PackRecipe, style: &str, recipe: &Recipe, role: Option<Role>, word: &str) -> String {
    pack.naming.name(&Name {
        label: &pack.label,
        code: &pack.code(),
        style: Some(style),
        instrument: role.map_or("full", Role::name),
        word,
        bpm: Some(recipe.tempo.bpm()),
        key: (role != Some(Role::Drums)).then_some(recipe.key),
        root: None,
    })
}

/// In a random order (Fisher and Yates).
pub fn shuffle<T>(items: &mut [T], rng: &mut Rng) {
    for index in (1..items.len()).rev() {
        items.swap(index, rng.below(index + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::super::recipe::example;
    use super::*;
    use std::collections::HashSet;

    fn plan(pack: &PackRecipe) -> Vec<LoopItem> {
        let composer = Composer::builtin().expect("built in");
        let items = Plan::new(pack, &composer).expect("a good recipe").items;
        let is_loop = |item| if let Item::Loop(item) = item { Some(*item) } else { None };
        items.into_iter().filter_map(is_loop).collect()
    }

    #[test]
    fn loops_of_a_group_go_together_and_none_is_like_another() {
        let pack = PackRecipe { loops: 23, one_shots: 0, ..example() };
        let loops = plan(&pack);
        assert_eq!(loops.len(), 23);
        assert_eq!(loops.iter().map(|item| &item.name).collect::<HashSet<_>>().len(), 23);
        let composer = Composer::builtin().expect("built in");
        let scores: Vec<Score> =
            loops.iter().map(|item| composer.compose(&item.recipe.brief(), item.recipe.seed.fork("compose"))).collect();
        for (index, item) in loops.iter().enumerate() {
            let leader = &loops[index / 5 * 5].recipe;
            let recipe = &item.recipe;
            assert_eq!((recipe.tempo, recipe.key, recipe.swing), (leader.tempo, leader.key, leader.swing));
            assert_eq!(scores[index].chords, scores[index / 5 * 5].chords, "{}", item.name);
            assert_eq!(scores[index].tracks.len(), if item.role.is_some() { 1 } else { 4 });
            for other in (0..index).filter(|&other| loops[other].role == item.role) {
                let distance = Outline::of(&scores[index]).distance(&Outline::of(&scores[other]));
                assert!(distance >= least_distance(item.role), "{} and {}: {distance}", item.name, loops[other].name);
            }
        }
        let tonics: HashSet<u8> = loops.iter().map(|item| item.recipe.key.tonic.semitones()).collect();
        assert_eq!(tonics.len(), 5);
    }

    #[test]
    fn keys_and_tempos_are_those_asked_for() {
        let keys: Vec<Key> = ["Am", "Cm"].map(|key| key.parse().expect("a key")).to_vec();
        let pack = PackRecipe {
            loops: 20,
            one_shots: 0,
            keys: keys.clone(),
            bpm: Some([120.0, 124.0]),
            bars: Some(2),
            ..example()
        };
        let loops = plan(&pack);
        assert!(loops.iter().all(|item| keys.contains(&item.recipe.key) && item.recipe.bars == 2));
        assert!(keys.iter().all(|key| loops.iter().any(|item| item.recipe.key == *key)));
        let tempos: HashSet<u64> = loops.iter().map(|item| item.recipe.tempo.bpm().round() as u64).collect();
        assert!(tempos.iter().all(|bpm| (120..=124).contains(bpm)) && tempos.len() >= 2, "{tempos:?}");
    }

    #[test]
    fn loops_that_were_chosen_are_planned_as_they_are() {
        let composer = Composer::builtin().expect("built in");
        let take = |seed| {
            let style = Style::find("house").expect("built in");
            Recipe::resolve(&style, &Choices::default(), Seed(seed), composer.hash()).expect("a recipe")
        };
        let rate = riffsmith_dsp::SampleRate::new(48_000).expect("valid");
        let pack = PackRecipe { takes: vec![take(1), take(2)], rate, one_shots: 0, ..example() };
        let loops = plan(&pack);
        assert_eq!(loops.len(), 2);
        for (index, item) in loops.iter().enumerate() {
            assert!(item.is_chosen && item.role.is_none() && item.group == index, "{}", item.name);
            assert_eq!(item.recipe, Recipe { rate, ..pack.takes[index].clone() });
        }
        assert_ne!(loops[0].name, loops[1].name);
    }

    #[test]
    fn the_same_recipe_is_planned_alike_and_another_seed_otherwise() {
        let composer = Composer::builtin().expect("built in");
        let planned =
            |seed| Plan::new(&PackRecipe { seed: Seed(seed), ..example() }, &composer).expect("a good recipe");
        assert_eq!(planned(1), planned(1));
        assert_ne!(planned(1), planned(2));
    }
}
