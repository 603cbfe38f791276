//! What holds for every groove of the library. What holds for those of one style stands in the style's file, and is tested there.

use riffsmith_dsp::score::Role;
use riffsmith_models::groove::{self, review};
use riffsmith_models::piece::{Piece, Split};
use std::collections::BTreeMap;

fn by_style() -> BTreeMap<String, Vec<Piece>> {
    let mut styles: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
    for (name, text) in groove::builtin() {
        let piece = groove::read(name, text).unwrap_or_else(|error| panic!("{error}"));
        let folder = name.split('/').next().unwrap_or_default().to_owned();
        styles.entry(folder).or_default().push(piece);
    }
    styles
}

#[test]
fn every_groove_is_sound() {
    let faults: Vec<String> = by_style()
        .values()
        .flatten()
        .flat_map(|piece| review::faults(piece).into_iter().map(|what| format!("{}: {what}", piece.source)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_folder_holds_one_style_and_some_of_it_is_held_out() {
    for (folder, pieces) in by_style() {
        assert!(pieces.iter().all(|piece| piece.styles == pieces[0].styles), "{folder} has grooves of other styles");
        let count = |split| pieces.iter().filter(|piece| piece.split == split).count();
        let (valid, test) = (count(Split::Valid), count(Split::Test));
        assert!(valid + test >= 2 && valid + test <= pieces.len() / 2, "{folder}: {valid}, {test} of {}", pieces.len());
        if folder != "chorale" {
            assert!(pieces.iter().all(|piece| !piece.part(Role::Drums).is_empty()), "{folder}: one has no drums");
        }
    }
}

#[test]
fn no_two_grooves_of_a_style_are_nearly_the_same() {
    for pieces in by_style().values() {
        let near: Vec<String> = (0..pieces.len())
            .flat_map(|index| (0..index).map(move |other| (other, index)))
            .filter_map(|(a, b)| review::too_near(&pieces[a], &pieces[b]))
            .collect();
        assert!(near.is_empty(), "{near:#?}");
    }
}
