// sgd_update_vector: one step of SGD with momentum and weight decay, four parameters to a thread.
// Math     v = momentum * v - decay * rate * w - rate * g;  w = w + v
// Shapes   of each array w, v, g: [count] float32, no aliasing, aligned to 16 bytes
// Units    rate: learning rate; decay: per unit of rate. Paper: section 5, 0.9, 0.0005, biases without decay
// Cost     20 bytes per parameter, 6 FLOP; memory-bound. Predicted at 4.3 TB/s: one tower's 1.2 million parameters of
//          convolutions and biases, 23 MB, 5.5 us
// Launch   kThreads per block; a block owns kSgdBlock values of one array, thread i its values 4i to 4i + 3. No shared
//          memory, no workspace
// Valid    validate_sgd. Rounded as sgd.h says: same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "common/sgd.cuh"
#include "sgd/sgd.h"
#include "sgd/sgd_arrays.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = kSgdBlock / 4;

__global__ void sgd_update_vector(SgdUpdateShape s, const StepSettings* settings,
                                  const __grid_constant__ SgdTable table) {
  const SgdPlace place = sgd_place(s, table);
  if (place.array == s.arrays) return;
  const SgdArray& a = table.at[place.array];
  const SgdRates rates = sgd_rates(a.shape, *settings);
  const int64_t first = place.first + 4 * threadIdx.x;
  if (first + 4 <= a.shape.count) {
    float4 w = *reinterpret_cast<const float4*>(a.w + first), v = *reinterpret_cast<const float4*>(a.v + first);
    const float4 g = *reinterpret_cast<const float4*>(a.g + first);
    sgd_apply(rates, &w.x, &v.x, g.x);
    sgd_apply(rates, &w.y, &v.y, g.y);
    sgd_apply(rates, &w.z, &v.z, g.z);
    sgd_apply(rates, &w.w, &v.w, g.w);
    *reinterpret_cast<float4*>(a.v + first) = v;
    *reinterpret_cast<float4*>(a.w + first) = w;
    return;
  }
  for (int64_t i = first; i < a.shape.count; ++i) sgd_apply(rates, a.w + i, a.v + i, a.g[i]);
}

Status launch_vector(const SgdUpdateShape& s, const StepSettings* settings, const SgdTable& table, Stream stream) {
  return launch(sgd_update_vector, sgd_blocks(s), kThreads, 0, stream, s, settings, table);
}

}  // namespace

ALEXNET_VARIANT(SgdUpdate, "vector", prefers<2>, launch_vector)

}  // namespace alexnet
