//! A bus: channels that are treated as one, and yet keep their stems.

use crate::effect::{Chain, Compressor, EffectContext, EffectSpec, Eq};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Channels that go through one equaliser and one compressor, behind their faders and before their sends.
///
/// The compressor hears the sum of its channels, and all of them get its gain: what it makes of the sum is the sum of what it makes of
/// them, so that stems still add up to the mix.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bus {
    /// The names of its channels, as in the mix. A channel is on one bus at most.
    pub channels: Vec<String>,
    /// Equaliser, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eq: Option<Eq>,
    /// Compressor behind it, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compressor: Option<Compressor>,
}

impl Bus {
    /// # Errors
    /// The first parameter that is out of its range; a side-chain, as the compressor always hears the bus.
    pub(super) fn validate(&self) -> Result<()> {
        if let Some(eq) = &self.eq {
            EffectSpec::Eq(eq.clone()).validate()?;
        }
        let Some(compressor) = &self.compressor else { return Ok(()) };
        if compressor.sidechain {
            return Err(Error::Unknown {
                what: "compressor of a bus with sidechain",
                given: "true".to_owned(),
                expected: "it hears the sum of the bus".to_owned(),
            });
        }
        EffectSpec::Compressor(compressor.clone()).validate()
    }

    /// The equaliser, for one of its channels.
    pub(super) fn equaliser(&self, context: &EffectContext) -> Chain {
        let specs: Vec<EffectSpec> = self.eq.iter().cloned().map(EffectSpec::Eq).collect();
        Chain::new(&specs, context)
    }

    /// The compressor for one of its channels, whose key is the sum of all.
    pub(super) fn glue(&self, context: &EffectContext) -> Chain {
        let keyed = |compressor: &Compressor| Compressor { sidechain: true, ..compressor.clone() };
        let specs: Vec<EffectSpec> = self.compressor.iter().map(keyed).map(EffectSpec::Compressor).collect();
        Chain::new(&specs, context)
    }
}
