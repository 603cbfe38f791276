//! Sample packs: what makes a folder of sounds a product.

pub mod page;
