//! Colours: a palette for each style, turned by the key.

use super::picture::{Colour, blend};
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Key, Role};

/// How far the hue turns from key to key on the circle of fifths, in degrees: a neighbour is a shade away, the opposite key still
/// belongs to the style.
const DEGREES_PER_FIFTH: f32 = 5.0;

/// The colours of a cover.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    /// The ground, at the top and at the bottom.
    pub ground: [Colour; 2],
    /// Of the letters.
    pub ink: Colour,
    /// Of drums, bass, chords and lead.
    pub accents: [Colour; 4],
}

impl Palette {
    /// The palette of a style; a style without one of its own gets one by its name and `seed`.
    pub fn of_style(style: &str, seed: Seed) -> Self {
        let own = PALETTES.iter().find(|(name, ..)| *name == style);
        let drawn = || &PALETTES[seed.fork(style).rng().below(PALETTES.len())];
        let (_, ground, ink, accents) = own.unwrap_or_else(drawn);
        Self { ground: ground.map(rgb), ink: rgb(*ink), accents: accents.map(rgb) }
    }

    /// The colour of a role in a key.
    pub fn accent(&self, role: Role, key: Option<Key>) -> Colour {
        let fifths = key.map_or(0, Key::signature);
        turned(self.accents[role as usize], f32::from(fifths) * DEGREES_PER_FIFTH)
    }

    /// The ground where shapes lie on it: between its two ends.
    pub fn middle(&self) -> Colour {
        blend(self.ground[0], self.ground[1], 0.5)
    }
}

/// Name, ground (top, bottom), ink, accents of drums, bass, chords and lead.
type Line = (&'static str, [u32; 2], u32, [u32; 4]);

const PALETTES: &[Line] = &[
    ("house", [0x2a1650, 0x120a28], 0xfff3e2, [0xffc44d, 0xff5f6d, 0x7c5cff, 0x37e0c0]),
    ("techno", [0x17191d, 0x08090b], 0xf4f4f0, [0xf4f4f0, 0xff3b2f, 0x6f7783, 0xd5ff3f]),
    ("drum_and_bass", [0x0f2b3f, 0x071019], 0xeefaff, [0xff8a1f, 0x1fb6ff, 0x2f6fdb, 0xffe45c]),
    ("trap", [0x3b0b22, 0x12040c], 0xfbeee3, [0xfbeee3, 0xff2950, 0x8b4dff, 0xffb38a]),
    ("lofi", [0xf4e8d3, 0xead7b8], 0x33241f, [0x33241f, 0xd2603a, 0x6f8f80, 0xe0a030]),
    ("funk", [0xf6b23c, 0xee8f2a], 0x3b1230, [0x3b1230, 0xc8302b, 0xfff1d6, 0x0b6f6c]),
    ("rock", [0x23201f, 0x0f0d0d], 0xf3e9da, [0xf3e9da, 0xe2231a, 0x9a8f82, 0xf2a91e]),
    ("electro", [0x0d3b3a, 0x051616], 0xeafff4, [0xf5ff4a, 0xff4fa0, 0x2fd6c3, 0xff9d2e]),
    ("synthwave", [0x5a1650, 0x140a34], 0xffeefc, [0xff4fd8, 0x29d7ff, 0x9a6cff, 0xffb84a]),
    ("disco", [0xf9d7e4, 0xf0a9c4], 0x3a1040, [0x3a1040, 0xc81e66, 0xfff8ea, 0x6b4a12]),
    ("trance", [0x1b2a7a, 0x0a0f33], 0xf2f6ff, [0x5ff0ff, 0xff4fd8, 0x6a6bff, 0xfff06a]),
    ("garage", [0x2b2f36, 0x121419], 0xf8f3e6, [0xf8f3e6, 0xff7a3d, 0x4fa3a5, 0xe8d44d]),
    ("breakbeat", [0xab3520, 0x7f2014], 0xfff4dc, [0x241312, 0xffd23f, 0xfff4dc, 0x1f6f78]),
    ("soul", [0x4a2340, 0x22101e], 0xfbe9cf, [0xf2b134, 0xd9532c, 0xe8a0a0, 0x5fb0a5]),
    ("boom_bap", [0x2b2622, 0x14110f], 0xf0e2c6, [0xf0e2c6, 0xd98b2b, 0x8c7a5b, 0x4fa3c7]),
    ("jazz", [0x0f2a44, 0x081626], 0xf6efe0, [0xf6efe0, 0xe8a33d, 0x3f86b8, 0xe2543e]),
    ("bossa", [0xf7ead2, 0xeed9b0], 0x1f3b4d, [0x1f3b4d, 0x2a8c82, 0xe2734a, 0xc98a12]),
    ("afrobeat", [0x123d2a, 0x07190f], 0xfff2d0, [0xffc62e, 0xe8462a, 0x2fa866, 0xff8f3f]),
    ("reggae", [0x4a1210, 0x1f0807], 0xfff0c2, [0xf7c531, 0x2f9e44, 0xe5533d, 0xffe08a]),
    ("pop", [0xff86b3, 0xff9f6b], 0x2a0f3d, [0x2a0f3d, 0xffffff, 0x3b4cff, 0xffe14d]),
    ("metal", [0x202226, 0x08090a], 0xe9e4da, [0xe9e4da, 0xb3121d, 0x7d858c, 0xff6a13]),
    ("gospel", [0x4b1240, 0x21071d], 0xfff1d2, [0xffc23d, 0xfff1d2, 0xe0574f, 0x9a6bd6]),
    ("cinematic", [0x14304a, 0x060f1a], 0xf3ead6, [0xf3ead6, 0xd9a441, 0x4f93b8, 0xb4452f]),
    ("chorale", [0xe4eaf0, 0xc6d2de], 0x1c2742, [0x1c2742, 0x9c2f3f, 0x3f6f8f, 0xb08a3c]),
    ("ambient", [0x2f5468, 0x0f2230], 0xf1f7f4, [0xf1f7f4, 0x5fa8a8, 0xa9c6d8, 0xf6c9a8]),
];

fn rgb(hex: u32) -> Colour {
    [16, 8, 0].map(|shift| f32::from((hex >> shift) as u8) / 255.0)
}

/// The colour with its hue turned: a rotation of RGB about the axis of greys.
fn turned([r, g, b]: Colour, degrees: f32) -> Colour {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (rest, side) = ((1.0 - cos) / 3.0, sin / 3f32.sqrt());
    let mix = |own: f32, next: f32, last: f32| {
        (own * (cos + rest) + next * (rest - side) + last * (rest + side)).clamp(0.0, 1.0)
    };
    [mix(r, g, b), mix(g, b, r), mix(b, r, g)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::Style;

    /// Relative luminance (WCAG 2).
    fn luminance(colour: Colour) -> f32 {
        let linear = |part: f32| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
        let [r, g, b] = colour.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Colour, b: Colour) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_built_in_style_has_a_palette_and_every_palette_is_legible() {
        for style in Style::builtin() {
            assert!(PALETTES.iter().any(|(name, ..)| *name == style.name), "{}", style.name);
        }
        for (name, ..) in PALETTES {
            let palette = Palette::of_style(name, Seed(1));
            for ground in palette.ground {
                // WCAG's AA for small text is 4.5.
                assert!(contrast(palette.ink, ground) > 4.5, "{name}");
            }
        }
    }

    #[test]
    fn keys_turn_the_hue_and_greys_stay() {
        let palette = Palette::of_style("house", Seed(1));
        let accent = |text: &str| palette.accent(Role::Bass, Some(text.parse().expect("a key")));
        assert_eq!(accent("C"), accent("Am"));
        assert_ne!(accent("C"), accent("G"));
        assert!(contrast(accent("C"), accent("F#")) < 1.5);
        let grey = turned([0.4; 3], 77.0);
        assert!(grey.iter().all(|part| (part - 0.4).abs() < 1e-6));
    }
}
