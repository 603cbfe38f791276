"""Captured sound against what should have been played. See loop.sh."""
import sys
import numpy as np


def wave(path):
    """Samples of a 32-bit float WAV file, and its rate."""
    data = open(path, "rb").read()
    at, rate, samples = 12, None, None
    while at + 8 <= len(data):
        name, size = data[at:at + 4], int.from_bytes(data[at + 4:at + 8], "little")
        if name == b"fmt ":
            rate = int.from_bytes(data[at + 12:at + 16], "little")
        if name == b"data":
            samples = np.frombuffer(data[at + 8:at + 8 + size], "<f4").reshape(-1, 2)
        at += 8 + size + size % 2
    return samples.astype(np.float64), rate


def periodic(samples, frames):
    """One period in as many frames: its Fourier series, faded out over the last 3 % of the band."""
    spectrum = np.fft.rfft(samples, axis=0)
    bins = frames // 2 + 1
    half = min(len(samples), frames) / 2
    place = np.arange(min(bins, len(spectrum))) / half
    fade = 0.5 + 0.5 * np.cos(np.pi * np.clip((place - 0.97) / 0.03, 0, 1))
    kept = np.zeros((bins, 2), complex)
    kept[:len(fade)] = spectrum[:len(fade)] * fade[:, None]
    return np.fft.irfft(kept, frames, axis=0) * frames / len(samples)


def decibels(value):
    return 20 * np.log10(max(value, 1e-12))


kind, path, capture, rate = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
expected, own_rate = wave(path)
heard = np.fromfile(capture, "<f4")
heard = heard[:len(heard) // 2 * 2].reshape(-1, 2).astype(np.float64)
if kind == "loop" and rate != own_rate:
    expected = periodic(expected, round(len(expected) / own_rate * rate))
sounding = np.flatnonzero(np.abs(heard).max(axis=1) > 0)
first = sounding[0]
# The file may begin with zeros: find the start by its first three seconds.
stretch = min(3 * rate, len(expected))
window = expected[:stretch, 0]
search = heard[max(0, first - rate):first + 4 * rate + stretch, 0]
size = 1 << int(np.ceil(np.log2(len(search) + stretch)))
correlation = np.fft.irfft(np.fft.rfft(search, size) * np.conj(np.fft.rfft(window, size)))[:len(search) - stretch]
energy = np.cumsum(np.concatenate([[0], search ** 2]))
energy = np.sqrt(np.maximum(energy[stretch:] - energy[:-stretch], 1e-9))[:len(correlation)]
begin = max(0, first - rate) + int((correlation / energy).argmax())
fade = int(0.08 * rate) if kind == "loop" else 0
last = sounding[-1] + 1 - fade - 16 if kind == "loop" else begin + len(expected)
count = last - begin
rounds = np.resize(np.arange(len(expected)), count)
difference = np.abs(heard[begin:last] - expected[rounds])
worst = difference.max()
differing = np.flatnonzero(difference.max(axis=1) > 0)
print(f"{count} frames from frame {begin}, {count / len(expected):.2f} rounds: "
      f"{len(differing)} differ, the worst by {decibels(worst):.1f} dBFS")
if 0 < len(differing) < count // 10:
    print(f"from frame {differing[0]} to {differing[-1]} of them")
if kind == "once":
    # Filters differ at both ends of the sound.
    inside = difference[4096:-4096].max()
    print(f"without its first and last 4096 frames: {decibels(inside):.1f} dBFS")
