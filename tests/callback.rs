//! The audio callback must not allocate: a missed deadline is heard.

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use riffsmith::playback::{Control, Player};
use riffsmith_dsp::{AudioBuffer, SampleRate};
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn filling_neither_allocates_nor_frees() {
    let control = Arc::new(Control::default());
    let audio = AudioBuffer { sample_rate: SampleRate::CD, frames: vec![[0.5; 2]; 1000] };
    let mut player = Player::new(audio, true, 0.8, 2, Arc::clone(&control));
    let mut block = vec![0.0; 2 * 256];
    // Round the loop, through the fade, and into the silence after it: an allocation aborts the test.
    assert_no_alloc(|| {
        for index in 0..40 {
            if index == 10 {
                control.stop();
            }
            player.fill(&mut block);
        }
    });
    assert!(control.is_finished());
}
