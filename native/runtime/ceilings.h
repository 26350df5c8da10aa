// What a device can do, measured in the same run as what is held against it.
#ifndef ALEXNET_RUNTIME_CEILINGS_H
#define ALEXNET_RUNTIME_CEILINGS_H

#include <cstdint>
#include <string>

#include "common/cores.h"
#include "common/status.h"

namespace alexnet {

struct Ceilings {
  double fma_gflops = 0;    // a loop of independent float multiply-adds on every core; an FMA counts as two
  double outer_gflops = 0;  // on a GPU the same as an outer product in registers, whose FMA read three; elsewhere 0
  double copy_gbs = 0;      // read plus written, of arrays far beyond the cache
  int64_t cache_bytes = 0;  // the last level before memory
  std::string machine;      // its name, and what else belongs to a number
};

Status measure_cpu_ceilings(const Cores& cores, Ceilings* ceilings);
// UNSUPPORTED in a build without CUDA.
Status measure_cuda_ceilings(int32_t device, Ceilings* ceilings);

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_CEILINGS_H
