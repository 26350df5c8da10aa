# Commands that need the source tree, and so are not Java's: test, bundle, jmh; and what doctor can say before there is Java.
# Sourced by ./alexnet. Reads: root, target, state.

# True if an argument before -- asks for help only.
asks_help() {
  local argument
  for argument in "$@"; do
    case $argument in
      --) return 1 ;;
      -h | --help | -V | --version) return 0 ;;
    esac
  done
  return 1
}

# Builds target $1 of CMake, which no program needs to start, and says so if it fails.
build_checks() {
  local log=$state/checks.log
  CMAKE_BUILD_PARALLEL_LEVEL=$(compile_jobs "$(nproc)" "$(memory_mebibytes "")")
  export CMAKE_BUILD_PARALLEL_LEVEL
  watched "$log" ninja_build "$1"
}

# Builds check program $1 of CMake from kernels and runtime alone, without Maven, Java or, unless it was asked for, nvcc.
provide_checks() {
  $writable || fail 2 "$target cannot be written, and kernels are checked there: copy the folder, and start it in the copy"
  require_tools
  require_cuda
  mkdir -p "$state"
  lock_build
  drop_foreign_cmake
  if [[ ! -e $target/cmake/build.ninja ]]; then
    # Maven adds the Java binding to the same folder later.
    cmake -S "$root/native" -B "$target/cmake" -GNinja -DCMAKE_BUILD_TYPE=Release -DALEXNET_CUDA="$cuda_wanted" \
      >"$state/checks.log" 2>&1 || { tail -n 20 "$state/checks.log" >&2; fail 1 "CMake: the whole log is $state/checks.log"; }
  fi
  build_checks "$1"
  unlock_build
}

# Prints the program that checks what the arguments filter: of one family, if they name one in full, as lrn/fprop does.
check_program() {
  local argument previous= family
  for argument in "$@"; do
    [[ $argument == --filter=* ]] && argument=${argument#*=} previous=--filter
    family=${argument%%/*}
    if [[ $previous == --filter && $argument == */* && -e $root/kernels/$family/${family}_check.cpp ]]; then
      echo "check_$family"
      return 0
    fi
    previous=$argument
  done
  echo kernel_check
}

# kernels check: every kernel, or those of --filter.
run_kernel_checks() {
  local program
  [[ ${1:-} != -- ]] || shift
  program=$(check_program "$@")
  provide_checks "$program"
  exec "$target/cmake/$program" "$@"
}

# kernels bench: with only kernels or runtime changed, straight to the check program; the libraries can wait.
prepare_kernel_bench() {
  if [[ $(why_build) != "sources are newer"* ]] || ! only_native_changed; then
    provide_build
  fi
  provide_checks kernel_check
  hold_build
}

# Breaks rules and demands that tests notice: PIT on the classes that hold the paper's rules, then the list of mutants,
# Java's and native (docs/mutants.md).
run_mutants() {
  local failed=()
  say "PIT: mutants of the classes that hold rules"
  maven -ntp -pl java -Pmutants test-compile org.pitest:pitest-maven:mutationCoverage -Dalexnet.cuda="$cuda_wanted" "$@" ||
    failed+=(PIT)
  say "the list in test-data/mutants"
  PATH=$jdk/bin:$PATH JAVA_HOME=$jdk "$root/java/src/test/sh/mutants" || failed+=(list)
  if ((${#failed[@]})); then
    fail 1 "FAILED in $SECONDS s: ${failed[*]}"
  fi
  say "mutants are noticed, in $SECONDS s; PIT's pages: $target/mutants/index.html"
}

# Moves between processes, and runs of several of them, where there is MPI. Adds to `failed` of who calls.
run_rank_checks() {
  local path ranks
  path=$(find "$target/cmake" -type f -name ranks_check -perm -u+x -print -quit 2>/dev/null || true)
  if ! command -v mpirun >/dev/null || [[ -z $(find "$target/cmake" -name libalexnet_mpi.so -print -quit) ]]; then
    say "ranks_check and rank-trials are skipped: no Open MPI (Debian: openmpi-bin, libopenmpi-dev)"
    return 0
  fi
  for ranks in 1 2 4; do
    say "ranks_check, $ranks ranks"
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n "$ranks" "$path" ||
      failed+=("ranks_check of $ranks")
  done
  say "ranks_check, a rank that is late"
  # mpirun itself complains of it, and ends with 1, as ranks with an open move cannot leave in order.
  local late
  late=$(OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n 2 "$path" --late 2>/dev/null) || true
  printf '%s\n' "$late"
  [[ $late == *"rank 1 of 2, late: 4 passed, 0 failed"* ]] || failed+=("ranks_check, late")
  say "rank-trials, the quick ones"
  "$root/java/src/test/sh/rank-trials" "$root/alexnet" --quick || failed+=(rank-trials)
}

run_tests() {
  local all=false mutants=false program path failed=() options=()
  while (($#)); do
    case $1 in
      --all) all=true options+=(-Dalexnet.all=true) ;;
      --mutants) mutants=true ;;
      --) shift; break ;;
      # As it was before there were options of our own.
      -*) break ;;
      *) fail 2 "'$1' is no option of test; allowed: --all, --mutants, -- MAVEN ARGUMENTS" ;;
    esac
    shift
  done
  $writable || fail 2 "$target cannot be written: copy the folder, and test there"
  require_tools
  mkdir -p "$state"
  drop_foreign_cmake
  if $mutants; then
    run_mutants "$@"
    return
  fi
  say "Maven: build and tests of all modules"
  options+=("-DforkCount=$(test_jobs "$(nproc)" "$(memory_mebibytes "")")")
  maven -ntp verify -Dalexnet.cuda="$cuda_wanted" "${options[@]}" "$@" || failed+=(maven)
  say "CMake: the native check programs"
  cmake --build "$target/cmake" --target checks || failed+=(checks)
  for program in emulator_check harness_check processor_check runtime_check driver_check nccl_check operations_check \
    kernel_check; do
    path=$(find "$target/cmake" -type f -name "$program" -perm -u+x -print -quit 2>/dev/null || true)
    if [[ -z $path ]]; then
      say "$program was not built"
      failed+=("$program")
      continue
    fi
    say "$program"
    "$path" 2>&1 | tee "$state/$program.log" || failed+=("$program")
  done
  run_rank_checks
  if $all; then
    for path in "$root"/java/src/test/sh/*-trials; do
      [[ -x $path ]] || continue
      say "${path##*/}"
      "$path" "$root/alexnet" || failed+=("${path##*/}")
    done
  fi
  if ((${#failed[@]})); then
    # What a program printed thousands of lines ago is said again, in order that it is read.
    for program in "${failed[@]}"; do
      path=$state/$program.log
      [[ ! -f $path ]] || grep --max-count=20 '^FAILED' "$path" || true
    done
    fail 1 "FAILED in $SECONDS s: ${failed[*]}"
  fi
  say "all tests passed in $SECONDS s"
}

run_bundle() {
  $writable || fail 2 "$target cannot be written: copy the folder, and pack there"
  "$root/jmh/session/bundle" --check "$@"
  provide_build
  build_checks checks
  JAVA_HOME=$jdk exec "$root/jmh/session/bundle" "$@"
}

# Benchmarks: JMH's own arguments, on the sources as they are. Fresh virtual machines inherit the settings.
run_jmh() {
  local jar=$root/jmh/target/benchmarks.jar
  $writable || fail 2 "$target cannot be written: copy the folder, and measure there"
  provide_build
  if [[ ! -e $jar || -n $(find "$target/classes" "$root/jmh/src" "$root/jmh/pom.xml" -newer "$jar" -print -quit) ]]; then
    say "packing the benchmarks (log: $state/jmh.log)"
    maven -ntp -pl java,jmh package -DskipTests -Dalexnet.cuda="$cuda_wanted" >"$state/jmh.log" 2>&1 ||
      { tail -n 20 "$state/jmh.log" >&2; fail 1 "the benchmarks cannot be packed"; }
  fi
  [[ -n $jdk ]] || find_jdk || require_tools
  exec "$jdk/bin/java" -jar "$jar" "$@"
}

# doctor looks at what there is: it builds only what was never built, and nothing where tools for that are missing.
prepare_doctor() {
  local missing
  if hold_build; then
    stale=$(why_build)
    return 0
  fi
  missing=$(missing_packages openjdk-17-jdk-headless)
  if [[ -z $missing ]]; then
    provide_build
    return 0
  fi
  missing=${missing//$'\n'/ }
  if [[ " $* " == *' --json '* ]]; then
    printf '{"problems":1,"findings":[{"level":"problem","subject":"tools","text":"missing for the build: %s",' "$missing"
    printf '"remedy":"apt-get install %s"}]}\n' "$missing"
  else
    printf 'problem  tools  missing for the build: %s; apt-get install %s\n' "$missing" "$missing"
  fi
  exit 4
}
