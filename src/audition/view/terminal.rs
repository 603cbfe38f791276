//! The terminal: taken over, given back whatever happens, and asked for keys.

use super::palette::Palette;
use super::{Signals, draw};
use crate::audition::{Action, Player, Step, keys};
use crate::error::{Error, Result};
use crate::files;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use std::io::{Stdout, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time from picture to picture.
const PICTURE: Duration = Duration::from_millis(40);

/// Time in which the sound fades before the program is stopped.
const FADE: Duration = Duration::from_millis(120);

/// True while the terminal is ours.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Given back when it is dropped.
struct Terminal(ratatui::Terminal<CrosstermBackend<Stdout>>);

impl Terminal {
    fn take() -> Result<Self> {
        give_back_on_panic();
        IS_TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode().map_err(refused)?;
        execute!(stdout(), EnterAlternateScreen, Hide).map_err(refused)?;
        ratatui::Terminal::new(CrosstermBackend::new(stdout())).map(Self).map_err(refused)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// As it was before, if it is ours.
fn give_back() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        // Best effort: there is no other way to show what goes wrong here.
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// A panic of any thread is read on the terminal as it was before.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            report(info);
        }));
    });
}

fn refused(error: std::io::Error) -> Error {
    Error::failed(format!("cannot use the terminal: {}", files::reason(&error)))
}

/// Auditions on the terminal, until it is asked to end.
///
/// # Errors
/// If the terminal, the session or the log fails, or the workshop has died.
pub fn run(player: &mut Player, signals: &Signals) -> Result<()> {
    let palette = Palette::of_environment();
    let mut terminal = Terminal::take()?;
    let end = signals.end();
    let mut drawn: Option<Instant> = None;
    while !player.is_over() && !end.load(Ordering::Relaxed) {
        if drawn.is_none_or(|drawn| drawn.elapsed() >= PICTURE) {
            drawn = Some(Instant::now());
            let screen = player.screen();
            terminal.0.draw(|frame| draw(&screen, palette, frame.area(), frame.buffer_mut())).map_err(refused)?;
        }
        // A key is acted on at once, not with the next picture.
        let left = drawn.map_or(PICTURE, |drawn| PICTURE.saturating_sub(drawn.elapsed()));
        let mut is_suspending = signals.take_suspend();
        if event::poll(left).map_err(refused)? {
            match event::read().map_err(refused)? {
                Event::Key(key) if key.kind != KeyEventKind::Release => match asked(key) {
                    Some(Asked::Action(action)) => {
                        player.act(action)?;
                        drawn = None;
                    }
                    Some(Asked::Suspend) => is_suspending = true,
                    None => {}
                },
                Event::Resize(..) => drawn = None,
                _ => {}
            }
        }
        player.tend()?;
        if is_suspending {
            player.hold(true);
            std::thread::sleep(FADE);
            drop(terminal);
            Signals::suspend();
            terminal = Terminal::take()?;
            player.hold(false);
            drawn = None;
        }
        if !IS_TAKEN.load(Ordering::SeqCst) {
            return Err(Error::failed("a thread has panicked"));
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Asked {
    Action(Action),
    Suspend,
}

fn asked(key: KeyEvent) -> Option<Asked> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Asked::Action(Action::Quit)),
            KeyCode::Char('z') => Some(Asked::Suspend),
            _ => None,
        };
    }
    let action = match key.code {
        KeyCode::Char(letter) => keys::of_key(letter)?,
        KeyCode::Down => Action::Next(Step::Line),
        KeyCode::Up => Action::Previous(Step::Line),
        KeyCode::Enter => Action::Next(Step::Now),
        KeyCode::Tab => Action::SelectNext,
        _ => return None,
    };
    Some(Asked::Action(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_letters_arrows_and_the_usual_combinations() {
        let pressed = |code, modifiers| asked(KeyEvent::new(code, modifiers));
        assert_eq!(pressed(KeyCode::Char('k'), KeyModifiers::NONE), Some(Asked::Action(Action::Keep)));
        assert_eq!(pressed(KeyCode::Char('N'), KeyModifiers::SHIFT), Some(Asked::Action(Action::Next(Step::Now))));
        assert_eq!(pressed(KeyCode::Down, KeyModifiers::NONE), Some(Asked::Action(Action::Next(Step::Line))));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Asked::Action(Action::Quit)));
        assert_eq!(pressed(KeyCode::Char('z'), KeyModifiers::CONTROL), Some(Asked::Suspend));
        assert_eq!(pressed(KeyCode::Char('k'), KeyModifiers::CONTROL), None);
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_is_reported() {
        give_back_on_panic();
        IS_TAKEN.store(true, Ordering::SeqCst);
        let panicked = std::thread::spawn(|| panic!("on purpose")).join();
        assert!(panicked.is_err() && !IS_TAKEN.load(Ordering::SeqCst));
    }
}
