//! Root and loop points, in `smpl`; the root also in `inst`, where there is one.

use super::{Changes, Kind, Root};
use crate::wav::Description;
use crate::wav::chunks::{Sampler, SamplerLoop};
use crate::wav::tags::root_note;

/// Says what was asked for.
///
/// - `had_no_acid`: the file said nothing about its kind, so that it becomes a loop where it is one now
pub fn set_sampler(after: &mut Description, changes: &Changes, had_no_acid: bool) {
    let kind = changes.kind_of(after);
    let root = changes.root();
    let becomes_loop = kind == Some(Kind::Loop) && (changes.kind.is_some() || had_no_acid);
    let made = after.sampler.is_none() && (root.is_some() || becomes_loop);
    let Some(mut sampler) = after.sampler.clone().or_else(|| made.then(|| Sampler::new(None, 0, after.format.rate_hz)))
    else {
        return;
    };
    if let Some(root) = root {
        let own = if made { None } else { sampler.root().map(|(pitch, _)| pitch) };
        let note = match root {
            Root::Note(note) => note,
            Root::Class(class) => own.filter(|own| own.class() == class).unwrap_or_else(|| root_note(class)),
        };
        if own != Some(note) {
            sampler.tune(note, 0);
        }
        if let Some(instrument) = &mut after.instrument {
            instrument.root = note.number();
        }
    }
    let last = after.frames.and_then(|frames| u32::try_from(frames.checked_sub(1)?).ok());
    if let Some(last) = last {
        if becomes_loop || made && kind == Some(Kind::Loop) {
            mend_loops(&mut sampler, last);
        } else if changes.kind == Some(Kind::OneShot) {
            // What is held stays; what goes round for ever does not.
            sampler.loops.retain(|it| it.first_frame > 0 || it.last_frame < last);
        }
    }
    after.sampler = Some(sampler);
}

/// Brings loops within the sound, up to its `last` frame; one over all of it, if there is none.
fn mend_loops(sampler: &mut Sampler, last: u32) {
    for it in &mut sampler.loops {
        it.last_frame = it.last_frame.min(last);
    }
    sampler.loops.retain(|it| it.first_frame < it.last_frame);
    if sampler.loops.is_empty() {
        sampler.loops.push(SamplerLoop::forward(0, last));
    }
}
