//! The `riffsmith` binary.
fn main() {}
