// dropout_bprop_vector: gradient of a training pass of dropout, the mask drawn again, the four words of a Philox call
// to a thread.
// Math     dx[i] = uniform < keep ? dy[i] : 0, uniform from the Philox word of element first + i (dropout.h)
// Shapes   dy, dx: [count] float32; dx may be dy
// Units    keep: probability that a value stays. Paper: section 4.2, 0.5
// Cost     8 bytes and a quarter of a Philox call (about 25 integer operations) per element: memory-bound. Predicted at
//          4.3 TB/s: fc6 of 128 images, one tower, 2.1 MB, 0.5 us, below what a launch costs
// Launch   kThreads per block; thread i owns elements 4i to 4i + 3. No shared memory, no workspace
// Valid    validate_dropout, first a multiple of 4: these elements then share one Philox call. Same bits on every kind
//          of device
// Measured on an H200, 128 images, one tower, and share of the roofline: fc6 4 us 13 % (docs/measurements/gpu.md)
#include "common/map_four.cuh"
#include "common/philox.cuh"
#include "dropout/dropout.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void dropout_bprop_vector(DropoutShape s, const StepSettings* settings, const float* dy, float* dx) {
  const uint64_t group = uint64_t(s.first + first_of_four()) / 4;
  const PhiloxWords words = philox_group(s.seed, s.purpose, settings->step, group);
  int word = 0;
  map_four(
      s.count, dx, [&](float v) { return philox_uniform(words.word[word++]) < s.keep ? v : 0.f; }, dy);
}

int prefer_vector(const DropoutShape& s) { return s.first % 4 == 0 ? 2 : 0; }

Status launch_vector(const DropoutShape& s, const StepSettings* settings, const float* dy, float* dx, Stream stream) {
  return launch(dropout_bprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, settings, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(DropoutBprop, "vector", prefer_vector, launch_vector)

}  // namespace alexnet
