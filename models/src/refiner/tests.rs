use super::*;
use riffsmith_dsp::loudness::integrated_lufs;
use riffsmith_dsp::seam::seam_score;
use riffsmith_dsp::{SampleRate, Seed};

/// A refiner with a last layer of noise: it changes a lot, at random.
fn busy() -> Refiner {
    let device = Device::flex();
    let mut values = parameters::values(&Generator::new(&mut Maker::draw(Seed(1), &device)));
    let mut rng = Seed(2).rng();
    let last = values.len() - 100_000;
    values[last..].iter_mut().for_each(|value| *value = 0.1 * rng.bipolar());
    Refiner::from_values(&values, 0)
}

/// The same without noise and without what rings on: before the local part's, its last values are what is usual in each family, by heads.
fn busy_but_quiet() -> Refiner {
    let device = Device::flex();
    let mut values = parameters::values(&busy().network);
    let local = values.len() - generator::LOCAL_SIZE;
    let usual = local - Family::ALL.len() * generator::HEADS * BANDS;
    for heads in values[usual..local].chunks_exact_mut(generator::HEADS * BANDS) {
        heads[2 * BANDS..3 * BANDS].fill(-40.0);
        heads[4 * BANDS..].fill(-40.0);
    }
    Refiner { network: Generator::new(&mut Maker::take(&values, &device)), device, hash: 0 }
}

fn untrained() -> Refiner {
    let device = Device::flex();
    Refiner::from_values(&parameters::values(&Generator::new(&mut Maker::draw(Seed(1), &device))), 0)
}

/// Decaying tones from `onset` on, more to the left.
fn plucks(frames: usize, onset: usize) -> AudioBuffer {
    let mut audio = AudioBuffer::silence(SampleRate::CD, frames);
    for (i, frame) in audio.frames[onset..].iter_mut().enumerate() {
        let seconds = i as f32 / 44_100.0;
        let wave: f32 = (1..20).map(|k| (std::f32::consts::TAU * 220.0 * k as f32 * seconds).sin() / k as f32).sum();
        let sample = 0.3 * wave * (-6.0 * seconds).exp();
        *frame = [sample, 0.5 * sample];
    }
    audio
}

fn difference_db(a: &AudioBuffer, b: &AudioBuffer) -> f32 {
    let mut difference = a.clone();
    difference.scale(-1.0);
    difference.add(b);
    20.0 * (difference.rms() / b.rms()).log10()
}

#[test]
fn the_shipped_weights_are_read() {
    assert!(Refiner::from_bytes(BUILTIN).is_ok());
    assert_eq!(Refiner::builtin().hash().len(), 16);
}

#[test]
fn amount_0_is_off_bit_for_bit() {
    let audio = plucks(30_000, 1000);
    for amount in [0.0, -1.0, f32::NAN] {
        assert_eq!(busy().refine(&audio, Family::Keys, amount, Edges::Silence), audio);
    }
}

#[test]
fn untrained_it_adds_nothing_but_faint_noise() {
    let audio = plucks(30_000, 1000);
    for edges in [Edges::Silence, Edges::Loop] {
        // 80 dB below the loudest frame in each of 1024 bins would be 50 dB below it in all; what is not heard is fainter.
        let difference = difference_db(&untrained().refine(&audio, Family::Lead, 1.0, edges), &audio);
        assert!((-130.0..-50.0).contains(&difference), "{difference}");
    }
}

#[test]
fn loudness_length_and_image_are_kept() {
    let audio = plucks(40_000, 0);
    let refined = busy().refine(&audio, Family::Plucked, 1.0, Edges::Silence);
    assert_eq!(refined.len(), audio.len());
    assert!(difference_db(&refined, &audio) > -20.0, "it does change the sound");
    assert!((integrated_lufs(&refined) - integrated_lufs(&audio)).abs() < 0.1);
    for [left, right] in &refined.frames {
        // Both channels have the same gains, so the right one is still half the left one.
        assert!((left * 0.5 - right).abs() < 1e-5);
    }
}

#[test]
fn silence_and_odd_input_come_back_as_they_are() {
    let silence = AudioBuffer::silence(SampleRate::CD, 5000);
    assert_eq!(busy().refine(&silence, Family::Pad, 1.0, Edges::Silence), silence);
    assert!(busy().refine(&AudioBuffer::silence(SampleRate::CD, 0), Family::Pad, 1.0, Edges::Loop).is_empty());
    let mut broken = plucks(3000, 0);
    broken.frames[17] = [f32::NAN, 0.0];
    assert!(busy().refine(&broken, Family::Pad, 1.0, Edges::Silence).frames[17][0].is_nan());
    for (frames, rate) in [(1, 44_100), (3, 8_000), (700, 192_000)] {
        let mut audio = plucks(frames, 0);
        audio.sample_rate = SampleRate::new(rate).expect("valid");
        audio.frames[0] = [0.5, -0.5];
        for edges in [Edges::Silence, Edges::Loop] {
            let refined = busy().refine(&audio, Family::Kick, 1.0, edges);
            assert!(refined.len() == frames && refined.frames.iter().flatten().all(|sample| sample.is_finite()));
        }
    }
}

#[test]
fn nothing_sounds_before_an_attack() {
    let onset = 12_345;
    let mut audio = plucks(40_000, onset);
    // A faint hiss, 90 dB down, as a previous note's tail would be.
    let mut rng = Seed(5).rng();
    audio.frames.iter_mut().for_each(|frame| *frame = frame.map(|sample| sample + 3e-5 * rng.bipolar()));
    let refined = busy().refine(&audio, Family::Keys, 1.0, Edges::Silence);
    let peak = |frames: &[[f32; 2]]| frames.iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    // 6 ms before the attack and earlier; what follows is within the ear's pre-masking.
    let echo = peak(&refined.frames[onset - 2000..onset - 264]) / peak(&refined.frames);
    assert!(20.0 * echo.log10() < -60.0, "{} dB", 20.0 * echo.log10());
}

/// A loop refined, before the guard of attacks and pitch.
fn unguarded(refiner: &Refiner, audio: &AudioBuffer) -> AudioBuffer {
    let Ok(mut take) = refiner.matched(Sound::of(audio, Edges::Loop), Family::Keys, 1.0, [Vec::new(), Vec::new()]);
    let Ok(whole) = take.sound().whole();
    whole
}

#[test]
fn a_loop_stays_seamless() {
    // Turning the loop by 10 of its hops before or after makes no difference, so its seam is a place like any other; noise, which
    // is not turned with it, left out, and what rings on, which remembers a little of earlier rounds.
    // Three plucks in turn, so that it is never nearly silent: the attack guard, whose blocks start at the loop's start, rests.
    let mut audio = plucks(512 * 30, 0);
    let mut other = audio.clone();
    for _ in 0..2 {
        other.frames.rotate_left(10 * 512);
        audio.add(&other);
    }
    audio.frames[7] = [0.9, 0.1];
    let mut turned = audio.clone();
    turned.frames.rotate_left(10 * 512);
    let refiner = busy_but_quiet();
    // The guard of attacks and pitch looks from the start; here is what it guards.
    let mut expected = unguarded(&refiner, &audio);
    expected.frames.rotate_left(10 * 512);
    let mut refined = unguarded(&refiner, &turned);
    // Loudness is measured in steps of 100 ms from the start, so the two may differ in level by hundredths of a dB.
    let level = expected.rms() / refined.rms();
    assert!((20.0 * level.log10()).abs() < 0.05, "{} dB", 20.0 * level.log10());
    refined.scale(level);
    assert!(difference_db(&refined, &expected) < -90.0, "{} dB", difference_db(&refined, &expected));
    let noisy = unguarded(&busy(), &audio);
    assert!(noisy != refined && seam_score(&noisy) <= 1.0, "{}", seam_score(&noisy));
    // Guarded, it lies between that and what it was, whose own attack is at the seam.
    let guarded = busy().refine(&audio, Family::Keys, 1.0, Edges::Loop);
    let most = seam_score(&audio).max(1.0);
    assert!(seam_score(&guarded) <= most, "{} of {most}", seam_score(&guarded));
}

#[test]
fn noise_rings_on_where_the_sound_ends_and_then_stops() {
    let mut audio = plucks(20_000, 0);
    audio.frames.resize(80_000, [0.0; 2]);
    let refined = busy().refine(&audio, Family::Keys, 1.0, Edges::Silence);
    let peak = |frames: &[[f32; 2]]| frames.iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    assert!(peak(&refined.frames[21_000..24_000]) > 0.0);
    // A second after its end: below -90 dBFS.
    assert!(peak(&refined.frames[64_100..]) < 3e-5);
}

#[test]
fn long_sounds_go_through_in_parts_without_a_trace() {
    let refiner = busy();
    // One chunk more than fits at once, and a bit; noise, so that there is something everywhere.
    let hop = 512;
    let mut rng = Seed(9).rng();
    let frames = (0..(CHUNK_FRAMES + 300) * hop).map(|_| [0.1 * rng.bipolar(); 2]).collect();
    let audio = AudioBuffer { sample_rate: SampleRate::CD, frames };
    let analysis = Analysis::new(SampleRate::CD);
    let mut sound = Sound::of(&audio, Edges::Silence);
    let Ok(survey) = analysis.survey(&mut sound);
    let mut spectra = Spectra::new(&analysis, &sound);
    let mut changes = |part: Range<usize>| {
        let rings = vec![0.0; part.len() * BANDS];
        let Ok(()) = spectra.hold(&mut sound, part.start as isize - 50..part.end as isize + 50);
        let levels = window(&survey, &mut spectra, Edges::Silence, part);
        refiner.changes(&levels, &rings, &survey.colour, Family::Bass)[0].clone()
    };
    let whole = changes(0..CHUNK_FRAMES + 200);
    let part = changes(CHUNK_FRAMES..CHUNK_FRAMES + 200);
    for (a, b) in whole[CHUNK_FRAMES * BANDS..].iter().zip(&part) {
        assert!((a - b).abs() < 1e-4);
    }
}
