//! Recipes of takes that are like another one.

use super::action::Distance;
use crate::error::{Error, Result};
use crate::recipe::{MAX_REDRAWS, Recipe};
use crate::style::Style;
use riffsmith_dsp::score::{Role, Tempo};
use riffsmith_dsp::{Seed, patch};
use riffsmith_models::composer::Redraw;
use std::collections::BTreeSet;

/// Seeds of redraws are below this: they stand in file names.
const SEEDS: usize = 1_000_000;

/// The take with parts written anew: near one of those that are not locked, drawn by `chance`, far all of them. Without locks, far is
/// another loop in the same key and tempo, with the same sounds.
///
/// # Errors
/// If every part is locked, or it was varied too often.
pub fn vary(recipe: &Recipe, distance: Distance, locked: &BTreeSet<Role>, chance: Seed) -> Result<Recipe> {
    let mut rng = chance.rng();
    let seed = Seed(rng.below(SEEDS) as u64);
    let open: Vec<Role> = recipe.roles.iter().copied().filter(|role| !locked.contains(role)).collect();
    let Some(&drawn) = rng.pick(&open) else {
        return Err(Error::failed("all parts are locked: none can be written anew").hint("l unlocks the selected part"));
    };
    let keeps: Vec<Role> = match distance {
        Distance::Near => recipe.roles.iter().copied().filter(|role| *role != drawn).collect(),
        Distance::Far => recipe.roles.iter().copied().filter(|role| locked.contains(role)).collect(),
    };
    if keeps.is_empty() {
        return Ok(Recipe { seed, redraws: Vec::new(), ..recipe.clone() });
    }
    if recipe.redraws.len() >= MAX_REDRAWS {
        return Err(Error::failed(format!("it was varied {MAX_REDRAWS} times: more would not fit in its file"))
            .hint("u goes back; V without locks begins anew"));
    }
    let mut varied = recipe.clone();
    varied.redraws.push(Redraw { seed, keeps });
    Ok(varied)
}

/// The take in another key: tonic and given chords move together.
pub fn transposed(recipe: &Recipe, semitones: i32) -> Recipe {
    let mut recipe = recipe.clone();
    recipe.key.tonic = recipe.key.tonic.transposed(semitones);
    for (_, chord) in recipe.chords.iter_mut().flatten() {
        *chord = chord.transposed(semitones);
    }
    recipe
}

/// The same notes at another tempo.
///
/// # Errors
/// If no loop has that tempo.
pub fn faster(recipe: &Recipe, bpm: f64) -> Result<Recipe> {
    let tempo = Tempo::new(recipe.tempo.bpm() + bpm)?;
    let written = recipe.written_tempo.unwrap_or(recipe.tempo);
    Ok(Recipe { tempo, written_tempo: (written != tempo).then_some(written), ..recipe.clone() })
}

/// The take with the next of the style's patches for a part, and its name.
///
/// # Errors
/// If it has no such part, or the style has no other patch for it.
pub fn next_patch(recipe: &Recipe, role: Role, style: &Style) -> Result<(Recipe, String)> {
    let mut recipe = recipe.clone();
    let channel = recipe.mix.channels.get_mut(role.name());
    let channel = channel.ok_or_else(|| Error::failed(format!("this take has no {role}")))?;
    let all = style.patches(role);
    let now = all.iter().position(|name| *name == channel.patch.name);
    let next = match now {
        Some(index) => all[(index + 1) % all.len()],
        None => *all.first().ok_or_else(|| Error::failed(format!("the style has no patch for {role}")))?,
    };
    if next == channel.patch.name {
        return Err(Error::failed(format!("the style has no other patch for {role}")));
    }
    channel.patch = patch::find(next)?;
    Ok((recipe, next.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Choices, Part};
    use crate::wav::{BitDepth, Tags, encode};
    use riffsmith_dsp::{AudioBuffer, SampleRate};

    fn recipe() -> (Style, Recipe) {
        let style = Style::find("house").expect("built in");
        let recipe = Recipe::resolve(&style, &Choices::default(), Seed(5), "0".to_owned()).expect("a recipe");
        (style, recipe)
    }

    fn locked(roles: &[Role]) -> BTreeSet<Role> {
        roles.iter().copied().collect()
    }

    #[test]
    fn near_changes_one_open_part_and_far_all_of_them() {
        let (_, recipe) = recipe();
        for chance in 0..20 {
            let near = vary(&recipe, Distance::Near, &locked(&[Role::Drums]), Seed(chance)).expect("open parts");
            let keeps = &near.redraws[0].keeps;
            assert!(keeps.len() == recipe.roles.len() - 1 && keeps.contains(&Role::Drums), "{keeps:?}");
        }
        let far = vary(&recipe, Distance::Far, &locked(&[Role::Drums]), Seed(1)).expect("open parts");
        assert_eq!((far.seed, &far.redraws[0].keeps), (recipe.seed, &vec![Role::Drums]));
        let anew = vary(&far, Distance::Far, &locked(&[]), Seed(2)).expect("open parts");
        assert!(
            anew.redraws.is_empty() && anew.seed != recipe.seed && anew.key == recipe.key && anew.mix == recipe.mix
        );
        assert!(vary(&recipe, Distance::Near, &locked(&Role::ALL), Seed(1)).is_err());
    }

    #[test]
    fn a_take_can_be_varied_until_its_file_is_full_and_its_recipe_is_read_back() {
        let (style, recipe) = recipe();
        let mut varied = faster(&transposed(&recipe, 3), 4.0).expect("a tempo");
        varied = next_patch(&varied, Role::Bass, &style).expect("another patch").0;
        for chance in 0..MAX_REDRAWS as u64 {
            varied = vary(&varied, Distance::Near, &locked(&[]), Seed(chance)).expect("room");
        }
        assert!(vary(&varied, Distance::Near, &locked(&[]), Seed(99)).is_err());
        let comment = varied.to_json(Part::Mix);
        assert!(comment.len() < 2000, "{}", comment.len());
        let tags = Tags { comment, ..Tags::default() };
        let silence = AudioBuffer::silence(SampleRate::CD, 10);
        let bytes = encode(&silence, BitDepth::Int16, &tags, Seed(0)).expect("short");
        assert_eq!(Recipe::of_file(&bytes), Ok((varied, Part::Mix)));
    }

    #[test]
    fn up_and_down_again_is_the_take_itself() {
        let (_, recipe) = recipe();
        let there = faster(&transposed(&recipe, 5), 3.0).expect("a tempo");
        assert_eq!(there.written_tempo, Some(recipe.tempo));
        assert!(there.key != recipe.key && there.tempo != recipe.tempo);
        assert_eq!(faster(&transposed(&there, -5), -3.0).expect("a tempo"), recipe);
        assert!(faster(&recipe, 900.0).is_err());
    }

    #[test]
    fn all_patches_of_the_style_come_round() {
        let (style, recipe) = recipe();
        let count = style.patches(Role::Bass).len();
        let mut now = recipe.clone();
        for _ in 0..count {
            now = next_patch(&now, Role::Bass, &style).expect("another patch").0;
        }
        assert_eq!(now, recipe);
    }
}
