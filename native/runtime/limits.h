// Limits: how much memory and how many cores this process may use, which in a container is less than the machine has.
//
// Memory   the least of the machine's (/proc/meminfo), that of every control group from the process's own up to the
//          hierarchy's root (v2: memory.max and memory.high; v1: memory.limit_in_bytes), and the process's own limits
//          on its address space and data (RLIMIT_AS, RLIMIT_DATA). Free: what the tightest of them still allows; files
//          in a group's page cache count as free, since they go when memory is asked for.
// Cores    the least of the processors that the process may run on and the quota of every control group (v2: cpu.max;
//          v1: cpu.cfs_quota_us by cpu.cfs_period_us), rounded up.
//
// A file that is missing or says something else limits nothing.
#ifndef ALEXNET_RUNTIME_LIMITS_H
#define ALEXNET_RUNTIME_LIMITS_H

#include <cstdint>
#include <string>

namespace alexnet::limits {

struct Memory {
  int64_t free_bytes;
  int64_t total_bytes;  // 0 if nothing is known
};

// `root` is put before /proc and /sys and every mount point, for tests.
Memory memory(const std::string& root = "");
int32_t cores(const std::string& root = "");

}  // namespace alexnet::limits

#endif  // ALEXNET_RUNTIME_LIMITS_H
