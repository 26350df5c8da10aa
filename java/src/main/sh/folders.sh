# Where the launcher and the program keep what is not part of the sources.
# Sourced by ./alexnet. Reads: target. Sets: state, cache, temporary, logs, writable.

state= cache= temporary= logs= writable=

# True if this user may build in $target: it, and what is in it, can be written.
may_build() {
  local folder
  if [[ ! -e $target ]]; then
    [[ -w ${target%/*} ]]
    return
  fi
  for folder in "$target" "$target"/{classes,cmake,jni,lib,launcher,launcher/builds,javacpp-cache,tmp,logs}; do
    [[ ! -e $folder || -w $folder ]] || return 1
  done
}

# Makes folder $1 and prints it if it can be made and written; returns 1 otherwise.
usable() { mkdir -p -m 700 -- "$1" 2>/dev/null && [[ -w $1 ]] && echo "$1"; }

# Prints a folder of this user alone for what XDG's variable named $1 (default $2, below the home folder) is for.
own_folder() {
  local base=${!1:-} shared=${TMPDIR:-/tmp}/alexnet4j-$EUID
  [[ -n $base || -z ${HOME:-} ]] || base=$HOME/$2
  if [[ $base == /* ]] && usable "$base/alexnet4j"; then
    return 0
  fi
  # Without a home: in the temporary folder, where it must belong to this user, and nobody else may have put a link.
  if usable "$shared" >/dev/null && [[ -O $shared && ! -L $shared ]] && chmod 700 "$shared"; then
    usable "$shared/${2##*/}" && return 0
  fi
  fail 2 "neither ${base:-a home folder} nor $shared can be written; set $1 to a folder that can"
}

# In the sources' own java/target where this user may write there, else in XDG's folders.
choose_folders() {
  state=$target/launcher
  if may_build; then
    writable=true cache=$target/javacpp-cache temporary=$target/tmp logs=$target/logs
  else
    writable=false
    cache=$(own_folder XDG_CACHE_HOME .cache)
    logs=$(own_folder XDG_STATE_HOME .local/state)
    temporary=$cache/tmp
  fi
}

# Fails if nothing can be started from the cache, where JavaCPP loads a library from; tried once for each cache.
require_executable() {
  local probe=$cache/.probe.$$
  [[ ! -e $cache/.executes ]] || return 0
  printf '#!/bin/sh\n' >"$probe"
  chmod u+x "$probe"
  if ! "$probe" 2>/dev/null; then
    rm -f "$probe"
    if $writable; then
      fail 2 "$root is on a file system mounted noexec, and libraries are loaded from there: remount it, or move the folder"
    fi
    fail 2 "$cache is on a file system mounted noexec, and a library is loaded from there: set XDG_CACHE_HOME to another folder"
  fi
  mv "$probe" "$cache/.executes"
}

# Makes the folders that a program needs, and clears them of what earlier ones left there.
prepare_folders() {
  local reports old
  mkdir -p "$cache" "$temporary" "$logs" 2>/dev/null ||
    fail 2 "$cache, $temporary and $logs cannot be written; free the disk, or set XDG_CACHE_HOME and XDG_STATE_HOME"
  require_executable
  find "$temporary" -mindepth 1 -mtime +7 -delete 2>/dev/null || true
  reports=("$logs"/hs_err_pid*.log)
  if ((${#reports[@]} > 5)); then
    while IFS= read -r old; do
      rm -f -- "$old"
    done < <(ls -t -- "${reports[@]}" | tail -n +6)
  fi
}
