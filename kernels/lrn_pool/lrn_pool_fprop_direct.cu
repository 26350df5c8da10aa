// lrn_pool_fprop_direct: ReLU, normalisation and max-pooling, one thread per output element.
// Math     y = maximum over the clipped window of z; z = a * d^-beta, a = relu(x), d = k + alpha * sum of a^2
//          (lrn_pool.h)
// Shapes   x: [N,H,W,C], y and y_peer, which may be null: [N,P,Q,C]; float32, in `direct_bf16` bf16, z float32; no
//          aliasing
// Units    as lrn_fprop_direct. Paper: sections 3.3 and 3.4
// Cost     4 bytes read per element of x and 4 written per element of y, in bf16 2, if windows hit cache; each z is
//          computed (pool_size/stride)^2 times; bound by arithmetic
// Launch   kThreads per block; thread i owns flat element i of [n,p,q,c]. No shared memory, no workspace
// Valid    validate_lrn_pool. Bit-reproducible on one kind of device. NaN in the window gives NaN
// Measured not yet
#include "lrn_pool/lrn_pool_value.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void lrn_pool_fprop_direct(LrnPoolShape s, const T* x, T* y, T* y_peer) {
  const PoolShape pool = pool_of(s);
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= pool_y_count(pool)) return;
  const int c = int(i % s.C);
  const int q = int(i / s.C % pool_Q(pool));
  const int p = int(i / s.C / pool_Q(pool) % pool_P(pool));
  const int64_t n = i / s.C / pool_Q(pool) / pool_P(pool);
  const int first_h = p * s.stride, first_w = q * s.stride;
  float maximum = -INFINITY;
  for (int h = first_h; h < s.H && h < first_h + s.pool_size; ++h) {
    for (int w = first_w; w < s.W && w < first_w + s.pool_size; ++w) {
      const float value = value_of(s, x + ((n * s.H + h) * s.W + w) * s.C, c);
      if (value > maximum || value != value) maximum = value;  // value != value: NaN
    }
  }
  y[i] = T(maximum);
  if (y_peer != nullptr) y_peer[i] = T(maximum);
}

Status launch_direct(const LrnPoolShape& s, const float* x, float* y, float* y_peer, Stream stream) {
  return launch(lrn_pool_fprop_direct<float>, blocks_for(pool_y_count(pool_of(s)), kThreads), kThreads, 0, stream, s, x,
                y, y_peer);
}

Status launch_direct_bf16(const LrnPoolShape& s, const float* x, float* y, float* y_peer, Stream stream) {
  return launch(lrn_pool_fprop_direct<Bf16>, blocks_for(pool_y_count(pool_of(s)), kThreads), kThreads, 0, stream, s,
                as_bf16(x), as_bf16(y), as_bf16(y_peer));
}

}  // namespace

ALEXNET_VARIANT(LrnPoolFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnPoolFprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
