//! How far two sounds are apart: the distance of what an [`Ear`](super::Ear) hears of them.

/// What is further below the loudest cell is not heard.
const RANGE_DB: f32 = 60.0;
/// Weights of the parts of a distance: log spectra in dB, the envelope in dB, the linear spectra, whose relative difference of
/// 0 to 1 counts as up to 20 dB, and the texture in dB.
const WEIGHTS: [f32; 4] = [0.5, 0.25, 0.25 * 20.0, 0.3];

/// Levels of one sound in dB, and what they are compared by.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// Per resolution: span after span, band by band.
    pub(super) spectra: Vec<Vec<f32>>,
    pub(super) envelope: Vec<f32>,
    /// Level and flatness of broad bands; empty for short sounds.
    pub(super) texture: (Vec<f32>, Vec<f32>),
}

impl Portrait {
    /// Distance of two portraits by the same ear, in dB: 0 for the same sound, about 2 for two strikes of one drum, above 15
    /// for different kinds of drums.
    pub fn distance_db(&self, other: &Self) -> f32 {
        let pairs = || self.spectra.iter().zip(&other.spectra);
        let count = self.spectra.len() as f32;
        let logarithmic = pairs().map(|(a, b)| level_distance(a, b)).sum::<f32>() / count;
        let linear = pairs().map(|(a, b)| amplitude_distance(a, b)).sum::<f32>() / count;
        let envelope = level_distance(&self.envelope, &other.envelope);
        let texture = texture_distance(&self.texture, &other.texture);
        WEIGHTS[0] * logarithmic + WEIGHTS[1] * envelope + WEIGHTS[2] * linear + WEIGHTS[3] * texture
    }
}

/// Mean difference of levels in dB; a cell counts by how far the louder of the two is above the floor.
fn level_distance(a: &[f32], b: &[f32]) -> f32 {
    let loudest = a.iter().chain(b).copied().fold(f32::MIN, f32::max);
    let floor = loudest - RANGE_DB;
    let (mut sum, mut weights) = (0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (a.max(floor), b.max(floor));
        let weight = a.max(b) - floor;
        sum += weight * (a - b).abs();
        weights += weight;
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// Mean difference of flatness in dB; a band counts by how far the louder of the two is above the floor.
fn texture_distance(a: &(Vec<f32>, Vec<f32>), b: &(Vec<f32>, Vec<f32>)) -> f32 {
    let floor = a.0.iter().chain(&b.0).copied().fold(f32::MIN, f32::max) - RANGE_DB;
    let (mut sum, mut weights) = (0.0, 0.0);
    for ((a_level, a_flatness), (b_level, b_flatness)) in a.0.iter().zip(&a.1).zip(b.0.iter().zip(&b.1)) {
        let weight = (a_level.max(*b_level) - floor).max(0.0);
        sum += weight * (a_flatness - b_flatness).abs();
        weights += weight;
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// Norm of the difference of amplitudes over the sum of their norms (the spectral convergence of Arik, Jun and Diamos, "Fast
/// Spectrogram Inversion using Multi-head Convolutional Neural Networks", 2018, made symmetrical), 0.0 ..= 1.0.
fn amplitude_distance(a: &[f32], b: &[f32]) -> f32 {
    let amplitude = |db: f32| 10f32.powf(db / 20.0);
    let norm = |values: &[f32]| values.iter().map(|&db| amplitude(db).powi(2)).sum::<f32>().sqrt();
    let apart = a.iter().zip(b).map(|(&a, &b)| (amplitude(a) - amplitude(b)).powi(2)).sum::<f32>().sqrt();
    let whole = norm(a) + norm(b);
    if whole > 0.0 { apart / whole } else { 0.0 }
}
