//! How much of what is learnt comes from which set.

use super::song::Song;

/// Share of the windows that come from large sets of other music than loops: they teach lines and harmony, and would
/// drown the loops if they were drawn by their size (they have 7 of 10 bars with a melody). Songs with piano have accompaniments
/// and clear phrases, quartets the least that a loop could use; hymns are few, and programs' chorales only fill up.
const SHARES: [(&str, f64); 4] =
    [("openscore-lieder", 0.10), ("openscore-quartets", 0.06), ("open-hymnal", 0.04), ("js-fake-chorales", 0.03)];

/// The share that a song's set has, if it has one of its own.
pub fn share(song: &Song) -> Option<f64> {
    SHARES.iter().find(|(set, _)| *set == song.set()).map(|&(_, share)| share)
}

/// The songs, of sets with a share only as many as make up no more than that: every nth, so that all of the set is seen. For
/// what is counted and not drawn: validation, n-grams.
pub fn balanced<'a>(songs: impl IntoIterator<Item = &'a Song>) -> Vec<&'a Song> {
    let songs: Vec<&Song> = songs.into_iter().collect();
    let bars = |wanted: &dyn Fn(&Song) -> bool| -> f64 {
        songs.iter().filter(|song| wanted(song)).map(|song| f64::from(song.context.bars)).sum()
    };
    let free = bars(&|song| share(song).is_none());
    if free == 0.0 {
        return songs;
    }
    let left = 1.0 - SHARES.iter().map(|(_, share)| share).sum::<f64>();
    let every = SHARES.map(|(set, share)| bars(&|song| song.set() == set) / (free * share / left));
    let (mut seen, mut kept) = ([0.0; SHARES.len()], [0.0; SHARES.len()]);
    let mut is_kept = |song: &Song| {
        let Some(set) = SHARES.iter().position(|(set, _)| *set == song.set()) else { return true };
        let bars = f64::from(song.context.bars);
        seen[set] += bars;
        let is_due = kept[set] < seen[set] / every[set].max(1.0);
        if is_due {
            kept[set] += bars;
        }
        is_due
    };
    songs.into_iter().filter(|song| is_kept(song)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::composer::context::Context;
    use crate::composer::grid::Bar;
    use crate::piece::Split;
    use riffsmith_dsp::score::Meter;

    /// Songs of four bars.
    pub(in super::super) fn songs(set: &str, count: usize) -> Vec<Song> {
        let song = |number| Song {
            source: format!("{set}/{number}"),
            split: Split::Train,
            style: None,
            context: Context::new(Bar::new(Meter::COMMON).expect("a bar"), 4, false),
            tokens: Vec::new(),
            without: None,
        };
        (0..count).map(song).collect()
    }

    #[test]
    fn large_sets_are_thinned_to_their_share_and_small_ones_are_kept() {
        let all = [songs("freedoom-midi", 770), songs("openscore-lieder", 5000), songs("open-hymnal", 7)].concat();
        let kept = balanced(&all);
        let of = |set: &str| kept.iter().filter(|song| song.set() == set).count();
        assert_eq!(["freedoom-midi", "openscore-lieder", "open-hymnal"].map(of), [770, 100, 7]);
        assert_eq!(balanced(&songs("openscore-lieder", 9)).len(), 9);
    }
}
