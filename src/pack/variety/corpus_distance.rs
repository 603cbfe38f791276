//! How alike music of a style is, as a measure for packs.

use super::notes::jaccard;
use riffsmith_dsp::score::Role;
use riffsmith_models::groove;
use riffsmith_models::piece::{Event, Piece, STEPS_PER_QUARTER};
use std::collections::BTreeSet;

/// Onsets are compared on sixteenths.
const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;

/// The grooves that come with riffsmith.
fn grooves() -> Vec<Piece> {
    groove::builtin().into_iter().filter_map(|(name, text)| groove::read(name, text).ok()).collect()
}

/// Mean distance of each two grooves of a style by their drums, as a measure of how alike music of a style is.
pub fn corpus_distance() -> f32 {
    let grooves = grooves();
    let (mut sum, mut count) = (0.0f64, 0u32);
    for (index, piece) in grooves.iter().enumerate() {
        for other in grooves[..index].iter().filter(|other| other.styles == piece.styles) {
            let [own, theirs] = [piece, other].map(|piece| {
                Role::ALL.map(|role| {
                    part(piece, role).iter().map(|event| (event.step / SIXTEENTH, event.pitch)).collect::<BTreeSet<_>>()
                })
            });
            let distances = own.iter().zip(&theirs).map(|(a, b)| {
                let rhythm =
                    |events: &BTreeSet<(u32, u8)>| events.iter().map(|&(step, _)| step).collect::<BTreeSet<u32>>();
                0.5 * jaccard(a, b) + 0.5 * jaccard(&rhythm(a), &rhythm(b))
            });
            sum += f64::from(distances.sum::<f32>() / Role::ALL.len() as f32);
            count += 1;
        }
    }
    (sum / f64::from(count.max(1))) as f32
}

fn part(piece: &Piece, role: Role) -> &[Event] {
    piece.parts.iter().find(|(own, _)| *own == role).map_or(&[], |(_, events)| events.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grooves_of_a_style_have_something_in_common() {
        assert!((0.4..0.95).contains(&corpus_distance()), "{}", corpus_distance());
    }
}
