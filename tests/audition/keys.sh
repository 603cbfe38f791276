#!/bin/bash
# From a key to its sound, 100 times.
# usage: tests/audition/keys.sh target/release/riffsmith
source "$(dirname "$0")/common.sh"
default_device "$SINK"
mkdir "$WORK/tones"
for hz in 100 4000; do
    "$PYTHON" "$HERE/tone.py" $hz "$WORK/plain$hz.wav"
    "$RIFFSMITH" -q tag "$WORK/plain$hz.wav" --bpm 240 --meter 4/4 --loop --out "$WORK/tones" || exit 1
done
"$PYTHON" "$HERE/keys.py" "$RIFFSMITH" "$WORK/a.session" "$WORK/tones"
