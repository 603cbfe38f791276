//! The audio callback must not allocate: a missed deadline is heard.

#![cfg(feature = "playback")]

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use riffsmith::playback::{Command, LAYERS, Sound, When, link};
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

fn sound(id: u64, repeat: bool) -> Arc<Sound> {
    let audio = |level| AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[level; 2]; 30_000] };
    let stem = |level| Some(Arc::new(audio(level)));
    let stems = [stem(0.1), stem(0.2), None, stem(0.4)];
    Arc::new(Sound { stems, bar_s: Some(0.1), ..Sound::plain(id, audio(0.5), repeat) })
}

#[test]
fn filling_neither_allocates_nor_frees() {
    let (mut link, mut mixer) = link(SampleRate::CD, 2);
    let mut block = vec![0.0; 2 * 256];
    // Everything that the callback can be told; only it and the queues hold the sounds, so that it would be the one to free them.
    let mut orders: Vec<Command> = Vec::new();
    for (id, when) in [When::Now, When::Line, When::Now, When::From(77), When::Line, When::Line].into_iter().enumerate()
    {
        orders.push(Command::Play(sound(id as u64, id != 4), when));
        orders.push(Command::Layers([0.0, 1.0, 0.0, 1.0, 1.0]));
    }
    orders.push(Command::Layers([1.0; LAYERS]));
    orders.push(Command::Volume(0.3));
    orders.push(Command::Pause(true));
    orders.push(Command::Pause(false));
    orders.push(Command::Play(sound(9, false), When::Line));
    orders.push(Command::Stop);
    for order in orders {
        assert!(link.tell(order));
        // An allocation or a free aborts the test.
        assert_no_alloc(|| (0..40).for_each(|_| mixer.fill(&mut block)));
    }
    assert!(link.status().is_finished());
    assert!(link.events().len() >= 6);
}
