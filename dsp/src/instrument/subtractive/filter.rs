//! The filter of a voice: drive, then one of the kinds.

use super::FilterSpec;
use super::state_variable::StateVariable;
use crate::filter::{Comb, DcBlocker, FilterMode, FormantFilter, Ladder};
use crate::instrument::voicing::{CONTROL_FRAMES, overdrive, overdrive_makeup};
use crate::osc::Glide;
use crate::parameters::Checked;
use crate::units::{SampleRate, db_to_gain};
use serde::{Deserialize, Serialize};

/// What the filter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterKind {
    /// State-variable: what is below the cutoff.
    #[default]
    Low,
    /// State-variable: what is around the cutoff.
    Band,
    /// State-variable: what is above the cutoff.
    High,
    /// State-variable: what is not at the cutoff.
    Notch,
    /// Transistor ladder: what is below the cutoff, 24 dB per octave; saturates, and oscillates at full resonance.
    Ladder,
    /// A delay that rings at the cutoff and its multiples.
    Comb,
    /// Vowels; what moves the cutoff shifts them.
    Formant,
    /// Nothing at all.
    Off,
}

impl Checked for FilterKind {}

/// The lowest and the highest cutoff, in hertz.
const CUTOFF_HZ: (f32, f32) = (10.0, 20_000.0);

/// Where the filter is to be after a control period.
pub(super) struct FilterAim {
    pub(super) cutoff_hz: f32,
    /// What the cutoff is moved by, in octaves.
    pub(super) shift_octaves: f32,
    pub(super) resonance: f32,
    pub(super) vowel: f32,
    pub(super) drive_db: f32,
}

enum Kind {
    StateVariable(Box<StateVariable>),
    Ladder { ladder: Box<Ladder>, warped: Glide, resonance: Glide },
    Comb { states: [Comb; 2], period: Glide, resonance: Glide },
    Formant { states: [FormantFilter; 2] },
    Off,
}

pub(super) struct VoiceFilter {
    rate: SampleRate,
    kind: Kind,
    /// Gain into the saturation and behind it, if there is one.
    drive: Option<[Glide; 2]>,
    /// What a crooked wave gains in DC where it saturates.
    dc: [DcBlocker; 2],
    /// Frames since the control period began.
    frame: usize,
}

impl VoiceFilter {
    /// `is_driven`: something may set a drive above 0 dB.
    pub(super) fn new(spec: &FilterSpec, is_driven: bool, rate: SampleRate) -> Self {
        let state_variable = |mode| Kind::StateVariable(StateVariable::new(mode, spec.steep));
        let (warped, resonance) = (Glide::default(), Glide::default());
        let kind = match spec.mode {
            FilterKind::Low => state_variable(FilterMode::Low),
            FilterKind::Band => state_variable(FilterMode::Band),
            FilterKind::High => state_variable(FilterMode::High),
            FilterKind::Notch => state_variable(FilterMode::Notch),
            FilterKind::Ladder => Kind::Ladder { ladder: Box::default(), warped, resonance },
            FilterKind::Comb => Kind::Comb { states: [Comb::new(rate), Comb::new(rate)], period: warped, resonance },
            FilterKind::Formant => Kind::Formant { states: Default::default() },
            FilterKind::Off => Kind::Off,
        };
        let drive = is_driven.then(Default::default);
        Self { rate, kind, drive, dc: [DcBlocker::new(rate); 2], frame: 0 }
    }

    pub(super) fn control(&mut self, aim: &FilterAim) {
        self.frame = 0;
        let cutoff_hz = aim.cutoff_hz.clamp(CUTOFF_HZ.0, CUTOFF_HZ.1);
        let resonance = aim.resonance.clamp(0.0, 1.0);
        match &mut self.kind {
            Kind::StateVariable(filter) => filter.control(cutoff_hz, resonance, self.rate),
            Kind::Ladder { warped, resonance: resonant, .. } => {
                warped.aim(Ladder::warp(cutoff_hz, self.rate), CONTROL_FRAMES);
                resonant.aim(resonance, CONTROL_FRAMES);
            }
            Kind::Comb { period, resonance: resonant, .. } => {
                period.aim(self.rate.hz() as f32 / cutoff_hz, CONTROL_FRAMES);
                resonant.aim(resonance, CONTROL_FRAMES);
            }
            Kind::Formant { states } => {
                for state in states {
                    state.aim(aim.vowel, aim.shift_octaves.exp2(), resonance, CONTROL_FRAMES, self.rate);
                }
            }
            Kind::Off => {}
        }
        if let Some([gain, makeup]) = &mut self.drive {
            let drive = db_to_gain(aim.drive_db.max(0.0));
            gain.aim(drive, CONTROL_FRAMES);
            // The ladder takes its drive back itself.
            makeup.aim(overdrive_makeup(drive), CONTROL_FRAMES);
        }
    }

    /// In place.
    pub(super) fn process<const CHANNELS: usize>(&mut self, channels: [&mut [f32]; CHANNELS]) {
        let (frame, count) = (self.frame, channels[0].len());
        self.frame += count;
        if let Kind::StateVariable(filter) = &mut self.kind {
            return match &self.drive {
                Some(drive) => filter.process_driven(frame, channels, drive, &mut self.dc),
                None => filter.process(frame, channels),
            };
        }
        let drive = self.drive;
        if let Kind::Ladder { ladder, warped, resonance } = &mut self.kind {
            let values = |glide: &Glide| -> [f32; CONTROL_FRAMES] { std::array::from_fn(|n| glide.at(frame + n)) };
            let gain = drive.map_or(1.0, |[gain, _]| gain.target());
            let mut channels = channels;
            ladder.process(
                channels.each_mut().map(|samples| &mut **samples),
                &values(warped),
                &values(resonance),
                gain,
            );
            for (samples, dc) in channels.into_iter().zip(&mut self.dc) {
                samples.iter_mut().for_each(|sample| *sample = dc.process(*sample));
            }
            return;
        }
        for (index, samples) in channels.into_iter().enumerate() {
            if let Some([gain, makeup]) = drive {
                for (n, sample) in samples.iter_mut().enumerate() {
                    let driven = overdrive(0.5 * *sample, gain.at(frame + n), 2.0 * makeup.at(frame + n));
                    *sample = self.dc[index].process(driven);
                }
            }
            match &mut self.kind {
                Kind::Comb { states, period, resonance } => {
                    for (n, sample) in samples.iter_mut().enumerate() {
                        *sample = states[index].process(*sample, period.at(frame + n), resonance.at(frame + n));
                    }
                }
                Kind::Formant { states } => {
                    samples.iter_mut().for_each(|sample| *sample = states[index].process(*sample));
                }
                Kind::Off | Kind::StateVariable(_) | Kind::Ladder { .. } => {}
            }
        }
    }
}
