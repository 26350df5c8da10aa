// lrn_pool rows: both passes on the CPU, row by row of an image: normalised rows live in a ring that stays in the
// cache.
// Math     lrn_pool.h. bprop keeps a mark of each window (its maximum, or with ties first the place of the first one),
//          gathers dz of a row when the last window over that row is marked, and finishes the row.
// Shapes   x, dx[N,H,W,C]; y, y_peer, dy[N,P,Q,C]. Per thread: pool_size rows of a, z (bprop: and of two powers), marks
//          of ceil(pool_size/stride) rows of windows, one row of terms. In `rows_bf16` x, y, dy and dx are bf16; a row
//          of y or dx is computed in float32 and rounded when it is whole.
// Cost     4 bytes per value of x (fprop), 8 (bprop), and the smaller y, dy, in bf16 half of it; bound by the roots of
//          the normalisation.
// Launch   threads divide the images.
// Valid    pool_size up to 4096, so that a place in a window is a whole float. Sums of dy ascend in (p, q).
#include <algorithm>
#include <limits>
#include <vector>

#include "common/parallel_cpu.h"
#include "common/widening_cpu.h"
#include "lrn/lrn_window_cpu.h"
#include "lrn_pool.h"

namespace alexnet {
namespace {

// One thread's rows of the image that it works on. T is what is stored; PowersOf and kHalf as in lrn_window_cpu.h.
template <class T, class PowersOf, int kHalf>
class ImageRows {
 public:
  ImageRows(const LrnPoolShape& s, bool backward)
      : s_(s),
        pool_(pool_of(s)),
        backward_(backward),
        row_(int64_t(s.W) * s.C),
        marks_row_(int64_t(pool_Q(pool_)) * s.C),
        mark_rows_(ceil_div(s.pool_size, s.stride)),
        powers_(s.beta),
        window_(lrn_of(s), take(backward)) {
    covers_.resize(size_t(mark_rows_) * mark_rows_);
    z_rows_.resize(size_t(s.pool_size));
  }

  // y_peer, which may be null, gets each row of windows while it is in the cache.
  void fprop(const T* x, T* y, T* y_peer) {
    start(x);
    for (int32_t p = 0; p < pool_P(pool_); ++p) {
      normalise_until(std::min(p * s_.stride + s_.pool_size, s_.H));
      T* const row = y + p * marks_row_;
      if constexpr (kWidens) {
        maximise<false>(p, row_memory_);
        convert(row_memory_, marks_row_, row);
      } else {
        maximise<false>(p, row);
      }
      if (y_peer != nullptr) std::copy_n(row, marks_row_, y_peer + p * marks_row_);
    }
  }

  void bprop(const T* x, const T* dy, T* dx) {
    start(x);
    int32_t finished = 0;
    const int32_t P = pool_P(pool_);
    for (int32_t p = 0; p < P; ++p) {
      normalise_until(std::min(p * s_.stride + s_.pool_size, s_.H));
      float* const marks = marks_ + p % mark_rows_ * marks_row_;
      s_.ties == ALEXNET_TIES_FIRST ? maximise<true>(p, marks) : maximise<false>(p, marks);
      const int32_t complete = p + 1 < P ? (p + 1) * s_.stride : s_.H;
      for (; finished < complete; ++finished) {
        if constexpr (kWidens) {
          finish(finished, dy, row_memory_);
          convert(row_memory_, row_, dx + finished * row_);
        } else {
          finish(finished, dy, dx + finished * row_);
        }
      }
    }
  }

 private:
  static constexpr bool kWidens = sizeof(T) != sizeof(float);

  // A window over a pixel, and the pixel's place in it.
  struct Cover {
    const float* mark;
    const T* dy;
    float place;
  };

  // Divides the thread's scratch memory; returns the window's part.
  float* take(bool backward) {
    const int64_t masks = s_.lrn_size != 0 ? LrnWindow<kHalf>::mask_floats(lrn_of(s_)) : 0;
    const int64_t ring = s_.pool_size * row_;
    float* memory = scratch(1, masks + (backward ? 4 : 2) * ring + (backward ? mark_rows_ * marks_row_ + row_ : 0));
    if (kWidens) row_memory_ = scratch(2, std::max(row_, marks_row_));
    a_ = memory + masks;
    z_ = a_ + ring;
    if (backward) {
      power_ = z_ + ring;
      power_over_d_ = power_ + ring;
      marks_ = power_over_d_ + ring;
      terms_ = marks_ + mark_rows_ * marks_row_;
    }
    return memory;
  }

  bool normalises() const { return s_.lrn_size != 0; }
  int64_t slot(int32_t h) const { return h % s_.pool_size * row_; }
  const float* a(int32_t h) const {
    if constexpr (!kWidens) {
      if (s_.relu == 0) return x_ + h * row_;
    }
    return a_ + slot(h);
  }
  const float* z(int32_t h) const { return normalises() ? z_ + slot(h) : a(h); }

  void start(const T* x) {
    x_ = x;
    rows_ = 0;
  }

  void normalise_until(int32_t end) {
    for (; rows_ < end; ++rows_) {
      float* to = a_ + slot(rows_);
      const T* from = x_ + rows_ * row_;
      if (s_.relu != 0) {
        for_lanes(0, row_, [&](auto lanes, int64_t i) {
          lanes.store(to + i, _mm256_max_ps(_mm256_setzero_ps(), lanes.load(from + i)));  // NaN and -0 stay
        });
      } else if (kWidens) {
        convert(from, row_, to);
      }
      if (normalises()) backward_ ? normalise<true>(rows_) : normalise<false>(rows_);
    }
  }

  // The loops below hold in local variables what they read of this object: the compiler must assume that a store of
  // lanes changes a member.

  template <bool kKeepPowers>
  void normalise(int32_t h) {
    const __m256 k = _mm256_set1_ps(s_.k), alpha = _mm256_set1_ps(s_.alpha);
    const int64_t C = s_.C, row = row_;
    const float* from = a(h);
    float *const z = z_ + slot(h), *const power = power_ + slot(h), *const power_over_d = power_over_d_ + slot(h);
    const LrnWindow<kHalf> window = window_;
    const PowersOf powers = powers_;
    for (int64_t pixel = 0; pixel < row; pixel += C) {
      for_lanes(0, C, [&](auto lanes, int64_t c) {
        const PowerLanes p = powers(_mm256_fmadd_ps(alpha, window.template sum<true>(from + pixel, c), k));
        lanes.store(z + pixel + c, _mm256_mul_ps(lanes.load(from + pixel + c), p.power));
        if (kKeepPowers) {
          lanes.store(power + pixel + c, p.power);
          lanes.store(power_over_d + pixel + c, p.power_over_d);
        }
      });
    }
  }

  // For the windows of row p: to[Q][C] = the maximum, or the place of the first maximum; NaN if there is a NaN.
  template <bool kPlace>
  void maximise(int32_t p, float* to) {
    const int32_t size = s_.pool_size, stride = s_.stride, Q = pool_Q(pool_), W = s_.W;
    const int32_t top = p * stride, rows = std::min(size, s_.H - top);
    const int64_t C = s_.C;
    for (int32_t i = 0; i < rows; ++i) z_rows_[size_t(i)] = z(top + i);
    const float* const* const z_rows = z_rows_.data();
    for (int32_t q = 0; q < Q; ++q) {
      const int64_t left = int64_t(q) * stride * C;
      const int32_t columns = std::min(size, W - q * stride);
      for_lanes(0, C, [&](auto lanes, int64_t c) {
        __m256 best = lanes.load(z_rows[0] + left + c), place = _mm256_setzero_ps(), nans = place;
        for (int32_t h = 0; h < rows; ++h) {
          const float* row = z_rows[h] + left + c;
          for (int32_t w = 0; w < columns; ++w, row += C) {
            const __m256 v = lanes.load(row);
            if (kPlace) {
              const __m256 here = _mm256_set1_ps(float(h * size + w));
              place = _mm256_blendv_ps(place, here, _mm256_cmp_ps(v, best, _CMP_GT_OQ));
            }
            best = _mm256_max_ps(v, best);
            nans = _mm256_or_ps(nans, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
          }
        }
        lanes.store(to + q * C + c, _mm256_or_ps(kPlace ? place : best, nans));
      });
    }
  }

  // The windows over pixel (h,w) into covers_; returns their number.
  int32_t cover(int32_t h, int32_t w, const T* dy) {
    const auto first = [&](int32_t i) { return i < s_.pool_size ? 0 : (i - s_.pool_size) / s_.stride + 1; };
    const int32_t last_p = std::min(h / s_.stride, pool_P(pool_) - 1);
    const int32_t last_q = std::min(w / s_.stride, pool_Q(pool_) - 1);
    int32_t count = 0;
    for (int32_t p = first(h); p <= last_p; ++p) {
      for (int32_t q = first(w); q <= last_q; ++q) {
        const int64_t at = int64_t(q) * s_.C;
        covers_[size_t(count++)] = {marks_ + p % mark_rows_ * marks_row_ + at, dy + p * marks_row_ + at,
                                    float((h - p * s_.stride) * s_.pool_size + w - q * s_.stride)};
      }
    }
    return count;
  }

  // Terms and first half of dx of one pixel at offset `pixel` of row h, or all of its dx without normalisation; kCount
  // windows, or `windows` if that is 0.
  template <int kCount, bool kFirst, bool kNormalises>
  void gather(int32_t h, int64_t pixel, int32_t windows, float* dx) {
    const int64_t C = s_.C, at = slot(h) + pixel;
    const float *const own_a = a(h) + pixel, *const own_z = z(h) + pixel;
    const float *const power = power_ + at, *const power_over_d = power_over_d_ + at;
    float *const terms = terms_ + pixel, *const to = dx + pixel;
    const Cover* const covers = covers_.data();
    const bool relu = s_.relu != 0;
    for_lanes(0, C, [&](auto lanes, int64_t c) {
      const __m256 value = lanes.load(own_z + c);
      __m256 dz = _mm256_setzero_ps();
#pragma GCC unroll 4
      for (int32_t i = 0; i < (kCount != 0 ? kCount : windows); ++i) {
        const __m256 own = kFirst ? _mm256_set1_ps(covers[i].place) : value;
        const __m256 equal = _mm256_cmp_ps(own, lanes.load(covers[i].mark + c), _CMP_EQ_OQ);
        dz = _mm256_add_ps(dz, _mm256_and_ps(equal, lanes.load(covers[i].dy + c)));
      }
      if (kNormalises) {
        lanes.store(terms + c, _mm256_mul_ps(_mm256_mul_ps(dz, lanes.load(own_a + c)), lanes.load(power_over_d + c)));
        lanes.store(to + c, _mm256_mul_ps(dz, lanes.load(power + c)));
      } else {
        lanes.store(to + c, relu ? open(dz, lanes.load(own_a + c)) : dz);
      }
    });
  }

  // da where the ReLU is open.
  static ALEXNET_INLINE __m256 open(__m256 da, __m256 own_a) {
    return _mm256_and_ps(da, _mm256_cmp_ps(own_a, _mm256_setzero_ps(), _CMP_GT_OQ));
  }

  template <bool kFirst, bool kNormalises>
  void gather_row(int32_t h, const T* dy, float* dx) {
    for (int32_t w = 0; w < s_.W; ++w) {
      const int64_t pixel = int64_t(w) * s_.C;
      const int32_t windows = cover(h, w, dy);
      switch (windows) {
        case 1:
          gather<1, kFirst, kNormalises>(h, pixel, windows, dx);
          break;
        case 2:
          gather<2, kFirst, kNormalises>(h, pixel, windows, dx);
          break;
        case 4:
          gather<4, kFirst, kNormalises>(h, pixel, windows, dx);
          break;
        default:
          gather<0, kFirst, kNormalises>(h, pixel, windows, dx);
          break;
      }
    }
  }

  void finish(int32_t h, const T* dy, float* dx) {
    const bool first = s_.ties == ALEXNET_TIES_FIRST;
    if (!normalises()) {
      first ? gather_row<true, false>(h, dy, dx) : gather_row<false, false>(h, dy, dx);
      return;
    }
    first ? gather_row<true, true>(h, dy, dx) : gather_row<false, true>(h, dy, dx);
    const __m256 factor = _mm256_set1_ps(2.f * s_.alpha * s_.beta);
    const int64_t C = s_.C, row = row_;
    const float *const own = a(h), *const terms = terms_;
    const bool relu = s_.relu != 0;
    const LrnWindow<kHalf> window = window_;
    for (int64_t pixel = 0; pixel < row; pixel += C) {
      for_lanes(0, C, [&](auto lanes, int64_t c) {
        const __m256 own_a = lanes.load(own + pixel + c);
        const __m256 sum = window.template sum<false>(terms + pixel, c);
        const __m256 da = _mm256_fnmadd_ps(_mm256_mul_ps(factor, own_a), sum, lanes.load(dx + pixel + c));
        lanes.store(dx + pixel + c, relu ? open(da, own_a) : da);
      });
    }
  }

  const LrnPoolShape s_;
  const PoolShape pool_;
  const bool backward_;
  const int64_t row_, marks_row_;  // floats of a row of x, of a row of windows
  const int32_t mark_rows_;
  float *a_ = nullptr, *z_ = nullptr, *power_ = nullptr, *power_over_d_ = nullptr;  // rings of pool_size rows
  float *marks_ = nullptr, *terms_ = nullptr;
  float* row_memory_ = nullptr;  // a row of y or dx before it is rounded
  const PowersOf powers_;
  const LrnWindow<kHalf> window_;
  std::vector<Cover> covers_;
  std::vector<const float*> z_rows_;  // of one row of windows
  const T* x_ = nullptr;
  int32_t rows_ = 0;  // of the image that have entered the rings
};

template <class T, class PowersOf, int kHalf>
void fprop_images(const LrnPoolShape& s, const T* x, T* y, T* y_peer, int64_t first, int64_t last) {
  const int64_t x_image = pool_x_count(pool_of(s)) / s.N, y_image = pool_y_count(pool_of(s)) / s.N;
  ImageRows<T, PowersOf, kHalf> rows(s, false);
  for (int64_t n = first; n < last; ++n) {
    rows.fprop(x + n * x_image, y + n * y_image, y_peer == nullptr ? nullptr : y_peer + n * y_image);
  }
}

template <class T, class PowersOf, int kHalf>
void bprop_images(const LrnPoolShape& s, const T* x, const T* dy, T* dx, int64_t first, int64_t last) {
  const int64_t x_image = pool_x_count(pool_of(s)) / s.N, y_image = pool_y_count(pool_of(s)) / s.N;
  ImageRows<T, PowersOf, kHalf> rows(s, true);
  for (int64_t n = first; n < last; ++n) rows.bprop(x + n * x_image, dy + n * y_image, dx + n * x_image);
}

template <class T>
void fprop(const LrnPoolShape& s, const T* x, T* y, T* y_peer, Stream stream) {
  const auto images =
      lrn_is_paper(lrn_of(s)) ? fprop_images<T, PowersThreeQuarters, 2> : fprop_images<T, PowersAny, -1>;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) { images(s, x, y, y_peer, first, last); });
}

template <class T>
void bprop(const LrnPoolShape& s, const T* x, const T* dy, T* dx, Stream stream) {
  const auto images =
      lrn_is_paper(lrn_of(s)) ? bprop_images<T, PowersThreeQuarters, 2> : bprop_images<T, PowersAny, -1>;
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) { images(s, x, dy, dx, first, last); });
}

Status launch_fprop_rows(const LrnPoolShape& s, const float* x, float* y, float* y_peer, Stream stream) {
  fprop(s, x, y, y_peer, stream);
  return {};
}

Status launch_fprop_bf16(const LrnPoolShape& s, const float* x, float* y, float* y_peer, Stream stream) {
  fprop(s, as_bf16(x), as_bf16(y), as_bf16(y_peer), stream);
  return {};
}

Status launch_bprop_rows(const LrnPoolShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  bprop(s, x, dy, dx, stream);
  return {};
}

Status launch_bprop_bf16(const LrnPoolShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  bprop(s, as_bf16(x), as_bf16(dy), as_bf16(dx), stream);
  return {};
}

int prefer_rows(const LrnPoolShape& s, const Target&) { return s.pool_size <= 4096 ? 2 : 0; }

}  // namespace

ALEXNET_VARIANT(LrnPoolFprop, "rows", prefer_rows, launch_fprop_rows)
ALEXNET_VARIANT(LrnPoolBprop, "rows", prefer_rows, launch_bprop_rows)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnPoolFprop, "rows_bf16", prefer_rows, launch_fprop_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnPoolBprop, "rows_bf16", prefer_rows, launch_bprop_bf16)

}  // namespace alexnet
