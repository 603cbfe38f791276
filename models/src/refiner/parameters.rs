//! Parameters of a network as one flat list of numbers: drawn, listed, stored, read.
//!
//! Keeping them flat makes averages, checkpoints and files plain loops. Ids are given by order, so that an optimizer's stored
//! state finds its parameters again.

use crate::error::{Error, Result};
use burn::Tensor;
use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, TensorData};
use half::f16;
use riffsmith_dsp::Seed;

/// Where the numbers of a new network come from.
enum Source<'a> {
    /// Drawn uniformly within each layer's bound.
    Drawn(Box<riffsmith_dsp::Rng>),
    /// Taken one after the other.
    Taken(&'a [f32]),
}

/// Makes the parameters of a network, one after the other, in the order in which the network's fields are declared.
pub struct Maker<'a> {
    device: &'a Device,
    source: Source<'a>,
    made: u64,
}

impl<'a> Maker<'a> {
    pub fn draw(seed: Seed, device: &'a Device) -> Self {
        Self { device, source: Source::Drawn(Box::new(seed.rng())), made: 0 }
    }

    /// # Panics
    /// While making, if there are too few values.
    pub fn take(values: &'a [f32], device: &'a Device) -> Self {
        Self { device, source: Source::Taken(values), made: 0 }
    }

    /// One parameter; drawn ones are uniform in `-bound ..= bound`.
    pub fn parameter<const D: usize>(&mut self, shape: [usize; D], bound: f32) -> Param<Tensor<D>> {
        let count = shape.iter().product();
        let values = match &mut self.source {
            Source::Drawn(rng) => (0..count).map(|_| bound * rng.bipolar()).collect(),
            Source::Taken(values) => {
                let (head, tail) = values.split_at(count);
                *values = tail;
                head.to_vec()
            }
        };
        self.made += 1;
        let tensor = Tensor::from_data(TensorData::new(values, shape), self.device);
        let tensor = if self.device.is_autodiff() { tensor.require_grad() } else { tensor };
        Param::initialized(ParamId::from(self.made), tensor)
    }
}

/// All parameters of a network, in order.
pub fn values(network: &impl Module) -> Vec<f32> {
    struct Lister(Vec<f32>);
    impl ModuleVisitor for Lister {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            self.0.extend(numbers(parameter.val()));
        }
    }
    let mut lister = Lister(Vec::new());
    network.visit(&mut lister);
    lister.0
}

/// The elements of a tensor in row-major order.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("all tensors here hold f32")
}

/// First bytes of a weights file.
const MAGIC: &[u8; 8] = b"riffrefn";

/// Version of the network's shape and of the meaning of its inputs.
const VERSION: u32 = 5;

/// A weights file: magic, version, count, FNV-1a of what follows, then the values as half-precision floats; little-endian.
pub fn to_bytes(values: &[f32]) -> Vec<u8> {
    let body: Vec<u8> = values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((values.len() as u32).to_le_bytes());
    bytes.extend(checksum(&body).to_le_bytes());
    bytes.extend(body);
    bytes
}

/// The `count` values of a weights file.
///
/// # Errors
/// If the bytes are not a whole, undamaged weights file of this version with so many values.
pub fn from_bytes(bytes: &[u8], count: usize) -> Result<Vec<f32>> {
    let broken = |reason: String| Error::format("refiner weights file", reason);
    let body = bytes
        .strip_prefix(MAGIC)
        .filter(|rest| rest.len() >= 16)
        .ok_or_else(|| broken("it does not begin with `riffrefn` and a header".into()))?;
    let (header, body) = body.split_at(16);
    let field = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if field(0) != VERSION {
        let reason = format!("version {} of the network, this program has version {VERSION}", field(0));
        return Err(Error::Unsupported { what: "refiner weights file", reason });
    }
    if field(4) as usize != count || body.len() != 2 * count {
        return Err(broken(format!("{} values in {} bytes, expected {count} in {}", field(4), body.len(), 2 * count)));
    }
    if header[8..] != checksum(body).to_le_bytes() {
        return Err(broken("its checksum is wrong".into()));
    }
    let values: Vec<f32> = body.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect();
    if values.iter().any(|value| !value.is_finite()) {
        return Err(broken("it holds numbers that are not finite".into()));
    }
    Ok(values)
}

/// FNV-1a, 64 bits.
pub fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_to_a_weights_file_is_found() {
        let values: Vec<f32> = (0..50).map(|i| i as f32 / 8.0 - 3.0).collect();
        let bytes = to_bytes(&values);
        assert_eq!(from_bytes(&bytes, 50), Ok(values));
        assert!(from_bytes(&bytes, 49).is_err());
        for cut in [0, 7, 23, 24, bytes.len() - 1] {
            assert!(from_bytes(&bytes[..cut], 50).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(from_bytes(&damaged, 50).is_err(), "byte {at}");
        }
    }

    #[test]
    fn values_that_are_not_numbers_are_refused() {
        assert!(from_bytes(&to_bytes(&[1.0, f32::NAN]), 2).is_err());
        assert!(from_bytes(&to_bytes(&[1.0, f32::INFINITY]), 2).is_err());
    }
}
