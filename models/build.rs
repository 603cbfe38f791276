//! Rebuilds the crate when a groove is added: `include_dir!` alone sees only changes to the files that it knows.

use std::io::Write;

fn main() -> std::io::Result<()> {
    writeln!(std::io::stdout(), "cargo:rerun-if-changed=../samples/grooves")
}
