//! What is changed of takes, and taken back.

use super::Player;
use crate::audition::action::{Distance, Step};
use crate::audition::session::Kept;
use crate::audition::take::{Origin, Rating, Take};
use crate::audition::variation;
use crate::error::{Error, Result};
use crate::playback::When;
use crate::recipe::Recipe;

/// Something that can be taken back.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Undo {
    /// A take was rated; before, it was rated otherwise.
    Rated { number: u64, before: Rating },
    /// A take was made from another one.
    Derived { number: u64, from: u64 },
}

impl Player {
    pub(super) fn keep(&mut self) -> Result<()> {
        let take = &self.takes[self.cursor];
        let (number, before) = (take.number, take.rating);
        let after = if before == Rating::Kept { Rating::Open } else { Rating::Kept };
        self.rate(number, after)?;
        self.done.push(Undo::Rated { number, before });
        let name = self.takes[self.cursor].name();
        let path = self.session.path().display();
        self.message = match after {
            Rating::Kept => format!("kept {name} in {path}"),
            _ => format!("kept {name} no longer"),
        };
        Ok(())
    }

    pub(super) fn reject(&mut self) -> Result<()> {
        let Take { number, rating: before, .. } = self.takes[self.cursor];
        let is_last = self.takes.iter().filter(|take| take.rating != Rating::Rejected).count() == 1;
        if is_last && self.is_source_empty {
            self.message = "this is the last take: there is nothing to go on to".to_owned();
            return Ok(());
        }
        self.done.push(Undo::Rated { number, before });
        self.step(1, Step::Line)?;
        self.rate(number, Rating::Rejected)
    }

    pub(super) fn undo(&mut self) -> Result<()> {
        match self.done.pop() {
            None => self.message = "there is nothing to undo".to_owned(),
            Some(Undo::Rated { number, before }) => {
                let rejected = self.place_of(number).filter(|&index| self.takes[index].rating == Rating::Rejected);
                self.rate(number, before)?;
                if let Some(index) = rejected {
                    self.select(index, Step::Line)?;
                }
                self.message = "undone".to_owned();
            }
            Some(Undo::Derived { number, from }) => {
                self.takes.retain(|take| take.number != number || take.rating == Rating::Kept);
                if let Some(index) = self.place_of(from) {
                    self.select(index, Step::Line)?;
                    self.message = format!("back to {}", self.takes[index].name());
                }
            }
        }
        Ok(())
    }

    pub(super) fn vary(&mut self, distance: Distance) -> Result<()> {
        let chance = self.chance();
        let locked = self.locked.clone();
        let change = match distance {
            Distance::Near => "near",
            Distance::Far => "far",
        };
        self.derive(change, Step::Line, |recipe, _| variation::vary(recipe, distance, &locked, chance))
    }

    pub(super) fn transpose(&mut self, semitones: i32) -> Result<()> {
        self.derive("key", Step::Line, |recipe, _| Ok(variation::transposed(recipe, semitones)))
    }

    pub(super) fn change_tempo(&mut self, bpm: f64) -> Result<()> {
        self.derive("tempo", Step::Line, |recipe, _| variation::faster(recipe, bpm))
    }

    pub(super) fn change_patch(&mut self) -> Result<()> {
        let role = self.role;
        self.derive("patch", Step::Line, |recipe, player| {
            let style = player.style_of(&recipe.style)?;
            let (recipe, name) = variation::next_patch(recipe, role, &style)?;
            player.message = format!("{role}: {name}");
            Ok(recipe)
        })
    }

    /// The same take refined, or plain again.
    pub(super) fn change_refinement(&mut self) {
        self.is_refined = !self.is_refined;
        let what = if self.is_refined { "refined" } else { "plain" };
        self.message = if self.made(self.cursor).is_some() {
            format!("{what}, equally loud")
        } else {
            format!("the {what} sound is still being made: it will follow when it is ready")
        };
        self.want(When::Now);
    }

    pub(super) fn export(&mut self) {
        let take = &self.takes[self.cursor];
        match take.recipe().cloned() {
            Some(recipe) => {
                self.message = format!("writing {} to {}", take.name(), self.out.display());
                let refine = if self.is_refined { self.refine } else { 0.0 };
                let refine = crate::refine::Refinement::new(refine);
                self.workshop.export(Box::new(Recipe { refine, ..recipe }), self.out.clone());
            }
            None => self.message = "it is a file already, and nothing says how to make it".to_owned(),
        }
    }

    /// Puts a take after the selected one that is made from it, and has it played.
    fn derive(
        &mut self,
        change: &str,
        step: Step,
        derive: impl FnOnce(&Recipe, &mut Self) -> Result<Recipe>,
    ) -> Result<()> {
        let from = self.takes[self.cursor].number;
        let recipe = self.takes[self.cursor].recipe().cloned();
        let derived = match recipe {
            Some(recipe) if recipe.composer == self.workshop.composer() => derive(&recipe, self),
            Some(_) => Err(Error::failed("another composer made it: it cannot be made anew")),
            None => Err(Error::failed("nothing says how it was made: only our own loops can be changed")),
        };
        let recipe = match derived {
            Ok(recipe) => Recipe { refine: None, ..recipe },
            Err(error) => {
                let hint = error.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                self.message = format!("{}{hint}", error.message);
                return Ok(());
            }
        };
        let number = self.next_number();
        let take = Take { change: Some(change.to_owned()), ..Take::new(number, Origin::Recipe(Box::new(recipe))) };
        self.takes.insert(self.cursor + 1, take);
        self.done.push(Undo::Derived { number, from });
        self.select(self.cursor + 1, step)
    }

    fn rate(&mut self, number: u64, rating: Rating) -> Result<()> {
        let Some(index) = self.place_of(number) else { return Ok(()) };
        let take = &self.takes[index];
        match (take.rating, rating) {
            (Rating::Kept, Rating::Open | Rating::Rejected) => self.session.drop_take(number)?,
            (Rating::Open | Rating::Rejected, Rating::Kept) => {
                let refine = if self.is_refined { self.refine } else { 0.0 };
                let refine = crate::refine::Refinement::new(refine);
                let recipe = take.recipe().cloned().map(|recipe| Box::new(Recipe { refine, ..recipe }));
                let path = match &take.origin {
                    Origin::File(path) => Some(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
                    Origin::Recipe(_) => None,
                };
                self.session.keep(Kept { number, name: take.name(), recipe, path })?;
            }
            _ => {}
        }
        self.takes[index].rating = rating;
        self.remember_origin()
    }
}
