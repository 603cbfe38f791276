"""Reads the presets that tests/presets.rs wrote: with sfzlint where it is installed, and with a small reader of its own."""

import math
import operator
import pathlib
import re
import shutil
import subprocess
import sys
import wave
import xml.etree.ElementTree as ElementTree

root = pathlib.Path(sys.argv[1])


def read_wav(path):
    """Samples of the mean of both channels, and the rate."""
    with wave.open(str(path)) as sound:
        assert (sound.getsampwidth(), sound.getnchannels()) == (3, 2), path
        data = sound.readframes(sound.getnframes())
        rate = sound.getframerate()
    values = [int.from_bytes(data[at : at + 3], "little", signed=True) for at in range(0, len(data), 3)]
    return [0.5 * (left + right) / 2**23 for left, right in zip(values[::2], values[1::2])], rate


def read_sfz(path):
    """Regions as dictionaries of opcodes, with what they inherit."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    regions, inherited = [], {"global": {}, "group": {}}
    for header, body in re.findall(r"<(\w+)>([^<]*)", text):
        opcodes = dict(re.findall(r"(\w+)=(.*?)(?=\s+\w+=|\s*$)", body, re.S))
        if header == "region":
            regions.append({**inherited["global"], **inherited["group"], **opcodes})
        else:
            inherited[header] = opcodes
            if header == "global":
                inherited["group"] = {}
    return regions


def velocity_gain(region, velocity):
    """What a strike is multiplied by: straight lines between the points given, else the square."""
    track = float(region["amp_veltrack"]) / 100
    points = sorted((int(key[13:]), float(gain)) for key, gain in region.items() if key.startswith("amp_velcurve_"))
    curve = (velocity / 127) ** 2
    for (low, from_gain), (high, to_gain) in zip(points, points[1:]):
        if low <= velocity <= high:
            curve = from_gain + (to_gain - from_gain) * (velocity - low) / (high - low)
    return 1 - track * (1 - curve)


def likeness(samples, start, length, lag):
    """Correlation of a stretch with itself `lag` samples later, -1 to 1."""
    a, b = samples[start : start + length], samples[start + lag : start + lag + length]
    energies = sum(map(operator.mul, a, a)) * sum(map(operator.mul, b, b))
    return sum(map(operator.mul, a, b)) / math.sqrt(energies) if energies > 0 else 0.0


def period(samples, start, length, near, reach):
    """The lag of the highest correlation within `reach` of `near`, between the samples, and its height."""
    lags = range(int(near - reach), int(near + reach) + 1)
    heights = [likeness(samples, start, length, lag) for lag in lags]
    best = max(range(1, len(heights) - 1), key=heights.__getitem__)
    before, at, after = heights[best - 1 : best + 2]
    bend = before - 2 * at + after
    return lags[best] + (0.5 * (before - after) / bend if bend < 0 else 0.0), at


def measured_hz(samples, rate, hz, start):
    """The frequency within a semitone of `hz`: first from one period, then from as many as 50 ms hold."""
    length = 2048
    guess, height = period(samples, start, length, rate / hz, 0.06 * rate / hz + 1)
    assert height > 0.85, f"not periodic at {hz:.1f} Hz: {height:.2f}"
    assert height > likeness(samples, start, length, round(guess / 2)), f"an octave above {hz:.1f} Hz"
    periods = 1
    while 2 * periods * guess < 0.05 * rate:
        periods *= 2
        guess = period(samples, start, length, periods * guess, 0.25 * guess + 1)[0] / periods
    return rate / guess


def check_pitch(region, samples, rate):
    hz = 440.0 * 2 ** ((int(region["pitch_keycenter"]) - 69) / 12)
    # After the attack; over a second at most, so that vibrato evens out.
    last = min(len(samples) - 5000, int(1.2 * rate))
    starts = range(int(0.2 * rate), last, max((last - int(0.2 * rate)) // 12, 1))
    found = sorted(1200 * math.log2(measured_hz(samples, rate, hz, start) / hz) for start in starts)
    cents = found[len(found) // 2] + int(region.get("tune", 0))
    assert abs(cents) < 10, (region, cents)
    return abs(cents)


def check_loop(region, samples):
    first, last = int(region["loop_start"]), int(region["loop_end"])
    assert 0 < first < last < len(samples), (region, len(samples))
    turn = samples[first : last + 1]
    kinks = sorted(abs(a - 2 * b + c) for a, b, c in zip(turn, turn[1:], turn[2:]))
    seam = turn[-2:] + turn[:2]
    worst = max(abs(a - 2 * b + c) for a, b, c in zip(seam, seam[1:], seam[2:]))
    assert worst <= kinks[int(0.999 * len(kinks))], (region, worst)


farthest, presets = 0.0, sorted(root.glob("Presets/SFZ/*.sfz"))
assert [path.stem for path in presets] == ["finger_bass", "kit_house", "reed"], presets
for path in presets:
    regions, is_kit = read_sfz(path), path.stem.startswith("kit_")
    for key in range(128):
        for velocity in range(1, 128):
            hit = [
                region
                for region in regions
                if int(region["lokey"]) <= key <= int(region["hikey"])
                and int(region["lovel"]) <= velocity <= int(region["hivel"])
            ]
            expected = int(35 <= key <= 81) if is_kit else 1
            assert len(hit) == expected, (path.name, key, velocity, hit)
    sounds = {}
    for region in regions:
        assert "\\" not in region["sample"] and not region["sample"].startswith("/"), region
        sample = path.parent / region["sample"]
        assert sample.is_file(), sample
        if sample not in sounds:
            samples, rate = sounds[sample] = read_wav(sample)
            peak = max(map(abs, samples))
            assert 0.2 < peak < 0.9, (sample, peak)
            if not is_kit:
                farthest = max(farthest, check_pitch(region, samples, rate))
        # No strike is louder than the sample itself, but for rounding.
        hardest_db = float(region["volume"]) + 20 * math.log10(velocity_gain(region, int(region["hivel"])))
        assert -60 <= hardest_db <= 0.02, (region, hardest_db)
        if region["loop_mode"] == "loop_continuous":
            check_loop(region, sounds[sample][0])
    modes = {region["loop_mode"] for region in regions}
    assert modes == {{"finger_bass": "no_loop", "kit_house": "one_shot", "reed": "loop_continuous"}[path.stem]}, modes
    if is_kit:
        group = {int(region["lokey"]): (region.get("group"), region.get("off_by")) for region in regions}
        assert group[42] == group[44] == ("1", None) and group[46] == ("1", "1"), group
        assert group[36] == (None, None)

    # The same, in the other sampler's words.
    other = root / "Presets/DecentSampler" / f"{path.stem}.dspreset"
    tree = ElementTree.parse(other).getroot()
    assert tree.tag == "DecentSampler" and len(tree.findall("groups")) == 1
    zones = tree.findall("groups/group/sample")
    assert len(zones) == len(regions)
    for zone, region in zip(zones, regions):
        assert (other.parent / zone.get("path")).is_file(), zone.attrib
        for ours, theirs in [
            ("path", "sample"),
            ("rootNote", "pitch_keycenter"),
            ("loNote", "lokey"),
            ("hiNote", "hikey"),
            ("loVel", "lovel"),
            ("hiVel", "hivel"),
            ("loopStart", "loop_start"),
            ("loopEnd", "loop_end"),
        ]:
            assert zone.get(ours) == region.get(theirs), (ours, zone.attrib, region)
        assert round(100 * float(zone.get("tuning", 0))) == int(region.get("tune", 0)), zone.attrib
        assert (zone.get("loopEnabled") == "true") == (region["loop_mode"] == "loop_continuous"), zone.attrib
        assert (zone.get("ampEnvEnabled") == "false") == (region["loop_mode"] == "one_shot"), zone.attrib
        assert (zone.get("silencedByTags") is None) == (region.get("off_by") is None), zone.attrib

print(f"presets: roots within {farthest:.1f} cents", file=sys.stderr)

if shutil.which("sfzlint"):
    for path in presets:
        result = subprocess.run(["sfzlint", "--no-pickle", path.name], cwd=path.parent, capture_output=True, text=True)
        assert result.returncode == 0 and not result.stdout.strip(), (path.name, result.stdout, result.stderr[-2000:])
else:
    print("skipped: sfzlint is not installed", file=sys.stderr)
