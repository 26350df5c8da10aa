// lrn_map rows: both passes on the CPU, pixel by pixel, eight channels at a time.
// Math     lrn_map.h; bprop stores the terms of its sum, dy * x * d^(-beta-1), of an image first.
// Shapes   x, y, dy, dx[N,H,W,C]. In `rows_bf16` bf16: an image is widened, computed and rounded.
// Cost     8 bytes per value (fprop), 12 (bprop), in bf16 half of it, and size^2 loads (fprop), 2 * size^2 (bprop) from
//          the caches, which bound it: a tower's image of the 2012 source, [27,27,128], is 373 KB, five rows of it 69
//          KB.
// Launch   threads divide the images.
// Valid    any shape; powers as in lrn's rows. Sums ascend in rows, then columns.
// Measured one core of an Intel Xeon, 2026-11-26: 32 images of one tower: cnorm2 fprop 5.8 ms, bprop 11.2.
#include "common/parallel_cpu.h"
#include "common/widening_cpu.h"
#include "lrn/lrn_window_cpu.h"
#include "lrn_map/lrn_map.h"

namespace alexnet {
namespace {

template <bool kSquare, class Lanes>
ALEXNET_INLINE __m256 window_sum(const Lanes& lanes, const LrnShape& s, const LrnMapWindow& window, const float* map) {
  __m256 sum = _mm256_setzero_ps();
  for (int32_t i = window.top; i < window.bottom; ++i) {
    const float* row = map + (int64_t(i) * s.W + window.left) * s.C;
    for (int32_t j = window.left; j < window.right; ++j, row += s.C) {
      const __m256 v = lanes.load(row);
      sum = kSquare ? _mm256_fmadd_ps(v, v, sum) : _mm256_add_ps(sum, v);
    }
  }
  return sum;
}

// Calls body(lanes, window, c, at) for all channels of all pixels of an image; `at` is the element of channel c.
template <class Body>
ALEXNET_INLINE void for_pixels(const LrnShape& s, const Body& body) {
  for (int32_t h = 0; h < s.H; ++h) {
    for (int32_t w = 0; w < s.W; ++w) {
      const LrnMapWindow window = lrn_map_window(s, h, w);
      const int64_t pixel = (int64_t(h) * s.W + w) * s.C;
      for_lanes(0, s.C, [&](auto lanes, int64_t c) { body(lanes, window, c, pixel + c); });
    }
  }
}

template <class PowersOf>
void fprop_image(const LrnShape& s, const float* x, float* y) {
  const PowersOf powers(s.beta);
  const __m256 k = _mm256_set1_ps(s.k), alpha = _mm256_set1_ps(s.alpha);
  for_pixels(s, [&](auto lanes, const LrnMapWindow& window, int64_t c, int64_t at) {
    const __m256 d = _mm256_fmadd_ps(alpha, window_sum<true>(lanes, s, window, x + c), k);
    lanes.store(y + at, _mm256_mul_ps(lanes.load(x + at), powers(d).power));
  });
}

template <class PowersOf>
void bprop_image(const LrnShape& s, const float* x, const float* dy, float* dx) {
  const PowersOf powers(s.beta);
  const __m256 k = _mm256_set1_ps(s.k), alpha = _mm256_set1_ps(s.alpha);
  const __m256 factor = _mm256_set1_ps(2.f * s.alpha * s.beta);
  float* const terms = scratch(1, int64_t(s.H) * s.W * s.C);  // [H,W,C]
  for_pixels(s, [&](auto lanes, const LrnMapWindow& window, int64_t c, int64_t at) {
    const PowerLanes p = powers(_mm256_fmadd_ps(alpha, window_sum<true>(lanes, s, window, x + c), k));
    const __m256 gradient = lanes.load(dy + at);
    lanes.store(terms + at, _mm256_mul_ps(_mm256_mul_ps(gradient, lanes.load(x + at)), p.power_over_d));
    lanes.store(dx + at, _mm256_mul_ps(gradient, p.power));
  });
  for_pixels(s, [&](auto lanes, const LrnMapWindow& window, int64_t c, int64_t at) {
    const __m256 sum = window_sum<false>(lanes, s, window, terms + c);
    const __m256 scaled = _mm256_mul_ps(factor, lanes.load(x + at));
    lanes.store(dx + at, _mm256_fnmadd_ps(scaled, sum, lanes.load(dx + at)));
  });
}

bool has_roots(const LrnShape& s) { return s.beta == 0.75f && s.k > 1e-20f; }

Status launch_fprop_rows(const LrnShape& s, const float* x, float* y, Stream stream) {
  const auto image = has_roots(s) ? fprop_image<PowersThreeQuarters> : fprop_image<PowersAny>;
  const int64_t count = lrn_count(s) / s.N;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) {
    for (int64_t n = first; n < last; ++n) image(s, x + n * count, y + n * count);
  });
  return {};
}

Status launch_bprop_rows(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  const auto image = has_roots(s) ? bprop_image<PowersThreeQuarters> : bprop_image<PowersAny>;
  const int64_t count = lrn_count(s) / s.N;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) {
    for (int64_t n = first; n < last; ++n) image(s, x + n * count, dy + n * count, dx + n * count);
  });
  return {};
}

Status launch_fprop_bf16(const LrnShape& s, const float* x, float* y, Stream stream) {
  const auto image = has_roots(s) ? fprop_image<PowersThreeQuarters> : fprop_image<PowersAny>;
  const int64_t count = lrn_count(s) / s.N;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) {
    float *const wide_x = scratch(2, 2 * count), *const wide_y = wide_x + count;
    for (int64_t n = first; n < last; ++n) {
      convert(as_bf16(x) + n * count, count, wide_x);
      image(s, wide_x, wide_y);
      convert(wide_y, count, as_bf16(y) + n * count);
    }
  });
  return {};
}

Status launch_bprop_bf16(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  const auto image = has_roots(s) ? bprop_image<PowersThreeQuarters> : bprop_image<PowersAny>;
  const int64_t count = lrn_count(s) / s.N;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) {
    float *const wide_x = scratch(2, 3 * count), *const wide_dy = wide_x + count, *const wide_dx = wide_dy + count;
    for (int64_t n = first; n < last; ++n) {
      convert(as_bf16(x) + n * count, count, wide_x);
      convert(as_bf16(dy) + n * count, count, wide_dy);
      image(s, wide_x, wide_dy, wide_dx);
      convert(wide_dx, count, as_bf16(dx) + n * count);
    }
  });
  return {};
}

}  // namespace

ALEXNET_VARIANT(LrnMapFprop, "rows", prefers<2>, launch_fprop_rows)
ALEXNET_VARIANT(LrnMapBprop, "rows", prefers<2>, launch_bprop_rows)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnMapFprop, "rows_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnMapBprop, "rows_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
