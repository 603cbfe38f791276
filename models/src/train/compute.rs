//! What a network is trained on.

use crate::error::{Error, Result};
use burn::tensor::Device;

/// The processor that gradients are computed on; all else is computed on the main one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compute {
    /// The main processor.
    #[default]
    Cpu,
    /// The graphics processor, in programs that are built with the feature `gpu`.
    Gpu,
}

impl Compute {
    /// Ready to be trained on.
    ///
    /// # Errors
    /// A program without the feature, or a machine without a graphics processor that can be used.
    pub fn check(self) -> Result<()> {
        self.open().map(drop)
    }

    /// Its device.
    ///
    /// # Panics
    /// Where [`Compute::check`] fails.
    pub(super) fn device(self) -> Device {
        self.open().expect("it was checked before the training")
    }

    fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            Self::Gpu => gpu(),
        }
    }
}

#[cfg(feature = "gpu")]
fn gpu() -> Result<Device> {
    use std::sync::OnceLock;
    // A device is opened once in a program's life.
    static DEVICE: OnceLock<std::result::Result<Device, String>> = OnceLock::new();
    let device = DEVICE.get_or_init(|| Device::wgpu_options().init().map_err(|error| error.to_string()));
    let unsupported = |reason: &String| Error::Unsupported { what: "graphics processor", reason: reason.clone() };
    device.as_ref().map(Clone::clone).map_err(unsupported)
}

#[cfg(not(feature = "gpu"))]
fn gpu() -> Result<Device> {
    let reason = "this program was built without the feature `gpu`".to_owned();
    Err(Error::Unsupported { what: "graphics processor", reason })
}
