//! Beats and bars of a score.

use crate::error::{Error, Result};
use crate::score::{Meter, Score, Ticks};

/// Most beats of a piece that is analysed: nine hours at 120 a minute.
pub const MAX_BEATS: usize = 1 << 16;

/// How strong a downbeat, the middle of a bar and any other beat are (after Temperley, "The Cognition of Basic Musical
/// Structures", 2001, chapter 2, whose levels are counted here from the beat upwards).
const STRENGTHS: [f64; 3] = [1.0, 0.6, 0.25];

/// A beat: where a foot would tap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// When it begins.
    pub start: Ticks,
    /// When the next one begins, or the music ends.
    pub end: Ticks,
    /// Its bar, from 0.
    pub bar: usize,
    /// Its place in the bar, from 0.
    pub place: usize,
    /// How strong it is, 0.0 ..= 1.0: the downbeat has 1.
    pub strength: f64,
}

/// A bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// When it begins.
    pub start: Ticks,
    /// When the next one begins. A change of metre cuts it short.
    pub end: Ticks,
    /// Its metre.
    pub meter: Meter,
    /// The index of its first beat.
    pub first_beat: usize,
}

/// All beats and bars of a piece.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beats {
    /// Its beats, without gaps.
    pub beats: Vec<Beat>,
    /// Its bars, without gaps.
    pub bars: Vec<Bar>,
}

impl Beats {
    /// The beats and bars until `end`; the last bar is whole.
    ///
    /// # Errors
    /// More than [`MAX_BEATS`].
    pub fn new(score: &Score, end: Ticks) -> Result<Self> {
        let mut all = Self::default();
        for (index, &(from, meter)) in score.meters.iter().enumerate() {
            let until = score.meters.get(index + 1).map(|&(next, _)| next.min(end));
            let mut start = from;
            while start < until.unwrap_or(end) {
                let bar_end = until.map_or(start + meter.bar(), |until| (start + meter.bar()).min(until));
                all.push_bar(start, bar_end, meter)?;
                // A piece that ends at the last possible tick has no next bar.
                if bar_end == start {
                    break;
                }
                start = bar_end;
            }
        }
        Ok(all)
    }

    fn push_bar(&mut self, start: Ticks, end: Ticks, meter: Meter) -> Result<()> {
        let (pulse, bar) = (pulse(meter), self.bars.len());
        self.bars.push(Bar { start, end, meter, first_beat: self.beats.len() });
        let count = meter.bar().0.div_ceil(pulse.0);
        let mut at = start;
        for place in 0..count as usize {
            if at >= end {
                break;
            }
            if self.beats.len() >= MAX_BEATS {
                return Err(Error::Unsupported { what: "analysis", reason: format!("more than {MAX_BEATS} beats") });
            }
            let next = (at + pulse).min(end);
            let level = match place {
                0 => 0,
                _ if count.is_multiple_of(2) && place == count as usize / 2 => 1,
                _ => 2,
            };
            self.beats.push(Beat { start: at, end: next, bar, place, strength: STRENGTHS[level] });
            at = next;
        }
        Ok(())
    }

    /// The beat that holds a moment; the first or last one outside.
    pub fn beat_at(&self, at: Ticks) -> usize {
        self.beats.partition_point(|beat| beat.start <= at).saturating_sub(1)
    }

    /// The bar that holds a moment; the first or last one outside.
    pub fn bar_at(&self, at: Ticks) -> usize {
        self.bars.partition_point(|bar| bar.start <= at).saturating_sub(1)
    }
}

/// What a foot taps in a metre: three eighths in 6/8, 9/8 and 12/8, else the metre's own note value.
pub fn pulse(meter: Meter) -> Ticks {
    let is_compound = meter.denominator() >= 8 && meter.numerator() > 3 && meter.numerator().is_multiple_of(3);
    if is_compound { meter.beat() * 3 } else { meter.beat() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;

    fn score(meter: &str) -> Score {
        Score::empty(Ticks(1), Tempo::new(120.0).expect("valid"), meter.parse().expect(meter))
    }

    #[test]
    fn beats_follow_the_metre_and_its_changes() {
        let beats = |meter, end| Beats::new(&score(meter), Ticks(end)).expect("short");
        assert_eq!(beats("4/4", 1921).beats.len(), 8);
        assert_eq!((beats("7/8", 1680).bars.len(), beats("7/8", 1680).beats.len()), (1, 7));
        assert_eq!(beats("12/8", 2880).beats.iter().map(|beat| beat.start.0).collect::<Vec<_>>(), [0, 720, 1440, 2160]);
        let strengths: Vec<f64> = beats("4/4", 1920).beats.iter().map(|beat| beat.strength).collect();
        assert_eq!(strengths, [1.0, 0.25, 0.6, 0.25]);
        let mut changing = score("4/4");
        changing.meters.push((Ticks(2400), "3/4".parse().expect("a metre")));
        let changing = Beats::new(&changing, Ticks(3840)).expect("short");
        assert_eq!(
            changing.bars.iter().map(|bar| (bar.start.0, bar.end.0)).collect::<Vec<_>>(),
            [(0, 1920), (1920, 2400), (2400, 3840)]
        );
        assert_eq!((changing.beat_at(Ticks(2000)), changing.bar_at(Ticks(2400))), (4, 2));
    }

    #[test]
    fn too_long_a_piece_is_refused() {
        let refused = Beats::new(&score("4/4"), Ticks(u32::MAX)).expect_err("too long");
        assert_eq!(refused.to_string(), "analysis not supported: more than 65536 beats");
        assert_eq!(Beats::new(&score("4/4"), Ticks(0)).expect("nothing"), Beats::default());
    }
}
