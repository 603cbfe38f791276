use super::*;
use crate::refiner::Family;
use riffsmith_dsp::{AudioBuffer, Seed};

/// Bursts of noise, and as their references the same through a filter that takes 12 dB from the highs.
struct Filtered;

impl PairSource for Filtered {
    fn pair(&self, split: Split, index: usize) -> Option<Pair> {
        let mut rng = Seed(1).fork(&format!("{split:?}")).fork_index(index as u64).rng();
        let (mut ours, mut low) = (AudioBuffer::silence(SampleRate::CD, 60_000), 0.0);
        let mut reference = ours.clone();
        for i in 0..40_000 {
            let fade = (-(i as f32) / 15_000.0).exp();
            let noise = fade * rng.bipolar();
            low += 0.1 * (noise - low);
            ours.frames[2000 + i] = [noise; 2];
            reference.frames[2000 + i] = [0.75 * low + 0.25 * noise; 2];
        }
        Pair::matched(Family::Snare, "noise -> filtered".into(), ours, reference)
    }
}

fn trainer(adversarial: bool) -> RefinerTrainer {
    RefinerTrainer::new(Box::new(Filtered), RefinerSettings { seed: Seed(5), adversarial, tuning: false })
}

#[test]
fn a_filter_is_learnt_from_pairs() {
    let mut trainer = trainer(false);
    for step in 0..40 {
        let progress = trainer.step(f64::from(step) / 40.0);
        assert!(!progress.collapsed && progress.pairs > 0);
    }
    trainer.validate();
    let rows = trainer.evaluate(2);
    assert_eq!(rows.iter().map(|row| row.family).collect::<Vec<_>>(), [Some(Family::Snare), None]);
    let [unrefined, equalized, refined] = [0, 1, 2].map(|column| rows[0].columns[column].spectral_db);
    assert!(equalized < 0.8 * unrefined, "equalizer: {unrefined} to {equalized}");
    assert!(refined < 0.8 * unrefined, "{unrefined} to {refined}");
    assert_eq!(trainer.examples().count(), 1);
    assert_eq!(trainer.histogram().map(|(_, _, count)| count).sum::<usize>(), FIRST_PAIRS + 39 * ADDED_PAIRS);
}

#[test]
fn a_resumed_run_goes_on_as_if_it_had_never_stopped() {
    let mut whole = trainer(true);
    // Past the time alone, so that both networks learn.
    whole.step(ALONE);
    let checkpoint = whole.checkpoint();
    let mut resumed = RefinerTrainer::resume(Box::new(Filtered), &checkpoint, true).expect("a whole checkpoint");
    for _ in 0..2 {
        assert_eq!(whole.step(0.7), resumed.step(0.7));
    }
    assert!(parameters::values(&whole.discriminator) == parameters::values(&resumed.discriminator));
    assert!(whole.average == resumed.average);
    assert!(whole.histogram().eq(resumed.histogram()));
    assert!(RefinerTrainer::resume(Box::new(Filtered), &checkpoint[..checkpoint.len() - 1], true).is_err());
}

#[test]
fn the_discriminator_learns_to_tell() {
    let mut trainer = trainer(true);
    trainer.step(ALONE);
    // The generator stands still, which otherwise learns to deceive it.
    let losses: Vec<f32> = (0..16).map(|_| trainer.learn(0.0).discrimination).collect();
    let (first, last) = (losses[0], losses[15]);
    assert!(last < 0.8 * first, "{first} to {last}");
}

#[test]
fn a_run_that_only_gets_worse_is_called_collapsed() {
    let mut trainer = trainer(false);
    trainer.average.iter_mut().for_each(|value| *value = f32::NAN);
    for _ in 0..COLLAPSED_VALIDATIONS {
        trainer.validate();
    }
    assert!(trainer.step(0.0).collapsed);
    assert!(trainer.best.iter().all(|value| value.is_finite()));
}

#[test]
fn a_trained_refiner_is_tuned_from_where_it_stands() {
    let mut first = trainer(false);
    for step in 0..12 {
        first.step(f64::from(step) / 12.0);
    }
    first.validate();
    let settings = RefinerSettings { seed: Seed(6), adversarial: false, tuning: true };
    let tuned = RefinerTrainer::tune(Box::new(Filtered), settings, &first.best_weights()).expect("weights");
    assert!(tuned.state.untrained_loss < first.state.untrained_loss);
    assert_eq!(tuned.best_weights(), first.best_weights());
    assert!(RefinerTrainer::tune(Box::new(Filtered), settings, b"not weights").is_err());
}
