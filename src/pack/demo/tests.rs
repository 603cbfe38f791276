//! Tests of the whole: from loops to a finished demo.

use super::*;
use riffsmith_dsp::loudness::{integrated_lufs, true_peak_dbtp};
use riffsmith_dsp::{AudioBuffer, Seed};
use std::convert::Infallible;
use std::f64::consts::TAU;

const RATE: SampleRate = SampleRate::CD;

fn loops(group: usize, bpm: f64, bars: u32, meter: &str, roles: &[Option<Role>]) -> Vec<DemoLoop> {
    let (tempo, meter): (_, Meter) = (Tempo::new(bpm).expect("valid"), meter.parse().expect("a metre"));
    let seconds = (meter.bar() * bars).quarters() * tempo.seconds_per_quarter();
    let one = |&role: &Option<Role>| DemoLoop {
        group,
        style: format!("style {group}"),
        role,
        tempo,
        bars,
        key: "A minor".parse().expect("a key"),
        meter,
        frames: RATE.frames(seconds),
    };
    roles.iter().map(one).collect()
}

const BAND: [Option<Role>; 5] = [None, Some(Role::Drums), Some(Role::Bass), Some(Role::Chords), Some(Role::Lead)];

/// A seamless loop: whole turns of two tones, and for drums a burst of noise on every beat.
fn sound(one: &DemoLoop, index: usize) -> AudioBuffer {
    let seconds = one.frames as f64 / RATE.hz();
    let tone = |hz: f64, n: usize| (TAU * (hz * seconds).round() * n as f64 / one.frames as f64).sin() as f32;
    let beat = RATE.frames(one.tempo.seconds_per_quarter());
    let mut rng = Seed(index as u64).rng();
    let frames = (0..one.frames).map(|n| {
        let hit = (-((n % beat) as f32) / 2_000.0).exp();
        let [low, high] = match one.role {
            None => [0.3 * tone(65.0, n) + 0.3 * hit * rng.bipolar(), 0.2 * tone(440.0, n)],
            Some(Role::Drums) => [0.5 * hit * rng.bipolar(), 0.3 * hit * tone(60.0, n)],
            Some(Role::Bass) => [0.4 * tone(65.0, n), 0.0],
            Some(Role::Chords) => [0.2 * tone(220.0, n), 0.2 * tone(330.0, n)],
            Some(Role::Lead) => [0.2 * tone(440.0, n), 0.1 * tone(880.0, n)],
        };
        [low + high, low + 0.8 * high]
    });
    AudioBuffer { sample_rate: RATE, frames: frames.collect() }
}

/// A loop of two low tones, without any edge.
fn hum(one: &DemoLoop) -> AudioBuffer {
    let seconds = one.frames as f64 / RATE.hz();
    let tone = |hz: f64, n: usize| (TAU * (hz * seconds).round() * n as f64 / one.frames as f64).sin() as f32;
    let frames = (0..one.frames).map(|n| [0.3 * tone(90.0, n) + 0.2 * tone(401.0, n); 2]);
    AudioBuffer { sample_rate: RATE, frames: frames.collect() }
}

fn finished(loops: &[DemoLoop]) -> (Arrangement, AudioBuffer) {
    let arrangement = plan(loops);
    let Ok(demo) = render(&arrangement, |index| Ok::<_, Infallible>(sound(&loops[index], index)), RATE);
    (arrangement, demo)
}

fn raw(arrangement: &Arrangement, load: impl Fn(usize) -> AudioBuffer) -> AudioBuffer {
    let Ok(mix) = render::mix(arrangement, |index| Ok::<_, Infallible>(load(index)), RATE);
    mix
}

/// Everything that a plan must keep, whatever it was made from.
fn check(loops: &[DemoLoop], arrangement: &Arrangement) {
    assert!(arrangement.seconds() >= form::LEAST_S, "{} s", arrangement.seconds());
    let kinds: Vec<_> = arrangement.parts.iter().flat_map(|part| &part.sections).map(|one| one.kind).collect();
    use SectionKind::{Break, Build, Drop, Intro, Outro};
    let mut arc = [Intro, Build, Drop, Break, Build, Drop, Outro].into_iter().peekable();
    for kind in &kinds {
        arc.next_if_eq(kind);
    }
    assert_eq!(arc.next(), None, "{kinds:?}");
    let mut now = 0.0;
    for part in &arrangement.parts {
        assert!((part.start_s - now).abs() < 1e-9);
        now = part.end_s();
        let mut bar = 0;
        for section in &part.sections {
            assert_eq!(section.start_bar, bar);
            bar += section.bars;
            let [start, end] = part.span(section);
            assert!(!section.layers.is_empty() && section.bars > 0);
            for layer in &section.layers {
                let own = &loops[layer.loop_index];
                assert_eq!((own.group, own.tempo, own.meter), (part.group, part.tempo, part.meter));
                assert_eq!((own.role, own.bars), (layer.role, layer.loop_bars));
                assert!(start <= layer.span[0] && layer.span[0] < layer.span[1], "{layer:?}");
                assert!(layer.span[0].0.is_multiple_of(part.meter.bar().0), "{layer:?}");
                assert!(layer.span[1] <= end + Ticks::QUARTER, "{layer:?}");
            }
        }
    }
}

#[test]
fn plans_keep_their_promises_whatever_there_is() {
    let drums = [Some(Role::Drums)];
    let tones = [Some(Role::Chords), Some(Role::Lead)];
    for roles in [&BAND[..], &BAND[..1], &BAND[1..], &drums, &tones, &BAND[..2], &BAND[2..3]] {
        for (bpm, bars, meter) in [
            (124.0, 8, "4/4"),
            (70.0, 4, "4/4"),
            (174.0, 1, "4/4"),
            (90.0, 4, "3/4"),
            (150.0, 7, "7/8"),
            (60.0, 16, "4/4"),
            (300.0, 1, "1/32"),
            (20.0, 1, "1/1"),
        ] {
            let loops = loops(0, bpm, bars, meter, roles);
            let arrangement = plan(&loops);
            check(&loops, &arrangement);
            assert!(arrangement.seconds() < 300.0, "{} s of {bars} bars {meter} at {bpm}", arrangement.seconds());
        }
    }
}

#[test]
fn several_groups_follow_one_another_each_in_its_tempo() {
    for count in 2..8 {
        let tempos = [124.0, 78.0, 174.0, 132.0, 70.0, 104.0, 120.0];
        let groups = tempos[..count].iter().enumerate();
        let all: Vec<DemoLoop> = groups.flat_map(|(group, &bpm)| loops(group, bpm, 4, "4/4", &BAND)).collect();
        let arrangement = plan(&all);
        check(&all, &arrangement);
        assert_eq!(arrangement.parts.len(), count.min(5));
        assert!(arrangement.parts.is_sorted_by_key(|part| part.tempo.bpm() as u32));
        assert!(arrangement.seconds() < 300.0, "{}", arrangement.seconds());
    }
}

#[test]
fn loops_of_another_tempo_never_sound_together_and_poor_groups_are_left_out() {
    let mut all = loops(0, 120.0, 4, "4/4", &BAND);
    all.extend(loops(0, 90.0, 4, "4/4", &BAND[..1]));
    all.extend(loops(0, 120.0, 4, "3/4", &BAND[..2]));
    all.extend(loops(1, 120.0, 0, "4/4", &BAND));
    let arrangement = plan(&all);
    check(&all, &arrangement);
    assert_eq!(arrangement.parts.len(), 1);
    assert_eq!(arrangement.parts[0].meter, Meter::COMMON);
}

#[test]
fn nothing_to_arrange_is_an_empty_demo() {
    for loops in [vec![], loops(0, 120.0, 0, "4/4", &BAND)] {
        let (arrangement, demo) = finished(&loops);
        assert!(arrangement.parts.is_empty() && demo.is_empty());
        assert!(arrangement.text().is_empty() && arrangement.cues(RATE).is_empty());
    }
}

#[test]
fn where_a_role_has_several_loops_they_take_turns() {
    let mut all = loops(0, 124.0, 8, "4/4", &BAND);
    all.extend(loops(0, 124.0, 8, "4/4", &BAND));
    let arrangement = plan(&all);
    check(&all, &arrangement);
    let mut used: Vec<usize> =
        arrangement.parts[0].sections.iter().flat_map(|one| &one.layers).map(|layer| layer.loop_index).collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used, (0..10).collect::<Vec<_>>());
}

#[test]
fn the_drop_is_the_loudest_and_the_master_is_as_promised() {
    for (bpm, meter, roles) in [(124.0, "4/4", &BAND[..]), (96.0, "3/4", &BAND[1..]), (84.0, "4/4", &BAND[..1])] {
        let loops = loops(0, bpm, 4, meter, roles);
        let (arrangement, demo) = finished(&loops);
        assert!(demo.seconds() > form::LEAST_S);
        assert!(true_peak_dbtp(&demo) <= -1.0);
        let reached = integrated_lufs(&demo);
        assert!((reached + 10.0).abs() < 0.5, "{reached}");
        let part = &arrangement.parts[0];
        let loudness = |kind: SectionKind| {
            let section = part.sections.iter().find(|section| section.kind == kind).expect("every arc has it");
            let [start, end] = part.span(section).map(|at| part.frame_at(at, RATE));
            integrated_lufs(&AudioBuffer { sample_rate: RATE, frames: demo.frames[start..end].to_vec() })
        };
        let drop = loudness(SectionKind::Drop);
        for kind in [SectionKind::Intro, SectionKind::Build, SectionKind::Break, SectionKind::Outro] {
            // A listener hears 1 LU; sections should differ by more.
            assert!(loudness(kind) < drop - 1.0, "{bpm} {}: {} {drop}", kind.name(), loudness(kind));
        }
        let last = demo.frames.last().expect("not empty");
        assert!(last.iter().all(|sample| sample.abs() < 1e-3));
    }
}

#[test]
fn a_loop_in_a_drop_is_in_phase_with_its_part_to_the_frame() {
    // 127 bpm: a round is no whole number of frames.
    let loops = loops(0, 127.0, 4, "4/4", &BAND[..1]);
    let arrangement = plan(&loops);
    let mix = raw(&arrangement, |index| sound(&loops[index], index));
    let source = sound(&loops[0], 0);
    let part = &arrangement.parts[0];
    let drops: Vec<_> = part.sections.iter().filter(|section| section.kind == SectionKind::Drop).collect();
    assert_eq!(drops.len(), 2);
    for section in drops {
        for round in (section.start_bar..section.start_bar + section.bars).step_by(4) {
            let start = part.frame_at(part.meter.bar() * round, RATE);
            // From 3 s on: past the join, and past the room that the build was thrown into.
            let span = RATE.frames(5.0)..source.len() - 1_000;
            let (mut product, mut energy, mut own) = (0.0, 0.0, 0.0);
            for n in span {
                let (a, b) = (f64::from(mix.frames[start + n][0]), f64::from(source.frames[n][0]));
                (product, energy, own) = (product + a * b, energy + b * b, own + a * a);
            }
            // Noise a frame apart would not even reach 0.9.
            let likeness = product / (energy * own).sqrt();
            assert!(likeness > 0.9999, "bar {round}: {likeness}");
        }
    }
}

#[test]
fn nothing_clicks_where_layers_come_and_go() {
    let mut all = loops(0, 127.0, 4, "4/4", &BAND);
    all.extend(loops(1, 93.0, 4, "4/4", &BAND[..1]));
    for loops in [&all[..5], &all[5..]] {
        let arrangement = plan(loops);
        let mix = raw(&arrangement, |index| hum(&loops[index]));
        let rough = |n: usize| {
            let [a, b, c] = [mix.frames[n - 1][0], mix.frames[n][0], mix.frames[n + 1][0]];
            (a - 2.0 * b + c).abs()
        };
        let part = &arrangement.parts[0];
        let layers = part.sections.iter().flat_map(|section| &section.layers);
        let edges: Vec<usize> = layers.flat_map(|layer| layer.span.map(|at| part.frame_at(at, RATE))).collect();
        let away = |n: &usize| edges.iter().all(|edge| edge.abs_diff(*n) > 2_000);
        let music = (1..mix.len() - 1).filter(away).map(rough).fold(0.0, f32::max);
        let worst = (1..mix.len() - 1).max_by(|&a, &b| rough(a).total_cmp(&rough(b))).expect("not empty");
        // Two layers may cross: their curvatures add up.
        assert!(rough(worst) < 1.5 * music, "{} at {worst} against {music}", rough(worst));
    }
}

#[test]
fn cues_and_text_name_every_section_where_it_starts() {
    let all: Vec<DemoLoop> = [(0, 120.0, 8), (1, 80.0, 4)]
        .into_iter()
        .flat_map(|(group, bpm, bars)| loops(group, bpm, bars, "4/4", &BAND))
        .collect();
    let arrangement = plan(&all);
    let cues = arrangement.cues(RATE);
    let names: Vec<&str> = cues.iter().map(|cue| cue.name.as_str()).collect();
    let expected = [
        "intro (style 1)",
        "build 1 (style 1)",
        "drop 1 (style 1)",
        "break (style 1)",
        "build 2 (style 0)",
        "drop 2 (style 0)",
        "outro (style 0)",
    ];
    assert_eq!(names, expected);
    assert_eq!(cues[0].frame, 0);
    // 4 bars at 80 bpm.
    assert_eq!(cues[1].frame, RATE.frames(16.0 * 60.0 / 80.0));
    let text = arrangement.text();
    assert!(text.starts_with("style 1, 80 bpm, A minor, 4/4\n  0:00  intro    4 bars   chords, drums\n"), "{text}");
    assert_eq!(text.lines().count(), 2 + expected.len());
}

#[test]
fn a_demo_is_the_same_every_time_and_errors_of_loading_come_through() {
    let loops = loops(0, 140.0, 2, "4/4", &BAND);
    assert_eq!(finished(&loops), finished(&loops));
    let failed = render(&plan(&loops), |index| if index == 3 { Err("gone") } else { Ok(sound(&loops[0], 0)) }, RATE);
    assert_eq!(failed, Err("gone"));
}

#[test]
fn loops_at_another_rate_and_with_tails_keep_time() {
    let loops = loops(0, 100.0, 4, "4/4", &BAND[..1]);
    let arrangement = plan(&loops);
    let mut long = hum(&loops[0]);
    let reference = raw(&arrangement, |_| hum(&loops[0]));
    long.frames.extend([[0.5; 2]; 9_999]);
    assert_eq!(raw(&arrangement, |_| long.clone()), reference);
    let double = SampleRate::new(88_200).expect("valid");
    let resampled = riffsmith_dsp::resample::resample_loop(&hum(&loops[0]), double, 2 * loops[0].frames);
    let mut difference = raw(&arrangement, |_| resampled.clone());
    difference.scale(-1.0);
    difference.add(&reference);
    // -60 dB of a mix at about -12 dBFS: the level is measured from 32-bit samples.
    assert!(difference.peak() < 1e-3, "{}", difference.peak());
}
