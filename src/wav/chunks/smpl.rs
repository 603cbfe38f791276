//! `smpl`: what a sampler needs: the note at which a sound plays at its own rate, and where it loops.

use crate::wav::riff::{self, Fields};
use riffsmith_dsp::score::Pitch;

/// Parts of a semitone in the pitch fraction.
const SEMITONE: f64 = 4_294_967_296.0;

/// Loop type of most files: forward. 1 is to and fro, 2 backward.
const FORWARD: u32 = 0;

/// One loop of a `smpl` chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplerLoop {
    /// Cue point that names it.
    pub cue_id: u32,
    /// 0 forward, 1 to and fro, 2 backward.
    pub kind: u32,
    /// First frame played.
    pub first_frame: u32,
    /// Last frame played: it belongs to the loop.
    pub last_frame: u32,
    /// Fraction of a frame, for fine tuning.
    pub fraction: u32,
    /// How often it is played; 0 is for ever.
    pub play_count: u32,
}

impl SamplerLoop {
    /// A forward loop without end.
    pub fn forward(first_frame: u32, last_frame: u32) -> Self {
        Self { cue_id: 0, kind: FORWARD, first_frame, last_frame, fraction: 0, play_count: 0 }
    }

    /// `forward`, `to and fro` or `backward`.
    pub fn direction(&self) -> &'static str {
        match self.kind {
            FORWARD => "forward",
            1 => "to and fro",
            2 => "backward",
            _ => "of unknown direction",
        }
    }
}

/// The content of a `smpl` chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampler {
    /// Manufacturer and product that it is made for; 0 for any.
    pub made_for: [u32; 2],
    /// Nanoseconds in a frame.
    pub period_ns: u32,
    /// MIDI note at which it plays at its own rate; 60 is middle C.
    pub unity_note: u32,
    /// How far its pitch is above that note, in 2^-32 of a semitone.
    pub pitch_fraction: u32,
    /// SMPTE format and offset.
    pub smpte: [u32; 2],
    /// The loops.
    pub loops: Vec<SamplerLoop>,
    /// What follows the loops, for its own manufacturer.
    pub extra: Vec<u8>,
}

impl Sampler {
    /// MIDI's middle C, which stands there where there is no root.
    const MIDDLE_C: u32 = 60;

    /// A sound at `rate_hz` frames per second that has no loop yet.
    ///
    /// - `fine_tune_cents`: the shift that would bring it onto its root, -50 to 50: a sound that is 10 cents sharp has -10
    pub fn new(root: Option<Pitch>, fine_tune_cents: i8, rate_hz: u32) -> Self {
        let mut sampler = Self {
            made_for: [0; 2],
            period_ns: period_ns(rate_hz),
            unity_note: Self::MIDDLE_C,
            pitch_fraction: 0,
            smpte: [0; 2],
            loops: Vec::new(),
            extra: Vec::new(),
        };
        if let Some(root) = root {
            sampler.tune(root, fine_tune_cents);
        }
        sampler
    }

    /// Sets its root and fine tuning, as in [`Sampler::new`].
    pub fn tune(&mut self, root: Pitch, fine_tune_cents: i8) {
        // The fraction only goes up from the note: a sound that is flat lies above the note below.
        let semitones = f64::from(root.number()) - f64::from(fine_tune_cents) / 100.0;
        let below = semitones.floor().max(0.0);
        self.unity_note = below as u32;
        self.pitch_fraction = ((semitones - below).clamp(0.0, 1.0) * SEMITONE).round() as u32;
    }

    /// The nearest note to its pitch, and the shift in cents that would bring it there; `None` if there is no such note.
    pub fn root(&self) -> Option<(Pitch, i8)> {
        let above = f64::from(self.pitch_fraction) / SEMITONE;
        let nearest = self.unity_note.checked_add(u32::from(above > 0.5))?;
        let pitch = u8::try_from(nearest).ok().filter(|note| *note <= 127).map(Pitch::new)?;
        Some((pitch, ((f64::from(nearest - self.unity_note) - above) * 100.0).round() as i8))
    }

    /// Reads the payload, with as many loops as are there; `None` if it is too short for its first fields.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(payload);
        let made_for = [fields.u32()?, fields.u32()?];
        let (period_ns, unity_note, pitch_fraction) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let smpte = [fields.u32()?, fields.u32()?];
        let (count, _extra_bytes) = (fields.u32()?, fields.u32()?);
        let mut loops = Vec::new();
        for _ in 0..count {
            let mut next = fields.clone();
            let Some(read) = SamplerLoop::read(&mut next) else { break };
            loops.push(read);
            fields = next;
        }
        let extra = fields.rest().to_vec();
        Some(Self { made_for, period_ns, unity_note, pitch_fraction, smpte, loops, extra })
    }

    /// How many loops the payload announces, whether they are there or not.
    pub fn announced_loops(payload: &[u8]) -> u32 {
        payload.get(28..).and_then(|rest| Fields::new(rest).u32()).unwrap_or(0)
    }

    /// The chunk.
    pub fn chunk(&self) -> Vec<u8> {
        let counts = [self.loops.len() as u32, self.extra.len() as u32];
        let header = self.made_for.into_iter().chain([self.period_ns, self.unity_note, self.pitch_fraction]);
        let loops = self
            .loops
            .iter()
            .flat_map(|it| [it.cue_id, it.kind, it.first_frame, it.last_frame, it.fraction, it.play_count]);
        let fields = header.chain(self.smpte).chain(counts).chain(loops);
        let mut payload: Vec<u8> = fields.flat_map(u32::to_le_bytes).collect();
        payload.extend_from_slice(&self.extra);
        riff::chunk(b"smpl", &payload)
    }
}

impl SamplerLoop {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            cue_id: fields.u32()?,
            kind: fields.u32()?,
            first_frame: fields.u32()?,
            last_frame: fields.u32()?,
            fraction: fields.u32()?,
            play_count: fields.u32()?,
        })
    }
}

/// Nanoseconds in a frame.
pub fn period_ns(rate_hz: u32) -> u32 {
    (1e9 / f64::from(rate_hz.max(1))).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_specification() {
        let mut sampler = Sampler::new(Some(Pitch::new(57)), 0, 44_100);
        sampler.loops.push(SamplerLoop::forward(0, 352_799));
        let bytes = sampler.chunk();
        let fields: Vec<u32> =
            bytes[8..].chunks_exact(4).map(|field| Fields::new(field).u32().expect("4 bytes")).collect();
        assert_eq!(&bytes[..8], b"smpl\x3c\0\0\0");
        assert_eq!(fields, [0, 0, 22_676, 57, 0, 0, 0, 1, 0, 0, 0, 0, 352_799, 0, 0]);
        assert_eq!(Sampler::read(&bytes[8..]), Some(sampler));
    }

    #[test]
    fn fine_tuning_goes_through_the_fraction_and_back() {
        for (root, cents, unity, fraction) in
            [(57, 0, 57, 0), (57, -50, 57, 0x8000_0000), (57, -25, 57, 0x4000_0000), (57, 25, 56, 0xc000_0000)]
        {
            let sampler = Sampler::new(Some(Pitch::new(root)), cents, 48_000);
            assert_eq!((sampler.unity_note, sampler.pitch_fraction), (unity, fraction), "{cents}");
        }
        for cents in -50..50 {
            assert_eq!(Sampler::new(Some(Pitch::new(57)), cents, 48_000).root(), Some((Pitch::new(57), cents)));
        }
        let none = Sampler { unity_note: 4_000, ..Sampler::new(None, 0, 48_000) };
        assert_eq!(none.root(), None);
    }

    #[test]
    fn fields_of_other_programs_survive() {
        let mut sampler = Sampler::new(None, 0, 48_000);
        sampler.made_for = [0x0100_0047, 0x5e];
        sampler.smpte = [25, 7];
        sampler.loops =
            vec![SamplerLoop { cue_id: 3, kind: 1, fraction: 9, play_count: 4, ..SamplerLoop::forward(1, 2) }];
        sampler.extra = b"MSMP".to_vec();
        let bytes = sampler.chunk();
        assert_eq!(Sampler::read(&bytes[8..]), Some(sampler));
    }

    #[test]
    fn loops_that_are_not_there_are_not_made_up() {
        let mut sampler = Sampler::new(None, 0, 48_000);
        sampler.loops.push(SamplerLoop::forward(5, 6));
        let mut payload = sampler.chunk()[8..].to_vec();
        payload[28..32].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(Sampler::announced_loops(&payload), u32::MAX);
        assert_eq!(Sampler::read(&payload).map(|read| read.loops), Some(vec![SamplerLoop::forward(5, 6)]));
        assert_eq!(Sampler::read(&payload[..35]), None);
    }
}
