#!/usr/bin/env bash
# Makes one small pack whole, and then in parts by each recipe of samples/cluster; all must be the same bytes.
# What a recipe runs on is started here, on the loopback interface only, and stopped again; a recipe whose programs are missing is
# skipped with a message.
set -euo pipefail

riffsmith=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
recipes=$here/../samples/cluster
work=$(mktemp -d)
# munged wants everyone to reach its socket.
chmod 711 "$work"
daemons=()

stop() {
    if [ -n "${SLURM_CONF:-}" ]; then timeout 10 scancel --user="$(id -un)" --full 2>/dev/null || true; fi
    # The last started first: slurmd and slurmctld need munged.
    for ((index = ${#daemons[@]} - 1; index >= 0; index--)); do
        kill "${daemons[index]}" 2>/dev/null || true
        wait "${daemons[index]}" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap stop EXIT

skip() { echo "cluster: skipped: $*" >&2; }
fail() { echo "cluster: failed: $*" >&2; exit 1; }

# A space in the name shows what is not quoted.
export STYLES=house NAME="Night Tram" SEED=7 SHARDS=3 RIFFSMITH=$riffsmith
flags=(--loops 5 --one-shots 6 --instruments 0 --bars 1)

compare() { diff -r "$work/whole/RS_Night_Tram" "$1/RS_Night_Tram" || fail "$1 is not the pack made whole"; }

# Waits for a command to succeed, at most so many seconds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

by_parallel() {
    parallel --version 2>/dev/null | grep -q '^GNU parallel' || { skip "GNU parallel is missing"; return; }
    OUT=$work/parallel "$recipes/parallel.sh" "${flags[@]}" >"$work/parallel.log" 2>&1 || { cat "$work/parallel.log"; fail parallel.sh; }
    compare "$work/parallel"

    # Again, as after a power cut: without one part, and before the merge.
    rm -r "$work/parallel/RS_Night_Tram" "$work/parallel/parts/2-of-3"
    OUT=$work/parallel "$recipes/parallel.sh" "${flags[@]}" >"$work/parallel.log" 2>&1 || { cat "$work/parallel.log"; fail "parallel.sh, again"; }
    compare "$work/parallel"

    if STYLES=nowhere OUT=$work/parallel_broken "$recipes/parallel.sh" "${flags[@]}" >"$work/parallel.log" 2>&1; then fail "parallel.sh ignores failed parts"; fi
    [ ! -e "$work/parallel_broken/RS_Night_Tram" ] || fail "parallel.sh merges after failed parts"
    echo "cluster: GNU parallel: ok"
}

by_parallel_over_ssh() {
    parallel --version 2>/dev/null | grep -q '^GNU parallel' || { skip "GNU parallel is missing"; return; }
    local sshd port login
    command -v ssh >/dev/null || { skip "ssh is missing"; return; }
    # sshd starts itself anew by its whole path.
    sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || { skip "sshd is missing"; return; }
    port=$(free_port)
    ssh-keygen -q -t ed25519 -N '' -f "$work/host_key"
    ssh-keygen -q -t ed25519 -N '' -f "$work/key"
    # Run as root, sshd wants this directory, which its service would make.
    [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
    "$sshd" -D -e -f /dev/null -h "$work/host_key" -p "$port" -o ListenAddress=127.0.0.1 -o AuthorizedKeysFile="$work/key.pub" \
        -o StrictModes=no -o PasswordAuthentication=no -o PidFile=none 2>"$work/sshd.log" &
    daemons+=($!)
    login="ssh -p $port -i $work/key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=accept-new"
    login+=" -o UserKnownHostsFile=$work/known_hosts -o LogLevel=ERROR -F /dev/null $(id -un)@127.0.0.1"
    # shellcheck disable=SC2086 # a command and its arguments, as GNU parallel takes it
    within 10 $login true 2>/dev/null || { skip "sshd cannot be started: $(tail -n 1 "$work/sshd.log")"; return; }

    HOSTS=$login JOBS=2 OUT=$work/ssh "$recipes/parallel.sh" "${flags[@]}" >"$work/ssh.log" 2>&1 || { cat "$work/ssh.log"; fail "parallel.sh over ssh"; }
    compare "$work/ssh"
    [ "$(grep -c 'Accepted publickey' "$work/sshd.log")" -ge 3 ] || fail "parallel.sh did not use its host"
    echo "cluster: GNU parallel over ssh: ok"
}

# Starts munged, slurmctld and slurmd. Fails with the reason on stdout.
start_slurm() {
    local slurm=$work/slurm host
    # slurmctld wants the name of this machine, and to find its address.
    host=$(hostname -s)
    mkdir -p "$slurm/state" "$slurm/spool"
    (umask 077 && head -c 1024 /dev/urandom >"$slurm/munge.key")
    munged --foreground --key-file="$slurm/munge.key" --socket="$slurm/munge.socket" --pid-file="$slurm/munged.pid" \
        --seed-file="$slurm/munge.seed" --log-file="$slurm/munged.log" >/dev/null 2>&1 &
    daemons+=($!)
    within 10 test -S "$slurm/munge.socket" || { echo "munged: $(tail -n 1 "$slurm/munged.log")" >"$slurm/reason"; return 1; }

    cat >"$slurm/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
# Binds to the addresses given here, not to all.
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$slurm/munge.socket
CredType=cred/munge
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.log
# Cgroups need more rights than a container has.
ProctrackType=proctrack/pgid
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2
MailProg=/bin/true
# Fewer cores or less memory than the next line says would drain the node.
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=2048
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
    # Later versions set up cgroups even when nothing uses them; earlier ones do not know the word.
    if [[ ! $(slurmd -V) =~ \ 2[0-3]\. ]]; then echo "CgroupPlugin=disabled" >"$slurm/cgroup.conf"; fi
    export SLURM_CONF=$slurm/slurm.conf
    slurmctld -D -c -f "$SLURM_CONF" >/dev/null 2>&1 &
    daemons+=($!)
    slurmd -D -c -f "$SLURM_CONF" -N "$host" >/dev/null 2>&1 &
    daemons+=($!)
    within 30 idle && return
    tail -n 20 "$slurm/slurmctld.log" "$slurm/slurmd.log" >"$slurm/reason"
    return 1
}
idle() { [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }

# Waits for a job's end and prints its state.
end_of_job() {
    within 120 ended "$1" || { echo "still running"; return; }
    state_of_job "$1"
}
state_of_job() { scontrol --oneliner show job "$1" | grep -o ' JobState=[A-Z_]*' | cut -d= -f2; }
ended() { case $(state_of_job "$1") in PENDING | RUNNING | COMPLETING | CONFIGURING) return 1 ;; esac; }

by_slurm() {
    local program job state
    PATH=$PATH:/usr/sbin
    for program in munged slurmctld slurmd sbatch scontrol hostname; do
        command -v "$program" >/dev/null || { skip "$program is missing"; return; }
    done
    start_slurm || { skip "Slurm cannot be started: $(cat "$work/slurm/reason")"; return; }

    job=$(OUT=$work/submitted "$recipes/submit.sh" "${flags[@]}")
    state=$(end_of_job "$job")
    [ "$state" = COMPLETED ] || { cat "$work"/submitted/logs/*; fail "submit.sh: the merge is $state"; }
    compare "$work/submitted"

    # A failed part is submitted again alone: the array's size is then not the number of parts.
    rm -r "$work/submitted/RS_Night_Tram" "$work/submitted/parts/2-of-3"
    job=$(OUT=$work/submitted sbatch --parsable --array=2 --output="$work/again.txt" "$recipes/slurm.sh" "${flags[@]}")
    state=$(end_of_job "$job")
    [ "$state" = COMPLETED ] || { cat "$work/again.txt"; fail "slurm.sh: the part made again is $state"; }
    "$riffsmith" pack merge "$work/submitted/parts/"* --out "$work/submitted" --quiet >/dev/null
    compare "$work/submitted"

    job=$(STYLES=nowhere OUT=$work/submitted_broken "$recipes/submit.sh" "${flags[@]}")
    state=$(end_of_job "$job")
    [ "$state" = CANCELLED ] || fail "submit.sh: the merge after failed parts is $state"
    grep -q nowhere "$work/submitted_broken/logs/part-1.txt" || fail "submit.sh does not log why a part failed"
    echo "cluster: Slurm: ok"
}

by_kubernetes() {
    python3 -c 'import yaml' 2>/dev/null || { skip "Python's yaml is missing"; return; }
    mkdir "$work/bin"
    ln -s "$riffsmith" "$work/bin/riffsmith"
    PATH=$work/bin:$PATH python3 "$here/kubernetes_job.py" "$recipes/kubernetes.yaml" "$work/kubernetes" "${flags[@]}" 2>"$work/kubernetes.log" ||
        { cat "$work/kubernetes.log"; fail kubernetes.yaml; }
    compare "$work/kubernetes"
    echo "cluster: Kubernetes: the containers' commands: ok"

    command -v kubernetes-validate >/dev/null || { skip "kubernetes-validate is missing"; return; }
    kubernetes-validate --strict --quiet "$recipes/kubernetes.yaml" || fail "kubernetes.yaml is not to the schema"
    echo "cluster: Kubernetes: the schema: ok"
}

"$riffsmith" pack "$STYLES" --name "$NAME" --seed "$SEED" "${flags[@]}" --out "$work/whole" --quiet >/dev/null
by_parallel
by_parallel_over_ssh
by_slurm
by_kubernetes
echo "cluster: done"
