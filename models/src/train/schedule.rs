//! How fast is learnt when.

/// Share of the training in which the learning rate rises.
const WARM_UP: f64 = 0.02;

/// Factor of the learning rate: linear warm-up by steps, then half a cosine by what is done, down to `last`.
pub fn rate(done: f64, by_steps: f64, last: f64) -> f32 {
    let warm = ((by_steps + 1e-4) / WARM_UP).min((done + 1e-3) / WARM_UP).min(1.0);
    let cosine = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
    (warm * (last + (1.0 - last) * cosine)) as f32
}
