//! Colours, and what is there without them: nothing is told by colour alone.

use crate::audition::meters::FLOOR_DB;
use ratatui::style::{Color, Modifier, Style};
use riffsmith_dsp::score::Role;

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// The terminal's own sixteen.
    Colours,
    /// None (`NO_COLOR`, <https://no-color.org>).
    Plain,
}

impl Palette {
    /// None if the environment says so.
    pub fn of_environment() -> Self {
        match std::env::var_os("NO_COLOR") {
            Some(value) if !value.is_empty() => Self::Plain,
            _ => Self::Colours,
        }
    }

    fn foreground(self, colour: Color) -> Style {
        match self {
            Self::Colours => Style::new().fg(colour),
            Self::Plain => Style::new(),
        }
    }

    /// What matters most.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What matters least.
    pub fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// What is selected.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What plays.
    pub fn playing(self) -> Style {
        self.foreground(Color::Green).add_modifier(Modifier::BOLD)
    }

    /// What is wrong.
    pub fn warning(self) -> Style {
        self.foreground(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    /// A part's own colour.
    pub fn role(self, role: Option<Role>) -> Style {
        self.foreground(match role {
            Some(Role::Drums) => Color::Yellow,
            Some(Role::Bass) => Color::Red,
            Some(Role::Chords) => Color::Blue,
            Some(Role::Lead) => Color::Magenta,
            None => Color::Cyan,
        })
    }

    /// A level in dB, of a spectrogram.
    pub fn level(self, db: f32) -> Style {
        let share = 1.0 - db / FLOOR_DB;
        self.foreground(match share {
            0.85.. => Color::LightYellow,
            0.65..0.85 => Color::Yellow,
            0.45..0.65 => Color::Magenta,
            _ => Color::Blue,
        })
    }
}
