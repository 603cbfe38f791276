//! The sound device, through cpal: finding one, agreeing on a format, and playing until the sound has ended.

use crate::error::{Error, Result};
use crate::playback::{Control, Player};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    Device, ErrorKind, FromSample, I24, SampleFormat, SizedSample, Stream, StreamConfig, SupportedStreamConfig,
    SupportedStreamConfigRange, U24,
};
use riffsmith_dsp::resample::{resample, resample_loop};
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Frames converted to the device's format at a time.
const BLOCK: usize = 256;

/// How often the waiting thread looks whether the sound has ended.
const POLL: Duration = Duration::from_millis(20);

/// Given to the device to play what it has buffered, beyond the length of its buffer.
const DRAIN: Duration = Duration::from_millis(150);

/// A way to play: which device, how loud, how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The device's name as [`names`] has it; `None` is the system's default.
    pub device: Option<String>,
    /// Again and again until stopped.
    pub repeat: bool,
    /// Amplitude factor; 1.0 leaves the samples as they are.
    pub volume: f32,
}

/// An output device, open to play.
pub struct Output {
    device: Device,
    config: SupportedStreamConfig,
}

impl Default for Request {
    /// Once, at full volume, on the system's default device.
    fn default() -> Self {
        Self { device: None, repeat: false, volume: 1.0 }
    }
}

impl Output {
    /// Opens the device and picks the format nearest to a sound of `rate`.
    ///
    /// # Errors
    /// If there is no such device, or it cannot play.
    pub fn open(request: &Request, rate: SampleRate) -> Result<Self> {
        #[cfg(target_os = "linux")]
        silence_alsa();
        let device = match &request.device {
            Some(name) => find(name)?,
            None => cpal::default_host().default_output_device().ok_or_else(no_device)?,
        };
        let ranges = device.supported_output_configs().map_err(|error| refusal(&device, &error))?;
        let config = ranges
            .filter_map(|range| suitability(&range, rate))
            .max_by(|(a, _), (b, _)| a.cmp(b))
            .map(|(_, config)| config)
            .ok_or_else(|| Error::failed(format!("{device} offers no format that riffsmith can play")))?;
        Ok(Self { device, config })
    }

    /// Plays `audio` to its end, or until `control` asks to stop.
    ///
    /// # Errors
    /// If the device refuses, or goes away.
    pub fn play(&self, audio: &AudioBuffer, request: &Request, control: &Arc<Control>) -> Result<()> {
        let audio = self.at_device_rate(audio, request.repeat)?;
        let channels = usize::from(self.config.channels());
        let player = Player::new(audio, request.repeat, request.volume, channels, Arc::clone(control));
        let (failures, failed) = channel();
        let stream = self.stream(player, failures).map_err(|error| refusal(&self.device, &error))?;
        stream.play().map_err(|error| refusal(&self.device, &error))?;
        self.wait(control, &failed)?;
        let buffer_frames = stream.buffer_size().unwrap_or(0);
        std::thread::sleep(
            DRAIN + Duration::from_secs_f64(4.0 * f64::from(buffer_frames) / f64::from(self.config.sample_rate())),
        );
        Ok(())
    }

    fn at_device_rate(&self, audio: &AudioBuffer, repeat: bool) -> Result<AudioBuffer> {
        let rate = SampleRate::new(self.config.sample_rate())?;
        Ok(if rate == audio.sample_rate {
            audio.clone()
        } else if repeat {
            resample_loop(audio, rate, rate.frames(audio.seconds()))
        } else {
            resample(audio, rate)
        })
    }

    fn stream(&self, player: Player, failures: Sender<cpal::Error>) -> std::result::Result<Stream, cpal::Error> {
        let (device, config) = (&self.device, self.config.config());
        match self.config.sample_format() {
            SampleFormat::I8 => build::<i8>(device, config, player, failures),
            SampleFormat::I16 => build::<i16>(device, config, player, failures),
            SampleFormat::I24 => build::<I24>(device, config, player, failures),
            SampleFormat::I32 => build::<i32>(device, config, player, failures),
            SampleFormat::I64 => build::<i64>(device, config, player, failures),
            SampleFormat::U8 => build::<u8>(device, config, player, failures),
            SampleFormat::U16 => build::<u16>(device, config, player, failures),
            SampleFormat::U24 => build::<U24>(device, config, player, failures),
            SampleFormat::U32 => build::<u32>(device, config, player, failures),
            SampleFormat::U64 => build::<u64>(device, config, player, failures),
            SampleFormat::F64 => build::<f64>(device, config, player, failures),
            // `suitability` lets no other format through.
            _ => build::<f32>(device, config, player, failures),
        }
    }

    fn wait(&self, control: &Control, failed: &Receiver<cpal::Error>) -> Result<()> {
        while !control.is_finished() {
            match failed.recv_timeout(POLL) {
                // The device caught up by itself, or plays on elsewhere or with less priority.
                Ok(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied
                    ) => {}
                Ok(error) => return Err(refusal(&self.device, &error)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Error::failed("the sound device stopped")),
            }
        }
        Ok(())
    }
}

/// The names of the devices that can play, the default one first.
///
/// # Errors
/// If the system's sound cannot be asked.
pub fn names() -> Result<Vec<(String, String)>> {
    #[cfg(target_os = "linux")]
    silence_alsa();
    let devices = cpal::default_host().output_devices().map_err(|error| Error::failed(format!("no sound: {error}")))?;
    Ok(devices.filter_map(|device| Some((name(&device)?, device.to_string()))).collect())
}

fn find(wanted: &str) -> Result<Device> {
    let devices = cpal::default_host().devices().map_err(|error| Error::failed(format!("no sound: {error}")))?;
    let devices: Vec<Device> = devices.collect();
    let found = devices.iter().find(|device| name(device).as_deref() == Some(wanted) || device.to_string() == wanted);
    found.cloned().ok_or_else(|| {
        Error::failed(format!("there is no sound device {wanted:?}")).hint("riffsmith list devices names them")
    })
}

/// What the host calls the device: on Linux, the name that ALSA knows.
fn name(device: &Device) -> Option<String> {
    Some(device.id().ok()?.id().to_owned())
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

fn build<T: SizedSample + FromSample<f32> + Send + 'static>(
    device: &Device,
    config: StreamConfig,
    mut player: Player,
    failures: Sender<cpal::Error>,
) -> std::result::Result<Stream, cpal::Error> {
    let mut block = vec![0.0; BLOCK * usize::from(config.channels)];
    device.build_output_stream(
        config,
        move |data: &mut [T], _| {
            for part in data.chunks_mut(block.len()) {
                let samples = &mut block[..part.len()];
                player.fill(samples);
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

fn no_device() -> Error {
    Error::failed("there is no sound device").hint("generate and render write files without one")
}

fn refusal(device: &Device, error: &cpal::Error) -> Error {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => {
            Error::failed(format!("there is no sound device to play on: {error}"))
                .hint("generate and render write files without one")
        }
        ErrorKind::DeviceBusy => Error::failed(format!("{device} is in use by another program")),
        _ => Error::failed(format!("{device} does not play: {error}")),
    }
}

/// Keeps ALSA from writing its own messages to the terminal, for this thread.
#[cfg(target_os = "linux")]
fn silence_alsa() {
    // Without it, the worst is more text.
    drop(alsa::Output::local_error_handler());
}
