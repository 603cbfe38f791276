//! Ogg Opus (RFC 6716, RFC 7845) at 48 kHz.

use ogg::writing::{PacketWriteEndInfo, PacketWriter};
use riffsmith_dsp::StereoFrame;
use ropus::{Application, Bitrate, Channels, Encoder, Signal};

/// Frames per second of Opus.
pub const RATE_HZ: u32 = 48_000;

/// Bits per second. Opus is hard to tell from the original at 96 000 in stereo; a preview may be a little smaller.
const STEREO_RATE: u32 = 80_000;
const MONO_RATE: u32 = 48_000;

/// Frames in a packet: 20 ms, the usual compromise.
const PACKET: usize = 960;

/// The largest packet of a single frame of 20 ms (RFC 6716, 3.4) with its head.
const MAX_PACKET_BYTES: usize = 1276;

/// Number of the only stream in the file; any will do, and the same one makes the same bytes.
const SERIAL: u32 = 1;

/// The bytes of an Ogg Opus file that decodes to just as many frames as it is made of, mono if both sides are the same.
///
/// `frame` gives the frames by their index, at 48 kHz; those after `keep` only show the encoder how it goes on, and are not heard.
///
/// # Panics
/// Never: the encoder refuses nothing that is passed to it here, and memory can be written.
pub fn encode(frame: impl Fn(usize) -> StereoFrame, keep: usize) -> Vec<u8> {
    let mono = (0..keep).map(&frame).all(|[left, right]| left == right);
    let (channels, bitrate) = if mono { (Channels::Mono, MONO_RATE) } else { (Channels::Stereo, STEREO_RATE) };
    let mut encoder = Encoder::builder(RATE_HZ, channels, Application::Audio)
        .bitrate(Bitrate::Bits(bitrate))
        .signal(Signal::Music)
        .vbr(true)
        .vbr_constraint(false)
        .build()
        .expect("a rate and a bit rate that Opus has");
    // The encoder is behind by this much, which the decoder drops at the start.
    let delay = encoder.lookahead() as usize;
    let packets = (delay + keep).div_ceil(PACKET).max(1);
    let mut file = PacketWriter::new(Vec::new());
    let mut write = |bytes: Vec<u8>, end, granule: usize| {
        file.write_packet(bytes, SERIAL, end, granule as u64).expect("memory can be written");
    };
    write(head(channels, delay), PacketWriteEndInfo::EndPage, 0);
    write(tags(), PacketWriteEndInfo::EndPage, 0);
    let mut packet = [0; MAX_PACKET_BYTES];
    for index in 0..packets {
        let block: Vec<StereoFrame> = (index * PACKET..(index + 1) * PACKET).map(&frame).collect();
        let samples = if mono { block.iter().map(|[left, _]| *left).collect() } else { block.into_flattened() };
        let length = encoder.encode_float(&samples, &mut packet).expect("960 frames and room for the largest packet");
        let last = index + 1 == packets;
        let end = if last { PacketWriteEndInfo::EndStream } else { PacketWriteEndInfo::NormalPacket };
        // The end of the last page says how much of its last packet counts (RFC 7845, 4.4).
        write(packet[..length].to_vec(), end, if last { delay + keep } else { (index + 1) * PACKET });
    }
    file.into_inner()
}

/// The identification header (RFC 7845, 5.1).
fn head(channels: Channels, delay: usize) -> Vec<u8> {
    const VERSION: u8 = 1;
    const NO_GAIN: u16 = 0;
    const MONO_OR_STEREO: u8 = 0;
    let mut bytes = b"OpusHead".to_vec();
    bytes.extend([VERSION, channels.count() as u8]);
    bytes.extend((delay as u16).to_le_bytes());
    bytes.extend(RATE_HZ.to_le_bytes());
    bytes.extend(NO_GAIN.to_le_bytes());
    bytes.push(MONO_OR_STEREO);
    bytes
}

/// The comment header (RFC 7845, 5.2): who made it, and no comments.
fn tags() -> Vec<u8> {
    const VENDOR: &[u8] = b"riffsmith";
    let mut bytes = b"OpusTags".to_vec();
    bytes.extend((VENDOR.len() as u32).to_le_bytes());
    bytes.extend(VENDOR);
    bytes.extend(0_u32.to_le_bytes());
    bytes
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use ogg::PacketReader;
    use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
    use ropus::{DecodeMode, Decoder};
    use std::io::Cursor;

    /// What a player hears: pre-skip and padding dropped, mono on both sides; and the number of channels in the file.
    pub fn decode(bytes: &[u8]) -> (AudioBuffer, u8) {
        let mut packets = PacketReader::new(Cursor::new(bytes));
        let head = packets.read_packet_expected().expect("a head").data;
        assert_eq!(&packets.read_packet_expected().expect("tags").data[..8], b"OpusTags");
        let (count, skip) = (head[9], usize::from(u16::from_le_bytes([head[10], head[11]])));
        let channels = if count == 1 { Channels::Mono } else { Channels::Stereo };
        let mut decoder = Decoder::new(RATE_HZ, channels).expect("a rate of Opus");
        let (mut samples, mut end) = (Vec::new(), 0);
        while let Some(packet) = packets.read_packet().expect("whole") {
            let mut block = vec![0.0; PACKET * usize::from(count)];
            let length = decoder.decode_float(&packet.data, &mut block, DecodeMode::Normal).expect("a packet");
            assert_eq!(length, PACKET);
            samples.extend(block);
            end = packet.absgp_page() as usize;
        }
        let frames = samples.chunks_exact(count.into()).map(|frame| [frame[0], frame[usize::from(count) - 1]]);
        let frames = frames.take(end).skip(skip).collect();
        (AudioBuffer { sample_rate: SampleRate::new(RATE_HZ).expect("valid"), frames }, count)
    }

    /// Frames, and silence after them.
    fn of(frames: &[StereoFrame]) -> impl Fn(usize) -> StereoFrame {
        |index| frames.get(index).copied().unwrap_or_default()
    }

    fn noise(frames: usize) -> Vec<StereoFrame> {
        let mut rng = Seed(3).rng();
        (0..frames).map(|_| [0.3 * rng.bipolar(), 0.3 * rng.bipolar()]).collect()
    }

    #[test]
    fn as_many_frames_come_back_as_were_to_be_kept() {
        let frames = noise(5_000);
        for keep in [0, 1, 648, 649, 960, 4_000, 5_000, 9_999] {
            assert_eq!(decode(&encode(of(&frames), keep)).0.len(), keep);
        }
    }

    #[test]
    fn a_step_stays_where_it_was() {
        // Band-limited to 20 kHz, a step takes less than two frames; 48 frames are 1 ms.
        let frames: Vec<StereoFrame> = (0..9_600).map(|n| if n < 5_000 { [0.0; 2] } else { noise(1)[0] }).collect();
        let (decoded, _) = decode(&encode(of(&frames), 9_600));
        let loud = |frame: &StereoFrame| frame[0].abs() > 0.5 * frames[5_000][0].abs();
        let first = decoded.frames.iter().position(loud).expect("the step");
        assert!(first.abs_diff(5_000) < 48, "{first}");
    }

    #[test]
    fn equal_sides_are_stored_once() {
        let wide = noise(48_000);
        let same: Vec<StereoFrame> = wide.iter().map(|[left, _]| [*left; 2]).collect();
        let (stereo, mono) = (encode(of(&wide), wide.len()), encode(of(&same), same.len()));
        assert_eq!((decode(&stereo).1, decode(&mono).1), (2, 1));
        assert!(3 * mono.len() < 2 * stereo.len(), "{} and {}", mono.len(), stereo.len());
    }
}
