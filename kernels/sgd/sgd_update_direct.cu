// sgd_update_direct: one step of SGD with momentum and weight decay, one thread per parameter.
// Math     v = momentum * v - decay * rate * w - rate * g;  w = w + v
// Shapes   w, v, g: [count] float32, no aliasing
// Units    rate: learning rate; decay: per unit of rate. Paper: section 5, 0.9, 0.0005, biases without decay
// Cost     20 bytes per parameter, 6 FLOP; memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_sgd. Rounded as sgd.h says: same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "common/sgd.cuh"
#include "sgd/sgd.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void sgd_update_direct(SgdShape s, const StepSettings* settings, float* w, float* v, const float* g) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < s.count) sgd_apply(sgd_rates(s, *settings), w + i, v + i, g[i]);
}

int prefer_direct(const SgdShape&) { return 1; }

Status launch_direct(const SgdShape& s, const StepSettings* settings, float* w, float* v, const float* g,
                     Stream stream) {
  return launch(sgd_update_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, settings, w, v, g);
}

}  // namespace

ALEXNET_VARIANT(SgdUpdate, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
