//! What every loop of every style must keep, whatever the seed.

use riffsmith::output;
use riffsmith::pipeline::{Song, generate};
use riffsmith::recipe::{Choices, Part, Recipe};
use riffsmith::style::{SoundSet, Style};
use riffsmith_dsp::loudness::true_peak_dbtp;
use riffsmith_dsp::score::{Role, Score, Track};
use riffsmith_dsp::seam::seam_score;
use riffsmith_dsp::{AudioBuffer, Seed};
use riffsmith_models::composer::Composer;
use std::collections::BTreeSet;

const SEEDS: [u64; 3] = [1, 2, 8391];

fn make(style: &Style, choices: &Choices, seed: u64) -> (Recipe, Song) {
    let composer = Composer::builtin().expect("built in");
    let recipe = Recipe::resolve(style, choices, Seed(seed), composer.hash()).expect("a style's own choices");
    let song = generate(&recipe, &composer);
    (recipe, song)
}

fn bytes(recipe: &Recipe, song: &Song) -> Vec<u8> {
    output::sound(recipe, Part::Mix, &song.audio, "a loop").expect("short enough")
}

/// The largest mean of a channel.
fn dc(audio: &AudioBuffer) -> f64 {
    let mean =
        |channel: usize| audio.frames.iter().map(|frame| f64::from(frame[channel])).sum::<f64>() / audio.len() as f64;
    mean(0).abs().max(mean(1).abs())
}

/// Share of the pitched notes that lie in the declared key.
fn share_in_key(score: &Score) -> f64 {
    let key = score.keys.first().expect("a loop declares its key").1;
    let notes: Vec<_> =
        score.tracks.iter().filter(|track| !track.is_drums()).flat_map(|track: &Track| &track.notes).collect();
    let inside = notes.iter().filter(|note| key.contains(note.pitch.class())).count();
    inside as f64 / notes.len().max(1) as f64
}

#[test]
fn every_style_keeps_its_promises_at_three_seeds() {
    let styles = Style::builtin();
    assert!(styles.len() >= 8);
    for style in &styles {
        for seed in SEEDS {
            let name = format!("{} {seed}", style.name);
            let (recipe, song) = make(style, &Choices::default(), seed);

            let [slowest, fastest] = style.tempo_bpm;
            let bpm = recipe.tempo.bpm();
            assert!((slowest..=fastest).contains(&bpm), "{name}: {bpm} bpm");

            let beats = f64::from(recipe.bars) * recipe.meter.bar().quarters();
            let frames = (beats * 60.0 / bpm * recipe.rate.hz()).round() as usize;
            assert_eq!(song.audio.len(), frames, "{name}");

            assert!(song.audio.frames.iter().flatten().all(|sample| sample.is_finite()), "{name}");
            assert!(song.audio.rms() > 0.01, "{name}: silent");
            let seam = seam_score(&song.audio);
            assert!(seam <= 1.0, "{name}: seam {seam}");
            let peak_dbtp = true_peak_dbtp(&song.audio);
            assert!(peak_dbtp <= -1.0, "{name}: {peak_dbtp} dBTP");
            // -100 dB: the mean is taken out after the last effect; what is left is rounding.
            assert!(dc(&song.audio) < 1e-5, "{name}: DC {}", dc(&song.audio));

            let mut residue = song.sound(Part::Premaster).expect("each song has one").into_owned();
            for stem in &song.stems {
                let mut inverted = stem.audio.clone();
                inverted.scale(-1.0);
                residue.add(&inverted);
            }
            // -120 dBFS: the rounding of a few 32-bit sums.
            assert!(residue.peak() < 1e-6, "{name}: stems miss the mix by {}", residue.peak());
            assert_eq!(song.stems.len(), recipe.roles.len(), "{name}");

            let share = share_in_key(&song.score);
            assert!(share >= 0.95, "{name}: {share} in {}", recipe.key);
        }
    }
}

#[test]
fn a_strict_key_has_no_note_outside() {
    let choices = Choices { strict_key: true, ..Choices::default() };
    for style in &Style::builtin() {
        let (recipe, song) = make(style, &choices, 5);
        assert_eq!(share_in_key(&song.score), 1.0, "{} in {}", style.name, recipe.key);
    }
}

#[test]
fn one_seed_repeats_byte_for_byte_on_any_number_of_threads_and_two_differ() {
    let style = Style::find("funk").expect("built in");
    let on_threads = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let (recipe, song) = make(&style, &Choices::default(), seed);
            bytes(&recipe, &song)
        })
    };
    let once = on_threads(1, 7);
    assert!(once == on_threads(2, 7));
    assert!(once == on_threads(3, 7));
    assert!(once != on_threads(1, 8));
}

#[test]
fn choosing_one_thing_leaves_what_else_the_seed_draws() {
    let style = Style::find("house").expect("built in");
    let resolve = |choices: &Choices| Recipe::resolve(&style, choices, Seed(3), String::new()).expect("valid");
    let drawn = resolve(&Choices::default());
    let chosen = resolve(&Choices { key: Some("C# phrygian".parse().expect("a key")), ..Choices::default() });
    assert_eq!(drawn.tempo, chosen.tempo);
    assert_eq!(drawn.mix, chosen.mix);
    assert_ne!(drawn.key, chosen.key);
}

/// libsndfile keeps a text of a WAV file up to this many bytes, its closing zero included.
const SNDFILE_TEXT: usize = 2048;

#[test]
fn a_recipe_is_short_enough_for_other_readers_and_reads_back() {
    // Chords in each of eight bars, and some room for what further flags add.
    let chords: Vec<Vec<_>> = vec![vec!["F#m7b5".parse().expect("a chord")]; 8];
    for style in Style::builtin() {
        for seed in 0..20 {
            let choices = Choices { chords: Some(chords.clone()), bars: Some(8), ..Choices::default() };
            let recipe = Recipe::resolve(&style, &choices, Seed(u64::MAX - seed), "a7d178c6c68d6487".to_owned());
            let recipe = recipe.expect("a style's own choices");
            let text = recipe.to_json(Part::Stem(Role::Chords));
            assert!(text.len() + 100 < SNDFILE_TEXT, "{}, seed {seed}: {} bytes\n{text}", style.name, text.len());
            let wav = output::sound(&recipe, Part::Mix, &AudioBuffer::silence(recipe.rate, 100), "a loop");
            assert_eq!(Recipe::of_file(&wav.expect("short enough")).expect("a recipe"), (recipe, Part::Mix));
        }
    }
}

#[test]
fn what_is_not_as_its_style_says_is_stored_whole_and_a_changed_style_is_told() {
    let stored = |recipe: &Recipe| {
        let silence = AudioBuffer::silence(recipe.rate, 100);
        output::sound(recipe, Part::Mix, &silence, "a loop").expect("short enough")
    };
    let style = Style::find("house").expect("built in");
    let plain = |no_master| {
        let choices = Choices { no_master, ..Choices::default() };
        Recipe::resolve(&style, &choices, Seed(4), "a7d178c6c68d6487".to_owned()).expect("a style's own choices")
    };
    let mut louder = plain(false);
    louder.mix.channels.get_mut("bass").expect("it has a bass").gain_db = 1.5;
    for recipe in [plain(false), plain(true), louder] {
        assert_eq!(Recipe::of_file(&stored(&recipe)).expect("a recipe"), (recipe, Part::Mix));
    }
    let text = plain(false).to_json(Part::Mix);
    assert!(!text.contains("octaves_db") && text.contains("\"checksum\":\""), "{text}");
    // As if the style had had another mix then.
    let at = text.find("\"checksum\":\"").expect("it has one") + 12;
    let mut changed = stored(&plain(false));
    let from = changed.windows(text.len()).position(|bytes| bytes == text.as_bytes()).expect("stored as text");
    changed[from + at] = if changed[from + at] == b'0' { b'1' } else { b'0' };
    let error = Recipe::of_file(&changed).expect_err("another style").to_string();
    assert!(error.contains("the style house is not what it was"), "{error}");
}

#[test]
fn styles_are_found_by_name_alias_and_any_spelling() {
    for (given, name) in [
        ("house", "house"),
        ("dnb", "drum_and_bass"),
        ("Drum and Bass", "drum_and_bass"),
        ("lo-fi", "lofi"),
        ("LOFI", "lofi"),
    ] {
        assert_eq!(Style::find(given).expect(given).name, name);
    }
}

#[test]
fn every_patch_that_a_style_names_is_good_for_its_role() {
    for style in Style::builtin() {
        for (role, name) in style
            .sets
            .iter()
            .flat_map(|set| &set.patches)
            .flat_map(|(role, names)| names.iter().map(move |name| (role, name)))
        {
            let mix = style.desk(&[(*role, name.clone())].into()).expect("a built-in patch");
            assert_eq!(&mix.channels[role.name()].patch.name, name);
        }
    }
}

#[test]
fn each_style_has_three_sets_of_sounds_and_the_seed_draws_among_them() {
    for style in Style::builtin() {
        assert!(style.sets.len() >= 3, "{}", style.name);
        let mut drawn = BTreeSet::new();
        for seed in 0..40 {
            let recipe = Recipe::resolve(&style, &Choices::default(), Seed(seed), String::new()).expect("valid");
            let patch = |role: &Role| recipe.mix.channels[role.name()].patch.name.clone();
            let plays = |set: &&SoundSet| recipe.roles.iter().all(|role| set.patches[role].contains(&patch(role)));
            drawn.insert(style.sets.iter().find(plays).map(|set| set.name.as_str()).expect("all of one set"));
        }
        assert!(drawn.len() >= 3, "{}: {drawn:?}", style.name);
        for set in &style.sets {
            let choices = Choices { sounds: Some(set.name.clone()), ..Choices::default() };
            let recipe = Recipe::resolve(&style, &choices, Seed(1), String::new()).expect("valid");
            assert!(
                recipe
                    .roles
                    .iter()
                    .all(|role| set.patches[role].contains(&recipe.mix.channels[role.name()].patch.name))
            );
        }
    }
}

#[test]
fn without_a_master_the_mix_is_the_sum_of_its_stems() {
    let style = Style::find("ambient").expect("built in");
    let choices = Choices { no_master: true, bars: Some(1), ..Choices::default() };
    let recipe = Recipe::resolve(&style, &choices, Seed(5), String::new()).expect("valid");
    let song = generate(&recipe, &Composer::builtin().expect("built in"));
    let sum = song.sound(Part::Premaster).expect("each song has one");
    let gain = song.audio.rms() / sum.rms();
    assert!(gain <= 1.0 && true_peak_dbtp(&song.audio) <= -0.99, "{gain}");
    let worst = song.audio.frames.iter().zip(&sum.frames).map(|(a, b)| (a[0] - gain * b[0]).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-5, "{worst}");
}
