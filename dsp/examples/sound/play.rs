//! Notes of built-in patches, as voices play them.

use riffsmith_dsp::instrument::{Instrument, InstrumentSpec, Strike, Voice};
use riffsmith_dsp::patch;
use riffsmith_dsp::score::Velocity;
use riffsmith_dsp::{SampleRate, Seed};

/// Most frames that a voice renders at a time.
const BLOCK: usize = 64;

pub fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).expect("in range")
}

/// The instrument of a built-in patch.
pub fn instrument(patch: &str) -> InstrumentSpec {
    patch::find(patch).expect("built in").instrument
}

pub fn strike(instrument: &InstrumentSpec, pitch: f64, sample_rate: SampleRate) -> Box<dyn Voice> {
    instrument.strike(&Strike { pitch, velocity: Velocity::new(96), sample_rate, bpm: 120.0, seed: Seed(5) })
}

/// The next frames of a voice's left channel.
pub fn render(voice: &mut dyn Voice, frames: usize) -> Vec<f64> {
    let mut out = vec![[0.0; 2]; frames];
    out.chunks_mut(BLOCK).for_each(|block| voice.render(block));
    out.iter().map(|frame| f64::from(frame[0])).collect()
}
