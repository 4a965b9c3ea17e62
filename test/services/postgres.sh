#!/usr/bin/env bash
# A PostgreSQL with pgvector for tests. The packages come from the Debian mirror that this machine's own apt is set up
# with and are unpacked into a folder of their own: nothing is installed on the machine. Needs root, for chroot.
#
#   postgres.sh fetch               unpacks it unless it is there, and prints its folder
#   postgres.sh run FOLDER PORT     makes a new cluster and serves it on 127.0.0.1:PORT, user and password `llmr`, until
#                                   it gets SIGTERM or its stdin ends; prints `ready` when it answers
#
# LLMR_SERVICES_DIR says where everything is kept (~/.cache/llmr-services).
set -euo pipefail

DIR=${LLMR_SERVICES_DIR:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/llmr-services}
ROOT=$DIR/root
SUITES=${LLMR_PG_SUITES:-trixie forky}
RUN_UID=5432 # who the server runs as inside the folder
die() { printf 'postgres.sh: %s\n' "$*" >&2; exit 1; }
inside() { LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin chroot --userspec=$RUN_UID:$RUN_UID "$ROOT" "$@"; }

fetch() {
  [ "$(id -u)" = 0 ] || die 'a real PostgreSQL is fetched only by root'
  for tool in apt-get dpkg-deb tar flock chroot; do command -v "$tool" >/dev/null || die "$tool is missing"; done
  mkdir -p "$DIR"
  exec 9>"$DIR/lock"
  flock -w 100 9 || die "another run has held $DIR/lock for too long"
  [ -s "$DIR/pg-bin" ] || unpack_from_first_suite
  exec 9>&-
  echo "$DIR"
}

unpack_from_first_suite() {
  local apt=$DIR/apt mirror suite
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk -v release="$(. /etc/os-release; echo "${VERSION_CODENAME:-}")" '$2 == release { print $1; exit }')
  [ -n "$mirror" ] || die "this machine's apt names no mirror"
  for suite in $SUITES; do
    rm -rf "$apt"; mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"; : > "$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/list"
    options=(-o Dir::Etc::sourcelist="$apt/list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
      -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status"
      -o Dir::State::extended_states="$apt/extended" -o Dir::Cache="$apt/cache" -o Dir::Cache::pkgcache=pkgcache.bin
      -o Dir::Cache::srcpkgcache=srcpkgcache.bin -o Acquire::GzipIndexes=false -o APT::Install-Recommends=0
      -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::http::Timeout=60)
    if unpack "$apt"; then rm -rf "$apt"; return 0; fi
  done
  die "no release of ($SUITES) gave a working PostgreSQL with pgvector"
}

unpack() { # unpack APT-FOLDER
  local package list deb
  apt-get "${options[@]}" -qq update >&2 || return 1
  package=$(apt-cache "${options[@]}" pkgnames postgresql- | grep -E '^postgresql-[0-9]+-pgvector$' | sort -V | tail -n 1)
  # What the server never runs is left out: the JIT's compiler, the Perl wrappers, locales, account tools.
  list=$(apt-get "${options[@]}" -s install "$package" dash | awk '$1 == "Inst" { print $2 }' |
    grep -Ev '^(libllvm|libz3|perl|libperl|lib.*-perl$|locales|libc-l10n|debconf|adduser|passwd|ucf|ssl-cert|postgresql(-client)?-common|login|procps|init-system|sensible)') || return 1
  (cd "$1/debs" && apt-get "${options[@]}" -qq download $list >&2) || return 1
  skeleton
  for deb in "$1"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$ROOT" --exclude='./usr/share/doc/*' \
      --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/i18n/*'
  done
  package=$(ls -d "$ROOT"/usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  inside "${package#"$ROOT"}/postgres" --version >&2 || return 1
  echo "${package#"$ROOT"}" > "$DIR/pg-bin"
}

skeleton() {
  local link device
  mkdir -p "$ROOT"/{usr/bin,usr/sbin,usr/lib,usr/lib64,etc,dev/shm,run,tmp,data,var/log}
  for link in bin sbin lib lib64; do ln -sfn "usr/$link" "$ROOT/$link"; done
  for device in 'null 1 3' 'zero 1 5' 'random 1 8' 'urandom 1 9'; do
    set -- $device
    [ -e "$ROOT/dev/$1" ] || mknod -m 666 "$ROOT/dev/$1" c "$2" "$3"
  done
  chmod 1777 "$ROOT/tmp" "$ROOT/dev/shm"
  chown $RUN_UID:$RUN_UID "$ROOT/data" "$ROOT/run" "$ROOT/var/log"
  echo '127.0.0.1 localhost' > "$ROOT/etc/hosts"
  echo "llmr:x:$RUN_UID:" > "$ROOT/etc/group"
  printf 'root:x:0:0:root:/:/bin/sh\nllmr:x:%s:%s:services:/data:/bin/sh\n' $RUN_UID $RUN_UID > "$ROOT/etc/passwd"
}

run() { # run FOLDER PORT
  local bin
  bin=$(cat "$1/pg-bin")
  data=/data/test-$2-$$
  mkdir "$ROOT$data"; chown $RUN_UID:$RUN_UID "$ROOT$data"
  server=
  trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server"; } || true; rm -rf "${ROOT:?}${data:?}"' EXIT
  trap 'exit 0' TERM INT
  echo llmr > "$ROOT$data/password"
  inside "$bin/initdb" -D "$data/cluster" -U llmr --pwfile="$data/password" --auth=scram-sha-256 --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync >&2
  chroot --userspec=$RUN_UID:$RUN_UID "$ROOT" "$bin/postgres" -D "$data/cluster" -c listen_addresses=127.0.0.1 \
    -c "port=$2" -c "unix_socket_directories=$data" -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c jit=off -c timezone=UTC -c max_connections=100 </dev/null >&2 &
  server=$!
  until inside "$bin/pg_isready" -q -h 127.0.0.1 -p "$2"; do kill -0 "$server" || die 'it ended at once'; sleep 0.02; done
  echo ready
  cat <&0 >/dev/null & # ends with stdin, and so with whoever started this
  wait -n || true
}

case ${1:-} in
  fetch) fetch ;;
  run) run "$2" "$3" ;;
  *) die 'expected fetch, or run FOLDER PORT' ;;
esac
