//! The demo track: an arrangement of the pack's own loops, planned as data and then rendered.
//!
//! [`plan`] decides what sounds when; [`render`] loads one loop after the other and adds it where it is wanted. Loops keep the phase
//! of their part: at any moment all of them are as far into their bars as if they had run since the part's first bar, so that loops
//! that share chords stay together wherever they come in.

mod cast;
mod form;
mod plan;
mod player;
mod render;
mod scene;
#[cfg(test)]
mod tests;

pub use plan::plan;
pub use render::render;

use riffsmith_dsp::SampleRate;
use riffsmith_dsp::filter::FilterMode;
use riffsmith_dsp::score::{Key, Meter, Role, Tempo, Ticks};

/// A loop that the demo may use.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoLoop {
    /// Loops of one group share style, tempo, key and chords, and may sound together.
    pub group: usize,
    /// Name of its style.
    pub style: String,
    /// The one part that it is; `None` for a whole mix.
    pub role: Option<Role>,
    /// Quarter notes per minute.
    pub tempo: Tempo,
    /// Its length; loops of no bars are not used.
    pub bars: u32,
    /// Tonic and mode.
    pub key: Key,
    /// Time signature.
    pub meter: Meter,
    /// Its length in frames; loops of no frames are not used.
    pub frames: usize,
}

/// What sounds when.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arrangement {
    /// One after the other.
    pub parts: Vec<Part>,
}

/// A stretch of the demo in one tempo, made from one group.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which group.
    pub group: usize,
    /// Name of its style.
    pub style: String,
    /// Quarter notes per minute.
    pub tempo: Tempo,
    /// Time signature.
    pub meter: Meter,
    /// Tonic and mode.
    pub key: Key,
    /// When it begins, in seconds from the start of the demo: exact, not rounded to a frame.
    pub start_s: f64,
    /// Its sections, without gaps.
    pub sections: Vec<Section>,
}

/// A few bars that do one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What they do.
    pub kind: SectionKind,
    /// Their first bar, counted from the part's start.
    pub start_bar: u32,
    /// How many.
    pub bars: u32,
    /// What sounds in them.
    pub layers: Vec<Layer>,
}

/// What a section does in the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// Comes in, muffled and bare.
    Intro,
    /// Opens and grows, and stops a quarter note before what it leads to.
    Build,
    /// Everything.
    Drop,
    /// Without drums and bass.
    Break,
    /// Closes and goes.
    Outro,
}

impl SectionKind {
    /// Its name: `intro`, `build`, `drop`, `break`, `outro`.
    pub fn name(self) -> &'static str {
        ["intro", "build", "drop", "break", "outro"][self as usize]
    }
}

/// A loop that sounds for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layer {
    /// Which loop, in the list that was planned from.
    pub loop_index: usize,
    /// What it is; decides how loud it stands in the mix.
    pub role: Option<Role>,
    /// Bars of one round of it.
    pub loop_bars: u32,
    /// From when to when, counted from the part's start.
    pub span: [Ticks; 2],
    /// Level at its start and at its end, in dB around the usual one of its role; it moves evenly in between.
    pub gain_db: [f32; 2],
    /// Filter that moves through the span, if there is one.
    pub sweep: Option<Sweep>,
    /// How long it takes to come in. Even at 0 it fades, over the 10 ms before the span, so that the first beat is whole.
    pub fade_in: Ticks,
    /// How long it takes to go, before the end of the span; at least 10 ms.
    pub fade_out: Ticks,
}

/// A filter on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sweep {
    /// Low-pass or high-pass.
    pub mode: FilterMode,
    /// Cutoff at the start and at the end, in Hz; it moves evenly in octaves.
    pub cutoff_hz: [f32; 2],
}

/// A named place in the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// Where it is.
    pub frame: usize,
    /// `drop 2 (house)`.
    pub name: String,
}

impl Part {
    /// A moment, counted from the part's start, in seconds from the start of the demo.
    pub fn seconds_at(&self, at: Ticks) -> f64 {
        self.start_s + at.quarters() * self.tempo.seconds_per_quarter()
    }

    /// The frame nearest to a moment: rounded once, from the absolute time.
    pub fn frame_at(&self, at: Ticks, rate: SampleRate) -> usize {
        rate.frames(self.seconds_at(at))
    }

    /// Its length.
    pub fn length(&self) -> Ticks {
        self.meter.bar() * self.sections.iter().map(|section| section.bars).sum()
    }

    /// When it ends, in seconds from the start of the demo.
    pub fn end_s(&self) -> f64 {
        self.seconds_at(self.length())
    }

    /// When a section starts and ends, counted from the part's start.
    pub fn span(&self, section: &Section) -> [Ticks; 2] {
        let bar = self.meter.bar();
        [bar * section.start_bar, bar * (section.start_bar + section.bars)]
    }
}

impl Arrangement {
    /// Its length in seconds, without the ring-out.
    pub fn seconds(&self) -> f64 {
        self.parts.last().map_or(0.0, Part::end_s)
    }

    /// Where its sections start.
    pub fn cues(&self, rate: SampleRate) -> Vec<Cue> {
        let cue = |(part, section, name): (&Part, &Section, String)| Cue {
            frame: part.frame_at(part.span(section)[0], rate),
            name: format!("{name} ({})", part.style.replace('_', " ")),
        };
        self.named().map(cue).collect()
    }

    /// The arrangement in words, for a README: a line a section.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (part, section, name) in self.named() {
            if section.start_bar == 0 {
                let Part { style, tempo, key, meter, .. } = part;
                let style = style.replace('_', " ");
                text.push_str(&format!("{style}, {} bpm, {key}, {meter}\n", tempo.bpm()));
            }
            let seconds = part.seconds_at(part.span(section)[0]) as u32;
            let bars = if section.bars == 1 { "1 bar".to_owned() } else { format!("{} bars", section.bars) };
            let what = sounds(&section.layers);
            text.push_str(&format!("  {}:{:02}  {name:<8} {bars:<8} {what}\n", seconds / 60, seconds % 60));
        }
        text
    }

    /// All sections with their names: numbered where there are several of a kind.
    fn named(&self) -> impl Iterator<Item = (&Part, &Section, String)> {
        let all = || self.parts.iter().flat_map(|part| part.sections.iter().map(move |section| (part, section)));
        let total = move |kind| all().filter(|(_, section)| section.kind == kind).count();
        let mut seen = [0; 5];
        all().map(move |(part, section)| {
            let kind = section.kind;
            seen[kind as usize] += 1;
            let number = if total(kind) > 1 { format!(" {}", seen[kind as usize]) } else { String::new() };
            (part, section, format!("{}{number}", kind.name()))
        })
    }
}

/// What sounds in a section, in words.
fn sounds(layers: &[Layer]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for layer in layers {
        let name = layer.role.map_or("full mix", Role::name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}
