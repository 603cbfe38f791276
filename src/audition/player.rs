//! The list of takes and what plays: does what is asked, and keeps takes ready ahead of who listens.

mod changes;
mod mixing;
mod moving;
mod showing;

use super::action::Action;
use super::log::Log;
use super::meters::Meters;
use super::session::{self, Session};
use super::take::{Origin, Rating, Take};
use super::workshop::{Job, Product, Source, Workshop};
use crate::device::Choice;
use crate::error::Result;
use crate::playback::{Engine, Notice};
use crate::style::Style;
use changes::Undo;
use riffsmith_dsp::score::Role;
use riffsmith_dsp::{SampleRate, Seed};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Fresh takes that are made ahead of the one that is selected.
const AHEAD: usize = 6;

/// Takes on either side of the selected one of which the sound stays in memory.
const NEAR: usize = 8;

/// Everything that an audition begins with.
pub struct Opening {
    /// Where takes come from.
    pub source: Source,
    /// What the session calls that.
    pub source_name: String,
    /// The seed of the first take.
    pub seed: Option<u64>,
    /// The session.
    pub session: Session,
    /// Which device to play on.
    pub choice: Choice,
    /// Where files are written to.
    pub out: PathBuf,
    /// Begins with refined takes, at this amount; 0: plain ones, and 1 when asked for.
    pub refine: f32,
    /// Amplitude factor.
    pub volume: f32,
    /// What happened.
    pub log: Log,
}

/// An audition.
pub struct Player {
    engine: Engine,
    workshop: Workshop,
    session: Session,
    source: Source,
    source_name: String,
    seed: u64,
    /// Fresh takes that were taken from the source.
    drawn: u64,
    is_source_empty: bool,
    takes: Vec<Take>,
    /// The selected take, by its place in the list.
    cursor: usize,
    /// The sound that was asked for and does not play yet.
    wanted: Option<Wanted>,
    /// The sound that plays.
    sounding: u64,
    role: Role,
    locked: BTreeSet<Role>,
    muted: BTreeSet<Role>,
    soloed: BTreeSet<Role>,
    is_refined: bool,
    refine: f32,
    volume_db: f32,
    is_paused: bool,
    done: Vec<Undo>,
    /// Variations so far: each draws its own chance.
    varied: u64,
    out: PathBuf,
    meters: Meters,
    shows_spectrum: bool,
    shows_help: bool,
    message: String,
    log: Log,
    is_over: bool,
}

/// A sound that is to be heard.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Wanted {
    take: u64,
    when: crate::playback::When,
    /// The engine has it.
    is_given: bool,
}

impl Player {
    /// Opens an audition; on a device if there is one, else in silence, and the reason is returned.
    ///
    /// # Errors
    /// If the composer is broken, or the source has nothing to hear.
    pub fn open(opening: Opening) -> Result<(Self, Option<String>)> {
        let Opening { source, source_name, seed, session, choice, out, refine, volume, log } = opening;
        let (mut engine, missing) = match Engine::open(choice.clone(), SampleRate::CD) {
            Ok(engine) => (engine, None),
            Err(error) => (Engine::silent(choice, SampleRate::CD), Some(error.message)),
        };
        let workshop = Workshop::open(engine.rate())?;
        let before = session.contents().origin.clone().filter(|origin| origin.source == source_name);
        let is_same = before.as_ref().is_some_and(|origin| seed.is_none_or(|seed| seed == origin.seed));
        let before = before.filter(|_| is_same);
        let seed =
            seed.or(before.as_ref().map(|origin| origin.seed)).unwrap_or_else(crate::commands::generate::random_seed);
        // Files are gone through anew, fresh loops are not heard twice.
        let drawn = match &source {
            Source::Style(..) => before.map_or(0, |origin| origin.reached),
            Source::Files(_) => 0,
        };
        if volume != 1.0 {
            engine.set_volume(volume);
        }
        let meters = Meters::new(engine.rate());
        let mut player = Self {
            engine,
            workshop,
            source,
            source_name,
            seed,
            drawn,
            is_source_empty: false,
            takes: kept_takes(&session),
            session,
            cursor: 0,
            wanted: None,
            sounding: 0,
            role: Role::Drums,
            locked: BTreeSet::new(),
            muted: BTreeSet::new(),
            soloed: BTreeSet::new(),
            is_refined: refine > 0.0,
            refine: if refine > 0.0 { refine } else { 1.0 },
            volume_db: 20.0 * volume.max(1e-3).log10(),
            is_paused: false,
            done: Vec::new(),
            varied: 0,
            out,
            meters,
            shows_spectrum: false,
            shows_help: false,
            message: String::new(),
            log,
            is_over: false,
        };
        let kept = player.takes.len();
        player.draw_ahead()?;
        player.cursor = kept.min(player.takes.len().saturating_sub(1));
        if player.takes.is_empty() {
            return Err(crate::error::Error::failed("there is nothing to hear"));
        }
        player.want(crate::playback::When::Now);
        player.plan();
        Ok((player, missing))
    }

    /// Does what is asked. What cannot be done is said, and nothing is changed.
    ///
    /// # Errors
    /// If the session or the log cannot be written.
    pub fn act(&mut self, action: Action) -> Result<()> {
        self.message.clear();
        self.log.write("action", json!({ "action": format!("{action:?}"), "frames": self.engine.frames() }))?;
        match action {
            Action::Next(step) => self.step(1, step)?,
            Action::Previous(step) => self.step(-1, step)?,
            Action::Keep => self.keep()?,
            Action::Reject => self.reject()?,
            Action::Vary(distance) => self.vary(distance)?,
            Action::Key(semitones) => self.transpose(semitones)?,
            Action::Tempo(bpm) => self.change_tempo(bpm)?,
            Action::Patch => self.change_patch()?,
            Action::Refine => self.change_refinement(),
            Action::Undo => self.undo()?,
            Action::Export => self.export(),
            Action::Select(role) => self.role = role,
            Action::SelectNext => {
                let place = Role::ALL.iter().position(|role| *role == self.role).unwrap_or(0);
                self.role = Role::ALL[(place + 1) % Role::ALL.len()];
            }
            Action::Lock => self.lock(),
            Action::Mute => self.mute(),
            Action::Solo => self.solo(),
            Action::Pause => {
                self.is_paused = !self.is_paused;
                self.engine.pause(self.is_paused);
            }
            Action::Volume(db) => self.change_volume(db),
            Action::Picture => self.shows_spectrum = !self.shows_spectrum,
            Action::Help => self.shows_help = !self.shows_help,
            Action::Quit => self.is_over = true,
        }
        self.plan();
        Ok(())
    }

    /// Looks after sound and workshop. To be called at least 20 times a second; what is worth a line is returned.
    ///
    /// # Errors
    /// If the workshop is no more, or the log cannot be written.
    pub fn tend(&mut self) -> Result<Vec<String>> {
        let mut news = Vec::new();
        for product in self.workshop.products()? {
            self.receive(product, &mut news)?;
        }
        for notice in self.engine.tend() {
            match notice {
                Notice::Switched { sound, frame, line } => {
                    self.sounding = sound;
                    let (take, is_refined) = Take::of_sound(sound);
                    if self.wanted.is_some_and(|wanted| wanted.take == take && wanted.is_given) {
                        self.wanted = None;
                    }
                    let facts = json!({ "take": take, "refined": is_refined, "frame": frame, "line": line });
                    self.log.write("switched", facts)?;
                    if let Some(index) = self.place_of(take) {
                        news.push(format!("playing {}", self.takes[index].name()));
                    }
                }
                Notice::Xrun => {
                    self.log.write("xrun", json!({ "frames": self.engine.frames(), "count": self.engine.xruns() }))?;
                }
                Notice::Lost(reason) => {
                    self.log.write("lost", json!({ "reason": reason }))?;
                    self.message = "the device is lost: silence until it is back".to_owned();
                    news.push(self.message.clone());
                }
                Notice::Back(name) => {
                    self.log.write("back", json!({ "device": name }))?;
                    self.message = "the device is back".to_owned();
                    news.push(self.message.clone());
                }
            }
        }
        self.give();
        let heard = self.engine.heard();
        self.meters.hear(&heard);
        Ok(news)
    }

    /// True once it was asked to end.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// What there is to be said about the last wish.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The device, or that there is none, and the time from a key to its sound: `Default, 44100 Hz: key to sound at most 23.2 ms`.
    pub fn describe_engine(&self) -> String {
        let period = self.engine.period_frames();
        let rate = self.engine.rate().as_u32();
        match self.engine.device() {
            Some(name) => format!(
                "{name}: from key to sound at most {:.1} ms, three times {period} frames at {rate} Hz",
                1000.0 * self.engine.latency_s()
            ),
            None => "no sound".to_owned(),
        }
    }

    /// Fades out, and waits until that is heard.
    pub fn close(mut self) {
        self.engine.stop();
        let patience = std::time::Instant::now() + std::time::Duration::from_millis(500);
        while !self.engine.is_finished() && std::time::Instant::now() < patience {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        std::thread::sleep(std::time::Duration::from_secs_f64(self.engine.latency_s().min(0.5)));
    }

    /// Holds the sound while the program does, and goes on.
    pub fn hold(&mut self, hold: bool) {
        self.engine.pause(hold || self.is_paused);
    }

    fn receive(&mut self, product: Product, news: &mut Vec<String>) -> Result<()> {
        match product {
            Product::Take { number, is_refined, made, seconds } => {
                let facts =
                    json!({ "take": number, "refined": is_refined, "seconds": seconds, "failed": made.is_err() });
                self.log.write("made", facts)?;
                let Some(index) = self.place_of(number) else { return Ok(()) };
                let take = &mut self.takes[index];
                match made {
                    Ok(made) if is_refined => take.refined = Some(made),
                    Ok(made) => take.plain = Some(made),
                    Err(error) => {
                        take.failure = Some(error.message.clone());
                        self.message = format!("take {number}: {error}");
                        news.push(self.message.clone());
                        self.wanted.take_if(|wanted| wanted.take == number);
                    }
                }
                self.plan();
            }
            Product::Export(written) => {
                self.message = match written {
                    Ok(written) => format!("wrote {} and {} files with it", written.mix.display(), written.count - 1),
                    Err(error) => error.message,
                };
                news.push(self.message.clone());
            }
        }
        Ok(())
    }

    /// Draws fresh takes, until there are enough after the selected one.
    fn draw_ahead(&mut self) -> Result<()> {
        while !self.is_source_empty {
            let open = self.takes.iter().skip(self.cursor + 1).filter(|take| take.rating == Rating::Open).count();
            if open >= AHEAD && !self.takes.is_empty() {
                break;
            }
            match self.source.take(self.drawn, self.seed, self.workshop.composer())? {
                Some(origin) => {
                    self.drawn += 1;
                    let number = self.next_number();
                    self.takes.push(Take::new(number, origin));
                }
                None => self.is_source_empty = true,
            }
        }
        Ok(())
    }

    fn next_number(&self) -> u64 {
        let kept = self.session.contents().kept.iter().map(|kept| kept.number);
        1 + self.takes.iter().map(|take| take.number).chain(kept).max().unwrap_or(0)
    }

    /// Tells the workshop what to make next: the selected take, then those after it; frees what is far away.
    fn plan(&mut self) {
        let (cursor, sounding) = (self.cursor, Take::of_sound(self.sounding).0);
        for (index, take) in self.takes.iter_mut().enumerate() {
            let is_far = index.abs_diff(cursor) > NEAR && take.number != sounding;
            if is_far {
                (take.plain, take.refined) = (None, None);
            }
        }
        let refine = if self.is_refined { self.refine } else { 0.0 };
        let lacks = |take: &Take| {
            let made = if self.is_refined { &take.refined } else { &take.plain };
            made.is_none() && take.failure.is_none() && take.rating != Rating::Rejected
        };
        let ahead = self.takes.iter().enumerate().skip(cursor).take(NEAR).filter(|(_, take)| lacks(take));
        let jobs: Vec<Job> =
            ahead.map(|(_, take)| Job::Take { number: take.number, origin: take.origin.clone(), refine }).collect();
        self.workshop.plan(jobs);
    }

    fn place_of(&self, number: u64) -> Option<usize> {
        self.takes.iter().position(|take| take.number == number)
    }

    /// The style that a take's sounds are from.
    fn style_of(&self, name: &str) -> Result<Style> {
        match &self.source {
            Source::Style(Some(style), _) if style.name == name => Ok((**style).clone()),
            _ => Style::find(name),
        }
    }

    fn chance(&mut self) -> Seed {
        self.varied += 1;
        Seed(self.seed).fork("variation").fork_index(self.drawn).fork_index(self.varied)
    }

    fn remember_origin(&mut self) -> Result<()> {
        // What was drawn ahead and never selected comes again.
        let unheard = self.takes.iter().skip(self.cursor + 1).filter(|take| take.change.is_none()).count() as u64;
        let reached = self.drawn.saturating_sub(unheard);
        self.session.reach(session::Origin { source: self.source_name.clone(), seed: self.seed, reached })
    }
}

/// What a session has kept, as takes at the head of the list.
fn kept_takes(session: &Session) -> Vec<Take> {
    let kept = session.contents().kept.iter().filter_map(|kept| {
        let origin = match (&kept.recipe, &kept.path) {
            (Some(recipe), _) => Origin::Recipe(recipe.clone()),
            (None, Some(path)) => Origin::File(path.clone()),
            (None, None) => return None,
        };
        Some(Take { rating: Rating::Kept, ..Take::new(kept.number, origin) })
    });
    kept.collect()
}
