#!/usr/bin/env bash
# Generates loops with the program given, and reads them back with programs that share no code with it.
set -euo pipefail

riffsmith=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$riffsmith" generate house --bpm 120 --key Am --bars 4 --seed 8391 --midi --plot --stems --json --out "$work" >"$work/report.json"
wav=$work/120_Amin_house_8391.wav

echo "end to end: sndfile-info"
sndfile-info "$wav" >"$work/info.txt"
for line in 'Sample Rate : 44100' 'Channels    : 2' 'Frames      : 352800' 'Tempo       : 120' 'Beats       : 16' 'Meter       : 4/4'; do
    # Spacing differs between versions.
    pattern=${line// /[[:space:]]*}
    grep -Eq "$pattern" "$work/info.txt" || { echo "sndfile-info does not say: $line"; cat "$work/info.txt"; exit 1; }
done

echo "end to end: sox"
[ "$(soxi -s "$wav")" = 352800 ]
[ "$(soxi -b "$wav")" = 24 ]
# Silence and clipping are both wrong.
sox "$wav" -n stat 2>"$work/stat.txt"
awk '/Maximum amplitude/ { if ($3 < 0.2 || $3 > 0.9) exit 1 } /RMS +amplitude/ { if ($3 < 0.02) exit 1 }' "$work/stat.txt"

echo "end to end: python"
python3 "$here/read_back.py" "$work"

echo "end to end: the recipe makes the same bytes again, on one thread"
RAYON_NUM_THREADS=1 "$riffsmith" regen "$wav" --output "$work/again.wav" >"$work/regen.txt"
cmp "$wav" "$work/again.wav"
echo "end to end: ok"
