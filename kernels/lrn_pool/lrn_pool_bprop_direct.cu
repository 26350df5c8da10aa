// lrn_pool_bprop_direct: gradient of ReLU, normalisation and max-pooling, one thread per input element.
// Math     dx[c] = dz[c] * d[c]^-beta - 2*alpha*beta * a[c] * sum over i of dz[i] * a[i] * d[i]^(-beta-1), 0 where the
//          ReLU is closed; i in the window of c, dz[i] = sum of dy over the windows whose maximum is z[i] (lrn_pool.h)
// Shapes   x, dx: [N,H,W,C], dy: [N,P,Q,C]; float32, in `direct_bf16` bf16, z and sums float32; no aliasing
// Units    as lrn_bprop_direct; ties all: every pixel equal to the maximum receives its gradient; first: only the first
// Cost     8 bytes per element of x and 4 per element of dy, in bf16 half, if windows hit cache; each computes up to
//          lrn_size * ceil(pool_size/stride)^2 * pool_size^2 values z; bound by arithmetic
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c]. No shared memory, no workspace
// Valid    validate_lrn_pool. Sums ascend in p, q and in channels: bit-reproducible on one kind of device
// Measured not yet
#include "lrn_pool/lrn_pool_value.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

// One image and its pooled gradient.
template <class T>
struct Image {
  const T* x;   // [H,W,C]
  const T* dy;  // [P,Q,C]
};

// Whether pixel (h,w) receives the gradient of window (p,q) in channel c.
template <class T>
__device__ bool receives(const LrnPoolShape& s, const T* x, int p, int q, int h, int w, int c) {
  float maximum = -INFINITY, own = 0.f;
  bool earlier = false;  // an earlier pixel equals the maximum so far
  for (int hh = p * s.stride; hh < s.H && hh < p * s.stride + s.pool_size; ++hh) {
    for (int ww = q * s.stride; ww < s.W && ww < q * s.stride + s.pool_size; ++ww) {
      const float value = value_of(s, x + (int64_t(hh) * s.W + ww) * s.C, c);
      const bool here = hh == h && ww == w;
      if (here) {
        own = value;
        earlier = maximum == value && (hh > p * s.stride || ww > q * s.stride);
      }
      if (value > maximum || value != value) maximum = value;
    }
  }
  return own == maximum && (s.ties == ALEXNET_TIES_ALL || !earlier);
}

// dz of pixel (h,w) in channel c.
template <class T>
__device__ float pooled_gradient(const LrnPoolShape& s, const Image<T>& image, int h, int w, int c) {
  const PoolShape pool = pool_of(s);
  const int first_p = h < s.pool_size ? 0 : (h - s.pool_size) / s.stride + 1;
  const int first_q = w < s.pool_size ? 0 : (w - s.pool_size) / s.stride + 1;
  float sum = 0.f;
  for (int p = first_p; p < pool_P(pool) && p * s.stride <= h; ++p) {
    for (int q = first_q; q < pool_Q(pool) && q * s.stride <= w; ++q) {
      if (receives(s, image.x, p, q, h, w, c)) sum += float(image.dy[(int64_t(p) * pool_Q(pool) + q) * s.C + c]);
    }
  }
  return sum;
}

template <class T>
__global__ void lrn_pool_bprop_direct(LrnPoolShape s, const T* x, const T* dy, T* dx) {
  const PoolShape pool = pool_of(s);
  const int64_t element = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (element >= pool_x_count(pool)) return;
  const int c = int(element % s.C);
  const int w = int(element / s.C % s.W);
  const int h = int(element / s.C / s.W % s.H);
  const int64_t n = element / s.C / s.W / s.H;
  const Image<T> image = {x + n * s.H * s.W * s.C, dy + n * pool_P(pool) * pool_Q(pool) * s.C};
  const T* pixel = x + (element - c);  // [C]
  float gradient = pooled_gradient(s, image, h, w, c);
  if (s.lrn_size != 0) {
    float sum = 0.f;
    for (int i = first_of_window(s, c); i <= last_of_window(s, c); ++i) {
      const float dz = i == c ? gradient : pooled_gradient(s, image, h, w, i);
      sum += dz * rectified(s, pixel, i) * powers_of(s, pixel, i).power_over_d;
    }
    gradient = gradient * powers_of(s, pixel, c).power - 2.f * s.alpha * s.beta * rectified(s, pixel, c) * sum;
  }
  dx[element] = T(s.relu == 0 || float(pixel[c]) > 0.f ? gradient : 0.f);
}

Status launch_direct(const LrnPoolShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return launch(lrn_pool_bprop_direct<float>, blocks_for(pool_x_count(pool_of(s)), kThreads), kThreads, 0, stream, s, x,
                dy, dx);
}

Status launch_direct_bf16(const LrnPoolShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return launch(lrn_pool_bprop_direct<Bf16>, blocks_for(pool_x_count(pool_of(s)), kThreads), kThreads, 0, stream, s,
                as_bf16(x), as_bf16(dy), as_bf16(dx));
}

}  // namespace

ALEXNET_VARIANT(LrnPoolBprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnPoolBprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
