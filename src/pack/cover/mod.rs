//! Cover art: a picture of the pack's own music, with its name.

mod disc;
mod lettering;
mod palette;
mod picture;

use disc::Disc;
use lettering::{Hand, Heading, spelled};
use palette::Palette;
use picture::{Picture, blend};
use riffsmith_dsp::Seed;
use riffsmith_dsp::score::{Key, Role, Score};

/// Width and height of a cover in pixels: what shops ask for.
pub const SIZE: u32 = 3000;

/// The free edge around the text.
const MARGIN: f32 = 190.0;
/// The text's lines are at most this long.
const MEASURE: f32 = SIZE as f32 - 2.0 * MARGIN;
/// Height over which the disc sinks into the ground of the text.
const FADE: f32 = 440.0;

/// Where the disc may lie: its middle and its radius, in shares of the edge.
const PLACES: [[f32; 3]; 3] = [[0.5, 0.36, 0.42], [0.64, 0.34, 0.5], [0.36, 0.34, 0.5]];

/// What is written on a cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Title<'a> {
    /// The pack's name, large.
    pub name: &'a str,
    /// Who publishes it.
    pub label: &'a str,
    /// What is in it: `house, lofi  40 loops  118-128 bpm`.
    pub line: &'a str,
}

/// A loop as the cover shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverLoop {
    /// Name of its style.
    pub style: String,
    /// The one part that it is; `None` for a whole mix.
    pub role: Option<Role>,
    /// Its notes.
    pub score: Score,
}

impl CoverLoop {
    fn key(&self) -> Option<Key> {
        self.score.keys.first().map(|(_, key)| *key)
    }
}

/// The cover of a pack: a PNG of 3000 x 3000 pixels, always the same for the same pack and seed.
///
/// Every loop is a ring of a disc: time runs clockwise, pitch outwards, hard notes are bright. The style that most loops have gives
/// the palette, keys turn its hue, the seed places the disc.
pub fn cover(title: &Title, loops: &[CoverLoop], seed: Seed) -> Vec<u8> {
    picture(title, loops, seed).to_png()
}

fn picture(title: &Title, loops: &[CoverLoop], seed: Seed) -> Picture {
    let palette = Palette::of_style(leading_style(loops), seed);
    let mut picture = Picture::new(SIZE, palette.ground[0], palette.ground[1]);
    let edge = SIZE as f32;
    let mut rng = seed.fork("cover").rng();
    let [x, y, radius] = *rng.pick(&PLACES).expect("there are places");
    let disc = Disc {
        centre: [x * edge, y * edge],
        radii: [0.22 * radius * edge, radius * edge],
        phase: rng.below(disc::REVERSED_EVERY),
    };
    disc.draw(&mut picture, loops, &palette);
    write(&mut picture, title, &palette);
    picture
}

/// Name, label and details, on ground that is made calm for them.
fn write(picture: &mut Picture, title: &Title, palette: &Palette) {
    let edge = SIZE as f32;
    let details = Hand { size: 58.0, pen: 0.13, tracking: 0.16, leading: 1.6 };
    let details = Heading::fit(&details_of(title.line), details, MEASURE, 160.0);
    let label = Heading::fit(
        &spelled(title.label),
        Hand { size: 78.0, pen: 0.16, tracking: 0.22, leading: 1.6 },
        MEASURE,
        80.0,
    );
    let name = Heading::fit(
        &spelled(title.name),
        Hand { size: 470.0, pen: 0.17, tracking: 0.0, leading: 1.36 },
        MEASURE,
        740.0,
    );
    let base = edge - MARGIN;
    let label_base = base - details.height() - 74.0;
    let label_room = if title.label.trim().is_empty() { 0.0 } else { label.height() + 74.0 };
    let name_base = base - details.height() - label_room - 110.0;
    // On whole pixels: a row covered in part by both would be shaded twice.
    let calm = (name_base - name.height() - 60.0).round();
    let ground = palette.ground[1];
    picture.shade(calm - FADE, FADE, (ground, 0.0), (ground, 0.94));
    picture.shade(calm, edge - calm, (ground, 0.94), (ground, 1.0));
    name.write(picture, [MARGIN, name_base], palette.ink);
    label.write(picture, [MARGIN, label_base], palette.ink);
    details.write(picture, [MARGIN, base], blend(ground, palette.ink, 0.82));
}

/// The line of details as it is written: its parts, which two spaces separate, set apart by dots.
fn details_of(line: &str) -> String {
    let parts = line.split("  ").map(|part| spelled(&part.replace('_', " "))).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" \u{b7} ")
}

/// The style of most loops; of those, the first.
fn leading_style(loops: &[CoverLoop]) -> &str {
    let count = |style: &str| loops.iter().filter(|one| one.style == style).count();
    let most = loops.iter().map(|one| count(&one.style)).max().unwrap_or(0);
    loops.iter().map(|one| one.style.as_str()).find(|style| count(style) == most).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::score::{Meter, Note, Pitch, Tempo, Ticks, Track, Velocity};

    const TITLE: Title = Title { name: "Midnight Drive", label: "Night Works", line: "house  1 loop  124 bpm" };

    fn one_note(start: u32, velocity: u8) -> CoverLoop {
        let mut score = Score::empty(Ticks(1920), Tempo::new(124.0).expect("valid"), Meter::COMMON);
        let note =
            Note { start: Ticks(start), pitch: Pitch::new(60), length: Ticks(240), velocity: Velocity::new(velocity) };
        score.tracks.push(Track { role: Some(Role::Lead), notes: vec![note], ..Track::default() });
        CoverLoop { style: "house".to_owned(), role: Some(Role::Lead), score }
    }

    /// Pixels that differ between two pictures: how many, and their mean place.
    fn difference(a: &Picture, b: &Picture) -> (usize, [f32; 2]) {
        let places = (0..SIZE).flat_map(|y| (0..SIZE).map(move |x| (x, y)));
        let differing: Vec<(u32, u32)> = places.filter(|&(x, y)| a.at(x, y) != b.at(x, y)).collect();
        let mean = |part: fn(&(u32, u32)) -> u32| {
            differing.iter().map(|place| f64::from(part(place))).sum::<f64>() / differing.len().max(1) as f64
        };
        (differing.len(), [mean(|place| place.0) as f32, mean(|place| place.1) as f32])
    }

    #[test]
    fn a_note_shows_where_it_sounds_and_as_hard_as_it_is_struck() {
        let seed = Seed(1);
        let soft = picture(&TITLE, &[one_note(0, 30)], seed);
        let hard = picture(&TITLE, &[one_note(0, 120)], seed);
        let (count, first) = difference(&soft, &hard);
        assert!(count > 2_000, "{count}");
        let left = [picture(&TITLE, &[one_note(1440, 30)], seed), picture(&TITLE, &[one_note(1440, 120)], seed)];
        let (_, last) = difference(&left[0], &left[1]);
        // The first quarter of a turn lies right of the top, the last one left of it.
        assert!(first[0] > last[0] + 300.0, "{first:?} {last:?}");
    }

    #[test]
    fn a_cover_is_the_same_every_time_and_within_what_shops_take() {
        let loops: Vec<CoverLoop> = (0..20).map(|index| one_note(index * 90, 40 + index as u8)).collect();
        let bytes = cover(&TITLE, &loops, Seed(7));
        assert_eq!(bytes, cover(&TITLE, &loops, Seed(7)));
        assert_ne!(bytes, cover(&TITLE, &loops, Seed(8)));
        let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG");
        assert_eq!((reader.info().width, reader.info().height), (3000, 3000));
        assert!(bytes.len() < 3_000_000, "{}", bytes.len());
    }

    #[test]
    fn names_are_written_in_ink_and_odd_ones_too() {
        let long = "word ".repeat(100);
        for name in ["Dust", "\u{6f22}\u{5b57}", &long] {
            let written = picture(&Title { name, ..TITLE }, &[], Seed(1));
            let blank = picture(&Title { name: "", ..TITLE }, &[], Seed(1));
            let ink = Palette::of_style("", Seed(1)).ink.map(|part| (part * 255.0).round() as u8);
            let count = |picture: &Picture| {
                let places = (0..SIZE).flat_map(|y| (0..SIZE).map(move |x| (x, y)));
                places.filter(|&(x, y)| picture.at(x, y) == ink).count()
            };
            assert!(count(&written) > count(&blank) + 10_000, "{name}");
        }
    }

    #[test]
    fn a_pack_has_the_palette_of_most_of_its_loops() {
        let styled = |style: &str| CoverLoop { style: style.to_owned(), ..one_note(0, 90) };
        let loops = ["lofi", "house", "house", "lofi", "funk"].map(styled);
        assert_eq!(leading_style(&loops), "lofi");
        assert_eq!(leading_style(&loops[1..]), "house");
        assert_eq!(leading_style(&[]), "");
    }

    #[test]
    fn details_are_set_apart_by_dots() {
        assert_eq!(details_of("drum_and_bass  40 loops   170 bpm"), "DRUM AND BASS \u{b7} 40 LOOPS \u{b7} 170 BPM");
    }
}
