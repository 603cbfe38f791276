//! Which sample sounds at which key and velocity: what all samplers' presets say, each in its own words.

use riffsmith_dsp::score::Velocity;
use riffsmith_dsp::sustain_loop::SustainLoop;

/// An instrument made of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMap {
    /// What a sampler shows.
    pub name: String,
    /// The samples' places; no two share a key and a velocity.
    pub zones: Vec<Zone>,
    /// From letting go to -60 dB, in seconds.
    pub release_s: f32,
    /// How far velocity moves the loudness: 1.0 = 40 log10(velocity / 127) dB.
    pub velocity_tracking: f32,
}

/// A sample and the keys and velocities at which it sounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// From the preset's folder, with forward slashes.
    pub file: String,
    /// The key at which it sounds as it is.
    pub root: u8,
    /// What a player has to add to its pitch so that it is in tune, in cents.
    pub fine_tune_cents: i8,
    /// The lowest key, 0 to 127.
    pub low_key: u8,
    /// The highest key.
    pub high_key: u8,
    /// The softest velocity, 1 to 127.
    pub low_velocity: u8,
    /// The hardest velocity.
    pub high_velocity: u8,
    /// What it was struck with.
    pub velocity: Velocity,
    /// How loud it is at that velocity beside the other samples of the map; the loudest is at 0 dB.
    pub gain_db: f32,
    /// What repeats for as long as the key is held.
    pub sustain: Option<SustainLoop>,
    /// Plays to its end, whenever the key is let go.
    pub one_shot: bool,
    /// The group that it belongs to, from 1.
    pub group: Option<u8>,
    /// The group of which a strike silences it.
    pub choked_by: Option<u8>,
}

impl SampleMap {
    /// What sounds when a key is struck.
    pub fn at(&self, key: u8, velocity: u8) -> impl Iterator<Item = &Zone> {
        self.zones.iter().filter(move |zone| {
            (zone.low_key..=zone.high_key).contains(&key)
                && (zone.low_velocity..=zone.high_velocity).contains(&velocity)
        })
    }

    /// The gain of each zone for a sampler that lowers a strike by `curve_db` of its velocity: each sample then is as loud at the
    /// velocity that it was struck with as the patch would be, and no strike is louder than the sample itself.
    pub fn volumes_db(&self, curve_db: impl Fn(Velocity) -> f32) -> Vec<f32> {
        let volumes: Vec<f32> = self.zones.iter().map(|zone| zone.gain_db - curve_db(zone.velocity)).collect();
        let hardest = |zone: &Zone| curve_db(Velocity::new(zone.high_velocity));
        let loudest = self.zones.iter().zip(&volumes).map(|(zone, volume)| volume + hardest(zone));
        let loudest = loudest.fold(f32::NEG_INFINITY, f32::max);
        volumes.into_iter().map(|volume| volume - loudest).collect()
    }
}

/// Velocities 1 to 127 in `layers` (1 to 127) parts, the softest first, and what each is struck with: a stroke in its upper half,
/// for that is where music lies.
pub(super) fn velocity_layers(layers: u8) -> Vec<VelocityLayer> {
    let bound = |index: u8| (127 * u32::from(index) / u32::from(layers)) as u8;
    let layer = |index: u8| {
        let (low, high) = (bound(index) + 1, bound(index + 1));
        VelocityLayer { low, high, struck: Velocity::new(low + ((u16::from(high - low) * 3) / 4) as u8) }
    };
    (0..layers).map(layer).collect()
}

/// Velocities that share a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VelocityLayer {
    pub(super) low: u8,
    pub(super) high: u8,
    pub(super) struck: Velocity,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_meet_without_gaps_or_overlaps() {
        for count in [1, 2, 3, 4, 127] {
            let layers = velocity_layers(count);
            assert_eq!((layers[0].low, layers[usize::from(count) - 1].high), (1, 127));
            assert!(layers.windows(2).all(|pair| pair[0].high + 1 == pair[1].low), "{count}");
            assert!(layers.iter().all(|layer| (layer.low..=layer.high).contains(&layer.struck.value())), "{count}");
        }
    }
}
