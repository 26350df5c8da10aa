# What this process may use, which in a container or under ulimit is less than what the machine has.
# Sourced by ./alexnet. Every function that reads the system takes the root of the file system as $1, for tests.

# Prints the bytes of memory that cgroups leave to this process, of version 1 and 2, its own and those above it; nothing if
# there is no limit. Beyond memory.high of version 2 a process is slowed down until it stands still, so that it counts too.
# Inside of a container the path of the group may not exist; then that of the mount itself counts.
cgroup_bytes() {
  local root=$1 least= id controllers path base file files value
  [[ -r $root/proc/self/cgroup ]] || return 0
  while IFS=: read -r id controllers path; do
    if [[ -z $controllers ]]; then
      base=$root/sys/fs/cgroup files='memory.max memory.high'
      [[ ! -d $base/unified ]] || base=$base/unified
    elif [[ ,$controllers, == *,memory,* ]]; then
      base=$root/sys/fs/cgroup/memory files=memory.limit_in_bytes
    else
      continue
    fi
    while :; do
      for file in $files; do
        value=
        [[ ! -r $base$path/$file ]] || read -r value <"$base$path/$file" || true
        # "max", and the largest page of version 1, are no limits.
        if [[ $value =~ ^[0-9]{1,18}$ ]] && ((value > 0)) && { [[ -z $least ]] || ((value < least)); }; then
          least=$value
        fi
      done
      [[ -n $path && $path != / ]] || break
      path=${path%/*}
    done
  done <"$root/proc/self/cgroup"
  [[ -z $least ]] || echo "$least"
}

# Prints the mebibytes of memory that this process may have: the machine's, or less where a cgroup says so.
memory_mebibytes() {
  local root=$1 key value rest total=4096 limit
  while read -r key value rest; do
    if [[ $key == MemTotal: ]]; then
      total=$((value >> 10))
      break
    fi
  done <"$root/proc/meminfo"
  limit=$(cgroup_bytes "$root")
  if [[ -n $limit ]] && ((limit >> 20 < total)); then
    total=$((limit >> 20))
  fi
  echo "$total"
}

# Prints the mebibytes of Java's heap where $1 mebibytes of memory may be used: half of what the virtual machine itself, its
# classes and threads leave; images and tensors live outside of the heap. At least 128, at most 2048.
heap_mebibytes() {
  local heap=$((($1 - 400) / 2))
  ((heap >= 128)) || heap=128
  ((heap <= 2048)) || heap=2048
  echo "$heap"
}

# Prints options for Java, one a line, where memory is $1 mebibytes, `ulimit -v` is $2, KiB or "unlimited", and $3 processors
# may be used. Java reserves address space far beyond what it uses, 1.3 GiB of it for classes and compiled code alone. Its heap
# begins small: Java's own choice is a 64th of the memory, which it uses up before it collects for the first time. With few
# processors the collector that works alone is as fast, and needs 40 MiB less.
memory_options() {
  local memory=$1 address=$2 processors=$3
  local collector=(-Xms16m)
  ((processors > 4)) || collector=(-Xms32m -Xmn24m -XX:+UseSerialGC)
  if [[ $address == unlimited ]]; then
    printf '%s\n' "-Xmx$(heap_mebibytes "$memory")m" "${collector[@]}"
    return 0
  fi
  address=$((address >> 10))
  if ((address < 1024)); then
    fail 2 "ulimit -v is $address MiB; allowed: 1024 or more (ulimit -v unlimited lifts it)"
  fi
  ((memory < address)) || memory=$address
  printf '%s\n' "-Xmx$(heap_mebibytes $((memory - 400)))m" -Xms32m -Xmn24m -XX:CompressedClassSpaceSize=64m \
    -XX:ReservedCodeCacheSize=64m -XX:+UseSerialGC
}

# Prints how many processes share Java's test classes on $1 cores with $2 mebibytes of memory; each may take 6000. Tests
# start threads of their own, so more than four would be in each other's way.
test_jobs() {
  local jobs=$(($2 / 6000)) most=$1
  ((most <= 4)) || most=4
  ((jobs <= most)) || jobs=$most
  ((jobs >= 1)) || jobs=1
  echo "$jobs"
}

# Prints how many compilers may run at once on $1 cores with $2 mebibytes of memory; the largest takes 600.
compile_jobs() {
  local jobs=$(($2 / 600))
  ((jobs <= $1)) || jobs=$1
  ((jobs >= 1)) || jobs=1
  echo "$jobs"
}
