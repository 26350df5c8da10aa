// lrn_window: the powers and the sums over a window of local response normalisation, eight channels at a time.
// Only *_cpu.cpp files include this header: it needs -mavx2 -mfma.
#ifndef ALEXNET_LRN_WINDOW_CPU_H
#define ALEXNET_LRN_WINDOW_CPU_H

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/lanes_cpu.h"
#include "lrn/lrn.h"

namespace alexnet {

// d^-beta and d^(-beta-1).
struct PowerLanes {
  __m256 power, power_over_d;
};

// a^-1/2 for a in [2^-100, FLT_MAX].
ALEXNET_INLINE __m256 reciprocal_root_lanes(__m256 a) {
  const __m256 guess = _mm256_rsqrt_ps(a);  // relative error at most 1.5 * 2^-12
  const __m256 half = _mm256_mul_ps(_mm256_set1_ps(0.5f), guess);
  const __m256 excess = _mm256_fnmadd_ps(_mm256_mul_ps(a, guess), guess, _mm256_set1_ps(1.f));
  return _mm256_fmadd_ps(half, excess, guess);
}

struct PowersThreeQuarters {
  explicit PowersThreeQuarters(float) {}
  ALEXNET_INLINE PowerLanes operator()(__m256 d) const {
    // An overflow of the sum counts as the largest float; a NaN stays.
    const __m256 u = reciprocal_root_lanes(_mm256_min_ps(_mm256_set1_ps(std::numeric_limits<float>::max()), d));
    const __m256 v = reciprocal_root_lanes(u), square = _mm256_mul_ps(u, u);
    const __m256 power = _mm256_mul_ps(square, v);
    return {power, _mm256_mul_ps(power, square)};
  }
};

struct PowersAny {
  float beta;
  explicit PowersAny(float b) : beta(b) {}
  PowerLanes operator()(__m256 d) const {
    float lanes[kLanes];
    _mm256_storeu_ps(lanes, d);
    for (float& lane : lanes) lane = std::pow(lane, -beta);
    const __m256 power = _mm256_loadu_ps(lanes);
    return {power, _mm256_div_ps(power, d)};
  }
};

// The masks of the shifted loads of one pixel: lane i of mask(vector, j) is set if 8*vector + i + j is in [0, C).
// kHalf is size/2 if that is known to the compiler, else -1.
template <int kHalf>
struct LrnWindow {
  int64_t C, half;
  const __m256i* masks;

  LrnWindow(const LrnShape& s, float* memory) : C(s.C), half(kHalf >= 0 ? kHalf : std::min(s.size / 2, s.C)) {
    __m256i* to = reinterpret_cast<__m256i*>(memory);
    masks = to;
    for (int64_t c = 0; c < C; c += kLanes) {
      for (int64_t j = -half; j <= half; ++j) *to++ = SomeLanes(-(c + j), C - (c + j)).mask;
    }
  }
  static int64_t mask_floats(const LrnShape& s) {
    return (s.C + kLanes - 1) / kLanes * (2 * int64_t(std::min(s.size / 2, s.C)) + 1) * kLanes;
  }

  // sum over j in window(c) of square(row[j]) or row[j], for the eight channels from c on.
  template <bool kSquare>
  ALEXNET_INLINE __m256 sum(const float* row, int64_t c) const {
    const int64_t h = kHalf >= 0 ? kHalf : half;
    __m256 total = _mm256_setzero_ps();
    const auto add = [&](__m256 v) { total = kSquare ? _mm256_fmadd_ps(v, v, total) : _mm256_add_ps(total, v); };
    if (c >= h && c + kLanes + h <= C) {
      for (int64_t j = -h; j <= h; ++j) add(_mm256_loadu_ps(row + c + j));
    } else {
      const __m256i* mask = masks + c / kLanes * (2 * h + 1) + h;
      for (int64_t j = -h; j <= h; ++j) add(_mm256_maskload_ps(row + c + j, mask[j]));
    }
    return total;
  }
};

// The paper's window and power have their own code: PowersThreeQuarters, LrnWindow<2>.
inline bool lrn_is_paper(const LrnShape& s) { return s.beta == 0.75f && s.size == 5 && s.C >= 2 && s.k > 1e-20f; }

}  // namespace alexnet

#endif  // ALEXNET_LRN_WINDOW_CPU_H
