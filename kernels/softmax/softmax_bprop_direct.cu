// softmax_bprop_direct: gradient of the log-loss with respect to the logits, one thread per element.
// Math     dlogits[n,c] = scale * (p[n,c] - (c == label ? 1 : 0))
// Shapes   probabilities, dlogits: [N,C] float32, labels: int32[N]; dlogits may be probabilities
// Units    scale: 1/N for the gradient of the batch's mean loss
// Cost     8 bytes and 2 FLOP per element; memory-bound
// Launch   kThreads per block; thread i owns flat element i of [n,c]. No shared memory, no workspace
// Valid    validate_softmax. Label outside [0, C): the row is NaN. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "softmax/softmax.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void softmax_bprop_direct(SoftmaxShape s, const float* probabilities, const int32_t* labels, float scale,
                                     float* dlogits) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= int64_t(s.N) * s.C) return;
  const int label = labels[i / s.C];
  const float target = i % s.C == label ? 1.f : 0.f;
  dlogits[i] = label >= 0 && label < s.C ? scale * (probabilities[i] - target) : NAN;
}

Status launch_direct(const SoftmaxShape& s, const float* probabilities, const int32_t* labels, float scale,
                     float* dlogits, Stream stream) {
  return launch(softmax_bprop_direct, blocks_for(int64_t(s.N) * s.C, kThreads), kThreads, 0, stream, s, probabilities,
                labels, scale, dlogits);
}

}  // namespace

ALEXNET_VARIANT(SoftmaxBprop, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
