//! The chain, the network and its training, on small rolls.

use super::batch::{Batch, Window};
use super::evaluate::Ensemble;
use super::graph::Graph;
use super::initial;
use super::trainer::{Plan, Progress, Trained, train};
use crate::polyphonic::Order;
use crate::polyphonic::chain::Chain;
use crate::polyphonic::layout::{Layout, Sizes};
use crate::polyphonic::roll::{Roll, Set};
use crate::train::Watch;
use crate::train::composer::graph::Dropout;
use riffsmith_dsp::Seed;

const SIZES: Sizes = Sizes { hidden: 8, cells: 8, wide: 8, blocks: 2 };

fn plan() -> Plan {
    Plan { sizes: SIZES, seed: Seed(3), epochs: 6, batch: 2, evaluate_every: 3, ..Plan::of_chorales() }
}

/// Two voices in parallel thirds up and down, each piece from another key on.
fn set() -> Set {
    let piece = |start: u8| (0..24).map(|time| vec![start + 4 + time % 5, start + time % 5]).collect::<Roll>();
    Set { train: (30..36).map(piece).collect(), valid: vec![piece(40)], test: vec![piece(25), piece(44)] }
}

/// A network's parameters before training, with larger tables: no two keys are equally likely.
fn parameters() -> Vec<f32> {
    let layout = Layout::new(SIZES);
    let mut parameters = initial::parameters(&layout, Seed(1));
    layout.tables.of_mut(&mut parameters).iter_mut().for_each(|number| *number *= 10.0);
    parameters
}

fn untrained(order: Order) -> Ensemble {
    Ensemble::from(Trained { sizes: SIZES, order, parameters: parameters(), validation: 0.0, steps: 0 })
}

/// Does nothing but to keep the last checkpoint and the losses.
#[derive(Default)]
struct Quiet {
    checkpoints: Vec<Vec<u8>>,
    validation: Vec<f64>,
}

impl Watch<Progress> for Quiet {
    fn elapsed_s(&mut self) -> f64 {
        0.0
    }

    fn progress(&mut self, progress: &Progress) {
        self.validation.push(progress.validation);
    }

    fn checkpoint(&mut self, bytes: &[u8]) {
        self.checkpoints.push(bytes.to_vec());
    }
}

#[test]
fn probabilities_of_all_frames_add_up_to_one() {
    let before: Roll = vec![vec![5, 2, 0], vec![4, 1]];
    let nats = |ensemble: &Ensemble, last: Vec<u8>| ensemble.likelihood(&[[&before[..], &[last]].concat()]).nats;
    // The last frame is one of the sets of the six lowest keys, or of the six highest for who decides from the lowest up, ...
    for (order, lowest) in [(Order::Down, 0), (Order::Up, 82), (Order::Outer, 0)] {
        let ensemble = untrained(order).join(untrained(order));
        let nats_before = ensemble.likelihood(std::slice::from_ref(&before)).nats;
        let sets =
            (0..1_u32 << 6).map(|set| (0..6).rev().filter(|key| set >> key & 1 == 1).map(|key| lowest + key).collect());
        let six: f64 = sets.map(|set| (nats_before - nats(&ensemble, set)).exp()).sum();
        // ... or its first note is another key, whatever follows.
        let roll = [&before[..], &[vec![]]].concat();
        let chain = Chain::new(&roll, order);
        let (layout, parameters) = (Layout::new(SIZES), parameters());
        let all = Graph::plain(&layout, &parameters).log_probabilities(&Batch::new(&[Window::whole(&chain, 0)]));
        let first = all.last().expect("a decision at least");
        let others: f64 = first[6..88].iter().map(|&log| f64::from(log).exp()).sum();
        // Single precision, over 64 frames.
        assert!((six + others - 1.0).abs() < 1e-5, "{six} + {others}");
        assert!(six > 1e-4, "{six}");
    }
}

#[test]
fn networks_of_both_orders_share_each_frame_and_of_one_order_each_decision() {
    let rolls = &set().test[..1];
    let [down, up] = [Order::Down, Order::Up].map(|order| untrained(order).likelihood(rolls));
    let both = untrained(Order::Down).join(untrained(Order::Up)).likelihood(rolls);
    assert!(both.nats < down.nats.max(up.nats) && both.nats > down.nats.min(up.nats) - 24.0 * 2.0_f64.ln());
    let twice = untrained(Order::Down).join(untrained(Order::Down)).likelihood(rolls);
    assert!((twice.nats - down.nats).abs() < 1e-9 * down.nats);
    // The first frame alone: the mean of two probabilities.
    let mean = ((-down.first_nats).exp() + (-up.first_nats).exp()) / 2.0;
    assert!((both.first_nats + mean.ln()).abs() < 1e-9);
}

#[test]
fn nothing_of_a_frame_is_known_before_it() {
    let roll = set().train[0].clone();
    let mut other = roll.clone();
    for frame in &mut other[12..] {
        *frame = vec![80, 60, 3];
    }
    for order in Order::ALL {
        let (chain, changed) = (Chain::new(&roll, order), Chain::new(&other, order));
        let same = chain.start(12);
        assert_eq!(same, changed.start(12));
        (0..same).for_each(|index| assert_eq!(chain.decision(index), changed.decision(index)));
        let (first, second) = (chain.decision(same), changed.decision(same));
        assert_eq!((first.inputs, first.anchors), (second.inputs, second.anchors));
    }
}

#[test]
fn likelihoods_are_what_the_decisions_add_up_to() {
    let rolls = set().test;
    let layout = Layout::new(SIZES);
    let parameters = initial::parameters(&layout, Seed(1));
    let (mut nats, mut first) = (0.0, 0.0);
    for roll in &rolls {
        let chain = Chain::new(roll, Order::Down);
        let all = Graph::plain(&layout, &parameters).log_probabilities(&Batch::new(&[Window::whole(&chain, 0)]));
        let logs: Vec<f64> =
            all.iter().enumerate().map(|(index, all)| -f64::from(chain.decision(index).log_probability(all))).collect();
        nats += logs.iter().sum::<f64>();
        first += logs[..3].iter().sum::<f64>();
    }
    let trained = Trained { sizes: SIZES, order: Order::Down, parameters, validation: 0.0, steps: 0 };
    let found = Ensemble::from(trained).likelihood(&rolls);
    assert_eq!((found.frames, found.pieces), (48, 2));
    assert!((found.per_frame() - nats / 48.0).abs() < 1e-6);
    assert!((found.after_first() - (nats - first) / 46.0).abs() < 1e-6);
}

#[test]
fn gradients_agree_with_differences() {
    let layout = Layout::new(SIZES);
    let mut parameters = initial::parameters(&layout, Seed(1));
    let chains: Vec<Chain> = set().train[..2].iter().map(|roll| Chain::new(roll, Order::Outer)).collect();
    let windows = [Window::new(&chains[0], 3, 9), Window::new(&chains[1], 0, 6)];
    let batch = Batch::new(&windows);
    let mut rng = Seed(1).rng();
    let mut gradient = |parameters: &[f32]| {
        Graph::tracked(&layout, parameters).gradient(&batch, 0.0, &mut Dropout { share: 0.0, rng: &mut rng })
    };
    let slopes = gradient(&parameters).1;
    for matrix in layout.matrices() {
        // The steepest parameter of each matrix, where single precision says most.
        let steepest = |a: &usize, b: &usize| slopes[*a].abs().total_cmp(&slopes[*b].abs());
        let index = (matrix.start..matrix.start + matrix.rows * matrix.columns).max_by(steepest).expect("not empty");
        let (before, step) = (parameters[index], 1e-2);
        parameters[index] = before + step;
        let above = gradient(&parameters).0;
        parameters[index] = before - step;
        let below = gradient(&parameters).0;
        parameters[index] = before;
        let difference = (above - below) / f64::from(2.0 * step) / batch.decisions() as f64;
        let slope = f64::from(slopes[index]);
        // The third derivative over a step of 0.01, and single precision: a wrong sign or factor is far outside.
        assert!((slope - difference).abs() < 1e-4 + 0.02 * slope.abs(), "{matrix:?}: {slope} and {difference}");
    }
}

#[test]
fn training_learns_parallel_thirds_and_goes_on_where_it_was() {
    let set = set();
    let mut watch = Quiet::default();
    let plan = Plan { epochs: 40, evaluate_every: 10, learning_rate: 1e-2, dropout: 0.0, ..plan() };
    let trained = train(&set, &plan, None, &mut watch).expect("pieces");
    let untrained = untrained(Order::Down).likelihood(&set.valid).per_frame();
    assert!(untrained > 7.0, "{untrained}");
    assert!(trained.validation < 2.0, "{}", trained.validation);
    let measured = Ensemble::from(trained.clone()).likelihood(&set.valid).per_frame();
    assert!((measured - trained.validation).abs() < 1e-5);
    let mut later = Quiet::default();
    let resumed = train(&set, &plan, Some(&watch.checkpoints[1]), &mut later).expect("its own checkpoint");
    assert_eq!(resumed, trained);
    assert_eq!(later.validation, watch.validation[2..]);
    assert!(train(&set, &plan, Some(&watch.checkpoints[0][1..]), &mut later).is_err());
    let smaller = Plan { sizes: Sizes { cells: 4, ..SIZES }, ..plan };
    assert!(train(&set, &smaller, Some(&watch.checkpoints[0]), &mut later).is_err());
}
