#!/usr/bin/env bash
# One part of a sample pack for each task of a Slurm job array. submit.sh submits it, and the merge after it.
#
#     STYLES=house,lofi SEED=7 SHARDS=8 OUT=night_tram sbatch --array=1-8 slurm.sh --loops 400 --stems
#
# Arguments go to `riffsmith pack`. Tasks that failed go on where they were stopped: the same command with, say, --array=3,5.
#SBATCH --job-name=riffsmith
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

STYLES=${STYLES:-house}
NAME=${NAME:-}        # of the styles, if empty
SEED=${SEED:-1}       # all parts must have the same
SHARDS=${SHARDS:-8}   # not the array's size: that shrinks when only some tasks are submitted again
OUT=${OUT:-packs}     # one pack each; all nodes must see it
RIFFSMITH=${RIFFSMITH:-riffsmith}

shard=${SLURM_ARRAY_TASK_ID:?"is not set: submit this with sbatch, or run submit.sh"}
export RAYON_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
# exec, so that Slurm's signals reach it.
exec "$RIFFSMITH" pack "$STYLES" ${NAME:+--name "$NAME"} "$@" \
    --seed "$SEED" --shard "$shard/$SHARDS" --out "$OUT/parts/$shard-of-$SHARDS" --resume
