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
lost = sum(event["event"] == "lost" for event in events)
print(f"{len(wishes)} keys, {len(switched)} switches, {xruns} xruns, {lost} devices opened again")
bar = RATE if kind == "tones" else RATE * 4 * 60 / 124
if kind == "tones":
    # From what was heard alone: tones of whole periods in a tenth of a second, so that a tenth later each is the same again, but where
    # another one comes in.
    tenth, left = RATE // 10, heard[:, 0]
    changed = np.flatnonzero(np.abs(left[tenth:] - left[:-tenth]) > 1e-3) + tenth
    starts = changed[np.flatnonzero(np.diff(changed, prepend=-RATE) > tenth)]
    # The first sound, and the end, are no switches.
    sounding = np.flatnonzero(np.abs(left) > 0)
    starts = starts[(starts > sounding[0] + RATE) & (starts < sounding[-1] - RATE)]
    # The fade is 441 frames long and begins flat: 1e-3 is passed within its first 60.
    lines = starts + 441
    apart = np.diff(lines) % bar
    apart = np.minimum(apart, bar - apart)
    # What is above 4 kHz: tones of 200 to 500 Hz and cross-fades of 10 ms have nothing there.
    size = 1 << int(np.ceil(np.log2(len(left))))
    spectrum = np.fft.rfft(left, size)
    spectrum[np.fft.rfftfreq(size, 1 / RATE) < 4000] = 0
    high = np.abs(np.fft.irfft(spectrum, size))
    clicks = [20 * np.log10(max(high[line - 2000:line + 2000].max(), 1e-9)) for line in lines]
    print(f"{len(lines)} switches heard; from one to the next whole bars, but for {np.median(apart):.0f} frames (median), "
          f"{sum(x <= 512 for x in apart)} of {len(apart)} within 512 (a start is found to within 60)")
    print(f"loudest above 4 kHz within 45 ms of a switch: {max(clicks):.1f} dBFS, median {np.median(clicks):.1f}")
off = []
for event, before in zip(switched, [None] + switched[:-1]):
    # Each take begins with its first bar: lines lie whole bars after the switch before. A stream that was opened again counts anew.
    start = before["frame"] if before else [e for e in events if e["event"] == "switched"][0]["frame"]
    since = before["at_s"] if before else 0
    if any(e["event"] == "back" and since < e["at_s"] < event["at_s"] for e in events):
        continue
    bars = (event["frame"] - start) / bar
    off.append(abs(bars - round(bars)) * bar)
print(f"bar lines as logged: at most {max(off):.2f} frames off")
ready = [event["ready"] for event in wishes]
print(f"ready when the key came: {sum(ready)} of {len(ready)}")
on_next, late = 0, 0
for wish, following in zip(wishes, wishes[1:] + [None]):
    # Two periods may pass before the callback hears of it, and it needs the 441 frames of a cross-fade.
    times = [e["at_s"] - wish["at_s"] for e in switched if e["take"] == wish["take"] and e["at_s"] > wish["at_s"]]
    if times and times[0] <= (bar + 2 * 512 + 441) / RATE + 0.05:
        on_next += 1
    else:
        late += 1
print(f"heard from the next bar line on: {on_next} of {len(wishes)}, {late} later or not before the key after it")
made = [event["seconds"] for event in events if event["event"] == "made"]
if made:
    print(f"takes made in {np.median(made):.2f} s (median), {max(made):.2f} s at most")
