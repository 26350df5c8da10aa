// relu_bprop_vector: gradient of the rectified linear unit, four elements to a thread.
// Math     dx = y > 0 ? dy : 0
// Shapes   y, dy, dx: [count] float32; dx may be dy
// Units    none
// Cost     12 bytes per element: memory-bound. Predicted at 4.3 TB/s: conv1 of 128 images, one tower, 223 MB, 52 us
// Launch   kThreads per block; thread i owns elements 4i to 4i + 3. No shared memory, no workspace
// Valid    validate_relu. Same bits on every kind of device
// Measured not yet
#include "common/map_four.cuh"
#include "relu/relu.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void relu_bprop_vector(ReluShape s, const float* y, const float* dy, float* dx) {
  map_four(
      s.count, dx, [](float active, float v) { return active > 0.f ? v : 0.f; }, y, dy);
}

int prefer_vector(const ReluShape&) { return 2; }

Status launch_vector(const ReluShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(relu_bprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(ReluBprop, "vector", prefer_vector, launch_vector)

}  // namespace alexnet
