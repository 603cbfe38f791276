//! The picture's subject: every loop a ring, once round for its length, as a record turns.

use super::CoverLoop;
use super::palette::Palette;
use super::picture::{Colour, Outline, Picture, Place, blend};
use riffsmith_dsp::score::{Note, Pitch, Role, Score, Ticks, Track};
use std::f32::consts::{FRAC_PI_2, TAU};

/// With more rings, notes get too fine to be seen.
const MOST_RINGS: usize = 15;
/// With fewer loops, each of their tracks has a ring of its own.
const FEW_LOOPS: usize = 4;
/// Part of a ring's breadth that stays free, so that rings stand apart.
const GAP: f32 = 0.16;
/// One ring in so many is printed in reverse: filled, its notes left open.
pub const REVERSED_EVERY: usize = 4;
/// Breadth of a note in pixels: hardly a hair, and no beam.
const PEN: [f32; 2] = [11.0, 44.0];

/// Where the disc lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disc {
    /// Its middle, in pixels.
    pub centre: Place,
    /// Radii of the label in the middle and of the whole.
    pub radii: [f32; 2],
    /// Which of the rings in reverse comes first.
    pub phase: usize,
}

/// A loop, or a part of it, on its way round.
struct Ring<'a> {
    tracks: Vec<&'a Track>,
    score: &'a Score,
    role: Option<Role>,
}

impl Disc {
    /// Draws the disc of `loops`.
    pub fn draw(&self, picture: &mut Picture, loops: &[CoverLoop], palette: &Palette) {
        let [inner, outer] = self.radii;
        picture.glow(self.centre, 1.45 * outer, palette.accents[Role::Chords as usize], 0.30);
        self.bar_lines(picture, loops, palette);
        let rings = rings(loops);
        let total: f32 = rings.iter().map(Ring::breadth).sum();
        let mut from = inner;
        for (index, ring) in rings.iter().enumerate() {
            let breadth = (outer - inner) * ring.breadth() / total;
            let band = [from + 0.5 * GAP * breadth, from + (1.0 - 0.5 * GAP) * breadth];
            let reversed = (index + self.phase).is_multiple_of(REVERSED_EVERY) && rings.len() > 2;
            ring.draw(picture, self.centre, band, palette, reversed);
            from += breadth;
        }
        self.label(picture, loops, palette);
    }

    /// The bars of the longest loop, as rays.
    fn bar_lines(&self, picture: &mut Picture, loops: &[CoverLoop], palette: &Palette) {
        let bars = loops.iter().map(|one| one.score.length.0 / one.score.meter().bar().0.max(1)).max().unwrap_or(4);
        let bars = bars.clamp(1, 16);
        for bar in 0..bars {
            let angle = angle_at(bar as f32 / bars as f32);
            let mut ray = Outline::default();
            ray.move_to(polar(self.centre, self.radii[0], angle));
            ray.line_to(polar(self.centre, self.radii[1] + 46.0, angle));
            picture.stroke(ray, 5.0, blend(palette.middle(), palette.ink, 0.28));
        }
    }

    /// The middle, with its hole.
    fn label(&self, picture: &mut Picture, loops: &[CoverLoop], palette: &Palette) {
        let key = loops.first().and_then(CoverLoop::key);
        let radius = 0.86 * self.radii[0];
        picture.disc(self.centre, radius, palette.accent(Role::Bass, key));
        picture.ring(self.centre, [0.56 * radius, 0.575 * radius], palette.ground[1]);
        picture.disc(self.centre, 0.1 * radius, palette.ground[1]);
    }
}

/// The loops that get a ring, evenly chosen where they are too many.
fn rings(loops: &[CoverLoop]) -> Vec<Ring<'_>> {
    let whole = |one: &CoverLoop| one.score.tracks.iter().any(|track| !track.notes.is_empty());
    let loops: Vec<&CoverLoop> = loops.iter().filter(|one| whole(one)).collect();
    let count = loops.len().min(MOST_RINGS);
    let chosen = (0..count).map(|index| loops[index * loops.len() / count]);
    if loops.len() > FEW_LOOPS {
        return chosen
            .map(|one| Ring { tracks: one.score.tracks.iter().collect(), score: &one.score, role: one.role })
            .collect();
    }
    chosen
        .flat_map(|one| one.score.tracks.iter().map(move |track| (one, track)))
        .filter(|(_, track)| !track.notes.is_empty())
        .map(|(one, track)| Ring { tracks: vec![track], score: &one.score, role: track.role.or(one.role) })
        .take(MOST_RINGS)
        .collect()
}

impl Ring<'_> {
    /// How broad it is beside others.
    fn breadth(&self) -> f32 {
        match self.role {
            None => 1.9,
            Some(Role::Chords | Role::Lead) => 1.15,
            Some(Role::Bass) => 0.9,
            Some(Role::Drums) => 0.8,
        }
    }

    fn draw(&self, picture: &mut Picture, centre: Place, band: [f32; 2], palette: &Palette, reversed: bool) {
        let key = self.score.keys.first().map(|(_, key)| *key);
        let ground = palette.middle();
        let fill = palette.accent(self.role.unwrap_or(Role::Chords), key);
        picture.ring(centre, band, if reversed { fill } else { blend(ground, palette.ink, 0.055) });
        let (drums, pitched): (Vec<&Track>, Vec<&Track>) = self.tracks.iter().partition(|track| track.is_drums());
        // In a whole mix the drums beat inside, the tones run outside.
        let share = if drums.is_empty() || pitched.is_empty() { 0.0 } else { 0.34 };
        let border = band[0] + share * (band[1] - band[0]);
        let colour = |role: Role| if reversed { ground } else { palette.accent(role, key) };
        let dim = if reversed { fill } else { ground };
        let hits = if pitched.is_empty() { band } else { [band[0], border] };
        draw_hits(picture, centre, hits, self.score, &drums, [dim, colour(Role::Drums)]);
        let rows = rows(&pitched);
        for track in pitched {
            let role = track.role.or(self.role).unwrap_or(Role::Lead);
            draw_tones(picture, centre, [border, band[1]], self.score, track, rows, [dim, colour(role)]);
        }
    }
}

/// Lowest and highest pitch of some tracks.
fn rows(tracks: &[&Track]) -> [f32; 2] {
    let numbers = tracks.iter().flat_map(|track| track.notes.iter().map(|note| f32::from(note.pitch.number())));
    let (low, high) = numbers.fold((127.0f32, 0.0f32), |(low, high), number| (low.min(number), high.max(number)));
    [low, high.max(low)]
}

/// Tones as arcs: as long as they sound, farther out the higher, brighter the harder.
fn draw_tones(
    picture: &mut Picture,
    centre: Place,
    band: [f32; 2],
    score: &Score,
    track: &Track,
    [low, high]: [f32; 2],
    colours: [Colour; 2],
) {
    let breadth = band[1] - band[0];
    let pen = (0.8 * breadth / (high - low + 1.0)).clamp(PEN[0], PEN[1].min(0.3 * breadth).max(PEN[0]));
    let reach = breadth - 1.6 * pen;
    for note in &track.notes {
        let height = if high > low { (f32::from(note.pitch.number()) - low) / (high - low) } else { 0.5 };
        let radius = band[0] + 0.8 * pen + height * reach;
        let [from, to] = span(note, score);
        // Round ends reach beyond the line: it is shortened by them, and by a hair between repeated notes.
        let end = (to - (pen + 5.0) / radius).max(from + 0.5 / radius);
        let mut outline = Outline::default();
        outline.arc(centre, [radius; 2], from, end);
        picture.stroke(outline, pen, shade(note, colours));
    }
}

/// Hits as dots: a circle a drum, kicks inside, larger and brighter the harder.
fn draw_hits(
    picture: &mut Picture,
    centre: Place,
    band: [f32; 2],
    score: &Score,
    tracks: &[&Track],
    colours: [Colour; 2],
) {
    let mut drums: Vec<Pitch> = tracks.iter().flat_map(|track| track.notes.iter().map(|note| note.pitch)).collect();
    drums.sort_unstable();
    drums.dedup();
    let row = (band[1] - band[0]) / drums.len().max(1) as f32;
    for note in tracks.iter().flat_map(|track| &track.notes) {
        let line = drums.binary_search(&note.pitch).unwrap_or(0) as f32;
        let radius = (0.46 * row).clamp(0.5 * PEN[0], 0.75 * PEN[1]) * (0.45 + 0.55 * note.velocity.unit());
        let place = polar(centre, band[0] + (line + 0.5) * row, span(note, score)[0]);
        picture.disc(place, radius, shade(note, colours));
    }
}

/// The angles between which a note sounds.
fn span(note: &Note, score: &Score) -> [f32; 2] {
    let share = |at: Ticks| at.0.min(score.length.0) as f32 / score.length.0.max(1) as f32;
    [angle_at(share(note.start)), angle_at(share(note.end()))]
}

/// Soft notes sink into what is behind them.
fn shade(note: &Note, [behind, colour]: [Colour; 2]) -> Colour {
    blend(behind, colour, 0.32 + 0.68 * note.velocity.unit())
}

/// The angle after a share of the way round: clockwise from the top.
fn angle_at(share: f32) -> f32 {
    share * TAU - FRAC_PI_2
}

fn polar(centre: Place, radius: f32, angle: f32) -> Place {
    let (sin, cos) = angle.sin_cos();
    [centre[0] + radius * cos, centre[1] + radius * sin]
}
