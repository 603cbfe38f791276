//! The bytes of a mix do not depend on the number of threads.

use rayon::ThreadPoolBuilder;
use riffsmith_dsp::mix::{self, Master, Mix, master};
use riffsmith_dsp::synth::Ending;
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};

#[path = "../examples/sound/styles.rs"]
mod styles;

/// Styles whose effects differ most.
const STYLES: [&str; 4] = ["house", "trap", "ambient", "funk"];

/// The stems, their sum as it is rendered alone, and the master of it.
fn rendered(mix: &Mix, ending: Ending, threads: usize) -> Vec<AudioBuffer> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(|| {
        let score = styles::score();
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
    let mixes = styles::mixes().into_iter().filter(|(name, _)| STYLES.contains(&name.as_str()));
    let mut compared = 0;
    for (index, (style, mix)) in mixes.enumerate() {
        compared += 1;
        let ending = if index % 2 == 0 { Ending::Wrap } else { Ending::Ring };
        let alone = rendered(&mix, ending, 1);
        assert!(alone.iter().all(|audio| audio.peak() > 0.0));
        for threads in [2, 3] {
            for (audio, expected) in rendered(&mix, ending, threads).iter().zip(&alone) {
                assert!(bits(audio).eq(bits(expected)), "{style}, {threads} threads");
            }
        }
    }
    assert_eq!(compared, STYLES.len());
}
