// lrn_pool_fprop_rows: ReLU, normalisation and max-pooling, a strip of window rows per block, each value computed once.
// Math     y = maximum over the 3x3 window at stride 2 of z; z = a * d^-3/4, a = relu(x), d = k + alpha * sum of a^2
// Shapes   x: [N,H,W,C], y and y_peer, which may be null: [N,P,Q,C]; float32, in `rows_bf16` bf16, z float32; no
//          aliasing
// Units    as lrn_fprop_direct. Paper: sections 3.3 and 3.4
// Cost     4 bytes read per element of x and 4 written per element of y, in bf16 2: memory-bound; a strip of p window
//          rows reads one row more, from L2, per 2p. 2 special functions per element. Predicted at 4.3 TB/s for 128
//          images of one tower: layer 1 92 MB, 21.5 us; layer 2 59 MB, 13.7 us; layer 5 13.4 MB, 3.1 us
// Launch   up to 512 threads, one for each column of the tile and four channels; block i owns a tile of columns, a
//          strip of window rows and an image. Shared: two pairs of staged rows and a row of maxima; no workspace
// Valid    validate_lrn_pool, pool_size 3, stride 2, C a multiple of 4 up to 680, lrn_size 0, or 5 with beta 0.75. The
//          sum of squares is a fixed tree: bit-reproducible on one kind of device. NaN in the window gives NaN
// Measured on an H200, 128 images, one tower, and share of the roofline: layer1 44 us 54 %, layer2 32 us 47 %, layer5
//          11 us 32 % (docs/measurements/gpu.md)
#include "lrn_pool/lrn_pool_rows.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 512;  // most of a block; each owns four channels of one column

// Columns that `windows` neighbouring windows read.
__device__ __host__ constexpr int columns_of(int windows) { return 2 * windows + 1; }

template <bool kNormalises, class T>
__global__ void __launch_bounds__(kThreads, 2)
    lrn_pool_fprop_rows(LrnPoolShape s, RowPlan plan, const T* x, T* y, T* y_peer) {
  ALEXNET_SHARED_DYNAMIC(float, memory);
  const PoolShape pool = pool_of(s);
  const RowBlock block = row_block(s, plan);
  const int P = pool_P(pool), Q = pool_Q(pool), groups = s.C / 4;
  const int q0 = block.tile * plan.tile, windows = min(plan.tile, Q - q0);
  const int columns = min(columns_of(windows), s.W - 2 * q0);
  const int column = int(threadIdx.x) / groups, c = int(threadIdx.x) % groups * 4;
  const bool reads = column < columns, writes = column < windows;
  const Stage stage = stage_of(memory, s.C, plan.columns, column, c);
  const SharedPtr<float> maxima = memory + 4 * stage.row;  // [columns][C], over the three rows of the windows
  const T* image = x + block.n * s.H * s.W * s.C;
  const int at = (2 * q0 + column) * s.C + c;  // in a row
  const int64_t image_at = block.n * P * Q * s.C;

  // Rows 2p + 1 and 2p + 2, from the strip's first row on.
  const auto copy_pair = [&](int p) {
    for (int i = 0; i < 2 && reads; ++i) {
      const int h = 2 * p + 1 + i;
      if (h >= 2 * block.p0 && h < s.H) {
        async_copy<4 * sizeof(T)>(stage.at(p, i), reinterpret_cast<const float*>(image + h * s.W * s.C + at));
      }
    }
    async_commit();
  };

  clear_gaps(memory, s.C, plan.columns);
  __syncthreads();  // the zeros before anyone's reads, and before the first copies beside them
  copy_pair(block.p0 - 1);
  Four carried = four(-INFINITY);  // z of row 2p
  for (int p = block.p0 - 1; p < block.p1; ++p) {
    async_wait<0>();
    __syncthreads();  // pair p by all threads before its reads; the reads of maxima before they are written again
    if (p + 1 < block.p1) copy_pair(p + 1);
    if (reads) {
      Four best = carried;
      if (p >= block.p0)
        best = nan_max(best, value_of<kNormalises>(load_pixel<kNormalises, T>(s, plan.floor, stage.at(p, 0))));
      carried = four(-INFINITY);
      if (2 * p + 2 < s.H) carried = value_of<kNormalises>(load_pixel<kNormalises, T>(s, plan.floor, stage.at(p, 1)));
      shared_store(maxima + column * s.C + c, vector(nan_max(best, carried)));
    }
    __syncthreads();  // the maxima before their reads; the reads of pair p before it is copied over
    if (p < block.p0 || !writes) continue;
    Four best = four(-INFINITY);
    for (int i = 2 * column; i < min(2 * column + 3, columns); ++i) {
      best = nan_max(best, four(shared_load<float4>(maxima + i * s.C + c)));
    }
    const int64_t out = image_at + (p * Q + q0 + column) * s.C + c;
    store_four(y + out, vector(best));
    if (y_peer != nullptr) store_four(y_peer + out, vector(best));
  }
}

// Windows of a tile, as even as the fewest tiles allow.
RowPlan plan_of(const LrnPoolShape& s) {
  const int Q = pool_Q(pool_of(s)), most = (kThreads / (s.C / 4) - 1) / 2;
  const int tiles = ceil_div(Q, most), tile = ceil_div(Q, tiles);
  return row_plan(s, tiles, tile, columns_of(tile));
}

int prefer_rows(const LrnPoolShape& s, const Target&) {
  return rows_support(s) && columns_of(1) * (s.C / 4) <= kThreads ? 2 : 0;
}

template <class T>
Status in_rows(const LrnPoolShape& s, const T* x, T* y, T* y_peer, Stream stream) {
  const RowPlan plan = plan_of(s);
  const int threads = ceil_div(plan.columns * (s.C / 4), 32) * 32;
  const int64_t floats = 4 * int64_t(staged_floats(s.C, plan.columns)) + int64_t(plan.columns) * s.C;
  const auto kernel = s.lrn_size == 0 ? lrn_pool_fprop_rows<false, T> : lrn_pool_fprop_rows<true, T>;
  return launch(kernel, dim3(unsigned(int64_t(s.N) * plan.strips * plan.tiles)), dim3(unsigned(threads)),
                size_t(floats) * sizeof(float), stream, s, plan, x, y, y_peer);
}

Status launch_rows(const LrnPoolShape& s, const float* x, float* y, float* y_peer, Stream stream) {
  return in_rows(s, x, y, y_peer, stream);
}

Status launch_rows_bf16(const LrnPoolShape& s, const float* x, float* y, float* y_peer, Stream stream) {
  return in_rows(s, as_bf16(x), as_bf16(y), as_bf16(y_peer), stream);
}

}  // namespace

ALEXNET_VARIANT(LrnPoolFprop, "rows", prefer_rows, launch_rows)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnPoolFprop, "rows_bf16", prefer_rows, launch_rows_bf16)

}  // namespace alexnet
