//! Drum fills: where they are asked for, and whether they are there.

use super::Controls;
use crate::composer::grid::Bar;
use crate::composer::kit;
use crate::composer::line::Line;
use crate::piece::STEPS_PER_QUARTER;

/// Snares and toms in a fill, at least: a backbeat has one in its half bar, and a ghost note or two.
const LEAST: usize = 4;

/// True for a bar at whose end a fill is asked for.
pub fn is_due(controls: &Controls, bar: u32) -> bool {
    controls.fill_every.is_some_and(|every| (bar + 1).is_multiple_of(every))
}

/// The step of a bar from which on a fill is played: its second half, at most two quarter notes.
pub fn start(grid: Bar) -> u32 {
    grid.steps - (grid.steps / 2).min(2 * STEPS_PER_QUARTER)
}

/// True for the drums of fills, snare and toms.
pub fn has(drum: u8) -> bool {
    matches!(drum, 38 | 45 | 47 | 50)
}

/// Bars where a fill is due and is not heard, and bars where one is heard that is not due. None where nothing is asked for.
pub fn misplaced(line: &Line, grid: Bar, bars: u32, controls: &Controls) -> usize {
    let is_heard = |bar: u32| {
        let from = bar * grid.steps + start(grid);
        let own = line.tokens().iter().filter(|token| token.bar == bar && line.step(token) >= from);
        own.filter(|token| has(kit::drum(usize::from(token.symbol)))).count() >= LEAST
    };
    let is_asked = controls.fill_every.is_some();
    (0..bars).filter(|&bar| is_asked && is_due(controls, bar) != is_heard(bar)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::line::Token;
    use crate::composer::quantise::ON_GRID;

    #[test]
    fn a_fill_is_misplaced_where_none_is_due_and_missing_where_one_is() {
        let grid = Bar::new("4/4".parse().expect("a metre")).expect("a bar");
        let mut line = Line::new(grid);
        let mut strike = |bar: u32, slot: u8, drum: u8| {
            let symbol = kit::symbol(drum).expect("of the kit") as u16;
            line.push(Token { bar, slot, symbol, length: 0, velocity: 12, offset: ON_GRID });
        };
        for bar in 0..4 {
            strike(bar, 12, 38);
            for slot in [24, 27, 30, 33, 36] {
                strike(bar, slot, if bar == 1 { 45 } else { 42 });
            }
        }
        let misplaced =
            |every: Option<u32>| misplaced(&line, grid, 4, &Controls { fill_every: every, ..Controls::default() });
        // The second bar has one.
        assert_eq!([None, Some(1), Some(2), Some(4)].map(misplaced), [0, 3, 1, 2]);
    }
}
