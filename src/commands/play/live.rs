//! A patch that is played on a MIDI keyboard.

use super::{DeviceArgs, stop_by_ctrl_c};
use crate::console::Console;
use crate::device::{Failure, Output, Playing};
use crate::error::Result;
use crate::midi_in;
use crate::playback::{Live, Synth, live};
use riffsmith_dsp::SampleRate;
use riffsmith_dsp::patch::Patch;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often device and clock are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Frames that a device is asked to take at a time.
const PERIOD_FRAMES: u32 = 256;

/// A tempo that differs by less is not told again, in BPM.
const SAME_TEMPO: f64 = 1.0;

/// Plays `patch` as the port says, until Ctrl-C.
///
/// # Errors
/// If there is no such port or device, or the device is lost.
pub fn run(patch: &Patch, port: &str, device: &DeviceArgs, volume: f32, console: Console) -> Result<()> {
    let (mut playing, mut instrument) = open(patch, device, volume)?;
    let mut messages = instrument.messages();
    let (sender, receiver) = std::sync::mpsc::channel::<Vec<u8>>();
    // If nobody listens any more, the program is about to end.
    let connection = midi_in::connect(port, move |message| drop(sender.send(message.to_vec())))?;
    let rate = playing.rate();
    let period = playing.period_frames();
    let waiting = instrument.ahead_frames();
    let latency_ms = 1000.0 * (playing.latency_s() + rate.seconds(waiting));
    console.note(&format!(
        "{} plays {}; from key to sound at most {latency_ms:.1} ms: {waiting} frames rendered ahead and three times {period} of the device at {} Hz",
        connection.name,
        patch.name,
        rate.as_u32()
    ));
    let stop = stop_by_ctrl_c()?;
    let (mut told_bpm, mut xruns) = (0.0, 0_u64);
    while !stop.load(Ordering::Relaxed) {
        if let Ok(message) = receiver.recv_timeout(LOOK) {
            drop(messages.send(message));
        }
        for failure in playing.failures() {
            match failure {
                Failure::Xrun => xruns += 1,
                Failure::Lost(reason) => {
                    console.warn(&format!("{reason}; waiting for it"));
                    (playing, instrument) = reopen(patch, device, volume, &|| stop.load(Ordering::Relaxed))?;
                    messages = instrument.messages();
                    console.note("playing again");
                    break;
                }
            }
        }
        if let Some(bpm) = instrument.clock_bpm().filter(|bpm| (bpm - told_bpm).abs() >= SAME_TEMPO) {
            told_bpm = bpm;
            console.note(&format!("clock at {bpm:.1} bpm"));
        }
    }
    let late = instrument.starved_frames();
    console.detail(&format!("{xruns} xruns, {late} frames not rendered in time"));
    Ok(())
}

fn open(patch: &Patch, device: &DeviceArgs, volume: f32) -> Result<(Playing, Live)> {
    let choice = device.choice(PERIOD_FRAMES);
    let mut period = choice.period_frames.unwrap_or(PERIOD_FRAMES);
    loop {
        let output = Output::open(&choice, SampleRate::CD)?;
        let synth = Synth::new(patch.clone(), output.rate()?);
        let (instrument, mut mixer) = live(synth, output.channels(), volume, period as usize);
        let playing = output.start(move |out| mixer.fill(out))?;
        // How many frames it really takes at a time is known once it plays: no fewer may be ready for it.
        if playing.period_frames() <= period {
            return Ok((playing, instrument));
        }
        period = playing.period_frames();
    }
}

/// Waits for a device, or for the end.
fn reopen(patch: &Patch, device: &DeviceArgs, volume: f32, is_over: &dyn Fn() -> bool) -> Result<(Playing, Live)> {
    loop {
        match open(patch, device, volume) {
            Err(error) if is_over() => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(500)),
            Ok(found) => return Ok(found),
        }
    }
}
