//! The state of a training as bytes.
//!
//! Little-endian: the magic `riffpoly`, number of parameters, steps, epochs and evaluations since the best as `u32`, the best nats
//! as `f64`, then parameters, average, first and second moments and the best average as `f32`.

use crate::error::{Error, Result};
use crate::polyphonic::layout::Layout;
use crate::train::composer::optimizer::Optimizer;

const MAGIC: &[u8; 8] = b"riffpoly";
const HEADER: usize = 8 + 4 * 4 + 8;

/// All that changes in training, at the end of an epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Parameters and moments.
    pub optimizer: Optimizer,
    /// Times that all pieces were seen.
    pub epochs: u32,
    /// The average that did best on the validation pieces.
    pub best: Vec<f32>,
    /// Its nats per frame.
    pub best_nats: f64,
    /// Evaluations since it was found.
    pub evaluations_since: u32,
}

impl State {
    /// Before the first step.
    pub fn fresh(layout: &Layout, parameters: Vec<f32>, weight_decay: f32) -> Self {
        Self {
            optimizer: Optimizer::new(&layout.matrices(), parameters.clone(), weight_decay),
            epochs: 0,
            best: parameters,
            best_nats: f64::INFINITY,
            evaluations_since: 0,
        }
    }
}

/// The bytes of a state.
pub fn write(state: &State) -> Vec<u8> {
    let Optimizer { parameters, average, first, second, steps, .. } = &state.optimizer;
    let mut bytes = MAGIC.to_vec();
    for word in [parameters.len() as u32, *steps, state.epochs, state.evaluations_since] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(state.best_nats.to_le_bytes());
    for vector in [parameters, average, first, second, &state.best] {
        bytes.extend(vector.iter().flat_map(|number| number.to_le_bytes()));
    }
    bytes
}

/// Sets a fresh state to what the bytes hold.
///
/// # Errors
/// Other bytes, or a checkpoint of a network of another size.
pub fn read(bytes: &[u8], state: &mut State) -> Result<()> {
    let broken = |reason: String| Error::format("training checkpoint", reason);
    let count = state.best.len();
    if !bytes.starts_with(MAGIC) {
        return Err(broken("it does not start with `riffpoly`".to_owned()));
    }
    let word = |index: usize| {
        bytes.get(8 + 4 * index..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_le_bytes(*word))
    };
    if bytes.len() != HEADER + 5 * 4 * count || word(0) as usize != count {
        let own = word(0);
        return Err(broken(format!("it has {} bytes and {own} parameters, this network {count}", bytes.len())));
    }
    let mut vectors = bytes[HEADER..].chunks_exact(4 * count).map(|vector| {
        let number = |four: &[u8]| four.first_chunk().map_or(0.0, |four| f32::from_le_bytes(*four));
        vector.chunks_exact(4).map(number).collect::<Vec<f32>>()
    });
    let optimizer = &mut state.optimizer;
    let targets = [
        &mut optimizer.parameters,
        &mut optimizer.average,
        &mut optimizer.first,
        &mut optimizer.second,
        &mut state.best,
    ];
    for (target, vector) in targets.into_iter().zip(&mut vectors) {
        *target = vector;
    }
    (optimizer.steps, state.epochs, state.evaluations_since) = (word(1), word(2), word(3));
    state.best_nats = bytes[24..].first_chunk().map_or(f64::INFINITY, |eight| f64::from_le_bytes(*eight));
    Ok(())
}
