// conv_wgrad_implicit_gemm: gradient by a convolution's filters as a matrix product read in place, split along k.
// Math     conv.h, db included; gemm_m = R*S*C/G taps, gemm_n = K/G filters, gemm_k = N*P*Q pixels. The product is dw
//          transposed: the taps are the longer side, and tiles of 128 waste less of them than of 48, 128 or 192 filters
// Shapes   x: [N,H,W,C], dy: [N,P,Q,K], dw: [K,R,S,C/G], db: [K] or null; float32, no aliasing
// Units    none
// Cost     as conv_fprop_implicit_gemm; of the issue slots, counted in sm_90a code with conflicts of register banks,
//          FFMA have 79 % (128x96), 85 and 77 % (128x64 of two warps and of four), 79 % (128x48), 77 % (64x32), with
//          conv1's 4-byte copies of x 78 and 76 %. The parts are written and read once: 8 bytes per weight and part. db
//          costs nothing from memory: 16 shared loads per stage in the blocks of the first taps
// Launch   tiles as conv_fprop_implicit_gemm. x: tiles of taps, then of filters; y: part; z: group. Shared: 44,928,
//          38,784, 35,648 or 20,128 bytes, with 4-byte copies of x 768 more. Workspace: parts *
//          (weights + K) floats, none for one part. Then conv_wgrad_sum, a thread per value. Registers:
//          docs/measurements/resources.md; nothing spilled
// Valid    validate_conv and gemm_fits. The parts depend on the shape only; each sum ascends in n, p, q within a part,
//          and parts are added in ascending order: bit-reproducible
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. z: group,
//          then that of the second tower, where both of a device are one launch. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): x and dy are stored so, dw and db float32; C/G and K/G divide by 8.
//          Shared: 46,272, 40,128, 37,024 or 21,584 bytes. The order within 16 steps is the tensor core's. Not measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          conv1 486 us 44 %, conv2 684 us 66 %, conv3-plane 229 us 65 %, conv4 356 us 63 %, conv5 245 us 61 %
//          (docs/measurements/gpu.md)
#include <cstddef>
#include <cstring>

#include "common/gemm_mma_bf16.cuh"
#include "conv/conv_gather.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;    // of the sum over parts
constexpr int kLeastStages = 8;  // in a part

struct Problem {
  Windows windows;
  int K, filters;           // of all groups; of one
  int pixels, part_pixels;  // N*P*Q; of a part
  int row_tiles;
  int64_t pitch;  // floats from one part's sums to the next's
};
// All but the bytes between the last two.
bool operator==(const Problem& a, const Problem& b) {
  return std::memcmp(&a, &b, offsetof(Problem, row_tiles) + sizeof a.row_tiles) == 0 && a.pitch == b.pitch;
}

template <class Mma_, int kVectorX_, int kVectorDy, int kGroup>
struct OperandsOf {
  using Mma = Mma_;
  using Tile = typename Mma::Tile;
  static constexpr int kVectorX = kVectorX_;
  using B = typename Mma::B;
  using Value = typename B::Value;
  using CopyA = OperandCopy<typename Mma::A, Order::kOuter, Tile::kThreads, kVectorX, kGroup>;
  using CopyB = OperandCopy<B, Order::kOuter, Tile::kThreads, kVectorDy>;
  using Places = PlaceTable<CopyA>;
  static constexpr int kFloats = kStageFloats<Mma> + Places::kFloats;  // stages, places of the taps
};

template <class Tile, int kVectorDy>
using ConvFfma = Ffma<Tile, Tile::kThreadColumns == 8 ? Walk::kSnake
                            : kVectorDy == 1          ? Walk::kBack
                                                      : Walk::kHalves>;
template <Precision kPrecision, class Tile, int kVectorDy>
using MmaOf = std::conditional_t<kPrecision == Precision::kFp32, ConvFfma<Tile, kVectorDy>,
                                 TensorCores<kPrecision, Tile, Order::kOuter, Order::kOuter>>;
template <Precision kPrecision, class Tile, int kVectorX, int kVectorDy>
using Operands = OperandsOf<MmaOf<kPrecision, Tile, kVectorDy>, kVectorX, kVectorDy,
                            kPrecision == Precision::kFp32 && kVectorX == 1 && Tile::kThreads == 64 ? 32 : 8>;

// dw and db: of the first part. db may be null. Groups begin at `first_z` of the grid's z.
template <class O>
__device__ __forceinline__ void conv_wgrad(const Problem& s, int first_z, const typename O::Value* x,
                                           const typename O::Value* dy, float* dw, float* db, SharedPtr<float> shared) {
  using Tile = typename O::Tile;
  constexpr int kVectorX = O::kVectorX;
  static_assert(Tile::kColumns <= Tile::kThreads, "a thread sums one column of dy");
  const SharedPtr<float> places = shared + kStageFloats<typename O::Mma>;
  const int part = int(blockIdx.y), group = int(blockIdx.z) - first_z;
  const int first_tap = int(blockIdx.x) % s.row_tiles * Tile::kRows;
  const int first_filter = int(blockIdx.x) / s.row_tiles * Tile::kColumns;  // in the group
  const int first_pixel = part * s.part_pixels, pixels = min(s.part_pixels, s.pixels - first_pixel);
  const int taps = s.windows.R * s.windows.S * s.windows.length;
  O::Places::fill(places, [&](int i) { return tap_place(s.windows, first_tap + i * kVectorX); });
  __syncthreads();  // the taps' places are there before copies read them

  PatchColumns<typename O::CopyA> a(s.windows, places, x + group * s.windows.length, first_pixel, pixels);
  DenseOuter<typename O::CopyB> b(dy + int64_t(first_pixel) * s.K + group * s.filters + first_filter, s.K,
                                  s.filters - first_filter, pixels);
  // The blocks of the first taps also sum dy's columns, which they have in shared memory.
  const int column = kVectorX == 1 ? opaque(int(threadIdx.x)) : int(threadIdx.x);  // kept, or read for each stage
  const bool sums_bias = db != nullptr && first_tap == 0 && column < Tile::kColumns;
  float bias = 0.f;
  typename O::Mma mma;
  gemm_loop(
      ceil_div(pixels, O::B::depth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, b); },
      [&](SharedPtr<const float> stage) {
        if (sums_bias) bias = add_column<typename O::B>(stage, column, bias);
      },
      mma);

  dw += part * s.pitch;
  if (sums_bias && first_filter + column < s.filters) {
    db[part * s.pitch + group * s.filters + first_filter + column] = bias;
  }
  const bool whole = taps % 4 == 0 && s.pitch % 4 == 0 && aligned16(dw);  // quads are inside or outside
  store_tile<Lines::kColumns>(mma, shared, [&](int row, int filter, float4 quad) {
    const int left = taps - first_tap - row;
    if (first_filter + filter >= s.filters || left <= 0) return;
    float* const to = dw + int64_t(group * s.filters + first_filter + filter) * taps + first_tap + row;
    store_values(to, quad, left, whole);
  });
}

template <class Tile, int kVectorX, int kVectorDy>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    conv_wgrad_implicit_gemm(Problem s, const float* x, const float* dy, float* dw, float* db) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  conv_wgrad<Operands<Precision::kFp32, Tile, kVectorX, kVectorDy>>(s, 0, x, dy, dw, db, shared);
}

template <Precision kPrecision>
struct Tensors {
  const Stored<kPrecision>*x, *dy;
  float *dw, *db;
};

template <Precision kPrecision, class Tile, int kVectorX, int kVectorDy>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    conv_wgrad_mma(Problem s, int groups, const __grid_constant__ OfTowers<Tensors<kPrecision>> towers) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  const int tower = int(blockIdx.z) < groups ? 0 : 1;
  const Tensors<kPrecision>& at = towers.of[tower];
  conv_wgrad<Operands<kPrecision, Tile, kVectorX, kVectorDy>>(s, tower * groups, at.x, at.dy, at.dw, at.db, shared);
}

// dw, then db if it is not null, from their parts.
__global__ void conv_wgrad_sum(const float* parts, int count, int64_t pitch, int64_t weights, int K, float* dw,
                               float* db) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < weights) {
    dw[i] = sum_of_parts(parts + i, count, pitch);
  } else if (db != nullptr && i < weights + K) {
    db[i - weights] = sum_of_parts(parts + i, count, pitch);
  }
}

// How k is split: a function of the shape, whatever tile a copy by 4 bytes may then need.
template <Precision kPrecision>
KSplit split_of(const ConvShape& s) {
  constexpr TileSpec tiles[] = {tile_spec<Tile128x96>(), tile_spec<Tile128x64>(), tile_spec<Tile128x64FourWarps>(),
                                tile_spec<Tile128x48>(), tile_spec<Tile64x32>()};
  const int64_t taps = int64_t(s.R) * s.S * (s.C / s.G), filters = s.K / s.G;
  const int64_t stages = tiles_of(int64_t(s.N) * conv_P(s) * conv_Q(s), stage_depth(kPrecision));
  const TileSpec& tile = tiles[choose_tile(tiles, taps, filters, s.G * tiles_of(stages, kLeastStages))];
  return split_k(tile, tiles_of(taps, tile.rows) * tiles_of(filters, tile.columns) * s.G, stages, kLeastStages);
}

int64_t pitch_of(const ConvShape& s) { return tiles_of(conv_w_count(s) + s.K, 4) * 4; }

template <Precision kPrecision>
int64_t workspace_implicit_gemm(const ConvShape& s) {
  const int parts = split_of<kPrecision>(s).parts;
  return parts == 1 ? 0 : parts * pitch_of(s) * int64_t(sizeof(float));
}

template <Precision kPrecision, int kVectorX, int kVectorDy, class Tiles>
Status launch_gather(Tiles tiles, const ConvShape& s, const KSplit& split, const float* x, const float* dy, float* dw,
                     float* db, Stream stream) {
  const Windows windows = windows_of(s, stage_depth(kPrecision));
  const int taps = s.R * s.S * windows.length, filters = s.K / s.G;
  return with_best_tile(tiles, taps, filters, int64_t(s.G) * split.parts, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t row_tiles = tiles_of(taps, Tile::kRows);
    const Problem problem = {windows,
                             s.K,
                             filters,
                             int(s.N * int64_t(windows.P) * windows.Q),
                             split.stages * stage_depth(kPrecision),
                             int(row_tiles),
                             pitch_of(s)};
    const dim3 blocks(unsigned(row_tiles * tiles_of(filters, Tile::kColumns)), unsigned(split.parts), unsigned(s.G));
    constexpr size_t kBytes = Operands<kPrecision, Tile, kVectorX, kVectorDy>::kFloats * sizeof(float);
    if constexpr (kPrecision == Precision::kFp32) {
      return launch(conv_wgrad_implicit_gemm<Tile, kVectorX, kVectorDy>, blocks, Tile::kThreads, kBytes, stream,
                    problem, x, dy, dw, db);
    } else {
      const Tensors<kPrecision> tensors = {as_stored<kPrecision>(x), as_stored<kPrecision>(dy), dw, db};
      return launch(conv_wgrad_mma<kPrecision, Tile, kVectorX, kVectorDy>, blocks, Tile::kThreads, kBytes, stream,
                    problem, s.G, of_one_tower(tensors));
    }
  });
}

template <Precision kPrecision>
Status launch_parts(const ConvShape& s, const KSplit& split, const float* x, const float* dy, float* dw, float* db,
                    Stream stream) {
  constexpr int kWidest = widest_copy(kPrecision);
  using Quads = typename TilesOf<kPrecision>::Quads;
  const bool by_16 = s.K / s.G % kWidest == 0 && aligned16(dy);
  if (by_16 && s.C / s.G % kWidest == 0 && aligned16(x)) {
    return launch_gather<kPrecision, kWidest, kWidest>(Quads(), s, split, x, dy, dw, db, stream);
  }
  if constexpr (kPrecision == Precision::kBf16) {
    return not_aligned("conv");
  } else {
    if (by_16) {
      using Tiles = typename TilesOf<kPrecision>::Mixed;
      return launch_gather<kPrecision, 1, 4>(Tiles(), s, split, x, dy, dw, db, stream);
    }
    return launch_gather<kPrecision, 1, 1>(typename TilesOf<kPrecision>::Scalars(), s, split, x, dy, dw, db, stream);
  }
}

int prefer_implicit_gemm(const ConvShape& s, const Target& target) {
  const bool fits = gemm_fits(s, stage_depth(target.precision)) && copies_fit(target.precision, s.C / s.G, s.K / s.G);
  return fits ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_implicit_gemm(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  const KSplit split = split_of<kPrecision>(s);
  if (split.parts == 1) return launch_parts<kPrecision>(s, split, x, dy, dw, db, stream);
  float* const parts = static_cast<float*>(stream.workspace);
  const int64_t weights = conv_w_count(s);
  ALEXNET_TRY(launch_parts<kPrecision>(s, split, x, dy, parts, db == nullptr ? nullptr : parts + weights, stream));
  return launch(conv_wgrad_sum, blocks_for(weights + s.K, kThreads), kThreads, 0, stream, parts, split.parts,
                pitch_of(s), weights, s.K, dw, db);
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, ConvWgrad, "implicit_gemm", prefer_implicit_gemm, workspace_implicit_gemm<Precision::kFp32>,
                   launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, ConvWgrad, "mma_tf32", prefer_implicit_gemm,
                         workspace_implicit_gemm<Precision::kTf32>, launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, ConvWgrad, "mma_3xtf32", prefer_implicit_gemm,
                         workspace_implicit_gemm<Precision::kTf32x3>, launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, ConvWgrad, "mma_bf16", prefer_implicit_gemm,
                         workspace_implicit_gemm<Precision::kBf16>, launch_implicit_gemm)

}  // namespace alexnet
