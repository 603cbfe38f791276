//! From take to take.

use super::{Player, Wanted};
use crate::audition::action::Step;
use crate::audition::take::{Made, Rating, Take};
use crate::error::Result;
use crate::playback::{Sound, When};
use serde_json::json;
use std::sync::Arc;

impl Player {
    /// Selects the take so many places on, and has it played. At the end of files it goes round.
    pub(super) fn step(&mut self, places: isize, step: Step) -> Result<()> {
        let open: Vec<usize> =
            (0..self.takes.len()).filter(|&index| self.takes[index].rating != Rating::Rejected).collect();
        let Some(place) = open.iter().position(|&index| index >= self.cursor) else { return Ok(()) };
        let target = place as isize + places;
        let next = if self.is_source_empty {
            open[target.rem_euclid(open.len() as isize) as usize]
        } else if let Some(&index) = usize::try_from(target).ok().and_then(|target| open.get(target)) {
            index
        } else {
            self.message = "this is the first take".to_owned();
            return Ok(());
        };
        self.select(next, step)
    }

    /// Selects a take by its place, and has it played.
    pub(super) fn select(&mut self, index: usize, step: Step) -> Result<()> {
        self.cursor = index;
        self.draw_ahead()?;
        let is_ready = self.made(index).is_some();
        let number = self.takes[index].number;
        self.log.write("wish", json!({ "take": number, "ready": is_ready, "frames": self.engine.frames() }))?;
        self.want(match step {
            Step::Line => When::Line,
            Step::Now => When::Now,
        });
        if !is_ready && self.message.is_empty() {
            self.message = format!("take {number} is still being made: it will follow when it is ready");
        }
        self.remember_origin()
    }

    /// Has the selected take played as soon as it is made.
    pub(super) fn want(&mut self, when: When) {
        self.wanted = Some(Wanted { take: self.takes[self.cursor].number, when, is_given: false });
        self.give();
    }

    /// Gives the engine what is wanted, if it is made.
    pub(super) fn give(&mut self) {
        let Some(Wanted { take, when, is_given: false }) = self.wanted else { return };
        let Some(index) = self.place_of(take) else {
            self.wanted = None;
            return;
        };
        if let Some(sound) = self.sound(index) {
            if sound.id == self.sounding && self.engine.position().0 == sound.id {
                // It plays already; another one that waits for its line must not follow. Playing it on from where it is changes nothing.
                self.engine.play(&sound, When::Now);
            } else {
                self.engine.play(&sound, when);
            }
            self.wanted = Some(Wanted { take, when, is_given: true });
        }
    }

    /// The take as it is to be heard: refined or plain.
    pub(super) fn made(&self, index: usize) -> Option<&Arc<Made>> {
        let Take { plain, refined, .. } = self.takes.get(index)?;
        if self.is_refined { refined.as_ref() } else { plain.as_ref() }
    }

    /// Its sound; a refined one as loud as the plain one, where there are both.
    fn sound(&self, index: usize) -> Option<Arc<Sound>> {
        let made = self.made(index)?;
        Some(match &self.takes[index].plain {
            Some(plain) if self.is_refined => made.as_loud_as(plain.lufs),
            _ => Arc::clone(&made.sound),
        })
    }

    /// What is on the screen: what plays, or if that is nothing yet, what is selected.
    pub(in crate::audition) fn shown(&self) -> Option<(&Take, &Arc<Made>)> {
        let (number, is_refined) = Take::of_sound(self.sounding);
        let take = self.takes.iter().find(|take| take.number == number)?;
        let made = if is_refined { &take.refined } else { &take.plain };
        Some((take, made.as_ref()?))
    }
}
