//! Everything that a view shows, as plain data.

use super::meters::{BANDS, FLOOR_DB};
use super::player::Player;
use super::take::{Rating, Take};
use riffsmith_dsp::score::{Role, Score};

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Screen {
    /// Where takes come from.
    pub source: String,
    /// The takes, those that were rejected left out.
    pub takes: Vec<TakeLine>,
    /// The take that plays: its name and what is known of it.
    pub playing: String,
    /// Notes of the take that plays.
    pub notes: Vec<Mark>,
    /// Bars of it; 0 if nothing plays.
    pub bars: usize,
    /// The bar that is heard, from 0, and how far the whole is, 0 to 1.
    pub bar: usize,
    /// How far the whole is, 0 to 1.
    pub playhead: f32,
    /// Waveform or spectrogram.
    pub picture: Picture,
    /// The parts.
    pub parts: Vec<PartLine>,
    /// Peaks left and right, in dBFS.
    pub peaks_db: [f32; 2],
    /// Momentary loudness, in LUFS.
    pub lufs: f32,
    /// Volume, in dB.
    pub volume_db: f32,
    /// Refined sound.
    pub is_refined: bool,
    /// Held.
    pub is_paused: bool,
    /// A take is on its way to its bar line, or still being made.
    pub is_waiting: bool,
    /// The device; none: silence.
    pub device: Option<String>,
    /// From a key to its sound at most, in ms.
    pub latency_ms: f64,
    /// Times that the device was given too little.
    pub xruns: u64,
    /// Takes in the session.
    pub kept: usize,
    /// The last thing to be said.
    pub message: String,
    /// The keys are shown.
    pub shows_help: bool,
}

/// A take in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeLine {
    /// Its number.
    pub number: u64,
    /// What it is called.
    pub name: String,
    /// It is in the session.
    pub is_kept: bool,
    /// It is the selected one.
    pub is_selected: bool,
    /// It plays.
    pub is_playing: bool,
    /// How far it is.
    pub state: State,
}

/// How far a take is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can be heard.
    Ready,
    /// It is being made, or waits for that.
    Coming,
    /// It cannot be made.
    Failed,
}

/// A note: places and lengths are parts of the whole, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Who plays it; none is not known.
    pub role: Option<Role>,
    /// MIDI pitch; of drums, the drum.
    pub pitch: u8,
    /// Where it begins.
    pub start: f32,
    /// How long it is.
    pub length: f32,
}

/// A picture of the sound.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// Lowest and highest sample in each part of the whole.
    Waveform(Vec<[f32; 2]>),
    /// Levels in dB of bands from low to high, the latest column last.
    Spectrogram(Vec<[f32; BANDS]>),
}

impl Default for Picture {
    fn default() -> Self {
        Self::Waveform(Vec::new())
    }
}

/// A part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLine {
    /// Which.
    pub role: Role,
    /// What plays it; none if the take does not have it.
    pub patch: Option<String>,
    /// Keys are about it.
    pub is_selected: bool,
    /// It stays in variations.
    pub is_locked: bool,
    /// It is silent.
    pub is_muted: bool,
    /// Only it and others like it are heard.
    pub is_solo: bool,
    /// It is heard.
    pub is_heard: bool,
}

impl Screen {
    pub(super) fn of(player: &Player) -> Self {
        let (sounding, position) = player.engine.position();
        let shown = player.shown();
        let sound = shown.map(|(_, made)| &made.sound).filter(|sound| sound.id == sounding && !sound.is_empty());
        let selected = &player.takes[player.cursor];
        let take_line = |take: &Take| {
            let made = if player.is_refined { &take.refined } else { &take.plain };
            TakeLine {
                number: take.number,
                name: take.name(),
                is_kept: take.rating == Rating::Kept,
                is_selected: take.number == selected.number,
                is_playing: Take::of_sound(sounding).0 == take.number,
                state: match (made, &take.failure) {
                    (Some(_), _) => State::Ready,
                    (None, Some(_)) => State::Failed,
                    (None, None) => State::Coming,
                },
            }
        };
        let recipe = shown.and_then(|(_, made)| made.recipe.as_deref());
        let part = |role: Role| PartLine {
            role,
            patch: recipe.and_then(|recipe| Some(recipe.mix.channels.get(role.name())?.patch.name.clone())),
            is_selected: player.role == role,
            is_locked: player.locked.contains(&role),
            is_muted: player.muted.contains(&role),
            is_solo: player.soloed.contains(&role),
            is_heard: player.is_heard(role),
        };
        let (bars, bar, playhead) = sound
            .map_or((0, 0, 0.0), |sound| (sound.bars(), sound.bar_at(position), position as f32 / sound.len() as f32));
        Self {
            source: player.source_name.clone(),
            takes: player.takes.iter().filter(|take| take.rating != Rating::Rejected).map(take_line).collect(),
            playing: shown.map_or(String::new(), |(take, made)| match &made.recipe {
                Some(recipe) => format!(
                    "{}  {:.0} bpm  {}  {}  {:.1} LUFS",
                    recipe.style,
                    recipe.tempo.bpm(),
                    recipe.key,
                    recipe.meter,
                    made.lufs
                ),
                None => format!("{}  {:.1} LUFS", take.name(), made.lufs),
            }),
            notes: shown.and_then(|(_, made)| made.score.as_ref()).map_or(Vec::new(), marks),
            bars,
            bar,
            playhead,
            picture: if player.shows_spectrum {
                Picture::Spectrogram(player.meters.columns().copied().collect())
            } else {
                Picture::Waveform(shown.map_or(Vec::new(), |(_, made)| made.overview.clone()))
            },
            parts: Role::ALL.map(part).to_vec(),
            peaks_db: player.meters.peaks_db().map(|peak| if player.is_paused { FLOOR_DB } else { peak }),
            lufs: player.meters.lufs(),
            volume_db: player.volume_db,
            is_refined: player.is_refined,
            is_paused: player.is_paused,
            is_waiting: player.wanted.is_some(),
            device: player.engine.device().map(ToOwned::to_owned),
            latency_ms: 1000.0 * player.engine.latency_s(),
            xruns: player.engine.xruns(),
            kept: player.session.contents().kept.len(),
            message: player.message.clone(),
            shows_help: player.shows_help,
        }
    }
}

fn marks(score: &Score) -> Vec<Mark> {
    let whole = score.length.0.max(1) as f32;
    let of_track = |track: &riffsmith_dsp::score::Track| {
        let role = if track.is_drums() { Some(Role::Drums) } else { track.role };
        let mark = move |note: &riffsmith_dsp::score::Note| Mark {
            role,
            pitch: note.pitch.number(),
            start: note.start.0 as f32 / whole,
            length: note.length.0 as f32 / whole,
        };
        track.notes.iter().map(mark).collect::<Vec<_>>()
    };
    score.tracks.iter().flat_map(of_track).collect()
}
