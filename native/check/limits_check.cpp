#include "check/limits_check.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "alexnet.h"
#include "check/expect.h"
#include "runtime/limits.h"

namespace alexnet::check {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kMiB = 1 << 20;

// A root folder of its own with 16 GiB of memory, 12 GiB of them free, and 8 processors.
class Machine {
 public:
  Machine() {
    std::string name = (fs::temp_directory_path() / "limits.XXXXXX").string();
    root_ = mkdtemp(name.data());
    file("/proc/meminfo", "MemTotal:       16777216 kB\nMemFree:          100 kB\nMemAvailable:   12582912 kB\n");
    file("/proc/self/limits", limits("unlimited", "unlimited"));
    file("/proc/self/status", status("0-7"));
  }
  ~Machine() { fs::remove_all(root_); }

  void file(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  static std::string limits(const std::string& data, const std::string& address_space) {
    return "Limit                     Soft Limit           Hard Limit           Units     \n"
           "Max data size             " +
           data +
           "  unlimited  bytes     \n"
           "Max address space         " +
           address_space + "  unlimited  bytes     \n";
  }
  static std::string status(const std::string& processors) {
    return "Name:\tjava\nVmSize:\t  409600 kB\nVmData:\t  102400 kB\nCpus_allowed_list:\t" + processors + "\n";
  }
  void v2(const std::string& group, const std::string& shown = "/") {
    file("/proc/self/cgroup", "0::" + group + "\n");
    file("/proc/self/mountinfo",
         "24 22 0:6 / /dev rw - devtmpfs udev rw\n"
         "30 22 0:27 " +
             shown + " /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  }
  void v1(const std::string& group, const std::string& shown = "/") {
    file("/proc/self/cgroup", "4:memory:" + group + "\n3:cpu,cpuacct:" + group + "\n1:name=systemd:/\n0::/\n");
    file("/proc/self/mountinfo", "31 30 0:28 " + shown +
                                     " /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                                     "34 30 0:31 " +
                                     shown +
                                     " /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                                     "40 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  }
  bool has(int64_t free_mib, int64_t total_mib) const {
    const limits::Memory memory = limits::memory(root_);
    const bool right = memory.free_bytes == free_mib * kMiB && memory.total_bytes == total_mib * kMiB;
    if (!right) {
      std::fprintf(stderr, "free %lld, total %lld MiB\n", static_cast<long long>(memory.free_bytes / kMiB),
                   static_cast<long long>(memory.total_bytes / kMiB));
    }
    return right;
  }
  int32_t cores() const { return limits::cores(root_); }

 private:
  std::string root_;
};

void check_machine() {
  Machine machine;
  EXPECT(machine.has(12288, 16384));
  EXPECT(machine.cores() == 8);
  machine.file("/proc/self/status", Machine::status("0,2-3,10"));
  EXPECT(machine.cores() == 4);
  machine.file("/proc/meminfo", "");
  EXPECT(machine.has(0, 0));
  EXPECT(limits::memory().free_bytes > 0 && limits::memory().free_bytes <= limits::memory().total_bytes);
  EXPECT(limits::cores() >= 1);
}

void check_process_limits() {
  Machine machine;
  machine.file("/proc/self/limits", Machine::limits("unlimited", "1258291200"));
  EXPECT(machine.has(800, 1200));  // 400 MiB of address space are taken
  machine.file("/proc/self/limits", Machine::limits("209715200", "1258291200"));
  EXPECT(machine.has(100, 200));
  machine.file("/proc/self/limits", Machine::limits("1048576", "unlimited"));
  EXPECT(machine.has(0, 1));  // less than what is in use already
}

void check_v2() {
  Machine machine;
  machine.v2("/user.slice/run 1");
  const std::string own = "/sys/fs/cgroup/user.slice/run 1", parent = "/sys/fs/cgroup/user.slice";
  EXPECT(machine.has(12288, 16384));
  machine.file(own + "/memory.max", "1258291200\n");
  machine.file(own + "/memory.high", "max\n");
  EXPECT(machine.has(1200, 1200));
  machine.file(own + "/memory.current", "314572800\n");  // 300 MiB, of which 100 are files' pages
  machine.file(own + "/memory.stat", "anon 1\ninactive_file 62914560\nactive_file 41943040\n");
  EXPECT(machine.has(1000, 1200));
  machine.file(own + "/memory.high", "1048576000\n");
  EXPECT(machine.has(800, 1000));
  machine.file(parent + "/memory.max", "734003200\n");  // a parent's limit is a limit
  machine.file(parent + "/memory.current", "524288000\n");
  EXPECT(machine.has(200, 700));
  machine.file(parent + "/memory.max", "nonsense\n");
  EXPECT(machine.has(800, 1000));

  machine.file(own + "/cpu.max", "max 100000\n");
  EXPECT(machine.cores() == 8);
  machine.file(own + "/cpu.max", "250000 100000\n");
  EXPECT(machine.cores() == 3);
  machine.file(parent + "/cpu.max", "20000 100000\n");
  EXPECT(machine.cores() == 1);

  machine.v2("/");  // a container with a namespace of its own: its group is the root of what it sees
  machine.file("/sys/fs/cgroup/memory.max", "1073741824\n");
  EXPECT(machine.has(1024, 1024));
  machine.v2("/../other");  // a group outside of what the process sees: its root's limits hold
  EXPECT(machine.has(1024, 1024));
}

void check_v1() {
  Machine machine;
  machine.v1("/docker/one");
  machine.file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");  // none
  machine.file("/sys/fs/cgroup/memory/memory.usage_in_bytes", "9000000000\n");
  EXPECT(machine.has(12288, 16384));
  const std::string own = "/sys/fs/cgroup/memory/docker/one", parent = "/sys/fs/cgroup/memory/docker";
  machine.file(own + "/memory.limit_in_bytes", "1258291200\n");
  machine.file(own + "/memory.usage_in_bytes", "314572800\n");
  machine.file(own + "/memory.stat", "inactive_file 1\ntotal_inactive_file 62914560\ntotal_active_file 41943040\n");
  EXPECT(machine.has(1000, 1200));
  machine.file(parent + "/memory.limit_in_bytes", "734003200\n");
  EXPECT(machine.has(700, 700));

  const std::string cpu = "/sys/fs/cgroup/cpu,cpuacct/docker/one";
  machine.file(cpu + "/cpu.cfs_quota_us", "-1\n");
  machine.file(cpu + "/cpu.cfs_period_us", "100000\n");
  EXPECT(machine.cores() == 8);
  machine.file(cpu + "/cpu.cfs_quota_us", "150000\n");
  EXPECT(machine.cores() == 2);

  // Docker without a namespace: the mount point shows the container's group alone.
  Machine docker;
  docker.v1("/docker/one", "/docker/one");
  docker.file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1258291200\n");
  docker.file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n");
  docker.file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT(docker.has(1200, 1200));
  EXPECT(docker.cores() == 1);
}

// A device that is said to have little memory gives no more of it than that, and has it back afterwards.
void check_memory_limit() {
  EXPECT(setenv("ALEXNET_FAULT", "memory:3", 1) == 0);
  for (const int32_t kind : {ALEXNET_EMU, ALEXNET_CPU}) {
    alexnet_device* device = nullptr;
    alexnet_arena *first = nullptr, *second = nullptr;
    int64_t free_bytes = 0, total_bytes = 0;
    EXPECT(alexnet_device_open(kind, 0, &device) == ALEXNET_OK);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 2 << 20, &first) == ALEXNET_OK);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 2 << 20, &second) == ALEXNET_OUT_OF_MEMORY);
    EXPECT_TEXT(alexnet_last_error(),
                "2097152 bytes; this process may use 3145728, of which 1048576 are free and 2097152");
    EXPECT(alexnet_device_memory(device, &free_bytes, &total_bytes) == ALEXNET_OK);
    EXPECT(free_bytes == 1 << 20 && total_bytes == 3 << 20);
    EXPECT(alexnet_arena_close(first) == ALEXNET_OK);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 2 << 20, &second) == ALEXNET_OK);
    EXPECT(alexnet_arena_close(second) == ALEXNET_OK && alexnet_device_close(device) == ALEXNET_OK);
  }
  EXPECT(unsetenv("ALEXNET_FAULT") == 0);
}

}  // namespace

void check_limits() {
  check_machine();
  check_process_limits();
  check_v2();
  check_v1();
  check_memory_limit();
}

}  // namespace alexnet::check
