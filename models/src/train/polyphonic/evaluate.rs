//! Exact likelihoods of rolls under an ensemble of networks.

use super::batch::{Batch, Window, batches};
use super::graph::Graph;
use super::trainer::Trained;
use crate::error::Result;
use crate::polyphonic::Order;
use crate::polyphonic::chain::Chain;
use crate::polyphonic::layout::Layout;
use crate::polyphonic::roll::Roll;
use crate::polyphonic::weights::{self, Member};

/// Rows that are evaluated at once.
const ROWS: usize = 8192;

/// Nats of rolls.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Likelihood {
    /// Of all frames.
    pub nats: f64,
    /// Of the first frames of the pieces.
    pub first_nats: f64,
    /// Number of frames.
    pub frames: usize,
    /// Number of pieces that have frames.
    pub pieces: usize,
}

impl Likelihood {
    /// Nats per frame, over frames 1 to T of all pieces.
    pub fn per_frame(&self) -> f64 {
        self.nats / self.frames.max(1) as f64
    }

    /// Nats per frame, over frames 2 to T of all pieces.
    pub fn after_first(&self) -> f64 {
        (self.nats - self.first_nats) / (self.frames - self.pieces).max(1) as f64
    }

    /// Of rolls whose frames have these nats.
    fn new(rolls: &[Roll], nats: &[f64]) -> Self {
        let mut likelihood = Self { nats: nats.iter().sum(), frames: nats.len(), ..Self::default() };
        let mut frame = 0;
        for roll in rolls.iter().filter(|roll| !roll.is_empty()) {
            likelihood.first_nats += nats[frame];
            likelihood.pieces += 1;
            frame += roll.len();
        }
        likelihood
    }
}

/// Networks that decide together.
///
/// Those that decide in the same order agree on each decision, by the mean of their probabilities; those of different orders on each
/// frame. Both are exact: a mean of distributions is a distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    members: Vec<Member>,
}

impl Ensemble {
    /// From the bytes of a weights file.
    ///
    /// # Errors
    /// Bytes of something else, truncated or changed ones, or another version's.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self { members: weights::read(bytes)? })
    }

    /// The bytes of its weights file.
    pub fn to_bytes(&self) -> Vec<u8> {
        weights::write(&self.members)
    }

    /// With the networks of another.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.members.extend(other.members);
        self
    }

    /// Number of parameters of all networks.
    pub fn parameters(&self) -> usize {
        self.members.iter().map(|member| member.parameters.len()).sum()
    }

    /// Number of networks.
    pub fn networks(&self) -> usize {
        self.members.len()
    }

    /// Evaluates rolls.
    pub fn likelihood(&self, rolls: &[Roll]) -> Likelihood {
        let of = |order: &Order| self.members.iter().filter(|member| member.order == *order).collect::<Vec<&Member>>();
        let groups: Vec<Vec<&Member>> = Order::ALL.iter().map(of).filter(|group| !group.is_empty()).collect();
        let share = 1.0 / groups.len() as f64;
        let mut sums: Vec<f64> = rolls.iter().flatten().map(|_| 0.0).collect();
        for group in &groups {
            sums.iter_mut().zip(frame_nats(group, rolls)).for_each(|(sum, nats)| *sum += share * (-nats).exp());
        }
        let nats: Vec<f64> = sums.into_iter().map(|sum| -sum.ln()).collect();
        Likelihood::new(rolls, &nats)
    }
}

impl From<Trained> for Ensemble {
    fn from(trained: Trained) -> Self {
        let Trained { sizes, order, parameters, .. } = trained;
        Self { members: vec![Member { sizes, order, parameters }] }
    }
}

/// Nats of each frame of each roll under networks that decide in the same order.
fn frame_nats(members: &[&Member], rolls: &[Roll]) -> Vec<f64> {
    let order = members.first().map_or(Order::Down, |member| member.order);
    let chains: Vec<Chain> = rolls.iter().map(|roll| Chain::new(roll, order)).collect();
    let layouts: Vec<Layout> = members.iter().map(|member| Layout::new(member.sizes)).collect();
    let graphs: Vec<Graph<'_>> =
        layouts.iter().zip(members).map(|(layout, member)| Graph::plain(layout, &member.parameters)).collect();
    let mut nats: Vec<Vec<f64>> = chains.iter().map(|chain| vec![0.0; chain.frames()]).collect();
    let windows = chains.iter().enumerate().map(|(index, chain)| Window::whole(chain, index)).collect();
    for batch in batches(windows, ROWS) {
        let decided = decision_nats(&graphs, &batch);
        let mut rest = &decided[..];
        for window in &batch.windows {
            for (frame, nats) in nats[window.index].iter_mut().enumerate() {
                let (own, others) = rest.split_at(window.chain.start(frame + 1) - window.chain.start(frame));
                *nats = own.iter().sum();
                rest = others;
            }
        }
    }
    nats.into_iter().flatten().collect()
}

/// Nats of each decision, by the mean of the networks' probabilities.
fn decision_nats(graphs: &[Graph<'_>], batch: &Batch<'_>) -> Vec<f64> {
    let mut sums = vec![0.0; batch.decisions()];
    for graph in graphs {
        let all = graph.log_probabilities(batch);
        for (sum, ((_, decision), all)) in sums.iter_mut().zip(batch.each().zip(&all)) {
            *sum += f64::from(decision.log_probability(all)).exp() / graphs.len() as f64;
        }
    }
    sums.into_iter().map(|sum| -sum.ln()).collect()
}
