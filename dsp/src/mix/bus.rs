//! A bus: channels that are treated as one, and yet keep their stems.

use crate::effect::{Chain, Compressor, EffectContext, EffectSpec, Eq};
use crate::error::{Error, Result};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

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
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "changes")]
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

/// Only what differs from the default: recipes have little room.
#[expect(clippy::ref_option, reason = "serde passes it so")]
fn changes<S: Serializer>(compressor: &Option<Compressor>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    let usual = Compressor::default();
    let own = compressor.as_ref().unwrap_or(&usual);
    let Compressor { threshold_db, ratio, knee_db, attack_ms, release_ms, makeup_db, mix, lookahead_ms, sidechain } =
        *own;
    let fields = [
        ("threshold_db", threshold_db, usual.threshold_db),
        ("ratio", ratio, usual.ratio),
        ("knee_db", knee_db, usual.knee_db),
        ("attack_ms", attack_ms, usual.attack_ms),
        ("release_ms", release_ms, usual.release_ms),
        ("makeup_db", makeup_db, usual.makeup_db),
        ("mix", mix, usual.mix),
        ("lookahead_ms", lookahead_ms, usual.lookahead_ms),
    ];
    let mut map = serializer.serialize_map(None)?;
    for (name, value, _) in fields.into_iter().filter(|(_, value, usual)| value != usual) {
        map.serialize_entry(name, &value)?;
    }
    if sidechain != usual.sidechain {
        map.serialize_entry("sidechain", &sidechain)?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_written_in_short_and_read_back() {
        let text = "channels = [\"bass\"]\n\n[compressor]\nratio = 2.0\nlookahead_ms = 1.5\n";
        let bus: Bus = toml::from_str(text).expect("valid");
        bus.validate().expect("in range");
        assert_eq!(toml::to_string(&bus).expect("plain data"), text);
        let keyed = "compressor = { sidechain = true }";
        let error = toml::from_str::<Bus>(keyed).expect("a bus").validate().expect_err("no key").to_string();
        assert!(error.contains("sidechain") && error.contains("sum of the bus"), "{error}");
    }
}
