"""Writes a sine of whole periods in four seconds as a 32-bit float WAV file. usage: tone.py HZ FILE"""
import struct
import sys
import numpy as np

hz, path = float(sys.argv[1]), sys.argv[2]
sine = (0.5 * np.sin(2 * np.pi * hz * np.arange(4 * 44100) / 44100)).astype("<f4")
data = np.stack([sine, sine], axis=1).tobytes()
head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 2, 44100, 352800, 8, 32, b"data", len(data))
open(path, "wb").write(head + data)
