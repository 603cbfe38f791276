"""Reads what `riffsmith generate` wrote with Python's own modules: no code is shared with the program."""

import json
import pathlib
import struct
import sys
import wave

work = pathlib.Path(sys.argv[1])
report = json.loads((work / "report.json").read_text())
kinds = [made["kind"] for made in report["files"]]
assert sorted(set(kinds)) == ["midi", "mix", "plot", "premaster", "stem"], kinds

for made in report["files"]:
    path = pathlib.Path(made["path"])
    data = path.read_bytes()
    assert (made["bpm"], made["key"], made["meter"], made["bars"]) == (120, "A minor", "4/4", 4), made
    if made["kind"] == "mix":
        with wave.open(str(path)) as sound:
            assert sound.getnframes() == made["frames"] == 352800, sound.getnframes()
            assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (44100, 3, 2)
            samples = sound.readframes(352800)
        values = [
            int.from_bytes(samples[at : at + 3], "little", signed=True) for at in range(0, len(samples), 3)
        ]
        peak = max(abs(value) for value in values) / 2**23
        mean = sum(values) / len(values) / 2**23
        assert 0.2 < peak < 0.9, peak
        assert abs(mean) < 0.001, mean
    elif made["kind"] in ("stem", "premaster"):
        assert data[:4] == b"RIFF" and data[8:12] == b"WAVE"
        assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    elif made["kind"] == "midi":
        assert data[:4] == b"MThd"
        form, tracks, division = struct.unpack(">HHH", data[8:14])
        assert (form, division) == (1, 480) and tracks >= 4, (form, tracks, division)
        assert b"\xff\x51\x03\x07\xa1\x20" in data, "tempo of 120"
        assert b"\xff\x58\x04\x04\x02" in data, "4/4"
    elif made["kind"] == "plot":
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", data[16:24])
        assert width >= 800 and height >= 400

recipe = report["recipe"]
assert recipe["seed"] == 8391 and recipe["version"] and recipe["composer"]
