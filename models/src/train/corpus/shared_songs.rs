//! Songs that two sets of harmony know: both versions belong to one part of the data.

use super::mcgill_billboard;
use super::{Files, split_of};
use crate::piece::{Piece, Split};
use std::collections::BTreeMap;

/// Gives the pieces of the rock corpus the split that the Billboard's song of the same title has.
pub fn align(pieces: &mut [Piece], sets: &BTreeMap<String, Files>) {
    let Some(songs) = sets.get("mcgill-billboard").and_then(|files| mcgill_billboard::songs(files).ok()) else {
        return;
    };
    let mut splits: BTreeMap<String, Split> = BTreeMap::new();
    for song in songs.values() {
        let title = song.split_once(" / ").map_or("", |(_, title)| title);
        // Of several songs of one title the one that is tested decides.
        let split = splits.entry(normal(title)).or_insert(Split::Train);
        *split = (*split).max(split_of(song));
    }
    for piece in pieces {
        let Some(name) = piece.source.strip_prefix("rock-corpus-harmony/") else { continue };
        let title = name.split('.').next().and_then(|name| name.rsplit_once('_')).map_or(name, |(title, _)| title);
        if let Some(&split) = splits.get(&normal(title)) {
            piece.split = split;
        }
    }
}

/// A title without case, punctuation, spaces and article.
fn normal(title: &str) -> String {
    let words = title.replace('\'', "").to_lowercase();
    let mut words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    words.next_if(|word| matches!(*word, "the" | "a"));
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_compared_without_their_spelling() {
        assert_eq!(normal("A Hard Day's Night"), normal("a_hard_days_night"));
        assert_eq!(normal("The Tracks Of My Tears"), "tracksofmytears");
    }
}
