// lrn_pool_rows: what the rows kernels of both passes share: four channels at a time, rows in shared memory, the
// division of an image into strips of window rows and tiles of columns.
//
// A staged row is [4 zeros][C floats][4 zeros][C floats]...[4 zeros]: the normalisation's window runs past the first
// and the last channel of a pixel into zeros, without a branch. Four values of bf16 are copied as they are, to the
// first half of the place of four floats. Windows are 3x3 at stride 2, normalisation is over 5 channels.
#ifndef ALEXNET_LRN_POOL_ROWS_CUH
#define ALEXNET_LRN_POOL_ROWS_CUH

#include "common/async_copy.cuh"
#include "common/map.cuh"
#include "lrn/lrn_power.cuh"
#include "lrn_pool/lrn_pool.h"

namespace alexnet {

constexpr int kWantedBlocks = 1056;  // eight for each of an H200's 132 multiprocessors
constexpr int kLeastWindowRows = 2;  // of a strip: a strip reads one to three rows that its neighbours read as well

inline bool rows_support(const LrnPoolShape& s) {
  const bool normalisation = s.lrn_size == 0 || (s.lrn_size == 5 && s.beta == 0.75f && s.k >= kRootsFromK);
  const bool int_offsets = int64_t(s.H) * s.W * s.C < int64_t(1) << 31;  // inside an image
  return s.C % 4 == 0 && s.pool_size == 3 && s.stride == 2 && normalisation && int_offsets;
}

// How a pass is divided into blocks: `strips` of `strip_rows` window rows, `tiles` of `tile` columns or windows, for
// which a block reads at most `columns`.
struct RowPlan {
  int strips, strip_rows;
  int tiles, tile, columns;
  float floor;  // of what is normalised: 0 with a ReLU, -infinity without
};

inline RowPlan row_plan(const LrnPoolShape& s, int tiles, int tile, int columns) {
  const int P = pool_P(pool_of(s));
  const int64_t blocks = int64_t(s.N) * tiles;
  const int64_t wanted = (kWantedBlocks + blocks - 1) / blocks;
  const int most = ceil_div(P, kLeastWindowRows);
  const int rows = ceil_div(P, wanted < most ? int(wanted) : most);
  return {ceil_div(P, rows), rows, tiles, tile, columns, s.relu != 0 ? 0.f : -INFINITY};
}

// The block's part: image n, window rows [p0, p1), tile number `tile`.
struct RowBlock {
  int64_t n;
  int p0, p1, tile;
};

__device__ inline RowBlock row_block(const LrnPoolShape& s, const RowPlan& plan) {
  const unsigned block = blockIdx.x, tiles = unsigned(plan.tiles), strips = unsigned(plan.strips);
  const int strip = int(block / tiles % strips);
  const int p0 = strip * plan.strip_rows, P = pool_P(pool_of(s));
  return {int64_t(block / tiles / strips), p0, min(p0 + plan.strip_rows, P), int(block % tiles)};
}

// Four neighbouring channels.
struct Four {
  float v[4];
};

__device__ __forceinline__ Four four(float4 f) { return {{f.x, f.y, f.z, f.w}}; }
__device__ __forceinline__ Four four(float f) { return {{f, f, f, f}}; }
__device__ __forceinline__ float4 vector(const Four& f) { return make_float4(f.v[0], f.v[1], f.v[2], f.v[3]); }

// Two values of bf16, the first in the lower bits.
__device__ __forceinline__ float2 two_of(unsigned bits) {
  return make_float2(__uint_as_float(bits << 16), __uint_as_float(bits & 0xffff0000u));
}

// The four values at their place in shared memory, as T.
template <class T>
__device__ __forceinline__ Four staged_four(SharedPtr<const float> at) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return four(shared_load<float4>(at));
  } else {
    const uint2 bits = shared_load<uint2>(at);
    const float2 low = two_of(bits.x), high = two_of(bits.y);
    return {{low.x, low.y, high.x, high.y}};
  }
}

// The larger; NaN if one is NaN.
__device__ __forceinline__ float nan_max(float a, float b) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  float m;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(m) : "f"(a), "f"(b));
  return m;
#else
  return b > a || b != b ? b : a;
#endif
}

__device__ __forceinline__ Four nan_max(const Four& a, const Four& b) {
  Four m;
  for (int i = 0; i < 4; ++i) m.v[i] = nan_max(a.v[i], b.v[i]);
  return m;
}

// The ReLU if `floor` is 0, nothing if it is -infinity.
__device__ __forceinline__ float rectified(float floor, float x) { return nan_max(x, floor); }
__device__ __forceinline__ Four rectified(float floor, const Four& x) { return nan_max(x, four(floor)); }

// Four channels and the two on either side, as they lie in a staged row.
struct Eight {
  float2 left;
  Four own;
  float2 right;
};

template <class T>
__device__ __forceinline__ Eight load_eight(SharedPtr<const float> at) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return {shared_load<float2>(at - 2), four(shared_load<float4>(at)), shared_load<float2>(at + 4)};
  } else {
    return {two_of(shared_load<unsigned>(at - 3)), staged_four<T>(at), two_of(shared_load<unsigned>(at + 4))};
  }
}

// Sums over the windows of 5 around the four channels, of t or of t^2. One order for both passes; the products are
// fmaf.
template <bool kSquare>
__device__ __forceinline__ Four window_sums(const Eight& t) {
  const auto add = [](float v, float sum) { return kSquare ? fmaf(v, v, sum) : v + sum; };
  const auto first = [](float v) { return kSquare ? v * v : v; };
  const float* a = t.own.v;
  const float middle = add(a[2], first(a[1]));  // in all four windows
  const float low = add(a[0], middle);          // in the first three
  const float lower = add(t.left.y, low);       // in the first two
  const float high = add(t.right.x, first(a[3]));
  return {{add(t.left.x, lower), add(a[3], lower), low + high, add(t.right.y, middle + high)}};
}

// a and u = d^-1/2 of four channels: all that bprop keeps of a row.
struct Pixel {
  Four a, u;
};

template <bool kNormalises, class T>
__device__ __forceinline__ Pixel load_pixel(const LrnPoolShape& s, float floor, SharedPtr<const float> at) {
  Pixel pixel;
  if constexpr (kNormalises) {
    Eight x = load_eight<T>(at);
    x.left = make_float2(rectified(floor, x.left.x), rectified(floor, x.left.y));
    x.right = make_float2(rectified(floor, x.right.x), rectified(floor, x.right.y));
    x.own = rectified(floor, x.own);
    const Four sums = window_sums<true>(x);
    pixel.a = x.own;
    for (int i = 0; i < 4; ++i) pixel.u.v[i] = reciprocal_root(fmaf(s.alpha, sums.v[i], s.k));
  } else {
    pixel.a = rectified(floor, staged_four<T>(at));
    pixel.u = four(1.f);
  }
  return pixel;
}

// z, what is pooled.
template <bool kNormalises>
__device__ __forceinline__ Four value_of(const Pixel& pixel) {
  Four z = pixel.a;
  if constexpr (kNormalises) {
    for (int i = 0; i < 4; ++i) z.v[i] = pixel.a.v[i] * (pixel.u.v[i] * root(pixel.u.v[i]));
  }
  return z;
}

// Floats of a staged row.
__host__ __device__ inline int staged_floats(int C, int columns) { return columns * (C + 4) + 4; }

// Writes the zeros of all four staged rows; a barrier must follow.
__device__ inline void clear_gaps(SharedPtr<float> memory, int C, int columns) {
  for (int i = threadIdx.x; i < 4 * (columns + 1); i += blockDim.x) {
    const int row = i / (columns + 1) * staged_floats(C, columns);
    shared_store(memory + row + i % (columns + 1) * (C + 4), make_float4(0.f, 0.f, 0.f, 0.f));
  }
}

// A thread's four channels in the staged rows: two pairs of rows, of which one is read while the next is on its way.
struct Stage {
  SharedPtr<float> own;  // in the first row
  int row;               // floats of a row

  __device__ SharedPtr<float> at(int pair, int of_pair) const { return own + ((pair & 1) * 2 + of_pair) * row; }
};

__device__ inline Stage stage_of(SharedPtr<float> memory, int C, int columns, int column, int c) {
  return {memory + 4 + column * (C + 4) + c, staged_floats(C, columns)};
}

}  // namespace alexnet

#endif  // ALEXNET_LRN_POOL_ROWS_CUH
