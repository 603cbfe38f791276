//! The table of instruments. An instrument is added with its file and one line here.

use super::subtractive::Source;
use super::{Instrument, Strike, Voice, electric_piano, fm, kit, modal, organ, pluck, sub_bass, subtractive, texture};
use crate::error::Result;
use crate::parameters::{Checked, Number};
use serde::{Deserialize, Serialize};

/// An instrument as `list` and the documents show it.
pub struct InstrumentEntry {
    /// Its name, the `type` of a patch.
    pub name: &'static str,
    /// What it is, in one line.
    pub description: &'static str,
    /// Brings its default sound, struck at velocity 96, near -12 dBFS peak.
    pub trim_db: f32,
    /// Its default sound.
    pub default: fn() -> InstrumentSpec,
}

macro_rules! instruments {
    ($( $variant:ident($parameters:ty), $name:literal, $trim_db:literal, $description:literal; )*) => {
        /// The parameters of an instrument, which `type` names.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        pub enum InstrumentSpec {
            $( #[doc = $description] #[serde(rename = $name)] $variant(Box<$parameters>), )*
        }

        impl InstrumentSpec {
            /// Its line in [`INSTRUMENTS`].
            pub fn entry(&self) -> &'static InstrumentEntry {
                let name = match self { $( Self::$variant(_) => $name, )* };
                INSTRUMENTS.iter().find(|entry| entry.name == name).expect("the table has every variant")
            }

            fn instrument(&self) -> &dyn Instrument {
                match self { $( Self::$variant(instrument) => &**instrument, )* }
            }
        }

        impl Checked for InstrumentSpec {
            fn check(&self) -> Result<()> {
                match self { $( Self::$variant(parameters) => parameters.check(), )* }
            }

            fn visit_numbers(&mut self, path: &str, visit: &mut dyn FnMut(Number<'_>)) {
                match self { $( Self::$variant(parameters) => parameters.visit_numbers(path, visit), )* }
            }
        }

        /// All instruments.
        pub static INSTRUMENTS: &[InstrumentEntry] = &[
            $( InstrumentEntry {
                name: $name,
                description: $description,
                trim_db: $trim_db,
                default: || InstrumentSpec::$variant(Box::default()),
            }, )*
        ];
    };
}

instruments! {
    Subtractive(subtractive::Subtractive), "subtractive", -9.0, "two oscillators, sub and noise into a state-variable filter";
    Fm(fm::Fm), "fm", -12.0, "four sine operators that modulate each other's phase";
    Pluck(pluck::Pluck), "pluck", -6.0, "a plucked string with its pick, losses, pickup and body";
    ElectricPiano(electric_piano::ElectricPiano), "electric_piano", -9.0, "hammered tines before magnetic pickups, with stereo tremolo";
    SubBass(sub_bass::SubBass), "sub_bass", -9.0, "a sine with harmonics, pitch drop and saturation";
    Organ(organ::Organ), "organ", -12.0, "nine drawbars, percussion and key click";
    Modal(modal::Modal), "modal", -9.0, "struck bars, tongues, glasses and bells";
    Texture(texture::Texture), "texture", -9.0, "a cloud of grains out of a wavetable";
    Kit(kit::Kit), "kit", -6.0, "drums and percussion modelled on analogue circuits and vibrating modes";
}

impl Instrument for InstrumentSpec {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        self.instrument().strike(strike)
    }

    fn sustains(&self) -> bool {
        self.instrument().sustains()
    }

    fn chokes(&self, struck: f64, sounding: f64) -> bool {
        self.instrument().chokes(struck, sounding)
    }

    fn routes(&self, source: Source) -> bool {
        self.instrument().routes(source)
    }
}
