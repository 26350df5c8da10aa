// conv panels: fprop and dgrad on the CPU as one correlation in register tiles of pixels x channels (tile_cpu.h).
// Math     conv.h. fprop correlates the zero-padded x with w. dgrad correlates dy, spread out by the stride and
//          zero-padded, with the filters turned by 180 degrees and with K and C exchanged.
// Shapes   source[image][rows][columns][C'] padded copies of a few images; panels[k/n][R][S*C'][n] of the filters, n
//          the columns of a tile; one tile reads a window per row, R runs of S*C' contiguous values each. Both copies
//          hold factors (factors_cpu.h): `_tf32` and `_3xtf32` round, `_bf16` widens while it copies. In bf16 are x, w,
//          y, dy, mask and dx; y and dx are rounded where a tile stores them.
// Cost     2 FLOP per product and tile lane; bound by the FMA units. Per image one padded copy of x.
// Launch   threads divide the images; where these are too few or leave threads idle, panels and stretches of pixels.
// Valid    any shape. Each sum ascends in r, s, c in one register lane: the same bits for any number of threads and any
//          width of vectors. dgrad with stride > 1 multiplies the zeros of the spread as well: right, not quick (the
//          network never needs it).
// Measured one Zen 2 core with a peak of 107 GFLOP/s, batch 24: fprop conv1 87, conv2 99, conv3 97, conv4 99, conv5 96;
//          dgrad conv2 101, conv3 98, conv4 98, conv5 96. oneDNN 3.11 with NHWC, its best of each: 80, 102, 98, 99, 102
//          and 104, 102, 99, 101. One Xeon core, batch 24, AVX2 / AVX-512: fprop conv1 88 / 135, conv2 95 / 154, conv3
//          90 / 151, conv4 94 / 155, conv5 94 / 148; the tile alone, from the L1 cache, 104 / 176.
#include <algorithm>
#include <cstring>

#include "common/finish_cpu.h"
#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "conv.h"
#include "conv_filters_cpu.h"

namespace alexnet {
namespace {

constexpr int64_t kSourceFloats = int64_t(1) << 18;  // of padded images at a time: 1 MiB, a share of the L3 cache

// One group's correlation: y[p,q,k] = sum over r, s, c of source[p*stride + r, q*stride + s, c] * filter[k][r][s][c].
struct Correlation : Filters {
  int64_t P, Q;
  int64_t stride;         // of the windows in the source
  int64_t rows, columns;  // of the padded source
  int64_t y_pixel;        // floats from one pixel of y to the next

  int64_t pixels() const { return P * Q; }
  int64_t source_floats() const { return rows * columns * C; }
};

// Where a tensor's pixels land in the padded source: row h at h*spread + offset_h, if that is inside.
struct Placement {
  int64_t H, W, channels;  // of the tensor [H,W,channels], of which the group's C follow the pointer
  int64_t spread, offset_h, offset_w;
};

template <Precision precision>
void pad(const Correlation& g, const Placement& from, const Stored<precision>* x, float* source) {
  std::memset(source, 0, size_t(g.source_floats()) * sizeof(float));
  const bool runs = from.channels == g.C && from.spread == 1;
  for (int64_t h = 0; h < from.H; ++h) {
    const int64_t row = h * from.spread + from.offset_h;
    if (row < 0 || row >= g.rows) continue;
    if (runs) {
      const int64_t first = std::max<int64_t>(0, -from.offset_w), last = std::min(from.W, g.columns - from.offset_w);
      if (last > first) {
        copy_factors<precision>(x + (h * from.W + first) * g.C, (last - first) * g.C,
                                source + (row * g.columns + first + from.offset_w) * g.C);
      }
      continue;
    }
    for (int64_t w = 0; w < from.W; ++w) {
      const int64_t column = w * from.spread + from.offset_w;
      if (column < 0 || column >= g.columns) continue;
      copy_factors<precision>(x + (h * from.W + w) * from.channels, g.C, source + (row * g.columns + column) * g.C);
    }
  }
}

// M pixels from flat pixel `first` of the images in `source`, V vectors of channels from k.
template <int M, int V, class T>
void correlate_tile(const Correlation& g, const float* source, const float* panel, const Finish<T>& finish,
                    int64_t first, int64_t k) {
  const float* a[M];
  int64_t image = first / g.pixels(), p = first % g.pixels() / g.Q, q = first % g.Q;
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
    a[i] = source + image * g.source_floats() + (p * g.columns + q) * g.stride * g.C;
    if (++q < g.Q) continue;
    q = 0;
    if (++p < g.P) continue;
    p = 0;
    ++image;
  }
  Vector sums[M][V];
  tile_zero(sums);
  const int64_t run = g.S * g.C;
  for (int64_t r = 0; r < g.R; ++r) {
    tile_multiply_rows(sums, run, a, panel + r * run * kTileN);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) a[i] += g.columns * g.C;
  }
  finish_tile<M, V>(sums, g.K - k, finish.from(first * g.y_pixel), g.y_pixel, k);
}

// One panel of kTileN channels from k for the flat pixels [first, last) of padded images.
template <class T>
void correlate(const Correlation& g, const float* source, int64_t first, int64_t last, const float* panel,
               const Finish<T>& finish, int64_t k) {
  with_vectors(g.K - k, [&](auto v) {
    for (int64_t pixel = first; pixel < last; pixel += kTileM) {
      with_rows(last - pixel, [&](auto m) {
        correlate_tile<decltype(m)::value, decltype(v)::value>(g, source, panel, finish, pixel, k);
      });
    }
  });
}

// Images of one group, padded a few at a time: pads `count` of them from the n-th on.
template <Precision precision>
struct Images {
  const Correlation& g;
  const Placement& from;
  const Stored<precision>* x;  // at the group's first channel

  int64_t most() const { return std::max<int64_t>(1, kSourceFloats / g.source_floats()); }
  const float* padded(int64_t n, int64_t count, const Cores& cores) const {
    float* source = scratch(1, count * g.source_floats());
    parallel_for(cores, count, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        pad<precision>(g, from, x + (n + i) * from.H * from.W * from.channels, source + i * g.source_floats());
      }
    });
    return source;
  }
};

// All images of one group. `finish` is of the group's first channel; pack(panel, to) makes a panel of the filters.
// Filters that are used once are packed where they are used, while they are in the cache; else all of them before.
template <Precision precision, class Pack>
void correlate_images(const Images<precision>& from, int64_t N, const Pack& pack,
                      const Finish<Stored<precision>>& finish, const Cores& cores) {
  const Correlation& g = from.g;
  const int64_t most = from.most(), y_image = g.pixels() * g.y_pixel;
  const bool by_image = N >= 2 * cores.count && divides_well(N, cores.count);
  if (N <= most && !by_image) {
    const float* source = from.padded(0, N, cores);
    parallel_for_stretches(cores, g.panels(), N * g.pixels(), kTileM, [&](int64_t i, int64_t first, int64_t last) {
      float* panel = scratch(0, g.panel_floats());
      pack(i, panel);
      correlate(g, source, first, last, panel, finish, i * kTileN);
    });
    return;
  }
  float* panels = scratch(0, g.panels() * g.panel_floats());
  parallel_for(cores, g.panels(), 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) pack(i, panels + i * g.panel_floats());
  });
  const auto images = [&](int64_t begin, int64_t end, const Cores& inner) {
    for (int64_t n = begin; n < end; n += most) {
      const int64_t count = std::min(most, end - n);
      const float* source = from.padded(n, count, inner);
      parallel_for_stretches(
          inner, g.panels(), count * g.pixels(), kTileM, [&](int64_t i, int64_t first, int64_t last) {
            correlate(g, source, first, last, panels + i * g.panel_floats(), finish.from(n * y_image), i * kTileN);
          });
    }
  };
  if (by_image) {
    parallel_for(cores, N, 1, [&](int64_t first, int64_t last) { images(first, last, {}); });
  } else {
    images(0, N, cores);
  }
}

template <Precision precision>
Status launch_fprop_panels(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                           Stream stream) {
  const int64_t P = conv_P(s), Q = conv_Q(s), C = s.C / s.G, K = s.K / s.G;
  const Correlation g{{s.R, s.S, C, K}, P, Q, s.stride, (P - 1) * s.stride + s.R, (Q - 1) * s.stride + s.S, s.K};
  const Placement from{s.H, s.W, s.C, 1, s.pad, s.pad};
  for (int64_t group = 0; group < s.G; ++group) {
    const auto* filters = as_stored<precision>(w) + group * K * s.R * s.S * C;
    auto finish = Finish<Stored<precision>>{as_stored<precision>(y), epilogue}.from(group * K);
    if (epilogue.bias != nullptr) finish.epilogue.bias += group * K;
    correlate_images(
        Images<precision>{g, from, as_stored<precision>(x) + group * C}, s.N,
        [&](int64_t panel, float* to) { pack_fprop<precision>(g, filters, panel * kTileN, to); }, finish, stream.cores);
  }
  return {};
}

template <Precision precision>
Status launch_dgrad_panels(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                           Stream stream) {
  const int64_t C = s.C / s.G, K = s.K / s.G;
  const Correlation g{{s.R, s.S, K, C}, s.H, s.W, 1, s.H + s.R - 1, s.W + s.S - 1, s.C};
  const Placement from{conv_P(s), conv_Q(s), s.K, s.stride, s.R - 1 - s.pad, s.S - 1 - s.pad};
  for (int64_t group = 0; group < s.G; ++group) {
    const auto* filters = as_stored<precision>(w) + group * K * s.R * s.S * C;
    const Finish<Stored<precision>> finish = {as_stored<precision>(dx), {}, as_stored<precision>(mask)};
    correlate_images(
        Images<precision>{g, from, as_stored<precision>(dy) + group * K}, s.N,
        [&](int64_t panel, float* to) { pack_dgrad<precision>(g, filters, panel * kTileN, to); },
        finish.from(group * C), stream.cores);
  }
  return {};
}

}  // namespace

ALEXNET_PANELS(ConvFprop, launch_fprop_panels)
ALEXNET_PANELS(ConvDgrad, launch_dgrad_panels)

}  // namespace alexnet
