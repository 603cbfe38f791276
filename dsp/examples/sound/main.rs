//! The figures of the documents, measured anew: `cargo run --release -p riffsmith-dsp --example sound -- NAME`.

#![expect(clippy::print_stdout, reason = "printing tables is what it is for")]

mod fitted;

/// A table: its name, what it shows, and what prints it, given the further arguments.
type Table = (&'static str, &'static str, fn(&[String]));

const TABLES: &[Table] = &[("fitted", "distances of patches to what they were fitted to", fitted::run)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = arguments.first().and_then(|name| TABLES.iter().find(|(table, ..)| table == name));
    match asked {
        Some((_, _, print)) => print(&arguments[1..]),
        None => TABLES.iter().for_each(|(name, description, _)| println!("{name}  {description}")),
    }
}
