//! An open device, and the stream to it.

use super::{Choice, format, open, refusal};
use crate::error::{Error, Result};
use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, I24, SampleFormat, SizedSample, Stream, StreamConfig,
    SupportedBufferSize, SupportedStreamConfig, U24,
};
use riffsmith_dsp::SampleRate;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// Frames converted to the device's format at a time.
const BLOCK: usize = 256;

/// Periods that a device holds beside the one that it asks for: cpal asks for two in all where it can say so.
const PERIODS: u32 = 2;

/// An output device, open to play.
pub struct Output {
    device: Device,
    config: SupportedStreamConfig,
    period_frames: Option<u32>,
}

/// A stream to a device; it ends with this.
pub struct Playing {
    stream: Stream,
    failures: Receiver<cpal::Error>,
    device: Device,
    rate: SampleRate,
}

/// What a device had to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It was given too little in time, and caught up.
    Xrun,
    /// It plays no more.
    Lost(String),
}

impl Output {
    /// Opens the device and picks the format nearest to a sound of `rate`.
    ///
    /// # Errors
    /// If there is no such device, or it cannot play.
    pub fn open(choice: &Choice, rate: SampleRate) -> Result<Self> {
        let device = open(choice)?;
        let ranges = device.supported_output_configs().map_err(|error| refusal(&device, &error))?;
        let config = format::best(ranges, rate)
            .ok_or_else(|| Error::failed(format!("{device} offers no format that riffsmith can play")))?;
        Ok(Self { device, config, period_frames: choice.period_frames })
    }

    /// Frames per second.
    ///
    /// # Errors
    /// Never in fact: other rates are not picked.
    pub fn rate(&self) -> Result<SampleRate> {
        Ok(SampleRate::new(self.config.sample_rate())?)
    }

    /// Channels of a frame.
    pub fn channels(&self) -> usize {
        usize::from(self.config.channels())
    }

    /// Its name, and what is sent to it: `Default Audio Device, 44100 Hz, f32, 2 channels`.
    pub fn describe(&self) -> String {
        let (rate, format, channels) = (self.config.sample_rate(), self.config.sample_format(), self.config.channels());
        format!("{}, {rate} Hz, {format}, {channels} channels", self.device)
    }

    /// Begins to play what `fill` writes: whole frames of interleaved channels.
    ///
    /// # Errors
    /// If the device refuses.
    pub fn start(self, fill: impl FnMut(&mut [f32]) + Send + 'static) -> Result<Playing> {
        let rate = self.rate()?;
        let (send, failures) = channel();
        let stream = self.stream(fill, send).map_err(|error| refusal(&self.device, &error))?;
        stream.play().map_err(|error| refusal(&self.device, &error))?;
        Ok(Playing { stream, failures, device: self.device, rate })
    }

    fn config(&self) -> StreamConfig {
        let mut config = self.config.config();
        if let (Some(wanted), SupportedBufferSize::Range { min, max }) = (self.period_frames, self.config.buffer_size())
        {
            config.buffer_size = BufferSize::Fixed(wanted.clamp(*min, (*max).max(*min)));
        }
        config
    }

    fn stream(
        &self,
        fill: impl FnMut(&mut [f32]) + Send + 'static,
        failures: Sender<cpal::Error>,
    ) -> std::result::Result<Stream, cpal::Error> {
        let (device, config) = (&self.device, self.config());
        match self.config.sample_format() {
            SampleFormat::I8 => build::<i8>(device, config, fill, failures),
            SampleFormat::I16 => build::<i16>(device, config, fill, failures),
            SampleFormat::I24 => build::<I24>(device, config, fill, failures),
            SampleFormat::I32 => build::<i32>(device, config, fill, failures),
            SampleFormat::I64 => build::<i64>(device, config, fill, failures),
            SampleFormat::U8 => build::<u8>(device, config, fill, failures),
            SampleFormat::U16 => build::<u16>(device, config, fill, failures),
            SampleFormat::U24 => build::<U24>(device, config, fill, failures),
            SampleFormat::U32 => build::<u32>(device, config, fill, failures),
            SampleFormat::U64 => build::<u64>(device, config, fill, failures),
            SampleFormat::F64 => build::<f64>(device, config, fill, failures),
            // No other format was picked.
            _ => build::<f32>(device, config, fill, failures),
        }
    }
}

impl Playing {
    /// What the device has said since it was last asked.
    pub fn failures(&self) -> Vec<Failure> {
        let mut failures = Vec::new();
        loop {
            match self.failures.try_recv() {
                Ok(error) => match error.kind() {
                    ErrorKind::Xrun => failures.push(Failure::Xrun),
                    // It plays on elsewhere, or with less priority.
                    ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
                    _ => failures.push(Failure::Lost(refusal(&self.device, &error).message)),
                },
                Err(TryRecvError::Empty) => return failures,
                Err(TryRecvError::Disconnected) => {
                    failures.push(Failure::Lost("the sound device stopped".to_owned()));
                    return failures;
                }
            }
        }
    }

    /// Frames per second.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Frames that it asks for at a time; 0 if it does not say.
    pub fn period_frames(&self) -> u32 {
        self.stream.buffer_size().unwrap_or(0)
    }

    /// From a change in what `fill` writes until it is heard, in seconds, at most: the period before which it is asked again, and those that wait.
    pub fn latency_s(&self) -> f64 {
        self.rate.seconds(((1 + PERIODS) * self.period_frames()) as usize)
    }
}

fn build<T: SizedSample + FromSample<f32> + Send + 'static>(
    device: &Device,
    config: StreamConfig,
    mut fill: impl FnMut(&mut [f32]) + Send + 'static,
    failures: Sender<cpal::Error>,
) -> std::result::Result<Stream, cpal::Error> {
    let mut block = vec![0.0; BLOCK * usize::from(config.channels)];
    device.build_output_stream(
        config,
        move |data: &mut [T], _| {
            for part in data.chunks_mut(block.len()) {
                let samples = &mut block[..part.len()];
                fill(samples);
                for (out, sample) in part.iter_mut().zip(samples) {
                    *out = T::from_sample_(sample.clamp(-1.0, 1.0));
                }
            }
        },
        // If nobody waits any more, there is nobody to tell.
        move |error| drop(failures.send(error)),
        None,
    )
}
