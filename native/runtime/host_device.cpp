// HostDevice: `emu` and `cpu`. Memory is the host's; a call has finished when it returns, so streams are nothing and an
// event is a time.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "runtime/core_pool.h"
#include "runtime/core_shares.h"
#include "runtime/device.h"
#include "runtime/fault.h"
#include "runtime/limits.h"

namespace alexnet {

namespace {

constexpr int64_t kHugePage = 2 << 20;
constexpr int64_t kGuardBytes = 256;  // before and after the memory of an arena on emu
constexpr unsigned char kGuard = 0xA5;
constexpr unsigned char kPoison = 0xFF;  // four of them are a NaN

struct HostEvent {
  std::atomic<int64_t> time_ns{0};
};

int64_t now_ns() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

bool intact(const char* guard) {
  return std::all_of(guard, guard + kGuardBytes, [](char c) { return static_cast<unsigned char>(c) == kGuard; });
}

// What all host devices have allocated: they share one memory.
std::atomic<int64_t> allocated_bytes{0};

// What they may use; 0 if nothing is known.
limits::Memory memory_limits() {
  const int64_t wanted = fault_memory_bytes();
  if (wanted == 0) return limits::memory();
  return {std::max<int64_t>(0, wanted - allocated_bytes), wanted};
}

// Counts `bytes` as allocated; false if that is more than there is. Memory that was allocated and not yet touched is no
// less free, therefore both limits.
bool reserve(int64_t bytes, const limits::Memory& memory) {
  if (memory.total_bytes > 0 && bytes > memory.free_bytes) return false;
  const int64_t together = allocated_bytes.fetch_add(bytes) + bytes;
  if (memory.total_bytes == 0 || together <= memory.total_bytes) return true;
  allocated_bytes -= bytes;
  return false;
}

class HostDevice : public Device {
 public:
  HostDevice(Kind kind, int32_t index) : Device(kind, index) {
    if (kind == Kind::kCpu) share_.emplace(index, &pool_);
  }

  std::string describe() override {
    return format_text("{\"device\":\"%s\",\"kind\":\"%s\",\"threads\":%d,\"cores\":%d,\"memory_bytes\":%lld}",
                       name().c_str(), kind_name(kind()), threads_.load(), limits::cores(),
                       static_cast<long long>(memory_limits().total_bytes));
  }

  Cores cores() override { return {threads_, &pool_}; }
  Status use_threads(int32_t threads) override {
    threads_ = threads;
    if (share_) share_->threads(threads);
    return {};
  }

  Status memory(int64_t* free_bytes, int64_t* total_bytes) override {
    const limits::Memory memory = memory_limits();
    *free_bytes = memory.free_bytes;
    *total_bytes = memory.total_bytes;
    return {};
  }

  // Starts on a 2 MiB page, so that the kernel can map it by large ones. On emu it is filled with NaN and lies between
  // guard words.
  Status allocate(MemoryKind, int64_t bytes, void** address) override {
    const limits::Memory memory = memory_limits();
    ALEXNET_REQUIRE(reserve(bytes, memory), ALEXNET_OUT_OF_MEMORY,
                    "%s: %lld bytes; this process may use %lld, of which %lld are free and %lld belong to other arenas",
                    name().c_str(), static_cast<long long>(bytes), static_cast<long long>(memory.total_bytes),
                    static_cast<long long>(memory.free_bytes), static_cast<long long>(allocated_bytes));
    const int64_t mapped = mapped_bytes(bytes);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* map = mmap(nullptr, size_t(mapped), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (map == MAP_FAILED) {
      allocated_bytes -= bytes;
      return {ALEXNET_OUT_OF_MEMORY,
              format_text("%s: no address space for %lld bytes", name().c_str(), static_cast<long long>(bytes))};
    }
    char* begin = aligned(static_cast<char*>(map));
    // The pages before the aligned start go back; those after the end were never touched.
    if (begin > map) munmap(map, size_t(begin - static_cast<char*>(map)));
    char* end = static_cast<char*>(map) + mapped;
    char* needed = begin + (mapped - kHugePage);
    if (needed < end) munmap(needed, size_t(end - needed));
    madvise(begin, size_t(needed - begin), MADV_HUGEPAGE);
    if (kind() == Kind::kEmu) {
      std::memset(begin, kGuard, kGuardBytes);
      begin += kGuardBytes;
      std::memset(begin, kPoison, size_t(bytes));
      std::memset(begin + bytes, kGuard, kGuardBytes);
    }
    *address = begin;
    return {};
  }

  Status release(MemoryKind, int64_t bytes, void* address) override {
    char* begin = static_cast<char*>(address);
    Status status;
    if (kind() == Kind::kEmu) {
      const bool before = intact(begin - kGuardBytes), after = intact(begin + bytes);
      if (!before || !after) {
        status = Status(ALEXNET_INTERNAL, format_text("%s: something wrote %s an arena of %lld bytes", name().c_str(),
                                                      before ? "after" : "before", static_cast<long long>(bytes)));
      }
      begin -= kGuardBytes;
    }
    munmap(begin, size_t(mapped_bytes(bytes) - kHugePage));
    allocated_bytes -= bytes;
    return status;
  }

  Status create_stream(void** handle) override {
    *handle = nullptr;
    return {};
  }
  void destroy_stream(void*) override {}
  Status synchronize(void*) override { return make_current(); }

  Status create_event(void** handle) override {
    *handle = new HostEvent;
    return {};
  }
  void destroy_event(void* handle) override { delete static_cast<HostEvent*>(handle); }
  Status record(void* event, void*) override {
    static_cast<HostEvent*>(event)->time_ns.store(now_ns(), std::memory_order_release);
    return {};
  }
  Status wait(void*, const EventObject& event) override { return event.device().synchronize_event(event.handle); }
  Status synchronize_event(void* event) override {
    static_cast<HostEvent*>(event)->time_ns.load(std::memory_order_acquire);
    return {};
  }
  Status elapsed(void* from, void* to, double* time_us) override {
    const int64_t begin = static_cast<HostEvent*>(from)->time_ns.load();
    *time_us = double(static_cast<HostEvent*>(to)->time_ns.load() - begin) * 1e-3;
    return {};
  }

  Status copy(void*, void* to, const void* from, int64_t bytes) override {
    ALEXNET_TRY(make_current());
    std::memmove(to, from, size_t(bytes));
    return {};
  }
  Status fill(void*, float* to, int64_t count, float value) override {
    ALEXNET_TRY(make_current());
    std::fill_n(to, count, value);
    return {};
  }
  Status clear(void*, void* to, int64_t bytes) override {
    ALEXNET_TRY(make_current());
    std::memset(to, 0, size_t(bytes));
    return {};
  }

 private:
  std::atomic<int32_t> threads_{1};
  CorePool pool_;
  std::optional<CoreShare> share_;  // of a cpu device; goes before the pool

  // Whole large pages, and one more to find an aligned start in.
  int64_t mapped_bytes(int64_t bytes) const {
    const int64_t guards = kind() == Kind::kEmu ? 2 * kGuardBytes : 0;
    return (bytes + guards + kHugePage - 1) / kHugePage * kHugePage + kHugePage;
  }
  static char* aligned(char* p) {
    return reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(p) + kHugePage - 1) / kHugePage * kHugePage);
  }
};

// What the machine lacks of what the cpu kernels were compiled for, or an empty string.
std::string missing_instructions() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  std::string missing;
  if (!__builtin_cpu_supports("avx2")) missing += " AVX2";
  if (!__builtin_cpu_supports("fma")) missing += missing.empty() ? " FMA" : " and FMA";
  return missing;
#else
  return "";
#endif
}

}  // namespace

Status open_host_device(Kind kind, int32_t index, std::shared_ptr<Device>* device) {
  ALEXNET_REQUIRE(index >= 0 && index < kHostDevices, ALEXNET_NO_DEVICE, "%s:%d: allowed are %s:0 to %s:%d",
                  kind_name(kind), index, kind_name(kind), kind_name(kind), kHostDevices - 1);
  ALEXNET_TRY(check_fault_setting());
  ALEXNET_TRY(races::check_setting());
  if (kind == Kind::kCpu) {
    const std::string missing = missing_instructions();
    ALEXNET_REQUIRE(missing.empty(), ALEXNET_NO_DEVICE,
                    "cpu:%d: this processor lacks%s, which the cpu kernels need; emu:%d runs on any, slowly", index,
                    missing.c_str(), index);
  }
  *device = std::make_shared<HostDevice>(kind, index);
  return {};
}

#if !defined(ALEXNET_WITH_CUDA)
Status cuda_device_count(int32_t* count) {
  *count = 0;
  return {};
}

Status open_cuda_device(int32_t index, std::shared_ptr<Device>*) {
  return {ALEXNET_NO_DEVICE, format_text("cuda:%d: this build has no CUDA (no nvcc when it was built)", index)};
}
#endif

}  // namespace alexnet
