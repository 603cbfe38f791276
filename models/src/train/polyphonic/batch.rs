//! Windows of chains side by side.

use crate::polyphonic::chain::{Chain, Decision};

/// A stretch of decisions.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// Where it is from.
    pub chain: &'a Chain,
    /// Its first decision.
    pub start: usize,
    /// The one after its last.
    pub end: usize,
    /// Number of frames.
    pub frames: usize,
    /// Which of the caller's chains it is from.
    pub index: usize,
}

impl<'a> Window<'a> {
    /// So many frames from `first` on, or as many as there are.
    pub fn new(chain: &'a Chain, first: usize, frames: usize) -> Self {
        let last = (first + frames).min(chain.frames());
        Self { chain, start: chain.start(first), end: chain.start(last), frames: last - first, index: 0 }
    }

    /// A whole chain, the caller's `index`th.
    pub fn whole(chain: &'a Chain, index: usize) -> Self {
        Self { index, ..Self::new(chain, 0, chain.frames()) }
    }

    /// Number of decisions.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether there is nothing to decide.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Windows of similar length, each filled up to the longest.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    /// The windows.
    pub windows: Vec<Window<'a>>,
    /// Decisions in the longest.
    pub time: usize,
}

impl<'a> Batch<'a> {
    /// Of these windows.
    pub fn new(windows: &[Window<'a>]) -> Self {
        Self { windows: windows.to_vec(), time: windows.iter().map(Window::len).max().unwrap_or(0) }
    }

    /// Rows, those that only fill up among them.
    pub fn rows(&self) -> usize {
        self.windows.len() * self.time
    }

    /// Decisions.
    pub fn decisions(&self) -> usize {
        self.windows.iter().map(Window::len).sum()
    }

    /// All decisions, and the rows where they lie.
    pub fn each(&self) -> impl Iterator<Item = (usize, Decision<'a>)> {
        self.windows.iter().enumerate().flat_map(move |(index, window)| {
            let Window { chain, start, end, .. } = *window;
            let first = index * self.time;
            (start..end).map(move |decision| (first + decision - start, chain.decision(decision)))
        })
    }
}

/// Windows of similar length together, each batch of about so many rows.
pub fn batches<'a>(mut windows: Vec<Window<'a>>, rows: usize) -> Vec<Batch<'a>> {
    windows.retain(|window| !window.is_empty());
    windows.sort_by_key(|window| std::cmp::Reverse(window.len()));
    let mut batches = Vec::new();
    let mut rest = &windows[..];
    while let Some(longest) = rest.first() {
        let (some, others) = rest.split_at((rows / longest.len()).clamp(1, rest.len()));
        batches.push(Batch::new(some));
        rest = others;
    }
    batches
}
