//! How a loop is made. The function to read first is [`generate`].

use crate::error::{Error, Result};
use crate::recipe::{Part, Recipe};
use crate::refine::refine;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::mix::{self, Stem, master};
use riffsmith_dsp::score::Score;
use riffsmith_models::composer::Composer;
use riffsmith_models::refiner::Refiner;
use std::borrow::Cow;

/// A finished loop and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Song {
    /// The notes.
    pub score: Score,
    /// Each role alone, as it sounds in the mix before the master; all turned down alike where one of them, or their sum, would
    /// clip in a file of whole numbers.
    pub stems: Vec<Stem>,
    /// The finished mix.
    pub audio: AudioBuffer,
}

/// Makes the loop that a recipe describes: the same one every time, on any machine with the same arithmetic.
pub fn generate(recipe: &Recipe, composer: &Composer) -> Song {
    let score = composer.recompose(&recipe.brief(), recipe.seed.fork("compose"), &recipe.redraws);
    let stems = mix::render(&score, &recipe.mix, recipe.rate, recipe.ending, recipe.seed.fork("render"));
    let mut stems = match &recipe.refine {
        Some(how) => refine(&Refiner::builtin(), how.amount, &score, &recipe.mix, stems, recipe.ending),
        None => stems,
    };
    let audio = match &recipe.master {
        Some(how) => master(mix::sum(&stems), how, recipe.ending),
        None => mix::raw(mix::sum(&stems)),
    };
    mix::make_room(&mut stems);
    Song { score, stems, audio }
}

impl Song {
    /// One of its sounds.
    ///
    /// # Errors
    /// If it does not have that role.
    pub fn sound(&self, part: Part) -> Result<Cow<'_, AudioBuffer>> {
        match part {
            Part::Mix => Ok(Cow::Borrowed(&self.audio)),
            Part::Premaster => Ok(Cow::Owned(mix::sum(&self.stems))),
            Part::Stem(role) => {
                let stem = self.stems.iter().find(|stem| stem.role == Some(role));
                stem.map(|stem| Cow::Borrowed(&stem.audio)).ok_or_else(|| Error::failed(format!("there is no {role}")))
            }
        }
    }
}
