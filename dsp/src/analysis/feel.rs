//! Feel: swing, timing against the grid, and how loud each place in the bar is.

use super::beats::Beats;
use crate::score::{Note, Score, Ticks};

/// Places of a bar whose loudness is told.
pub const PLACES: usize = 16;

/// Off-beats are looked for between these shares of a beat.
const OFF_BEAT: [f64; 2] = [0.42, 0.74];

/// Fewer off-beats do not tell the swing.
const LEAST_OFF_BEATS: usize = 8;

/// Eighths are straight that fall before this share of the beat.
const STRAIGHT: f64 = 0.54;

/// How a piece is played.
#[derive(Debug, Clone, PartialEq)]
pub struct Feel {
    /// Where off-beat eighths fall in their beat: 0.5 is straight, 0.667 a triplet; `None` if there are too few.
    pub swing_eighths: Option<f64>,
    /// The same for sixteenths within straight eighths.
    pub swing_sixteenths: Option<f64>,
    /// Mean distance from the nearest sixteenth or eighth triplet, in milliseconds: positive is late.
    pub late_ms: f64,
    /// Its standard deviation, in milliseconds.
    pub spread_ms: f64,
    /// Share of notes that are exactly on a sixteenth or an eighth triplet.
    pub on_grid: f64,
    /// Mean velocity, 1 to 127.
    pub velocity: f64,
    /// Its standard deviation.
    pub velocity_spread: f64,
    /// Mean velocity at each sixteenth of a bar, if any note is there.
    pub profile: [Option<f64>; PLACES],
    /// Share of notes that begin off the beats.
    pub off_beat: f64,
}

/// Measures notes of all tracks, or of one; `None` without notes.
pub fn feel<'a>(notes: impl Iterator<Item = &'a Note>, score: &Score, beats: &Beats) -> Option<Feel> {
    let mut sums = Sums::default();
    for note in notes.filter(|_| !beats.beats.is_empty()) {
        sums.add(note, score, beats);
    }
    sums.finish()
}

#[derive(Default)]
struct Sums {
    count: f64,
    eighths: Vec<f64>,
    sixteenths: Vec<f64>,
    late: f64,
    late_squared: f64,
    exact: f64,
    velocity: f64,
    velocity_squared: f64,
    profile: [(f64, f64); PLACES],
    off_beat: f64,
}

impl Sums {
    fn add(&mut self, note: &Note, score: &Score, beats: &Beats) {
        let index = beats.beat_at(note.start);
        let beat = beats.beats[index];
        let length = f64::from((beat.end - beat.start).0.max(1));
        let phase = f64::from((note.start - beat.start).0) / length;
        // Beats of three eighths have no halves, and whatever is not a quarter note swings in another way.
        if beat.end - beat.start == Ticks::QUARTER {
            let inner = (2.0 * phase).fract();
            let is_off = |phase: f64| (OFF_BEAT[0]..OFF_BEAT[1]).contains(&phase);
            self.eighths.extend(is_off(phase).then_some(phase));
            self.sixteenths.extend(is_off(inner).then_some(inner));
        }
        let quarters = note.start.quarters() - beat.start.quarters();
        let nearest = [4.0, 3.0].map(|parts| (quarters * parts).round() / parts - quarters);
        let early = if nearest[1].abs() < nearest[0].abs() { nearest[1] } else { nearest[0] };
        let tempo = score.tempos[score.tempos.partition_point(|&(at, _)| at <= note.start).saturating_sub(1)].1;
        let late_ms = -early * tempo.seconds_per_quarter() * 1000.0;
        let velocity = f64::from(note.velocity.value());
        self.count += 1.0;
        self.late += late_ms;
        self.late_squared += late_ms * late_ms;
        // Half a tick is what rounding to ticks may do.
        self.exact += if early.abs() <= 0.51 / f64::from(Ticks::PER_QUARTER) { 1.0 } else { 0.0 };
        self.velocity += velocity;
        self.velocity_squared += velocity * velocity;
        let bar = beats.bars[beat.bar];
        let share = f64::from((note.start - bar.start).0) / f64::from(bar.meter.bar().0);
        let place = (share * PLACES as f64).round() as usize % PLACES;
        self.profile[place].0 += velocity;
        self.profile[place].1 += 1.0;
        self.off_beat += if (0.12..0.88).contains(&phase) { 1.0 } else { 0.0 };
    }

    fn finish(self) -> Option<Feel> {
        if self.count == 0.0 {
            return None;
        }
        let spread = |sum: f64, squared: f64| (squared / self.count - (sum / self.count).powi(2)).max(0.0).sqrt();
        let swing_eighths = median(self.eighths);
        // The first note of a triplet would be taken for a late sixteenth.
        let are_straight = swing_eighths.is_none_or(|swing| swing < STRAIGHT);
        Some(Feel {
            swing_eighths,
            swing_sixteenths: if are_straight { median(self.sixteenths) } else { None },
            late_ms: self.late / self.count,
            spread_ms: spread(self.late, self.late_squared),
            on_grid: self.exact / self.count,
            velocity: self.velocity / self.count,
            velocity_spread: spread(self.velocity, self.velocity_squared),
            profile: self.profile.map(|(sum, count)| (count > 0.0).then(|| sum / count)),
            off_beat: self.off_beat / self.count,
        })
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.len() < LEAST_OFF_BEATS {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some(values[values.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Meter, Pitch, Tempo, Velocity};

    /// Eighths over four bars, each second one late by some ticks.
    fn eighths(late: u32) -> Option<Feel> {
        let score = Score::empty(Ticks(7680), Tempo::new(125.0).expect("valid"), Meter::COMMON);
        let beats = Beats::new(&score, score.length).expect("short");
        let note = |index: u32| Note {
            start: Ticks(index * 240 + index % 2 * late),
            pitch: Pitch::new(42),
            length: Ticks(60),
            velocity: Velocity::new(if index.is_multiple_of(2) { 100 } else { 60 }),
        };
        let notes: Vec<Note> = (0..32).map(note).collect();
        feel(notes.iter(), &score, &beats)
    }

    #[test]
    fn swing_and_lateness_are_measured() {
        let straight = eighths(0).expect("notes");
        assert_eq!((straight.swing_eighths, straight.on_grid, straight.late_ms), (Some(0.5), 1.0, 0.0));
        let triplets = eighths(80).expect("notes");
        assert!((triplets.swing_eighths.expect("off-beats") - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(triplets.on_grid, 1.0);
        // 10 ticks of 1 ms, every second note.
        let late = eighths(10).expect("notes");
        assert!((late.late_ms - 5.0).abs() < 1e-6 && (late.spread_ms - 5.0).abs() < 1e-6, "{late:?}");
        assert_eq!((late.on_grid, late.off_beat), (0.5, 0.5));
    }

    #[test]
    fn the_velocity_profile_has_a_place_for_each_sixteenth() {
        let feel = eighths(0).expect("notes");
        assert_eq!((feel.profile[0], feel.profile[1], feel.profile[2]), (Some(100.0), None, Some(60.0)));
        assert_eq!((feel.velocity, feel.velocity_spread), (80.0, 20.0));
        let score = Score::empty(Ticks(1), Tempo::new(125.0).expect("valid"), Meter::COMMON);
        assert_eq!(super::feel([].iter(), &score, &Beats::default()), None);
    }
}
