// dropout_bprop_direct: gradient of a training pass of dropout, one thread per element, the mask drawn again.
// Math     dx[i] = uniform < keep ? dy[i] : 0, uniform from the Philox word of element first + i (dropout.h)
// Shapes   dy, dx: [count] float32; dx may be dy
// Units    keep: probability that a value stays
// Cost     8 bytes per element and ten Philox rounds (about 40 integer operations); memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_dropout. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "common/philox.cuh"
#include "dropout/dropout.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void dropout_bprop_direct(DropoutShape s, const StepSettings* settings, const float* dy, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= s.count) return;
  const uint32_t word = philox_word(s.seed, s.purpose, settings->step, uint64_t(s.first + i));
  dx[i] = philox_uniform(word) < s.keep ? dy[i] : 0.f;
}

int prefer_direct(const DropoutShape&) { return 1; }

Status launch_direct(const DropoutShape& s, const StepSettings* settings, const float* dy, float* dx, Stream stream) {
  return launch(dropout_bprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, settings, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(DropoutBprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
