//! The callback against what it should write, frame by frame.

use super::*;
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::sync::Arc;

const RATE: u32 = 8_000;

fn rate() -> SampleRate {
    SampleRate::new(RATE).expect("valid")
}

fn audio(frames: impl Iterator<Item = f32>) -> AudioBuffer {
    AudioBuffer { sample_rate: rate(), frames: frames.map(|sample| [sample, -sample]).collect() }
}

fn ramp(frames: usize) -> AudioBuffer {
    audio((0..frames).map(|n| n as f32 + 1.0))
}

fn constant(id: u64, frames: usize, level: f32) -> Sound {
    Sound { bar_s: Some(0.125), ..Sound::plain(id, audio(std::iter::repeat_n(level, frames)), true) }
}

/// A sine that goes round.
fn tone(id: u64, hz: f64) -> Sound {
    let sample = |n: usize| 0.5 * (std::f64::consts::TAU * hz * n as f64 / f64::from(RATE)).sin() as f32;
    Sound { bar_s: Some(0.125), ..Sound::plain(id, audio((0..4000).map(sample)), true) }
}

fn play(mixer: &mut Mixer, channels: usize, blocks: &[usize]) -> Vec<f32> {
    let mut out = Vec::new();
    for block in blocks {
        let mut buffer = vec![f32::NAN; block * channels];
        mixer.fill(&mut buffer);
        out.extend(buffer);
    }
    out
}

fn left(mixer: &mut Mixer, blocks: &[usize]) -> Vec<f32> {
    play(mixer, 2, blocks).into_iter().step_by(2).collect()
}

fn playing(sound: Sound) -> (Link, Mixer) {
    let (mut link, mixer) = link(rate(), 2);
    assert!(link.play(Arc::new(sound), When::Now));
    (link, mixer)
}

fn crossfade() -> usize {
    rate().frames(CROSSFADE_S)
}

#[test]
fn a_sound_is_played_as_it_is_whatever_the_blocks_and_then_silence() {
    let (link, mut mixer) = playing(Sound::plain(1, ramp(5), false));
    let out = play(&mut mixer, 2, &[3, 1, 1]);
    assert_eq!(out, [1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 4.0, -4.0, 5.0, -5.0]);
    assert_eq!(play(&mut mixer, 2, &[2]), [0.0; 4]);
    assert!(link.status().is_finished());
}

#[test]
fn a_loop_has_no_gap() {
    let (link, mut mixer) = playing(Sound::plain(1, ramp(3), true));
    assert_eq!(left(&mut mixer, &[4, 4]), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]);
    assert!(!link.status().is_finished());
    assert_eq!((link.status().position(), link.status().frames()), ((1, 2), 8));
}

#[test]
fn an_empty_sound_ends_at_once() {
    let (link, mut mixer) = playing(Sound::plain(1, ramp(0), true));
    assert_eq!(play(&mut mixer, 2, &[2]), [0.0; 4]);
    assert!(link.status().is_finished());
}

#[test]
fn mono_and_surround_devices_are_served() {
    let stereo = AudioBuffer { sample_rate: rate(), frames: vec![[0.25, 0.75]; 2] };
    for (channels, expected) in [(1, vec![0.5, 0.5]), (4, vec![0.25, 0.75, 0.0, 0.0, 0.25, 0.75, 0.0, 0.0])] {
        let (mut link, mut mixer) = link(rate(), channels);
        link.play(Arc::new(Sound::plain(1, stereo.clone(), false)), When::Now);
        assert_eq!(play(&mut mixer, channels, &[2]), expected);
    }
}

#[test]
fn stopping_fades_without_a_step() {
    let (mut link, mut mixer) = playing(constant(1, 100, 1.0));
    left(&mut mixer, &[500]);
    link.tell(Command::Stop);
    let fade = rate().frames(FADE_S);
    let heard = left(&mut mixer, &[fade + 10]);
    let largest_step = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    // Straight down: each step is one part of the fade, with room for rounding.
    assert!(largest_step < 1.01 / fade as f32, "{largest_step}");
    assert_eq!(heard[fade..], [0.0; 10]);
    assert!(link.status().is_finished());
}

#[test]
fn a_pause_holds_its_place() {
    let (mut link, mut mixer) = playing(Sound::plain(1, ramp(5000), true));
    let fade = rate().frames(FADE_S);
    left(&mut mixer, &[100]);
    link.tell(Command::Pause(true));
    left(&mut mixer, &[fade + 50]);
    let (_, held) = link.status().position();
    assert_eq!(left(&mut mixer, &[500]), [0.0; 500]);
    assert_eq!(link.status().position(), (1, held));
    link.tell(Command::Pause(false));
    left(&mut mixer, &[fade]);
    assert_eq!(left(&mut mixer, &[1]), [(held + fade + 1) as f32]);
}

#[test]
fn a_switch_is_done_on_the_bar_line_and_what_is_struck_there_is_whole() {
    // Bars of 1000 frames; the second sound strikes on its first frame.
    let mut struck = vec![0.0; 4000];
    struck[..20].fill(0.9);
    for at in [1, 500, 911, 2000, 3995] {
        let (mut link, mut mixer) = playing(constant(1, 4000, 0.25));
        let before = left(&mut mixer, &[at]);
        assert_eq!(before, vec![0.25; at]);
        let next = Sound { bar_s: Some(0.125), ..Sound::plain(2, audio(struck.iter().copied()), true) };
        link.play(Arc::new(next), When::Line);
        let heard = left(&mut mixer, &[7, 4096 - 7]);
        let line = (at + crossfade()).next_multiple_of(1000) - at;
        assert_eq!(heard[..line - crossfade()], vec![0.25; line - crossfade()], "{at}");
        assert_eq!(heard[line..line + 30], struck[..30], "{at}");
        let fade = &heard[line - crossfade()..line];
        assert!(fade.windows(2).all(|pair| pair[1] <= pair[0]), "{at}");
        let switched =
            Event::Switched { sound: 2, frame: (at + line) as u64, line: ((at + line - 1) % 4000 + 1) as u64 };
        assert_eq!(link.events().pop(), Some(switched));
    }
}

#[test]
fn a_switch_at_once_keeps_the_place_in_the_bar() {
    let (mut link, mut mixer) = playing(Sound { bar_s: Some(0.125), ..Sound::plain(1, ramp(4000), true) });
    left(&mut mixer, &[1250]);
    // Two bars, half as long each: a quarter into the second one.
    let half = Sound { bar_s: Some(0.0625), ..Sound::plain(2, ramp(1000), true) };
    link.play(Arc::new(half), When::Now);
    left(&mut mixer, &[crossfade()]);
    assert_eq!(left(&mut mixer, &[1]), [(625 + crossfade() + 1) as f32]);
}

#[test]
fn no_switch_clicks() {
    for when in [When::Line, When::Now] {
        let (mut link, mut mixer) = playing(tone(1, 100.0));
        let mut heard = left(&mut mixer, &[777]);
        for (id, hz) in [(2, 150.0), (3, 62.0), (4, 100.0)] {
            link.play(Arc::new(tone(id, hz)), when);
            heard.extend(left(&mut mixer, &[1300]));
        }
        // A step would leave most of its height in the third difference; tones of 150 Hz leave 8e-4 x their level, and the cross-fade
        // of 10 ms as much as a tone of 50 Hz.
        let third = heard.windows(4).map(|x| (x[3] - 3.0 * x[2] + 3.0 * x[1] - x[0]).abs()).fold(0.0, f32::max);
        assert!(third < 2e-3, "{when:?}: {third}");
    }
}

#[test]
fn the_last_of_several_wishes_counts_and_all_sounds_come_back() {
    let (mut link, mut mixer) = playing(constant(1, 4000, 0.1));
    left(&mut mixer, &[10]);
    let sounds: Vec<Arc<Sound>> = (2..40).map(|id| Arc::new(constant(id, 4000, 0.01 * id as f32))).collect();
    for sound in &sounds {
        link.play(Arc::clone(sound), When::Line);
        left(&mut mixer, &[3]);
    }
    left(&mut mixer, &[2000]);
    assert_eq!(link.status().position().0, 39);
    drop(link.events());
    // The last one plays; the others are ours alone.
    assert!(sounds[..37].iter().all(|sound| Arc::strong_count(sound) == 1));
    assert_eq!(Arc::strong_count(&sounds[37]), 2);
}

#[test]
fn sounds_are_only_taken_while_there_is_room_to_give_them_back() {
    let (mut link, mut mixer) = playing(constant(1, 4000, 0.1));
    for id in 2..200 {
        // Nobody takes back what is spent.
        link.play(Arc::new(constant(id, 4000, 0.1)), When::Now);
        left(&mut mixer, &[200]);
    }
    let (stuck, _) = link.status().position();
    assert!(stuck < 100, "{stuck}");
    drop(link.events());
    left(&mut mixer, &[200]);
    assert!(link.status().position().0 > stuck);
}

#[test]
fn stems_take_over_from_the_mix_and_give_back_to_it() {
    let part = |level| Some(Arc::new(audio(std::iter::repeat_n(level, 4000))));
    let sound = Sound { stems: [part(0.1), part(0.2), None, part(0.4)], ..constant(1, 4000, 0.7) };
    let (mut link, mut mixer) = playing(sound);
    assert_eq!(left(&mut mixer, &[10]), [0.7; 10]);
    link.set_layers([0.0, 1.0, 0.0, 1.0, 1.0]);
    let moved = left(&mut mixer, &[200]);
    assert!(moved.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.01));
    assert_eq!(moved[199], 0.1 + 0.4);
    link.set_layers([1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(left(&mut mixer, &[200])[199], 0.7);
    // A sound of unknown parts is heard whole, whatever is muted.
    link.set_layers([0.0, 1.0, 0.0, 0.0, 0.0]);
    link.play(Arc::new(constant(2, 4000, 0.3)), When::Now);
    assert_eq!(left(&mut mixer, &[500])[499], 0.3);
}

#[test]
fn what_is_shown_is_what_was_heard() {
    let (mut link, mut mixer) = playing(Sound::plain(1, ramp(400), true));
    let out = play(&mut mixer, 2, &[300]);
    assert_eq!(link.heard().as_flattened(), out);
}

#[test]
fn bars_of_no_whole_number_of_frames_lie_where_they_are_nearest() {
    // 3 bars of 333 1/3 frames.
    let sound = Sound { bar_s: Some(1.0 / 24.0), ..Sound::plain(1, ramp(1000), true) };
    assert_eq!((sound.bars(), [0, 1, 2, 3].map(|bar| sound.bar_start(bar))), (3, [0, 333, 667, 1000]));
    assert_eq!([0, 332, 333, 666, 667, 999].map(|frame| sound.bar_at(frame)), [0, 0, 1, 1, 2, 2]);
}

#[test]
fn at_another_rate_the_bars_stay_where_they_are() {
    let sound = tone(1, 100.0).at_rate(SampleRate::CD);
    assert_eq!((sound.len(), sound.bars(), sound.bar_start(1)), (22_050, 4, 5513));
    let expected = |n: usize| 0.5 * (std::f64::consts::TAU * 100.0 * n as f64 / 44_100.0).sin() as f32;
    let worst = sound.mix.frames.iter().enumerate().map(|(n, frame)| (frame[0] - expected(n)).abs());
    assert!(worst.fold(0.0, f32::max) < 1e-5);
}

#[test]
fn without_a_device_time_goes_on() {
    let mut engine = Engine::silent(crate::device::Choice::default(), rate());
    engine.play(&Arc::new(Sound::plain(1, ramp(100), false)), When::Now);
    while !engine.is_finished() {
        std::thread::yield_now();
    }
    assert_eq!((engine.device(), engine.position().0), (None, 1));
    assert!(matches!(engine.tend().as_slice(), [Notice::Switched { sound: 1, frame: 0, line: 0 }]));
}
