#!/usr/bin/env bash
# A nats-server with JetStream for tests, fetched as debian.sh says.
#
#   nats.sh fetch               unpacks it unless it is there, and prints its folder
#   nats.sh run FOLDER PORT     serves on 127.0.0.1:PORT with nothing stored, until it gets SIGTERM or its stdin ends;
#                               prints `ready` when it answers
#   nats.sh keep FOLDER PORT NAME   is a server whose data outlives it, as NAME; to be killed and started again
#   nats.sh remove NAME             takes that data away
set -euo pipefail
. "$(dirname "$0")/debian.sh"

unpack() {
  download "$1" nats-server $([ -e "$ROOT/lib64/ld-linux-x86-64.so.2" ] || echo libc6) || return 1
  inside nats-server --version >&2 && echo yes > "$DIR/nats-ready"
}

run() { # run FOLDER PORT
  local data=/data/nats-$2-$$
  answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
  mkdir "$ROOT$data"; chown $RUN_UID:$RUN_UID "$ROOT$data"
  serve_until_stdin_ends TERM "$data" "answers $2" nats-server -a 127.0.0.1 -p "$2" -js -sd "$data"
}

case ${1:-} in
  fetch) fetch_once nats-ready "${LLMR_NATS_SUITES:-forky trixie}" ;;
  run) run "$2" "$3" ;;
  keep) serve_in_place nats-server -a 127.0.0.1 -p "$3" -js -sd "$(kept_folder "$4")" ;;
  remove) remove_kept "$2" ;;
  *) die 'expected fetch, run FOLDER PORT, keep FOLDER PORT NAME, or remove NAME' ;;
esac
