//! Making a pack's items: on all cores, each core an item at a time.

use super::make::make;
use super::plan::{Item, Plan};
use super::recipe::PackRecipe;
use super::shard::Shard;
use super::work::Work;
use crate::error::{Error, Result};
use riffsmith_models::composer::Composer;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A wish to end early, seen by all threads.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks all to end.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once it was asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The work on a pack's items.
pub struct Production<'a> {
    /// Where they go.
    pub work: &'a Work,
    /// The pack.
    pub pack: &'a PackRecipe,
    /// What it holds.
    pub plan: &'a Plan,
    /// Which part of it is made here.
    pub shard: Shard,
    /// Who writes its notes.
    pub composer: &'a Composer,
    /// Ends it early, between two items.
    pub stop: &'a Stop,
}

impl Production<'_> {
    /// The items that are still to be made, in the order in which they are: the long ones first, so that all cores end together;
    /// but a kit plays one-shots, and has nothing to play before they are there.
    pub fn missing(&self) -> Vec<usize> {
        let items = &self.plan.items;
        let mut missing: Vec<usize> =
            (0..items.len()).filter(|&index| self.shard.has(index) && self.work.receipt(index).is_none()).collect();
        missing.sort_by_key(|&index| (matches!(items[index], Item::Kit(_)), std::cmp::Reverse(self.effort(index))));
        missing
    }

    /// How long an item takes, in tenths of a part of a loop.
    pub fn effort(&self, index: usize) -> u64 {
        match &self.plan.items[index] {
            Item::Loop(item) if item.role.is_some() => 10,
            Item::Loop(_) if self.pack.stems => 45,
            Item::Loop(_) => 35,
            Item::OneShot(_) => 2,
            Item::Instrument(_) => 150,
            Item::Kit(_) => 15,
        }
    }

    /// Makes these items, and tells `done` the effort of each that is there.
    ///
    /// # Errors
    /// The first of an item; then the others are not begun.
    pub fn run(&self, items: &[usize], done: impl Fn(u64) + Sync) -> Result<()> {
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|| {
                    if let Err(error) = alone(|| self.work_through(items, &next, &done)) {
                        next.store(items.len(), Ordering::Relaxed);
                        failure.lock().expect("no worker panics").get_or_insert(error);
                    }
                });
            }
        });
        failure.into_inner().expect("no worker panics").map_or(Ok(()), Err)
    }

    fn work_through(&self, items: &[usize], next: &AtomicUsize, done: &impl Fn(u64)) -> Result<()> {
        while !self.stop.asked() {
            let Some(&index) = items.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            self.work.store(index, &make(self.pack, self.plan, index, self.composer)?)?;
            done(self.effort(index));
        }
        Ok(())
    }
}

/// Runs `work` on this thread alone: memory does not grow with the pack, and no core waits for another.
fn alone(work: impl FnOnce() -> Result<()> + Send) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    pool.map_err(|error| Error::failed(format!("cannot start a thread: {error}")))?.install(work)
}
