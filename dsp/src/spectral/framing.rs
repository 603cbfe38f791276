//! Where the frames of a signal lie.

/// What lies beyond the ends of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edges {
    /// Silence.
    Silence,
    /// The signal itself again: it is a seamless loop.
    Loop,
}

/// The frames over one signal.
///
/// Between silent edges, frame `t` is centred on sample `t * hop`, and the last frame's centre is at or after the end. In a
/// loop the hop is shortened by a fraction so that a whole number of frames goes round; centres are rounded to samples, and
/// every frame wraps, so that no position of the loop is special.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Framing {
    pub length: usize,
    pub fft_size: usize,
    pub count: usize,
    pub edges: Edges,
    hop: f64,
}

impl Framing {
    pub fn new(length: usize, fft_size: usize, hop: usize, edges: Edges) -> Self {
        let count = match edges {
            _ if length == 0 => 0,
            Edges::Silence => length.div_ceil(hop) + 1,
            Edges::Loop => length.div_ceil(hop),
        };
        let hop = match edges {
            Edges::Silence => hop as f64,
            Edges::Loop => length as f64 / count.max(1) as f64,
        };
        Self { length, fft_size, count, edges, hop }
    }

    /// The sample on which frame `t` is centred.
    pub fn centre(&self, t: isize) -> isize {
        (t as f64 * self.hop).round() as isize
    }

    /// The first sample under the window of frame `t`, and the one behind its last, between silent edges.
    pub fn start(&self, t: usize) -> usize {
        (self.centre(t as isize) - self.fft_size as isize / 2).max(0) as usize
    }

    pub fn end(&self, t: usize) -> usize {
        ((self.centre(t as isize) + self.fft_size as isize / 2) as usize).min(self.length)
    }

    /// Calls `visit(n, i)` for every sample `n` of the window of frame `t` that falls on sample `i` of the signal.
    pub fn for_each_sample(&self, t: usize, mut visit: impl FnMut(usize, usize)) {
        let start = self.centre(t as isize) - (self.fft_size / 2) as isize;
        match self.edges {
            Edges::Silence => {
                let first = start.max(0);
                let last = (start + self.fft_size as isize).min(self.length as isize);
                for i in first..last {
                    visit((i - start) as usize, i as usize);
                }
            }
            Edges::Loop => {
                let mut i = start.rem_euclid(self.length as isize) as usize;
                for n in 0..self.fft_size {
                    visit(n, i);
                    i += 1;
                    if i == self.length {
                        i = 0;
                    }
                }
            }
        }
    }
}
