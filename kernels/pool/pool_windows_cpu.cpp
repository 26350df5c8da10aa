// pool windows: both passes on the CPU, window by window, eight channels at a time.
// Math     pool.h.
// Shapes   x, dx[N,H,W,C]; y, dy[N,P,Q,C]. In `windows_bf16` bf16, but for the sums of a scattered image.
// Cost     4 bytes per value of x (fprop), 8 (bprop), and the smaller y and dy, in bf16 half of it; bound by memory.
// Launch   threads divide the images.
// Valid    any shape. bprop scatters windows in ascending (p, q) into rows of dx that were zeroed just before their
//          first window, or, where at most two windows overlap, gathers them pixel by pixel: each pixel's sum has the
//          order of pool.h, the same bits as every other variant.
// Measured one Zen 2 core: 32 images of one tower: pool1 fprop 1.9 ms, bprop 3.3; pool2 1.5, 2.1.
#include <algorithm>
#include <cstring>

#include "common/parallel_cpu.h"
#include "common/widening_cpu.h"
#include "pool.h"

namespace alexnet {
namespace {

struct Window {
  int32_t top, bottom, left, right;  // rows [top, bottom), columns [left, right)
  int32_t area() const { return (bottom - top) * (right - left); }
};

Window window_of(const PoolShape& s, int32_t p, int32_t q) {
  return {p * s.stride, std::min(p * s.stride + s.size, s.H), q * s.stride, std::min(q * s.stride + s.size, s.W)};
}

// A NaN stays; of +0 and -0 the first stays: max(v, m) returns m unless v is greater, and the NaNs are collected.
template <class Lanes, class T>
ALEXNET_INLINE __m256 maximum(const Lanes& lanes, const PoolShape& s, const T* x, const Window& w) {
  const T* corner = x + (int64_t(w.top) * s.W + w.left) * s.C;
  __m256 best = lanes.load(corner), nans = _mm256_setzero_ps();
  for (int32_t h = 0; h < w.bottom - w.top; ++h) {
    const T* row = corner + int64_t(h) * s.W * s.C;
    for (int32_t i = 0; i < w.right - w.left; ++i) {
      const __m256 v = lanes.load(row + int64_t(i) * s.C);
      best = _mm256_max_ps(v, best);
      nans = _mm256_or_ps(nans, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    }
  }
  return _mm256_or_ps(best, nans);
}

template <class Lanes, class T>
ALEXNET_INLINE __m256 average(const Lanes& lanes, const PoolShape& s, const T* x, const Window& w) {
  __m256 sum = _mm256_setzero_ps();
  for (int32_t h = w.top; h < w.bottom; ++h) {
    for (int32_t i = w.left; i < w.right; ++i) {
      sum = _mm256_add_ps(sum, lanes.load(x + (int64_t(h) * s.W + i) * s.C));
    }
  }
  return _mm256_div_ps(sum, _mm256_set1_ps(float(w.area())));
}

template <class T>
void fprop_image(const PoolShape& s, const T* x, T* y) {
  const int32_t P = pool_P(s), Q = pool_Q(s);
  for (int32_t p = 0; p < P; ++p) {
    for (int32_t q = 0; q < Q; ++q) {
      const Window w = window_of(s, p, q);
      T* to = y + (int64_t(p) * Q + q) * s.C;
      for_lanes(0, s.C, [&](auto lanes, int64_t c) {
        lanes.store(to + c, s.mode == ALEXNET_POOL_MAX ? maximum(lanes, s, x + c, w) : average(lanes, s, x + c, w));
      });
    }
  }
}

// dx += the gradient of one window, for the channels of `lanes`.
template <class Lanes, class T>
ALEXNET_INLINE void scatter(const Lanes& lanes, const PoolShape& s, const T* x, __m256 y, __m256 dy, float* dx,
                            const Window& w) {
  if (s.mode == ALEXNET_POOL_AVERAGE) dy = _mm256_div_ps(dy, _mm256_set1_ps(float(w.area())));
  __m256 open = _mm256_castsi256_ps(_mm256_set1_epi32(-1));  // lanes whose maximum may still receive the gradient
  for (int32_t h = w.top; h < w.bottom; ++h) {
    for (int32_t i = w.left; i < w.right; ++i) {
      const int64_t at = (int64_t(h) * s.W + i) * s.C;
      __m256 share = dy;
      if (s.mode == ALEXNET_POOL_MAX) {
        const __m256 equal = _mm256_and_ps(open, _mm256_cmp_ps(lanes.load(x + at), y, _CMP_EQ_OQ));
        if (s.ties == ALEXNET_TIES_FIRST) open = _mm256_andnot_ps(equal, open);
        share = _mm256_and_ps(equal, dy);
      }
      lanes.store(dx + at, _mm256_add_ps(lanes.load(dx + at), share));
    }
  }
}

// dx = the sum over kWindows windows of dy where x == y, for one pixel; y and dy start at `at[i]`.
template <int kWindows, class T>
ALEXNET_INLINE void gather(int64_t C, const T* x, const T* y, const T* dy, const int64_t (&at)[4], T* dx) {
  for_lanes(0, C, [&](auto lanes, int64_t c) {
    const __m256 value = lanes.load(x + c);
    __m256 sum = _mm256_setzero_ps();
#pragma GCC unroll 4
    for (int i = 0; i < kWindows; ++i) {
      const __m256 equal = _mm256_cmp_ps(value, lanes.load(y + at[i] + c), _CMP_EQ_OQ);
      sum = _mm256_add_ps(sum, _mm256_and_ps(equal, lanes.load(dy + at[i] + c)));
    }
    lanes.store(dx + c, sum);
  });
}

// The windows that cover row or column i.
struct Cover {
  int32_t first, last;
};

Cover cover(const PoolShape& s, int32_t i, int32_t windows) {
  return {i < s.size ? 0 : (i - s.size) / s.stride + 1, std::min(i / s.stride, windows - 1)};
}

// Max pooling in which every tied maximum receives the gradient, and at most two windows cover a row or column: each
// pixel of dx is written once, from one, two or four windows.
template <class T>
void bprop_image_ties_all(const PoolShape& s, const T* x, const T* y, const T* dy, T* dx) {
  const int32_t P = pool_P(s), Q = pool_Q(s);
  for (int32_t h = 0; h < s.H; ++h) {
    const Cover rows = cover(s, h, P);
    for (int32_t w = 0; w < s.W; ++w) {
      const Cover columns = cover(s, w, Q);
      int64_t at[4];
      int count = 0;
      for (int32_t p = rows.first; p <= rows.last; ++p) {
        for (int32_t q = columns.first; q <= columns.last; ++q) at[count++] = (int64_t(p) * Q + q) * s.C;
      }
      const int64_t pixel = (int64_t(h) * s.W + w) * s.C;
      switch (count) {
        case 0:
          gather<0>(s.C, x + pixel, y, dy, at, dx + pixel);
          break;
        case 1:
          gather<1>(s.C, x + pixel, y, dy, at, dx + pixel);
          break;
        case 2:
          gather<2>(s.C, x + pixel, y, dy, at, dx + pixel);
          break;
        default:
          gather<4>(s.C, x + pixel, y, dy, at, dx + pixel);
          break;
      }
    }
  }
}

template <class T>
void scatter_image(const PoolShape& s, const T* x, const T* y, const T* dy, float* dx) {
  const int32_t P = pool_P(s), Q = pool_Q(s);
  const int64_t row = int64_t(s.W) * s.C;
  int32_t zeroed = 0;
  for (int32_t p = 0; p < P; ++p) {
    const int32_t bottom = window_of(s, p, 0).bottom;
    std::memset(dx + zeroed * row, 0, (bottom - zeroed) * row * sizeof(float));
    zeroed = bottom;
    for (int32_t q = 0; q < Q; ++q) {
      const Window w = window_of(s, p, q);
      const int64_t at = (int64_t(p) * Q + q) * s.C;
      for_lanes(0, s.C, [&](auto lanes, int64_t c) {
        scatter(lanes, s, x + c, lanes.load(y + at + c), lanes.load(dy + at + c), dx + c, w);
      });
    }
  }
  std::memset(dx + zeroed * row, 0, (s.H - zeroed) * row * sizeof(float));
}

template <class T>
void bprop_image(const PoolShape& s, const T* x, const T* y, const T* dy, T* dx) {
  if constexpr (sizeof(T) == sizeof(float)) {
    scatter_image(s, x, y, dy, dx);
  } else {
    const int64_t count = int64_t(s.H) * s.W * s.C;
    float* const sums = scratch(2, count);
    scatter_image(s, x, y, dy, sums);
    convert(sums, count, dx);
  }
}

template <class T>
void fprop(const PoolShape& s, const T* x, T* y, Stream stream) {
  const int64_t x_image = pool_x_count(s) / s.N, y_image = pool_y_count(s) / s.N;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) {
    for (int64_t n = first; n < last; ++n) fprop_image(s, x + n * x_image, y + n * y_image);
  });
}

template <class T>
void bprop(const PoolShape& s, const T* x, const T* y, const T* dy, T* dx, Stream stream) {
  const int64_t x_image = pool_x_count(s) / s.N, y_image = pool_y_count(s) / s.N;
  const bool gathers = s.mode == ALEXNET_POOL_MAX && s.ties == ALEXNET_TIES_ALL && s.size <= 2 * s.stride;
  const auto image = gathers ? bprop_image_ties_all<T> : bprop_image<T>;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) {
    for (int64_t n = first; n < last; ++n) {
      image(s, x + n * x_image, y + n * y_image, dy + n * y_image, dx + n * x_image);
    }
  });
}

Status launch_fprop_windows(const PoolShape& s, const float* x, float* y, Stream stream) {
  fprop(s, x, y, stream);
  return {};
}

Status launch_fprop_bf16(const PoolShape& s, const float* x, float* y, Stream stream) {
  fprop(s, as_bf16(x), as_bf16(y), stream);
  return {};
}

Status launch_bprop_windows(const PoolShape& s, const float* x, const float* y, const float* dy, float* dx,
                            Stream stream) {
  bprop(s, x, y, dy, dx, stream);
  return {};
}

Status launch_bprop_bf16(const PoolShape& s, const float* x, const float* y, const float* dy, float* dx,
                         Stream stream) {
  bprop(s, as_bf16(x), as_bf16(y), as_bf16(dy), as_bf16(dx), stream);
  return {};
}

}  // namespace

ALEXNET_VARIANT(PoolFprop, "windows", prefers<2>, launch_fprop_windows)
ALEXNET_VARIANT(PoolBprop, "windows", prefers<2>, launch_bprop_windows)
ALEXNET_VARIANT_OF(Precision::kBf16, PoolFprop, "windows_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, PoolBprop, "windows_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
