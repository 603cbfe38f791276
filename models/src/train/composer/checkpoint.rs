//! The state of a training as bytes.
//!
//! Little-endian: the magic `riffckpt`, part, parameters, steps and evaluations since the best as `u32`, the best nats as `f64`,
//! then parameters, average, first and second moments and the best average as `f32`.

use super::optimizer::Optimizer;
use crate::composer::layout::Layout;
use crate::composer::part::Part;
use crate::error::{Error, Result};

const MAGIC: &[u8; 8] = b"riffckpt";
const HEADER: usize = 8 + 4 * 4 + 8;

/// All that changes while a part is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Parameters and moments.
    pub optimizer: Optimizer,
    /// The average that did best on the validation pieces.
    pub best: Vec<f32>,
    /// Its nats per note.
    pub best_nats: f64,
    /// Evaluations since it was found.
    pub evaluations_since: u32,
}

impl State {
    /// Before the first step.
    pub fn fresh(layout: &Layout, parameters: Vec<f32>, weight_decay: f32) -> Self {
        Self {
            optimizer: Optimizer::new(&layout.matrices(), parameters.clone(), weight_decay),
            best: parameters,
            best_nats: f64::INFINITY,
            evaluations_since: 0,
        }
    }
}

/// The bytes of a state.
pub fn write(part: Part, state: &State) -> Vec<u8> {
    let Optimizer { parameters, average, first, second, steps, .. } = &state.optimizer;
    let mut bytes = MAGIC.to_vec();
    for word in [part as u32, parameters.len() as u32, *steps, state.evaluations_since] {
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
/// Other bytes, or a checkpoint of another part or size.
pub fn read(bytes: &[u8], part: Part, state: &mut State) -> Result<()> {
    let broken = |reason: String| Error::format("training checkpoint", reason);
    let count = state.best.len();
    if !bytes.starts_with(MAGIC) {
        return Err(broken("it does not start with `riffckpt`".to_owned()));
    }
    if bytes.len() != HEADER + 5 * 4 * count {
        return Err(broken(format!("it has {} bytes, {} needs {}", bytes.len(), part.name(), HEADER + 5 * 4 * count)));
    }
    let word = |index: usize| bytes[8 + 4 * index..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
    if word(0) != part as u32 || word(1) as usize != count {
        return Err(broken(format!("it is not of a network for {}", part.name())));
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::layout::Sizes;

    #[test]
    fn a_training_goes_on_where_it_was() {
        let layout = Layout::new(Part::Bass, Sizes { hidden: 4, cells: 4, blocks: 1, mix: 4, tail: 4 });
        let fresh = State::fresh(&layout, vec![0.1; layout.total], 0.1);
        let mut state = fresh.clone();
        state.optimizer.step(&vec![0.5; layout.total], 1e-2);
        (state.best_nats, state.evaluations_since) = (2.5, 3);
        let bytes = write(Part::Bass, &state);
        let mut read_back = fresh.clone();
        read(&bytes, Part::Bass, &mut read_back).expect("what was written");
        assert_eq!(read_back, state);
        assert!(read(&bytes[1..], Part::Bass, &mut fresh.clone()).is_err());
        assert!(read(&bytes[..bytes.len() - 4], Part::Bass, &mut fresh.clone()).is_err());
        assert!(read(&bytes, Part::Lead, &mut fresh.clone()).is_err());
    }
}
