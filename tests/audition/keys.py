"""From a key to its sound: a key is written to a pseudo-terminal, and the sink's monitor is listened to.
usage: keys.sh target/release/riffsmith
"""
import os
import pty
import random
import re
import struct
import subprocess
import sys
import fcntl
import termios
import threading
import time
import numpy as np

RATE = 44100
riffsmith, session, tones = sys.argv[1:4]
recorder = subprocess.Popen(
    ["parec", "--device=n44.monitor", "--format=float32le", f"--rate={RATE}", "--channels=1", "--latency-msec=2"],
    stdout=subprocess.PIPE)
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execv(riffsmith, [riffsmith, "audition", "--session", session, tones])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
shown = bytearray()


def read_terminal():
    while True:
        try:
            shown.extend(os.read(terminal, 65536))
        except OSError:
            return


threading.Thread(target=read_terminal, daemon=True).start()
changes, state = [], None


def listen():
    """Whether the low or the high tone is louder, by differences between neighbouring samples."""
    global state
    pipe = recorder.stdout.fileno()
    rest = b""
    last = 0.0
    while True:
        data = os.read(pipe, 4096)
        now = time.monotonic()
        if not data:
            return
        rest += data
        samples = np.frombuffer(rest[:len(rest) // 4 * 4], "<f4")
        rest = rest[len(samples) * 4:]
        if len(samples) < 2:
            continue
        # 4 kHz moves by up to 0.27 a sample, 100 Hz by 0.007.
        steep = np.abs(np.diff(samples)).max()
        new = "high" if steep > 0.05 else "low" if np.abs(samples).max() > 0.01 else state
        if new != state:
            changes.append((now, new))
            state = new


threading.Thread(target=listen, daemon=True).start()
time.sleep(6)
took = []
for _ in range(100):
    before = len(changes)
    sent = time.monotonic()
    os.write(terminal, b"N")
    time.sleep(0.6)
    later = [at for at, _ in changes[before:] if at >= sent]
    if later:
        took.append(1000 * (later[0] - sent))
    time.sleep(random.uniform(0, 0.3))
os.write(terminal, b"q")
time.sleep(1.5)
took.sort()
print(f"{len(took)} of 100 keys heard: median {took[len(took) // 2]:.1f} ms, 95 % within {took[int(len(took) * 0.95)]:.1f} ms, "
      f"{took[0]:.1f} to {took[-1]:.1f} ms; the recorder's own delay is in it")
text = bytes(shown).decode(errors="replace")
bound = re.findall(r"[^\x1b\n]*from key to sound[^\r\n]*", text)
print(bound[-1] if bound else "no bound was printed")
recorder.kill()
