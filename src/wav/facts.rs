//! What a file says, as names and values for people: to be listed, and to be compared.

use super::Description;
use super::chunks::{Acid, Info, SamplerLoop};

/// The texts that have a name here, in the order in which people look for them.
pub const TEXTS: [([u8; 4], &str); 9] = [
    (Info::TITLE, "title"),
    (Info::ARTIST, "artist"),
    (Info::PRODUCT, "pack"),
    (Info::GENRE, "genre"),
    (Info::KEYWORDS, "keywords"),
    (Info::COMMENT, "comment"),
    (Info::CREATED, "date"),
    (Info::COPYRIGHT, "copyright"),
    (Info::SOFTWARE, "software"),
];

/// A thing that a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is: `bpm`, `title`.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl Description {
    /// What the file says about the music in it and about itself; what it does not say is left out.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut add = |name, value: Option<String>| facts.extend(value.map(|value| Fact { name, value }));
        let acid = self.acid.as_ref();
        add("kind", acid.map(kind));
        add("bpm", acid.filter(|acid| acid.bpm > 0.0).map(|acid| acid.bpm.to_string()));
        add("beats", acid.filter(|acid| acid.beats > 0).map(|acid| acid.beats.to_string()));
        add("meter", acid.filter(|acid| !acid.is_one_shot()).map(meter));
        add("root", acid.and_then(Acid::root).map(|root| root.to_string()));
        add("note", self.note());
        add("loop", self.loops());
        add("inst", self.range());
        add("cues", (!self.cues.is_empty()).then(|| self.cues.len().to_string()));
        for (id, name) in TEXTS {
            add(name, self.info.get(id));
        }
        facts
    }

    /// The note that a sampler plays at the sound's own rate: `A3`, `A3 -12 cents`.
    fn note(&self) -> Option<String> {
        let sampler = self.sampler.as_ref()?;
        let Some((pitch, cents)) = sampler.root() else { return Some(sampler.unity_note.to_string()) };
        Some(if cents == 0 { pitch.to_string() } else { format!("{pitch} {cents:+} cents") })
    }

    fn loops(&self) -> Option<String> {
        let sampler = self.sampler.as_ref().filter(|sampler| !sampler.loops.is_empty())?;
        let one = |it: &SamplerLoop| {
            let times = if it.play_count == 0 { String::new() } else { format!(" {} times", it.play_count) };
            format!("{} to {} {}{times}", it.first_frame, it.last_frame, it.direction())
        };
        Some(sampler.loops.iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn range(&self) -> Option<String> {
        let inst = self.instrument?;
        let ([low, high], [soft, hard]) = (inst.notes, inst.velocities);
        Some(format!(
            "root {}, {:+} cents, {:+} dB, notes {low} to {high}, velocities {soft} to {hard}",
            inst.root, inst.fine_tune_cents, inst.gain_db
        ))
    }
}

fn kind(acid: &Acid) -> String {
    let kind = match (acid.is_one_shot(), acid.stretches()) {
        (true, _) => "one-shot",
        (false, true) => "loop",
        (false, false) => "loop, not to be stretched",
    };
    kind.to_owned()
}

fn meter(acid: &Acid) -> String {
    format!("{}/{}", acid.numerator, acid.denominator)
}
