//! The standard sets of piano rolls: what counting reaches on them is known, and so is what our weights reach.

use riffsmith_models::polyphonic::{Baselines, baselines, roll::Set};
use riffsmith_models::train::polyphonic::Ensemble;
use std::path::Path;

/// A set of the corpus, if that is here.
fn set(file: &str) -> Option<Set> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/benchmark-polyphonic").join(file);
    if !path.is_file() {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    }
    Some(Set::from_json(&std::fs::read(path).expect("readable")).expect("a set of piano rolls"))
}

#[test]
fn counting_reaches_what_the_corpus_says_it_does() {
    let known = [("jsb-chorales-quarter.json", 11.06, 10.49), ("nottingham.json", 10.25, 5.15)];
    for (file, independent_known, markov_known) in known {
        let Some(set) = set(file) else { return };
        let Baselines { independent, markov } = baselines(&set.train, &set.test);
        // What is known was rounded to two digits.
        assert!((independent - independent_known).abs() < 0.005, "{file}: {independent}");
        assert!((markov - markov_known).abs() < 0.005, "{file}: {markov}");
    }
}

#[test]
fn the_weights_reach_on_the_test_pieces_what_their_card_says() {
    let Some(set) = set("jsb-chorales-quarter.json") else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("weights/benchmark/jsb.bin");
    let bytes = std::fs::read(path).expect("readable");
    assert!(bytes.len() <= 3_000_000, "{}", bytes.len());
    let likelihood = Ensemble::from_bytes(&bytes).expect("our weights").likelihood(&set.test);
    assert_eq!((likelihood.frames, likelihood.pieces), (4725, 77));
    // Another machine's products round otherwise, far below the digits of the card.
    assert!((likelihood.per_frame() - 3.691).abs() < 0.001, "{}", likelihood.per_frame());
    assert!((likelihood.after_first() - 3.684).abs() < 0.001, "{}", likelihood.after_first());
}
