// conv panels: fprop and dgrad on the CPU as one correlation of 6-pixel x 16-channel register tiles.
// Math     conv.h. fprop correlates the zero-padded x with w. dgrad correlates dy, spread out by the stride and
//          zero-padded, with the filters turned by 180 degrees and with K and C exchanged.
// Shapes   source[image][rows][columns][C'] padded copies of a few images; panels[k/16][R][S*C'][16] of the filters;
//          one tile reads 6 windows, R runs of S*C' contiguous values each, and writes 6 x 16 values of y.
// Cost     2 FLOP per product and tile lane; bound by the FMA units. Per image one padded copy of x.
// Launch   threads divide the images; with fewer images than threads, the panels of 16 filters.
// Valid    any shape. Each sum ascends in r, s, c in one register lane: the same bits for any number of threads. dgrad
//          with stride > 1 multiplies the zeros of the spread as well: right, not quick (the network never needs it).
// Measured one Zen 2 core with a peak of 107 GFLOP/s, batch 24: fprop conv1 87, conv2 99, conv3 97, conv4 99, conv5 96;
//          dgrad conv2 101, conv3 98, conv4 98, conv5 96. oneDNN 3.11 with NHWC, its best of each: 80, 102, 98, 99, 102
//          and 104, 102, 99, 101.
#include <algorithm>
#include <cstring>

#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "conv.h"

namespace alexnet {
namespace {

constexpr int64_t kSourceFloats = int64_t(1) << 18;  // of padded images at a time: 1 MiB, a share of the L3 cache

// One group's correlation: y[p,q,k] = sum over r, s, c of source[p*stride + r, q*stride + s, c] * filter[k][r][s][c].
struct Correlation {
  int64_t P, Q, R, S, C, K;      // C, K: channels of the group
  int64_t stride;                // of the windows in the source
  int64_t rows, columns;         // of the padded source
  int64_t y_pixel;               // floats from one pixel of y to the next

  int64_t pixels() const { return P * Q; }
  int64_t source_floats() const { return rows * columns * C; }
  int64_t panel_floats() const { return R * S * C * kTileN; }
  int64_t panels() const { return (K + kTileN - 1) / kTileN; }
};

// Where a tensor's pixels land in the padded source: row h at h*spread + offset_h, if that is inside.
struct Placement {
  int64_t H, W, channels;  // of the tensor [H,W,channels], of which the group's C follow the pointer
  int64_t spread, offset_h, offset_w;
};

void pad(const Correlation& g, const Placement& from, const float* x, float* source) {
  std::memset(source, 0, size_t(g.source_floats()) * sizeof(float));
  const bool runs = from.channels == g.C && from.spread == 1;
  for (int64_t h = 0; h < from.H; ++h) {
    const int64_t row = h * from.spread + from.offset_h;
    if (row < 0 || row >= g.rows) continue;
    if (runs) {
      const int64_t first = std::max<int64_t>(0, -from.offset_w), last = std::min(from.W, g.columns - from.offset_w);
      if (last > first) {
        std::memcpy(source + (row * g.columns + first + from.offset_w) * g.C, x + (h * from.W + first) * g.C,
                    size_t((last - first) * g.C) * sizeof(float));
      }
      continue;
    }
    for (int64_t w = 0; w < from.W; ++w) {
      const int64_t column = w * from.spread + from.offset_w;
      if (column < 0 || column >= g.columns) continue;
      std::memcpy(source + (row * g.columns + column) * g.C, x + (h * from.W + w) * from.channels,
                  size_t(g.C) * sizeof(float));
    }
  }
}

// What becomes of a finished tile: fprop's epilogue, or dgrad's mask, which lies as y does.
struct Finish {
  Epilogue epilogue;
  const float* mask = nullptr;

  Finish from(int64_t floats) const { return {epilogue, mask == nullptr ? nullptr : mask + floats}; }
};

// y = relu((accumulate ? y : 0) + tile + bias) for M pixels and the lanes of one vector; 0 where the mask is not > 0.
template <int M, class Lanes>
ALEXNET_INLINE void store_vector(const __m256 (&sums)[M][2], int v, const Lanes& lanes, const Finish& f, int64_t y_pixel,
                                 int64_t k, float* y) {
  const Epilogue& e = f.epilogue;
  const __m256 bias = e.bias != nullptr ? lanes.load(e.bias + k) : _mm256_setzero_ps();
#pragma GCC unroll 6
  for (int i = 0; i < M; ++i) {
    const int64_t at = i * y_pixel + k;
    __m256 value = e.accumulate ? _mm256_add_ps(lanes.load(y + at), sums[i][v]) : sums[i][v];
    if (e.bias != nullptr) value = _mm256_add_ps(value, bias);
    if (e.relu) value = _mm256_max_ps(_mm256_setzero_ps(), value);
    if (f.mask != nullptr) {
      value = _mm256_and_ps(_mm256_cmp_ps(lanes.load(f.mask + at), _mm256_setzero_ps(), _CMP_GT_OQ), value);
    }
    lanes.store(y + at, value);
  }
}

// M pixels from flat pixel `first` of the images in `source`, 16 channels from k.
template <int M>
void correlate_tile(const Correlation& g, const float* source, const float* panel, const Finish& finish, int64_t first,
                    int64_t k, float* y) {
  const float* a[M];
  for (int64_t i = 0; i < M; ++i) {
    const int64_t image = (first + i) / g.pixels(), pixel = (first + i) % g.pixels();
    a[i] = source + image * g.source_floats() +
           ((pixel / g.Q) * g.columns + pixel % g.Q) * g.stride * g.C;
  }
  __m256 sums[M][2];
  tile_zero(sums);
  const int64_t run = g.S * g.C;
  for (int64_t r = 0; r < g.R; ++r) {
    tile_multiply_rows(sums, run, a, panel + r * run * kTileN);
#pragma GCC unroll 6
    for (int i = 0; i < M; ++i) a[i] += g.columns * g.C;
  }
  const Finish f = finish.from(first * g.y_pixel);
  float* to = y + first * g.y_pixel;
  if (k + kTileN <= g.K) {
    store_vector<M>(sums, 0, WholeLanes{}, f, g.y_pixel, k, to);
    store_vector<M>(sums, 1, WholeLanes{}, f, g.y_pixel, k + kLanes, to);
  } else {
    store_vector<M>(sums, 0, SomeLanes(0, g.K - k), f, g.y_pixel, k, to);
    if (k + kLanes < g.K) store_vector<M>(sums, 1, SomeLanes(0, g.K - k - kLanes), f, g.y_pixel, k + kLanes, to);
  }
}

// The panels [first, last) of `images` padded images.
void correlate(const Correlation& g, const float* source, int64_t images, const float* panels, const Finish& finish,
               int64_t first, int64_t last, float* y) {
  const int64_t pixels = images * g.pixels();
  for (int64_t panel = first; panel < last; ++panel) {
    for (int64_t pixel = 0; pixel < pixels; pixel += kTileM) {
      with_rows(pixels - pixel, [&](auto m) {
        correlate_tile<decltype(m)::value>(g, source, panels + panel * g.panel_floats(), finish, pixel, panel * kTileN,
                                               y);
      });
    }
  }
}

// All images of one group. x and y point at the group's first channel.
void correlate_images(const Correlation& g, const Placement& from, int64_t N, const float* x, const float* panels,
                      const Finish& finish, float* y, int32_t threads) {
  const int64_t x_image = from.H * from.W * from.channels, y_image = g.pixels() * g.y_pixel;
  const int64_t most = std::max<int64_t>(1, kSourceFloats / g.source_floats());
  const auto images = [&](int64_t first, int64_t last, int32_t inner) {
    for (int64_t n = first; n < last; n += most) {
      const int64_t count = std::min(most, last - n);
      float* source = scratch(1, count * g.source_floats());
      for (int64_t i = 0; i < count; ++i) pad(g, from, x + (n + i) * x_image, source + i * g.source_floats());
      parallel_for(inner, g.panels(), 1, [&](int64_t a, int64_t b) {
        correlate(g, source, count, panels, finish.from(n * y_image), a, b, y + n * y_image);
      });
    }
  };
  if (N < 2 * threads) {
    images(0, N, threads);
  } else {
    parallel_for(threads, N, 1, [&](int64_t first, int64_t last) { images(first, last, 1); });
  }
}

// panels[k/16][r][s*C + c][16] of filters w[k][r][s][c]; lanes past K are 0.
void pack_fprop(const Correlation& g, const float* w, float* panels) {
  const int64_t length = g.R * g.S * g.C;
  for (int64_t k = 0; k < g.panels() * kTileN; k += kLanes) {
    float* panel = panels + k / kTileN * g.panel_floats() + k % kTileN;
    for (int64_t j = 0; j < length; j += kLanes) {
      const SomeLanes lanes(0, length - j);
      __m256 r[8];
      for (int64_t i = 0; i < 8; ++i) r[i] = k + i < g.K ? lanes.load(w + (k + i) * length + j) : _mm256_setzero_ps();
      transpose_lanes(r);
      for (int64_t i = 0; i < std::min<int64_t>(kLanes, length - j); ++i) {
        _mm256_store_ps(panel + (j + i) * kTileN, r[i]);
      }
    }
  }
}

// panels[c/16][r][s*K + k][16] of the turned filters: w[k][R-1-r][S-1-s][c]; here g.C counts k and g.K counts c.
void pack_dgrad(const Correlation& g, const float* w, float* panels) {
  for (int64_t c = 0; c < g.panels() * kTileN; c += kLanes) {
    const SomeLanes lanes(0, g.K - c);
    float* panel = panels + c / kTileN * g.panel_floats() + c % kTileN;
    for (int64_t r = 0; r < g.R; ++r) {
      for (int64_t s = 0; s < g.S; ++s) {
        for (int64_t k = 0; k < g.C; ++k) {
          const int64_t filter = (k * g.R + g.R - 1 - r) * g.S + g.S - 1 - s;
          _mm256_store_ps(panel + ((r * g.S + s) * g.C + k) * kTileN, lanes.load(w + filter * g.K + c));
        }
      }
    }
  }
}

Status launch_fprop_panels(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                           Stream stream) {
  const int64_t P = conv_P(s), Q = conv_Q(s), C = s.C / s.G, K = s.K / s.G;
  const Correlation g{P, Q, s.R, s.S, C, K, s.stride, (P - 1) * s.stride + s.R, (Q - 1) * s.stride + s.S, s.K};
  const Placement from{s.H, s.W, s.C, 1, s.pad, s.pad};
  float* panels = scratch(0, g.panels() * g.panel_floats());
  for (int64_t group = 0; group < s.G; ++group) {
    pack_fprop(g, w + group * K * s.R * s.S * C, panels);
    Finish finish = {epilogue};
    if (epilogue.bias != nullptr) finish.epilogue.bias += group * K;
    correlate_images(g, from, s.N, x + group * C, panels, finish, y + group * K, stream.threads);
  }
  return {};
}

Status launch_dgrad_panels(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                           Stream stream) {
  const int64_t C = s.C / s.G, K = s.K / s.G;
  const Correlation g{s.H, s.W, s.R, s.S, K, C, 1, s.H + s.R - 1, s.W + s.S - 1, s.C};
  const Placement from{conv_P(s), conv_Q(s), s.K, s.stride, s.R - 1 - s.pad, s.S - 1 - s.pad};
  float* panels = scratch(0, g.panels() * g.panel_floats());
  for (int64_t group = 0; group < s.G; ++group) {
    pack_dgrad(g, w + group * K * s.R * s.S * C, panels);
    const Finish finish = Finish{{}, mask}.from(group * C);
    correlate_images(g, from, s.N, dy + group * K, panels, finish, dx + group * C, stream.threads);
  }
  return {};
}

int prefer_panels(const ConvShape&) { return 2; }

}  // namespace

ALEXNET_VARIANT(ConvFprop, "panels", prefer_panels, launch_fprop_panels)
ALEXNET_VARIANT(ConvDgrad, "panels", prefer_panels, launch_dgrad_panels)

}  // namespace alexnet
