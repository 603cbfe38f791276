//! Where takes are made: a thread of its own, so that neither the screen nor the sound waits for a render.

use super::export::{self, Exported};
use super::source::{self, Manner};
use super::take::{Made, Origin, Take};
use crate::commands::generate::composer;
use crate::error::{Error, Result};
use crate::files;
use crate::pipeline::generate;
use crate::recipe::{Choices, Recipe};
use crate::refine::Refinement;
use crate::style::Style;
use riffsmith_dsp::{SampleRate, Seed};
use riffsmith_models::composer::Composer;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Where fresh takes come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Loops of a style; without one, each of a style that its seed draws.
    Style(Option<Box<Style>>, Box<Choices>),
    /// Files, one after the other.
    Files(Vec<PathBuf>),
}

impl Source {
    /// The `index`th take, from 0; none after the last file.
    ///
    /// # Errors
    /// If the choices do not go together with the style.
    pub fn take(&self, index: u64, seed: u64, composer: &str) -> Result<Option<Origin>> {
        match self {
            Self::Style(style, choices) => {
                let seed = Seed(seed.wrapping_add(index));
                let style = style.as_deref().cloned().unwrap_or_else(|| {
                    let styles = Style::builtin();
                    seed.fork("style").rng().pick(&styles).cloned().expect("there are built-in styles")
                });
                let recipe = Recipe::resolve(&style, choices, seed, composer.to_owned())?;
                Ok(Some(Origin::Recipe(Box::new(recipe))))
            }
            Self::Files(paths) => Ok(paths.get(index as usize).map(|path| Origin::File(path.clone()))),
        }
    }

    /// A word for it.
    pub fn name(&self) -> String {
        match self {
            Self::Style(Some(style), _) => style.name.clone(),
            Self::Style(None, _) => "all styles".to_owned(),
            Self::Files(paths) => format!("{} files", paths.len()),
        }
    }
}

/// Something to be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// A take.
    Take {
        /// Its number.
        number: u64,
        /// Where it comes from.
        origin: Origin,
        /// How far it is refined, 0 (off) to 1.
        refine: f32,
    },
    /// The files of a take, in a directory.
    Export(Box<Recipe>, PathBuf),
}

/// What was made.
#[derive(Debug)]
pub enum Product {
    /// A take, or why there is none.
    Take {
        /// Its number.
        number: u64,
        /// Whether it is the refined one.
        is_refined: bool,
        /// What it sounds like.
        made: Result<Arc<Made>>,
        /// How long it took.
        seconds: f64,
    },
    /// Files, or why there are none.
    Export(Result<Exported>),
}

/// The thread, and its queue. It ends with this, after what it is making.
pub struct Workshop {
    queue: Arc<Queue>,
    products: Receiver<Product>,
    /// Hash of the composer's weights.
    composer: String,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    come: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    /// What is being made, or was made and not fetched yet: takes by number, and whether refined.
    under_way: Vec<(u64, bool)>,
    is_over: bool,
}

impl Workshop {
    /// Opens it; takes are made for a device of `rate`.
    ///
    /// # Errors
    /// If the composer's weights are broken, or there is no thread to be had.
    pub fn open(rate: SampleRate) -> Result<Self> {
        let composer = composer(None)?;
        let hash = composer.hash();
        let queue = Arc::<Queue>::default();
        let (send, products) = channel();
        let own = Arc::clone(&queue);
        std::thread::Builder::new()
            .name("workshop".to_owned())
            .spawn(move || work(&own, &composer, rate, &send))
            .map_err(|error| Error::failed(format!("cannot start a thread: {}", files::reason(&error))))?;
        Ok(Self { queue, products, composer: hash })
    }

    /// Hash of the composer's weights.
    pub fn composer(&self) -> &str {
        &self.composer
    }

    /// What has been made since it was last asked.
    ///
    /// # Errors
    /// If the thread is no more.
    pub fn products(&self) -> Result<Vec<Product>> {
        use std::sync::mpsc::TryRecvError;
        let mut products = Vec::new();
        loop {
            match self.products.try_recv() {
                Ok(product) => {
                    if let Product::Take { number, is_refined, .. } = product {
                        self.jobs().under_way.retain(|under_way| *under_way != (number, is_refined));
                    }
                    products.push(product);
                }
                Err(TryRecvError::Empty) => return Ok(products),
                Err(TryRecvError::Disconnected) => return Err(Error::failed("the thread that makes takes has died")),
            }
        }
    }

    /// Replaces what waits: jobs are done in this order, after the one at hand.
    pub fn plan(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut queue = self.jobs();
        // Files that were asked for are written whatever else is wanted.
        queue.waiting.retain(|job| matches!(job, Job::Export(..)));
        let is_new = |job: &Job| job.take().is_none_or(|take| !queue.under_way.contains(&take));
        let new: Vec<Job> = jobs.into_iter().filter(is_new).collect();
        queue.waiting.extend(new);
        drop(queue);
        self.queue.come.notify_all();
    }

    /// Adds files to be written.
    pub fn export(&self, recipe: Box<Recipe>, directory: PathBuf) {
        let mut queue = self.jobs();
        queue.waiting.push_front(Job::Export(recipe, directory));
        drop(queue);
        self.queue.come.notify_all();
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.queue.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    /// The take that it makes, and whether refined.
    fn take(&self) -> Option<(u64, bool)> {
        match self {
            Self::Take { number, refine, .. } => Some((*number, *refine > 0.0)),
            Self::Export(..) => None,
        }
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        self.jobs().is_over = true;
        self.queue.come.notify_all();
    }
}

fn work(queue: &Queue, composer: &Composer, rate: SampleRate, products: &Sender<Product>) {
    loop {
        let mut jobs = queue.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let job = loop {
            if jobs.is_over {
                return;
            }
            match jobs.waiting.pop_front() {
                Some(job) => {
                    jobs.under_way.extend(job.take());
                    break job;
                }
                None => jobs = queue.come.wait(jobs).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(jobs);
        let began = Instant::now();
        let product = match job {
            Job::Take { number, origin, refine } => {
                let made = make(number, origin, refine, composer, rate).map(Arc::new);
                Product::Take { number, is_refined: refine > 0.0, made, seconds: began.elapsed().as_secs_f64() }
            }
            Job::Export(recipe, directory) => Product::Export(export::write(&recipe, composer, &directory)),
        };
        if products.send(product).is_err() {
            return;
        }
    }
}

fn make(number: u64, origin: Origin, refine: f32, composer: &Composer, rate: SampleRate) -> Result<Made> {
    let id = Take::sound_id(number, refine > 0.0);
    match origin {
        Origin::Recipe(recipe) => {
            let recipe = Recipe { refine: Refinement::new(refine), ..*recipe };
            let song = generate(&recipe, composer);
            let bar_s = recipe.meter.bar().quarters() * recipe.tempo.seconds_per_quarter();
            let made = Made::new(id, song.audio, &song.stems, Some(bar_s), rate);
            Ok(Made { score: Some(song.score), recipe: Some(Box::new(recipe)), ..made })
        }
        Origin::File(path) => {
            let manner = Manner { repeat: true, refine, patch: None, rate };
            let loaded = source::load(&files::read(&path)?, &path, manner)?;
            // Of another composer's loops the notes are not known.
            let recipe = loaded.recipe.filter(|recipe| recipe.composer == composer.hash());
            let compose =
                |recipe: &Recipe| composer.recompose(&recipe.brief(), recipe.seed.fork("compose"), &recipe.redraws);
            let score = loaded.score.or_else(|| recipe.as_deref().map(compose));
            Ok(Made { score, recipe, ..Made::new(id, loaded.audio, &[], loaded.bar_s, rate) })
        }
    }
}
