//! A fitted or varied patch takes the place of another in a mix: it is brought to the other's loudness.

use super::{Hit, hear};
use crate::audio::AudioBuffer;
use crate::instrument::InstrumentSpec;
use crate::loudness::integrated_lufs;
use crate::parameters::Checked;
use crate::patch::Patch;

/// What is heard of each note, in seconds; the gate of the meter leaves out what has died away.
const HEARD_S: f64 = 1.5;
/// Range of a patch's gain.
const GAIN_DB: [f32; 2] = [-40.0, 24.0];

/// Loudness of some notes of a patch, each after the other, in LUFS; -infinity for silence.
pub fn loudness_lufs(patch: &Patch, hits: &[Hit]) -> f32 {
    let mut frames = Vec::new();
    let mut sample_rate = crate::units::SampleRate::CD;
    for hit in hits {
        let audio = hear(patch, hit, HEARD_S);
        sample_rate = audio.sample_rate;
        frames.extend(audio.frames);
    }
    integrated_lufs(&AudioBuffer { sample_rate, frames })
}

/// Brings `patch` to a loudness over `hits`: a drum by its own level, anything else by the patch's gain.
///
/// Inserts that saturate make the way there crooked: a few steps come within 0.1 LU.
pub(super) fn match_loudness(patch: &mut Patch, wanted_lufs: f32, part: Option<&str>, hits: &[Hit]) {
    for _ in 0..8 {
        let missing_db = wanted_lufs - loudness_lufs(patch, hits);
        if !missing_db.is_finite() || missing_db.abs() < 0.05 {
            return;
        }
        match part {
            Some(part) => raise_part(&mut patch.instrument, part, missing_db),
            None => patch.gain_db = round((patch.gain_db + missing_db).clamp(GAIN_DB[0], GAIN_DB[1])),
        }
    }
}

fn raise_part(instrument: &mut InstrumentSpec, part: &str, db: f32) {
    instrument.visit_numbers("", &mut |number| {
        if number.path.strip_suffix(".level_db") == Some(part) {
            *number.value = round((*number.value + db).clamp(*number.range.start(), *number.range.end()));
        }
    });
}

/// To 0.1 dB, as patches are written.
fn round(db: f32) -> f32 {
    (10.0 * db).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch;
    use crate::score::{Pitch, Velocity};

    #[test]
    fn a_drum_comes_back_to_its_loudness_and_leaves_the_others_alone() {
        let model = patch::find("kit_house").expect("built in");
        let hits = [Hit { pitch: Pitch::new(38), velocity: Velocity::new(100), held_s: 0.1 }];
        let mut patch = model.clone();
        let InstrumentSpec::Kit(kit) = &mut patch.instrument else { panic!("a kit") };
        kit.snare.wires_s = 0.08;
        kit.snare.level_db -= 5.0;
        match_loudness(&mut patch, loudness_lufs(&model, &hits), Some("snare"), &hits);
        let off = loudness_lufs(&patch, &hits) - loudness_lufs(&model, &hits);
        assert!(off.abs() < 0.11, "{off}");
        assert_eq!(patch.gain_db, model.gain_db);
    }

    #[test]
    fn a_pitched_patch_is_brought_back_by_its_gain() {
        let model = patch::find("finger_bass").expect("built in");
        let hits = [Hit { pitch: Pitch::new(33), velocity: Velocity::new(100), held_s: 0.5 }];
        let mut patch = Patch { gain_db: model.gain_db - 9.0, ..model.clone() };
        match_loudness(&mut patch, loudness_lufs(&model, &hits), None, &hits);
        let off = loudness_lufs(&patch, &hits) - loudness_lufs(&model, &hits);
        assert!(off.abs() < 0.11, "{off}");
    }
}
