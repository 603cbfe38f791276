//! Standard MIDI files: bytes to [`Score`] and back.
