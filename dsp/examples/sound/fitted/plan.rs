//! What each patch imitates. Licences: sonic-pi-samples (`sp/`) and hydrogen's Audiophob kit (`ap/`) are CC0, FluidR3_GM is MIT.

/// A recording.
#[derive(Debug, Clone, Copy)]
pub enum Sound {
    /// A file.
    Wav(&'static str),
    /// The drum of one of the SoundFont's kits.
    Drum(u8),
    /// A program of the SoundFont, from 0.
    Program(u8),
}

/// A patch, or one drum of a kit, and what it imitates.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub patch: &'static str,
    /// Of a kit, the drum; else the kind of instrument.
    pub class: &'static str,
    pub sound: Sound,
    /// General MIDI number of the SoundFont's drum, where it is another one than the part's.
    pub key: Option<u8>,
}

impl Row {
    pub fn is_drum(&self) -> bool {
        self.patch.starts_with("kit_")
    }

    pub fn part(&self) -> Option<&'static str> {
        self.is_drum().then_some(self.class)
    }

    pub fn name(&self) -> String {
        self.part().map_or(self.patch.to_owned(), |part| format!("{} {part}", self.patch))
    }

    pub fn source(&self) -> String {
        match self.sound {
            Sound::Wav(name) => name.replace("sp/", "sonic-pi ").replace("ap/", "Audiophob "),
            Sound::Drum(kit) => match self.key {
                Some(key) => format!("FluidR3_GM kit {kit}, key {key}"),
                None => format!("FluidR3_GM kit {kit}"),
            },
            Sound::Program(program) => format!("FluidR3_GM program {program}"),
        }
    }

    pub fn licence(&self) -> &'static str {
        if matches!(self.sound, Sound::Wav(_)) { "CC0" } else { "MIT" }
    }
}

const fn wav(patch: &'static str, part: &'static str, name: &'static str) -> Row {
    Row { patch, class: part, sound: Sound::Wav(name), key: None }
}

const fn drum(patch: &'static str, part: &'static str, kit: u8) -> Row {
    Row { patch, class: part, sound: Sound::Drum(kit), key: None }
}

const fn program(patch: &'static str, kind: &'static str, program: u8) -> Row {
    Row { patch, class: kind, sound: Sound::Program(program), key: None }
}

/// Every fit.
pub const PLAN: &[Row] = &[
    wav("kit_trap", "kick", "sp/bd_mehackit"),
    drum("kit_trap", "snare", 25),
    drum("kit_trap", "clap", 25),
    drum("kit_trap", "closed_hat", 25),
    drum("kit_trap", "tom", 25),
    Row { key: Some(57), ..drum("kit_trap", "crash", 0) },
    drum("kit_trap", "ride", 25),
    drum("kit_trap", "cowbell", 25),
    drum("kit_trap", "conga", 25),
    drum("kit_trap", "clave", 25),
    wav("kit_house", "kick", "sp/bd_klub"),
    wav("kit_house", "snare", "sp/sn_dub"),
    drum("kit_house", "clap", 0),
    drum("kit_house", "tom", 24),
    wav("kit_house", "crash", "sp/drum_splash_hard"),
    Row { key: Some(69), ..drum("kit_house", "shaker", 0) },
    Row { key: Some(68), ..drum("kit_house", "cowbell", 0) },
    Row { key: Some(63), ..drum("kit_house", "conga", 0) },
    Row { key: Some(76), ..drum("kit_house", "clave", 0) },
    wav("kit_techno", "kick", "sp/bd_tek"),
    wav("kit_techno", "snare", "sp/elec_hi_snare"),
    wav("kit_techno", "rim", "sp/elec_pop"),
    wav("kit_techno", "closed_hat", "ap/hat-light"),
    wav("kit_techno", "tom", "ap/noise-tom0"),
    wav("kit_techno", "conga", "sp/elec_bong"),
    wav("kit_rock", "kick", "sp/drum_heavy_kick"),
    wav("kit_rock", "snare", "sp/drum_snare_hard"),
    drum("kit_rock", "rim", 0),
    wav("kit_rock", "closed_hat", "sp/drum_cymbal_closed"),
    wav("kit_rock", "pedal_hat", "sp/drum_cymbal_pedal"),
    wav("kit_rock", "open_hat", "sp/drum_cymbal_open"),
    wav("kit_rock", "tom", "sp/drum_tom_lo_hard"),
    wav("kit_rock", "crash", "sp/drum_cymbal_hard"),
    Row { key: Some(51), ..drum("kit_rock", "ride", 0) },
    wav("kit_rock", "cowbell", "sp/drum_cowbell"),
    Row { key: Some(61), ..drum("kit_rock", "conga", 0) },
    drum("kit_funk", "kick", 1),
    wav("kit_funk", "snare", "sp/drum_snare_soft"),
    drum("kit_funk", "closed_hat", 0),
    drum("kit_funk", "pedal_hat", 0),
    wav("kit_funk", "open_hat", "ap/hhat-paiste-302-14-open-p"),
    wav("kit_funk", "tom", "sp/drum_tom_mid_soft"),
    Row { key: Some(59), ..drum("kit_funk", "ride", 0) },
    drum("kit_funk", "tambourine", 0),
    drum("kit_funk", "shaker", 0),
    drum("kit_funk", "cowbell", 0),
    drum("kit_funk", "conga", 0),
    drum("kit_funk", "clave", 0),
    wav("kit_dnb", "kick", "sp/bd_zome"),
    wav("kit_dnb", "snare", "sp/sn_dolf"),
    wav("kit_dnb", "tom", "ap/tom-0105"),
    drum("kit_dnb", "crash", 0),
    wav("kit_dnb", "conga", "sp/tabla_na"),
    wav("kit_dnb", "clave", "sp/elec_twip"),
    wav("kit_lofi", "kick", "sp/drum_bass_soft"),
    wav("kit_lofi", "snare", "sp/sn_zome"),
    wav("kit_lofi", "tom", "sp/drum_tom_lo_soft"),
    wav("kit_lofi", "crash", "sp/drum_cymbal_soft"),
    wav("kit_lofi", "shaker", "ap/fxshake5"),
    Row { key: Some(60), ..drum("kit_lofi", "conga", 0) },
    Row { key: Some(77), ..drum("kit_lofi", "clave", 0) },
    wav("kit_ambient", "kick", "sp/bd_gas"),
    drum("kit_ambient", "snare", 40),
    wav("kit_ambient", "rim", "sp/perc_snap2"),
    drum("kit_ambient", "tom", 40),
    wav("kit_ambient", "crash", "sp/drum_splash_soft"),
    wav("kit_ambient", "conga", "sp/tabla_na_o"),
    program("electric_piano", "electric piano", 4),
    program("upright_bass", "acoustic bass", 32),
    program("finger_bass", "fingered bass", 33),
    program("picked_bass", "picked bass", 34),
    program("steel_guitar", "steel guitar", 25),
    program("harp", "harp", 46),
    program("solo_strings", "violin", 40),
];
