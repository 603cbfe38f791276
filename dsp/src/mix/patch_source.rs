//! A patch in a mix: the name of a built-in one, or all of it.

use crate::patch::{Patch, find};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// Reads a [`Patch`] from a built-in patch's name or from a table.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch, D::Error> {
    deserializer.deserialize_any(PatchVisitor)
}

/// Writes a built-in patch as its name, another one whole: so that a recipe has room in a file's comment.
pub(super) fn serialize<S: Serializer>(patch: &Patch, serializer: S) -> Result<S::Ok, S::Error> {
    if find(&patch.name).is_ok_and(|own| own == *patch) {
        serializer.serialize_str(&patch.name)
    } else {
        patch.serialize(serializer)
    }
}

struct PatchVisitor;

impl<'de> Visitor<'de> for PatchVisitor {
    type Value = Patch;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the name of a patch, or a patch")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Patch, E> {
        find(name).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Patch, A::Error> {
        let patch = Patch::deserialize(MapAccessDeserializer::new(map))?;
        patch.validate().map_err(A::Error::custom)?;
        Ok(patch)
    }
}
