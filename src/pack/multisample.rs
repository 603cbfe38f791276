//! Multi-sampled instruments: a patch, struck at several pitches and velocities.

use super::edges;
use super::sample_map::{SampleMap, Zone, velocity_layers};
use super::take::{Length, Take, play};
use rayon::prelude::*;
use riffsmith_dsp::AudioBuffer;
use riffsmith_dsp::instrument::Instrument;
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::pitch_detection::detect_pitch_near;
use riffsmith_dsp::score::{Pitch, Velocity};
use riffsmith_dsp::sustain_loop::{self, SustainLoop};
use riffsmith_dsp::units::gain_to_db;

/// How densely a patch is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Density {
    /// Semitones from sample to sample, 1 to 12.
    pub semitones: u8,
    /// Strengths at which each pitch is struck, 1 to 4.
    pub layers: u8,
}

impl Default for Density {
    /// No sample is transposed by more than a whole tone.
    fn default() -> Self {
        Self { semitones: 4, layers: 2 }
    }
}

/// A map and the samples that it names.
#[derive(Debug, Clone, PartialEq)]
pub struct Multisample {
    /// Where each sample sounds.
    pub map: SampleMap,
    /// The files, as the map names them, and their sound.
    pub samples: Vec<(String, AudioBuffer)>,
}

/// When a held note has settled, and until when it is searched for a loop, in seconds: most envelopes have done 60 dB of their
/// decay within 1.5 s, those of pads within 4 s, but nearly all of it within 2.5 s.
const SETTLED_S: [f64; 2] = [1.0, 3.5];
const SETTLED_PAD_S: [f64; 2] = [2.5, 6.0];
/// A pitch is believed from this clarity on; a bell's is not.
const LEAST_CLARITY: f32 = 0.92;
/// What is further away is not this note out of tune, but another one.
const FARTHEST_CENTS: f64 = 40.0;

/// Samples a patch over its range. The outermost samples reach to the ends of the keyboard. `file` names the sample of a pitch and
/// velocity, from the preset's folder, with forward slashes; names with numbers are safer than such with `#`.
///
/// # Panics
/// Unless there are a layer and a semitone at least.
pub fn multisample(
    patch: &Patch,
    density: Density,
    take: &Take,
    file: impl Fn(Pitch, Velocity) -> String + Sync,
) -> Multisample {
    let spans = spans(patch, density.semitones);
    let layers = velocity_layers(density.layers);
    let each: Vec<(usize, usize)> =
        (0..spans.len()).flat_map(|span| (0..layers.len()).map(move |layer| (span, layer))).collect();
    let sampled: Vec<(Zone, AudioBuffer)> = each
        .par_iter()
        .filter_map(|&(span, layer)| {
            let (span, layer) = (&spans[span], layers[layer]);
            // The same chance for all velocities of a pitch: they must not be detuned against each other.
            let seed = take.seed.fork_index(u64::from(span.root.number()));
            let sample = Sample::of(patch, span.root, &take.struck(layer.struck, seed))?;
            let zone = Zone {
                file: file(span.root, layer.struck),
                root: span.root.number(),
                fine_tune_cents: fine_tune_cents(&sample.audio, span.root),
                low_key: span.low_key,
                high_key: span.high_key,
                low_velocity: layer.low,
                high_velocity: layer.high,
                velocity: layer.struck,
                gain_db: sample.level_dbtp,
                sustain: sample.sustain,
                one_shot: false,
                group: None,
                choked_by: None,
            };
            Some((zone, sample.audio))
        })
        .collect();
    let (mut zones, audio): (Vec<Zone>, Vec<AudioBuffer>) = sampled.into_iter().unzip();
    let samples = zones.iter().map(|zone| zone.file.clone()).zip(audio).collect();
    loudest_at_zero(&mut zones);
    let middle = spans[spans.len() / 2].root;
    let map = SampleMap {
        name: patch.name.clone(),
        zones,
        release_s: release_s(patch, middle, take),
        velocity_tracking: velocity_tracking(patch, middle, take),
    };
    Multisample { map, samples }
}

/// Keys that share a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    root: Pitch,
    low_key: u8,
    high_key: u8,
}

/// The range of a patch in spans of at most `semitones` keys, each with its root in the middle; the outermost reach on to the ends of
/// the keyboard.
fn spans(patch: &Patch, semitones: u8) -> Vec<Span> {
    let lowest = usize::from(*patch.range().start());
    let keys = patch.range().len();
    let count = keys.div_ceil(usize::from(semitones));
    let bound = |index: usize| (lowest + keys * index / count) as u8;
    let span = |index: usize| {
        let (low, next) = (bound(index), bound(index + 1));
        Span {
            root: Pitch::new(low + (next - low - 1) / 2),
            low_key: if index == 0 { 0 } else { low },
            high_key: if index + 1 == count { 127 } else { next - 1 },
        }
    };
    (0..count).map(span).collect()
}

/// A note as a sampler plays it.
struct Sample {
    audio: AudioBuffer,
    level_dbtp: f32,
    sustain: Option<SustainLoop>,
}

impl Sample {
    /// `None` if nothing is to be heard.
    fn of(patch: &Patch, pitch: Pitch, take: &Take) -> Option<Self> {
        let mut length = Length::of(patch);
        let is_pad = patch.tags.iter().any(|tag| tag == "pad");
        let [settled_s, until_s] = if is_pad { SETTLED_PAD_S } else { SETTLED_S };
        if patch.instrument.sustains() {
            length = Length { hold_s: until_s, longest_s: 2.0 * until_s };
        }
        let mut audio = play(patch, &[pitch], length.hold_s, take);
        edges::trim(&mut audio, length.longest_s);
        if audio.is_empty() {
            return None;
        }
        let [settled, until] = [settled_s, until_s].map(|seconds| take.sample_rate.frames(seconds));
        let found = if patch.instrument.sustains() { sustain_loop::find(&audio, settled..until) } else { None };
        match &found {
            Some(found) => sustain_loop::bake(&mut audio, found),
            None => edges::remove_dc(&mut audio),
        }
        let level_dbtp = edges::normalize(&mut audio);
        Some(Self { audio, level_dbtp, sustain: found.map(|found| found.frames) })
    }
}

/// What a player has to add so that a note is in tune; 0 where that cannot be told.
fn fine_tune_cents(audio: &AudioBuffer, root: Pitch) -> i8 {
    let found = detect_pitch_near(audio, root.hz()).filter(|found| found.clarity >= LEAST_CLARITY);
    let cents = found.map_or(0.0, |found| -found.cents_above(root.hz()));
    if cents.abs() > FARTHEST_CENTS { 0 } else { cents.round() as i8 }
}

/// Brings the loudest zone to 0 dB and the others with it.
pub(super) fn loudest_at_zero(zones: &mut [Zone]) {
    let loudest = zones.iter().fold(f32::NEG_INFINITY, |loudest, zone| loudest.max(zone.gain_db));
    zones.iter_mut().for_each(|zone| zone.gain_db -= loudest);
}

/// How far velocity moves the loudness of a patch: 1.0 = 40 log10(velocity / 127) dB.
pub(super) fn velocity_tracking(patch: &Patch, pitch: Pitch, take: &Take) -> f32 {
    /// Where soft playing lies.
    const SOFT: u8 = 40;
    let level_db = |velocity: u8| {
        let take = take.struck(Velocity::new(velocity), take.seed);
        gain_to_db(play(patch, &[pitch], 1.0, &take).rms())
    };
    let (soft, hard) = (level_db(SOFT), level_db(127));
    let tracking = (soft - hard) / (40.0 * (f32::from(SOFT) / 127.0).log10());
    // Within a hundredth of none there is none.
    if tracking > 0.01 { tracking.min(1.0) } else { 0.0 }
}

/// From letting go to -60 dB, in seconds.
fn release_s(patch: &Patch, pitch: Pitch, take: &Take) -> f32 {
    /// Long enough for a note to speak, short enough for a plucked one to be loud yet.
    const HOLD_S: f64 = 0.5;
    let audio = play(patch, &[pitch], HOLD_S, take);
    let window = take.sample_rate.frames(0.02);
    let let_go = take.sample_rate.frames(HOLD_S).saturating_sub(window);
    let peaks: Vec<f32> = audio.frames[let_go.min(audio.len())..]
        .chunks(window)
        .map(|frames| frames.iter().flatten().fold(0.0, |peak: f32, sample| peak.max(sample.abs())))
        .collect();
    let Some(&before) = peaks.first() else { return 0.0 };
    // The first window still lies before the key is let go.
    let until = peaks.iter().rposition(|&peak| peak > 1e-3 * before).unwrap_or(0);
    take.sample_rate.seconds(until * window) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::loudness::true_peak::exact_peak;
    use riffsmith_dsp::seam::seam_score;
    use riffsmith_dsp::{Seed, patch};

    fn sampled(name: &str, density: Density) -> Multisample {
        let patch = patch::find(name).expect("built in");
        multisample(&patch, density, &Take::new(Seed(5)), |pitch, velocity| {
            format!("{name}_{:03}_v{:03}.wav", pitch.number(), velocity.value())
        })
    }

    #[test]
    fn keys_and_velocities_are_covered_once() {
        for (name, density) in [
            ("init_saw", Density { semitones: 4, layers: 2 }),
            ("finger_bass", Density { semitones: 3, layers: 3 }),
            ("house_stab", Density { semitones: 12, layers: 1 }),
        ] {
            let made = sampled(name, density);
            for key in 0..=127 {
                for velocity in 1..=127 {
                    assert_eq!(made.map.at(key, velocity).count(), 1, "{name} {key} {velocity}");
                }
            }
            let files = made.map.zones.iter().map(|zone| &zone.file);
            assert!(files.eq(made.samples.iter().map(|(file, _)| file)), "{name}");
        }
        let patch = patch::find("finger_bass").expect("built in");
        for semitones in 1..=12 {
            for key in patch.range() {
                let span =
                    spans(&patch, semitones).into_iter().find(|span| (span.low_key..=span.high_key).contains(&key));
                let distance = span.map(|span| key.abs_diff(span.root.number()));
                assert!(distance.is_some_and(|distance| distance <= semitones / 2), "{semitones}: {key} {span:?}");
            }
        }
    }

    #[test]
    fn what_sustains_loops_without_a_click_and_what_rings_does_not_loop() {
        let sparse = Density { semitones: 12, layers: 1 };
        for name in ["init_saw", "soft_lead", "sub_sine", "reese_bass", "saw_lead", "warm_pad", "drawbar_organ"] {
            let made = sampled(name, sparse);
            for (zone, (_, audio)) in made.map.zones.iter().zip(&made.samples) {
                let SustainLoop { first, last } = zone.sustain.unwrap_or_else(|| panic!("{name}: no loop"));
                assert!(first < last && last < audio.len(), "{name}");
                let looped =
                    AudioBuffer { sample_rate: audio.sample_rate, frames: audio.frames[first..=last].to_vec() };
                assert!(seam_score(&looped) <= 1.0, "{name} {}: {}", zone.root, seam_score(&looped));
                assert!((gain_to_db(exact_peak(audio)) - edges::LEVEL_DBTP).abs() < 1e-3, "{name}");
            }
        }
        for name in ["marimba", "electric_piano", "sub_808"] {
            assert!(sampled(name, sparse).map.zones.iter().all(|zone| zone.sustain.is_none()), "{name}");
        }
    }

    #[test]
    fn fine_tuning_brings_a_detuned_patch_to_its_root() {
        let mut patch = patch::find("init_saw").expect("built in");
        let riffsmith_dsp::instrument::InstrumentSpec::Subtractive(spec) = &mut patch.instrument else {
            panic!("subtractive")
        };
        spec.osc1.cents = 17.0;
        let made = multisample(&patch, Density { semitones: 12, layers: 1 }, &Take::new(Seed(1)), |pitch, _| {
            pitch.number().to_string()
        });
        assert!(made.map.zones.iter().all(|zone| zone.fine_tune_cents == -17), "{:?}", made.map.zones[0]);
    }

    #[test]
    fn releases_and_velocity_are_the_patch_s_own() {
        let made = sampled("init_saw", Density { semitones: 12, layers: 2 });
        // The default release of 0.1 s, in steps of 20 ms; loudness does not follow velocity.
        assert!((made.map.release_s - 0.1).abs() < 0.021, "{}", made.map.release_s);
        assert!(made.map.velocity_tracking < 0.02, "{}", made.map.velocity_tracking);
        assert!(made.map.zones.iter().all(|zone| zone.gain_db > -6.0), "all as loud");
        let made = sampled("marimba", Density { semitones: 12, layers: 2 });
        assert!((made.map.velocity_tracking - 0.7).abs() < 0.1, "{}", made.map.velocity_tracking);
    }
}
