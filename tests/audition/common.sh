# Sourced by the measurements in this folder: a PulseAudio daemon of their own, with a null sink to record from. They need pulseaudio with
# its ALSA plug-in, tmux, sox and python3 with numpy, and take minutes: they are measured by hand, not by `make test`.

PROGRAM=$(realpath "${1:?usage: $0 target/release/riffsmith}")
HERE=$(dirname "$(realpath "$0")")
WORK=$(mktemp -d)
export XDG_RUNTIME_DIR=$WORK/run PULSE_RUNTIME_PATH=$WORK/run/pulse
mkdir -m 700 "$XDG_RUNTIME_DIR"
PYTHON=${PYTHON:-python3}

# ALSA's own settings make PulseAudio the default device where they find it running: here they do not.
RIFFSMITH=$WORK/riffsmith
printf '#!/bin/sh\nPULSE_SERVER=unix:/nowhere exec %s "$@"\n' "$PROGRAM" > "$RIFFSMITH"
chmod +x "$RIFFSMITH"

sinks() {
    pulseaudio -n --daemonize=yes --exit-idle-time=-1 --use-pid-file=no --log-target="file:$WORK/pulse.log" \
        --load=module-native-protocol-unix \
        --load="module-null-sink sink_name=n44 rate=44100 format=float32le channels=2"
}

end_sinks() { pactl exit 2>/dev/null; }

finish() {
    for pid in $OURS; do kill "$pid" 2>/dev/null; done
    end_sinks
    [ -n "$KEEP" ] || rm -rf "$WORK"
}
OURS=
trap finish EXIT

# ALSA's default device.
default_device() { # SETTINGS
    printf '</usr/share/alsa/alsa.conf>\npcm.!default { %s }\n' "$1" > "$WORK/asoundrc"
    export ALSA_CONFIG_PATH=$WORK/asoundrc
}
SINK="type pulse server \"unix:$PULSE_RUNTIME_PATH/native\" device n44"

# Records what a sink plays, as 32-bit floats. It plays silence all the while: a monitor misses the moment in which its sink wakes up.
record() { # SINK RATE FILE
    pacat --playback --device="$1" --format=float32le --rate="$2" --channels=2 --latency-msec=100 /dev/zero &
    SILENCE=$!
    OURS="$OURS $SILENCE"
    sleep 0.5
    parec --device="$1.monitor" --format=float32le --rate="$2" --channels=2 --latency-msec=100 > "$3" &
    RECORDER=$!
    OURS="$OURS $RECORDER"
    sleep 1
}

end_record() {
    sleep 1
    kill "$RECORDER" "$SILENCE"
    wait "$RECORDER" "$SILENCE" 2>/dev/null
}

# Keeps one core busy for as long as the script runs.
busy() {
    while :; do :; done &
    OURS="$OURS $!"
}

sinks
sleep 1
