# Sourced after lib.sh: one instance's parts and its configuration file.
# shellcheck shell=bash

: "${root:?source lib.sh first}" "${bin:?source lib.sh first}"
ini=$MUNIM_VAR/munim.ini
run=$MUNIM_VAR/run
pool_pid=$run/pool.pid

instance_runs() { runs "$pool_pid" munim-pool; }

# Three secrets, made once. The access token is what our sender tells the channel; the simulator takes any.
make_secrets() {
    local name
    mkdir -p "$MUNIM_VAR/secrets"
    chmod 700 "$MUNIM_VAR/secrets"
    for name in app_secret verify_token access_token; do
        [[ -s $MUNIM_VAR/secrets/$name ]] || (umask 077 && openssl rand -hex 24 >"$MUNIM_VAR/secrets/$name")
    done
}

# choose_port NAME FAVOURITE: the port of the last start while it is free, else the favourite, else any.
choose_port() {
    local port='' file=$MUNIM_VAR/ports/$1
    mkdir -p "${file%/*}"
    [[ ! -s $file ]] || read -r port <"$file"
    if [[ -z $port ]] || ! port_free "$port"; then
        if [[ -n $2 ]] && port_free "$2"; then
            port=$2
        else
            port=$(free_ports 1)
        fi
    fi
    printf '%s\n' "$port" | tee "$file"
}

# Written at each start with the addresses of this start. A setting of one's own goes into the environment, which
# beats the file: MUNIM_WORKER_PROCESSES=2 make run.
write_config() {
    local api=${MUNIM_WHATSAPP_API_URL:-} simulator=false listen=${MUNIM_INGRESS_LISTEN:-} secrets=$MUNIM_VAR/secrets
    if [[ -z $api ]]; then
        simulator=true
        api=http://127.0.0.1:$(choose_port simulator '')/v23.0
    fi
    [[ -n $listen && $listen != *:0 ]] || listen=127.0.0.1:$(choose_port ingress 8080)
    (
        umask 077
        cat >"$ini.new" <<EOF
; written by scripts/up at each start; MUNIM_<SECTION>_<KEY> in the environment beats a line here
[ingress]
listen=$listen
[worker]
lexicon_dir=$root/schema/lexicon
[pool]
run=$run
simulator=$simulator
[kafka]
bootstrap=$("$root/scripts/kafka" addr)
prefix=${MUNIM_KAFKA_PREFIX:-munim}
contract=$root/schema/contracts/topics.json
[postgres]
url=$("$root/scripts/postgres" url)
[whatsapp]
api_url=$api
app_secret_file=${MUNIM_WHATSAPP_APP_SECRET_FILE:-$secrets/app_secret}
verify_token_file=${MUNIM_WHATSAPP_VERIFY_TOKEN_FILE:-$secrets/verify_token}
access_token_file=${MUNIM_WHATSAPP_ACCESS_TOKEN_FILE:-$secrets/access_token}
EOF
    )
    mv "$ini.new" "$ini"
}

start_pool() {
    mkdir -p "$run"
    # In a session of its own: a Ctrl-C in this terminal must not reach the processes before their drain does.
    MUNIM_CONFIG=$ini MUNIM_INGRESS_LISTEN='' setsid "$bin/munim-pool" >>"$MUNIM_VAR/log/munim.log" 2>&1 </dev/null 8<&- 9>&- &
    printf '%s\n' "$!" >"$pool_pid"
}

stop_pool() {
    local pid
    instance_runs || return 0
    read -r pid <"$pool_pid"
    kill -TERM "$pid"
    if ! until_gone "$pid" 60; then
        say "      still draining; told to hurry"
        kill -TERM "$pid" || true
        # Its processes die with the pool, so this leaves nothing behind.
        until_gone "$pid" 5 || kill -KILL "$pid"
    fi
    rm -f "$pool_pid"
    say "munim stopped"
}
