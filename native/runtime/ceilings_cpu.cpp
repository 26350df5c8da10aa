// The ceilings of the CPU: FMA in the widest vectors, and a copy.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>

#include "runtime/ceilings.h"

namespace alexnet {

namespace {

constexpr int kRuns = 5;  // the best counts: a ceiling is what the machine can do
constexpr int64_t kFmaRounds = 20'000'000;
constexpr int kChains = 10;  // FMA takes 4 or 5 clocks and two start in each: ten independent sums keep them busy
constexpr int64_t kCopyBytes = int64_t(256) << 20;

double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

using EightFloats = float __attribute__((vector_size(32)));
using SixteenFloats = float __attribute__((vector_size(64)));

template <class Vector>
__attribute__((always_inline)) inline float fma_chains(int64_t rounds) {
  Vector sums[kChains] = {};
  const Vector a = Vector{} + .0625f, b = Vector{} + 1.f;
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 10
    for (Vector& sum : sums) sum = sum * a + b;  // one FMA: this file is compiled with -ffp-contract=fast
  }
  Vector all = {};
  for (const Vector& sum : sums) all += sum;
  return all[0];
}

// Nothing else of this file may need more than the least processor: it shares inline functions with all others.
#if defined(__x86_64__)
#define ALEXNET_EIGHT __attribute__((target("avx2,fma")))
#define ALEXNET_SIXTEEN __attribute__((target("avx512f,prefer-vector-width=512")))
#else
#define ALEXNET_EIGHT
#define ALEXNET_SIXTEEN
#endif

ALEXNET_EIGHT float fma_rounds_8(int64_t rounds) { return fma_chains<EightFloats>(rounds); }
ALEXNET_SIXTEEN float fma_rounds_16(int64_t rounds) { return fma_chains<SixteenFloats>(rounds); }

bool is_wide() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

double fma_gflops(const Cores& cores) {
  const int32_t threads = cores.count;
  const bool wide = is_wide();
  const auto rounds = wide ? fma_rounds_16 : fma_rounds_8;
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::unique_ptr<float[]> results(new float[size_t(threads)]);
    const double begin = now();
    parallel_for(cores, threads, 1, [&](int64_t first, int64_t last) {
      for (int64_t t = first; t < last; ++t) results[size_t(t)] = rounds(kFmaRounds);
    });
    const double seconds = now() - begin;
    volatile float keep = results[0];
    (void)keep;
    best = std::max(best, 2e-9 * (wide ? 16 : 8) * kChains * double(kFmaRounds) * threads / seconds);
  }
  return best;
}

double copy_gbs(const Cores& cores) {
  std::unique_ptr<char[]> from(new char[size_t(kCopyBytes)]), to(new char[size_t(kCopyBytes)]);
  const auto copy = [&] {
    parallel_for(cores, kCopyBytes, 1 << 20, [&](int64_t first, int64_t last) {
      std::memcpy(to.get() + first, from.get() + first, size_t(last - first));
    });
  };
  std::memset(from.get(), 1, size_t(kCopyBytes));
  copy();  // touches every page
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    const double begin = now();
    copy();
    best = std::max(best, 2e-9 * double(kCopyBytes) / (now() - begin));
  }
  return best;
}

// Bytes of the last cache of this machine's first processor; of a container's host sysconf may give the sum over all.
int64_t cache_bytes() {
  std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index3/size");
  int64_t kibibytes = 0;
  if (file >> kibibytes && kibibytes > 0) return kibibytes << 10;
  const long bytes = std::max(sysconf(_SC_LEVEL2_CACHE_SIZE), sysconf(_SC_LEVEL3_CACHE_SIZE));
  return bytes > 0 ? bytes : 32 << 20;
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, 10, "model name") == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown CPU";
}

}  // namespace

Status measure_cpu_ceilings(const Cores& cores, Ceilings* ceilings) {
  *ceilings = {fma_gflops(cores), 0, copy_gbs(cores), cache_bytes(),
               cpu_name() + ", " + std::to_string(cores.count) + " threads"};
  return {};
}

}  // namespace alexnet
