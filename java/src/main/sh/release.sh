# release: what others take, built from a copy of the tracked files alone, so that two people get equal files.
# Sourced by ./alexnet. Reads: root, target, state, jdk, cuda_wanted.

# The most bytes that each may have: who depends on alexnet4j downloads them.
most_classes=3000000 most_natives=25000000

# Fails unless $1 is a folder that a release may be put into.
require_release_folder() {
  [[ ! -e $1 || -d $1 ]] || fail 2 "--out is '$1', a file; allowed: a new or an empty folder"
  [[ ! -d $1 || -z $(ls -A "$1") ]] || fail 2 "--out is '$1', which is not empty; allowed: a new or an empty folder"
  local above=$1
  while [[ ! -e $above ]]; do above=$(dirname "$above"); done
  [[ -w $above ]] || fail 2 "--out is '$1', and $above cannot be written"
}

# Fails if file $1 has more than $2 bytes.
require_size() {
  local bytes
  bytes=$(stat -c %s "$1")
  ((bytes <= $2)) || fail 1 "${1##*/} has $bytes bytes; allowed: $2"
}

# Prints the list of components, as CycloneDX has it, of native libraries in jar $1 of version $2, with the CUDA runtime of
# version $3 inside of them.
cuda_components() {
  cat <<JSON
{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "version": 1,
  "metadata": {
    "component": {
      "type": "library",
      "group": "org.alexnet4j",
      "name": "alexnet4j",
      "version": "$2",
      "purl": "pkg:maven/org.alexnet4j/alexnet4j@$2?classifier=linux-x86_64-cuda13&type=jar",
      "hashes": [{"alg": "SHA-256", "content": "$(sha256sum "$1" | cut -d' ' -f1)"}]
    }
  },
  "components": [
    {
      "type": "library",
      "publisher": "NVIDIA Corporation",
      "name": "cudart_static",
      "version": "$3",
      "description": "CUDA runtime, linked statically into libalexnet.so",
      "licenses": [{"license": {"name": "NVIDIA CUDA Toolkit End User License Agreement"}}]
    }
  ]
}
JSON
}

# Packs in folder $1, a copy of the sources; the arguments behind it are Maven's.
pack_release() {
  local folder=$1
  shift
  (cd "$folder" && JAVA_HOME=$jdk watched "$state/release.log" mvn -B -ntp package -Dmaven.test.skip "$@")
}

run_release() {
  local out=$target/release since= work built version name natives toolkit artifact
  while (($#)); do
    case $1 in
      --out) (($# > 1)) || fail 2 "--out takes a folder"; out=$2; shift 2 ;;
      --out=*) out=${1#*=}; shift ;;
      --since) (($# > 1)) || fail 2 "--since takes a jar or a folder"; since=$2; shift 2 ;;
      --since=*) since=${1#*=}; shift ;;
      *) fail 2 "'$1' is no option of release; allowed: --out FOLDER, --since JAR_OR_FOLDER" ;;
    esac
  done
  if [[ -n $since ]]; then
    since=$(since_jar "$since")
    version_of "$since" >/dev/null
  fi
  [[ -n $out ]] || fail 2 "--out takes a folder"
  $writable || fail 2 "$target cannot be written: copy the folder, and release there"
  if [[ $out == "$target/release" ]]; then rm -rf "$out"; fi
  require_release_folder "$out"
  git -C "$root" rev-parse --quiet --verify HEAD >/dev/null 2>&1 ||
    fail 2 "$root is no checkout of git, whose tracked files a release is built from: clone it"
  [[ -z $(git -C "$root" status --porcelain --untracked-files=no) ]] ||
    say "some tracked files differ from the commit; what is built has the changes"
  require_tools
  require_cuda
  mkdir -p "$state" "$target/tmp"
  work=$(mktemp -d "$target/tmp/release.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  mkdir "$work/source" "$work/out"
  git -C "$root" ls-files -z | tar -C "$root" --null -T - -c | tar -C "$work/source" -x
  CMAKE_BUILD_PARALLEL_LEVEL=$(compile_jobs "$(nproc)" "$(memory_mebibytes "")")
  export CMAKE_BUILD_PARALLEL_LEVEL

  say "building a copy of the tracked files (log: $state/release.log)"
  pack_release "$work/source" -pl '!jmh' -Prelease -Dalexnet.cuda=OFF
  built=$work/source/java/target
  natives=("$built"/alexnet4j-*-linux-x86_64.jar)
  ((${#natives[@]} == 1)) || fail 1 "$built holds ${#natives[@]} jars of native libraries; one was expected"
  name=${natives[0]##*/} name=${name%-linux-x86_64.jar} version=${name#alexnet4j-}
  cp "$built/$name.jar" "$built/$name"-{sources,javadoc,linux-x86_64}.jar "$work/out"
  [[ -z $since ]] || compare_api "$work/source" "$built/$name.jar" "$since"
  cp "$built/components.json" "$work/out/$name.cdx.json"
  cp "$work/source/java/cli/target/alexnet4j-cli-$version"{,-sources}.jar "$work/out"
  cp "$work/source/java/cli/target/components.json" "$work/out/alexnet4j-cli-$version.cdx.json"
  cp "$work/source/java/pom.xml" "$work/out/$name.pom"
  cp "$work/source/pom.xml" "$work/out/alexnet4j-parent-$version.pom"
  for artifact in cli platform bom; do
    cp "$work/source/java/$artifact/pom.xml" "$work/out/alexnet4j-$artifact-$version.pom"
  done
  cp "$work/source/LICENSE" "$work/source/java/src/main/resources/META-INF/THIRD-PARTY.md" "$work/out"
  if [[ $cuda_wanted == ON ]]; then
    say "and once more with CUDA kernels"
    pack_release "$work/source" -pl java -Dalexnet.cuda=ON
    cp "$built/$name-linux-x86_64-cuda13.jar" "$work/out"
    toolkit=$(sed -n 's/^CMAKE_CUDA_COMPILER_VERSION:[A-Z]*=//p; s/^set(CMAKE_CUDA_COMPILER_VERSION "\(.*\)")/\1/p' \
      "$built"/cmake/CMakeFiles/*/CMakeCUDACompiler.cmake)
    [[ $toolkit == 13.* ]] || fail 1 "nvcc is of CUDA $toolkit, and the artifact's name says 13: name another by CUDACXX"
    cuda_components "$work/out/$name-linux-x86_64-cuda13.jar" "$version" "$toolkit" \
      >"$work/out/$name-linux-x86_64-cuda13.cdx.json"
  fi
  require_size "$work/out/$name.jar" "$most_classes"
  for natives in "$work/out/$name"-linux-*.jar; do
    require_size "$natives" "$most_natives"
  done
  (cd "$work/out" && sha256sum -- * >"$work/SHA256SUMS")
  mv "$work/SHA256SUMS" "$work/out"
  mkdir -p "$out"
  cp "$work/out"/* "$out"
  say "$out: $(git -C "$root" describe --always --dirty), $((SECONDS)) s"
  cat "$out/SHA256SUMS"
}
