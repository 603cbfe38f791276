//! Parts of a pack that are made apart.

use crate::error::{Error, Result};
use std::str::FromStr;

/// One part of a pack: every `count`th item from number `first` on, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    first: usize,
    count: usize,
}

impl Shard {
    /// All items.
    pub const WHOLE: Self = Self { first: 0, count: 1 };

    /// True for the items of this part.
    pub fn has(self, index: usize) -> bool {
        index % self.count == self.first
    }
}

impl FromStr for Shard {
    type Err = Error;

    /// `2/4`: the second of four.
    fn from_str(text: &str) -> Result<Self> {
        let refused = || Error::usage(format!("must be K/N, such as 1/4, with K from 1 to N, but was {text}"));
        let (part, count) = text.split_once('/').ok_or_else(refused)?;
        let (part, count): (usize, usize) =
            (part.parse().map_err(|_| refused())?, count.parse().map_err(|_| refused())?);
        if (1..=count).contains(&part) { Ok(Self { first: part - 1, count }) } else { Err(refused()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_in_one_part() {
        let parts = ["1/3", "2/3", "3/3"].map(|text| text.parse::<Shard>().expect("a part"));
        assert!((0..20).all(|index| parts.iter().filter(|part| part.has(index)).count() == 1));
        assert_eq!("1/1".parse(), Ok(Shard::WHOLE));
    }

    #[test]
    fn parts_that_there_are_not_are_refused() {
        for text in ["0/4", "5/4", "1", "a/b", "1/0", "-1/2", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
