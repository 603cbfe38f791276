//! Where pairs come from.

use super::pair::Pair;
use super::pairing::{Pairing, has_more_to_learn, pairings};
use crate::piece::Split;
use crate::refiner::Family;
use riffsmith_dsp::Seed;
use riffsmith_dsp::soundfont::Reference;

/// Endless pairs, each the same one whenever it is asked for.
pub trait PairSource: Sync {
    /// The `index`th pair of a split; `None` if one side of it is silent.
    fn pair(&self, split: Split, index: usize) -> Option<Pair>;
}

/// Our patches and a General MIDI SoundFont; the families in turn, and within each its pairings in turn. Those which
/// have more to learn come twice as often in the training.
pub struct SoundFontPairs {
    reference: Reference,
    by_family: Vec<Vec<Pairing>>,
    seed: Seed,
}

impl SoundFontPairs {
    /// Pairs with notes drawn from `seed`.
    pub fn new(reference: Reference, seed: Seed) -> Self {
        let all = pairings();
        let of = |family| all.iter().filter(|pairing| pairing.family == family).cloned().collect::<Vec<_>>();
        let by_family = Family::ALL.map(of).into_iter().filter(|pairings| !pairings.is_empty()).collect();
        Self { reference, by_family, seed }
    }
}

impl PairSource for SoundFontPairs {
    fn pair(&self, split: Split, index: usize) -> Option<Pair> {
        let is_extra = |pairings: &&Vec<Pairing>| split == Split::Train && has_more_to_learn(pairings[0].family);
        let turn: Vec<&Vec<Pairing>> = self.by_family.iter().chain(self.by_family.iter().filter(is_extra)).collect();
        let (round, place) = (index / turn.len(), index % turn.len());
        let pairings = turn[place];
        let times = turn.iter().filter(|other| other[0].family == pairings[0].family).count();
        let earlier = turn[..place].iter().filter(|other| other[0].family == pairings[0].family).count();
        let pairing = &pairings[(times * round + earlier) % pairings.len()];
        Pair::render(pairing, &self.reference, split, self.seed.fork(&format!("{split:?}")).fork_index(index as u64))
    }
}
