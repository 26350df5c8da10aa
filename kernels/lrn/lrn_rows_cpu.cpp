// lrn rows: both passes on the CPU, the window as shifted loads of one pixel's channels.
// Math     lrn.h. With u = d^-1/2 and v = u^-1/2: d^-3/4 = u^2 * v and d^-7/4 = u^4 * v, so beta 0.75 needs no power:
//          u and v are the processor's reciprocal square roots, refined by one Newton step each.
// Shapes   x, y, dy, dx[N,H,W,C]. In `rows_bf16` bf16: some pixels at a time are widened, computed and rounded.
// Cost     8 bytes per value (fprop), 12 (bprop), in bf16 half of it; about 12 cycles per 8 values, half of
//          them for the window.
// Launch   threads divide the pixels.
// Valid    any shape; other betas and a tiny k take std::pow, lane by lane. Sums ascend in channels. A refined root has
//          a relative error below 2^-22.4, so d^-0.75 one below 2.5 * 2^-22.4 + 2 * 2^-24 < 2^-20.8.
// Measured one Zen 2 core: 32 images of one tower: norm1 fprop 4.3 ms, bprop 7.3; norm2 2.8, 4.5.
#include <algorithm>

#include "common/parallel_cpu.h"
#include "common/widening_cpu.h"
#include "lrn/lrn_window_cpu.h"

namespace alexnet {
namespace {

template <class PowersOf, int kHalf>
void fprop_pixels(const LrnShape& s, const float* x, float* y, int64_t first, int64_t last) {
  const PowersOf powers(s.beta);
  const __m256 k = _mm256_set1_ps(s.k), alpha = _mm256_set1_ps(s.alpha);
  const LrnWindow<kHalf> window(s, scratch(1, LrnWindow<kHalf>::mask_floats(s)));
  for (int64_t pixel = first; pixel < last; ++pixel) {
    const float* row = x + pixel * s.C;
    float* to = y + pixel * s.C;
    for_lanes(0, s.C, [&](auto lanes, int64_t c) {
      const __m256 d = _mm256_fmadd_ps(alpha, window.template sum<true>(row, c), k);
      lanes.store(to + c, _mm256_mul_ps(lanes.load(row + c), powers(d).power));
    });
  }
}

constexpr int64_t kPiece = 1 << 12;  // values of a piece that is widened
constexpr int64_t kPixels = 16;      // per sweep of bprop: the terms are read back only after their stores have settled

template <class PowersOf, int kHalf>
void bprop_pixels(const LrnShape& s, const float* x, const float* dy, float* dx, int64_t first, int64_t last) {
  const PowersOf powers(s.beta);
  const __m256 k = _mm256_set1_ps(s.k), alpha = _mm256_set1_ps(s.alpha);
  const __m256 factor = _mm256_set1_ps(2.f * s.alpha * s.beta);
  float* terms = scratch(1, kPixels * s.C + kLanes + LrnWindow<kHalf>::mask_floats(s));  // [pixel][C]: dy*x*d^(-beta-1)
  const LrnWindow<kHalf> window(s, terms + (kPixels * s.C + kLanes - 1) / kLanes * kLanes);
  for (int64_t start = first; start < last; start += kPixels) {
    const int64_t end = std::min(last, start + kPixels);
    for (int64_t pixel = start; pixel < end; ++pixel) {
      const int64_t at = pixel * s.C;
      for_lanes(0, s.C, [&](auto lanes, int64_t c) {
        const PowerLanes p = powers(_mm256_fmadd_ps(alpha, window.template sum<true>(x + at, c), k));
        const __m256 dyc = lanes.load(dy + at + c);
        lanes.store(terms + (pixel - start) * s.C + c,
                    _mm256_mul_ps(_mm256_mul_ps(dyc, lanes.load(x + at + c)), p.power_over_d));
        lanes.store(dx + at + c, _mm256_mul_ps(dyc, p.power));
      });
    }
    for (int64_t pixel = start; pixel < end; ++pixel) {
      const int64_t at = pixel * s.C;
      for_lanes(0, s.C, [&](auto lanes, int64_t c) {
        const __m256 sum = window.template sum<false>(terms + (pixel - start) * s.C, c);
        const __m256 scaled = _mm256_mul_ps(factor, lanes.load(x + at + c));
        lanes.store(dx + at + c, _mm256_fnmadd_ps(scaled, sum, lanes.load(dx + at + c)));
      });
    }
  }
}

int64_t pixels_of(const LrnShape& s) { return int64_t(s.N) * s.H * s.W; }

Status launch_fprop_rows(const LrnShape& s, const float* x, float* y, Stream stream) {
  const auto pixels = lrn_is_paper(s) ? fprop_pixels<PowersThreeQuarters, 2> : fprop_pixels<PowersAny, -1>;
  parallel_for(stream.cores, pixels_of(s), 1, [&](int64_t first, int64_t last) { pixels(s, x, y, first, last); });
  return {};
}

Status launch_bprop_rows(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  const auto pixels = lrn_is_paper(s) ? bprop_pixels<PowersThreeQuarters, 2> : bprop_pixels<PowersAny, -1>;
  parallel_for(stream.cores, pixels_of(s), 1, [&](int64_t first, int64_t last) { pixels(s, x, dy, dx, first, last); });
  return {};
}

// Calls body(first, count) for pieces of the pixels whose float32 values stay in the cache, with 16 KB of each tensor.
template <class Body>
void for_pieces(const LrnShape& s, Stream stream, const Body& body) {
  const int64_t most = std::max<int64_t>(1, kPiece / s.C);
  parallel_for(stream.cores, pixels_of(s), 1, [&](int64_t first, int64_t last) {
    for (; first < last; first += most) body(first, std::min(most, last - first));
  });
}

Status launch_fprop_bf16(const LrnShape& s, const float* x, float* y, Stream stream) {
  const auto pixels = lrn_is_paper(s) ? fprop_pixels<PowersThreeQuarters, 2> : fprop_pixels<PowersAny, -1>;
  for_pieces(s, stream, [&](int64_t first, int64_t count) {
    const int64_t at = first * s.C, values = count * s.C;
    float *const wide_x = scratch(2, 2 * values), *const wide_y = wide_x + values;
    convert(as_bf16(x) + at, values, wide_x);
    pixels(s, wide_x, wide_y, 0, count);
    convert(wide_y, values, as_bf16(y) + at);
  });
  return {};
}

Status launch_bprop_bf16(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  const auto pixels = lrn_is_paper(s) ? bprop_pixels<PowersThreeQuarters, 2> : bprop_pixels<PowersAny, -1>;
  for_pieces(s, stream, [&](int64_t first, int64_t count) {
    const int64_t at = first * s.C, values = count * s.C;
    float *const wide_x = scratch(2, 3 * values), *const wide_dy = wide_x + values, *const wide_dx = wide_dy + values;
    convert(as_bf16(x) + at, values, wide_x);
    convert(as_bf16(dy) + at, values, wide_dy);
    pixels(s, wide_x, wide_dy, wide_dx, 0, count);
    convert(wide_dx, values, as_bf16(dx) + at);
  });
  return {};
}

}  // namespace

ALEXNET_VARIANT(LrnFprop, "rows", prefers<2>, launch_fprop_rows)
ALEXNET_VARIANT(LrnBprop, "rows", prefers<2>, launch_bprop_rows)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnFprop, "rows_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnBprop, "rows_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
