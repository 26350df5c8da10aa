// fc gemv: fprop for a few images, as dot products with the rows of w.
// Math     fc.h, fprop.
// Shapes   x[N,C], w[K,C], y[N,K].
// Cost     2 FLOP per weight: bound by reading w, 4*C*K bytes per image, in `gemv_bf16` 2*C*K. The rows are divided in
//          as many runs as there are streams, four for one image, eight for more, whose sums hide each other's latency.
//          A stream reads its run from the first byte to the last, so that no prefetcher begins anew at each row, and
//          asks for what is half a page ahead, as prefetchers end with a page.
// Launch   threads divide each run.
// Valid    any shape; preferred for N <= 4. Eight partial sums by c mod 8, then a fixed tree: bit-reproducible.
// Measured C=4608 K=2048 N=1, a loop of its own on both cores of a Zen 5 at once, each with matrices that no cache has:
//          a matrix in bf16 0.61 ms (62 GB/s of both); by eight rows side by side instead of runs 0.90, by eight runs
//          without asking ahead 0.71, by four so 0.67. float32 1.43 to 1.47 in each of them (52 GB/s of both), which is
//          what memory gives there.
//          With eight rows side by side, one Zen 2 core: 1.44 ms (26 GB/s); N=3 2.59, N=4 3.08, N=6 3.85; panels 3.56,
//          3.56, 3.46.
#include <algorithm>

#include "common/factors_cpu.h"
#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "common/widening_cpu.h"
#include "dropout/dropout_cpu.h"
#include "fc.h"

namespace alexnet {
namespace {

constexpr int64_t kAhead = 2048;  // bytes, half a page: what a row is prefetched by

float sum_of_lanes(__m256 v) {
  float f[kLanes];
  _mm256_storeu_ps(f, v);
  return ((f[0] + f[1]) + (f[2] + f[3])) + ((f[4] + f[5]) + (f[6] + f[7]));
}

// products[i] = sum over c of x[c] * w[i * stride + c] for kCount rows, of factors; those of x were made before.
template <Precision precision, int kCount>
void dot_rows(int64_t C, const float* x, const Stored<precision>* w, int64_t stride, float* products) {
  constexpr int kLine = 64 / sizeof(Stored<precision>);  // values of a cache line
  __m256 sums[kCount];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  const auto add = [&](auto lanes, int64_t c) ALEXNET_INLINED {
    const __m256 xc = lanes.load(x + c);
#pragma GCC unroll 8
    for (int i = 0; i < kCount; ++i) {
      sums[i] = vector_fma(load_factors<precision>(lanes, w + i * stride + c), xc, sums[i]);
    }
  };
  int64_t c = 0;
  for (; c + kLine <= C; c += kLine) {
#pragma GCC unroll 8
    for (int i = 0; i < kCount; ++i) {
      _mm_prefetch(reinterpret_cast<const char*>(w + i * stride + c) + kAhead, _MM_HINT_T0);
    }
#pragma GCC unroll 4
    for (int j = 0; j < kLine; j += kLanes) add(WholeLanes{}, c + j);
  }
  for_lanes(c, C, add);
  for (int i = 0; i < kCount; ++i) products[i] = sum_of_lanes(sums[i]);
}

void store_product(float product, int64_t k, const Epilogue& e, float* to) {
  float v = e.accumulate ? *to + product : product;
  if (e.bias != nullptr) v += e.bias[k];
  *to = e.relu && v < 0.f ? 0.f : v;
}

// x is float32 in every precision, and so is y. Row k is the (k mod run)-th of stream k / run; what remains of the rows
// is too few for streams.
template <Precision precision, int kStreams>
void gemv(const FcShape& s, const float* x, const Stored<precision>* w, float* y, const Epilogue& e, Stream stream) {
  const int64_t run = s.K / kStreams;
  parallel_for(stream.cores, run, 128 / kStreams, [&](int64_t first, int64_t last) {
    for (int64_t k = first; k < last; ++k) {
      for (int64_t n = 0; n < s.N; ++n) {
        float products[kStreams];
        dot_rows<precision, kStreams>(s.C, x + n * s.C, w + k * s.C, run * s.C, products);
        for (int i = 0; i < kStreams; ++i) {
          store_product(products[i], i * run + k, e, y + n * s.K + i * run + k);
        }
      }
    }
  });
  for (int64_t k = kStreams * run; k < s.K; ++k) {
    for (int64_t n = 0; n < s.N; ++n) {
      float product;
      dot_rows<precision, 1>(s.C, x + n * s.C, w + k * s.C, 0, &product);
      store_product(product, k, e, y + n * s.K + k);
    }
  }
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
  if (s.N == 1) {
    gemv<precision, 4>(s, factors, as_stored<precision>(w), y_wide, e, stream);
  } else {
    gemv<precision, 8>(s, factors, as_stored<precision>(w), y_wide, e, stream);
  }
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
