//! A patch played live: MIDI messages in, sound out.

use super::pulse::Pulse;
use riffsmith_dsp::effect::{Chain, Effect, EffectContext, MAX_BLOCK};
use riffsmith_dsp::instrument::{Controllers, Instrument, Strike, Voice};
use riffsmith_dsp::patch::Patch;
use riffsmith_dsp::score::{Tempo, Velocity};
use riffsmith_dsp::units::db_to_gain;
use riffsmith_dsp::{SampleRate, Seed, StereoFrame};

/// Voices at most; then the oldest one gives way.
const VOICES: usize = 48;

/// Reach of the pitch wheel either way, in semitones: General MIDI's default.
const BEND: f32 = 2.0;

/// MIDI's controllers.
const WHEEL: u8 = 1;
const EXPRESSION: u8 = 11;
const PEDAL: u8 = 64;
const SOUND_OFF: u8 = 120;
const NOTES_OFF: u8 = 123;

/// A tempo that a clock changes by less is the same, in BPM.
const SAME_TEMPO: f64 = 0.5;

/// A patch and the notes that sound on it.
pub struct Synth {
    patch: Patch,
    rate: SampleRate,
    tempo: Tempo,
    gain: f32,
    chain: Chain,
    sounding: Vec<Sounding>,
    is_pedal_down: bool,
    bend: f32,
    controllers: Controllers,
    pulse: Pulse,
    struck: u64,
}

struct Sounding {
    pitch: u8,
    voice: Box<dyn Voice>,
    /// The key is down.
    is_held: bool,
    is_released: bool,
}

impl Synth {
    /// The patch at rest, at 120 BPM until a clock says otherwise.
    pub fn new(patch: Patch, rate: SampleRate) -> Self {
        let tempo = Tempo::from_micros_per_quarter(500_000);
        Self {
            gain: db_to_gain(patch.gain_db + patch.instrument.entry().trim_db),
            chain: chain(&patch, rate, tempo),
            patch,
            rate,
            tempo,
            sounding: Vec::with_capacity(VOICES + 1),
            is_pedal_down: false,
            bend: 0.0,
            controllers: Controllers::default(),
            pulse: Pulse::default(),
            struck: 0,
        }
    }

    /// Hears a message, at a time in seconds from some moment on. Channels are all the same to it; what it does not know it leaves alone.
    pub fn hear(&mut self, message: &[u8], at_s: f64) {
        let Some((&status, data)) = message.split_first() else { return };
        match (status & 0xf0, data) {
            (0xf0, _) if status == Pulse::TICK => self.pulse.tick(at_s),
            (0x90, &[pitch, velocity, ..]) if velocity > 0 => self.strike(pitch, velocity),
            (0x80 | 0x90, &[pitch, ..]) => self.let_go(pitch),
            (0xb0, &[controller, value, ..]) => self.control(controller, value),
            (0xd0, &[value, ..]) => self.controllers.pressure = f32::from(value) / 127.0,
            (0xe0, &[low, high, ..]) => {
                let value = i32::from(high) * 128 + i32::from(low) - 8192;
                self.bend = BEND * value as f32 / 8192.0;
                let bend = self.bend;
                self.sounding.iter_mut().for_each(|one| one.voice.bend(bend));
            }
            _ => {}
        }
        let controllers = self.controllers;
        self.sounding.iter_mut().for_each(|one| one.voice.listen(&controllers));
    }

    /// Writes the next frames.
    pub fn render(&mut self, frames: &mut [StereoFrame]) {
        self.follow_clock();
        for block in frames.chunks_mut(MAX_BLOCK) {
            block.fill([0.0; 2]);
            self.sounding.iter_mut().for_each(|one| one.voice.render(block));
            self.sounding.retain(|one| !one.voice.is_finished());
            for frame in block.iter_mut() {
                *frame = frame.map(|sample| sample * self.gain);
            }
            self.chain.process(block, None);
        }
    }

    /// The tempo that a clock has given.
    pub fn clock_bpm(&self) -> Option<f64> {
        self.pulse.bpm()
    }

    fn strike(&mut self, pitch: u8, velocity: u8) {
        let instrument = &self.patch.instrument;
        for one in &mut self.sounding {
            if instrument.chokes(f64::from(pitch), f64::from(one.pitch)) {
                one.voice.choke();
            }
        }
        // The same key again: what it struck before is let go.
        self.let_go(pitch);
        if self.sounding.len() >= VOICES {
            self.sounding.remove(0);
        }
        let strike = Strike {
            pitch: f64::from(pitch),
            velocity: Velocity::new(velocity.min(127)),
            sample_rate: self.rate,
            bpm: self.tempo.bpm(),
            seed: Seed(0).fork_index(self.struck),
        };
        self.struck += 1;
        let mut voice = self.patch.instrument.strike(&strike);
        voice.bend(self.bend);
        voice.listen(&self.controllers);
        self.sounding.push(Sounding { pitch, voice, is_held: true, is_released: false });
    }

    fn let_go(&mut self, pitch: u8) {
        self.sounding.iter_mut().filter(|one| one.pitch == pitch).for_each(|one| one.is_held = false);
        self.release();
    }

    fn control(&mut self, controller: u8, value: u8) {
        let share = f32::from(value) / 127.0;
        match controller {
            WHEEL => self.controllers.wheel = share,
            EXPRESSION => self.controllers.expression = share,
            PEDAL => {
                self.is_pedal_down = value >= 64;
                self.release();
            }
            SOUND_OFF => self.sounding.iter_mut().for_each(|one| one.voice.choke()),
            NOTES_OFF => {
                self.sounding.iter_mut().for_each(|one| one.is_held = false);
                self.release();
            }
            _ => {}
        }
    }

    fn release(&mut self) {
        if self.is_pedal_down {
            return;
        }
        for one in self.sounding.iter_mut().filter(|one| !one.is_held && !one.is_released) {
            one.is_released = true;
            one.voice.release();
        }
    }

    /// Echoes in beats follow a clock once nothing sounds: their memory is made anew.
    fn follow_clock(&mut self) {
        let Some(bpm) = self.pulse.bpm() else { return };
        if (bpm - self.tempo.bpm()).abs() < SAME_TEMPO || !self.sounding.is_empty() {
            return;
        }
        if let Ok(tempo) = Tempo::new(bpm) {
            self.tempo = tempo;
            self.chain = chain(&self.patch, self.rate, tempo);
        }
    }
}

fn chain(patch: &Patch, sample_rate: SampleRate, tempo: Tempo) -> Chain {
    Chain::new(&patch.inserts, &EffectContext { sample_rate, tempo, period_frames: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synth(name: &str) -> Synth {
        Synth::new(riffsmith_dsp::patch::find(name).expect("built in"), SampleRate::CD)
    }

    fn loudness(synth: &mut Synth, frames: usize) -> f32 {
        let mut block = vec![[0.0; 2]; frames];
        synth.render(&mut block);
        (block.iter().flatten().map(|sample| sample * sample).sum::<f32>() / frames as f32).sqrt()
    }

    #[test]
    fn keys_sound_while_they_are_held_and_the_pedal_holds_them_on() {
        for off in [[0x80, 60, 0], [0x90, 60, 0]] {
            let mut synth = synth("saw_lead");
            assert_eq!(loudness(&mut synth, 1000), 0.0);
            synth.hear(&[0x90, 60, 100], 0.0);
            assert!(loudness(&mut synth, 22_050) > 0.01);
            synth.hear(&[0xb0, 64, 127], 0.0);
            synth.hear(&off, 0.0);
            assert!(loudness(&mut synth, 22_050) > 0.01);
            synth.hear(&[0xb0, 64, 0], 0.0);
            loudness(&mut synth, 220_500);
            assert!(loudness(&mut synth, 4410) < 1e-3);
            assert!(synth.sounding.is_empty());
        }
    }

    #[test]
    fn the_wheel_bends_by_two_semitones() {
        let mut synth = synth("sub_sine");
        synth.hear(&[0xe0, 0x7f, 0x7f], 0.0);
        synth.hear(&[0x90, 57, 100], 0.0);
        let mut frames = vec![[0.0; 2]; 44_100];
        synth.render(&mut frames);
        let upward = |pair: &[StereoFrame]| pair[0][0] < 0.0 && pair[1][0] >= 0.0;
        let periods = frames[22_050..].windows(2).filter(|pair| upward(pair)).count();
        let hz = 220.0 * (2.0f64 / 12.0).exp2();
        assert!((periods as f64 * 2.0 - hz).abs() < 3.0, "{periods} in half a second");
    }

    #[test]
    fn a_closed_hat_chokes_an_open_one() {
        let energy = |closed: bool| {
            let mut synth = synth("kit_house");
            synth.hear(&[0x99, 46, 100], 0.0);
            loudness(&mut synth, 2205);
            if closed {
                synth.hear(&[0x99, 42, 1], 0.0);
            }
            loudness(&mut synth, 4410);
            loudness(&mut synth, 8820)
        };
        assert!(energy(true) < 0.5 * energy(false), "{} {}", energy(true), energy(false));
    }

    #[test]
    fn broken_and_unknown_messages_change_nothing() {
        let mut synth = synth("saw_lead");
        for message in [&[][..], &[0x90], &[0x90, 60], &[0xb0, 1], &[0xff, 1, 2], &[0xf0, 0x7e, 0xf7], &[0xa0, 60, 3]] {
            synth.hear(message, 0.0);
        }
        assert_eq!(loudness(&mut synth, 4410), 0.0);
    }

    #[test]
    fn the_oldest_note_gives_way_to_one_too_many() {
        let mut synth = synth("warm_pad");
        (0..100).for_each(|key| synth.hear(&[0x90, key, 80], 0.0));
        assert_eq!((synth.sounding.len(), synth.sounding[0].pitch), (VOICES, 100 - VOICES as u8));
    }

    #[test]
    fn a_clock_sets_the_tempo() {
        let mut synth = synth("saw_lead");
        (0..60).for_each(|tick| synth.hear(&[0xf8], f64::from(tick) * 60.0 / 24.0 / 133.0));
        assert!((synth.clock_bpm().expect("heard") - 133.0).abs() < 0.01);
        loudness(&mut synth, 64);
        assert!((synth.tempo.bpm() - 133.0).abs() < 0.01);
    }
}
