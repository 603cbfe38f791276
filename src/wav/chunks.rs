//! RIFF chunks other than `fmt ` and `data`: little-endian, id and size before the payload, padded to an even length.

use super::Repeat;

/// `id`, size, payload and pad byte.
pub fn chunk(id: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(9 + payload.len());
    bytes.extend_from_slice(id);
    bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    bytes.extend_from_slice(payload);
    if payload.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// `smpl`: one forward loop without end over `repeat.frames` frames. The end is the last frame played.
pub fn smpl(repeat: &Repeat, rate_hz: u32) -> Vec<u8> {
    /// MIDI's middle C, where there is no root.
    const MIDDLE_C: u32 = 60;
    let period_ns = (1e9 / f64::from(rate_hz)).round() as u32;
    let unity_note = repeat.root.map_or(MIDDLE_C, u32::from);
    let last_frame = repeat.frames.saturating_sub(1) as u32;
    let header = [0, 0, period_ns, unity_note, 0, 0, 0, 1, 0];
    let forward_loop = [0, 0, 0, last_frame, 0, 0];
    chunk(b"smpl", &header.into_iter().chain(forward_loop).flat_map(u32::to_le_bytes).collect::<Vec<u8>>())
}

/// `acid`: tempo, length in beats, metre and root of a loop that may be stretched.
pub fn acid(repeat: &Repeat) -> Vec<u8> {
    const ROOT_NOTE_VALID: u32 = 0x02;
    const STRETCH: u32 = 0x04;
    const MIDDLE_C: u8 = 60;
    let flags = STRETCH | if repeat.root.is_some() { ROOT_NOTE_VALID } else { 0 };
    let mut payload = Vec::with_capacity(24);
    payload.extend_from_slice(&flags.to_le_bytes());
    payload.extend_from_slice(&u16::from(repeat.root.unwrap_or(MIDDLE_C)).to_le_bytes());
    payload.extend_from_slice(&0x8000_u16.to_le_bytes());
    payload.extend_from_slice(&0_f32.to_le_bytes());
    payload.extend_from_slice(&repeat.quarters.to_le_bytes());
    // The denominator comes first in this format.
    payload.extend_from_slice(&u16::from(repeat.meter.denominator()).to_le_bytes());
    payload.extend_from_slice(&u16::from(repeat.meter.numerator()).to_le_bytes());
    payload.extend_from_slice(&(repeat.tempo.bpm() as f32).to_le_bytes());
    chunk(b"acid", &payload)
}

/// `LIST INFO`: texts by id, zero-terminated; empty ones are left out. Texts are ASCII.
pub fn list_info(texts: &[(&[u8; 4], &str)]) -> Vec<u8> {
    let mut payload = b"INFO".to_vec();
    for (id, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        let mut terminated: Vec<u8> =
            text.chars().map(|c| if c.is_ascii() && c != '\0' { c as u8 } else { b'?' }).collect();
        terminated.push(0);
        payload.extend(chunk(id, &terminated));
    }
    chunk(b"LIST", &payload)
}

/// Walks the chunks in `bytes`, as far as they are whole.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (header, after) = rest.split_at_checked(8)?;
        let size = u32::from_le_bytes(header[4..].try_into().ok()?) as usize;
        let payload = after.get(..size)?;
        rest = after.get(size + size % 2..).unwrap_or_default();
        Some((&header[..4], payload))
    })
}

/// The text `id` in the `LIST INFO` chunk of the WAV file `wav`, if it has one.
pub fn info_text(wav: &[u8], id: &[u8; 4]) -> Option<String> {
    let body = wav.strip_prefix(b"RIFF").and_then(|rest| rest.get(8..)).filter(|_| &wav[8..12] == b"WAVE")?;
    let info = chunks(body).filter(|(own, _)| own == b"LIST").find_map(|(_, payload)| payload.strip_prefix(b"INFO"))?;
    let (_, text) = chunks(info).find(|(own, _)| own == id)?;
    Some(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use riffsmith_dsp::score::{Meter, Tempo};

    fn repeat() -> Repeat {
        let tempo = Tempo::new(120.0).expect("valid");
        Repeat { frames: 352_800, tempo, quarters: 16, meter: Meter::COMMON, root: Some(57) }
    }

    #[test]
    fn acid_has_the_bytes_that_daws_read() {
        // 16 beats, A, 4/4, 120 BPM: read back as such by libsndfile, JUCE and dr_wav.
        let expected = [
            0x61, 0x63, 0x69, 0x64, 0x18, 0, 0, 0, 6, 0, 0, 0, 0x39, 0, 0, 0x80, 0, 0, 0, 0, 0x10, 0, 0, 0, 4, 0, 4, 0,
            0, 0, 0xf0, 0x42,
        ];
        assert_eq!(acid(&repeat()), expected);
    }

    #[test]
    fn the_loop_ends_on_the_last_frame_and_not_after_it() {
        let bytes = smpl(&repeat(), 44_100);
        assert_eq!(bytes.len(), 8 + 36 + 24);
        assert_eq!(bytes[8 + 8..8 + 12], 22_676_u32.to_le_bytes());
        assert_eq!(bytes[8 + 36 + 12..8 + 36 + 16], 352_799_u32.to_le_bytes());
    }

    #[test]
    fn texts_of_odd_and_even_length_are_found_again() {
        let list = list_info(&[(b"INAM", "four"), (b"IGNR", ""), (b"ISFT", "odd"), (b"ICMT", "{\"seed\":1}")]);
        let mut wav = b"RIFF\0\0\0\0WAVE".to_vec();
        wav.extend(list);
        for (id, text) in [(b"INAM", "four"), (b"ISFT", "odd"), (b"ICMT", "{\"seed\":1}")] {
            assert_eq!(info_text(&wav, id).as_deref(), Some(text));
        }
        assert_eq!(info_text(&wav, b"IGNR"), None);
        for length in 0..wav.len() {
            // Cut anywhere, it is never a panic.
            let _ = info_text(&wav[..length], b"ICMT");
        }
    }
}
