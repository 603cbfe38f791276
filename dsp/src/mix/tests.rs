//! The whole mix.

use super::*;
use crate::effect::{Chain, Compressor, EffectContext, Eq};
use crate::loudness::integrated_lufs;
use crate::patch::find;
use crate::score::{Meter, Note, Pitch, Tempo, Ticks, Velocity};
use crate::seam::seam_score;
use crate::units::db_to_gain;

fn note(start: u32, pitch: u8, length: u32) -> Note {
    Note { start: Ticks(start), pitch: Pitch::new(pitch), length: Ticks(length), velocity: Velocity::new(100) }
}

/// Two bars: kicks on the quarters, a held chord, a bass note an eighth.
fn score() -> Score {
    let mut score = Score::empty(Ticks(3840), Tempo::new(130.0).expect("valid"), Meter::COMMON);
    let track = |role, channel, notes| Track { role: Some(role), channel, notes, ..Track::default() };
    let kicks = (0..8).map(|beat| note(480 * beat, 36, 120)).collect();
    let bass = (0..16).map(|eighth| note(240 * eighth, 33 + (eighth % 3) as u8, 200)).collect();
    let chord = [57, 60, 64].map(|pitch| note(0, pitch, 3840)).to_vec();
    score.tracks = vec![track(Role::Drums, 9, kicks), track(Role::Bass, 0, bass), track(Role::Chords, 1, chord)];
    score
}

const MIX: &str = r#"
[channels.drums]
patch = "kit_house"
reverb_send_db = -20.0
[channels.bass]
patch = "init_saw"
gain_db = -9.0
duck_db = 6.0
inserts = [{ type = "drive", drive_db = 6.0 }, { type = "compressor", sidechain = true }]
[channels.chords]
patch = "init_saw"
gain_db = -12.0
pan = 0.3
eq = { low_cut_hz = 200.0 }
inserts = [{ type = "chorus" }]
reverb_send_db = -10.0
delay_send_db = -14.0
[reverb]
decay_s = 1.2
[delay]
beats = 0.5
"#;

fn mix() -> Mix {
    let mix: Mix = toml::from_str(MIX).expect("valid");
    mix.validate().expect("in range");
    mix
}

#[test]
fn a_mix_without_stems_is_the_sum_of_the_stems() {
    for ending in [Ending::Wrap, Ending::Cut, Ending::Ring] {
        let stems = render(&score(), &mix(), SampleRate::CD, ending, Seed(7));
        let (sum, alone) = (sum(&stems), render_sum(&score(), &mix(), SampleRate::CD, ending, Seed(7)));
        let frames = sum.len().min(alone.len());
        let pairs = sum.frames[..frames].iter().flatten().zip(alone.frames[..frames].iter().flatten());
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // Roundings of an f32 that passes a reverb: below -100 dBFS. Ringing stops at -90 dB.
        let most = if ending == Ending::Ring { 6.4e-5 } else { 1e-5 };
        assert!(worst < most, "{ending:?}: {worst}");
        assert!(ending == Ending::Ring || sum.len() == alone.len());
    }
}

#[test]
fn a_bus_compresses_the_sum_and_its_stems_still_add_up() {
    let mut glued = mix();
    let compressor = Compressor { threshold_db: -30.0, ratio: 4.0, lookahead_ms: 2.0, ..Compressor::default() };
    let eq = Eq { low_cut_hz: Some(120.0), ..Eq::default() };
    let bus = |compressor| Bus {
        channels: vec!["bass".to_owned(), "chords".to_owned()],
        eq: Some(eq.clone()),
        compressor: Some(compressor),
    };
    for ending in [Ending::Wrap, Ending::Cut, Ending::Ring] {
        glued.buses.insert("music".to_owned(), bus(compressor.clone()));
        glued.validate().expect("in range");
        let stems = render(&score(), &glued, SampleRate::CD, ending, Seed(7));
        let (sum, alone) = (sum(&stems), render_sum(&score(), &glued, SampleRate::CD, ending, Seed(7)));
        let pairs = sum.frames.iter().flatten().zip(alone.frames.iter().flatten());
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < if ending == Ending::Ring { 6.4e-5 } else { 1e-5 }, "{ending:?}: {worst}");
        // Beside it, the same bus without a compressor: all of its channels are turned down alike, at the same frames.
        glued.buses.insert("music".to_owned(), bus(Compressor { ratio: 1.0, ..compressor.clone() }));
        let loose = render(&score(), &glued, SampleRate::CD, ending, Seed(7));
        let mut drums = stems[0].audio.frames.iter().zip(&loose[0].audio.frames);
        assert!(drums.all(|(a, b)| a == b), "the drums are on no bus: {ending:?}");
        assert!((1..3).all(|stem| stems[stem].audio.rms() < 0.8 * loose[stem].audio.rms()), "{ending:?}");
    }
}

#[test]
fn a_channel_is_on_one_bus_at_most() {
    let mut mix = mix();
    for name in ["one", "two"] {
        mix.buses.insert(name.to_owned(), Bus { channels: vec!["bass".to_owned()], ..Bus::default() });
    }
    let error = mix.validate().expect_err("twice").to_string();
    assert_eq!(error, "channel on two buses \"bass\" is not understood; a channel is on one bus at most");
}

#[test]
fn a_mix_is_read_from_text_and_written_back() {
    let written = toml::to_string(&mix()).expect("plain data");
    assert_eq!(toml::from_str::<Mix>(&written).expect("valid"), mix());
    // Built-in patches by their names, others whole.
    assert!(written.contains("patch = \"kit_house\""), "{written}");
    let mut own = mix();
    own.channels.get_mut("bass").expect("there").patch.gain_db = 1.25;
    let written = toml::to_string(&own).expect("plain data");
    assert!(written.contains("gain_db = 1.25"));
    assert_eq!(toml::from_str::<Mix>(&written).expect("valid"), own);
    let error = toml::from_str::<Mix>("[channels.bass]\npatch = \"no_such\"").expect_err("unknown patch");
    assert!(error.to_string().contains("no_such"), "{error}");
}

#[test]
fn stems_have_the_length_of_the_loop_and_close() {
    let stems = render(&score(), &mix(), SampleRate::CD, Ending::Wrap, Seed(1));
    assert_eq!(stems.iter().map(|stem| stem.name.as_str()).collect::<Vec<_>>(), ["drums", "bass", "chords"]);
    for stem in &stems {
        assert_eq!(stem.audio.len(), (8.0f64 * 60.0 / 130.0 * 44_100.0).round() as usize);
        assert!(stem.audio.peak() > 0.01, "{} is silent", stem.name);
    }
    // The chord is held and struck again at the seam; the tail of its effects must run on across it.
    assert!(seam_score(&sum(&stems)) <= 1.0);
}

#[test]
fn stems_that_would_clip_are_turned_down_together_and_others_are_left() {
    let mut stems = render(&score(), &mix(), SampleRate::CD, Ending::Wrap, Seed(1));
    let peak = sum(&stems).peak().max(stems.iter().map(|stem| stem.audio.peak()).fold(0.0, f32::max));
    stems.iter_mut().for_each(|stem| stem.audio.scale(0.8 / peak));
    let quiet = stems.clone();
    make_room(&mut stems);
    assert!(stems == quiet);

    stems.iter_mut().for_each(|stem| stem.audio.scale(2.5));
    make_room(&mut stems);
    let ceiling = db_to_gain(-1.0);
    let loudest = stems.iter().map(|stem| stem.audio.peak()).fold(sum(&stems).peak(), f32::max);
    assert!((loudest - ceiling).abs() < 1e-4, "{loudest}");
    for (stem, quiet) in stems.iter().zip(&quiet) {
        let ratio = stem.audio.peak() / quiet.audio.peak();
        assert!((ratio - ceiling / 0.8).abs() < 1e-4, "{}: {ratio}", stem.name);
    }
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let render_with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| render(&score(), &mix(), SampleRate::CD, Ending::Wrap, Seed(1)))
    };
    assert!(render_with(1) == render_with(3));
}

#[test]
fn stems_add_up_to_a_mix_with_shared_sends() {
    let (score, mix) = (score(), mix());
    let mixed = sum(&render(&score, &mix, SampleRate::CD, Ending::Wrap, Seed(1)));
    let mut dry_mix = mix.clone();
    for channel in dry_mix.channels.values_mut() {
        (channel.reverb_send_db, channel.delay_send_db) = (None, None);
    }
    let dry = render(&score, &dry_mix, SampleRate::CD, Ending::Wrap, Seed(1));
    let mut expected = sum(&dry);
    let context =
        EffectContext { sample_rate: SampleRate::CD, tempo: score.tempo(), period_frames: Some(expected.len()) };
    let sends = [
        (EffectSpec::Reverb(Reverb { mix: 1.0, ..mix.reverb.clone() }), [Some(-20.0), None, Some(-10.0)]),
        (EffectSpec::Delay(Delay { mix: 1.0, ..mix.delay.clone() }), [None, None, Some(-14.0)]),
    ];
    for (effect, levels_db) in sends {
        let mut bus = AudioBuffer::silence(SampleRate::CD, expected.len());
        for (stem, level_db) in dry.iter().zip(levels_db) {
            let mut sent = stem.audio.clone();
            sent.scale(level_db.map_or(0.0, db_to_gain));
            bus.add(&sent);
        }
        Chain::new(&[effect], &context).process_loop(&mut bus, None);
        expected.add(&bus);
    }
    let samples = mixed.frames.iter().flatten().zip(expected.frames.iter().flatten());
    let residual = samples.map(|(a, b)| (a - b).abs()).fold(0.0f32, f32::max);
    // -120 dBFS.
    assert!(residual < 1e-6, "{residual}");
}

#[test]
fn a_ringing_piece_is_longer_and_a_cut_one_is_not() {
    let length = score().frame_at(Ticks(3840), SampleRate::CD);
    let ring = sum(&render(&score(), &mix(), SampleRate::CD, Ending::Ring, Seed(1)));
    let last = ring.frames[ring.len() - 1].map(f32::abs);
    // Three stems, each ending at -90 dB.
    assert!(ring.len() > length + 22_050 && last[0].max(last[1]) < 1e-4);
    let cut = sum(&render(&score(), &mix(), SampleRate::CD, Ending::Cut, Seed(1)));
    assert_eq!((cut.len(), cut.frames[length - 1]), (length, [0.0; 2]));
}

#[test]
fn the_key_of_a_channel_is_its_number_its_name_or_its_role() {
    let mut mix = Mix::default();
    let channel = |gain_db| Channel { gain_db, ..Channel::new(find("init_saw").expect("built in")) };
    for (key, gain_db) in [("bass", 1.0), ("Moog", 2.0), ("3", 3.0)] {
        mix.channels.insert(key.to_owned(), channel(gain_db));
    }
    let track = Track { name: "Moog".to_owned(), role: Some(Role::Bass), ..Track::default() };
    let gain = |index, track: &Track| mix.channel(index, track).map(|channel| channel.gain_db);
    assert_eq!(gain(2, &track), Some(3.0));
    assert_eq!(gain(0, &track), Some(2.0));
    assert_eq!(gain(0, &Track { name: String::new(), ..track.clone() }), Some(1.0));
    assert_eq!(gain(0, &Track::default()), None);
}

#[test]
fn a_channel_is_brought_to_its_loudness_whatever_plays_it() {
    let score = score();
    for patch in ["init_saw", "init_sine", "sub_sine", "electric_piano"] {
        let mut mix = Mix::default();
        let patch = find(patch).expect("built in");
        let channel = Channel { loudness_lufs: Some(-26.0), ..Channel::new(patch.clone()) };
        mix.channels.insert("bass".to_owned(), channel);
        let loudness =
            |mix: &Mix| integrated_lufs(&render(&score, mix, SampleRate::CD, Ending::Wrap, Seed(1))[0].audio);
        // The meter's gate moves by hundredths with the level.
        assert!((loudness(&mix) + 26.0).abs() < 0.1, "{}: {}", patch.name, loudness(&mix));
        mix.channels.get_mut("bass").expect("just added").gain_db = -3.0;
        assert!((loudness(&mix) + 29.0).abs() < 0.1, "{}: {}", patch.name, loudness(&mix));
    }
}
