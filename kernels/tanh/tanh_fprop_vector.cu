// tanh_fprop_vector: hyperbolic tangent, four elements to a thread.
// Math     y = tanh(x)
// Shapes   x, y: [count] float32; y may be x
// Units    none
// Cost     8 bytes per element, one tanhf of about 20 instructions: memory-bound. Predicted at 4.3 TB/s: conv1 of 128
//          images, one tower, 149 MB, 35 us
// Launch   kThreads per block; thread i owns elements 4i to 4i + 3. No shared memory, no workspace
// Valid    validate_tanh. NaN stays NaN. Bit-reproducible on one kind of device
// Measured not yet
#include "common/map_four.cuh"
#include "tanh/tanh.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void tanh_fprop_vector(TanhShape s, const float* x, float* y) {
  map_four(
      s.count, y, [](float v) { return tanhf(v); }, x);
}

int prefer_vector(const TanhShape&) { return 2; }

Status launch_vector(const TanhShape& s, const float* x, float* y, Stream stream) {
  return launch(tanh_fprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

}  // namespace

ALEXNET_VARIANT(TanhFprop, "vector", prefer_vector, launch_vector)

}  // namespace alexnet
