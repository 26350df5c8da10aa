// dropout_fprop_direct: dropout of a training or a test pass, one thread per element.
// Math     training: y[i] = uniform < keep ? x[i] : 0, uniform from the Philox word of element first + i (dropout.h);
//          testing: y[i] = keep * x[i]
// Shapes   x, y: [count] float32; y may be x
// Units    keep: probability that a value stays. Paper: section 4.2, 0.5
// Cost     8 bytes per element and, in training, ten Philox rounds (about 40 integer operations); memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_dropout. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "common/philox.cuh"
#include "dropout/dropout.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void dropout_fprop_direct(DropoutShape s, const StepSettings* settings, const float* x, float* y,
                                     bool training) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= s.count) return;
  if (!training) {
    y[i] = s.keep * x[i];
    return;
  }
  const uint32_t word = philox_word(s.seed, s.purpose, settings->step, uint64_t(s.first + i));
  y[i] = philox_uniform(word) < s.keep ? x[i] : 0.f;
}

int prefer_direct(const DropoutShape&) { return 1; }

Status launch_direct(const DropoutShape& s, const StepSettings* settings, const float* x, float* y, bool training,
                     Stream stream) {
  return launch(dropout_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, settings, x, y, training);
}

}  // namespace

ALEXNET_VARIANT(DropoutFprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
