//! The sound device, through cpal: finding one, agreeing on a format, and giving it what it asks for.

mod format;
mod output;

pub use output::{Failure, Output, Playing};

use crate::error::{Error, Result};
use crate::suggest;
use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{Device, ErrorKind, Host};

/// Which device to play on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The sound system's name as [`hosts`] has it; `None` is the system's default.
    pub host: Option<String>,
    /// The device's name as [`names`] has it; `None` is the host's default.
    pub device: Option<String>,
    /// Frames that the device should ask for at a time; `None` leaves it to the device.
    pub period_frames: Option<u32>,
}

/// The names of the sound systems that this program can use.
pub fn hosts() -> Vec<String> {
    cpal::available_hosts().into_iter().map(|host| host.name().to_lowercase()).collect()
}

/// The names of the devices that can play, and what they are.
///
/// # Errors
/// If there is no such host, or the system's sound cannot be asked.
pub fn names(wanted: Option<&str>) -> Result<Vec<(String, String)>> {
    #[cfg(target_os = "linux")]
    silence_alsa();
    let devices = host(wanted)?.output_devices().map_err(|error| Error::failed(format!("no sound: {error}")))?;
    Ok(devices.filter_map(|device| Some((name(&device)?, device.to_string()))).collect())
}

fn host(wanted: Option<&str>) -> Result<Host> {
    let Some(wanted) = wanted else { return Ok(cpal::default_host()) };
    let found = cpal::available_hosts().into_iter().find(|host| host.name().eq_ignore_ascii_case(wanted));
    let Some(found) = found else {
        let names = hosts();
        let all = format!("there are {}", names.join(", "));
        return Err(Error::usage(format!("--host must be a sound system, but was {wanted:?}")).hint(suggest::hint(
            wanted,
            names.iter().map(String::as_str),
            &all,
        )));
    };
    cpal::host_from_id(found).map_err(|error| Error::failed(format!("no sound by {wanted}: {error}")))
}

fn open(choice: &Choice) -> Result<Device> {
    #[cfg(target_os = "linux")]
    silence_alsa();
    let host = host(choice.host.as_deref())?;
    match &choice.device {
        Some(name) => find(&host, name),
        None => host.default_output_device().ok_or_else(no_device),
    }
}

fn find(host: &Host, wanted: &str) -> Result<Device> {
    let devices = host.devices().map_err(|error| Error::failed(format!("no sound: {error}")))?;
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

fn no_device() -> Error {
    Error::failed("there is no sound device").hint("generate and render write files without one")
}

fn refusal(device: &Device, error: &cpal::Error) -> Error {
    let reason = error.to_string();
    let reason = reason.trim_end_matches('.');
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => {
            Error::failed(format!("there is no sound device to play on: {reason}"))
                .hint("generate and render write files without one")
        }
        ErrorKind::DeviceBusy => Error::failed(format!("{device} is in use by another program")),
        _ => Error::failed(format!("{device} does not play: {reason}")),
    }
}

/// Keeps ALSA from writing its own messages to the terminal, for this thread.
#[cfg(target_os = "linux")]
pub fn silence_alsa() {
    // Without it, the worst is more text.
    drop(alsa::Output::local_error_handler());
}
