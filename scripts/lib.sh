# Sourced by the scripts beside it: where things are, how a long step is shown, how a port is found.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034  # used by the scripts that source this file
bin=$root/build/release/bin

# The instance: a directory that holds everything one munim needs and knows.
MUNIM_VAR=${MUNIM_VAR:-$root/var}
case $MUNIM_VAR in
    /*) ;;
    *) MUNIM_VAR=$PWD/$MUNIM_VAR ;;
esac
export MUNIM_VAR

say() { printf '%s\n' "$*"; }

fail() {
    printf 'munim: %s\n' "$*" >&2
    exit 1
}

# now_ms: milliseconds on bash's own clock; only differences are used.
now_ms() {
    local t=${EPOCHREALTIME/[.,]/}
    printf '%s\n' "$((t / 1000))"
}

# step WORDS COMMAND...: runs the command with its output in $MUNIM_VAR/log/setup.log, tells every 5 s that it still
# runs, and shows the log's end when it fails. Who uses it traps EXIT with step_stop, so that nothing goes on alone.
step_pid=
step_stop() { [[ -z $step_pid ]] || kill -- "-$step_pid" 2>/dev/null || true; }
step() {
    local words=$1 began log=$MUNIM_VAR/log/setup.log told=0 spent status=0
    shift
    mkdir -p "$MUNIM_VAR/log"
    printf '== %s\n' "$words" >>"$log"
    began=$(now_ms)
    # Job control for this one line gives the command a process group, so that step_stop ends all of it.
    set -m
    "$@" >>"$log" 2>&1 </dev/null &
    step_pid=$!
    set +m
    while kill -0 "$step_pid" 2>/dev/null; do
        sleep 0.1
        spent=$((($(now_ms) - began) / 1000))
        if ((spent >= told + 5)); then
            told=$spent
            say "      $words: $spent s"
        fi
    done
    wait "$step_pid" || status=$?
    step_pid=
    spent=$(($(now_ms) - began))
    if ((status != 0)); then
        printf 'munim: %s failed (%s, exit %d). The end of %s:\n' "$words" "$1" "$status" "$log" >&2
        # From the step's own heading on.
        awk '/^== /{n = 0} {line[n++] = $0} END {for (i = n > 25 ? n - 25 : 0; i < n; i++) print line[i]}' "$log" >&2
        return "$status"
    fi
    printf '  %3d.%d s  %s\n' $((spent / 1000)) $((spent % 1000 / 100)) "$words"
}

# The packages as a step. A password for sudo is asked before it, because a step has no terminal.
step_packages() {
    if ((EUID != 0)) && [[ -t 0 && -n $("$root/scripts/bootstrap" --missing) ]] && command -v sudo >/dev/null; then
        sudo -v
    fi
    step "packages" "$root/scripts/bootstrap"
}

# build TARGET...: one make at a time, because all instances share build/.
build() {
    mkdir -p "$root/build"
    flock "$root/build/.lock" make -s -C "$root" -j"$(nproc)" "$@"
}

# port_free PORT: nobody listens on it.
port_free() { /usr/bin/python3 "$root/scripts/ports.py" check "$1"; }

# free_ports N: N free ports of 127.0.0.1, chosen by the kernel, on one line.
free_ports() { /usr/bin/python3 "$root/scripts/ports.py" choose "$1"; }

# runs PIDFILE TEXT: the process of that file is alive and its command line holds TEXT, so that a number which
# another program has got in the meantime is never taken for ours.
runs() {
    local pid
    [[ -s $1 ]] && read -r pid <"$1" && [[ -r /proc/$pid/cmdline ]] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$2"
}

# gone PID: it is no more, or a zombie whose last thread has ended. While a thread lives on, its files stay open: a port
# is still taken.
gone() {
    kill -0 "$1" 2>/dev/null || return 0
    [[ $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) == Z && $(ls "/proc/$1/task" 2>/dev/null) == "$1" ]]
}

# until_gone PID SECONDS: false when it is still there after that.
until_gone() {
    local end=$(($(now_ms) + $2 * 1000))
    until gone "$1"; do
        (($(now_ms) < end)) || return 1
        sleep 0.05
    done
}

# as_root COMMAND...: directly, or through sudo; without a terminal sudo must not ask.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif ! command -v sudo >/dev/null; then
        fail "this needs root or sudo: $*"
    elif [[ -t 0 ]]; then
        sudo "$@"
    else
        sudo -n "$@" || fail "sudo without a password is needed for: $*"
    fi
}
