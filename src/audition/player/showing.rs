//! What there is to be seen.

use super::Player;
use crate::audition::meters::FLOOR_DB;
use crate::audition::screen::{Mark, PartLine, Picture, Screen, State, TakeLine};
use crate::audition::take::{Rating, Take};
use riffsmith_dsp::score::{Note, Role, Score, Track};

impl Player {
    /// Everything that is shown.
    pub fn screen(&self) -> Screen {
        let (sounding, position) = self.engine.position();
        let shown = self.shown();
        let sound = shown.map(|(_, made)| &made.sound).filter(|sound| sound.id == sounding && !sound.is_empty());
        let selected = &self.takes[self.cursor];
        let take_line = |take: &Take| {
            let made = if self.is_refined { &take.refined } else { &take.plain };
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
            is_selected: self.role == role,
            is_locked: self.locked.contains(&role),
            is_muted: self.muted.contains(&role),
            is_solo: self.soloed.contains(&role),
            is_heard: self.is_heard(role),
        };
        let (bars, bar, playhead) = sound
            .map_or((0, 0, 0.0), |sound| (sound.bars(), sound.bar_at(position), position as f32 / sound.len() as f32));
        Screen {
            source: self.source_name.clone(),
            takes: self.takes.iter().filter(|take| take.rating != Rating::Rejected).map(take_line).collect(),
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
            picture: if self.shows_spectrum {
                Picture::Spectrogram(self.meters.columns().copied().collect())
            } else {
                Picture::Waveform(shown.map_or(Vec::new(), |(_, made)| made.overview.clone()))
            },
            parts: Role::ALL.map(part).to_vec(),
            peaks_db: self.meters.peaks_db().map(|peak| if self.is_paused { FLOOR_DB } else { peak }),
            lufs: self.meters.lufs(),
            volume_db: self.volume_db,
            is_refined: self.is_refined,
            is_paused: self.is_paused,
            is_waiting: self.wanted.is_some(),
            device: self.engine.device().map(ToOwned::to_owned),
            latency_ms: 1000.0 * self.engine.latency_s(),
            xruns: self.engine.xruns(),
            kept: self.session.contents().kept.len(),
            message: self.message.clone(),
            shows_help: self.shows_help,
        }
    }
}

fn marks(score: &Score) -> Vec<Mark> {
    let whole = score.length.0.max(1) as f32;
    let of_track = |track: &Track| {
        let role = if track.is_drums() { Some(Role::Drums) } else { track.role };
        let mark = move |note: &Note| Mark {
            role,
            pitch: note.pitch.number(),
            start: note.start.0 as f32 / whole,
            length: note.length.0 as f32 / whole,
        };
        track.notes.iter().map(mark).collect::<Vec<_>>()
    };
    score.tracks.iter().flat_map(of_track).collect()
}
