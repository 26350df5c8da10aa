// lrn rows: both passes on the CPU, the window as shifted loads of one pixel's channels.
// Math     lrn.h. With u = d^-1/2: d^-3/4 = u * sqrt(u) and d^-7/4 = u^3 * sqrt(u), so beta 0.75 needs two square roots
//          and a division, each correctly rounded, and no power.
// Shapes   x, y, dy, dx[N,H,W,C].
// Cost     8 bytes per value (fprop), 12 (bprop); bound by memory, the roots close behind.
// Launch   threads divide the pixels.
// Valid    any shape; other betas take std::pow, lane by lane. Sums ascend in channels. Relative error of d^-0.75: two
//          roots, a division and a product, 4 roundings: below 2^-21.
// Measured see docs/measurements/cpu.md.
#include <algorithm>
#include <cmath>

#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"
#include "lrn.h"

namespace alexnet {
namespace {

// d^-beta and d^(-beta-1).
struct Powers {
  __m256 power, power_over_d;
};

struct PowersThreeQuarters {
  explicit PowersThreeQuarters(float) {}
  ALEXNET_INLINE Powers operator()(__m256 d) const {
    const __m256 u = _mm256_div_ps(_mm256_set1_ps(1.f), _mm256_sqrt_ps(d));
    const __m256 power = _mm256_mul_ps(u, _mm256_sqrt_ps(u));
    return {power, _mm256_mul_ps(power, _mm256_mul_ps(u, u))};
  }
};

struct PowersAny {
  float beta;
  explicit PowersAny(float b) : beta(b) {}
  Powers operator()(__m256 d) const {
    float lanes[kLanes];
    _mm256_storeu_ps(lanes, d);
    for (float& lane : lanes) lane = std::pow(lane, -beta);
    const __m256 power = _mm256_loadu_ps(lanes);
    return {power, _mm256_div_ps(power, d)};
  }
};

// sum over j in window(c) of square(row[j]) or row[j], for the eight channels from c on. Channels outside [0, C) are 0.
template <bool kSquare>
ALEXNET_INLINE __m256 window_sum(const float* row, int64_t c, int64_t C, int64_t half) {
  __m256 sum = _mm256_setzero_ps();
  const auto add = [&](__m256 v) { sum = kSquare ? _mm256_fmadd_ps(v, v, sum) : _mm256_add_ps(sum, v); };
  if (c >= half && c + kLanes + half <= C) {
    for (int64_t j = -half; j <= half; ++j) add(_mm256_loadu_ps(row + c + j));
  } else {
    for (int64_t j = -half; j <= half; ++j) add(SomeLanes(-(c + j), C - (c + j)).load(row + c + j));
  }
  return sum;
}

template <class PowersOf>
void fprop_pixels(const LrnShape& s, const float* x, float* y, int64_t first, int64_t last) {
  const PowersOf powers(s.beta);
  const __m256 k = _mm256_set1_ps(s.k), alpha = _mm256_set1_ps(s.alpha);
  const int64_t half = std::min(s.size / 2, s.C);
  for (int64_t pixel = first; pixel < last; ++pixel) {
    const float* row = x + pixel * s.C;
    float* to = y + pixel * s.C;
    for_lanes(0, s.C, [&](auto lanes, int64_t c) {
      const __m256 d = _mm256_fmadd_ps(alpha, window_sum<true>(row, c, s.C, half), k);
      lanes.store(to + c, _mm256_mul_ps(lanes.load(row + c), powers(d).power));
    });
  }
}

constexpr int64_t kPixels = 16;  // per sweep of bprop: the terms are read back only after their stores have settled

template <class PowersOf>
void bprop_pixels(const LrnShape& s, const float* x, const float* dy, float* dx, int64_t first, int64_t last) {
  const PowersOf powers(s.beta);
  const __m256 k = _mm256_set1_ps(s.k), alpha = _mm256_set1_ps(s.alpha);
  const __m256 factor = _mm256_set1_ps(2.f * s.alpha * s.beta);
  const int64_t half = std::min(s.size / 2, s.C);
  float* terms = scratch(1, kPixels * s.C);  // [pixel][C]: dy * x * d^(-beta-1)
  for (int64_t start = first; start < last; start += kPixels) {
    const int64_t end = std::min(last, start + kPixels);
    for (int64_t pixel = start; pixel < end; ++pixel) {
      const int64_t at = pixel * s.C;
      for_lanes(0, s.C, [&](auto lanes, int64_t c) {
        const Powers p = powers(_mm256_fmadd_ps(alpha, window_sum<true>(x + at, c, s.C, half), k));
        const __m256 dyc = lanes.load(dy + at + c);
        lanes.store(terms + (pixel - start) * s.C + c,
                    _mm256_mul_ps(_mm256_mul_ps(dyc, lanes.load(x + at + c)), p.power_over_d));
        lanes.store(dx + at + c, _mm256_mul_ps(dyc, p.power));
      });
    }
    for (int64_t pixel = start; pixel < end; ++pixel) {
      const int64_t at = pixel * s.C;
      for_lanes(0, s.C, [&](auto lanes, int64_t c) {
        const __m256 sum = window_sum<false>(terms + (pixel - start) * s.C, c, s.C, half);
        const __m256 scaled = _mm256_mul_ps(factor, lanes.load(x + at + c));
        lanes.store(dx + at + c, _mm256_fnmadd_ps(scaled, sum, lanes.load(dx + at + c)));
      });
    }
  }
}

int64_t pixels_of(const LrnShape& s) { return int64_t(s.N) * s.H * s.W; }
int64_t grain_of(const LrnShape& s) { return 1 + (1 << 14) / s.C; }

Status launch_fprop_rows(const LrnShape& s, const float* x, float* y, Stream stream) {
  parallel_for(stream.threads, pixels_of(s), grain_of(s), [&](int64_t first, int64_t last) {
    if (s.beta == 0.75f) {
      fprop_pixels<PowersThreeQuarters>(s, x, y, first, last);
    } else {
      fprop_pixels<PowersAny>(s, x, y, first, last);
    }
  });
  return {};
}

Status launch_bprop_rows(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  parallel_for(stream.threads, pixels_of(s), grain_of(s), [&](int64_t first, int64_t last) {
    if (s.beta == 0.75f) {
      bprop_pixels<PowersThreeQuarters>(s, x, dy, dx, first, last);
    } else {
      bprop_pixels<PowersAny>(s, x, dy, dx, first, last);
    }
  });
  return {};
}

int prefer_rows(const LrnShape&) { return 2; }

}  // namespace

ALEXNET_VARIANT(LrnFprop, "rows", prefer_rows, launch_fprop_rows)
ALEXNET_VARIANT(LrnBprop, "rows", prefer_rows, launch_bprop_rows)

}  // namespace alexnet
