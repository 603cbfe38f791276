//! Aliases of drive and folding.

use crate::measure::{db, powers, run};
use riffsmith_dsp::effect::{Drive, EffectSpec, Fold, Shape};
use std::f64::consts::TAU;

const SIZE: usize = 32_768;
/// Turns of the sine in [`SIZE`] frames: 5 005 Hz. Its harmonics fall on multiples of this number, every alias beside them.
const TURNS: usize = 3_719;

/// Energy off the harmonics of a full-scale sine of 5 kHz, relative to the energy on them, in dB; the offset left out.
fn alias_db(spec: &EffectSpec) -> f64 {
    let sine = |n: usize| (TAU * ((TURNS * n) % SIZE) as f64 / SIZE as f64).sin() as f32;
    let output = run(spec, (0..2 * SIZE).map(|n| [sine(n); 2]).collect());
    let powers = powers(output[SIZE..].iter().map(|frame| f64::from(frame[0])));
    let sum = |harmonic: bool| -> f64 {
        powers
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(bin, _)| bin.is_multiple_of(TURNS) == harmonic)
            .map(|(_, power)| power)
            .sum()
    };
    db(sum(false) / sum(true))
}

pub fn print() {
    const DRIVES_DB: [f32; 6] = [0.0, 6.0, 12.0, 24.0, 36.0, 48.0];
    println!(
        "Energy off the harmonics of a sine of 5 kHz at 0 dBFS, in dB re the harmonics, all up to half the sample rate.\n"
    );
    println!("| curve | {} |", DRIVES_DB.map(|drive_db| format!("{drive_db} dB")).join(" | "));
    println!("|---|{}", "---:|".repeat(DRIVES_DB.len()));
    for (name, shape) in [("soft", Shape::Soft), ("tube", Shape::Tube), ("clip", Shape::Clip)] {
        let figures = DRIVES_DB.map(|drive_db| {
            let spec = Drive { shape, drive_db, tone_hz: 20_000.0, ..Drive::default() };
            format!("{:.1}", alias_db(&EffectSpec::Drive(spec)))
        });
        println!("| {name} | {} |", figures.join(" | "));
    }
    for asymmetry in [0.0, 0.5] {
        let figures = DRIVES_DB.map(|drive_db| {
            let spec = Fold { drive_db, asymmetry, tone_hz: 20_000.0, ..Fold::default() };
            let spec = EffectSpec::Fold(spec);
            spec.validate().map_or("-".to_owned(), |()| format!("{:.1}", alias_db(&spec)))
        });
        println!("| fold, asymmetry {asymmetry} | {} |", figures.join(" | "));
    }
    println!();
}
