# What a process needs to know that a launcher (Open MPI's mpirun) has started together with others.
# Sourced by ./alexnet.

# True if there may be others.
of_several() { [[ -n ${OMPI_COMM_WORLD_SIZE:-} ]]; }

# Ends command $1, which this launcher carries out itself and which is for one process, if there are others. The first one
# says so; the others wait for it, as mpirun ends all once one has failed. Java decides for all other commands.
require_alone() {
  ((${OMPI_COMM_WORLD_SIZE:-1} > 1)) || return 0
  if ((${OMPI_COMM_WORLD_RANK:-0} == 0)); then
    fail 2 "$1 is for one process, and $OMPI_COMM_WORLD_SIZE were started: start it without mpirun"
  fi
  sleep 3
  exit 2
}

# Prints how many of them are on this machine, 1 if that is not known.
ranks_here() { echo "${OMPI_COMM_WORLD_LOCAL_SIZE:-1}"; }

# True if MPI is here to build with.
has_mpi() { command -v mpicxx >/dev/null; }

# True if the build in folder $1 can join others.
knows_mpi() { [[ -n $(find "$1/classes" -name libalexnet_mpi.so -print -quit) ]]; }

# Prints what list item number $1 of $2 neighbouring shares of the items $3... is, with commas; where there are fewer items
# than shares, one item, in turns.
share_of() {
  local at=$1 shares=$2 each
  shift 2
  each=$(($# / shares))
  if ((each == 0)); then
    at=$((at % $# + 1))
    echo "${!at}"
  else
    (IFS=, && set -- "${@:at * each + 1:each}" && echo "$*")
  fi
}

# Prints the numbers in a list like 0-3,8, one a line.
numbers_of() {
  local part
  for part in ${1//,/ }; do
    seq "${part%-*}" "${part#*-}"
  done
}

# Gives this process its share of the machine: of the processors, unless the launcher has bound it, and of the GPUs, unless
# CUDA_VISIBLE_DEVICES says which. Keeps the libraries below MPI from taking over signals that Java needs.
prepare_rank() {
  local here=${OMPI_COMM_WORLD_LOCAL_RANK:-0} shares allowed gpus
  export UCX_ERROR_SIGNALS= IPATH_NO_BACKTRACE=1 HFI_NO_BACKTRACE=1 OMPI_MCA_opal_signal=
  shares=$(ranks_here)
  ((shares > 1)) || return 0
  if command -v taskset >/dev/null && (($(nproc) == $(nproc --all))); then
    allowed=$(taskset -pc $$) allowed=${allowed##*: }
    mapfile -t allowed < <(numbers_of "$allowed")
    taskset -pc "$(share_of "$here" "$shares" "${allowed[@]}")" $$ >/dev/null || say "this rank has no processors of its own"
  fi
  if has_driver && [[ -z ${CUDA_VISIBLE_DEVICES:-} ]]; then
    mapfile -t gpus < <(nvidia-smi --query-gpu=index --format=csv,noheader 2>/dev/null)
    if ((${#gpus[@]} > 0)); then
      CUDA_VISIBLE_DEVICES=$(share_of "$here" "$shares" "${gpus[@]}")
      export CUDA_VISIBLE_DEVICES
    fi
  fi
}
