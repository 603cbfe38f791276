//! What a device can play, and which of it suits a sound.

use cpal::{SampleFormat, SupportedStreamConfig, SupportedStreamConfigRange};
use riffsmith_dsp::SampleRate;

/// The best of a device's formats for a sound of `rate`.
pub fn best(
    ranges: impl Iterator<Item = SupportedStreamConfigRange>,
    rate: SampleRate,
) -> Option<SupportedStreamConfig> {
    ranges.filter_map(|range| suitability(&range, rate)).max_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, config)| config)
}

/// How well a device's range of formats suits a sound of `rate`, greater is better; `None` if it cannot be used.
fn suitability(
    range: &SupportedStreamConfigRange,
    rate: SampleRate,
) -> Option<((bool, u8, u8), SupportedStreamConfig)> {
    let format = match range.sample_format() {
        SampleFormat::F32 => 9,
        SampleFormat::F64 => 8,
        SampleFormat::I32 => 7,
        SampleFormat::I24 => 6,
        SampleFormat::I16 => 5,
        SampleFormat::I64 | SampleFormat::U64 | SampleFormat::U32 | SampleFormat::U24 | SampleFormat::U16 => 4,
        SampleFormat::I8 | SampleFormat::U8 => 1,
        _ => return None,
    };
    let channels = match range.channels() {
        2 => 3,
        3.. => 2,
        1 => 1,
        0 => return None,
    };
    let exact = range.contains_rate(rate.as_u32());
    let chosen = rate.as_u32().clamp(range.min_sample_rate(), range.max_sample_rate());
    SampleRate::new(chosen).ok()?;
    Some(((exact, channels, format), range.try_with_sample_rate(chosen)?))
}
