//! A patch as a musician would write it: what is at its default is left out.

use super::Patch;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// A patch's text, part by part.
#[derive(Serialize)]
struct Text<'a> {
    name: &'a str,
    description: &'a str,
    tags: &'a [String],
    #[serde(flatten)]
    playing: Table,
    instrument: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inserts: Vec<Value>,
}

impl Patch {
    /// The patch as TOML, which [`Patch::from_toml`] reads again.
    pub fn to_toml(&self) -> String {
        let text = Text {
            name: &self.name,
            description: &self.description,
            tags: &self.tags,
            playing: self.playing(),
            instrument: brief(&self.instrument),
            inserts: self.inserts.iter().map(brief).collect(),
        };
        toml::to_string(&text).expect("numbers, names and tables")
    }

    /// What is not at its default of gain, mono, legato, glide and strum.
    fn playing(&self) -> Table {
        let numbers = [("gain_db", self.gain_db), ("glide_s", self.glide_s), ("strum_s", self.strum_s)];
        let mut playing: Table = numbers
            .into_iter()
            .filter(|(_, number)| *number != 0.0)
            .map(|(name, number)| (name.to_owned(), short(f64::from(number))))
            .collect();
        for (name, _) in [("mono", self.mono), ("legato", self.legato)].into_iter().filter(|(_, is_set)| *is_set) {
            playing.insert(name.to_owned(), Value::Boolean(true));
        }
        playing
    }
}

/// A part as a table, without what reads the same if it is left out: a default.
fn brief<T: Serialize + DeserializeOwned + PartialEq>(part: &T) -> Value {
    let mut whole = rounded(Value::try_from(part).expect("parameters are numbers, names and tables"));
    let is_same = |candidate: &Value| candidate.clone().try_into::<T>().is_ok_and(|read| read == *part);
    leave_out(&mut whole, &mut Vec::new(), &is_same);
    whole
}

/// Takes away what can be, in the table that `path` leads to: whole tables first, then what is in them.
fn leave_out(whole: &mut Value, path: &mut Vec<String>, is_same: &impl Fn(&Value) -> bool) {
    let keys: Vec<String> = table_at(whole, path).into_iter().flat_map(|table| table.keys().cloned()).collect();
    for key in keys {
        let mut shorter = whole.clone();
        if let Some(table) = table_at(&mut shorter, path) {
            table.remove(&key);
        }
        if is_same(&shorter) {
            *whole = shorter;
        } else {
            path.push(key);
            leave_out(whole, path, is_same);
            path.pop();
        }
    }
}

fn table_at<'a>(whole: &'a mut Value, path: &[String]) -> Option<&'a mut Table> {
    path.iter().try_fold(whole, |value, key| value.get_mut(key.as_str()))?.as_table_mut()
}

/// Numbers with no more digits than single precision needs.
fn rounded(given: Value) -> Value {
    match given {
        Value::Float(number) => short(number),
        Value::Array(values) => Value::Array(values.into_iter().map(rounded).collect()),
        Value::Table(table) => Value::Table(table.into_iter().map(|(key, value)| (key, rounded(value))).collect()),
        other => other,
    }
}

fn short(number: f64) -> Value {
    let shortest = (number as f32).to_string();
    Value::Float(shortest.parse().unwrap_or(number))
}

#[cfg(test)]
mod tests {
    use super::super::builtin;
    use super::*;

    #[test]
    fn every_patch_comes_back_from_its_text() {
        for patch in builtin() {
            let text = patch.to_toml();
            let back = Patch::from_toml(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", patch.name));
            assert_eq!(back, patch);
        }
    }

    #[test]
    fn defaults_are_left_out_and_numbers_are_short() {
        let head = "name = \"x\"\ndescription = \"y\"\ntags = []\ngain_db = 3.6\n\n[instrument]\ntype = \"kit\"\n";
        // A drum that is named takes the defaults of its kind, not the kit's own: 0.09 s is the kit's pedal hat.
        let drums = "\n[instrument.kick]\npitch_hz = 48.1\n\n[instrument.pedal_hat]\ndecay_s = 0.09\n";
        let patch = Patch::from_toml(&format!("{head}{drums}[instrument.snare]\nsnap = 0.5\n")).expect("a patch");
        assert_eq!(patch.to_toml(), format!("{head}{drums}"));
    }
}
