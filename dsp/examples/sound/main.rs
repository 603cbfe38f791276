//! How the sound measures: prints the tables of `dsp/SOUND.md` as markdown.
//!
//! `cargo run --release -p riffsmith-dsp --example sound -- NAME` prints one table, without a name all of them.
#![allow(clippy::print_stdout)]

mod drive;
mod limiter;
mod measure;
mod reverb;

/// A table by its name.
struct Table {
    name: &'static str,
    about: &'static str,
    print: fn(),
}

const TABLES: &[Table] = &[
    Table { name: "drive", about: "aliases of drive and folding", print: drive::print },
    Table { name: "reverb", about: "echo density, decay per octave and modes of the reverbs", print: reverb::print },
    Table { name: "limiter", about: "true peaks behind the limiter, by two other meters", print: limiter::print },
];

fn main() {
    let wanted = std::env::args().nth(1);
    let tables: Vec<&Table> =
        TABLES.iter().filter(|table| wanted.as_deref().is_none_or(|name| name == table.name)).collect();
    if tables.is_empty() {
        TABLES.iter().for_each(|table| println!("{}: {}", table.name, table.about));
    }
    for table in tables {
        println!("## {}\n", table.about);
        (table.print)();
    }
}
