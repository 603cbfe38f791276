//! Which windows are learnt from, and what is known in them.

use super::batch::Example;
use super::mixture;
use super::song::Song;
use crate::composer::context::Known;
use crate::composer::kit;
use crate::composer::line::Token;
use crate::composer::part::Part;
use crate::composer::quantise::VELOCITIES;
use crate::composer::style;
use riffsmith_dsp::Rng;
use std::collections::BTreeMap;

/// Longest window of a part in decisions: denser ones are cut to fewer bars.
fn most_decisions(part: Part) -> usize {
    if part == Part::Drums { 640 } else { 400 }
}
/// Share of the windows that come from our own grooves, which are short: about a sixth of the notes. Drums have the most other music to
/// learn from.
fn groove_share(part: Part) -> f64 {
    if part == Part::Drums { 0.4 } else { 0.55 }
}
/// Share of a loop's drum layers that are taken from another loop of its style.
const CROSSED: f32 = 0.4;

/// Bars of a loop that is gone round twice, both rounds together, at most.
const TWICE: u32 = 16;

/// Standard deviation of the tempo, in octaves.
const TEMPO_SPREAD: f32 = 0.1;
/// Velocity classes by which a window is played louder or softer at most.
const VELOCITY_SPREAD: i32 = 2;
/// Share of the melodic windows that are moved by an octave, if it fits.
const OCTAVE_SHARE: f32 = 0.25;

/// Longest window of a part in bars: long enough for what returns to be seen once more. Bars of the harmony hold little;
/// drummers have habits, which show in time.
pub fn window_bars(part: Part) -> u32 {
    match part {
        Part::Harmony => 64,
        Part::Drums | Part::Chords | Part::Bass | Part::Lead => 32,
    }
}

/// Draws windows from songs: long ones oftener, though less than in proportion; thin styles oftener than their share.
#[derive(Debug)]
pub struct Sampling<'a> {
    part: Part,
    songs: Vec<&'a Song>,
    /// Sums of the songs' weights.
    sums: Vec<f64>,
}

impl<'a> Sampling<'a> {
    /// From these songs.
    pub fn new(part: Part, songs: impl IntoIterator<Item = &'a Song>) -> Self {
        let songs: Vec<&Song> = songs.into_iter().collect();
        let style = |song: &Song| song.style.unwrap_or(style::INPUTS);
        let mut bars = [1.0; style::INPUTS + 1];
        for song in &songs {
            bars[style(song)] += f64::from(song.context.bars);
        }
        let weight = |song: &Song| f64::from(song.context.bars).powf(0.8) / bars[style(song)].sqrt();
        // Sets with a share of their own, and what is left for all others.
        let grooves = groove_share(part);
        let own = |song: &Song| match song.set() {
            "grooves" => Some(grooves),
            _ => mixture::share(song).map(|share| share * (1.0 - grooves)),
        };
        let mut sets: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let mut others = 0.0;
        for song in &songs {
            match own(song) {
                Some(share) => sets.entry(song.set()).or_insert((share, 0.0)).1 += weight(song),
                None => others += weight(song),
            }
        }
        let left = 1.0 - sets.values().map(|(share, _)| share).sum::<f64>();
        let mut sum = 0.0;
        let sums = songs.iter().map(|song| {
            let (share, total) = sets.get(song.set()).copied().unwrap_or((left, others));
            sum += weight(song) * share / total;
            sum
        });
        Self { part, sums: sums.collect(), songs }
    }

    /// True where there is nothing to draw from.
    pub fn is_empty(&self) -> bool {
        self.songs.is_empty()
    }

    /// One window at random.
    pub fn draw(&self, rng: &mut Rng) -> Example<'a> {
        let target = rng.uniform_f64() * self.sums[self.sums.len() - 1];
        let song = self.songs[self.sums.partition_point(|&sum| sum <= target).min(self.songs.len() - 1)];
        let whole = song.context.bars;
        let most = window_bars(self.part);
        let mut bars = most.min(whole);
        if song.context.is_loop && 2 * whole <= TWICE && rng.chance(0.3) {
            bars = 2 * whole;
        }
        let start = if song.context.is_loop {
            // Mostly as it was written, now and then from another bar round.
            if rng.chance(0.3) { rng.below(whole as usize) as u32 } else { 0 }
        } else {
            let start = rng.below((whole - bars) as usize + 1) as u32;
            if rng.chance(0.8) { start / 4 * 4 } else { start }
        };
        let known = forget(song.context.known, rng);
        loop {
            let window = song.window(start, bars, known);
            let mut example = Example { window, tokens: song.tokens_in(self.part, window) };
            if example.decisions() <= most_decisions(self.part) || bars == 1 {
                if self.part == Part::Drums && song.context.is_loop {
                    self.cross(song, &mut example, rng);
                }
                return varied(self.part, example, rng);
            }
            bars = bars.div_ceil(2);
        }
    }

    /// Takes layers of a drum loop (kick, backbeat, pulse and the rest) from other loops of the same set, style and metre: what was
    /// written for one beat fits another of its kind, and no single loop is learnt by heart.
    fn cross(&self, song: &Song, example: &mut Example<'a>, rng: &mut Rng) {
        let set = |song: &Song| song.source.split('/').next().map(str::to_owned);
        let own = set(song);
        let is_peer = |other: &&&Song| {
            let (here, there) = (&song.context, &other.context);
            there.is_loop && other.style == song.style && there.grid == here.grid && set(other) == own
        };
        let peers: Vec<&&Song> = self.songs.iter().filter(is_peer).collect();
        for layer in 0..3 {
            let Some(peer) = rng.pick(&peers).filter(|_| rng.chance(CROSSED)) else { continue };
            let window = peer.window(example.window.start % peer.context.bars, example.window.bars, peer.context.known);
            let is_own = |token: &Token| layer_of(usize::from(token.symbol)) == layer;
            let taken: Vec<Token> = peer.tokens_in(self.part, window).into_iter().filter(is_own).collect();
            // A clip of a single layer has nothing to give to the others.
            if !taken.is_empty() {
                example.tokens.retain(|token| !is_own(token));
                example.tokens.extend(taken);
            }
        }
        example.tokens.sort_unstable();
    }
}

/// The layer of a drum: kick, backbeat, or pulse and the rest.
fn layer_of(symbol: usize) -> usize {
    match symbol {
        _ if kit::is_kick(symbol) => 0,
        _ if kit::is_snare(symbol) => 1,
        _ => 2,
    }
}

/// The same music a little faster or slower, louder or softer, and the bass or lead now and then an octave away: what is not
/// the music should not tell which song it is.
pub fn varied<'a>(part: Part, mut example: Example<'a>, rng: &mut Rng) -> Example<'a> {
    example.window.bpm = example.window.bpm.map(|bpm| bpm * f64::from(TEMPO_SPREAD * rng.normal()).exp2());
    let louder = rng.below(2 * VELOCITY_SPREAD as usize + 1) as i32 - VELOCITY_SPREAD;
    if part.has_velocity() {
        for token in &mut example.tokens {
            token.velocity = (i32::from(token.velocity) + louder).clamp(0, VELOCITIES as i32 - 1) as u8;
        }
    }
    let octave = if rng.chance(0.5) { 12 } else { -12 };
    if part.is_melodic() && rng.chance(OCTAVE_SHARE) {
        let moved = |token: &Token| i32::from(token.symbol) + octave;
        let symbols = 0..part.symbols() as i32;
        if example.tokens.iter().all(|token| symbols.contains(&moved(token))) {
            example.tokens.iter_mut().for_each(|token| token.symbol = moved(token) as u16);
        }
    }
    example
}

/// Forgets some of what is known, so that the network learns to do without.
fn forget(known: Known, rng: &mut Rng) -> Known {
    let mut kept = |known: bool, share: f32| known && !rng.chance(share);
    Known {
        styles: kept(known.styles, 0.1),
        tempo: kept(known.tempo, 0.3),
        mode: kept(known.mode, 0.15),
        harmony: kept(known.harmony, 0.1),
        drums: kept(known.drums, 0.15),
        chords: kept(known.chords, 0.2),
        bass: kept(known.bass, 0.2),
    }
}

/// All windows of a song one after another, everything known, for evaluation.
pub fn windows(part: Part, song: &Song) -> Vec<Example<'_>> {
    let step = window_bars(part);
    let mut examples = Vec::new();
    for start in (0..song.context.bars).step_by(step as usize) {
        let mut bars = step.min(song.context.bars - start);
        // A loop is not gone round: every bar counts once.
        let mut from = start;
        while from < start + step.min(song.context.bars - start) {
            let window = song.window(from, bars, song.context.known);
            let tokens = song.tokens_in(part, window);
            if tokens.len() > 2 * most_decisions(part) && bars > 1 {
                bars = bars.div_ceil(2);
                continue;
            }
            if !tokens.is_empty() {
                examples.push(Example { window, tokens });
            }
            from += bars;
            bars = bars.min((start + step).min(song.context.bars).saturating_sub(from)).max(1);
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::composer::mixture::tests::songs;

    #[test]
    fn large_sets_have_their_share_of_the_windows_however_large_they_are() {
        for lieder in [100, 3000] {
            let all = [songs("freedoom-midi", 120), songs("openscore-lieder", lieder), songs("grooves", 30)].concat();
            let sampling = Sampling::new(Part::Lead, &all);
            let from = |set: &str| -> f64 {
                let weights = sampling.sums.iter().scan(0.0, |last, &sum| Some(sum - std::mem::replace(last, sum)));
                let own = weights.zip(&sampling.songs).filter(|(_, song)| song.set() == set);
                own.map(|(weight, _)| weight).sum()
            };
            for (set, share) in [("freedoom-midi", 0.405), ("openscore-lieder", 0.045), ("grooves", 0.55)] {
                assert!((from(set) - share).abs() < 1e-9, "{set}: {}", from(set));
            }
        }
    }
}
