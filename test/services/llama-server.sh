#!/usr/bin/env bash
# Prints the path of a real llama-server, which is fetched on the first call: Debian's own build, for the CPU, unpacked
# under ${XDG_CACHE_HOME:-~/.cache}/llmr-test together with the libraries it needs. Nothing is installed.
#
# Exit 3: this machine cannot fetch it (no root, no apt, not Debian).
set -euo pipefail

suite=forky # the oldest release that has llama.cpp
place=${XDG_CACHE_HOME:-$HOME/.cache}/llmr-test/llama-server
server=$place/bin/llama-server

main() {
  [ -e "$place/complete" ] && { echo "$server"; return; }
  may_fetch
  mkdir -p "$place"
  exec 9>"$place.lock"
  flock 9 # of two calls at once the second finds the work done
  [ -e "$place/complete" ] || fetch >&2
  echo "$server"
}

may_fetch() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && grep -qx 'ID=debian' /etc/os-release && return
  echo 'llama-server is fetched only by root on a Debian with apt; set LLMR_TEST_LLAMA_SERVER to one of your own.' >&2
  exit 3
}

fetch() {
  rm -rf "$place"
  mkdir -p "$place"/{bin,debs,root/usr,apt/lists/partial,apt/archives/partial}
  for folder in bin sbin lib lib64; do
    mkdir -p "$place/root/usr/$folder"
    ln -s "usr/$folder" "$place/root/$folder"
  done
  download
  for deb in "$place"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$place/root" --keep-directory-symlink --exclude='./usr/share/*'
  done
  link
  "$server" --version
  rm -rf "$place"/{apt,debs}
  touch "$place/complete"
}

# The packages and what they depend on, by an apt with a state of its own: the machine's is neither read nor changed.
download() {
  local mirror codename keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    awk -v codename="$codename" '$1 == codename { print $2; exit }')
  [ -n "$mirror" ] || { echo "apt knows no mirror of $codename; run apt-get update." >&2; exit 3; }
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$place/apt/sources"
  : >"$place/apt/status"
  local apt=(
    -qq
    -o "Dir::Etc::SourceList=$place/apt/sources" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$place/apt/lists" -o "Dir::State::Status=$place/apt/status"
    -o "Dir::State::Extended_States=$place/apt/extended" -o "Dir::Cache=$place/apt"
    -o Acquire::Languages=none -o APT::Install-Recommends=false -o APT::Sandbox::User=root
  )
  apt-get "${apt[@]}" update
  local packages
  packages=$(apt-get "${apt[@]}" --simulate install llama.cpp-tools patchelf | awk '$1 == "Inst" { print $2 }')
  # shellcheck disable=SC2086 # a list of names
  (cd "$place/debs" && apt-get "${apt[@]}" download $packages)
}

# Makes the programs use the loader and the libraries beside them, whatever the machine's own are.
link() {
  local root=$place/root libraries file
  libraries=$(dirname "$root"/usr/lib/*/libc.so.6)
  local loader=("$libraries"/ld-linux*.so.*)
  local patch=("${loader[0]}" --library-path "$libraries" "$root/usr/bin/patchelf" --force-rpath --set-rpath "$libraries/llama:$libraries")
  for file in "$libraries"/llama/*.so; do "${patch[@]}" "$file"; done
  cp "$root/usr/bin/llama-server" "$server"
  "${patch[@]}" --set-interpreter "${loader[0]}" "$server"
  ln -s "$libraries"/ggml/backends*/*.so "$place/bin/" # looked for beside the program
}

main
