# What the program is built and run with: a JDK, Maven, CMake, Ninja, a C++ compiler, and nvcc where it is asked for.
# Sourced by ./alexnet. Reads: state. Sets: jdk.

jdk=

# The major version of the JDK in folder $1; nothing if it is not a JDK (no compiler or no JNI header).
jdk_version() {
  local line
  [[ -x $1/bin/javac && -r $1/include/jni.h && -r $1/release ]] || return 0
  while IFS= read -r line; do
    if [[ $line =~ ^JAVA_VERSION=\"([0-9]+) ]]; then
      echo "${BASH_REMATCH[1]}"
    fi
  done <"$1/release"
}

# Sets jdk to JAVA_HOME, the JDK on the PATH, or one below /usr/lib/jvm; returns 1 if there is none.
find_jdk() {
  local candidate candidates=() version
  if [[ -n ${JAVA_HOME:-} ]]; then
    version=$(jdk_version "$JAVA_HOME")
    if ((${version:-0} < 17)); then
      fail 2 "JAVA_HOME=$JAVA_HOME is no JDK 17 or newer; set it to one, or unset it"
    fi
    jdk=$JAVA_HOME
    return 0
  fi
  if candidate=$(command -v javac); then
    candidates+=("$(dirname "$(dirname "$(readlink -f "$candidate")")")")
  fi
  for candidate in "${candidates[@]}" /usr/lib/jvm/*/; do
    version=$(jdk_version "${candidate%/}")
    if ((${version:-0} >= 17)); then
      jdk=${candidate%/}
      return 0
    fi
  done
  return 1
}

# Prints the Debian packages of the tools that are not there, one a line; $1: that of the JDK.
missing_packages() {
  find_jdk || echo "$1"
  command -v mvn >/dev/null || echo maven
  command -v cmake >/dev/null || echo cmake
  command -v ninja >/dev/null || echo ninja-build
  command -v g++ >/dev/null || echo g++
}

# Installs what the build needs, if this user may; else says how.
require_tools() {
  local sudo=() packages jdk_package=openjdk-17-jdk-headless log=$state/install.log
  packages=$(missing_packages "$jdk_package")
  if [[ -n $packages ]]; then
    if ! command -v apt-get >/dev/null; then
      fail 2 "missing: ${packages//$'\n'/ } (these are Debian's names); install them, then start again"
    fi
    if ((EUID != 0)); then
      sudo=(sudo -n)
      if ! sudo -n true 2>/dev/null; then
        fail 2 "run this line, then start again: sudo apt-get update && sudo apt-get install -y ${packages//$'\n'/ }"
      fi
    fi
    mkdir -p "$state"
    say "installing ${packages//$'\n'/ } (log: $log)"
    "${sudo[@]}" apt-get update >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail 1 "apt-get update failed"; }
    # Newer releases of Debian and Ubuntu have a later JDK instead.
    if [[ -z $(apt-cache madison "$jdk_package" 2>/dev/null) ]]; then
      packages=${packages/$jdk_package/default-jdk-headless}
    fi
    # shellcheck disable=SC2086  # one word for each package
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages \
      >>"$log" 2>&1 || { tail -n 20 "$log" >&2; fail 1 "apt-get install failed"; }
    hash -r
  fi
  find_jdk || fail 2 "no JDK 17 or newer is left to use after the installation"
}

# Prints the path of nvcc; returns 1 if there is none.
find_nvcc() {
  local nvcc
  for nvcc in "${CUDACXX:-}" "$(command -v nvcc || true)" "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc"; do
    if [[ -x $nvcc ]]; then
      echo "$nvcc"
      return 0
    fi
  done
  return 1
}

# True if the system has a driver of NVIDIA; $1: the root of the file system, for tests.
has_driver() { [[ -e ${1:-}/proc/driver/nvidia/version || -e ${1:-}/dev/nvidiactl || -e ${1:-}/dev/dxg ]]; }
