"""Switches between takes, as they were heard and as they were logged. See switches.sh."""
import json
import sys
import numpy as np

RATE = 44100
kind, capture, log = sys.argv[1:4]
events = [json.loads(line) for line in open(log)]
heard = np.fromfile(capture, "<f4")
heard = heard[:len(heard) // 2 * 2].reshape(-1, 2).astype(np.float64)
switched = [event for event in events if event["event"] == "switched"][1:]
wishes = [event for event in events if event["event"] == "wish"]
xruns = sum(event["event"] == "xrun" for event in events)
print(f"{len(wishes)} keys, {len(switched)} switches, {xruns} xruns")
bar = RATE if kind == "tones" else RATE * 4 * 60 / 124
if kind == "tones":
    # The stream begins with the first take, which begins with its first bar; its first sample is a zero.
    begin = int(np.flatnonzero(np.abs(heard).max(axis=1) > 0)[0]) - 1
    lines, clicks = [], []
    # What is above 4 kHz: tones of 200 to 500 Hz and cross-fades of 10 ms have nothing there.
    size = len(heard)
    spectrum = np.fft.rfft(heard[:, 0])
    spectrum[np.fft.rfftfreq(size, 1 / RATE) < 4000] = 0
    high = np.abs(np.fft.irfft(spectrum, size))
    for event in switched:
        line = begin + event["frame"]
        before, after = heard[line - 3 * RATE // 4:line, 0], heard[line:line + 400, 0]
        # Tones of whole periods in a bar: what was heard a tenth of a second before is heard again until the fade begins.
        tenth = RATE // 10
        changed = np.abs(heard[line - 2000:line + 2000, 0] - heard[line - 2000 - tenth:line + 2000 - tenth, 0]) > 1e-3
        first = line - 2000 + int(np.flatnonzero(changed)[0])
        # The fade is 441 frames long and begins flat: 1e-3 is passed after some dozens of them.
        lines.append((first + 441 - begin) % bar)
        clicks.append(high[line - 2000:line + 2000].max())
    off = [min(line, bar - line) for line in lines]
    print(f"bar lines as heard: at most {max(off):.0f} frames off (found to within 60), {sum(x <= 512 for x in off)} of {len(off)} within one buffer of 512")
    print(f"loudest above 4 kHz within 45 ms of a switch: {20 * np.log10(max(max(clicks), 1e-9)):.1f} dBFS")
off = []
for event, before in zip(switched, [None] + switched[:-1]):
    # Each take begins with its first bar: lines lie whole bars after the switch before.
    start = before["frame"] if before else [e for e in events if e["event"] == "switched"][0]["frame"]
    bars = (event["frame"] - start) / bar
    off.append(abs(bars - round(bars)) * bar)
print(f"bar lines as logged: at most {max(off):.2f} frames off")
ready = [event["ready"] for event in wishes]
print(f"ready when the key came: {sum(ready)} of {len(ready)}")
by_take = {}
for event in switched:
    by_take.setdefault(event["take"], []).append(event["frame"])
on_next, late = 0, 0
for wish, following in zip(wishes, wishes[1:] + [None]):
    frames = [frame for frame in by_take.get(wish["take"], []) if frame > wish["frames"]]
    if frames and frames[0] - wish["frames"] <= bar + 2 * 512 + 441:
        on_next += 1
    else:
        late += 1
print(f"heard from the next bar line on: {on_next} of {len(wishes)}, {late} later or not before the key after it")
made = [event["seconds"] for event in events if event["event"] == "made"]
if made:
    print(f"takes made in {np.median(made):.2f} s (median), {max(made):.2f} s at most")
