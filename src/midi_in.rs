//! MIDI from a keyboard or a clock, through midir.

use crate::error::{Error, Result};
use crate::suggest;
use midir::{Ignore, MidiInput, MidiInputConnection};

/// The name that other programs see.
const NAME: &str = "riffsmith";

/// An open port; messages end with it.
pub struct Connection {
    _connection: MidiInputConnection<()>,
    /// The port's whole name.
    pub name: String,
}

/// The names of the ports that messages can come from.
///
/// # Errors
/// If the system has no MIDI.
pub fn ports() -> Result<Vec<String>> {
    let input = input()?;
    Ok(input.ports().iter().filter_map(|port| input.port_name(port).ok()).collect())
}

/// Hears the port called `wanted`, or the only one whose name holds it: `hear` gets each message, on a thread of the system's.
///
/// # Errors
/// If there is no such port, or it cannot be opened.
pub fn connect(wanted: &str, mut hear: impl FnMut(&[u8]) + Send + 'static) -> Result<Connection> {
    let mut input = input()?;
    // The clock is wanted too.
    input.ignore(Ignore::SysexAndActiveSense);
    let named: Vec<_> =
        input.ports().into_iter().filter_map(|port| Some((input.port_name(&port).ok()?, port))).collect();
    let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    let index = choose(&names, wanted)?;
    let (name, port) = named[index].clone();
    let connection = input
        .connect(&port, NAME, move |_, message, ()| hear(message), ())
        .map_err(|error| Error::failed(format!("cannot hear {name}: {error}")))?;
    Ok(Connection { _connection: connection, name })
}

fn input() -> Result<MidiInput> {
    #[cfg(target_os = "linux")]
    crate::device::silence_alsa();
    MidiInput::new(NAME).map_err(|error| Error::failed(format!("there is no MIDI on this system: {error}")))
}

/// The port of that name, or the only one whose name holds it, in any case.
fn choose(names: &[&str], wanted: &str) -> Result<usize> {
    if let Some(exact) = names.iter().position(|name| *name == wanted) {
        return Ok(exact);
    }
    let holds = |name: &str| name.to_lowercase().contains(&wanted.to_lowercase());
    let found: Vec<usize> = (0..names.len()).filter(|&index| holds(names[index])).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] if names.is_empty() => Err(Error::failed("there is no MIDI port to hear").hint("plug in a keyboard")),
        [] => Err(Error::failed(format!("there is no MIDI port {wanted:?}")).hint(suggest::hint(
            wanted,
            names.iter().copied(),
            &format!("there are {}", names.join(", ")),
        ))),
        several => {
            let all: Vec<&str> = several.iter().map(|&index| names[index]).collect();
            Err(Error::failed(format!("{wanted:?} could be one of {}", all.join(", "))).hint("write more of its name"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_by_its_name_or_by_a_part_that_only_it_has() {
        let names = ["Midi Through:0", "Keystation 49:0", "Keystation 49:1"];
        assert_eq!(choose(&names, "Keystation 49:0"), Ok(1));
        assert_eq!(choose(&names, "through"), Ok(0));
        assert!(choose(&names, "keystation").expect_err("two").message.contains("49:0, Keystation 49:1"));
        assert!(choose(&names, "organ").expect_err("none").message.starts_with("there is no MIDI port \"organ\""));
        assert_eq!(choose(&[], "a").expect_err("none at all").message, "there is no MIDI port to hear");
    }
}
