//! Drum kits as samples: one for each drum, on all keys of General MIDI that it stands for.

use super::multisample::{Multisample, loudest_at_zero, velocity_tracking};
use super::one_shot::one_shot;
use super::sample_map::{SampleMap, Zone, velocity_layers};
use super::take::Take;
use rayon::prelude::*;
use riffsmith_dsp::instrument::kit::{Drum, drum_of};
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::{Pitch, Velocity};

/// A drum of which a kit has a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrumSample {
    /// Its name in file names.
    pub name: &'static str,
    /// The folder of a pack that it belongs to.
    pub folder: &'static str,
    /// Its key in General MIDI.
    pub key: u8,
}

/// What is sampled of a kit, the most needed first.
pub const DRUMS: [DrumSample; 23] = [
    DrumSample { name: "kick", folder: "Kick", key: 36 },
    DrumSample { name: "snare", folder: "Snare", key: 38 },
    DrumSample { name: "clap", folder: "Clap", key: 39 },
    DrumSample { name: "hat_closed", folder: "Hat_Closed", key: 42 },
    DrumSample { name: "hat_open", folder: "Hat_Open", key: 46 },
    DrumSample { name: "rim", folder: "Perc", key: 37 },
    DrumSample { name: "tom_low", folder: "Tom", key: 41 },
    DrumSample { name: "tom_mid", folder: "Tom", key: 47 },
    DrumSample { name: "tom_high", folder: "Tom", key: 50 },
    DrumSample { name: "crash", folder: "Cymbal", key: 49 },
    DrumSample { name: "china", folder: "Cymbal", key: 52 },
    DrumSample { name: "splash", folder: "Cymbal", key: 55 },
    DrumSample { name: "hat_pedal", folder: "Hat_Closed", key: 44 },
    DrumSample { name: "ride", folder: "Cymbal", key: 51 },
    DrumSample { name: "ride_bell", folder: "Cymbal", key: 53 },
    DrumSample { name: "tambourine", folder: "Perc", key: 54 },
    DrumSample { name: "shaker", folder: "Perc", key: 70 },
    DrumSample { name: "cowbell", folder: "Perc", key: 56 },
    DrumSample { name: "conga_low", folder: "Perc", key: 64 },
    DrumSample { name: "conga_high", folder: "Perc", key: 63 },
    DrumSample { name: "bongo", folder: "Perc", key: 60 },
    DrumSample { name: "clave", folder: "Perc", key: 75 },
    DrumSample { name: "wood_block", folder: "Perc", key: 76 },
];

/// The hi-hats: each of them silences an open one.
const HATS: u8 = 1;
/// Keys of General MIDI's drums.
const KEYS: std::ops::RangeInclusive<u8> = 35..=81;
/// From choking to -60 dB, in seconds.
const CHOKE_S: f32 = 0.04;

/// Samples every drum of a kit, in `layers` (1 to 4) strengths. `file` names the sample of a drum and its velocity, from
/// the preset's folder, with forward slashes.
///
/// # Panics
/// If there are no layers.
pub fn sampled_kit(
    patch: &Patch,
    layers: u8,
    take: &Take,
    file: impl Fn(&DrumSample, Velocity) -> String + Sync,
) -> Multisample {
    let layers = velocity_layers(layers);
    let each: Vec<(&DrumSample, usize)> =
        DRUMS.iter().flat_map(|drum| (0..layers.len()).map(move |layer| (drum, layer))).collect();
    let shots: Vec<_> = each
        .par_iter()
        .map(|&(drum, layer)| {
            let seed = take.seed.fork(drum.name).fork_index(layer as u64);
            one_shot(patch, Pitch::new(drum.key), &take.struck(layers[layer].struck, seed))
        })
        .collect();
    let mut zones = Vec::new();
    for key in KEYS {
        let (nearest, semitones) = nearest(key);
        for ((_, layer), shot) in
            each.iter().zip(&shots).filter(|((drum, _), shot)| *drum == nearest && !shot.audio.is_empty())
        {
            let velocities = layers[*layer];
            let played = drum_of(key).0;
            let is_hat = matches!(played, Drum::ClosedHat | Drum::PedalHat | Drum::OpenHat);
            zones.push(Zone {
                file: file(nearest, velocities.struck),
                root: (f32::from(key) - semitones.round()) as u8,
                fine_tune_cents: (100.0 * (semitones - semitones.round())) as i8,
                low_key: key,
                high_key: key,
                low_velocity: velocities.low,
                high_velocity: velocities.high,
                velocity: velocities.struck,
                gain_db: shot.level_dbtp,
                sustain: None,
                one_shot: true,
                group: is_hat.then_some(HATS),
                choked_by: (played == Drum::OpenHat).then_some(HATS),
            });
        }
    }
    loudest_at_zero(&mut zones);
    let samples = each.iter().zip(shots).map(|((drum, layer), shot)| (file(drum, layers[*layer].struck), shot.audio));
    Multisample {
        map: SampleMap {
            name: patch.name.clone(),
            zones,
            release_s: CHOKE_S,
            velocity_tracking: velocity_tracking(patch, Pitch::new(36), take),
        },
        samples: samples.filter(|(_, audio)| !audio.is_empty()).collect(),
    }
}

/// The sample of a key's drum that has to be transposed least, and by how many semitones.
fn nearest(key: u8) -> (&'static DrumSample, f32) {
    let (drum, pitch) = drum_of(key);
    let same = DRUMS.iter().map(|sample| (sample, drum_of(sample.key))).filter(|(_, (other, _))| *other == drum);
    let distances = same.map(|(sample, (_, own))| (sample, pitch - own));
    distances.min_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs())).expect("a test finds a sample of every drum")
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::{Seed, patch};

    #[test]
    fn every_general_midi_drum_has_a_sample() {
        for key in KEYS {
            let (sample, semitones) = nearest(key);
            assert_eq!(drum_of(sample.key).0, drum_of(key).0, "{key}");
            assert!(semitones.abs() <= 14.0, "{key}: {semitones} from {}", sample.name);
        }
        assert_eq!((nearest(45).0.name, nearest(45).1), ("tom_mid", -2.0));
        for (index, drum) in DRUMS.iter().enumerate() {
            assert!(
                DRUMS[..index].iter().all(|other| other.name != drum.name && other.key != drum.key),
                "{}",
                drum.name
            );
        }
    }

    #[test]
    fn a_kit_plays_each_drum_at_its_pitch_and_its_place_in_the_mix() {
        let patch = patch::find("kit_house").expect("built in");
        let file = |drum: &DrumSample, velocity: Velocity| format!("{}_{}.wav", drum.name, velocity.value());
        let kit = sampled_kit(&patch, 2, &Take::new(Seed(3)), file);
        assert_eq!(kit.samples.len(), 2 * DRUMS.len());
        for key in 0..=127 {
            for velocity in 1..=127 {
                let count = kit.map.at(key, velocity).count();
                assert_eq!(count, usize::from(KEYS.contains(&key)), "{key} {velocity}");
            }
        }
        let zone = |key| kit.map.at(key, 127).next().expect("a drum");
        assert_eq!((zone(35).file.as_str(), zone(35).root), ("kick_111.wav", 36));
        assert_eq!((zone(63).root, zone(63).fine_tune_cents), (63, 0));
        // A semitone and a half above the open conga.
        assert_eq!((zone(62).root, zone(62).fine_tune_cents), (60, -50));
        assert_eq!((zone(42).group, zone(42).choked_by), (Some(HATS), None));
        assert_eq!((zone(46).group, zone(46).choked_by), (Some(HATS), Some(HATS)));
        assert_eq!((zone(36).group, zone(36).choked_by), (None, None));
        // The mix of the kit: hats peak below the kick.
        assert!(zone(36).gain_db > zone(42).gain_db, "{} {}", zone(36).gain_db, zone(42).gain_db);
        assert!(kit.map.zones.iter().all(|zone| zone.one_shot && zone.gain_db <= 0.0));
    }
}
