//! How far two collections of sounds are apart, whichever sound of one belongs to which of the other.

use riffsmith_dsp::spectral::{BandBank, Edges, Scale, Stft};
use riffsmith_dsp::{AudioBuffer, SampleRate};

/// Mel bands of a frame, 40 Hz to 16 kHz, and the window.
const MELS: usize = 32;
const RANGE_HZ: (f64, f64) = (40.0, 16_000.0);
const FFT_SIZE: usize = 2048;
const HOP: usize = 512;

/// Frames between the two looks whose levels make one feature: 70 ms, so that attacks and decays count, too.
const LATER: usize = 6;

/// Numbers of a feature.
const SIZE: usize = 2 * MELS;

/// Levels this far below a sound's loudest band of all are taken as that, and moments that are all below it are not heard.
const FLOOR_DB: f32 = -70.0;

/// Mean and covariance of the mel levels of some sounds, at a moment and 70 ms later.
#[derive(Debug, Clone)]
pub struct Moments {
    count: f64,
    sum: Vec<f64>,
    products: Vec<f64>,
}

impl Default for Moments {
    fn default() -> Self {
        Self { count: 0.0, sum: vec![0.0; SIZE], products: vec![0.0; SIZE * SIZE] }
    }
}

impl Moments {
    /// Adds every moment of a sound.
    pub fn add(&mut self, audio: &AudioBuffer) {
        let levels = levels_db(audio);
        for moment in levels.windows(LATER + 1).filter(|moment| moment[0].iter().any(|&level| level > FLOOR_DB)) {
            let feature: Vec<f64> = moment[0].iter().chain(&moment[LATER]).map(|&level| f64::from(level)).collect();
            self.count += 1.0;
            for (i, a) in feature.iter().enumerate() {
                self.sum[i] += a;
                for (product, b) in self.products[i * SIZE..][..SIZE].iter_mut().zip(&feature) {
                    *product += a * b;
                }
            }
        }
    }

    fn mean(&self) -> Vec<f64> {
        self.sum.iter().map(|sum| sum / self.count).collect()
    }

    fn covariance(&self) -> Vec<f64> {
        let mean = self.mean();
        (0..SIZE * SIZE).map(|at| self.products[at] / self.count - mean[at / SIZE] * mean[at % SIZE]).collect()
    }

    /// Fréchet distance of the two normal distributions that have these moments, in dB squared (Heusel et al., "GANs Trained by a
    /// Two Time-Scale Update Rule", 2017; on mel levels rather than on a network's features): `|m1 - m2|² + tr(C1 + C2 - 2
    /// (C1 C2)^½)`. `None` if one of the two holds nothing.
    pub fn distance(&self, other: &Self) -> Option<f32> {
        if self.count == 0.0 || other.count == 0.0 {
            return None;
        }
        let means: f64 = self.mean().iter().zip(other.mean()).map(|(a, b)| (a - b).powi(2)).sum();
        let (one, two) = (self.covariance(), other.covariance());
        // The eigenvalues of C1 C2 are those of C1^½ C2 C1^½, which is symmetric.
        let root = root(&one);
        let (both, _) = eigen(product(&product(&root, &two), &root));
        let trace = |matrix: &[f64]| matrix.iter().step_by(SIZE + 1).sum::<f64>();
        let shared: f64 = both.iter().map(|value| value.max(0.0).sqrt()).sum();
        Some((means + trace(&one) + trace(&two) - 2.0 * shared).max(0.0) as f32)
    }
}

/// Mel levels of each frame in dB re the loudest of all.
fn levels_db(audio: &AudioBuffer) -> Vec<[f32; MELS]> {
    let rate = audio.sample_rate;
    let hop = (HOP as f64 * rate.hz() / SampleRate::CD.hz()).round().max(1.0) as usize;
    let fft_size = hop * FFT_SIZE / HOP;
    let bank = BandBank::new(Scale::Mel, MELS, RANGE_HZ.0, RANGE_HZ.1, fft_size, rate.hz());
    let mut frames = Vec::new();
    let mut powers = vec![0.0; fft_size / 2 + 1];
    Stft::new(fft_size, hop).for_each_frame(&audio.mono(), Edges::Silence, |_, bins| {
        powers.iter_mut().zip(bins.iter()).for_each(|(power, bin)| *power = bin.norm_sqr());
        let mut bands = [0.0; MELS];
        bank.powers(&powers, &mut bands);
        frames.push(bands);
    });
    let loudest = frames.iter().flatten().copied().fold(f32::MIN_POSITIVE, f32::max);
    for level in frames.iter_mut().flatten() {
        *level = (10.0 * (*level / loudest).max(1e-20).log10()).max(FLOOR_DB);
    }
    frames
}

/// `a b` of square matrices.
fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; SIZE * SIZE];
    for i in 0..SIZE {
        for k in 0..SIZE {
            let factor = a[i * SIZE + k];
            for (out, b) in out[i * SIZE..][..SIZE].iter_mut().zip(&b[k * SIZE..][..SIZE]) {
                *out += factor * b;
            }
        }
    }
    out
}

/// The symmetric square root of a positive matrix.
fn root(matrix: &[f64]) -> Vec<f64> {
    let (values, vectors) = eigen(matrix.to_vec());
    let mut scaled = vectors.clone();
    for (at, entry) in scaled.iter_mut().enumerate() {
        *entry *= values[at % SIZE].max(0.0).sqrt();
    }
    let mut transposed = vec![0.0; SIZE * SIZE];
    for (at, value) in vectors.iter().enumerate() {
        transposed[at % SIZE * SIZE + at / SIZE] = *value;
    }
    product(&scaled, &transposed)
}

/// Eigenvalues of a symmetric matrix, and its eigenvectors as columns, by Jacobi's rotations (Golub and Van Loan, "Matrix
/// Computations", section 8.5).
fn eigen(mut matrix: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; SIZE * SIZE];
    vectors.iter_mut().step_by(SIZE + 1).for_each(|value| *value = 1.0);
    let scale = matrix.iter().map(|value| value * value).sum::<f64>();
    for _ in 0..MAX_SWEEPS {
        let beside = (0..SIZE * SIZE).filter(|at| at / SIZE != at % SIZE).map(|at| matrix[at].powi(2)).sum::<f64>();
        if beside <= 1e-24 * scale {
            break;
        }
        for p in 0..SIZE {
            for q in p + 1..SIZE {
                rotate(&mut matrix, &mut vectors, p, q);
            }
        }
    }
    (matrix.iter().step_by(SIZE + 1).copied().collect(), vectors)
}

/// Sweeps after which Jacobi's method has long converged.
const MAX_SWEEPS: usize = 30;

/// Turns rows and columns `p` and `q` so that their entry becomes 0.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], p: usize, q: usize) {
    let entry = matrix[p * SIZE + q];
    if entry == 0.0 {
        return;
    }
    let tau = (matrix[q * SIZE + q] - matrix[p * SIZE + p]) / (2.0 * entry);
    let tangent = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    for k in 0..SIZE {
        let (a, b) = (matrix[k * SIZE + p], matrix[k * SIZE + q]);
        matrix[k * SIZE + p] = cosine * a - sine * b;
        matrix[k * SIZE + q] = sine * a + cosine * b;
    }
    for k in 0..SIZE {
        let (a, b) = (matrix[p * SIZE + k], matrix[q * SIZE + k]);
        matrix[p * SIZE + k] = cosine * a - sine * b;
        matrix[q * SIZE + k] = sine * a + cosine * b;
        let (a, b) = (vectors[k * SIZE + p], vectors[k * SIZE + q]);
        vectors[k * SIZE + p] = cosine * a - sine * b;
        vectors[k * SIZE + q] = sine * a + cosine * b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::Seed;

    #[test]
    fn a_root_squared_is_the_matrix() {
        let mut rng = Seed(1).rng();
        let half: Vec<f64> = (0..SIZE * SIZE).map(|_| f64::from(rng.normal())).collect();
        let mut transposed = half.clone();
        (0..SIZE * SIZE).for_each(|at| transposed[at % SIZE * SIZE + at / SIZE] = half[at]);
        let matrix = product(&half, &transposed);
        let root = root(&matrix);
        for (a, b) in product(&root, &root).iter().zip(&matrix) {
            assert!((a - b).abs() < 1e-9 * SIZE as f64, "{a} {b}");
        }
    }

    /// Distributions with independent features, all of one mean and variance.
    fn moments(mean: f64, variance: f64) -> Moments {
        let mut moments = Moments { count: 1.0, sum: vec![mean; SIZE], ..Moments::default() };
        for at in 0..SIZE * SIZE {
            moments.products[at] = mean * mean + if at / SIZE == at % SIZE { variance } else { 0.0 };
        }
        moments
    }

    #[test]
    fn the_distance_of_known_normal_distributions_is_the_formula_s() {
        let distance = moments(1.0, 4.0).distance(&moments(3.0, 9.0)).expect("both hold something");
        // (1 - 3)² + (2 - 3)² for each feature.
        assert!((distance - 5.0 * SIZE as f32).abs() < 1e-3, "{distance}");
        assert!(moments(1.0, 4.0).distance(&moments(1.0, 4.0)).expect("both") < 1e-6);
        assert_eq!(moments(1.0, 4.0).distance(&Moments::default()), None);
    }

    #[test]
    fn sounds_alike_are_near_and_duller_ones_are_far() {
        let mut rng = Seed(2).rng();
        let mut noise = |dull: f32| {
            let mut state = 0.0;
            let mut audio = AudioBuffer::silence(SampleRate::CD, 40_000);
            for frame in &mut audio.frames {
                state += dull * (rng.bipolar() - state);
                *frame = [state; 2];
            }
            let mut moments = Moments::default();
            moments.add(&audio);
            moments
        };
        let (one, other, dull) = (noise(1.0), noise(1.0), noise(0.1));
        let distance = |a: &Moments, b: &Moments| a.distance(b).expect("both sound");
        assert!(distance(&one, &other) < 0.05 * distance(&one, &dull));
    }
}
