//! A channel of the mix: its patch, its effects, its level and place, and what it sends.

use super::patch_source;
use crate::audio::StereoFrame;
use crate::effect::{EffectSpec, Eq, Width};
use crate::error::Result;
use crate::parameters::check_range;
use crate::patch::Patch;
use crate::units::db_to_gain;
use serde::{Deserialize, Serialize};

/// How far a channel is turned up or down to its loudness: what is further away is meant to be so, or almost silent.
const MAX_STAGING_DB: f32 = 18.0;

/// What a track goes through, in this order: patch with its inserts, equaliser, inserts, width, gain staging, fader, ducking,
/// pan; then sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// What plays it: a built-in patch's name, or a patch.
    #[serde(with = "patch_source")]
    pub patch: Patch,
    /// Loudness to which the channel is brought behind its effects, whatever its patch and notes: -60 to 0 LUFS, by at most
    /// 18 dB up or down. By default it is left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness_lufs: Option<f32>,
    /// Fader, behind that: -60 to 24 dB, default 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gain_db: f32,
    /// -1.0 (left) to 1.0 (right), default 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pan: f32,
    /// Stereo width: 0.0 (mono) to 2.0, default 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub width: f32,
    /// Equaliser, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eq: Option<Eq>,
    /// Further effects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inserts: Vec<EffectSpec>,
    /// Level sent to the reverb, behind the fader: -60 to 12 dB; nothing is sent by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverb_send_db: Option<f32>,
    /// Level sent to the delay, behind the fader: -60 to 12 dB; nothing is sent by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_send_db: Option<f32>,
    /// How far it gives way to the hardest kick: 0 to 36 dB, default 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub duck_db: f32,
}

fn one() -> f32 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &f32) -> bool {
    *value == 0.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(value: &f32) -> bool {
    *value == one()
}

impl Channel {
    /// A channel with nothing but a patch.
    pub fn new(patch: Patch) -> Self {
        Self {
            patch,
            loudness_lufs: None,
            gain_db: 0.0,
            pan: 0.0,
            width: 1.0,
            eq: None,
            inserts: Vec::new(),
            reverb_send_db: None,
            delay_send_db: None,
            duck_db: 0.0,
        }
    }

    /// Takes reverb, echo and chorus out of it: its sends, and the effects of its patch.
    pub fn dry(&mut self) {
        (self.reverb_send_db, self.delay_send_db) = (None, None);
        self.patch.inserts.retain(|effect| !effect.is_space());
        self.inserts.retain(|effect| !effect.is_space());
    }

    pub(super) fn validate(&self) -> Result<()> {
        check_range("loudness_lufs of a channel", self.loudness_lufs.unwrap_or(0.0), -60.0..=0.0)?;
        check_range("gain_db of a channel", self.gain_db, -60.0..=24.0)?;
        check_range("pan of a channel", self.pan, -1.0..=1.0)?;
        check_range("width of a channel", self.width, 0.0..=2.0)?;
        check_range("reverb_send_db of a channel", self.reverb_send_db.unwrap_or(0.0), -60.0..=12.0)?;
        check_range("delay_send_db of a channel", self.delay_send_db.unwrap_or(0.0), -60.0..=12.0)?;
        check_range("duck_db of a channel", self.duck_db, 0.0..=36.0)?;
        self.effects().iter().try_for_each(EffectSpec::validate)
    }

    /// True if one of its effects listens to the side-chain.
    pub(super) fn is_keyed(&self) -> bool {
        self.patch.inserts.iter().chain(&self.inserts).any(EffectSpec::is_keyed)
    }

    /// Gains of left and right behind the effects, where it is as loud as `loudness_lufs` says: staging, fader and pan.
    pub(super) fn gains(&self, loudness_lufs: impl FnOnce() -> f32) -> StereoFrame {
        let staging_db = self.loudness_lufs.map(|wanted| wanted - loudness_lufs()).filter(|db| db.is_finite());
        let staging_db = staging_db.unwrap_or(0.0).clamp(-MAX_STAGING_DB, MAX_STAGING_DB);
        pan_gains(self.pan).map(|gain| gain * db_to_gain(staging_db + self.gain_db))
    }

    /// Multiplies `frames` by these gains, and gives way by as much as `depth` says; behind its end not at all.
    pub(super) fn fade(&self, gains: StereoFrame, depth: &[f32], frames: &mut [StereoFrame]) {
        // 20 log10(2): decibels in a doubling.
        const DB_PER_OCTAVE: f32 = 6.020_6;
        let octaves = -self.duck_db / DB_PER_OCTAVE;
        let depths = depth.iter().copied().chain(std::iter::repeat(0.0));
        for (frame, depth) in frames.iter_mut().zip(depths) {
            let duck = if depth == 0.0 || octaves == 0.0 { 1.0 } else { (octaves * depth).exp2() };
            *frame = [duck * gains[0] * frame[0], duck * gains[1] * frame[1]];
        }
    }

    /// What the track goes through, in order.
    pub(super) fn effects(&self) -> Vec<EffectSpec> {
        let mut effects = self.patch.inserts.clone();
        effects.extend(self.eq.clone().map(EffectSpec::Eq));
        effects.extend(self.inserts.iter().cloned());
        if self.width != 1.0 {
            effects.push(EffectSpec::Width(Width { width: self.width, mono_below_hz: 0.0 }));
        }
        effects
    }
}

/// Gains of left and right. Constant power: 0 dB each in the middle, 3 dB to one side.
fn pan_gains(pan: f32) -> StereoFrame {
    let angle = (pan + 1.0) * std::f32::consts::FRAC_PI_4;
    [std::f32::consts::SQRT_2 * angle.cos(), std::f32::consts::SQRT_2 * angle.sin()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panning_keeps_the_power() {
        for step in 0..=20 {
            let [left, right] = pan_gains(step as f32 / 10.0 - 1.0);
            assert!((left * left + right * right - 2.0).abs() < 1e-6);
        }
        assert!((pan_gains(0.0)[0] - 1.0).abs() < 1e-6);
        assert!(pan_gains(-1.0)[1].abs() < 1e-6);
    }
}
