//! The bytes of a mix do not depend on the number of threads.

use rayon::ThreadPoolBuilder;
use riffsmith_dsp::mix::{self, Master, Mix, master};
use riffsmith_dsp::score::{Meter, Note, Pitch, Role, Score, Tempo, Ticks, Track, Velocity};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

const STYLES: [&str; 4] = [
    include_str!("../../samples/styles/house.toml"),
    include_str!("../../samples/styles/trap.toml"),
    include_str!("../../samples/styles/ambient.toml"),
    include_str!("../../samples/styles/funk.toml"),
];

fn mix_of(style: &str) -> Mix {
    let style: toml::Table = style.parse().expect("TOML");
    let mut mix = style["mix"].clone();
    // The first sound of the first set for each part.
    let channels = mix["channels"].as_table_mut().expect("channels");
    for (role, channel) in channels {
        let channel = channel.as_table_mut().expect("a channel");
        channel.insert("patch".to_owned(), style["sets"][0][role.as_str()][0].clone());
    }
    mix.try_into().expect("a mix")
}

/// Four bars with more notes than are rendered by one thread at a time.
fn score() -> Score {
    let line = |role, channel, pitches: &[u8], step: u32| {
        let notes = (0..4 * 1920 / step).map(|index| Note {
            start: Ticks(index * step),
            pitch: Pitch::new(pitches[index as usize % pitches.len()]),
            length: Ticks(step),
            velocity: Velocity::new(70 + (index % 5) as u8 * 10),
        });
        Track { role: Some(role), channel, notes: notes.collect(), ..Track::default() }
    };
    let mut score = Score::empty(Ticks(4 * 1920), Tempo::new(125.0).expect("valid"), Meter::COMMON);
    score.tracks = vec![
        line(Role::Drums, 9, &[36, 42, 38, 42, 36, 46], 120),
        line(Role::Bass, 0, &[33, 33, 36, 31], 120),
        line(Role::Chords, 1, &[57, 60, 64, 67], 240),
        line(Role::Lead, 2, &[69, 72, 76], 120),
    ];
    score
}

/// The stems, their sum as it is rendered alone, and the master of it.
fn rendered(mix: &Mix, ending: Ending, threads: usize) -> Vec<AudioBuffer> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(|| {
        let score = score();
        let stems = mix::render(&score, mix, SampleRate::CD, ending, Seed(5));
        let sum = mix::render_sum(&score, mix, SampleRate::CD, ending, Seed(5));
        let mastered = master(sum.clone(), &Master::default(), ending);
        stems.into_iter().map(|stem| stem.audio).chain([sum, mastered]).collect()
    })
}

fn bits(audio: &AudioBuffer) -> impl Iterator<Item = u32> {
    audio.frames.as_flattened().iter().map(|sample| sample.to_bits())
}

#[test]
fn one_two_and_three_threads_give_the_same_bytes() {
    for (index, style) in STYLES.iter().enumerate() {
        let mix = mix_of(style);
        let ending = if index % 2 == 0 { Ending::Wrap } else { Ending::Ring };
        let alone = rendered(&mix, ending, 1);
        assert!(alone.iter().all(|audio| audio.peak() > 0.0));
        for threads in [2, 3] {
            for (audio, expected) in rendered(&mix, ending, threads).iter().zip(&alone) {
                assert!(bits(audio).eq(bits(expected)), "style {index}, {threads} threads");
            }
        }
    }
}
