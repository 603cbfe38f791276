#!/usr/bin/env bash
# Makes a sample pack in parts with Slurm: submits slurm.sh as a job array, and a merge that waits for all of it.
#
#     STYLES=house,lofi NAME="Night Tram" SEED=7 SHARDS=8 OUT=night_tram ./submit.sh --loops 400 --stems
#
# Arguments go to `riffsmith pack`. Prints the merge's job number. sbatch also reads SBATCH_PARTITION, SBATCH_ACCOUNT and so on.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
export SHARDS=${SHARDS:-8}
OUT=$(realpath -m "${OUT:-packs}")
export OUT
export RIFFSMITH=${RIFFSMITH:-riffsmith}

# Slurm does not make the directory of its logs.
mkdir -p "$OUT/logs"
parts=$(sbatch --parsable --array="1-$SHARDS" --output="$OUT/logs/part-%a.txt" "$here/slurm.sh" "$@")
# --parsable prints JOB or JOB;CLUSTER.
parts=${parts%%;*}

sbatch --parsable --job-name=riffsmith-merge --dependency="afterok:$parts" --kill-on-invalid-dep=yes --requeue \
    --cpus-per-task=1 --mem=1G --time=01:00:00 --open-mode=append --output="$OUT/logs/merge.txt" <<'MERGE'
#!/usr/bin/env bash
set -euo pipefail
parts=()
for ((shard = 1; shard <= SHARDS; shard++)); do parts+=("$OUT/parts/$shard-of-$SHARDS"); done
exec "$RIFFSMITH" pack merge "${parts[@]}" --out "$OUT" --resume
MERGE
