//! What a style stands for, checked on every groove of it.

use riffsmith_models::groove;
use riffsmith_models::piece::Piece;

fn grooves() -> Vec<Piece> {
    groove::builtin()
        .into_iter()
        .map(|(name, text)| groove::read(name, text).unwrap_or_else(|e| panic!("{e}")))
        .collect()
}

#[test]
fn every_groove_is_read() {
    let wrong: Vec<_> = groove::builtin()
        .into_iter()
        .filter_map(|(name, text)| groove::read(name, text).err())
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!grooves().is_empty());
}
