//! What a patch sounds like: one note, or the drums of a kit in turn.

use crate::pack::take::{Length, Take, play};
use riffsmith_dsp::fit::DRUM_PARTS;
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::{Pitch, Role};
use riffsmith_dsp::{AudioBuffer, Seed};

/// Time from one drum of a kit to the next, in seconds.
const DRUM_SPACING_S: f64 = 0.5;

/// `note`, played by `patch` with its effects; by default one in the middle of its range, or each drum of a kit.
pub fn patch(patch: &Patch, note: Option<Pitch>, seed: Seed) -> AudioBuffer {
    let (length, take) = (Length::of(patch), Take::new(seed));
    let struck = |pitch| play(patch, &[pitch], length.hold_s, &take);
    match (note, patch.role()) {
        (Some(note), _) => struck(note),
        (None, Some(Role::Drums)) => in_turn(DRUM_PARTS.iter().map(|drum| struck(drum.pitch())), &take),
        (None, _) => {
            let range = patch.range();
            struck(Pitch::new(range.start().midpoint(*range.end())))
        }
    }
}

/// Sounds that start one after the other, each ringing on.
fn in_turn(sounds: impl Iterator<Item = AudioBuffer>, take: &Take) -> AudioBuffer {
    let spacing = take.sample_rate.frames(DRUM_SPACING_S);
    let mut sum = AudioBuffer::silence(take.sample_rate, 0);
    for (index, sound) in sounds.enumerate() {
        let start = index * spacing;
        let length = sum.len().max(start + sound.len());
        sum.frames.resize(length, [0.0; 2]);
        for (frame, added) in sum.frames[start..].iter_mut().zip(&sound.frames) {
            *frame = [frame[0] + added[0], frame[1] + added[1]];
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kit_plays_all_its_drums_and_a_bass_one_low_note() {
        let find = |name| riffsmith_dsp::patch::find(name).expect("built in");
        let kit = patch(&find("kit_house"), None, Seed(1));
        assert!(kit.seconds() > DRUM_SPACING_S * (DRUM_PARTS.len() - 1) as f64, "{} s", kit.seconds());
        let bass = patch(&find("sub_sine"), None, Seed(1));
        assert_eq!(bass, patch(&find("sub_sine"), Some(Pitch::new(48)), Seed(1)));
        assert!(bass.peak() > 0.05 && bass != patch(&find("sub_sine"), Some(Pitch::new(36)), Seed(1)));
    }
}
