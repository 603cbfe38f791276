//! Which track of a song plays which role.

use crate::score::{Note, Role, Track};

/// The roles of a song's tracks: for each role the tracks that play it, the one that plays most first.
///
/// Drums are known by their channel, or by their name where all that they play are General MIDI's drums. Of the others, a track
/// that is called `bass`, `chords` or `lead` is that; else they are told by program, name, register and how many notes start
/// together: the bass is low and single, chords come several at a time or are held by pads, the lead is high and single.
/// Effects and what is none of these is left out.
pub fn roles(tracks: &[Track]) -> Vec<(Role, Vec<&Track>)> {
    let mut parts = Role::ALL.map(|role| (role, Vec::new())).to_vec();
    for track in tracks.iter().filter(|track| !track.notes.is_empty()) {
        if let Some(role) = role(track) {
            parts[role as usize].1.push(track);
        }
    }
    if parts[Role::Bass as usize].1.is_empty() {
        promote_lowest(tracks, &mut parts);
    }
    for (_, tracks) in &mut parts {
        tracks.sort_by_key(|track| std::cmp::Reverse(track.notes.len()));
    }
    parts.retain(|(_, tracks)| !tracks.is_empty());
    parts
}

/// Effects, percussive and sound-effect programs of General MIDI have no pitch to learn from.
fn is_unpitched(program: u8) -> bool {
    matches!(program, 47 | 55 | 112..=127)
}

fn role(track: &Track) -> Option<Role> {
    let name = track.name.to_lowercase();
    if track.is_drums() || is_drum_track(&name, &track.notes) {
        return Some(Role::Drums);
    }
    if track.role.is_some() {
        return track.role;
    }
    if is_unpitched(track.program) {
        return None;
    }
    let median = median_pitch(&track.notes);
    let together = notes_per_onset(&track.notes);
    let is_called = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let is_bass_name = is_called(&["bass", "basu"]) && !is_called(&["bassoon", "lead", "drum", "kick"]);
    match track.program {
        32..=39 if median < 60 => Some(Role::Bass),
        _ if is_bass_name && median < 52 && together < 1.5 => Some(Role::Bass),
        _ if is_called(&["rhythm", "chord", "comp", "pad"]) && together >= 1.3 => Some(Role::Chords),
        _ if is_called(&["lead", "melody", "vocal", "voice", "solo", "arp"]) && median >= 48 && together < 1.7 => {
            Some(Role::Lead)
        }
        _ if together >= 1.7 => Some(Role::Chords),
        88..=95 | 48..=54 if median >= 48 && together >= 1.3 => Some(Role::Chords),
        _ if median >= 52 && together < 1.5 => Some(Role::Lead),
        _ => None,
    }
}

/// True for a track that is named after drums and plays nothing but General MIDI's, as drum clips on a channel of their own do.
fn is_drum_track(name: &str, notes: &[Note]) -> bool {
    let words = [
        "drum",
        "kit",
        "perc",
        "beat",
        "groove",
        "kick",
        "snare",
        "percussion",
        "hat",
        "hihat",
        "tom",
        "clap",
        "cymbal",
    ];
    let is_called = name.split(|c: char| !c.is_alphabetic()).any(|word| words.contains(&word.trim_end_matches('s')));
    is_called && notes.iter().all(|note| (27..=87).contains(&note.pitch.number()))
}

/// Where nobody is the bass by program or name, the lowest single line below C3 is.
fn promote_lowest<'a>(tracks: &'a [Track], parts: &mut [(Role, Vec<&'a Track>)]) {
    let is_drums = |track: &Track| parts[Role::Drums as usize].1.iter().any(|drums| std::ptr::eq(*drums, track));
    let low = tracks.iter().filter(|track| {
        !is_drums(track)
            && !is_unpitched(track.program)
            && !track.notes.is_empty()
            && median_pitch(&track.notes) < 48
            && notes_per_onset(&track.notes) < 1.3
    });
    let Some(lowest) = low.min_by_key(|track| median_pitch(&track.notes)) else { return };
    for (_, tracks) in parts.iter_mut() {
        tracks.retain(|track| !std::ptr::eq(*track, lowest));
    }
    parts[Role::Bass as usize].1.push(lowest);
}

fn median_pitch(notes: &[Note]) -> u8 {
    let mut pitches: Vec<u8> = notes.iter().map(|note| note.pitch.number()).collect();
    pitches.sort_unstable();
    pitches[pitches.len() / 2]
}

/// How many notes start together on average; notes within a 64th of one another do.
fn notes_per_onset(notes: &[Note]) -> f64 {
    let mut onsets: Vec<u32> = notes.iter().map(|note| note.start.0 / 30).collect();
    onsets.dedup();
    notes.len() as f64 / onsets.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Pitch, Ticks, Velocity};

    /// A track that plays these pitches together on each of eight beats.
    fn track(name: &str, channel: u8, program: u8, pitches: &[u8]) -> Track {
        let note = |beat: u32, &pitch: &u8| Note {
            start: Ticks(beat * 480),
            pitch: Pitch::new(pitch),
            length: Ticks(400),
            velocity: Velocity::new(90),
        };
        let notes = (0..8).flat_map(|beat| pitches.iter().map(move |pitch| note(beat, pitch))).collect();
        Track { name: name.to_owned(), channel, program, notes, ..Track::default() }
    }

    #[test]
    fn tracks_are_known_by_what_they_play() {
        let tracks = [
            track("kit", 9, 0, &[36]),
            track("", 0, 34, &[33]),
            track("Rhythm Guitar", 1, 30, &[40, 47]),
            track("Piano", 2, 0, &[60, 64, 67]),
            track("", 3, 81, &[74]),
            track("rain", 4, 122, &[60]),
        ];
        let roles = roles(&tracks);
        let names: Vec<_> =
            roles.iter().map(|(role, tracks)| (*role, tracks.iter().map(|t| t.channel).collect())).collect();
        let expected: Vec<(Role, Vec<u8>)> =
            vec![(Role::Drums, vec![9]), (Role::Bass, vec![0]), (Role::Chords, vec![2, 1]), (Role::Lead, vec![3])];
        assert_eq!(names, expected);
    }

    #[test]
    fn names_tell_roles() {
        let named = |name: &str, pitches: &[u8]| {
            let mut track = track(name, 0, 0, pitches);
            track.role = Role::ALL.into_iter().find(|role| role.name() == name);
            roles(&[track]).first().map(|(role, _)| *role)
        };
        assert_eq!(named("Drum Loop 3", &[36, 42]), Some(Role::Drums));
        assert_eq!(named("Drum Loop 3", &[96]), Some(Role::Lead));
        assert_eq!(named("lead", &[50]), Some(Role::Lead));
        assert_eq!(named("Main Melody", &[50]), Some(Role::Lead));
        assert_eq!(named("Sub Bass", &[30]), Some(Role::Bass));
        assert_eq!(named("Warm Pad", &[60, 64]), Some(Role::Chords));
        assert_eq!(named("Tomorrow", &[60, 64, 67]), Some(Role::Chords));
    }

    #[test]
    fn the_lowest_line_is_the_bass_where_none_is_called_so() {
        let tracks = [track("", 0, 87, &[40]), track("", 1, 80, &[72]), track("", 2, 48, &[60, 64])];
        let roles = roles(&tracks);
        assert_eq!(roles[0].0, Role::Bass);
        assert_eq!(roles[0].1[0].channel, 0);
    }
}
