//! Letters drawn with a round pen, our own: capitals, digits and a few signs.
//!
//! Each glyph is a line of pen strokes in a box one unit high, from the top (0) to the base line (1): `M x y` sets the pen down,
//! `L x y` draws a line, `A cx cy rx ry from to` an arc between two angles in degrees (0 = right, 90 = down).

use super::picture::{Colour, Outline, Picture, Place};

/// Width of a space, and what stands between letters beside the pen's width, in heights of a capital.
const SPACE: f32 = 0.36;
const GAP: f32 = 0.15;

/// How small a heading may get, as a share of its wish, before it is shortened.
const SMALLEST: f32 = 0.2;

/// What is written for characters that have no glyph.
const UNKNOWN: Glyph = ("", 0.3, "M 0 0.55 L 0.3 0.55");

/// Characters, width, strokes.
type Glyph = (&'static str, f32, &'static str);

/// How letters are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hand {
    /// Height of a capital, in pixels.
    pub size: f32,
    /// Width of the pen, in heights of a capital.
    pub pen: f32,
    /// Space between letters beyond the usual, in heights of a capital.
    pub tracking: f32,
    /// From one base line to the next, in heights of a capital.
    pub leading: f32,
}

impl Hand {
    /// Length of a line, in pixels.
    pub fn width(&self, text: &str) -> f32 {
        let advances = text.chars().map(|character| self.advance(character)).sum::<f32>();
        (advances - if text.is_empty() { 0.0 } else { GAP + self.tracking }).max(0.0) * self.size
    }

    /// Writes a line; `at` is the left end of its base line.
    pub fn write(&self, picture: &mut Picture, at: Place, text: &str, ink: Colour) {
        let mut left = at[0] + 0.5 * self.pen * self.size;
        for character in text.chars() {
            if character != ' ' {
                let outline = outline(glyph(character).2, [left, at[1] - self.size], self.size);
                picture.stroke(outline, self.pen * self.size, ink);
            }
            left += self.advance(character) * self.size;
        }
    }

    fn advance(&self, character: char) -> f32 {
        let width = if character == ' ' { SPACE } else { glyph(character).1 + self.pen + GAP };
        width + self.tracking
    }
}

/// A text as it can be written: capitals, and letters without their accents.
pub fn spelled(text: &str) -> String {
    let upper: String = text.chars().flat_map(char::to_uppercase).collect();
    let plain: String =
        upper.chars().map(|character| if character.is_whitespace() { ' ' } else { character }).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Lines of a heading in a box, and the hand that writes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// The lines, top to bottom.
    pub lines: Vec<String>,
    /// As large as the box allows.
    pub hand: Hand,
}

impl Heading {
    /// Wraps `text` at its spaces, as large as fits into `width` x `height` pixels, up to the size of `hand`. What is too long even
    /// at a fifth of that size is broken within words and then shortened.
    pub fn fit(text: &str, hand: Hand, width: f32, height: f32) -> Self {
        let mut size = hand.size;
        while size > SMALLEST * hand.size {
            let heading = Self { lines: Vec::new(), hand: Hand { size, ..hand } };
            let lines = heading.hand.wrap(text, width);
            let fits = lines.iter().all(|line| heading.hand.width(line) <= width);
            if fits && heading.hand.height(lines.len()) <= height {
                return Self { lines: heading.hand.balanced(text, width, lines), ..heading };
            }
            size *= 0.98;
        }
        let hand = Hand { size: SMALLEST * hand.size, ..hand };
        let mut lines = hand.wrap(&hand.broken(text, width), width);
        let room = (1..=lines.len()).take_while(|&count| hand.height(count) <= height).count().max(1);
        lines.truncate(room);
        Self { lines, hand }
    }

    /// Its height, from the top of the first line to the last base line.
    pub fn height(&self) -> f32 {
        self.hand.height(self.lines.len())
    }

    /// Writes it; `at` is the left end of its last base line.
    pub fn write(&self, picture: &mut Picture, at: Place, ink: Colour) {
        for (above, line) in self.lines.iter().rev().enumerate() {
            let y = at[1] - above as f32 * self.hand.leading * self.hand.size;
            self.hand.write(picture, [at[0], y], line, ink);
        }
    }
}

impl Hand {
    fn height(&self, lines: usize) -> f32 {
        (lines.saturating_sub(1) as f32 * self.leading + 1.0) * self.size
    }

    /// Breaks at spaces before a line gets too long.
    fn wrap(&self, text: &str, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ') {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}")) <= width => *line = format!("{line} {word}"),
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }

    /// The same number of lines, as even as can be: no word stands alone that has company.
    fn balanced(&self, text: &str, width: f32, mut lines: Vec<String>) -> Vec<String> {
        let mut narrower = width;
        loop {
            narrower -= 0.02 * width;
            let closer = self.wrap(text, narrower);
            if closer.len() > lines.len() || closer.iter().any(|line| self.width(line) > narrower) {
                return lines;
            }
            lines = closer;
        }
    }

    /// Puts spaces into words that are longer than a line.
    fn broken(&self, text: &str, width: f32) -> String {
        let mut broken = String::new();
        let mut line = String::new();
        for character in text.chars() {
            if character == ' ' {
                line.clear();
            } else if self.width(&format!("{line}{character}")) > width {
                broken.push(' ');
                line.clear();
            }
            line.push(character);
            broken.push(character);
        }
        broken
    }
}

fn glyph(character: char) -> Glyph {
    *GLYPHS.iter().find(|(characters, ..)| characters.contains(character)).unwrap_or(&UNKNOWN)
}

/// The strokes of a glyph at a place, `size` pixels high.
fn outline(strokes: &str, origin: Place, size: f32) -> Outline {
    let mut outline = Outline::default();
    let mut words = strokes.split_whitespace();
    let place = |x: f32, y: f32| [origin[0] + x * size, origin[1] + y * size];
    while let Some(verb) = words.next() {
        let mut number = || words.next().and_then(|word| word.parse::<f32>().ok()).expect("a test reads every glyph");
        match verb {
            "M" => outline.move_to(place(number(), number())),
            "L" => outline.line_to(place(number(), number())),
            _ => {
                let centre = place(number(), number());
                let radii = [number() * size, number() * size];
                outline.arc(centre, radii, number().to_radians(), number().to_radians());
            }
        }
    }
    outline
}

/// Letters stand beside those with accents that are written without them.
#[rustfmt::skip]
const GLYPHS: &[Glyph] = &[
    ("AÀÁÂÃÄÅĀĂĄ", 0.84, "M 0 1 L 0.42 0 L 0.84 1 M 0.14 0.68 L 0.7 0.68"),
    ("B", 0.62, "M 0 0 L 0.34 0 A 0.34 0.24 0.24 0.24 -90 90 L 0 0.48 M 0.34 0.48 A 0.36 0.74 0.26 0.26 -90 90 L 0 1 L 0 0"),
    ("CÇĆČ", 0.86, "M 0.853 0.146 A 0.5 0.5 0.5 0.5 -45 -315"),
    ("DÐĎ", 0.76, "M 0 0 L 0.28 0 A 0.28 0.5 0.48 0.5 -90 90 L 0 1 L 0 0"),
    ("EÈÉÊËĒĘĚ", 0.54, "M 0.54 0 L 0 0 L 0 1 L 0.54 1 M 0 0.49 L 0.46 0.49"),
    ("F", 0.52, "M 0.52 0 L 0 0 L 0 1 M 0 0.5 L 0.44 0.5"),
    ("GĞ", 0.98, "M 0.853 0.146 A 0.5 0.5 0.5 0.5 -45 -352 L 0.58 0.57"),
    ("H", 0.7, "M 0 0 L 0 1 M 0.7 0 L 0.7 1 M 0 0.49 L 0.7 0.49"),
    ("IÌÍÎÏİ|", 0.0, "M 0 0 L 0 1"),
    ("J", 0.44, "M 0.44 0 L 0.44 0.74 A 0.2 0.74 0.24 0.26 0 150"),
    ("K", 0.64, "M 0 0 L 0 1 M 0.6 0 L 0 0.6 M 0.2 0.42 L 0.64 1"),
    ("LŁ", 0.5, "M 0 0 L 0 1 L 0.5 1"),
    ("M", 0.9, "M 0 1 L 0 0 L 0.45 0.64 L 0.9 0 L 0.9 1"),
    ("NÑŃŇ", 0.74, "M 0 1 L 0 0 L 0.74 1 L 0.74 0"),
    ("OÒÓÔÕÖØŐ", 1.0, "M 1 0.5 A 0.5 0.5 0.5 0.5 0 360"),
    ("P", 0.6, "M 0 1 L 0 0 L 0.33 0 A 0.33 0.27 0.27 0.27 -90 90 L 0 0.54"),
    ("Q", 1.0, "M 1 0.5 A 0.5 0.5 0.5 0.5 0 360 M 0.64 0.68 L 0.96 1.02"),
    ("RŘ", 0.62, "M 0 1 L 0 0 L 0.33 0 A 0.33 0.27 0.27 0.27 -90 90 L 0 0.54 M 0.32 0.54 L 0.62 1"),
    ("SŚŠŞß", 0.58, "M 0.527 0.144 A 0.29 0.25 0.26 0.25 -25 -270 A 0.29 0.75 0.29 0.25 -90 155"),
    ("TŢŤ", 0.66, "M 0 0 L 0.66 0 M 0.33 0 L 0.33 1"),
    ("UÙÚÛÜŪŮ", 0.7, "M 0 0 L 0 0.65 A 0.35 0.65 0.35 0.35 180 0 L 0.7 0"),
    ("V", 0.8, "M 0 0 L 0.4 1 L 0.8 0"),
    ("W", 1.16, "M 0 0 L 0.29 1 L 0.58 0.08 L 0.87 1 L 1.16 0"),
    ("X×", 0.7, "M 0 0 L 0.7 1 M 0.7 0 L 0 1"),
    ("YÝŸ", 0.72, "M 0 0 L 0.36 0.52 L 0.72 0 M 0.36 0.52 L 0.36 1"),
    ("ZŹŻŽ", 0.64, "M 0 0 L 0.64 0 L 0 1 L 0.64 1"),
    ("0", 0.64, "M 0.64 0.5 A 0.32 0.5 0.32 0.5 0 360"),
    ("1", 0.24, "M 0 0.2 L 0.24 0 L 0.24 1"),
    ("2", 0.6, "M 0.02 0.215 A 0.3 0.29 0.29 0.29 -165 35 L 0 1 L 0.6 1"),
    ("3", 0.57, "M 0.044 0.144 A 0.28 0.25 0.26 0.25 -155 90 A 0.28 0.75 0.29 0.25 -90 155"),
    ("4", 0.66, "M 0.5 1 L 0.5 0 L 0 0.72 L 0.66 0.72"),
    ("5", 0.57, "M 0.52 0 L 0.1 0 L 0.07 0.44 A 0.27 0.68 0.3 0.32 -130 145"),
    ("6", 0.62, "M 0.5 0 L 0.06 0.54 M 0.62 0.69 A 0.31 0.69 0.31 0.31 0 360"),
    ("7", 0.58, "M 0 0 L 0.58 0 L 0.16 1"),
    ("8", 0.6, "M 0.54 0.24 A 0.3 0.24 0.24 0.24 0 360 M 0.6 0.74 A 0.3 0.74 0.3 0.26 0 360"),
    ("9", 0.62, "M 0.12 1 L 0.56 0.46 M 0.62 0.31 A 0.31 0.31 0.31 0.31 0 360"),
    ("&", 0.76, "M 0.74 1 L 0.16 0.32 A 0.32 0.2 0.2 0.2 150 380 L 0.12 0.6 A 0.29 0.76 0.29 0.24 -140 -345 L 0.76 0.5"),
    ("#♯", 0.66, "M 0.22 0.06 L 0.12 0.94 M 0.54 0.06 L 0.44 0.94 M 0 0.34 L 0.66 0.34 M 0 0.66 L 0.66 0.66"),
    ("-–—~", 0.34, "M 0 0.55 L 0.34 0.55"),
    ("+", 0.5, "M 0 0.54 L 0.5 0.54 M 0.25 0.29 L 0.25 0.79"),
    (".…", 0.0, "M 0 1 L 0.002 1"),
    ("·•", 0.0, "M 0 0.55 L 0.002 0.55"),
    (",", 0.04, "M 0.04 0.98 L 0 1.15"),
    (":;", 0.0, "M 0 0.42 L 0.002 0.42 M 0 0.96 L 0.002 0.96"),
    ("'’‘`´\"“”", 0.0, "M 0 0 L 0 0.2"),
    ("!¡", 0.0, "M 0 0 L 0 0.66 M 0 1 L 0.002 1"),
    ("?¿", 0.54, "M 0.02 0.2 A 0.27 0.26 0.26 0.26 -168 55 L 0.28 0.68 M 0.28 1 L 0.282 1"),
    ("/\\", 0.42, "M 0.42 0 L 0 1"),
    ("([{", 0.23, "M 0.22 -0.08 A 0.56 0.5 0.56 0.72 234 126"),
    (")]}", 0.23, "M 0 -0.08 A -0.33 0.5 0.56 0.72 -54 54"),
    ("_", 0.5, "M 0 1 L 0.5 1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const HAND: Hand = Hand { size: 100.0, pen: 0.12, tracking: 0.0, leading: 1.4 };

    #[test]
    fn every_glyph_is_read_and_as_wide_as_it_says() {
        for (characters, width, strokes) in GLYPHS.iter().chain([&UNKNOWN]) {
            let [left, top, right, bottom] = outline(strokes, [0.0, 0.0], 1.0).bounds().expect(characters);
            // Arcs reach a little beyond their ends; brackets and commas beyond the line.
            assert!(left > -0.02 && right < width + 0.02, "{characters}: {left} to {right}");
            assert!(top > -0.1 && bottom < 1.2, "{characters}: {top} to {bottom}");
            assert!(right - left > width - 0.04, "{characters}: {left} to {right}");
        }
    }

    #[test]
    fn no_two_glyphs_share_a_character() {
        let mut characters: Vec<char> = GLYPHS.iter().flat_map(|(characters, ..)| characters.chars()).collect();
        let count = characters.len();
        characters.sort_unstable();
        characters.dedup();
        assert_eq!(characters.len(), count);
    }

    #[test]
    fn headings_fit_their_box_whatever_they_say() {
        let long = "word ".repeat(80);
        let unbroken = "X".repeat(300);
        for text in ["A", "Midnight Drive", "Ünïcode 漢字 \u{1f3b5}", &long, &unbroken, "", "   "] {
            let heading = Heading::fit(&spelled(text), HAND, 900.0, 300.0);
            assert!(heading.height() <= 300.0 && !heading.lines.is_empty(), "{text}");
            for line in &heading.lines {
                assert!(heading.hand.width(line) <= 900.0, "{line}");
            }
        }
        let even = Heading::fit("AA BB CC DD", HAND, 720.0, 300.0).lines;
        assert_eq!(even, ["AA BB", "CC DD"]);
        let short = Heading::fit("A", HAND, 900.0, 300.0);
        assert_eq!(short.hand, HAND);
    }

    #[test]
    fn accents_are_left_out_and_unknown_characters_are_a_dash() {
        assert_eq!(spelled("  née  straße "), "NÉE STRASSE");
        assert_eq!(glyph('É').2, glyph('E').2);
        assert_eq!(glyph('漢').2, UNKNOWN.2);
    }
}
