//! Measures the sound: prints the tables of `dsp/SOUND.md`, each by its name.
//!
//! `cargo run --release -p riffsmith-dsp --example sound -- aliasing tuning`; what follows the names goes to the last table.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing tables is what it is for")]

mod aliasing;
mod builds;
mod drive;
mod envelopes;
mod filters;
mod fitted;
mod limiter;
mod long;
mod measure;
mod patches;
mod play;
mod reverb;
mod styles;
mod tuning;

/// A table: its name, what it shows, and what prints it, given the further arguments.
type Table = (&'static str, &'static str, fn(&[String]));

const TABLES: &[Table] = &[
    ("aliasing", "energy off the harmonics, ours and PolyBLEP's", |_| aliasing::print()),
    ("tuning", "the pitch of every instrument, in cents", |_| tuning::print()),
    ("filters", "cutoffs, and stability under fast modulation", |_| filters::print()),
    ("envelopes", "clicks where notes start and end", |_| envelopes::print()),
    ("drive", "aliases of drive and folding", |_| drive::print()),
    ("reverb", "echo density, decay per octave and modes of the reverbs", |_| reverb::print()),
    ("limiter", "true peaks behind the limiter, by two other meters", |_| limiter::print()),
    ("patches", "level, width and likeness of every patch", patches::run),
    ("builds", "how far two builds' renders are apart", builds::run),
    ("long", "writes the piece of the speed section, repeated, as a MIDI file", long::run),
    ("fitted", "distances of patches to what they were fitted to", fitted::run),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let find = |name: &String| TABLES.iter().find(|(table, ..)| table == name);
    let tables: Vec<&Table> = arguments.iter().map_while(find).collect();
    let Some(((_, _, last), before)) = tables.split_last() else {
        eprintln!("usage: sound TABLE...; there are");
        TABLES.iter().for_each(|(name, what, _)| eprintln!("  {name:<12}{what}"));
        std::process::exit(2);
    };
    before.iter().for_each(|(_, _, print)| print(&[]));
    last(&arguments[tables.len()..]);
}
