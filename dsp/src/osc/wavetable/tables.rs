//! The morphing wavetables. A table is added with its formula and one line here.

use super::morph::{MorphTable, Recipe};
use crate::filter::vowel;
use crate::parameters::Checked;
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

/// A table as `list` and the documents show it.
pub struct TableEntry {
    /// Its name in a patch.
    pub name: &'static str,
    /// What is heard from position 0 to 1.
    pub description: &'static str,
    /// Which one it is.
    pub table: Table,
}

macro_rules! tables {
    ($( $variant:ident, $name:literal, $recipe:expr, $description:literal; )*) => {
        /// A morphing wavetable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Table {
            $( #[doc = $description] #[serde(rename = $name)] $variant, )*
        }

        impl Table {
            /// The table itself, computed where it is first asked for.
            pub fn get(self) -> &'static MorphTable {
                match self {
                    $( Self::$variant => {
                        static TABLE: LazyLock<MorphTable> = LazyLock::new(|| MorphTable::new($recipe));
                        &TABLE
                    } )*
                }
            }
        }

        /// All tables.
        pub static TABLES: &[TableEntry] =
            &[$( TableEntry { name: $name, description: $description, table: Table::$variant }, )*];
    };
}

impl Checked for Table {}

tables! {
    Classic, "classic", Recipe::Harmonics(classic), "sine, triangle, saw, square, narrow pulse";
    Pulse, "pulse", Recipe::Harmonics(pulse), "a square that narrows to a thin pulse";
    Harmonic, "harmonic", Recipe::Harmonics(harmonic), "a peak that climbs the harmonics above the fundamental";
    Resonant, "resonant", Recipe::Harmonics(resonant), "a saw behind a resonant low-pass that opens";
    Vowel, "vowel", Recipe::Harmonics(vowels), "the vowels a, e, i, o, u of a deep voice";
    Sync, "sync", Recipe::Curve(sync), "a saw, restarted ever more often within its cycle";
    Formant, "formant", Recipe::Curve(formant), "a decaying ring whose pitch rises while the note stays";
    Fm, "fm", Recipe::Curve(fm), "a sine whose phase is modulated ever deeper";
    Fold, "fold", Recipe::Curve(fold), "a sine, folded back on itself ever more";
    Growl, "growl", Recipe::Curve(growl), "folded, with a throat that opens and closes";
    Organ, "organ", Recipe::Harmonics(organ), "drawbars pulled one after the other";
    Bell, "bell", Recipe::Harmonics(bell), "sparse high partials, from glass to gong";
    Hollow, "hollow", Recipe::Harmonics(hollow), "odd harmonics with a notch that wanders upwards";
    Metallic, "metallic", Recipe::Harmonics(metallic), "partials ever further apart, as of struck metal";
    Choir, "choir", Recipe::Harmonics(choir), "breathing harmonics of uneven strength, ah to ooh";
    Digital, "digital", Recipe::Curve(digital), "a sine in ever fewer steps, as of an early sampler";
}

/// Amplitudes of the anchors of `classic`, morphed linearly.
fn classic(position: f64, k: usize) -> f64 {
    let n = k as f64;
    let odd = if k % 2 == 1 { 1.0 } else { 0.0 };
    let anchors = [
        if k == 1 { 1.0 } else { 0.0 },
        odd * 8.0 / (PI * n).powi(2),
        2.0 / (PI * n),
        odd * 4.0 / (PI * n),
        2.0 / (PI * n) * (PI * n * 0.12).sin(),
    ];
    let place = position * 4.0;
    let index = (place as usize).min(3);
    anchors[index] + (place - index as f64) * (anchors[index + 1] - anchors[index])
}

/// Widths from 0.5 to 0.03: the series of a pulse.
fn pulse(position: f64, k: usize) -> f64 {
    let width = 0.5 * 0.06f64.powf(position);
    2.0 / (PI * k as f64) * (PI * k as f64 * width).sin()
}

/// A bell curve on log2 of the harmonic, half an octave wide, from the 2nd to the 32nd.
fn harmonic(position: f64, k: usize) -> f64 {
    let centre = 1.0 + 4.0 * position;
    let octave = (k as f64).log2();
    let peak = (-((octave - centre) / 0.25).powi(2)).exp();
    if k == 1 { 0.8 + 0.4 * peak } else { peak }
}

/// The magnitude of a second-order low-pass, squared for 24 dB per octave, with a quality of 6.
fn resonant(position: f64, k: usize) -> f64 {
    let x = k as f64 / (1.0 + 1.5 * 60f64.powf(position));
    let magnitude = 1.0 / ((1.0 - x * x).powi(2) + (x / 6.0).powi(2)).sqrt();
    magnitude / (1.0 + x * x) / k as f64
}

/// A saw through the resonances of a vowel, for a fundamental of 98 Hz (G2).
fn vowels(position: f64, k: usize) -> f64 {
    let hz = 98.0 * k as f64;
    let resonance = |formant: crate::filter::Formant| {
        let off = (hz - f64::from(formant.hz)) / (0.6 * f64::from(formant.bandwidth_hz));
        f64::from(formant.gain) / (1.0 + off * off).sqrt()
    };
    (0.03 + vowel(position as f32).map(resonance).iter().sum::<f64>()) / k as f64
}

/// 1 to 6 saws in a cycle.
fn sync(position: f64, phase: f64) -> f64 {
    1.0 - 2.0 * (phase * (1.0 + 5.0 * position)).fract()
}

/// A sine of 1 to 14 times the pitch under a window that falls to 0 (as in VOSIM; Kaegi and Tempelaars, 1978).
fn formant(position: f64, phase: f64) -> f64 {
    (TAU * phase * 14f64.powf(position)).sin() * (1.0 - phase).powi(2)
}

/// Phase modulation by twice the frequency, index 0 to 7 (Chowning, 1973).
fn fm(position: f64, phase: f64) -> f64 {
    (TAU * phase + 7.0 * position * (2.0 * TAU * phase).sin()).sin()
}

/// A sine through a sine of 0.6 to 12 radians.
fn fold(position: f64, phase: f64) -> f64 {
    ((0.6 + 11.4 * position) * (TAU * phase).sin() + 0.3 * position).sin()
}

/// A folded sine and its ring at a moving formant.
fn growl(position: f64, phase: f64) -> f64 {
    let throat = 2.0 + 5.0 * (PI * position).sin() + 2.0 * position;
    let body = (3.0 * (TAU * phase).sin() + 1.2 * (TAU * 2.0 * phase).sin()).sin();
    let ring = (TAU * phase * throat).sin() * (PI * phase).sin().powf(1.0 + 3.0 * position);
    (0.7 * body + 1.3 * ring).tanh()
}

/// Drawbars in the order in which they come, as harmonics of the sub-octave's fundamental: the pitch is harmonic 1 here.
fn organ(position: f64, k: usize) -> f64 {
    const ORDER: [usize; 8] = [1, 2, 3, 4, 6, 8, 12, 16];
    let place = ORDER.iter().position(|&harmonic| harmonic == k);
    place.map_or(0.0, |place| (1.0 + 7.0 * position - place as f64).clamp(0.0, 1.0) / (1.0 + 0.15 * place as f64))
}

/// Partials on a stretched series that the position spreads and darkens.
fn bell(position: f64, k: usize) -> f64 {
    const PARTIALS: [(usize, f64); 8] =
        [(1, 1.0), (3, 0.5), (7, 0.6), (11, 0.45), (16, 0.35), (23, 0.3), (31, 0.2), (41, 0.12)];
    let level = PARTIALS.iter().find(|(harmonic, _)| *harmonic == k).map_or(0.0, |(_, level)| *level);
    let neighbour = PARTIALS.iter().find(|(harmonic, _)| harmonic + 1 == k && *harmonic > 1).map_or(0.0, |(_, l)| *l);
    let dark = (k as f64).powf(-1.2 * position);
    dark * (level * (0.5 * PI * position).cos().max(0.25) + neighbour * position)
}

/// Odd harmonics without those near the 3rd to the 33rd.
fn hollow(position: f64, k: usize) -> f64 {
    if k.is_multiple_of(2) {
        return 0.0;
    }
    let notch = 1.58 + 3.5 * position;
    let off = ((k as f64).log2() - notch) / 0.9;
    (1.0 - (-off * off).exp()) / (k as f64).powf(0.9)
}

/// Harmonics nearest to n^p, p from 1 to 1.9.
fn metallic(position: f64, k: usize) -> f64 {
    let power = 1.0 + 0.9 * position;
    (1..=24)
        .map(|n| {
            let off = f64::from(n).powf(power) - k as f64;
            // Between two harmonics a partial belongs to both, so that it moves without steps.
            (1.0 - off.abs()).max(0.0) / f64::from(n).powf(0.75)
        })
        .sum()
}

/// The vowels a to u under slow ripples of the harmonics' strengths.
fn choir(position: f64, k: usize) -> f64 {
    let n = k as f64;
    let ripple = 0.65 + 0.35 * (2.4 * n + TAU * position * (1.0 + (0.7 * n).sin())).sin();
    ripple * vowels(if position < 0.5 { 0.3 * position } else { 0.15 + 1.7 * (position - 0.5) }, k) / n.powf(0.2)
}

/// 64 to 4 levels, and as many steps in time.
fn digital(position: f64, phase: f64) -> f64 {
    let steps = 64.0 * 0.0625f64.powf(position);
    let held = ((phase * steps).floor() + 0.5) / steps;
    ((TAU * held).sin() * 0.5 * steps).round() / (0.5 * steps)
}
