//! Who plays what in a section.

use super::cast::Cast;
use super::{DemoLoop, Layer, SectionKind, Sweep};
use riffsmith_dsp::filter::FilterMode;
use riffsmith_dsp::score::{Meter, Role, Ticks};

/// Cutoffs in Hz that filters move between: a voice through a wall, a voice on the telephone, the open sky.
const MUFFLED_HZ: f32 = 320.0;
const VEILED_HZ: f32 = 1_400.0;
const BRIGHT_HZ: f32 = 6_000.0;
const OPEN_HZ: f32 = 18_000.0;
/// Cutoffs of high-passes: all of the bass, without its weight, without its body, only the sizzle.
const WHOLE_HZ: f32 = 25.0;
const LIGHT_HZ: f32 = 220.0;
const THIN_HZ: f32 = 600.0;
const SIZZLE_HZ: f32 = 2_200.0;

/// Some bars and those who play in them.
pub struct Scene<'a> {
    /// All loops.
    pub loops: &'a [DemoLoop],
    /// Those who play.
    pub cast: Cast,
    /// From when to when, counted from the part's start.
    pub span: [Ticks; 2],
    /// Time signature.
    pub meter: Meter,
}

impl Scene<'_> {
    /// What sounds in a section of this kind.
    pub fn layers(&self, kind: SectionKind) -> Vec<Layer> {
        let tones = self.cast.tones();
        // With fewer than two parts, contrast comes from filters and levels alone.
        let alone = self.cast.singles().len() < 2 || tones.is_empty();
        let mut layers = match kind {
            SectionKind::Intro if alone => self.solo_intro(),
            SectionKind::Intro => self.intro(&tones),
            SectionKind::Build if alone => self.solo_build(),
            SectionKind::Build => self.build(),
            SectionKind::Drop => self.drop(),
            SectionKind::Break if alone => self.solo_break(),
            SectionKind::Break => self.rest(&tones),
            SectionKind::Outro if alone => self.solo_outro(),
            SectionKind::Outro => self.outro(&tones),
        };
        // A section of one bar has no first half.
        layers.retain(|layer| layer.span[0] < layer.span[1]);
        layers
    }

    fn intro(&self, tones: &[(Role, usize)]) -> Vec<Layer> {
        let (role, index) = tones[0];
        let first = Layer {
            gain_db: [-5.0, -2.0],
            sweep: low([MUFFLED_HZ, BRIGHT_HZ]),
            fade_in: self.bars(2),
            ..self.layer(Some(role), index)
        };
        let next = match self.cast.single(Role::Drums) {
            Some(drums) => {
                let sweep = high([SIZZLE_HZ, THIN_HZ]);
                Some(Layer { gain_db: [-9.0, -5.0], sweep, ..self.layer(Some(Role::Drums), drums) })
            }
            None => tones.get(1).map(|&(role, index)| {
                let sweep = low([VEILED_HZ, BRIGHT_HZ]);
                Layer { gain_db: [-9.0, -5.0], sweep, ..self.layer(Some(role), index) }
            }),
        };
        let late = next.map(|layer| Layer { fade_in: self.bars(1), span: self.second_half(), ..layer });
        [first].into_iter().chain(late).collect()
    }

    fn build(&self) -> Vec<Layer> {
        let span = self.up_to_the_gap();
        let played = self.cast.singles().into_iter().map(|(role, index)| {
            let layer = Layer { span, ..self.layer(Some(role), index) };
            let late = [self.second_half()[0].min(span[1]), span[1]];
            match role {
                Role::Drums => Layer { gain_db: [-6.0, -1.0], sweep: high([WHOLE_HZ, LIGHT_HZ]), ..layer },
                // Without its weight, so that the drop brings it.
                Role::Bass => Layer { gain_db: [-6.0, -4.0], sweep: high([70.0, LIGHT_HZ]), span: late, ..layer },
                Role::Chords => Layer { gain_db: [-5.0, -1.0], sweep: low([VEILED_HZ, OPEN_HZ]), ..layer },
                Role::Lead => Layer { gain_db: [-9.0, -2.0], sweep: low([VEILED_HZ, OPEN_HZ]), span: late, ..layer },
            }
        });
        played.collect()
    }

    fn drop(&self) -> Vec<Layer> {
        match self.cast.full {
            Some(index) => vec![self.layer(None, index)],
            None => self.cast.singles().into_iter().map(|(role, index)| self.layer(Some(role), index)).collect(),
        }
    }

    fn rest(&self, tones: &[(Role, usize)]) -> Vec<Layer> {
        let (role, index) = tones[0];
        let first =
            Layer { gain_db: [-3.0, -3.0], sweep: low([BRIGHT_HZ, VEILED_HZ]), ..self.layer(Some(role), index) };
        let next = tones.get(1).map(|&(role, index)| {
            let sweep = low([BRIGHT_HZ, BRIGHT_HZ]);
            let layer = self.layer(Some(role), index);
            Layer { gain_db: [-7.0, -5.0], sweep, span: self.second_half(), fade_in: self.bars(1), ..layer }
        });
        [first].into_iter().chain(next).collect()
    }

    fn outro(&self, tones: &[(Role, usize)]) -> Vec<Layer> {
        let (role, index) = tones[0];
        let first = Layer {
            gain_db: [-1.0, -6.0],
            sweep: low([OPEN_HZ, VEILED_HZ]),
            span: self.with_last_quarter(),
            fade_out: self.half_quarter(),
            ..self.layer(Some(role), index)
        };
        let half = [self.span[0], self.second_half()[0]];
        let others = [Role::Drums, Role::Bass].into_iter().filter(|other| *other != role);
        let others = others.filter_map(|role| self.cast.single(role).map(|index| (role, index)));
        let others = others.map(|(role, index)| Layer {
            gain_db: [-2.0, -8.0],
            sweep: high([WHOLE_HZ, LIGHT_HZ]),
            span: half,
            fade_out: self.bars(1),
            ..self.layer(Some(role), index)
        });
        [first].into_iter().chain(others).collect()
    }

    fn solo_intro(&self) -> Vec<Layer> {
        let sweep = low([MUFFLED_HZ, VEILED_HZ]);
        vec![Layer { gain_db: [-9.0, -5.0], sweep, fade_in: self.bars(2), ..self.solo() }]
    }

    fn solo_build(&self) -> Vec<Layer> {
        let sweep = high([LIGHT_HZ, WHOLE_HZ]);
        vec![Layer { gain_db: [-5.0, -2.0], sweep, span: self.up_to_the_gap(), ..self.solo() }]
    }

    fn solo_break(&self) -> Vec<Layer> {
        vec![Layer { gain_db: [-6.0, -6.0], sweep: low([VEILED_HZ, MUFFLED_HZ]), ..self.solo() }]
    }

    fn solo_outro(&self) -> Vec<Layer> {
        let (span, fade_out) = (self.with_last_quarter(), self.half_quarter());
        vec![Layer { gain_db: [-1.0, -8.0], sweep: low([OPEN_HZ, MUFFLED_HZ]), span, fade_out, ..self.solo() }]
    }

    fn solo(&self) -> Layer {
        let (role, index) = self.cast.solo();
        self.layer(role, index)
    }

    /// A loop that plays from end to end as it is.
    fn layer(&self, role: Option<Role>, loop_index: usize) -> Layer {
        Layer {
            loop_index,
            role,
            loop_bars: self.loops[loop_index].bars,
            span: self.span,
            gain_db: [0.0; 2],
            sweep: None,
            fade_in: Ticks(0),
            fade_out: Ticks(0),
        }
    }

    /// Bars, but not more than half of the section.
    fn bars(&self, count: u32) -> Ticks {
        (self.meter.bar() * count).min(Ticks((self.span[1] - self.span[0]).0 / 2))
    }

    /// From the bar line in the middle on.
    fn second_half(&self) -> [Ticks; 2] {
        let bars = (self.span[1] - self.span[0]).0 / self.meter.bar().0;
        [self.span[0] + self.meter.bar() * (bars / 2), self.span[1]]
    }

    /// All but the last quarter note: the silence that a drop falls into.
    fn up_to_the_gap(&self) -> [Ticks; 2] {
        [self.span[0], self.span[1] - Ticks::QUARTER]
    }

    /// A quarter note more: the piece ends on a first beat.
    fn with_last_quarter(&self) -> [Ticks; 2] {
        [self.span[0], self.span[1] + Ticks::QUARTER]
    }

    fn half_quarter(&self) -> Ticks {
        Ticks(Ticks::PER_QUARTER / 2)
    }
}

fn low(cutoff_hz: [f32; 2]) -> Option<Sweep> {
    Some(Sweep { mode: FilterMode::Low, cutoff_hz })
}

fn high(cutoff_hz: [f32; 2]) -> Option<Sweep> {
    Some(Sweep { mode: FilterMode::High, cutoff_hz })
}
