#!/bin/bash
# Takes are switched 100 times in a tmux session: no click, each at its bar line, and the next one ready in time.
# usage: tests/audition/switches.sh target/release/riffsmith
source "$(dirname "$0")/common.sh"
export TMUX_TMPDIR=$WORK
default_device "$SINK"

session() { # ARGS...
    tmux new-session -d -x 120 -y 40 -s audition "$RIFFSMITH audition --session $WORK/a.session $* 2> $WORK/stderr"
}

end_session() {
    tmux send-keys -t audition q
    sleep 3
    tmux kill-server 2>/dev/null
}

echo "== 100 switches between tones, at random moments of bars of one second"
mkdir "$WORK/tones"
for hz in 200 300 400 500; do
    "$PYTHON" "$HERE/tone.py" $hz "$WORK/plain$hz.wav"
    "$RIFFSMITH" -q tag "$WORK/plain$hz.wav" --bpm 240 --meter 4/4 --loop --out "$WORK/tones" || exit 1
done
record n44 44100 "$WORK/tones.raw"
session "--log $WORK/tones.log $WORK/tones"
sleep 4
for _ in $(seq 100); do
    tmux send-keys -t audition n
    sleep "1.$((RANDOM % 900 + 100))"
done
tmux capture-pane -p -t audition
end_session
end_record
"$PYTHON" "$HERE/switches.py" tones "$WORK/tones.raw" "$WORK/tones.log"

echo "== 100 fresh takes of house at 124 bpm, a key every 2 bars"
record n44 44100 "$WORK/house.raw"
session "--log $WORK/house.log --seed 1 --bpm 124 house"
# A person hears the first take for a while.
for _ in $(seq 60); do grep -q '"switched"' "$WORK/house.log" 2>/dev/null && break; sleep 1; done
sleep 15
for _ in $(seq 100); do
    tmux send-keys -t audition n
    sleep 3.871
done
tmux capture-pane -p -t audition
end_session
end_record
"$PYTHON" "$HERE/switches.py" house "$WORK/house.raw" "$WORK/house.log"
cat "$WORK/stderr"
