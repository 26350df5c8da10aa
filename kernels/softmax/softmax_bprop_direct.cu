// softmax_bprop_direct: gradient of the log-loss with respect to the logits, one thread per element.
// Math     dlogits[n,c] = scale * (p[n,c] - (c == label ? 1 : 0))
// Shapes   probabilities: [N,C] float32, dlogits: [N,C] float32, in `direct_bf16` bf16, labels: int32[N]; dlogits of
//          float32 may be probabilities
// Units    scale: 1/N for the gradient of the batch's mean loss
// Cost     8 bytes, in bf16 6, and 2 FLOP per element; memory-bound
// Launch   kThreads per block; thread i owns flat element i of [n,c]. No shared memory, no workspace
// Valid    validate_softmax. Label outside [0, C): the row is NaN. Same bits on every kind of device
// Measured not yet
#include "common/bf16.h"
#include "common/launch.cuh"
#include "softmax/softmax.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void softmax_bprop_direct(SoftmaxShape s, const float* probabilities, const int32_t* labels, float scale,
                                     T* dlogits) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= int64_t(s.N) * s.C) return;
  const int label = labels[i / s.C];
  const float target = i % s.C == label ? 1.f : 0.f;
  dlogits[i] = T(label >= 0 && label < s.C ? scale * (probabilities[i] - target) : NAN);
}

Status launch_direct(const SoftmaxShape& s, const float* probabilities, const int32_t* labels, float scale,
                     float* dlogits, Stream stream) {
  return launch(softmax_bprop_direct<float>, blocks_for(int64_t(s.N) * s.C, kThreads), kThreads, 0, stream, s,
                probabilities, labels, scale, dlogits);
}

Status launch_direct_bf16(const SoftmaxShape& s, const float* probabilities, const int32_t* labels, float scale,
                          float* dlogits, Stream stream) {
  return launch(softmax_bprop_direct<Bf16>, blocks_for(int64_t(s.N) * s.C, kThreads), kThreads, 0, stream, s,
                probabilities, labels, scale, as_bf16(dlogits));
}

}  // namespace

ALEXNET_VARIANT(SoftmaxBprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, SoftmaxBprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
