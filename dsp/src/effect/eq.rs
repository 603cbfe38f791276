//! Equaliser: cuts at both ends, two shelves and up to four bells.

use super::{Biquad, Effect, EffectContext, Parameters, check};
use crate::audio::StereoFrame;
use crate::error::{Error, Result};
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};
use std::f64::consts::SQRT_2;

/// One bell or shelf.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Centre of a bell, middle of a shelf's slope: 20 to 20 000 Hz.
    pub hz: f32,
    /// -24 to 24 dB.
    pub gain_db: f32,
    /// Quality: 0.1 (wide) to 10 (narrow); 0.707 by default.
    #[serde(default = "Band::default_q")]
    pub q: f32,
}

impl Band {
    fn default_q() -> f32 {
        std::f32::consts::FRAC_1_SQRT_2
    }

    fn validate(&self) -> Result<()> {
        check("hz of an eq band", self.hz, 20.0..=20_000.0, "Hz")?;
        check("gain_db of an eq band", self.gain_db, -24.0..=24.0, "dB")?;
        check("q of an eq band", self.q, 0.1..=10.0, "")
    }
}

/// Equaliser (Bristow-Johnson's cookbook, 2021). What is left out does nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Eq {
    /// High-pass, 12 dB per octave: 10 to 2 000 Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_cut_hz: Option<f32>,
    /// Shelf at the low end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_shelf: Option<Band>,
    /// Bells, at most four.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peaks: Vec<Band>,
    /// Shelf at the high end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high_shelf: Option<Band>,
    /// Low-pass, 12 dB per octave: 200 to 20 000 Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high_cut_hz: Option<f32>,
}

impl Eq {
    /// Most bells in one equaliser.
    pub const MAX_PEAKS: usize = 4;

    /// Its filters, in order.
    pub fn filters(&self, rate: SampleRate) -> Vec<Biquad> {
        let wide = |band: &Band| (f64::from(band.hz), f64::from(band.gain_db), f64::from(band.q));
        let mut filters = Vec::new();
        if let Some(hz) = self.low_cut_hz {
            filters.push(Biquad::high_pass(rate, f64::from(hz), SQRT_2 / 2.0));
        }
        if let Some((hz, gain_db, q)) = self.low_shelf.as_ref().map(wide) {
            filters.push(Biquad::low_shelf(rate, hz, gain_db, q));
        }
        for (hz, gain_db, q) in self.peaks.iter().map(wide) {
            filters.push(Biquad::peak(rate, hz, gain_db, q));
        }
        if let Some((hz, gain_db, q)) = self.high_shelf.as_ref().map(wide) {
            filters.push(Biquad::high_shelf(rate, hz, gain_db, q));
        }
        if let Some(hz) = self.high_cut_hz {
            filters.push(Biquad::low_pass(rate, f64::from(hz)));
        }
        filters
    }
}

impl Parameters for Eq {
    fn validate(&self) -> Result<()> {
        if let Some(hz) = self.low_cut_hz {
            check("low_cut_hz of eq", hz, 10.0..=2_000.0, "Hz")?;
        }
        if let Some(hz) = self.high_cut_hz {
            check("high_cut_hz of eq", hz, 200.0..=20_000.0, "Hz")?;
        }
        if self.peaks.len() > Self::MAX_PEAKS {
            return Err(Error::range("number of eq peaks", format!("at most {}", Self::MAX_PEAKS), self.peaks.len()));
        }
        self.low_shelf.iter().chain(&self.peaks).chain(&self.high_shelf).try_for_each(Band::validate)
    }

    fn build(&self, context: &EffectContext) -> Box<dyn Effect> {
        Box::new(RunningEq { filters: self.filters(context.sample_rate) })
    }
}

struct RunningEq {
    filters: Vec<Biquad>,
}

impl Effect for RunningEq {
    fn process(&mut self, block: &mut [StereoFrame], _key: Option<&[StereoFrame]>) {
        for filter in &mut self.filters {
            filter.process(block);
        }
    }

    fn reset(&mut self) {
        self.filters.iter_mut().for_each(Biquad::reset);
    }

    fn tail_frames(&self) -> usize {
        self.filters.iter().map(Biquad::tail_frames).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Tempo;
    use std::f64::consts::TAU;

    #[test]
    fn a_sine_through_the_eq_has_the_gain_of_its_filters() {
        let band = |hz, gain_db| Band { hz, gain_db, q: 0.9 };
        let eq = Eq {
            low_cut_hz: Some(40.0),
            low_shelf: Some(band(120.0, 3.0)),
            peaks: vec![band(400.0, -4.0), band(2_500.0, 5.0)],
            high_shelf: Some(band(8_000.0, -6.0)),
            high_cut_hz: Some(16_000.0),
        };
        let rate = SampleRate::CD;
        let tempo = Tempo::new(120.0).expect("valid");
        for hz in [63.0, 441.0, 2_450.0, 11_025.0] {
            let mut effect = eq.build(&EffectContext { sample_rate: rate, tempo, period_frames: None });
            let step = TAU * hz / rate.hz();
            let mut frames: Vec<StereoFrame> = (0..44_096).map(|n| [(step * f64::from(n)).sin() as f32; 2]).collect();
            frames.chunks_mut(super::super::MAX_BLOCK).for_each(|block| effect.process(block, None));
            // 6 300 frames hold whole periods of each.
            let energy: f64 = frames[44_096 - 6_300..].iter().map(|frame| f64::from(frame[1]).powi(2)).sum();
            let expected: f64 = eq.filters(rate).iter().map(|filter| filter.gain_at(rate, hz)).product();
            let error_db = 20.0 * ((energy / 3_150.0).sqrt() / expected).log10();
            assert!(error_db.abs() < 0.001, "{hz} Hz: off by {error_db} dB");
        }
    }
}
