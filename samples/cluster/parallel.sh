#!/usr/bin/env bash
# Makes a sample pack in parts with GNU parallel, on the cores of this machine or on HOSTS, and joins the parts.
#
#     STYLES=house,lofi NAME="Night Tram" SEED=7 SHARDS=8 OUT=night_tram ./parallel.sh --loops 400 --stems
#
# Arguments go to `riffsmith pack`. After a failure or Ctrl-C, the same command goes on where it was stopped.
set -euo pipefail

STYLES=${STYLES:-house}
NAME=${NAME:-}                     # of the styles, if empty
SEED=${SEED:-1}                    # all parts must have the same
SHARDS=${SHARDS:-$(nproc)}
OUT=$(realpath -m "${OUT:-packs}") # one pack each; all hosts must see it under this path
JOBS=${JOBS:-100%}                 # at the same time on each host, or a percentage of its cores
THREADS=${THREADS:-1}              # of each job
HOSTS=${HOSTS:-:}                  # as GNU parallel's --sshlogin, such as alice@one,alice@two,: where : is this machine
RIFFSMITH=${RIFFSMITH:-riffsmith}

# moreutils has another program of this name.
parallel --version 2>/dev/null | grep -q '^GNU parallel' || { echo "error: GNU parallel is not installed" >&2; exit 1; }

mkdir -p "$OUT"
seq "$SHARDS" | parallel --quote --jobs "$JOBS" --sshlogin "$HOSTS" --line-buffer --tagstring "part {}" \
    env RAYON_NUM_THREADS="$THREADS" "$RIFFSMITH" pack "$STYLES" ${NAME:+--name "$NAME"} "$@" \
    --seed "$SEED" --shard "{}/$SHARDS" --out "$OUT/parts/{}-of-$SHARDS" --resume >&2

parts=()
for ((shard = 1; shard <= SHARDS; shard++)); do parts+=("$OUT/parts/$shard-of-$SHARDS"); done
exec "$RIFFSMITH" pack merge "${parts[@]}" --out "$OUT" --resume
