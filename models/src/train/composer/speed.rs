//! The bare arithmetic of a network, for benches: one piece's events and a training batch, for us and for whoever is compared.
//!
//! What is told to the network (its features) is computed beforehand; drawing from the logits is not part of it either.

use super::batch::Batch;
use super::graph::{Dropout, Graph};
use super::plan::Plan;
use super::sampling::windows;
use super::song::{Song, replay};
use crate::composer::Composer;
use crate::composer::layout::{Layout, Matrix};
use crate::composer::network::{Network, State};
use crate::composer::part::Part;
use crate::piece::Piece;
use crate::train::optimizer::Optimizer;
use burn::tensor::{Device, Distribution, Tensor};
use riffsmith_dsp::Seed;
use serde::Serialize;
use std::collections::BTreeMap;

/// Windows in a training batch, as in training.
const BATCH: usize = 16;

/// What the network is told about one event.
#[derive(Debug, Clone, Default)]
struct Told {
    inputs: Vec<f32>,
    onset: Vec<f32>,
    at: Vec<f32>,
    symbol: Vec<f32>,
    tail: Vec<f32>,
    lengths: Vec<f32>,
    velocities: Vec<f32>,
    offsets: Vec<f32>,
    length: u8,
    velocity: u8,
}

/// A network at work: events to write, and a batch to learn from.
pub struct Workload<'a> {
    network: &'a Network,
    told: Vec<Told>,
    batch: Batch,
    optimizer: Optimizer,
    plan: Plan,
}

/// Where a matrix lies in `weights`, and its shape; how long the events' vectors and the batch's arrays are.
#[derive(Serialize)]
struct Description {
    matrices: Vec<(&'static str, usize, usize, usize)>,
    blocks: usize,
    cells: usize,
    events: usize,
    arrays: BTreeMap<&'static str, Vec<usize>>,
    dropout: f32,
    learning_rate: f32,
}

impl<'a> Workload<'a> {
    /// Of a part, with the music of these pieces; `None` if they do not have it.
    pub fn new(composer: &'a Composer, part: Part, pieces: &[Piece]) -> Option<Self> {
        let network = composer.network(part);
        let songs: Vec<Song> = pieces.iter().filter_map(|piece| Song::new(piece, part)).collect();
        let examples: Vec<_> = songs.iter().flat_map(|song| windows(part, song)).collect();
        let mut told = Vec::new();
        for example in examples.iter().take(BATCH) {
            replay(part, example.window, &example.tokens, |view, cursor, token| {
                let Some(token) = token else { return };
                let (slot, symbol) = (usize::from(token.slot), usize::from(token.symbol));
                let mut own = Told { length: token.length, velocity: token.velocity, ..Told::default() };
                view.inputs(cursor, &mut own.inputs);
                view.onset(cursor, &mut own.onset);
                view.at(cursor, slot, &mut own.at);
                view.symbol(cursor, slot, &mut own.symbol);
                view.tail(cursor, slot, symbol, &mut own.tail);
                view.lengths(cursor, slot, symbol, &mut own.lengths);
                view.velocities(cursor, slot, symbol, &mut own.velocities);
                view.offsets(cursor, slot, symbol, &mut own.offsets);
                told.push(own);
            });
        }
        let layout = network.layout();
        let batch = Batch::new(part, layout.widths, examples.get(..BATCH)?);
        let plan = Plan::of(part);
        let optimizer = Optimizer::new(&layout.matrices(), network.parameters().to_vec(), plan.weight_decay);
        Some(Self { network, told, batch, optimizer, plan })
    }

    /// Events of the piece.
    pub fn events(&self) -> usize {
        self.told.len()
    }

    /// Decisions of the batch: notes and bar lines.
    pub fn decisions(&self) -> usize {
        self.batch.steps.len()
    }

    /// Bytes of the weights as they are read for an event.
    pub fn weight_bytes(&self) -> usize {
        4 * self.network.parameters().len()
    }

    /// Multiplications and additions of an event, on the mean: those with what is not zero.
    pub fn operations(&self) -> f64 {
        let layout = self.network.layout();
        let filled = |of: fn(&Told) -> &[f32]| {
            let count = |told: &Told| of(told).iter().filter(|value| **value != 0.0).count();
            self.told.iter().map(count).sum::<usize>() as f64 / self.told.len() as f64
        };
        let of = |matrix: Matrix| (matrix.rows * matrix.columns) as f64;
        let sparse = [
            filled(|told| &told.inputs) * layout.input.columns as f64,
            filled(|told| &told.at) * layout.mix_at.columns as f64,
            filled(|told| &told.tail) * layout.tail_features.columns as f64,
        ];
        let features = |told: &Told| {
            let rows = [&told.onset, &told.symbol, &told.lengths, &told.velocities, &told.offsets];
            rows.map(Vec::len).iter().sum::<usize>() as f64
        };
        let dense = layout.matrices().into_iter().filter(|matrix| {
            let is_row = [layout.velocity_of_length, layout.offset_of_velocity].contains(matrix);
            let is_sparse = [layout.input, layout.mix_at, layout.tail_features].contains(matrix);
            matrix.rows > 1 && !is_row && !is_sparse
        });
        2.0 * (dense.map(of).sum::<f64>() + sparse.iter().sum::<f64>() + features(&self.told[0]))
    }

    /// Writes all events once in each of so many streams; the logits of the last one's heads, one after another.
    pub fn write(&self, streams: usize) -> Vec<f32> {
        let mut states = vec![self.network.start(); streams];
        let mut last = Vec::new();
        for told in &self.told {
            for state in &mut states {
                last = logits(self.network, state, told);
            }
        }
        last
    }

    /// One step of training on the batch, its features given.
    pub fn learn(&mut self) {
        let layout = self.network.layout();
        let mut rng = Seed(1).rng();
        let graph = Graph::tracked(layout, &self.optimizer.parameters, self.plan.compute);
        let mut dropout = Dropout { share: self.plan.dropout, rng: &mut rng };
        let (_, gradient) = graph.gradient(&self.batch, &mut dropout);
        self.optimizer.step(&gradient, self.plan.learning_rate);
    }

    /// Files with which another program can do the same work and check that it does: `description.json`, and little-endian numbers.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let layout = self.network.layout();
        let batch = &self.batch;
        let (steps, notes) = (batch.steps.len(), batch.notes.len());
        let widths = layout.widths;
        let rows = |of: fn(&Told) -> &[f32]| self.told.iter().flat_map(|told| of(told).iter().copied()).collect();
        let classes = |of: fn(&Told) -> u8| self.told.iter().map(|told| f32::from(of(told))).collect();
        let numbers = |indices: &[i32]| indices.iter().map(|&index| index as f32).collect::<Vec<f32>>();
        let mut state = self.network.start();
        let logits: Vec<f32> = self.told.iter().flat_map(|told| logits(self.network, &mut state, told)).collect();
        let (events, onsets) = (self.told.len(), layout.onset.columns);
        let symbols = layout.symbol.columns;
        let arrays: Vec<(&str, Vec<f32>, Vec<usize>)> = vec![
            ("weights", self.network.parameters().to_vec(), vec![layout.total]),
            ("logits", logits.clone(), vec![events, logits.len() / events.max(1)]),
            ("inputs", rows(|told| &told.inputs), vec![events, widths.inputs]),
            ("onset", rows(|told| &told.onset), vec![events, onsets, widths.onset]),
            ("at", rows(|told| &told.at), vec![events, widths.at]),
            ("symbol", rows(|told| &told.symbol), vec![events, symbols, widths.symbol]),
            ("tail", rows(|told| &told.tail), vec![events, widths.tail]),
            ("lengths", rows(|told| &told.lengths), vec![events, layout.length.columns, widths.length]),
            ("velocities", rows(|told| &told.velocities), vec![events, layout.velocity.columns, widths.velocity]),
            ("offsets", rows(|told| &told.offsets), vec![events, layout.offset.columns, widths.offset]),
            ("length", classes(|told| told.length), vec![events]),
            ("velocity", classes(|told| told.velocity), vec![events]),
            ("batch_inputs", batch.inputs.clone(), vec![batch.count, batch.time, widths.inputs]),
            ("batch_steps", numbers(&batch.steps), vec![steps]),
            ("batch_onset", batch.onset_features.clone(), vec![steps, onsets, widths.onset]),
            ("batch_onset_mask", batch.onset_mask.clone(), vec![steps, onsets]),
            ("batch_onsets", numbers(&batch.onsets), vec![steps]),
            ("batch_notes", numbers(&batch.notes), vec![notes]),
            ("batch_at", batch.at.clone(), vec![notes, widths.at]),
            ("batch_symbol", batch.symbol_features.clone(), vec![notes, symbols, widths.symbol]),
            ("batch_symbol_mask", batch.symbol_mask.clone(), vec![notes, symbols]),
            ("batch_symbols", numbers(&batch.symbols), vec![notes]),
            ("batch_tail", batch.tail.clone(), vec![notes, widths.tail]),
            ("batch_length_rows", batch.length_features.clone(), vec![notes, layout.length.columns, widths.length]),
            (
                "batch_velocity_rows",
                batch.velocity_features.clone(),
                vec![notes, layout.velocity.columns, widths.velocity],
            ),
            ("batch_offset_rows", batch.offset_features.clone(), vec![notes, layout.offset.columns, widths.offset]),
            ("batch_lengths", numbers(&batch.lengths), vec![notes]),
            ("batch_velocities", numbers(&batch.velocities), vec![notes]),
            ("batch_offsets", numbers(&batch.offsets), vec![notes]),
        ];
        let description = Description {
            matrices: named(layout).into_iter().map(|(name, own)| (name, own.start, own.rows, own.columns)).collect(),
            blocks: layout.blocks.len(),
            cells: layout.sizes.cells,
            events,
            arrays: arrays.iter().map(|(name, _, shape)| (*name, shape.clone())).collect(),
            dropout: self.plan.dropout,
            learning_rate: self.plan.learning_rate,
        };
        let json = serde_json::to_vec(&description).expect("numbers and names are JSON");
        let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let arrays = arrays.iter().map(|(name, numbers, _)| (format!("{name}.f32"), bytes(numbers)));
        arrays.chain([("description.json".to_owned(), json)]).collect()
    }
}

/// All logits of an event, head after head.
fn logits(network: &Network, state: &mut State, told: &Told) -> Vec<f32> {
    let part = network.layout().part;
    let output = network.step(state, &told.inputs);
    let mut all = network.onset_logits(&output, &told.onset);
    let mix = network.mix(&output, &told.at);
    all.extend(network.symbol_logits(&mix, &told.symbol));
    if part.has_velocity() {
        let tail = network.tail(&mix, &told.tail);
        if part.has_length() {
            all.extend(network.length_logits(&tail, &told.lengths));
        }
        all.extend(network.velocity_logits(&tail, told.length, &told.velocities));
        if part.has_offset() {
            all.extend(network.offset_logits(&tail, told.velocity, &told.offsets));
        }
    }
    all
}

/// The matrices by name; those of a block in the order of the blocks.
fn named(layout: &Layout) -> Vec<(&'static str, Matrix)> {
    let blocks = layout.blocks.iter().flat_map(|block| {
        [("block_norm", block.norm), ("gates", block.gates), ("gates_bias", block.gates_bias), ("out", block.out)]
    });
    let others = [
        ("input", layout.input),
        ("input_bias", layout.input_bias),
        ("norm", layout.norm),
        ("onset", layout.onset),
        ("onset_bias", layout.onset_bias),
        ("phase", layout.phase),
        ("onset_query", layout.onset_query),
        ("mix_state", layout.mix_state),
        ("mix_at", layout.mix_at),
        ("mix_bias", layout.mix_bias),
        ("symbol", layout.symbol),
        ("symbol_bias", layout.symbol_bias),
        ("symbol_query", layout.symbol_query),
        ("tail_mix", layout.tail_mix),
        ("tail_features", layout.tail_features),
        ("tail_bias", layout.tail_bias),
        ("length", layout.length),
        ("length_query", layout.length_query),
        ("velocity", layout.velocity),
        ("velocity_query", layout.velocity_query),
        ("velocity_of_length", layout.velocity_of_length),
        ("offset", layout.offset),
        ("offset_query", layout.offset_query),
        ("offset_of_velocity", layout.offset_of_velocity),
    ];
    blocks.chain(others).filter(|(_, matrix)| matrix.rows * matrix.columns > 0).collect()
}

/// The product of two square matrices of `size`, of burn's backend, `times` over: its operations are the peak that training could reach.
pub fn products(size: usize, times: usize) -> f32 {
    let square = || Tensor::<2>::random([size, size], Distribution::Default, &Device::flex());
    let (a, b) = (square(), square());
    (0..times).map(|_| a.clone().matmul(b.clone()).slice([0..1, 0..1]).into_scalar::<f32>()).sum()
}
