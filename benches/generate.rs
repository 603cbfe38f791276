//! How fast loops are made: composing and performing, performing alone, and writing the file.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use riffsmith::output;
use riffsmith::pipeline::generate;
use riffsmith::recipe::{Choices, Part, Recipe};
use riffsmith::style::Style;
use riffsmith_dsp::{Seed, mix};
use riffsmith_models::composer::Composer;

/// Four bars of four roles, at one seed.
fn recipe(style: &str, composer: &Composer) -> Recipe {
    let style = Style::find(style).expect("built in");
    let choices = Choices { bars: Some(4), ..Choices::default() };
    Recipe::resolve(&style, &choices, Seed(8391), composer.hash()).expect("a style's own choices")
}

/// Frames of output a second; divided by the rate, how many times faster than it plays.
fn loops(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("loop");
    group.sample_size(10);
    for style in Style::builtin() {
        let composer = Composer::builtin().expect("built in");
        let recipe = recipe(&style.name, &composer);
        let song = generate(&recipe, &composer);
        group.throughput(Throughput::Elements(song.audio.len() as u64));
        group.bench_function(format!("generate {}", style.name), |bencher| {
            // A fresh composer each time: unpacking its networks is part of a cold start.
            bencher.iter(|| generate(&recipe, &Composer::builtin().expect("built in")));
        });
        group.bench_function(format!("render {}", style.name), |bencher| {
            bencher.iter(|| mix::render(&song.score, &recipe.mix, recipe.rate, recipe.ending, Seed(1)));
        });
    }
    group.finish();
}

fn files(criterion: &mut Criterion) {
    let composer = Composer::builtin().expect("built in");
    let recipe = recipe("house", &composer);
    let song = generate(&recipe, &composer);
    let mut group = criterion.benchmark_group("file");
    group.throughput(Throughput::Elements(song.audio.len() as u64));
    group.bench_function("24-bit WAV", |bencher| {
        bencher.iter(|| output::sound(&recipe, Part::Mix, &song.audio, "bench").expect("short enough"));
    });
    group.finish();
}

criterion_group!(benches, loops, files);
criterion_main!(benches);
