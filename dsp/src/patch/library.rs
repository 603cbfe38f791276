//! The patches that come with the program.

use super::Patch;
use crate::error::{Error, Result};
use include_dir::{Dir, include_dir};

static PATCHES: Dir = include_dir!("$CARGO_MANIFEST_DIR/../samples/patches");

/// The names of all built-in patches, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    let patches = PATCHES.files().filter(|file| file.path().extension().is_some_and(|ending| ending == "toml"));
    patches.filter_map(|file| file.path().file_stem()?.to_str())
}

/// All built-in patches, in alphabetical order.
pub fn builtin() -> impl Iterator<Item = Patch> {
    names().map(|name| find(name).expect("a test reads every built-in patch"))
}

/// The built-in patch called `name`.
///
/// # Errors
/// There is none.
pub fn find(name: &str) -> Result<Patch> {
    let text = PATCHES.get_file(format!("{name}.toml")).and_then(|file| file.contents_utf8()).ok_or_else(|| {
        let known: Vec<&str> = names().collect();
        Error::Unknown { what: "patch", given: name.to_owned(), expected: format!("there are {}", known.join(", ")) }
    })?;
    Patch::from_toml(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Role;

    #[test]
    fn every_built_in_patch_is_valid_and_called_as_its_file() {
        let mut count = 0;
        for name in names() {
            let patch = find(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(patch.name, name);
            assert!(patch.role().is_some(), "{name}: first tag {:?}", patch.tags.first());
            assert_eq!(patch.role() == Some(Role::Drums), name.starts_with("kit_"), "{name}");
            assert!(!patch.description.is_empty(), "{name}");
            count += 1;
        }
        assert_eq!(builtin().count(), count);
        assert!(find("no_such_patch").is_err());
    }
}
