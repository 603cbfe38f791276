//! Nothing is allocated or freed while a block is rendered.

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use riffsmith_dsp::effect::{EFFECTS, EffectContext, MAX_BLOCK};
use riffsmith_dsp::instrument::{Instrument, Strike};
use riffsmith_dsp::score::{Tempo, Velocity};
use riffsmith_dsp::{Rng, SampleRate, Seed, patch};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

/// Blocks of a note, of which a third is held: about half a second.
const BLOCKS: usize = 360;

#[test]
fn no_patch_allocates_while_it_plays() {
    for name in patch::names() {
        let patch = patch::find(name).expect("built in");
        for pitch in [36.0, 42.0, 49.0, 69.0] {
            let mut voice = patch.instrument.strike(&Strike {
                pitch,
                velocity: Velocity::new(110),
                sample_rate: SampleRate::CD,
                bpm: 120.0,
                seed: Seed(3),
            });
            let mut block = [[0.0; 2]; MAX_BLOCK];
            // An allocation aborts the test.
            assert_no_alloc(|| {
                for index in 0..BLOCKS {
                    match index {
                        60 => voice.bend(2.0),
                        120 => voice.release(),
                        340 => voice.choke(),
                        _ => {}
                    }
                    voice.render(&mut block);
                }
            });
            assert!(block.iter().flatten().all(|sample| sample.is_finite()), "{name}");
        }
    }
}

#[test]
fn no_effect_allocates_while_it_runs() {
    let noise = |rng: &mut Rng| [(); MAX_BLOCK].map(|()| [rng.bipolar(), rng.bipolar()]);
    for info in EFFECTS {
        let tempo = Tempo::new(120.0).expect("valid");
        for period_frames in [None, Some(20_000)] {
            let context = EffectContext { sample_rate: SampleRate::CD, tempo, period_frames };
            let mut effect = (info.default)().build(&context);
            let mut rng = Seed(4).rng();
            assert_no_alloc(|| {
                for index in 0..BLOCKS {
                    let (mut block, key) = (noise(&mut rng), noise(&mut rng));
                    effect.process(&mut block, (index % 2 == 0).then_some(&key));
                }
                effect.reset();
            });
        }
    }
}
