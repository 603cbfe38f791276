//! Pieces ready to be learnt: what each part hears, its tokens, and windows of them.

use super::without::Without;
use crate::composer::context::{Context, Known, Window};
use crate::composer::encode;
use crate::composer::features::{Cursor, View};
use crate::composer::grid::Bar;
use crate::composer::line::{Line, Token};
use crate::composer::part::Part;
use crate::composer::quantise::ON_GRID;
use crate::composer::style;
use crate::piece::{Piece, Split};

/// A piece, for one part.
#[derive(Debug, Clone)]
pub struct Song {
    /// Where it is from.
    pub source: String,
    /// Which part of the data it belongs to.
    pub split: Split,
    /// Its first style tag, as an input; `None` without known tags.
    pub style: Option<usize>,
    /// All that the part hears.
    pub context: Context,
    /// What it plays.
    pub tokens: Vec<Token>,
    /// What of the context no window shows.
    pub without: Option<Without>,
}

impl Song {
    /// The piece as `part` sees it; `None` if the piece does not have the part, or its metre does not fit the grid.
    pub fn new(piece: &Piece, part: Part) -> Option<Self> {
        let grid = Bar::new(piece.meter)?;
        let tokens = encode::tokens(piece, part, grid);
        if tokens.is_empty() || piece.bars == 0 {
            return None;
        }
        let context = encode::heard(piece, part, grid);
        let style = piece.styles.iter().find_map(|tag| style::index(tag));
        Some(Self { source: piece.source.clone(), split: piece.split, style, context, tokens, without: None })
    }

    /// With something hidden from every window. What is drawn by chance stays the same.
    pub fn hiding(self, without: Option<Without>) -> Self {
        Self { without, ..self }
    }

    /// The name of its data set.
    pub fn set(&self) -> &str {
        self.source.split('/').next().unwrap_or_default()
    }

    /// Some bars of the song; those of a loop may begin anywhere and go round.
    pub fn window(&self, start: u32, bars: u32, known: Known) -> Window<'_> {
        let ends = self.context.is_loop || start + bars == self.context.bars;
        let known = self.without.map_or(known, |without| without.left(known));
        Window { context: &self.context, known, start, bars, ends, bpm: self.context.bpm }
    }

    /// The tokens of a window, counted from its first bar.
    pub fn tokens_in(&self, part: Part, window: Window<'_>) -> Vec<Token> {
        let mut tokens = Vec::new();
        for bar in 0..window.bars {
            let own = (window.start + bar) % self.context.bars;
            let from = self.tokens.partition_point(|token| token.bar < own);
            let until = self.tokens.partition_point(|token| token.bar <= own);
            // The chord that sounds where the window begins is struck there.
            if part == Part::Harmony
                && bar == 0
                && self.tokens.get(from).is_none_or(|token| (token.bar, token.slot) != (own, 0))
            {
                let held = from.checked_sub(1).map_or(self.tokens[self.tokens.len() - 1], |index| self.tokens[index]);
                tokens.push(Token { bar: 0, slot: 0, offset: ON_GRID, ..held });
            }
            for &token in &self.tokens[from..until] {
                let repeats =
                    part == Part::Harmony && tokens.last().is_some_and(|last: &Token| last.symbol == token.symbol);
                if !repeats {
                    tokens.push(Token { bar, ..token });
                }
            }
        }
        tokens
    }
}

/// Plays the tokens of a window back: `visit` sees every decision, and the token that was decided (`None`: the next bar).
pub fn replay(
    part: Part,
    window: Window<'_>,
    tokens: &[Token],
    mut visit: impl FnMut(&View<'_>, Cursor, Option<&Token>),
) {
    let mut line = Line::new(window.context.grid);
    let mut cursor = Cursor::bar(0);
    for token in tokens {
        while cursor.bar < token.bar {
            visit(&View { part, window, line: &line }, cursor, None);
            cursor = Cursor::bar(cursor.bar + 1);
        }
        visit(&View { part, window, line: &line }, cursor, Some(token));
        line.push(*token);
        cursor = Cursor::after(token);
    }
    while cursor.bar < window.bars {
        visit(&View { part, window, line: &line }, cursor, None);
        cursor = Cursor::bar(cursor.bar + 1);
    }
}
