//! The piece of the speed section as a MIDI file, as often in a row as is asked for: what memory is measured with.
//!
//!     sound long FILE.mid [TIMES]

#[path = "../../../benches/concert/mod.rs"]
mod concert;

use riffsmith_dsp::score::{Note, Ticks, midi};

/// Writes what is asked for.
pub fn run(arguments: &[String]) {
    let Some(file) = arguments.first() else { return eprintln!("usage: sound long FILE.mid [TIMES]") };
    let times: u32 = arguments.get(1).map_or(1, |times| times.parse().expect("a number of times"));
    let mut score = concert::score();
    let once = score.length;
    for track in &mut score.tracks {
        let notes = track.notes.clone();
        for turn in 1..times {
            let shift = Ticks(turn * once.0);
            track.notes.extend(notes.iter().map(|note| Note { start: note.start + shift, ..*note }));
        }
    }
    score.length = Ticks(times * once.0);
    let seconds = score.tempo().seconds_per_quarter() * f64::from(score.length.0) / f64::from(Ticks::PER_QUARTER);
    println!("{} notes, {seconds:.0} s", score.tracks.iter().map(|track| track.notes.len()).sum::<usize>());
    std::fs::write(file, midi::write(&score)).expect("writable");
}
