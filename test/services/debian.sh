# Sourced: servers for tests as packages of the Debian mirror that this machine's own apt is set up with, unpacked into a
# folder of their own, so that nothing is installed on the machine. Needs root, for chroot.
#
# LLMR_SERVICES_DIR says where everything is kept (~/.cache/llmr-services).

DIR=${LLMR_SERVICES_DIR:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/llmr-services}
ROOT=$DIR/root
RUN_UID=5432 # who the servers run as inside the folder
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
inside() { LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin chroot --userspec=$RUN_UID:$RUN_UID "$ROOT" "$@"; }

fetch_once() { # fetch_once MARK SUITES: calls `unpack APT-FOLDER` for each suite until one works, unless the file MARK is there
  [ "$(id -u)" = 0 ] || die 'a real server is fetched only by root'
  for tool in apt-get dpkg-deb tar flock chroot; do command -v "$tool" >/dev/null || die "$tool is missing"; done
  mkdir -p "$DIR"
  exec 9>"$DIR/lock"
  flock -w 100 9 || die "another run has held $DIR/lock for too long"
  [ -s "$DIR/$1" ] || unpack_from_first_suite "$2"
  exec 9>&-
  echo "$DIR"
}

unpack_from_first_suite() {
  local apt=$DIR/apt mirror suite
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk -v release="$(. /etc/os-release; echo "${VERSION_CODENAME:-}")" '$2 == release { print $1; exit }')
  [ -n "$mirror" ] || die "this machine's apt names no mirror"
  for suite in $1; do
    rm -rf "$apt"; mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"; : > "$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/list"
    options=(-o Dir::Etc::sourcelist="$apt/list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
      -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status"
      -o Dir::State::extended_states="$apt/extended" -o Dir::Cache="$apt/cache" -o Dir::Cache::pkgcache=pkgcache.bin
      -o Dir::Cache::srcpkgcache=srcpkgcache.bin -o Acquire::GzipIndexes=false -o APT::Install-Recommends=0
      -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::http::Timeout=60)
    if apt-get "${options[@]}" -qq update >&2 && unpack "$apt"; then rm -rf "$apt"; return 0; fi
  done
  die "no release of ($1) gave a working server"
}

download() { # download APT-FOLDER PACKAGE...
  local deb folder=$1/debs
  shift
  (cd "$folder" && apt-get "${options[@]}" -qq download "$@" >&2) || return 1
  skeleton
  for deb in "$folder"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$ROOT" --exclude='./usr/share/doc/*' \
      --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/i18n/*'
  done
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

serve_until_stdin_ends() { # serve_until_stdin_ends STOP-SIGNAL DATA-FOLDER IS-READY COMMAND...
  local signal=$1 is_ready=$3
  data=$2
  shift 3
  server=
  trap '[ -z "$server" ] || { kill -'"$signal"' "$server"; wait "$server"; } || true; rm -rf "${ROOT:?}${data:?}"' EXIT
  trap 'exit 0' TERM INT
  chroot --userspec=$RUN_UID:$RUN_UID "$ROOT" "$@" </dev/null >&2 &
  server=$!
  until $is_ready; do kill -0 "$server" || die 'it ended at once'; sleep 0.02; done
  echo ready
  cat <&0 >/dev/null & # ends with stdin, and so with whoever started this
  wait -n || true
}

serve_in_place() { # serve_in_place COMMAND...: becomes the server, so that whoever started this can kill it; its data stays
  exec env -i LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin chroot --userspec=$RUN_UID:$RUN_UID "$ROOT" "$@"
}

kept_folder() { # kept_folder NAME: makes the folder for the data of that server, and prints its path inside
  mkdir -p "$ROOT/data/$1"; chown $RUN_UID:$RUN_UID "$ROOT/data/$1"; echo "/data/$1"
}

remove_kept() { rm -rf "${ROOT:?}/data/${1:?}"; } # remove_kept NAME
