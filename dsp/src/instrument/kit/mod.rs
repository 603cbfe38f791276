//! The drum kit: one voice model a file, each with the parameters its circuit or skin would have.

mod clap;
mod cowbell;
mod cymbal;
mod gated_room;
mod hat;
mod hit;
mod kick;
mod map;
mod metal;
mod rim;
mod shaker;
mod snare;
mod tom;

pub use clap::Clap;
pub use cowbell::Cowbell;
pub use cymbal::Cymbal;
pub use hat::Hat;
pub use kick::Kick;
pub use map::{Drum, drum_of};
pub use rim::Rim;
pub use shaker::Shaker;
pub use snare::Snare;
pub use tom::Tom;

use super::{Instrument, Strike, Voice};
use crate::instrument::voicing::velocity_gain;
use crate::parameters::parameters;
use crate::rng::Rng;
use crate::units::db_to_gain;
use hit::{DrumVoice, Hit, HitContext};

parameters! {
    /// Drums by their General MIDI numbers.
    pub struct Kit {
        /// How far velocity moves the loudness: 1.0 = 40 log10(velocity / 127) dB.
        velocity: 0.8 in 0.0..=1.0,
        /// How much one hit differs from the next in level, pitch and tone; 1.0 = as a drummer's do.
        humanize: 0.5 in 0.0..=1.0,
        ;
        /// Bass drum.
        kick: Kick = Kick::default(),
        /// Snare drum.
        snare: Snare = Snare::default(),
        /// Side stick.
        rim: Rim = Rim::default(),
        /// Hand clap.
        clap: Clap = Clap::default(),
        /// Closed hi-hat.
        closed_hat: Hat = Hat::default(),
        /// Hi-hat closed by foot.
        pedal_hat: Hat = Hat { decay_s: 0.09, tone_hz: 7000.0, ..Hat::default() },
        /// Open hi-hat, choked by the other two.
        open_hat: Hat = Hat { decay_s: 0.7, ..Hat::default() },
        /// All toms; their pitches follow from the low one's.
        tom: Tom = Tom::default(),
        /// Crash, splash and china cymbals.
        crash: Cymbal = Cymbal::default(),
        /// Ride cymbal and its bell.
        ride: Cymbal = Cymbal { decay_s: 2.6, ping: 0.5, level_db: -3.0, ..Cymbal::default() },
        /// Tambourine.
        tambourine: Shaker = Shaker { jingle: 0.7, decay_s: 0.25, tone_hz: 8500.0, ..Shaker::default() },
        /// Shaker, maracas, cabasa.
        shaker: Shaker = Shaker::default(),
        /// Cowbell and agogo.
        cowbell: Cowbell = Cowbell::default(),
        /// Congas and bongos.
        conga: Tom = Tom { pitch_hz: 190.0, sweep: 0.12, sweep_s: 0.05, decay_s: 0.5, slap: 0.5, noise: 0.05, ..Tom::default() },
        /// Claves and wood blocks.
        clave: Rim = Rim { pitch_hz: 2400.0, ratio: 1.51, decay_s: 0.12, click: 0.1, ..Rim::default() },
    }
}

impl Instrument for Kit {
    fn strike(&self, strike: &Strike) -> Box<dyn Voice> {
        let (drum, semitones) = drum_of(strike.pitch.round().clamp(0.0, 127.0) as u8);
        let mut rng = strike.seed.rng();
        let context = HitContext {
            rate: strike.sample_rate,
            force: strike.velocity.unit(),
            ratio: self.pitch_ratio(semitones, &mut rng),
            seed: strike.seed,
        };
        let loudness = velocity_gain(strike.velocity, self.velocity)
            * db_to_gain(0.8 * self.humanize * rng.normal().clamp(-2.0, 2.0));
        match drum {
            Drum::Kick => boxed(self.kick.hit(&context), loudness, self.kick.level_db, 0.0),
            Drum::Snare => boxed(self.snare.hit(&context), loudness, self.snare.level_db, self.snare.pan),
            Drum::Rim => boxed(self.rim.hit(&context), loudness, self.rim.level_db, self.rim.pan),
            Drum::Clap => boxed(self.clap.hit(&context), loudness, self.clap.level_db, self.clap.pan),
            Drum::ClosedHat => self.hat(&self.closed_hat, &context, loudness),
            Drum::PedalHat => self.hat(&self.pedal_hat, &context, loudness),
            Drum::OpenHat => self.hat(&self.open_hat, &context, loudness),
            Drum::Tom => {
                // Low toms stand right, high toms left, as the audience sees a kit.
                let pan = self.tom.pan - 0.05 * semitones + 0.3;
                boxed(self.tom.hit(&context), loudness, self.tom.level_db, pan.clamp(-1.0, 1.0))
            }
            Drum::Crash => boxed(self.crash.hit(&context), loudness, self.crash.level_db, self.crash.pan),
            Drum::Splash => {
                // Thin and small: it is over in about a second.
                let splash = Cymbal { decay_s: 0.35 * self.crash.decay_s, ..self.crash.clone() };
                boxed(splash.hit(&context), loudness, self.crash.level_db, self.crash.pan)
            }
            Drum::Ride => boxed(self.ride.hit(&context), loudness, self.ride.level_db, self.ride.pan),
            Drum::RideBell => {
                let bell = Cymbal { ping: 1.0, decay_s: 0.6 * self.ride.decay_s, ..self.ride.clone() };
                boxed(bell.hit(&context), loudness, self.ride.level_db, self.ride.pan)
            }
            Drum::Tambourine => {
                boxed(self.tambourine.hit(&context), loudness, self.tambourine.level_db, self.tambourine.pan)
            }
            Drum::Shaker => boxed(self.shaker.hit(&context), loudness, self.shaker.level_db, self.shaker.pan),
            Drum::Cowbell => boxed(self.cowbell.hit(&context), loudness, self.cowbell.level_db, self.cowbell.pan),
            Drum::Conga => boxed(self.conga.hit(&context), loudness, self.conga.level_db, self.conga.pan),
            Drum::Clave => boxed(self.clave.hit(&context), loudness, self.clave.level_db, self.clave.pan),
        }
    }

    fn chokes(&self, struck: f64, sounding: f64) -> bool {
        let drum = |pitch: f64| drum_of(pitch.round().clamp(0.0, 127.0) as u8).0;
        let is_hat = matches!(drum(struck), Drum::ClosedHat | Drum::PedalHat | Drum::OpenHat);
        is_hat && drum(sounding) == Drum::OpenHat
    }
}

impl Kit {
    fn pitch_ratio(&self, semitones: f32, rng: &mut Rng) -> f32 {
        ((semitones + 0.12 * self.humanize * rng.normal().clamp(-2.0, 2.0)) / 12.0).exp2()
    }

    fn hat(&self, hat: &Hat, context: &HitContext, loudness: f32) -> Box<dyn Voice> {
        boxed(hat.hit(context), loudness, hat.level_db, hat.pan)
    }
}

fn boxed(hit: impl Hit + 'static, loudness: f32, level_db: f32, pan: f32) -> Box<dyn Voice> {
    Box::new(DrumVoice::new(hit, loudness * db_to_gain(level_db), pan))
}
