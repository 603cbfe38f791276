"""Walks the chunks of a WAV file and prints what they say as JSON: no code is shared with the program, nor with hound."""

import json
import struct
import sys


def text(field):
    return field.split(b"\0")[0].decode("utf-8")


def walk(data, at, end):
    while at < end:
        name, size = struct.unpack_from("<4sI", data, at)
        assert at + 8 + size <= end, f"{name} of {size} bytes at {at} goes past {end}"
        yield name.decode("ascii"), data[at + 8 : at + 8 + size]
        if size % 2:
            assert data[at + 8 + size] == 0, f"{name} is padded with something"
        at += 8 + size + size % 2
    assert at == end, f"chunks end at {at}, not at {end}"


def note_name(number):
    return "C C# D D# E F F# G G# A A# B".split()[number % 12]


def describe(path):
    data = open(path, "rb").read()
    riff, size, form = struct.unpack_from("<4sI4s", data)
    assert (riff, form) == (b"RIFF", b"WAVE") and size + 8 == len(data), (riff, form, size, len(data))
    found = {"chunks": [], "info": {}, "cues": [], "acid": None, "smpl": None, "inst": None, "bext": None}
    labels = {}
    for name, payload in walk(data, 12, len(data)):
        kind = payload[:4].decode("ascii") if name == "LIST" else ""
        found["chunks"].append(f"{name.strip()} {kind}".strip())
        if name == "fmt ":
            tag, channels, rate, a_second, frame, bits = struct.unpack_from("<HHIIHH", payload)
            assert (a_second, frame) == (rate * frame, channels * ((bits + 7) // 8))
            if tag == 0xFFFE:
                (tag,) = struct.unpack_from("<H", payload, 24)
            found.update(rate=rate, channels=channels, bits=bits, float=tag == 3)
        elif name == "data":
            found["frames"] = len(payload) // frame
            assert len(payload) % frame == 0
        elif name == "acid":
            flags, root, _, _, beats, lower, upper, bpm = struct.unpack("<IHHfIHHf", payload)
            found["acid"] = {
                "one_shot": bool(flags & 1),
                "root": note_name(root) if flags & 2 else None,
                "stretch": bool(flags & 4),
                "beats": beats,
                "meter": f"{upper}/{lower}",
                "bpm": bpm,
            }
        elif name == "smpl":
            fields = struct.unpack_from("<9I", payload)
            loops = [struct.unpack_from("<6I", payload, 36 + 24 * index) for index in range(fields[7])]
            assert len(payload) == 36 + 24 * len(loops) + fields[8]
            found["smpl"] = {
                "unity_note": fields[3],
                "pitch_fraction": fields[4],
                "period_ns": fields[2],
                "loops": [[loop[2], loop[3]] for loop in loops],
            }
        elif name == "inst":
            assert len(payload) == 7
            names = ["root", "fine_tune_cents", "gain_db", "low_note", "high_note", "low_velocity", "high_velocity"]
            found["inst"] = dict(zip(names, struct.unpack("<BbbBBBB", payload)))
        elif name == "cue ":
            (count,) = struct.unpack_from("<I", payload)
            assert len(payload) == 4 + 24 * count
            for index in range(count):
                number, position, chunk, start, block, frame_at = struct.unpack_from("<II4sIII", payload, 4 + 24 * index)
                assert (chunk, start, block, frame_at) == (b"data", 0, 0, position)
                found["cues"].append({"id": number, "frame": frame_at})
        elif kind == "adtl":
            for sub, label in walk(payload, 4, len(payload)):
                if sub == "labl":
                    assert label.endswith(b"\0")
                    labels[struct.unpack_from("<I", label)[0]] = text(label[4:])
        elif kind == "INFO":
            found["info"] = {sub: text(field) for sub, field in walk(payload, 4, len(payload))}
        elif name == "bext":
            assert len(payload) == 602
            (version,) = struct.unpack_from("<H", payload, 346)
            levels = [None if level == 0x7FFF else level / 100 for level in struct.unpack_from("<5h", payload, 412)]
            found["bext"] = {
                "description": text(payload[:256]),
                "originator": text(payload[256:288]),
                "date": text(payload[320:330]),
                "time_reference_frames": struct.unpack_from("<Q", payload, 338)[0],
                "version": version,
                "integrated_lufs": levels[0],
                "range_lu": levels[1],
                "true_peak_dbtp": levels[2],
            }
    for cue in found["cues"]:
        cue["label"] = labels.get(cue["id"])
    return found


print(json.dumps(describe(sys.argv[1])))
