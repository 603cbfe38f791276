//! Training and writing are the same network; training learns, and repeats itself.

use super::batch::{Batch, Example};
use super::graph::{Graph, Nats};
use super::song::{Song, replay};
use super::{
    Listener, Plan, Progress, Start, Verdict, Without, can_train, initial, judge, line, sampling, test_loss, train,
    weights_file,
};
use crate::composer::grammar::Grammar;
use crate::composer::grid::NEXT_BAR;
use crate::composer::layout::{Layout, Sizes};
use crate::composer::line::Token;
use crate::composer::network::Network;
use crate::composer::{Composer, Part};
use crate::piece::{Event, Piece, Split};
use crate::train::{Compute, Watch};
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Mode, Role};

const SMALL: Sizes = Sizes { hidden: 12, cells: 16, blocks: 2, mix: 12, tail: 8 };

/// Four bars of four roles over two chords, varied by a seed.
fn piece(seed: u64, split: Split, meter: &str) -> Piece {
    let mut rng = Seed(seed).rng();
    let meter = meter.parse().expect("a metre");
    let mut piece = Piece {
        source: format!("test/{seed}"),
        styles: vec!["house".to_owned()],
        split,
        meter,
        mode: Some(Mode::Minor),
        bpm: Some(124.0),
        bars: 4,
        harmony: Vec::new(),
        parts: Vec::new(),
        is_loop: true,
    };
    let bar = piece.steps_per_bar();
    piece.harmony = vec![(0, "Cm7".parse().ok()), (2 * bar, "Fm".parse().ok())];
    let mut role = |role: Role, pitches: &[u8], every: u32| {
        let event = |step: u32| Event {
            step,
            pitch: pitches[rng.below(pitches.len())],
            length: 6,
            velocity: 60 + rng.below(60) as u8,
            offset: rng.below(30) as i8 - 15,
        };
        piece.parts.push((role, (0..4 * bar).step_by(every as usize).map(event).collect()));
    };
    role(Role::Drums, &[36, 38, 42], 12);
    role(Role::Bass, &[36, 41], 12);
    role(Role::Chords, &[60, 63, 67], 24);
    role(Role::Lead, &[72, 74, 75, 77, 79], 18);
    piece
}

/// Nats of a window as the writer's network sees it.
fn plain(network: &Network, part: Part, example: &Example<'_>) -> Nats {
    let mut nats = Nats { notes: example.tokens.len(), ..Nats::default() };
    let mut state = network.start();
    let grammar = Grammar { part, grid: example.window.context.grid };
    let lost = |logits: &[f32], allowed: &dyn Fn(usize) -> bool, class: usize| {
        let sum: f64 =
            (0..logits.len()).filter(|&other| allowed(other)).map(|other| f64::from(logits[other]).exp()).sum();
        sum.ln() - f64::from(logits[class])
    };
    replay(part, example.window, &example.tokens, |view, cursor, token| {
        let filled = |write: &dyn Fn(&mut Vec<f32>)| {
            let mut out = Vec::new();
            write(&mut out);
            out
        };
        let last = view.line.tokens().last();
        let output = network.step(&mut state, &filled(&|out| view.inputs(cursor, out)));
        let logits = network.onset_logits(&output, &filled(&|out| view.onset(cursor, out)));
        let onset = token.map_or(NEXT_BAR, |token| usize::from(token.slot));
        nats.onset += lost(&logits, &|onset| grammar.allows_onset(cursor, last, onset), onset);
        let Some(token) = token else { return };
        let symbol = usize::from(token.symbol);
        let mix = network.mix(&output, &filled(&|out| view.at(cursor, onset, out)));
        let logits = network.symbol_logits(&mix, &filled(&|out| view.symbol(cursor, onset, out)));
        nats.symbol += lost(&logits, &|symbol| grammar.allows_symbol(cursor, last, onset, symbol), symbol);
        if part.has_velocity() {
            let tail = network.tail(&mix, &filled(&|out| view.tail(cursor, onset, symbol, out)));
            let all = &|_: usize| true;
            let rows = filled(&|out| view.velocities(cursor, onset, symbol, out));
            let logits = network.velocity_logits(&tail, token.length, &rows);
            nats.velocity += lost(&logits, all, usize::from(token.velocity));
            if part.has_length() {
                let rows = filled(&|out| view.lengths(cursor, onset, symbol, out));
                nats.length += lost(&network.length_logits(&tail, &rows), all, usize::from(token.length));
            }
            if part.has_offset() {
                let rows = filled(&|out| view.offsets(cursor, onset, symbol, out));
                let logits = network.offset_logits(&tail, token.velocity, &rows);
                nats.offset += lost(&logits, all, usize::from(token.offset));
            }
        }
    });
    nats
}

#[test]
fn the_writing_network_and_the_training_graph_agree() {
    for part in Part::ALL {
        for meter in ["4/4", "7/8"] {
            let song = Song::new(&piece(1, Split::Train, meter), part).expect("it has every part");
            let layout = Layout::new(part, SMALL);
            let mut parameters = initial::parameters(&layout, Seed(3));
            let mut rng = Seed(4).rng();
            parameters.iter_mut().for_each(|parameter| *parameter += 0.1 * rng.normal());
            let network = Network::new(layout.clone(), parameters.clone());
            let examples = sampling::windows(part, &song);
            let batch = Batch::new(part, layout.widths, &examples);
            let graph = Graph::plain(&layout, &parameters).nats(&batch);
            let plain = plain(&network, part, &examples[0]);
            assert_eq!(graph.notes, plain.notes);
            for (a, b) in [
                (graph.onset, plain.onset),
                (graph.symbol, plain.symbol),
                (graph.length, plain.length),
                (graph.velocity, plain.velocity),
                (graph.offset, plain.offset),
            ] {
                assert!((a - b).abs() / graph.notes as f64 <= 1e-4, "{part:?} {meter}: {graph:?} {plain:?}");
            }
        }
    }
}

#[test]
fn the_graph_s_gradient_agrees_with_finite_differences() {
    let part = Part::Bass;
    let song = Song::new(&piece(1, Split::Train, "4/4"), part).expect("it has every part");
    let layout = Layout::new(part, SMALL);
    let parameters = initial::parameters(&layout, Seed(3));
    let batch = Batch::new(part, layout.widths, &sampling::windows(part, &song));
    let mut rng = Seed(1).rng();
    let mut dropout = super::graph::Dropout { share: 0.0, rng: &mut rng };
    let (_, gradient) = Graph::tracked(&layout, &parameters, Compute::Cpu).gradient(&batch, &mut dropout);
    let loss = |parameters: &[f32]| Graph::plain(&layout, parameters).nats(&batch).per_note();
    // The steepest number of each matrix: small slopes drown in the rounding of the loss.
    for matrix in layout.matrices() {
        let range = matrix.start..matrix.start + matrix.rows * matrix.columns;
        let Some(index) = range.max_by(|&a, &b| gradient[a].abs().total_cmp(&gradient[b].abs())) else { continue };
        let mut moved = parameters.clone();
        moved[index] += 0.01;
        let above = loss(&moved);
        moved[index] -= 0.02;
        let difference = (above - loss(&moved)) / 0.02;
        assert!(
            (difference - f64::from(gradient[index])).abs() < 0.02 * difference.abs() + 1e-4,
            "{matrix:?} {difference} {}",
            gradient[index]
        );
    }
}

#[test]
#[ignore = "needs a graphics processor, or a driver that plays one (mesa-vulkan-drivers), and the feature `gpu`"]
fn a_graphics_processor_computes_the_same_gradients() {
    Compute::Gpu.check().expect("a graphics processor");
    for part in Part::ALL {
        let song = Song::new(&piece(1, Split::Train, "4/4"), part).expect("it has every part");
        let layout = Layout::new(part, SMALL);
        let parameters = initial::parameters(&layout, Seed(3));
        let batch = Batch::new(part, layout.widths, &sampling::windows(part, &song));
        let [(cpu, exact), (gpu, gradient)] = [Compute::Cpu, Compute::Gpu].map(|compute| {
            let mut rng = Seed(1).rng();
            let mut dropout = super::graph::Dropout { share: 0.25, rng: &mut rng };
            Graph::tracked(&layout, &parameters, compute).gradient(&batch, &mut dropout)
        });
        assert!((cpu.per_note() - gpu.per_note()).abs() < 1e-4, "{part:?} {cpu:?} {gpu:?}");
        let largest = exact.iter().fold(0.0f32, |largest, slope| largest.max(slope.abs()));
        let apart = exact.iter().zip(&gradient).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // Single precision, added up in another order.
        assert!(apart < 1e-3 * largest, "{part:?}: {apart} of {largest}");
    }
}

/// A watch whose clock goes on by some seconds each time that it is looked at.
#[derive(Default)]
struct Log {
    elapsed_s: f64,
    seconds_between: f64,
    progress: Vec<Progress>,
    checkpoints: Vec<Vec<u8>>,
}

impl Watch<Progress> for Log {
    fn elapsed_s(&mut self) -> f64 {
        self.elapsed_s += self.seconds_between;
        self.elapsed_s
    }
    fn progress(&mut self, progress: &Progress) {
        self.progress.push(progress.clone());
    }
    fn checkpoint(&mut self, bytes: &[u8]) {
        self.checkpoints.push(bytes.to_vec());
    }
}

fn pieces() -> Vec<Piece> {
    (0..6).map(|seed| piece(seed, if seed < 4 { Split::Train } else { Split::Valid }, "4/4")).collect()
}

#[test]
fn training_learns_and_goes_on_from_a_checkpoint_to_the_same_weights() {
    let plan = Plan { steps: 16, batch: 2, evaluate_every: 8, learning_rate: 5e-3, ..Plan::of(Part::Bass) };
    let run = |threads: usize, seconds_between: f64, start: Start<'_>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut log = Log { seconds_between, ..Log::default() };
            let trained = train(&pieces(), &plan, start, &mut log).expect("trainable");
            (weights_file(None, &[trained]), log)
        })
    };
    let (file, log) = run(1, 0.0, Start::Fresh);
    assert!(log.progress[1].training < 0.8 * log.progress[0].training);
    let (same, _) = run(3, 100.0, Start::Fresh);
    assert!(file == same, "neither threads nor the clock make a difference");
    let (resumed, rest) = run(1, 0.0, Start::Checkpoint(&log.checkpoints[0]));
    assert!(file == resumed && rest.progress.len() == 1);
}

#[test]
fn fine_tuning_betters_a_network_and_never_spoils_it() {
    let composer = Composer::builtin().expect("built in");
    let tuned = |steps: u32, learning_rate: f32| {
        let plan =
            Plan { steps, learning_rate, batch: 2, evaluate_every: 8, ..Plan::fine_tuning(&composer, Part::Bass) };
        let trained = train(&pieces(), &plan, Start::From(&composer), &mut Log::default()).expect("trainable");
        let file = weights_file(Some(&composer), &[trained]);
        let after = Composer::from_bytes(&file).expect("every part is there");
        (judge(&pieces(), Part::Bass, &composer, &after).expect("held-out pieces"), after.hash())
    };
    let (judged, _) = tuned(24, 3e-4);
    // These pieces are of two notes at random strengths, which no built-in network expects.
    assert!(judged.gain > 0.1 && judged.held_out.after < judged.held_out.before - 0.1, "{judged:?}");
    assert_eq!((judged.training.amount.pieces, judged.held_out.amount.pieces), (4, 2));
    assert_eq!(judged.verdict(None), Verdict::TooLittle);
    // A rate that can only do damage.
    let (spoilt, hash) = tuned(8, 1.0);
    assert_eq!((spoilt.gain, hash), (0.0, composer.hash()));
}

#[test]
fn a_part_needs_a_piece_to_learn_from_and_one_to_be_judged_by() {
    let mut pieces = pieces();
    assert!(can_train(&pieces, Part::Bass));
    pieces.iter_mut().for_each(|piece| piece.split = Split::Train);
    assert!(!can_train(&pieces, Part::Bass));
}

#[test]
fn a_corpus_without_a_part_is_refused() {
    let mut pieces = pieces();
    pieces.iter_mut().for_each(|piece| piece.parts.retain(|(role, _)| *role != Role::Lead));
    let error = train(&pieces, &Plan::of(Part::Lead), Start::Fresh, &mut Log::default()).expect_err("nothing to learn");
    assert_eq!(error.to_string(), "not a valid corpus: no pieces to train and validate lead on");
}

#[test]
fn every_window_drawn_can_be_written_by_the_grammar() {
    let pieces: Vec<Piece> =
        (0..5).map(|seed| piece(seed, Split::Train, if seed < 3 { "4/4" } else { "7/8" })).collect();
    for part in Part::ALL {
        let songs: Vec<Song> = pieces.iter().filter_map(|piece| Song::new(piece, part)).collect();
        let sampling = sampling::Sampling::new(part, &songs);
        let mut rng = Seed(8).rng();
        for _ in 0..40 {
            let example = sampling.draw(&mut rng);
            let grammar = Grammar { part, grid: example.window.context.grid };
            replay(part, example.window, &example.tokens, |view, cursor, token| {
                let last = view.line.tokens().last();
                let onset = token.map_or(NEXT_BAR, |token| usize::from(token.slot));
                assert!(grammar.allows_onset(cursor, last, onset), "{part:?} {cursor:?} {token:?}");
                let fits = |token: &Token| grammar.allows_symbol(cursor, last, onset, usize::from(token.symbol));
                assert!(token.is_none_or(fits), "{part:?} {cursor:?} {token:?}");
            });
        }
    }
}

#[test]
fn what_is_hidden_changes_nothing_and_what_is_not_does() {
    let plain = piece(1, Split::Train, "4/4");
    let other = |without: Without| {
        let mut other = plain.clone();
        match without {
            Without::Style => other.styles = vec!["jazz".to_owned()],
            Without::Chord => other.harmony = vec![(0, "G7".parse().ok()), (24, "Ab".parse().ok())],
            Without::Roles => {
                let earlier = other.parts.iter_mut().filter(|(role, _)| *role != Role::Lead);
                earlier.flat_map(|(_, events)| events).for_each(|event| event.step += 6);
            }
        }
        other
    };
    for without in Without::ALL {
        let inputs = |piece: &Piece, hidden: Option<Without>| {
            let song = Song::new(piece, Part::Lead).expect("it has a lead").hiding(hidden);
            let layout = Layout::new(Part::Lead, SMALL);
            let batch = Batch::new(Part::Lead, layout.widths, &sampling::windows(Part::Lead, &song));
            [batch.inputs, batch.onset_features, batch.at, batch.symbol_features, batch.tail]
        };
        let other = other(without);
        assert_ne!(inputs(&plain, None), inputs(&other, None), "{without:?}");
        assert_eq!(inputs(&plain, Some(without)), inputs(&other, Some(without)), "{without:?}");
        assert_ne!(inputs(&plain, Some(without)), inputs(&plain, None), "{without:?}");
    }
}

#[test]
fn networks_that_are_compared_learn_from_the_same_windows() {
    let pieces: Vec<Piece> = (0..5).map(|seed| piece(seed, Split::Train, "4/4")).collect();
    let drawn = |without: Option<Without>| {
        let songs = pieces.iter().filter_map(|piece| Some(Song::new(piece, Part::Bass)?.hiding(without)));
        let songs: Vec<Song> = songs.collect();
        let sampling = sampling::Sampling::new(Part::Bass, &songs);
        let mut rng = Seed(3).rng();
        (0..20).map(|_| sampling.draw(&mut rng).tokens).collect::<Vec<Vec<Token>>>()
    };
    let all = drawn(None);
    assert!(Without::ALL.into_iter().all(|without| drawn(Some(without)) == all));
}

#[test]
fn a_line_counts_the_bars_of_the_test_pieces() {
    let splits = [Split::Train, Split::Train, Split::Valid, Split::Test, Split::Test];
    let mut pieces: Vec<Piece> = splits.into_iter().zip(0..).map(|(split, seed)| piece(seed, split, "4/4")).collect();
    pieces.iter_mut().for_each(|piece| piece.source.insert_str(0, "freedoom-midi/"));
    // Test music of another set is not what the part is judged on.
    pieces.push(piece(9, Split::Test, "4/4"));
    let composer = Composer::builtin().expect("built in");
    let score = line(&pieces, &composer, Part::Bass).expect("test pieces");
    assert_eq!((score.pieces, score.bars, score.network.notes), (2, 8, 2 * 32));
    assert_eq!(score.network.notes, score.ngram.notes);
    let plan = Plan { sizes: SMALL, steps: 8, evaluate_every: 8, batch: 2, ..Plan::of(Part::Bass) };
    let short = Plan { without: Some(Without::Chord), ..plan };
    let trained = train(&pieces, &short, Start::Fresh, &mut Log::default()).expect("it trains");
    let lost = test_loss(&pieces, &trained, short.without);
    assert_eq!(lost.notes, score.network.notes);
    assert!(lost.per_note() > score.network.per_note(), "{lost:?}");
}

#[test]
fn a_listener_is_surprised_by_what_it_has_not_heard() {
    let mut known: Vec<Piece> = (0..6).map(|seed| piece(seed, Split::Train, "4/4")).collect();
    known.push(piece(7, Split::Valid, "4/4"));
    let listener = Listener::new(&known, &[Part::Bass, Part::Lead]);
    let usual = piece(8, Split::Test, "4/4");
    let mut strange = usual.clone();
    for (role, events) in &mut strange.parts {
        events.iter_mut().filter(|_| *role != Role::Drums).zip(0..).for_each(|(event, index)| event.pitch += index % 3);
    }
    assert!(listener.surprise(&strange) > listener.surprise(&usual) + 0.3);
    strange.parts.clear();
    assert_eq!(listener.surprise(&strange), 0.0);
}
