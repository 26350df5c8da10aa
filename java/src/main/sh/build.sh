# Builds in java/target, and publishes what runs from there into a folder of its own, java/target/launcher/builds/NUMBER:
# a program that runs never sees a later build. It holds a shared lock on its build's folder; a build takes older folders
# away that nobody holds. `mvn clean` leaves java/target/launcher alone.
# Sourced by ./alexnet. Reads: root, target, state, cuda_wanted. Sets: build_folder.

build_folder= build_lock=

maven() { (cd "$root" && JAVA_HOME=$jdk mvn -B "$@"); }

# The folder of the last build that was published; returns 1 if there is none.
current_build() {
  local number
  number=$(readlink "$state/builds/current") && [[ -e $state/builds/$number/stamp ]] && echo "$state/builds/$number"
}

# True if a file of $2... is newer than $1, or was taken away since.
newer() {
  local stamp=$1
  shift
  [[ -n $(find "$@" -newer "$stamp" -print -quit) ]]
}

java_sources() { printf '%s\n' "$root"/pom.xml "$root"/java/pom.xml "$root"/java/src/main/{java,resources}; }

# Prints why the program must be built; nothing if it is up to date.
why_build() {
  local build sources
  build=$(current_build) || { echo "it was not built yet"; return 0; }
  mapfile -t sources < <(java_sources)
  if newer "$build/stamp" "${sources[@]}" "$root/native" "$root/kernels" "$root/cmake"; then
    echo "sources are newer than the build"
  elif [[ $cuda_wanted == ON && ! -e $build/cuda ]]; then
    echo "the build has no CUDA kernels"
  elif [[ $cuda_wanted == OFF && -e $build/cuda ]]; then
    echo "the build has CUDA kernels"
  elif of_several && has_mpi && ! knows_mpi "$build"; then
    echo "the build knows no MPI"
  fi
}

# ---- CUDA on demand -------------------------------------------------------------------------------

# Decides whether CUDA kernels are compiled: as they were before, until a command asks for a cuda device, or
# ALEXNET_CUDA=on or off says so. Arguments: the command line. Sets cuda_wanted.
decide_cuda() {
  local asked=${ALEXNET_CUDA:-} previous= argument build
  cuda_wanted=OFF
  if build=$(current_build) && [[ -e $build/cuda ]]; then
    cuda_wanted=ON
  fi
  case $asked in
    on | ON) cuda_wanted=ON ;;
    off | OFF) cuda_wanted=OFF; return 0 ;;
    '') ;;
    *) fail 2 "ALEXNET_CUDA is '$asked'; allowed: on, off" ;;
  esac
  [[ $cuda_wanted == OFF ]] || return 0
  if [[ ${1:-} =~ ^(bundle|release)$ ]]; then
    # Another machine will run it.
    if find_nvcc >/dev/null; then cuda_wanted=ON; else say "no nvcc: the $1 gets no CUDA kernels"; fi
    return 0
  fi
  for argument in "$@"; do
    if [[ $argument == --devices=cuda* || ($previous == --devices && $argument == cuda*) ]]; then
      if has_driver; then
        cuda_wanted=ON
      else
        say "no NVIDIA driver is here, so no CUDA kernels are compiled (ALEXNET_CUDA=on compiles them all the same)"
      fi
      return 0
    fi
    previous=$argument
  done
  if has_driver && [[ ${1:-} =~ ^(demo|train|eval|predict|similar|features|activations|bench|devices|kernels|doctor)$ ]]; then
    say "an NVIDIA driver is here, but this build has no CUDA kernels: ALEXNET_CUDA=on or --devices cuda:0 compiles them"
  fi
}

# Fails if CUDA kernels shall be compiled and cannot be; tells CMake where nvcc is.
require_cuda() {
  [[ $cuda_wanted == ON ]] || return 0
  CUDACXX=$(find_nvcc) || fail 2 "no nvcc, which CUDA kernels are compiled with: install NVIDIA's CUDA toolkit, or name it as \
CUDACXX=/path/to/nvcc; ALEXNET_CUDA=off builds without them"
  export CUDACXX
  say "CUDA kernels are compiled too, which takes minutes (ALEXNET_CUDA=off leaves them out again)"
}

# ---- building -------------------------------------------------------------------------------------

# A folder of CMake's that was made elsewhere, before the sources were moved or copied, is of no use.
drop_foreign_cmake() {
  local line made_for=
  [[ -e $target/cmake/CMakeCache.txt ]] || return 0
  while IFS= read -r line; do
    [[ $line != CMAKE_HOME_DIRECTORY:*=* ]] || made_for=${line#*=}
  done <"$target/cmake/CMakeCache.txt"
  if [[ $made_for != "$root/native" ]]; then
    say "this folder was moved or copied from ${made_for%/native}: the native part is built anew"
    rm -rf "$target/cmake"
  fi
}

# True if Maven would find nothing to do: only kernels and runtime have changed since it ran.
only_native_changed() {
  local sources
  mapfile -t sources < <(java_sources)
  [[ -e $state/java-built && -e $target/cmake/build.ninja && -e $target/jni/jnialexnet.cpp && -e $target/lib ]] &&
    [[ -e $target/classes/org/alexnet4j/cli/Main.class ]] && ! newer "$state/java-built" "${sources[@]}"
}

# Builds target $1 of CMake in a folder that Maven has configured.
ninja_build() {
  grep -q "^ALEXNET_CUDA:.*=$cuda_wanted\$" "$target/cmake/CMakeCache.txt" ||
    cmake -DALEXNET_CUDA="$cuda_wanted" "$target/cmake"
  # MPI may have been installed since.
  ! of_several || cmake "$target/cmake"
  cmake --build "$target/cmake" --target "$1"
}

# Runs the command after $1 and shows how it gets on; if it fails, what it said was wrong. $1: the log.
watched() {
  local log=$1
  shift
  if ! "$@" 2>&1 | tee "$log" | progress; then
    # What a compiler or Maven calls an error, once each; else whatever came last.
    grep -E 'error:|ERROR.*[:/]|CMake Error|FATAL' "$log" | awk '!seen[$0]++' | head -n 20 >&2 || tail -n 20 "$log" >&2
    fail 1 "the build failed; the whole log is $log"
  fi
}

# Takes the lock that one start at a time builds under; sets build_lock.
lock_build() {
  mkdir -p "$state"
  exec {build_lock}>"$state/lock"
  if ! flock -n "$build_lock"; then
    say "another start is building; waiting for it"
    flock "$build_lock"
  fi
}

unlock_build() { exec {build_lock}>&-; }

# Sets build_folder to a build that is up to date and locked by this process, from here to the end of its program.
provide_build() {
  local reason
  reason=$(why_build)
  if [[ -z $reason ]] && hold_build; then
    return 0
  fi
  if ! $writable; then
    keep_build "$reason"
    return 0
  fi
  lock_build
  # The other start may have built it meanwhile.
  if [[ -n $(why_build) ]]; then
    build
  fi
  unlock_build
  hold_build || fail 1 "the build in $state is gone; start again"
}

# Takes the build that there is though it is not up to date, for reason $1, where this user may not build.
keep_build() {
  hold_build || fail 2 "$target cannot be written, and holds no build: its owner must start ./alexnet once"
  if [[ $cuda_wanted == ON && ! -e $build_folder/cuda ]]; then
    fail 4 "this build has no CUDA kernels, and $target cannot be written: its owner must start ./alexnet with ALEXNET_CUDA=on"
  fi
  say "$reason, but $target cannot be written: the build of $(date -r "$build_folder/stamp" '+%F %R') runs"
}

build() {
  local log=$state/build.log begun=$SECONDS
  require_cuda
  drop_foreign_cmake
  # The stamp is older than every file that changes while the build runs.
  : >"$state/starting"
  CMAKE_BUILD_PARALLEL_LEVEL=$(compile_jobs "$(nproc)" "$(memory_mebibytes "")")
  export CMAKE_BUILD_PARALLEL_LEVEL
  if only_native_changed; then
    say "building kernels and runtime (log: $log)"
    watched "$log" ninja_build install
  else
    require_tools
    say "building (log: $log)"
    # A library of an older version would stay beside the new one.
    rm -rf "$target/lib"
    watched "$log" maven -pl java process-classes -Dalexnet.cuda="$cuda_wanted"
    touch -r "$state/starting" "$state/java-built"
  fi
  publish
  say "built in $((SECONDS - begun)) s"
}

# ---- publishing -----------------------------------------------------------------------------------

# Copies what runs into a new folder and makes it the current one, both by rename.
publish() {
  local builds=$state/builds next=1 folder
  mkdir -p "$builds"
  for folder in "$builds"/[0-9]*/; do
    folder=${folder%/} folder=${folder##*/}
    [[ ! $folder =~ ^[0-9]+$ ]] || ((folder < next)) || next=$((folder + 1))
  done
  rm -rf "$builds"/.new.*
  folder=$builds/.new.$$
  mkdir "$folder"
  # Compilers write into files that are there already, so classes are copied; libraries never change under one name.
  cp -r --reflink=auto "$target/classes" "$folder/classes"
  cp -rl "$target/lib" "$folder/lib" 2>/dev/null || cp -r "$target/lib" "$folder/lib"
  : >"$folder/lock"
  if [[ $cuda_wanted == ON ]]; then
    : >"$folder/cuda"
  fi
  touch -r "$state/starting" "$folder/stamp"
  mv -T "$folder" "$builds/$next"
  ln -sfn "$next" "$builds/.current"
  mv -T "$builds/.current" "$builds/current"
  remove_old "$next"
}

# Removes all builds but $1 and the one before it, as far as no program runs from them.
remove_old() {
  local folder number lock
  for folder in "$state"/builds/[0-9]*/; do
    folder=${folder%/} number=${folder##*/}
    ((number < $1 - 1)) || continue
    exec {lock}>>"$folder/lock"
    if flock -n "$lock"; then
      rm -rf "$folder"
    fi
    exec {lock}>&-
  done
}

# Takes a shared lock on the current build, which Java inherits; returns 1 if there is no build.
hold_build() {
  local lock attempt
  for attempt in {1..100}; do
    build_folder=$(current_build) || return 1
    if { exec {lock}<"$build_folder/lock"; } 2>/dev/null; then
      flock -s "$lock" || say "$build_folder cannot be locked: a later build may take it away"
      [[ ! -e $build_folder/lock ]] || return 0
      exec {lock}<&-
    fi
  done
  return "$((attempt > 0))"
}
