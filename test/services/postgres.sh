#!/usr/bin/env bash
# A PostgreSQL with pgvector for tests, fetched as debian.sh says.
#
#   postgres.sh fetch               unpacks it unless it is there, and prints its folder
#   postgres.sh run FOLDER PORT     makes a new cluster and serves it on 127.0.0.1:PORT, user and password `llmr`, until
#                                   it gets SIGTERM or its stdin ends; prints `ready` when it answers
#   postgres.sh keep FOLDER PORT NAME   is a server whose data outlives it, as NAME; to be killed and started again. What it
#                                       has committed outlives its death, though not the machine's
#   postgres.sh remove NAME             takes that data away
set -euo pipefail
. "$(dirname "$0")/debian.sh"

unpack() {
  local package list bin
  package=$(apt-cache "${options[@]}" pkgnames postgresql- | grep -E '^postgresql-[0-9]+-pgvector$' | sort -V | tail -n 1)
  # What the server never runs is left out: the JIT's compiler, the Perl wrappers, locales, account tools.
  list=$(apt-get "${options[@]}" -s install "$package" dash | awk '$1 == "Inst" { print $2 }' |
    grep -Ev '^(libllvm|libz3|perl|libperl|lib.*-perl$|locales|libc-l10n|debconf|adduser|passwd|ucf|ssl-cert|postgresql(-client)?-common|login|procps|init-system|sensible)') || return 1
  download "$1" $list || return 1
  bin=$(ls -d "$ROOT"/usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  inside "${bin#"$ROOT"}/postgres" --version >&2 || return 1
  echo "${bin#"$ROOT"}" > "$DIR/pg-bin"
}

run() { # run FOLDER PORT
  local bin data=/data/test-$2-$$
  bin=$(cat "$1/pg-bin")
  mkdir "$ROOT$data"; chown $RUN_UID:$RUN_UID "$ROOT$data"
  make_cluster "$bin" "$data"
  serve_until_stdin_ends INT "$data" "inside $bin/pg_isready -q -h 127.0.0.1 -p $2" \
    $(server_words "$bin" "$data" "$2") -c synchronous_commit=off
}

keep() { # keep FOLDER PORT NAME
  local bin data
  bin=$(cat "$1/pg-bin")
  data=$(kept_folder "$3")
  [ -e "$ROOT$data/made" ] || { make_cluster "$bin" "$data" && touch "$ROOT$data/made"; }
  serve_in_place $(server_words "$bin" "$data" "$2")
}

make_cluster() { # make_cluster BIN DATA
  echo llmr > "$ROOT$2/password"
  inside "$1/initdb" -D "$2/cluster" -U llmr --pwfile="$2/password" --auth=scram-sha-256 --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync >&2
}

server_words() { # server_words BIN DATA PORT
  echo "$1/postgres" -D "$2/cluster" -c listen_addresses=127.0.0.1 -c "port=$3" -c "unix_socket_directories=$2" \
    -c fsync=off -c full_page_writes=off -c jit=off -c timezone=UTC -c max_connections=100
}

case ${1:-} in
  fetch) fetch_once pg-bin "${LLMR_PG_SUITES:-trixie forky}" ;;
  run) run "$2" "$3" ;;
  keep) keep "$2" "$3" "$4" ;;
  remove) remove_kept "$2" ;;
  *) die 'expected fetch, run FOLDER PORT, keep FOLDER PORT NAME, or remove NAME' ;;
esac
