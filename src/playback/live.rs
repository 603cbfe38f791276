//! Live playing: voices are rendered on a thread of their own, a little ahead of the callback, which only copies. Striking a voice takes
//! memory, which a callback must not ask for.

use super::synth::Synth;
use riffsmith_dsp::StereoFrame;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Frames rendered at a time.
const BLOCK: usize = 64;

/// How long the thread waits for a message before it looks at the callback again.
const LOOK: Duration = Duration::from_micros(500);

/// The callback's end.
pub struct LiveMixer {
    rendered: Consumer<StereoFrame>,
    channels: usize,
    volume: f32,
    starved: Arc<AtomicU64>,
}

/// A patch that is being played; it ends with this.
pub struct Live {
    messages: Sender<Vec<u8>>,
    stop: Arc<AtomicBool>,
    starved: Arc<AtomicU64>,
    bpm: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
    ahead_frames: usize,
}

/// Plays `synth` to a device of so many channels that asks for `period` frames at a time.
pub fn live(synth: Synth, channels: usize, volume: f32, period: usize) -> (Live, LiveMixer) {
    // Those that the callback takes at once, and a block.
    let ahead_frames = period + BLOCK;
    let (write, read) = RingBuffer::new(ahead_frames);
    let (messages, heard) = channel();
    let (stop, starved, bpm) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let render = Render { synth, write, heard, stop: Arc::clone(&stop), bpm: Arc::clone(&bpm) };
    let thread = Some(std::thread::spawn(move || render.run()));
    let mixer = LiveMixer { rendered: read, channels: channels.max(1), volume, starved: Arc::clone(&starved) };
    (Live { messages, stop, starved, bpm, thread, ahead_frames }, mixer)
}

impl LiveMixer {
    /// Fills `out`, whole frames of interleaved channels, with what is rendered; with silence where nothing is. Neither allocates,
    /// frees, locks nor waits.
    pub fn fill(&mut self, out: &mut [f32]) {
        for device_frame in out.chunks_mut(self.channels) {
            let frame = self.rendered.pop().unwrap_or_else(|_| {
                self.starved.fetch_add(1, Ordering::Relaxed);
                [0.0; 2]
            });
            let [left, right] = frame.map(|sample| sample * self.volume);
            match device_frame {
                [mono] => *mono = 0.5 * (left + right),
                [first, second, others @ ..] => {
                    *first = left;
                    *second = right;
                    others.fill(0.0);
                }
                [] => {}
            }
        }
    }
}

impl Live {
    /// Where messages go in.
    pub fn messages(&self) -> Sender<Vec<u8>> {
        self.messages.clone()
    }

    /// Frames that are rendered ahead of the callback.
    pub fn ahead_frames(&self) -> usize {
        self.ahead_frames
    }

    /// Frames of silence that were heard because nothing was rendered in time.
    pub fn starved_frames(&self) -> u64 {
        self.starved.load(Ordering::Relaxed)
    }

    /// The tempo of the clock, if there is one.
    pub fn clock_bpm(&self) -> Option<f64> {
        let bpm = f64::from_bits(self.bpm.load(Ordering::Relaxed));
        (bpm > 0.0).then_some(bpm)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // If it has panicked, there is nothing left to end.
            drop(thread.join());
        }
    }
}

struct Render {
    synth: Synth,
    write: Producer<StereoFrame>,
    heard: Receiver<Vec<u8>>,
    stop: Arc<AtomicBool>,
    bpm: Arc<AtomicU64>,
}

impl Render {
    fn run(mut self) {
        let began = Instant::now();
        let mut block = [[0.0; 2]; BLOCK];
        while !self.stop.load(Ordering::Relaxed) {
            let mut next = match self.heard.recv_timeout(LOOK) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            while let Some(message) = next {
                self.synth.hear(&message, began.elapsed().as_secs_f64());
                next = self.heard.try_recv().ok();
            }
            self.bpm.store(self.synth.clock_bpm().unwrap_or(0.0).to_bits(), Ordering::Relaxed);
            while self.write.slots() >= BLOCK {
                self.synth.render(&mut block);
                for frame in block {
                    // There is room: only this thread writes.
                    let _ = self.write.push(frame);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::SampleRate;

    #[test]
    fn a_key_is_heard_after_what_was_rendered_ahead_at_most() {
        let synth = Synth::new(riffsmith_dsp::patch::find("saw_lead").expect("built in"), SampleRate::CD);
        let (live, mut mixer) = live(synth, 2, 1.0, 256);
        let mut out = vec![0.0; 2 * 256];
        live.messages().send(vec![0x90, 60, 100]).expect("it listens");
        // However slow this machine is: what is heard is never out of order, only late, and then silent.
        let loud = (0..).find(|_| {
            mixer.fill(&mut out);
            std::thread::sleep(Duration::from_millis(1));
            out.iter().any(|sample| sample.abs() > 0.01)
        });
        assert!(loud.is_some());
        assert_eq!(live.clock_bpm(), None);
    }
}
