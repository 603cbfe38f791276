//! Measures the sound: prints the tables of SOUND.md, each by its name.

#![allow(clippy::print_stdout, clippy::print_stderr)] // It is what this program is for.

mod aliasing;
mod drive;
mod envelopes;
mod filters;
mod limiter;
mod measure;
mod play;
mod reverb;
mod tuning;

/// Name, what it measures, and what prints it.
const TABLES: &[(&str, &str, fn())] = &[
    ("aliasing", "energy off the harmonics, ours and PolyBLEP's", aliasing::print),
    ("tuning", "the pitch of every instrument, in cents", tuning::print),
    ("filters", "cutoffs, and stability under fast modulation", filters::print),
    ("envelopes", "clicks where notes start and end", envelopes::print),
    ("drive", "aliases of drive and folding", drive::print),
    ("reverb", "echo density, decay per octave and modes of the reverbs", reverb::print),
    ("limiter", "true peaks behind the limiter, by two other meters", limiter::print),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let unknown = wanted.iter().find(|name| TABLES.iter().all(|(known, ..)| known != name));
    if wanted.is_empty() || unknown.is_some() {
        eprintln!("usage: sound TABLE...; there are");
        TABLES.iter().for_each(|(name, what, _)| eprintln!("  {name:<12}{what}"));
        std::process::exit(2);
    }
    for (_, _, print) in TABLES.iter().filter(|(name, ..)| wanted.iter().any(|wanted| wanted == name)) {
        print();
    }
}
