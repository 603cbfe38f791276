//! The line mode: an audition without a terminal. A word or a key a line in, what happens a line out.

use super::keys::{self, BINDINGS};
use super::{Action, Player};
use crate::console::Console;
use crate::error::{Error, Result};
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How often the player is looked after.
const LOOK: Duration = Duration::from_millis(20);

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    Action(Action),
    /// Nothing is read for so many seconds.
    Wait(f64),
}

/// Auditions until standard input ends, `quit` is read, or `stop` is set.
///
/// # Errors
/// If session or log cannot be written, or stdout.
pub fn run(player: &mut Player, stop: &Arc<AtomicBool>, console: Console) -> Result<()> {
    console.note(&player.describe_engine());
    console.note("a word or a key a line, or wait SECONDS; help lists them");
    let (send, lines) = channel();
    // It waits for input, and ends with the program.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if line.is_err() || send.send(line.unwrap_or_default()).is_err() {
                return;
            }
        }
    });
    let mut resume = Instant::now();
    while !player.is_over() && !stop.load(Ordering::Relaxed) {
        if Instant::now() < resume {
            std::thread::sleep(LOOK);
        } else {
            match lines.recv_timeout(LOOK) {
                Ok(line) => match read(&line) {
                    Ok(Some(Said::Wait(seconds))) => resume = Instant::now() + Duration::from_secs_f64(seconds),
                    Ok(Some(Said::Action(Action::Help))) => {
                        for binding in &BINDINGS {
                            console.line(&format!("{:13} {}", binding.word, binding.help))?;
                        }
                    }
                    Ok(Some(Said::Action(action))) => {
                        player.act(action)?;
                        if !player.message().is_empty() {
                            console.line(player.message())?;
                        }
                    }
                    Ok(None) => {}
                    Err(error) => console.error(&error),
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
        for news in player.tend()? {
            console.line(&news)?;
        }
    }
    Ok(())
}

fn read(line: &str) -> Result<Option<Said>> {
    /// The longest that can be waited for, in seconds: a day.
    const LONGEST_S: f64 = 86_400.0;
    let line = line.trim();
    if line.is_empty() {
        return Ok(None);
    }
    if let Some(seconds) = line.strip_prefix("wait ") {
        let seconds = seconds.trim().parse().ok().filter(|seconds| (0.0..=LONGEST_S).contains(seconds));
        return seconds.map(|seconds| Some(Said::Wait(seconds))).ok_or_else(|| {
            Error::usage(format!("wait must be 0 to {LONGEST_S} seconds, but was {:?}", &line["wait ".len()..]))
        });
    }
    let action = keys::of_line(line).map(|action| Some(Said::Action(action)));
    action.ok_or_else(|| {
        let words = BINDINGS.iter().map(|binding| binding.word);
        Error::usage(format!("{line:?} is not understood")).hint(crate::suggest::hint(
            line,
            words,
            "help lists the words",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audition::Step;

    #[test]
    fn lines_are_words_keys_and_waits() {
        assert_eq!(read(" next "), Ok(Some(Said::Action(Action::Next(Step::Line)))));
        assert_eq!((read("wait 2.5"), read("")), (Ok(Some(Said::Wait(2.5))), Ok(None)));
        let hint = read("keap").expect_err("no word").hint;
        assert!(hint.is_some_and(|hint| hint.starts_with("did you mean keep?")));
        for text in ["wait", "wait -1", "wait x", "wait nan", "wait 1e9"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
