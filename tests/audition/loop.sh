#!/bin/bash
# `play --loop` for 60 s: every captured frame against the file, with one core kept busy; and sounds of another rate than the device's.
# usage: tests/audition/loop.sh target/release/riffsmith
source "$(dirname "$0")/common.sh"
loop() { # RATE
    "$RIFFSMITH" -q generate house --bars 8 --bpm 124 --seed 1 --bits 32 --rate "$1" --out "$WORK/loop$1" > /dev/null || exit 1
    echo "$WORK/loop$1"/*.wav
}
FILE=$(loop 44100)
OTHER=$(loop 48000)
sox -R -n -r 48000 -c 2 -e floating-point -b 32 "$WORK/noise48.wav" synth 20 pinknoise vol 0.3 \
    lowpass 9000 lowpass 9000 lowpass 9000 lowpass 9000 lowpass 9000 lowpass 9000 lowpass 9000 lowpass 9000 fade 0.5 20 0.5
sox "$WORK/noise48.wav" -b 32 -e floating-point "$WORK/noise44.wav" rate -v 44100
sox -n -r 44100 -c 2 "$WORK/silence.wav" trim 0 1
busy

play() { # SECONDS ARGS...
    local seconds=$1
    shift
    timeout -s INT "$seconds" "$RIFFSMITH" -v play "$@" 2>&1 | grep -E 'xruns|warning|error|frames at a time'
}

default_device "$SINK"
echo "== 60 s of an 8-bar loop at the sink's rate"
record n44 44100 "$WORK/same.raw"
play 60 --loop "$FILE"
end_record
"$PYTHON" "$HERE/compare.py" loop "$FILE" "$WORK/same.raw" 44100

echo "== 60 s of an 8-bar loop of 48000 Hz on a device at 44100 Hz"
record n44 44100 "$WORK/other.raw"
printf 'wait 62\nquit\n' | "$RIFFSMITH" audition --session "$WORK/a.session" --log "$WORK/log" "$OTHER" 2>&1 | grep -v '^next,'
grep -c xrun "$WORK/log"
end_record
"$PYTHON" "$HERE/compare.py" loop "$OTHER" "$WORK/other.raw" 44100

echo "== a sound of 48000 Hz after one of 44100 Hz, against sox's resampler"
record n44 44100 "$WORK/once.raw"
play 60 "$WORK/silence.wav" "$WORK/noise48.wav"
end_record
"$PYTHON" "$HERE/compare.py" once "$WORK/noise44.wav" "$WORK/once.raw" 44100

echo "== ALSA's file plug-in, 60 s of the loop"
default_device "type file slave.pcm { $SINK } file \"$WORK/alsa.raw\" format raw"
play 60 --loop "$FILE"
"$PYTHON" "$HERE/compare.py" loop "$FILE" "$WORK/alsa.raw" 44100
