// conv_fprop_implicit_gemm: convolution with epilogue as a matrix product that reads its operands in place.
// Math     conv.h, then the Epilogue; gemm_m = N*P*Q pixels, gemm_n = K/G filters, gemm_k = R*S*C/G taps, read
//          from x where they are (conv_gather.cuh)
// Shapes   x: [N,H,W,C], w: [K,R,S,C/G], bias: [K] or null, y: [N,P,Q,K]; float32, no aliasing
// Units    none
// Cost     gemm_m * gemm_n * gemm_k FFMA, tiles rounded up (conv1: 33 taps of a filter row are copied as 36). A block
//          copies (rows + columns) * 64 bytes from L2 in a stage, by 4, and reads (kThreadRows + kThreadColumns) / 4
//          times 16 bytes of shared memory for kThreadRows * kThreadColumns FFMA, 5 loads for 96. Bound by issue: of
//          the issue slots, counted in sm_90a code with conflicts of register banks, FFMA have 82 % (128x96), 83 and 77
//          % (128x64 of two warps and of four), 80 % (128x48), 77 % (64x32), with conv1's rows 79 and 78 %, value by
//          value 77 %
// Launch   gemm_loop.cuh: tiles of 128x96 (128 threads), 128x64 (64 or 128), 128x48 (64) or 64x32 (32) by gemm_plan.h.
//          x: tiles of pixels times tiles of filters, the latter first; y: group. Shared: stages and the places of the
//          tile's windows, at most 46,592, 39,936, 37,376 or 20,608 bytes. No workspace. Registers:
//          docs/measurements/resources.md; nothing spilled
// Valid    validate_conv and gemm_fits, so filters of up to 15 rows and 16 columns. An address serves four values where
//          C/G divides by 4, or in whole filter rows without padding and groups; else one, with the same sums. Each
//          ascends in r, s, c: bit-reproducible, on emu the bits of conv_fprop_direct
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. z: tower,
//          where both of a device are one launch. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): x, w and y are stored so, y rounded once; C/G divides by 8: conv1
//          comes by conv_space_to_depth.cu. Shared: 55,296, 47,616, 43,520 or 23,680 bytes. The order within 16 steps
//          is the tensor core's. Not measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          conv1 498 us 43 %, conv2 782 us 58 %, conv3-plane 257 us 58 %, conv4 378 us 60 %, conv5 375 us 40 % (then in
//          another tile) (docs/measurements/gpu.md)
#include "common/epilogue.cuh"
#include "common/gemm_mma_bf16.cuh"
#include "conv/conv_gather.cuh"

namespace alexnet {
namespace {

// How the operands are copied: by chunks of four channels (in bf16 eight) of a filter position; by chunks of four
// values of whole rows of the filter, the last of which exist in part (conv1); value by value.
enum class Gather { kChannels, kRows, kScalars };

struct Problem {
  Windows windows;
  int pixels, K, filters;  // N*P*Q; of all groups; of one
  int column_tiles;
};

template <class Mma_, Gather kGather>
struct OperandsOf {
  using Mma = Mma_;
  using Tile = typename Mma::Tile;
  using Value = typename Mma::A::Value;
  static constexpr bool kOneWarp = Tile::kThreads == 32;
  static constexpr int kVector = kGather == Gather::kScalars ? 1 : 16 / int(sizeof(Value));
  using CopyA = OperandCopy<typename Mma::A, Order::kInner, Tile::kThreads, kVector, kOneWarp ? 4 : 8>;
  // One address at a time where there are most sums, for the registers.
  static constexpr int kGroupB = Tile::kThreadColumns == 16 ? 1 : 8;
  using CopyB = OperandCopy<typename Mma::B, Order::kInner, Tile::kThreads, kVector, kGroupB>;
  static constexpr bool kWholeRows = kGather == Gather::kRows;
  using SourceA = std::conditional_t<kWholeRows, PatchWholeRows<CopyA>, PatchRows<CopyA, 1>>;
  static constexpr int kPlaces = kWholeRows ? PatchWholeRows<CopyA>::kFloats : PlaceTable<CopyA>::kFloats;
  static constexpr int kFloats = kStageFloats<Mma> + kPlaces;

  __device__ static auto source_b(const Windows& s, const Value* first, int filters) {
    const int taps = s.R * s.S * s.length;
    if constexpr (kWholeRows) {
      return FilterWholeRows<CopyB>(s, first, filters);
    } else {
      return DenseInner<CopyB>(first, taps, filters, taps);
    }
  }
};

template <class Tile>
using ConvFfma = Ffma<Tile, Tile::kThreads == 32 ? Walk::kBack : Walk::kHalves,
                      Tile::kThreadColumns == 8 ? Loads::kBackward : Loads::kForward>;
template <Precision kPrecision, class Tile>
using MmaOf = std::conditional_t<kPrecision == Precision::kFp32, ConvFfma<Tile>,
                                 TensorCores<kPrecision, Tile, Order::kInner, Order::kInner>>;
template <Precision kPrecision, class Tile, Gather kGather>
using Operands = OperandsOf<MmaOf<kPrecision, Tile>, kGather>;

template <class O>
__device__ __forceinline__ void conv_fprop(const Problem& s, const typename O::Value* x, const typename O::Value* w,
                                           typename O::Value* y, const Epilogue& epilogue, SharedPtr<float> shared) {
  using Tile = typename O::Tile;
  const SharedPtr<float> places = shared + kStageFloats<typename O::Mma>;
  const int group = int(blockIdx.y);
  const int first_pixel = int(blockIdx.x) / s.column_tiles * Tile::kRows;
  const int first_filter = int(blockIdx.x) % s.column_tiles * Tile::kColumns;  // in the group
  const int taps = s.windows.R * s.windows.S * s.windows.length;
  if constexpr (O::kWholeRows) {
    O::SourceA::fill(places, s.windows, first_pixel, s.pixels);
  } else {
    O::SourceA::Table::fill(places, [&](int i) { return window_place<1>(s.windows, first_pixel + i, s.pixels); });
  }
  __syncthreads();  // the windows' places are there before copies read them

  typename O::SourceA a(s.windows, places, x + group * s.windows.length);
  auto b = O::source_b(s.windows, w + (int64_t(group) * s.filters + first_filter) * taps, s.filters - first_filter);
  typename O::Mma mma;
  gemm_loop(
      ceil_div(s.windows.R * s.windows.S * s.windows.padded, O::Mma::A::depth), shared,
      [&](SharedPtr<float> to) { O::CopyA::copy(to, a); }, [&](SharedPtr<float> to) { O::CopyB::copy(to, b); },
      [](SharedPtr<const float>) {}, mma);

  const bool whole = s.filters % 4 == 0 && aligned16(y) && aligned16(accumulated(epilogue, y)) &&
                     aligned16(epilogue.bias);  // quads are inside or outside
  store_tile<Lines::kRows>(mma, shared, [&](int row, int column, float4 quad) {
    const int pixel = first_pixel + row, left = s.filters - first_filter - column;
    if (pixel >= s.pixels || left <= 0) return;
    const int k = group * s.filters + first_filter + column;
    const int64_t i = int64_t(pixel) * s.K + k;
    if (whole) {
      store_activation(epilogue, quad, k, i, y);
    } else {
      for_values(quad, left, [&](int j, float sum) { store_activation(epilogue, sum, k + j, i + j, y); });
    }
  });
}

template <class Tile, Gather kGather>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    conv_fprop_implicit_gemm(Problem s, const float* x, const float* w, float* y, Epilogue epilogue) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  conv_fprop<Operands<Precision::kFp32, Tile, kGather>>(s, x, w, y, epilogue, shared);
}

template <Precision kPrecision>
struct Tensors {
  const Stored<kPrecision>*x, *w;
  Stored<kPrecision>* y;
  Epilogue epilogue;
};

template <Precision kPrecision, class Tile, Gather kGather>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    conv_fprop_mma(Problem s, const __grid_constant__ OfTowers<Tensors<kPrecision>> towers) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  const Tensors<kPrecision>& at = towers.of[blockIdx.z];
  conv_fprop<Operands<kPrecision, Tile, kGather>>(s, at.x, at.w, at.y, at.epilogue, shared);
}

template <Precision kPrecision, class Tile, Gather kGather>
Status launch_tile(const ConvShape& s, const Windows& windows, const float* x, const float* w, float* y,
                   const Epilogue& epilogue, Stream stream) {
  const int64_t pixels = int64_t(s.N) * windows.P * windows.Q, column_tiles = tiles_of(s.K / s.G, Tile::kColumns);
  const Problem problem = {windows, int(pixels), s.K, s.K / s.G, int(column_tiles)};
  const dim3 blocks(unsigned(tiles_of(pixels, Tile::kRows) * column_tiles), unsigned(s.G));
  constexpr size_t kBytes = Operands<kPrecision, Tile, kGather>::kFloats * sizeof(float);
  if constexpr (kPrecision == Precision::kFp32) {
    return launch(conv_fprop_implicit_gemm<Tile, kGather>, blocks, Tile::kThreads, kBytes, stream, problem, x, w, y,
                  epilogue);
  } else {
    const Tensors<kPrecision> tensors = {as_stored<kPrecision>(x), as_stored<kPrecision>(w), as_stored<kPrecision>(y),
                                         epilogue};
    return launch(conv_fprop_mma<kPrecision, Tile, kGather>, blocks, Tile::kThreads, kBytes, stream, problem,
                  of_one_tower(tensors));
  }
}

template <Precision kPrecision, Gather kGather, class Tiles>
Status launch_gather(Tiles tiles, const ConvShape& s, const Windows& windows, const float* x, const float* w, float* y,
                     const Epilogue& epilogue, Stream stream) {
  return with_best_tile(tiles, int64_t(s.N) * windows.P * windows.Q, s.K / s.G, s.G, [&](auto tile) {
    return launch_tile<kPrecision, decltype(tile), kGather>(s, windows, x, w, y, epilogue, stream);
  });
}

int prefer_implicit_gemm(const ConvShape& s, const Target& target) {
  const bool fits = gemm_fits(s, stage_depth(target.precision)) && copies_fit(target.precision, s.C / s.G);
  return fits ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_implicit_gemm(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                            Stream stream) {
  Windows windows = windows_of(s, stage_depth(kPrecision));
  const auto by_channels = [&] {
    return launch_gather<kPrecision, Gather::kChannels>(typename TilesOf<kPrecision>::Quads(), s, windows, x, w, y,
                                                        epilogue, stream);
  };
  if constexpr (kPrecision == Precision::kBf16) {
    return aligned16(x) && aligned16(w) ? by_channels() : not_aligned("conv");
  } else {
    if (windows.length % 4 == 0) return by_channels();
    if (s.G == 1 && s.pad == 0) {
      windows.S = 1;
      windows.length = s.S * s.C;
      windows.padded = ceil_div(windows.length, 4) * 4;
      windows = with_steps(windows);
      using Tiles = typename TilesOf<kPrecision>::Mixed;
      return launch_gather<kPrecision, Gather::kRows>(Tiles(), s, windows, x, w, y, epilogue, stream);
    }
    return launch_gather<kPrecision, Gather::kScalars>(typename TilesOf<kPrecision>::Scalars(), s, windows, x, w, y,
                                                       epilogue, stream);
  }
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, ConvFprop, "implicit_gemm", prefer_implicit_gemm, no_workspace<ConvShape>,
                   launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, ConvFprop, "mma_tf32", prefer_implicit_gemm, no_workspace<ConvShape>,
                         launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, ConvFprop, "mma_3xtf32", prefer_implicit_gemm, no_workspace<ConvShape>,
                         launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, ConvFprop, "mma_bf16", prefer_implicit_gemm, no_workspace<ConvShape>,
                         launch_implicit_gemm)

}  // namespace alexnet
