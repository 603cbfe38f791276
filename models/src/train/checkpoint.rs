//! The state of a training as bytes.
//!
//! Little-endian: eight bytes that say of what, a number of its own, parameters, steps and evaluations since the best as `u32`, the best
//! nats as `f64`, then parameters, average, first and second moments and the best average as `f32`.

use super::optimizer::Optimizer;
use crate::composer::layout::Matrix;
use crate::error::{Error, Result};

const HEADER: usize = 8 + 4 * 4 + 8;

/// All that changes while a network is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Parameters and moments.
    pub optimizer: Optimizer,
    /// The average that did best on the validation pieces.
    pub best: Vec<f32>,
    /// Its nats per note or frame.
    pub best_nats: f64,
    /// Evaluations since it was found.
    pub evaluations_since: u32,
}

impl State {
    /// Before the first step.
    pub fn fresh(matrices: &[Matrix], parameters: Vec<f32>, weight_decay: f32) -> Self {
        Self {
            optimizer: Optimizer::new(matrices, parameters.clone(), weight_decay),
            best: parameters,
            best_nats: f64::INFINITY,
            evaluations_since: 0,
        }
    }
}

/// The bytes of a state of a training of some `kind`, with a `number` that means something to it.
pub fn write(kind: &[u8; 8], number: u32, state: &State) -> Vec<u8> {
    let Optimizer { parameters, average, first, second, steps, .. } = &state.optimizer;
    let mut bytes = kind.to_vec();
    for word in [number, parameters.len() as u32, *steps, state.evaluations_since] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(state.best_nats.to_le_bytes());
    for vector in [parameters, average, first, second, &state.best] {
        bytes.extend(vector.iter().flat_map(|number| number.to_le_bytes()));
    }
    bytes
}

/// Sets a fresh state to what the bytes hold; returns the number.
///
/// # Errors
/// Other bytes, or a checkpoint of another kind or size.
pub fn read(kind: &[u8; 8], bytes: &[u8], state: &mut State) -> Result<u32> {
    let broken = |reason: String| Error::format("training checkpoint", reason);
    let count = state.best.len();
    if !bytes.starts_with(kind) {
        return Err(broken(format!("it does not start with `{}`", String::from_utf8_lossy(kind))));
    }
    let word = |index: usize| {
        bytes.get(8 + 4 * index..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_le_bytes(*word))
    };
    if bytes.len() != HEADER + 5 * 4 * count || word(1) as usize != count {
        let own = word(1);
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
    optimizer.steps = word(2);
    state.evaluations_since = word(3);
    state.best_nats = bytes[24..].first_chunk().map_or(f64::INFINITY, |eight| f64::from_le_bytes(*eight));
    Ok(word(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::layout::{Layout, Sizes};
    use crate::composer::part::Part;

    #[test]
    fn a_training_goes_on_where_it_was() {
        let layout = Layout::new(Part::Bass, Sizes { hidden: 4, cells: 4, blocks: 1, mix: 4, tail: 4 });
        let fresh = State::fresh(&layout.matrices(), vec![0.1; layout.total], 0.1);
        let mut state = fresh.clone();
        state.optimizer.step(&vec![0.5; layout.total], 1e-2);
        (state.best_nats, state.evaluations_since) = (2.5, 3);
        let bytes = write(b"one kind", 7, &state);
        let mut read_back = fresh.clone();
        assert_eq!(read(b"one kind", &bytes, &mut read_back), Ok(7));
        assert_eq!(read_back, state);
        let refused = |kind: &[u8; 8], bytes: &[u8]| read(kind, bytes, &mut fresh.clone()).is_err();
        assert!(refused(b"one kind", &bytes[1..]) && refused(b"one kind", &bytes[..bytes.len() - 4]));
        assert!(refused(b"another.", &bytes) && refused(b"one kind", b"one kind"));
        let mut smaller = State::fresh(&[], vec![0.1; 3], 0.1);
        assert!(read(b"one kind", &bytes, &mut smaller).is_err());
    }
}
