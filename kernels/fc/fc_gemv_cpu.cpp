// fc gemv: fprop for a few images, as dot products with the rows of w.
// Math     fc.h, fprop.
// Shapes   x[N,C], w[K,C], y[N,K].
// Cost     2 FLOP per weight: bound by reading w, 4*C*K bytes per image, in `gemv_bf16` 2*C*K. Eight rows at a time
//          make eight streams, which the prefetchers follow better than one: 26 instead of 16 GB/s on one core.
// Launch   threads divide the rows of w.
// Valid    any shape; preferred for N <= 4. Eight partial sums by c mod 8, then a fixed tree: bit-reproducible.
// Measured one Zen 2 core, N=1: C=4608 K=2048 1.44 ms (26 GB/s), C=2048 K=2048 0.51 ms (33 GB/s); oneDNN 1.67, 0.63.
//          Another, C=4608 K=2048: N=3 2.59 ms, N=4 3.08, N=6 3.85; panels 3.56, 3.56, 3.46.
#include <algorithm>

#include "common/factors_cpu.h"
#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "common/widening_cpu.h"
#include "dropout/dropout_cpu.h"
#include "fc.h"

namespace alexnet {
namespace {

constexpr int kRows = 8;

float sum_of_lanes(__m256 v) {
  float f[kLanes];
  _mm256_storeu_ps(f, v);
  return ((f[0] + f[1]) + (f[2] + f[3])) + ((f[4] + f[5]) + (f[6] + f[7]));
}

// products[i] = sum over c of x[c] * w[i][c] for kCount rows, of factors; those of x were made before.
template <Precision precision, int kCount>
void dot_rows(int64_t C, const float* x, const Stored<precision>* w, float* products) {
  __m256 sums[kCount];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  for_lanes(0, C, [&](auto lanes, int64_t c) {
    const __m256 xc = lanes.load(x + c);
#pragma GCC unroll 8
    for (int i = 0; i < kCount; ++i) {
      sums[i] = vector_fma(load_factors<precision>(lanes, w + i * C + c), xc, sums[i]);
    }
  });
  for (int i = 0; i < kCount; ++i) products[i] = sum_of_lanes(sums[i]);
}

// x is float32 in every precision, and so is y.
template <Precision precision>
void gemv(const FcShape& s, const float* x, const Stored<precision>* w, float* y, const Epilogue& e, Stream stream) {
  parallel_for(stream.cores, ceil_div(s.K, kRows), 16, [&](int64_t first, int64_t last) {
    for (int64_t k = first * kRows; k < std::min<int64_t>(s.K, last * kRows); k += kRows) {
      const int64_t rows = std::min<int64_t>(kRows, s.K - k);
      for (int64_t n = 0; n < s.N; ++n) {
        float products[kRows];
        if (rows == kRows) {
          dot_rows<precision, kRows>(s.C, x + n * s.C, w + k * s.C, products);
        } else {
          for (int64_t i = 0; i < rows; ++i) dot_rows<precision, 1>(s.C, x + n * s.C, w + (k + i) * s.C, products + i);
        }
        for (int64_t i = 0; i < rows; ++i) {
          float& to = y[n * s.K + k + i];
          float v = e.accumulate ? to + products[i] : products[i];
          if (e.bias != nullptr) v += e.bias[k + i];
          to = e.relu && v < 0.f ? 0.f : v;
        }
      }
    }
  });
  finish_dropout(e, y, stream.cores);
}

// x and y are few beside the weights: x is made factors first, weights as they are read, so that no copy of them is
// made.
template <Precision precision>
Status launch_fprop_gemv(const FcShape& s, const float* x, const float* w, float* y, const Epilogue& e, Stream stream) {
  const int64_t x_count = int64_t(s.N) * s.C, y_count = int64_t(s.N) * s.K;
  float* const factors = scratch(0, x_count + y_count);
  copy_factors<precision>(as_stored<precision>(x), x_count, factors);
  float* const y_wide = precision != Precision::kBf16 ? y : e.sums != nullptr ? e.sums : factors + x_count;
  gemv<precision>(s, factors, as_stored<precision>(w), y_wide, e, stream);
  if (precision != Precision::kBf16 || y == nullptr) return {};
  return convert(y_count, y_wide, as_bf16(y), stream);
}

int prefer_gemv(const FcShape& s, const Target&) { return s.N <= 4 ? 4 : 1; }

}  // namespace

ALEXNET_VARIANT_IN(kFp32, FcFprop, "gemv", prefer_gemv, no_workspace<FcShape>, launch_fprop_gemv)
ALEXNET_VARIANT_IN(kTf32, FcFprop, "gemv_tf32", prefer_gemv, no_workspace<FcShape>, launch_fprop_gemv)
ALEXNET_VARIANT_IN(kTf32x3, FcFprop, "gemv_3xtf32", prefer_gemv, no_workspace<FcShape>, launch_fprop_gemv)
ALEXNET_VARIANT_IN(kBf16, FcFprop, "gemv_bf16", prefer_gemv, no_workspace<FcShape>, launch_fprop_gemv)

}  // namespace alexnet
