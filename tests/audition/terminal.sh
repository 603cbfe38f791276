#!/bin/bash
# The terminal is given back after SIGTERM, a stop and the end; what was kept survives kill -9; a lost device is found again.
# usage: tests/audition/terminal.sh target/release/riffsmith
source "$(dirname "$0")/common.sh"
export TMUX_TMPDIR=$WORK
default_device "$SINK"
SHOWN=$WORK/shown
keys() { tmux send-keys -t audition "$@"; }
shown() { tmux capture-pane -p -t audition; }
wait_for() { # TEXT SECONDS
    for _ in $(seq $((${2:-30} * 4))); do
        shown | grep -q -- "$1" && return 0
        sleep 0.25
    done
    echo "FAILED: $1 is not shown"
    shown
    return 1
}
expect() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" > /dev/null; then echo "ok: $what"; else echo "FAILED: $what"; fi
}
alternate() { [ "$(tmux display-message -p -t audition '#{alternate_on}')" = "$1" ]; }
program() { ps -o pid= --ppid "$(tmux display-message -p -t audition '#{pane_pid}')" | head -1 | tr -d ' '; }
reads_lines() { keys 'stty -a | grep -o " icanon\| -icanon"' Enter; sleep 0.5; shown | grep -v '^$' | tail -4 | grep -qx ' *icanon'; }

start() { keys "$RIFFSMITH audition house --seed 1 --session $WORK/a.session $*" Enter; }

tmux new-session -d -x 80 -y 24 -s audition "PS1='\$ ' bash --norc"
sleep 0.5
start
wait_for 'bar [0-9]' 60
wait_for 'key to sound'
echo "== at 80x24"
shown
tmux resize-window -t audition -x 120 -y 40
sleep 0.5
keys w
sleep 6
echo "== at 120x40, spectrum"
shown
tmux resize-window -t audition -x 200 -y 60
sleep 0.5
keys w
sleep 0.5
echo "== at 200x60"
shown
tmux resize-window -t audition -x 80 -y 24
sleep 0.5
keys '?'
sleep 0.5
echo "== keys"
shown
keys '?'

echo "== stopped and on again"
expect "the view is there" alternate 1
keys C-z
sleep 1.5
expect "stopped, the shell's screen is back" alternate 0
expect "the shell reads whole lines" reads_lines
keys fg Enter
sleep 1.5
expect "on again, the view is back" alternate 1
wait_for 'bar [0-9]'

echo "== SIGTERM"
kill -TERM "$(program)"
sleep 1.5
expect "the shell's screen is back" alternate 0
expect "the shell reads whole lines" reads_lines

echo "== kill -9 after three takes were kept"
start
wait_for 'bar [0-9]' 60
for _ in 1 2 3; do
    keys k
    sleep 0.7
    keys N
    sleep 6
done
kill -9 "$(program)"
sleep 1
keys 'reset' Enter
sleep 2
expect "the session has three takes" [ "$(grep -c '"kept":{' "$WORK/a.session")" = 3 ]
start
wait_for '3 kept' 60
expect "all three are in the list" [ "$(shown | grep -c '\*')" = 3 ]

echo "== the device goes and comes back"
pactl exit
sleep 5
shown | tail -2
sinks
sleep 4
shown | tail -2
expect "it plays again" wait_for 'the device is back'
keys q
sleep 1.5
expect "the shell's screen is back" alternate 0

echo "== without colours"
tmux send-keys -t audition "NO_COLOR=1 $RIFFSMITH audition house --seed 1 --session $WORK/b.session" Enter
wait_for 'bar [0-9]' 60
tmux capture-pane -p -e -t audition > "$SHOWN"
expect "no colour is sent" [ "$(grep -cP '\x1b\[([0-9;]*;)?(3[0-7]|4[0-7]|9[0-7]|[34]8)(;[0-9;]*)?m' "$SHOWN")" = 0 ]
keys q
sleep 1
tmux kill-server

echo "== without a terminal"
printf 'wait 8\nkeep\nnext\nwait 6\nquit\n' | "$RIFFSMITH" audition funk --seed 3 --session "$WORK/c.session"
echo "== without a device"
default_device 'type hw card 31'
printf 'wait 6\nkeep\nquit\n' | "$RIFFSMITH" audition funk --seed 3 --session "$WORK/d.session"
