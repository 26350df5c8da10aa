// lrn_pool_bprop_rows: gradient of ReLU, normalisation and max-pooling, a strip of rows per block; values and maxima
// are computed again from x, once.
// Math     dx[c] = dz[c] * d[c]^-3/4 - 1.5*alpha * a[c] * sum over i of dz[i] * a[i] * d[i]^-7/4, 0 where the ReLU is
//          closed; dz = sum of dy over the 3x3 windows at stride 2 whose maximum it is; z, d, a as in
//          lrn_pool_fprop_rows, same functions, same bits
// Shapes   x, dx: [N,H,W,C], dy: [N,P,Q,C]; float32, in `rows_bf16` bf16, z and sums float32; no aliasing
// Units    as lrn_bprop_direct; ties all: every pixel equal to the maximum receives its gradient; first: only the first
// Cost     8 bytes per element of x and 4 per element of dy, in bf16 half: memory-bound; a strip of p window rows reads
//          three rows more, from L2, per 2p. 3 special functions per element. Predicted at 4.3 TB/s for 128 images of
//          one tower: layer 1 167 MB, 38.7 us; layer 2 107 MB, 24.8 us; layer 5 24.5 MB, 5.7 us
// Launch   up to 384 threads, one for each column of the tile and its margin (two columns on the left, one on the
//          right) and four channels; block i owns a tile of columns, a strip of rows and an image. Shared: two pairs of
//          staged rows, and a row of maxima over three rows; no workspace
// Valid    as lrn_pool_fprop_rows, C up to 304. Sums of dy from +0, ascending in p, q; sums over channels are a fixed
//          tree: bit-reproducible on one kind of device
// Measured on an H200, 128 images, one tower, and share of the roofline: layer1 115 us 37 %, layer2 89 us 31 %, layer5
//          21 us 30 % (docs/measurements/gpu.md)
#include "lrn_pool/lrn_pool_rows.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 384;         // most of a block: two blocks of 80 registers fit a multiprocessor
constexpr int kLeft = 2, kRight = 1;  // columns that a tile's windows reach beyond it

// A column of a window row: four channels' maxima over its three rows, and which rows have them: bits 4i to 4i + 2 for
// channel i; with ties first only the lowest of them.
struct Column {
  Four maximum;
  unsigned rows;
};
constexpr unsigned kNoRow = 0x8888u;  // after every row

// A thread's place among the maxima of a window row in shared memory: two columns of -infinity on either side of the
// tile's, so that windows need no clipping. The rows are read for ties first only.
struct ColumnMaxima {
  SharedPtr<float> maximum;  // in [columns + 4][C]
  SharedPtr<float> rows;     // in [columns + 4][C/4], bits
  int C;

  __device__ ColumnMaxima(SharedPtr<float> memory, int C_, int columns, int column, int c)
      : maximum(memory + (column + 2) * C_ + c),
        rows(memory + (columns + 4) * C_ + ((column + 2) * C_ + c) / 4),
        C(C_) {}

  static int64_t floats(int C, int columns) { return int64_t(columns + 4) * (C + C / 4); }

  __device__ void store(const Column& value) const {
    shared_store(maximum, vector(value.maximum));
    shared_store(rows, value.rows);
  }
  // The column at this distance.
  __device__ Column load(int distance) const {
    return {four(shared_load<float4>(maximum + distance * C)), shared_load<unsigned>(rows + distance * (C / 4))};
  }
};

// A column whose row 0 has the values z.
__device__ __forceinline__ Column column_of(const Four& z) { return {z, 0x1111u}; }

// Adds the next row; a NaN stays.
__device__ __forceinline__ void add_row(Column& column, const Four& z, int row, bool ties_first) {
  for (int i = 0; i < 4; ++i) {
    float& maximum = column.maximum.v[i];
    const unsigned bit = 1u << (4 * i + row), others = column.rows & ~(15u << (4 * i));
    if (z.v[i] > maximum) column.rows = others | bit;
    if (!ties_first && z.v[i] == maximum) column.rows |= bit;
    maximum = nan_max(maximum, z.v[i]);
  }
}

// The channels, as bits, in which column `own` keeps the maximum of a window against another of its columns, `left` or
// right of it. A NaN in either keeps nothing.
__device__ __forceinline__ unsigned keeps(const Column& own, const Column& other, bool left, bool ties_first) {
  unsigned channels = 0;
  for (int i = 0; i < 4; ++i) {
    // Ties first: row-major order; a tie in a higher row comes first, in the same row the one further left.
    const unsigned own_row = own.rows >> (4 * i) & 15u, other_row = other.rows >> (4 * i) & 15u;
    const bool tie = !ties_first || other_row >= own_row + (left ? 1u : 0u);
    const bool kept = own.maximum.v[i] > other.maximum.v[i] || (own.maximum.v[i] == other.maximum.v[i] && tie);
    channels |= kept ? 1u << i : 0u;
  }
  return channels;
}

// Adds dy to the dz of the pixels of column `own` that are the maximum of a window, in the given channels.
__device__ __forceinline__ void receive(Four (&dz)[3], const Column& own, unsigned channels, const Four& dy) {
  for (int i = 0; i < 4; ++i) {
    const float share = (channels >> i & 1u) != 0 ? dy.v[i] : 0.f;
    for (int row = 0; row < 3; ++row) dz[row].v[i] += (own.rows >> (4 * i + row) & 1u) != 0 ? share : 0.f;
  }
}

// A row's gradient before the normalisation's second sum: dx = own - scale * sum. Both are 0 where the ReLU is closed.
struct Gradient {
  Four own, scale;
};

// Also writes what that sum adds up to `terms`.
template <bool kNormalises>
__device__ __forceinline__ Gradient gradient_of(const LrnPoolShape& s, const Pixel& pixel, const Four& dz,
                                                Four* terms) {
  const float factor = 2.f * s.alpha * s.beta;
  Gradient gradient = {dz, four(0.f)};
  for (int i = 0; i < 4; ++i) {
    const float a = pixel.a.v[i], u = pixel.u.v[i];
    if constexpr (kNormalises) {
      const float power = u * root(u);
      terms->v[i] = dz.v[i] * (a * power) * (u * u);
      gradient.own.v[i] = dz.v[i] * power;
      gradient.scale.v[i] = factor * a;
    }
    if (s.relu != 0 && !(a > 0.f)) gradient.own.v[i] = gradient.scale.v[i] = 0.f;
  }
  return gradient;
}

__device__ __forceinline__ Four add_sums(const Gradient& gradient, const Four& sums) {
  Four dx;
  for (int i = 0; i < 4; ++i) {
    const float scale = gradient.scale.v[i];  // a sum that is not finite stays out where the ReLU is closed
    dx.v[i] = scale == 0.f ? gradient.own.v[i] : fmaf(-scale, sums.v[i], gradient.own.v[i]);
  }
  return dx;
}

// A block computes the columns [first, first + columns), and writes those of its tile.
struct Columns {
  int first, columns, tile_first, tile_end;
};

__device__ inline Columns columns_of(const LrnPoolShape& s, const RowPlan& plan, int tile) {
  const int begin = tile * plan.tile, end = min(begin + plan.tile, s.W);
  const int first = max(begin - kLeft, 0);
  return {first, min(end + kRight, s.W) - first, begin, end};
}

// Windows that cover columns of a tile, and the one before the first.
__device__ __host__ constexpr int windows_of(int tile) { return tile / 2 + 2; }

template <bool kNormalises, class T>
__global__ void __launch_bounds__(kThreads, 2)
    lrn_pool_bprop_rows(LrnPoolShape s, RowPlan plan, const T* x, const T* dy, T* dx) {
  ALEXNET_SHARED_DYNAMIC(float, memory);
  const PoolShape pool = pool_of(s);
  const RowBlock block = row_block(s, plan);
  const Columns tile = columns_of(s, plan, block.tile);
  const int P = pool_P(pool), Q = pool_Q(pool), groups = s.C / 4;
  const int column = int(threadIdx.x) / groups, c = int(threadIdx.x) % groups * 4, w = tile.first + column;
  const bool reads = column < tile.columns, writes = reads && w >= tile.tile_first && w < tile.tile_end;
  const bool even = w % 2 == 0, ties_first = s.ties == ALEXNET_TIES_FIRST;
  const Stage stage = stage_of(memory, s.C, plan.columns, column, c);
  const SharedPtr<float> after_stage = memory + 4 * stage.row;
  const SharedPtr<float> after_dy = after_stage + 2 * windows_of(plan.tile) * s.C;  // of two window rows
  const ColumnMaxima maxima(after_dy, s.C, plan.columns, column, c);
  const T* x_image = x + block.n * s.H * s.W * s.C;
  T* dx_image = dx + block.n * s.H * s.W * s.C;
  const int first_q = tile.first / 2;
  const T* dy_image = dy + block.n * P * Q * s.C;
  const int first_row = max(2 * block.p0 - 2, 0);  // of x that the strip needs

  const auto has_window = [&](int p) { return p >= block.p0 - 1 && p >= 0 && p < P; };
  const auto dy_at = [&](int p, int window) {
    return after_stage + ((p & 1) * windows_of(plan.tile) + window) * s.C + c;
  };
  // Rows 2p + 1 and 2p + 2 as far as the strip needs them, and the gradients of window row p.
  const auto copy_pair = [&](int p) {
    for (int i = 0; i < 2 && reads; ++i) {
      const int h = 2 * p + 1 + i;
      if (h >= first_row && h < s.H) {
        async_copy<4 * sizeof(T)>(stage.at(p, i), reinterpret_cast<const float*>(x_image + (h * s.W + w) * s.C + c));
      }
    }
    if (column < windows_of(plan.tile) && first_q + column < Q && has_window(p)) {
      async_copy<4 * sizeof(T)>(dy_at(p, column),
                                reinterpret_cast<const float*>(dy_image + (p * Q + first_q + column) * s.C + c));
    }
    async_commit();
  };
  const auto write = [&](int h, const Four& value) { store_four(dx_image + (h * s.W + w) * s.C + c, vector(value)); };

  clear_gaps(memory, s.C, plan.columns);
  for (int i = threadIdx.x; i < 4 * groups; i += blockDim.x) {  // the margins of -infinity
    const int margin = i / groups;
    const int at = margin < 2 ? margin - 2 : tile.columns + margin - 2;
    ColumnMaxima(after_dy, s.C, plan.columns, at, i % groups * 4).store({four(-INFINITY), kNoRow});
  }
  __syncthreads();  // the zeros and margins before anyone's reads, and before the first copies beside them
  const int first_p = max(block.p0 - 2, -1);
  // The last row of an odd number of rows belongs to no further window: one round more, without a window.
  const int end_p = block.p1 == P && 2 * P < s.H ? P + 1 : block.p1;
  copy_pair(first_p);
  Pixel top = {four(0.f), four(1.f)};
  Four dz[3] = {four(0.f), four(0.f), four(0.f)};  // of rows 2p to 2p + 2
  for (int p = first_p; p < end_p; ++p) {
    async_wait<0>();
    __syncthreads();  // pair p by all threads before its reads; the reads of terms of pair p - 1 before its next copies
    if (p + 1 < end_p && p + 1 < P) copy_pair(p + 1);
    Pixel middle = {four(0.f), four(1.f)}, bottom = middle;
    Column own = column_of(value_of<kNormalises>(top));
    if (reads && p < P) {
      if (2 * p + 1 >= first_row) {
        middle = load_pixel<kNormalises, T>(s, plan.floor, stage.at(p, 0));
        add_row(own, value_of<kNormalises>(middle), 1, ties_first);
      }
      if (2 * p + 2 < s.H) {
        bottom = load_pixel<kNormalises, T>(s, plan.floor, stage.at(p, 1));
        add_row(own, value_of<kNormalises>(bottom), 2, ties_first);
      }
    }
    if (reads) maxima.store(own);
    __syncthreads();  // the maxima before their reads; the reads of pair p before terms take its place
    if (has_window(p) && writes) {
      // Columns of even number lie in two windows, of which the left one comes first.
      const auto against = [&](int distance) { return keeps(own, maxima.load(distance), distance < 0, ties_first); };
      const SharedPtr<float> own_dy = dy_at(p, w / 2 - first_q);
      if (even && w > 0) receive(dz, own, against(-2) & against(-1), staged_four<T>(own_dy - s.C));
      if (w / 2 < Q) receive(dz, own, against(1) & against(even ? 2 : -1), staged_four<T>(own_dy));
    }
    if (p >= block.p0) {
      Four top_terms, middle_terms;
      const Gradient top_gradient = gradient_of<kNormalises>(s, top, dz[0], &top_terms);
      const Gradient middle_gradient = gradient_of<kNormalises>(s, middle, dz[1], &middle_terms);
      if constexpr (kNormalises) {
        if (writes) {
          shared_store(stage.at(p, 0), vector(top_terms));
          shared_store(stage.at(p, 1), vector(middle_terms));
        }
        __syncthreads();  // the terms before their reads
        if (writes) {
          write(2 * p, add_sums(top_gradient, window_sums<false>(load_eight<float>(stage.at(p, 0)))));
          if (p < P) write(2 * p + 1, add_sums(middle_gradient, window_sums<false>(load_eight<float>(stage.at(p, 1)))));
        }
      } else if (writes) {
        write(2 * p, top_gradient.own);
        if (p < P) write(2 * p + 1, middle_gradient.own);
      }
    }
    top = bottom;
    dz[0] = dz[2];
    dz[1] = dz[2] = four(0.f);
  }
}

// The most columns that a block reads for one of `tiles` tiles.
int columns_of(const LrnPoolShape& s, int tiles, int tile) {
  if (tiles == 1) return s.W;
  return tiles == 2 ? max(tile + kRight, kLeft + s.W - tile) : kLeft + tile + kRight;
}

// The fewest tiles whose columns fit a block. Tiles have an even number of columns, so that windows start inside them.
RowPlan plan_of(const LrnPoolShape& s) {
  for (int tiles = 1;; ++tiles) {
    const int tile = tiles == 1 ? s.W : ceil_div(ceil_div(s.W, tiles), 2) * 2;
    const int columns = columns_of(s, ceil_div(s.W, tile), tile);
    if (columns * (s.C / 4) <= kThreads || tile == 2) return row_plan(s, ceil_div(s.W, tile), tile, columns);
  }
}

int prefer_rows(const LrnPoolShape& s, const Target&) {
  return rows_support(s) && (kLeft + 2 + kRight) * (s.C / 4) <= kThreads ? 2 : 0;
}

template <bool kNormalises, class T>
Status launch_with(const LrnPoolShape& s, const T* x, const T* dy, T* dx, Stream stream) {
  const RowPlan plan = plan_of(s);
  const int threads = ceil_div(plan.columns * (s.C / 4), 32) * 32;
  const int64_t dy_rows = 2 * int64_t(windows_of(plan.tile)) * s.C;
  const int64_t floats =
      4 * int64_t(staged_floats(s.C, plan.columns)) + dy_rows + ColumnMaxima::floats(s.C, plan.columns);
  const int64_t blocks = int64_t(s.N) * plan.strips * plan.tiles;
  return launch(lrn_pool_bprop_rows<kNormalises, T>, dim3(unsigned(blocks)), dim3(unsigned(threads)),
                size_t(floats) * sizeof(float), stream, s, plan, x, dy, dx);
}

Status launch_rows(const LrnPoolShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return s.lrn_size == 0 ? launch_with<false>(s, x, dy, dx, stream) : launch_with<true>(s, x, dy, dx, stream);
}

Status launch_rows_bf16(const LrnPoolShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return s.lrn_size == 0 ? launch_with<false>(s, as_bf16(x), as_bf16(dy), as_bf16(dx), stream)
                         : launch_with<true>(s, as_bf16(x), as_bf16(dy), as_bf16(dx), stream);
}

}  // namespace

ALEXNET_VARIANT(LrnPoolBprop, "rows", prefer_rows, launch_rows)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnPoolBprop, "rows_bf16", prefer_rows, launch_rows_bf16)

}  // namespace alexnet
