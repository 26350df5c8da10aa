// dropout_fprop_vector: dropout of a training or a test pass, the four words of a Philox call to a thread.
// Math     training: y[i] = uniform < keep ? x[i] : 0, uniform from the Philox word of element first + i (dropout.h);
//          testing: y[i] = keep * x[i]
// Shapes   x, y: [count] float32; y may be x
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

__global__ void dropout_fprop_vector(DropoutShape s, const StepSettings* settings, const float* x, float* y,
                                     bool training) {
  if (!training) {
    map_four(
        s.count, y, [&](float v) { return s.keep * v; }, x);
    return;
  }
  const uint64_t group = uint64_t(s.first + first_of_four()) / 4;
  const PhiloxWords words = philox_group(s.seed, s.purpose, settings->step, group);
  int word = 0;
  map_four(
      s.count, y, [&](float v) { return philox_uniform(words.word[word++]) < s.keep ? v : 0.f; }, x);
}

int prefer_vector(const DropoutShape& s) { return s.first % 4 == 0 ? 2 : 0; }

Status launch_vector(const DropoutShape& s, const StepSettings* settings, const float* x, float* y, bool training,
                     Stream stream) {
  return launch(dropout_fprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, settings, x, y,
                training);
}

}  // namespace

ALEXNET_VARIANT(DropoutFprop, "vector", prefer_vector, launch_vector)

}  // namespace alexnet
