// sgd_update_direct: one step of SGD with momentum and weight decay, one parameter after the other.
// Math     v = momentum * v - decay * rate * w - rate * g;  w = w + v
// Shapes   of each array w, v, g: [count] float32, no aliasing
// Units    rate: learning rate; decay: per unit of rate. Paper: section 5, 0.9, 0.0005, biases without decay
// Cost     20 bytes per parameter, 6 FLOP; memory-bound
// Launch   kThreads per block; a block owns kSgdBlock values of one array. No shared memory, no workspace
// Valid    validate_sgd. Rounded as sgd.h says: same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "common/sgd.cuh"
#include "sgd/sgd.h"
#include "sgd/sgd_arrays.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void sgd_update_direct(SgdUpdateShape s, const StepSettings* settings,
                                  const __grid_constant__ SgdTable table) {
  const SgdPlace place = sgd_place(s, table);
  if (place.array == s.arrays) return;
  const SgdArray& a = table.at[place.array];
  const SgdRates rates = sgd_rates(a.shape, *settings);
  const int64_t end = min(a.shape.count, place.first + kSgdBlock);
  for (int64_t i = place.first + threadIdx.x; i < end; i += kThreads) sgd_apply(rates, a.w + i, a.v + i, a.g[i]);
}

Status launch_direct(const SgdUpdateShape& s, const StepSettings* settings, const SgdTable& table, Stream stream) {
  return launch(sgd_update_direct, sgd_blocks(s), kThreads, 0, stream, s, settings, table);
}

}  // namespace

ALEXNET_VARIANT(SgdUpdate, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
