//! Chord symbols, note names, dynamics and drums of MusicXML.

use super::{child, number, text};
use riffsmith_dsp::score::{Chord, PitchClass, Quality};
use roxmltree::Node;
use std::collections::HashMap;

/// Velocities of dynamic marks, the steps of common notation programs.
const DYNAMICS: [(&str, u8); 9] =
    [("ppp", 33), ("pp", 45), ("p", 60), ("mp", 75), ("mf", 85), ("f", 100), ("ff", 113), ("fff", 122), ("fp", 80)];

/// The loudness that a direction sets.
pub fn dynamic(direction: Node) -> Option<u8> {
    let marks = direction.descendants().find(|node| node.has_tag_name("dynamics"))?;
    let mark = marks.children().find(Node::is_element)?;
    DYNAMICS.iter().find(|(name, _)| mark.has_tag_name(*name)).map(|&(_, velocity)| velocity)
}

/// General MIDI drums by the ids of their instruments.
pub fn drums<'a>(root: Node<'a, 'a>) -> HashMap<&'a str, u8> {
    let list = child(root, "part-list");
    let instruments = list.into_iter().flat_map(|list| list.descendants());
    // MusicXML counts from 1.
    instruments
        .filter(|node| node.has_tag_name("midi-instrument"))
        .filter_map(|node| Some((node.attribute("id")?, number::<u8>(node, "midi-unpitched")?.checked_sub(1)?)))
        .filter(|&(_, drum)| drum < 128)
        .collect()
}

/// A chord symbol, or that none sounds; `None` if it is not understood.
pub fn harmony(node: Node) -> Option<Option<Chord>> {
    let kind = text(node, "kind")?;
    if kind == "none" {
        return Some(None);
    }
    let root = class(child(node, "root")?, "root-step", "root-alter")?;
    let quality = match kind {
        "major" => Quality::Major,
        "minor" | "major-minor" => Quality::Minor,
        "dominant" | "augmented-seventh" => Quality::Seventh,
        "major-seventh" => Quality::MajorSeventh,
        "minor-seventh" => Quality::MinorSeventh,
        "diminished" => Quality::Diminished,
        "augmented" => Quality::Augmented,
        "diminished-seventh" => Quality::DiminishedSeventh,
        "half-diminished" => Quality::HalfDiminished,
        "major-sixth" => Quality::Sixth,
        "minor-sixth" => Quality::MinorSixth,
        "dominant-ninth" | "dominant-11th" | "dominant-13th" => Quality::Ninth,
        "major-ninth" | "major-11th" | "major-13th" => Quality::MajorNinth,
        "minor-ninth" | "minor-11th" | "minor-13th" => Quality::MinorNinth,
        "suspended-second" => Quality::Sus2,
        "suspended-fourth" => Quality::Sus4,
        "power" => Quality::Power,
        _ => return None,
    };
    let bass = child(node, "bass").and_then(|bass| class(bass, "bass-step", "bass-alter")).filter(|&bass| bass != root);
    Some(Some(Chord { root, quality, bass }))
}

/// A pitch class from a letter and its alteration.
pub fn class(node: Node, step: &str, alter: &str) -> Option<PitchClass> {
    let natural = match text(node, step)? {
        "C" => 0,
        "D" => 2,
        "E" => 4,
        "F" => 5,
        "G" => 7,
        "A" => 9,
        "B" => 11,
        _ => return None,
    };
    let alter = number::<f64>(node, alter).unwrap_or(0.0).clamp(-2.0, 2.0);
    Some(PitchClass::new(natural + alter.round() as i32))
}
