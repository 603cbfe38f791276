//! Parameters of instruments and effects: numbers with a default and a range, read from a patch's text.

use crate::error::{Error, Result};
use std::ops::RangeInclusive;

/// Data whose numbers must be in range before sound is made of it.
pub trait Checked {
    /// # Errors
    /// Names the first number that is out of its range.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Shows each number to `visit`, in the order in which they are declared; `path` leads to this part: empty, or `filter.`.
    fn visit_numbers(&mut self, path: &str, visit: &mut dyn FnMut(Number<'_>)) {
        let _ = (path, visit);
    }
}

/// One number among the parameters.
#[derive(Debug)]
pub struct Number<'a> {
    /// Names of the parts that hold it and its own, with points between: `filter.cutoff_hz`.
    pub path: &'a str,
    /// The number itself, to read or to set.
    pub value: &'a mut f32,
    /// What it may be.
    pub range: RangeInclusive<f32>,
}

impl Checked for bool {}

impl<T: Checked> Checked for Option<T> {
    fn check(&self) -> Result<()> {
        self.as_ref().map_or(Ok(()), T::check)
    }
}

impl<T: Checked> Checked for Vec<T> {
    fn check(&self) -> Result<()> {
        self.iter().try_for_each(T::check)
    }
}

/// # Errors
/// Outside `range`, or not a number.
pub fn check_range(name: &'static str, value: f32, range: RangeInclusive<f32>) -> Result<()> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(Error::range(name, format!("{} to {}", range.start(), range.end()), value))
    }
}

/// Declares a struct of parameters: `name: default in low..=high` for each number, then, after a semicolon, parts that are
/// not numbers as `name: Type = default`. Missing fields take their defaults; unknown ones are refused.
macro_rules! parameters {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident: $default:literal in $range:expr, )*
            $( ; $( $(#[$part_meta:meta])* $part:ident: $type:ty = $part_default:expr, )* )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: f32, )*
            $( $( $(#[$part_meta])* pub $part: $type, )* )?
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* $( $( $part: $part_default, )* )? }
            }
        }

        impl $crate::parameters::Checked for $name {
            fn check(&self) -> $crate::error::Result<()> {
                $( $crate::parameters::check_range(stringify!($field), self.$field, $range)?; )*
                $( $( $crate::parameters::Checked::check(&self.$part)?; )* )?
                Ok(())
            }

            fn visit_numbers(&mut self, path: &str, visit: &mut dyn FnMut($crate::parameters::Number<'_>)) {
                $( visit($crate::parameters::Number {
                    path: &format!("{path}{}", stringify!($field)),
                    value: &mut self.$field,
                    range: $range,
                }); )*
                $( $( $crate::parameters::Checked::visit_numbers(
                    &mut self.$part,
                    &format!("{path}{}.", stringify!($part)),
                    visit,
                ); )* )?
            }
        }
    };
}
pub(crate) use parameters;
