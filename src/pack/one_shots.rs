//! Which one-shots, instruments and kits a pack holds.

use super::kit::{DRUMS, DrumSample};
use super::naming::{self, Name};
use super::one_shot::{OneShot, one_shot};
use super::plan::shuffle;
use super::recipe::PackRecipe;
use super::sample_map::velocity_layers;
use super::take::Take;
use super::variety::{Fingerprint, LEAST_SOUND_DISTANCE};
use crate::error::{Error, Result};
use crate::style::Style;
use rayon::prelude::*;
use riffsmith_dsp::Seed;
use riffsmith_dsp::instrument::kit::{Drum, drum_of};
use riffsmith_dsp::patch::{self, Patch};
use riffsmith_dsp::score::{Pitch, PitchClass, Quality, Role};
use std::collections::HashSet;

/// A one-shot to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct OneShotItem {
    /// The patch that plays it.
    pub patch: String,
    /// What is struck.
    pub sound: Struck,
    /// Its folder within the pack's one-shots.
    pub folder: &'static str,
    /// Its name, without its ending.
    pub name: String,
    /// The origin of its noise, phases and drift.
    pub seed: Seed,
}

/// What is struck.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Struck {
    /// A drum of a kit.
    Drum(&'static DrumSample),
    /// A single note.
    Note(Pitch),
    /// A chord in root position.
    Stab(Pitch, Quality),
}

impl Struck {
    /// What plays, in file names.
    pub fn instrument(self, role: Option<Role>) -> &'static str {
        match self {
            Self::Drum(drum) => drum.name,
            Self::Stab(..) => "stab",
            Self::Note(_) if role == Some(Role::Bass) => "bass",
            Self::Note(_) => "synth",
        }
    }

    fn root(self) -> Option<PitchClass> {
        match self {
            Self::Drum(_) => None,
            Self::Note(pitch) | Self::Stab(pitch, _) => Some(pitch.class()),
        }
    }
}

/// Of eight one-shots, these many are drums and bass notes; the rest are notes and stabs of chords and leads.
const OF: usize = 8;
const DRUMS_OF: usize = 5;
const BASS_OF: usize = 1;

/// Chosen so that each voice of the styles' kits comes before a further one of another kit.
///
/// # Errors
/// If the styles' patches do not have as many different sounds.
pub fn plan(pack: &PackRecipe, styles: &[Style]) -> Result<Vec<OneShotItem>> {
    let count = pack.one_shots as usize;
    let bass = notes(pack, styles, &[Role::Bass]);
    let synths = notes(pack, styles, &[Role::Chords, Role::Lead]);
    let bass_count = (count * BASS_OF).div_ceil(OF).min(bass.len());
    let wanted = (count * DRUMS_OF / OF).max(count.saturating_sub(bass_count + synths.len()));
    let drums = different_drums(pack, styles, wanted);
    let synth_count = (count - bass_count - drums.len()).min(synths.len());
    let drum_count = drums.len();
    let bass_count = count - drum_count - synth_count;
    if bass_count > bass.len() {
        let most = drum_count + synths.len() + bass.len();
        return Err(Error::usage(format!(
            "--one-shots must be at most {most} with these styles, whose patches have no more, but was {count}"
        )));
    }
    let chosen = [(drums, drum_count), (bass, bass_count), (synths, synth_count)];
    let mut words = naming::words(pack.seed.fork("one-shot words"));
    let items = chosen.into_iter().flat_map(|(sounds, count)| sounds.into_iter().take(count)).map(|(patch, sound)| {
        let word = words.next().expect("endless");
        let role = patch.role();
        let (folder, seed) = match sound {
            Struck::Drum(drum) => (drum.folder, kit_seed(pack, &patch.name)),
            Struck::Note(_) if role == Some(Role::Bass) => ("Bass", pack.seed.fork(&word)),
            Struck::Note(_) | Struck::Stab(..) => ("Synth", pack.seed.fork(&word)),
        };
        let name = pack.naming.name(&Name {
            label: &pack.label,
            code: &pack.code(),
            style: None,
            instrument: sound.instrument(role),
            word: &word,
            bpm: None,
            key: None,
            root: sound.root(),
        });
        OneShotItem { patch: patch.name, sound, folder, name, seed }
    });
    Ok(items.collect())
}

/// The origin of a kit's chances, whoever samples it.
pub fn kit_seed(pack: &PackRecipe, kit: &str) -> Seed {
    pack.seed.fork("kit").fork(kit)
}

/// The kits of which there are one-shots.
pub fn kits(one_shots: &[OneShotItem]) -> Vec<String> {
    let mut kits: Vec<String> = Vec::new();
    for item in one_shots {
        if matches!(item.sound, Struck::Drum(_)) && !kits.contains(&item.patch) {
            kits.push(item.patch.clone());
        }
    }
    kits
}

/// The instruments to be sampled: bass, chords and lead in turn, of one style after the other.
pub fn instruments(pack: &PackRecipe, styles: &[Style]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for round in 0..24 {
        for style in styles {
            let role = [Role::Chords, Role::Bass, Role::Lead][round % 3];
            let is_pitched = |name: &str| patch::find(name).is_ok_and(|patch| patch.is_pitched());
            let is_free = |name: &&str| names.iter().all(|other| other != name) && is_pitched(name);
            let free = style.patches(role).into_iter().find(is_free);
            names.extend(free.map(str::to_owned));
        }
    }
    names.truncate(pack.instruments as usize);
    names
}

/// The first `count` drums of the styles' kits, the important ones first, and then of the other kits, that differ in sound from all
/// others that go by the same name; fewer if there are no more.
fn different_drums(pack: &PackRecipe, styles: &[Style], count: usize) -> Vec<(Patch, Struck)> {
    /// Rendered at once.
    const AT_ONCE: usize = 16;
    // Two kits seldom have one model with numbers that differ a little: what is just above the least is too near for us.
    const LEAST: f32 = 1.5 * LEAST_SOUND_DISTANCE;
    let mut chosen: Vec<(Patch, &'static DrumSample, Fingerprint)> = Vec::new();
    for drums in drums(styles).chunks(AT_ONCE) {
        let heard: Vec<Fingerprint> =
            drums.par_iter().map(|(kit, drum)| Fingerprint::of(&drum_one_shot(pack, kit, drum).audio)).collect();
        for ((kit, drum), sound) in drums.iter().zip(heard) {
            let mut namesakes = chosen.iter().filter(|(_, other, _)| other.name == drum.name);
            if chosen.len() < count && namesakes.all(|(.., other)| sound.distance(other) >= LEAST) {
                chosen.push((kit.clone(), drum, sound));
            }
        }
        if chosen.len() == count {
            break;
        }
    }
    chosen.into_iter().map(|(kit, drum, _)| (kit, Struck::Drum(drum))).collect()
}

/// A drum of a kit, as the kit itself is sampled: its preset plays these files.
pub fn drum_one_shot(pack: &PackRecipe, kit: &Patch, drum: &DrumSample) -> OneShot {
    let seed = kit_seed(pack, &kit.name).fork(drum.name).fork_index(0);
    let take = Take { sample_rate: pack.rate, ..Take::new(seed) };
    one_shot(kit, Pitch::new(drum.key), &take.struck(velocity_layers(1)[0].struck, seed))
}

/// Every drum of the styles' kits, then those of the other kits; of drums that kits have in common only one.
fn drums(styles: &[Style]) -> Vec<(Patch, &'static DrumSample)> {
    let own = |patch: &Patch| styles.iter().any(|style| style.patches(Role::Drums).contains(&patch.name.as_str()));
    let (own, other): (Vec<Patch>, Vec<Patch>) =
        patch::builtin().filter(|patch| patch.role() == Some(Role::Drums)).partition(own);
    let of = |kits: Vec<Patch>| DRUMS.iter().flat_map(move |drum| kits.clone().into_iter().map(move |kit| (kit, drum)));
    let mut models = HashSet::new();
    of(own).chain(of(other)).filter(|(kit, drum)| models.insert((drum.name, model(kit, drum)))).collect()
}

/// What makes the sound of a drum: two kits with the same numbers for it have the same drum.
fn model(kit: &Patch, drum: &DrumSample) -> String {
    let part = match drum_of(drum.key).0 {
        Drum::Kick => "kick",
        Drum::Snare => "snare",
        Drum::Rim => "rim",
        Drum::Clap => "clap",
        Drum::ClosedHat => "closed_hat",
        Drum::PedalHat => "pedal_hat",
        Drum::OpenHat => "open_hat",
        Drum::Tom => "tom",
        Drum::Crash | Drum::Splash => "crash",
        Drum::Ride | Drum::RideBell => "ride",
        Drum::Tambourine => "tambourine",
        Drum::Shaker => "shaker",
        Drum::Cowbell => "cowbell",
        Drum::Conga => "conga",
        Drum::Clave => "clave",
    };
    let spec = serde_json::to_value(&kit.instrument).expect("a patch is plain data");
    let inserts = serde_json::to_value(&kit.inserts).expect("a patch is plain data");
    format!("{} {inserts}", spec.get(part).unwrap_or(&spec))
}

/// Notes of the pitched patches that play these roles, each on one root after the other; chords as stabs in between.
fn notes(pack: &PackRecipe, styles: &[Style], roles: &[Role]) -> Vec<(Patch, Struck)> {
    let mut names: Vec<&str> = Vec::new();
    for style in styles {
        for name in roles.iter().flat_map(|role| style.patches(*role)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut patches: Vec<Patch> =
        names.into_iter().filter_map(|name| patch::find(name).ok()).filter(Patch::is_pitched).collect();
    let mut rng = pack.seed.fork("notes").fork_index(roles.len() as u64).rng();
    shuffle(&mut patches, &mut rng);
    let mut roots: Vec<u8> = if pack.keys.is_empty() {
        (0..12).collect()
    } else {
        pack.keys.iter().map(|key| key.tonic.semitones()).collect()
    };
    roots.sort_unstable();
    roots.dedup();
    shuffle(&mut roots, &mut rng);
    let minor = pack.keys.is_empty() || pack.keys.iter().any(|key| key.mode.is_minor());
    let mut sounds = Vec::new();
    for turn in 0..roots.len() {
        for (index, patch) in patches.iter().enumerate() {
            let pitch = middle(patch, roots[(turn + index) % roots.len()]);
            sounds.push((patch.clone(), Struck::Note(pitch)));
            let plays_chords = patch.role() == Some(Role::Chords);
            if plays_chords && (turn + index) % 2 == 0 {
                let qualities = if minor {
                    [Quality::MinorSeventh, Quality::Minor]
                } else {
                    [Quality::MajorSeventh, Quality::Major]
                };
                sounds.push((patch.clone(), Struck::Stab(pitch, qualities[turn % 2])));
            }
        }
    }
    sounds
}

/// The note of a pitch class nearest to the middle of a patch's range.
fn middle(patch: &Patch, class: u8) -> Pitch {
    let range = patch.range();
    let middle = (u16::from(*range.start()) + u16::from(*range.end())) / 2;
    let nearest = range.filter(|key| key % 12 == class).min_by_key(|key| u16::from(*key).abs_diff(middle));
    Pitch::new(nearest.unwrap_or(middle as u8))
}

#[cfg(test)]
mod tests {
    use super::super::recipe::example;
    use super::*;

    #[test]
    fn one_shots_are_mostly_drums_and_each_is_another_sound() {
        for count in [1, 2, 8, 60, 200] {
            let pack = PackRecipe { one_shots: count, ..example() };
            let styles = pack.read_styles().expect("built in");
            let items = plan(&pack, &styles).expect("enough sounds");
            assert_eq!(items.len(), count as usize);
            assert_eq!(items.iter().map(|item| &item.name).collect::<HashSet<_>>().len(), items.len());
            let sounds: HashSet<String> = items.iter().map(|item| format!("{} {:?}", item.patch, item.sound)).collect();
            assert_eq!(sounds.len(), items.len(), "{count}");
            let drums = items.iter().filter(|item| matches!(item.sound, Struck::Drum(_))).count();
            assert!(count < 8 || (0.4..0.8).contains(&(drums as f32 / count as f32)), "{drums} of {count}");
        }
        let keys = vec!["Am".parse().expect("a key")];
        let pack = PackRecipe { one_shots: 1000, keys, ..example() };
        let error = plan(&pack, &pack.read_styles().expect("built in")).expect_err("too many");
        assert!(error.message.starts_with("--one-shots must be at most "), "{error}");
    }

    #[test]
    fn roots_are_of_the_keys_asked_for() {
        let keys = vec!["Am".parse().expect("a key"), "Cm".parse().expect("a key")];
        let pack = PackRecipe { one_shots: 60, keys, ..example() };
        let items = plan(&pack, &pack.read_styles().expect("built in")).expect("enough sounds");
        let roots: HashSet<u8> = items.iter().filter_map(|item| item.sound.root()).map(PitchClass::semitones).collect();
        assert_eq!(roots, HashSet::from([9, 0]));
    }
}
