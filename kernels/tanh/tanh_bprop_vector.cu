// tanh_bprop_vector: gradient of the hyperbolic tangent, four elements to a thread.
// Math     dx = dy * (1 - y^2)
// Shapes   y, dy, dx: [count] float32; dx may be dy
// Units    none
// Cost     12 bytes per element: memory-bound. Predicted at 4.3 TB/s: conv1 of 128 images, one tower, 223 MB, 52 us
// Launch   kThreads per block; thread i owns elements 4i to 4i + 3. No shared memory, no workspace
// Valid    validate_tanh. Bit-reproducible on one kind of device
// Measured not yet
#include "common/map_four.cuh"
#include "tanh/tanh.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void tanh_bprop_vector(TanhShape s, const float* y, const float* dy, float* dx) {
  map_four(
      s.count, dx, [](float output, float v) { return v * (1.f - output * output); }, y, dy);
}

int prefer_vector(const TanhShape&) { return 2; }

Status launch_vector(const TanhShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(tanh_bprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(TanhBprop, "vector", prefer_vector, launch_vector)

}  // namespace alexnet
