// conv_dgrad_implicit_gemm: gradient by a convolution's input, stride 1, as a matrix product read in place.
// Math     dx[n,h,w,c] = sum over r, s, k of dy[n, h + pad - r, w + pad - s, k] * w[k,r,s,c], then the mask;
//          gemm_m = N*H*W pixels, gemm_n = C/G channels, gemm_k = R*S*K/G
// Shapes   dy: [N,P,Q,K], w: [K,R,S,C/G], mask: [N,H,W,C] or null, dx: [N,H,W,C]; float32, no aliasing
// Units    none
// Cost     as conv_fprop_implicit_gemm; of the issue slots, counted in sm_90a code with conflicts of register
//          banks, FFMA have 81 % (128x96), 84 and 78 % (128x64 of two warps and of four), 80 % (128x48), 77 % (64x32),
//          value by value 76 %
// Launch   as conv_fprop_implicit_gemm, with channels for filters. Shared the same, no workspace. Registers:
//          docs/measurements/resources.md; nothing spilled
// Valid    validate_conv, stride 1 and gemm_fits. Copies of four values where C/G and K/G divide by 4, else of one
//          with the same sums. Each ascends in r, s, k: bit-reproducible, on emu the bits of conv_dgrad_direct
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. z: tower,
//          where both of a device are one launch. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): dy, w, mask and dx are stored so, dx rounded once; C/G and K/G divide
//          by 8. Shared: 52,224, 46,080, 42,752 or 23,680 bytes. The order within 16 steps is the tensor core's. Not
//          measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          conv2 765 us 59 %, conv3-plane 376 us 40 % (then in another tile), conv4 381 us 59 %, conv5 256 us 59 %
//          (docs/measurements/gpu.md)
#include "common/epilogue.cuh"
#include "common/gemm_mma_bf16.cuh"
#include "conv/conv_gather.cuh"

namespace alexnet {
namespace {

struct Problem {
  Windows windows;          // on dy
  int pixels, C, channels;  // N*H*W; of all groups; of one
  int filters;              // of one group
  int column_tiles;
};

template <class Mma_, int kVector>
struct OperandsOf {
  using Mma = Mma_;
  using Tile = typename Mma::Tile;
  using Value = typename Mma::A::Value;
  // Four addresses at a time where there are most sums, for the registers.
  static constexpr int kGroupA = Tile::kThreadColumns == 16 ? 4 : 8;
  using CopyA = OperandCopy<typename Mma::A, Order::kInner, Tile::kThreads, kVector, kGroupA>;
  using CopyB = OperandCopy<typename Mma::B, Order::kOuter, Tile::kThreads, kVector>;
  using SourceA = PatchRows<CopyA, -1>;
  static constexpr int kFloats = kStageFloats<Mma> + SourceA::Table::kFloats;  // stages, places of the windows
};

template <class Tile>
constexpr bool kFourNarrowWarps = Tile::kThreadColumns == 8 && Tile::kWarpsAcross > 1;
template <class Tile>
using ConvFfma = Ffma<Tile, kFourNarrowWarps<Tile> ? Walk::kBack : Walk::kHalves,
                      kFourNarrowWarps<Tile> ? Loads::kBackward : Loads::kForward>;
template <Precision kPrecision, class Tile>
using MmaOf = std::conditional_t<kPrecision == Precision::kFp32, ConvFfma<Tile>,
                                 TensorCores<kPrecision, Tile, Order::kInner, Order::kOuter>>;
template <Precision kPrecision, class Tile, int kVector>
using Operands = OperandsOf<MmaOf<kPrecision, Tile>, kVector>;

// B: value (channel, k) is w[filter,r,s,channel] with k counted through the filters of a tap (r,s), then through taps.
template <class Copy>
struct FilterColumns {
  const Windows& s;
  const typename Copy::Value* first;  // the thread's first channel at k = 0
  int filter, tap;                    // k
  int C, left;                        // the group's channels, and those that remain
  const typename Copy::Value* line;   // of the copies that begin: the first channel at k

  __device__ FilterColumns(const Windows& windows, const typename Copy::Value* tile, int C_, int left_)
      : s(windows),
        first(tile + Copy::first_index()),
        filter(Copy::first_k() % windows.padded),
        tap(Copy::first_k() / windows.padded),
        C(C_),
        left(left_ - Copy::first_index()) {}
  __device__ void begin() { line = opaque(first + (filter * (s.R * s.S) + tap) * C); }
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    const int taps = s.R * s.S;
    ALEXNET_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int index = (pass + i) * Copy::kPass;
      chunks[i] = {line + index, index < left && tap < taps, 0};
    }
  }
  __device__ void advance() {
    filter += s.tap_step.inner, tap += s.tap_step.outer * s.S + s.tap_step.middle;
    if (filter >= s.padded) filter -= s.padded, ++tap;
  }
};

// mask and dx by reference: they are read behind the loop, and take no registers in it.
template <class O>
__device__ __forceinline__ void conv_dgrad(const Problem& s, const typename O::Value* dy, const typename O::Value* w,
                                           const typename O::Value* const& mask, typename O::Value* const& dx,
                                           SharedPtr<float> shared) {
  using Tile = typename O::Tile;
  const SharedPtr<float> places = shared + kStageFloats<typename O::Mma>;
  const int group = int(blockIdx.y), taps = s.windows.R * s.windows.S;
  const int first_pixel = int(blockIdx.x) / s.column_tiles * Tile::kRows;
  const int first_channel = int(blockIdx.x) % s.column_tiles * Tile::kColumns;  // in the group
  O::SourceA::Table::fill(places, [&](int i) { return window_place<-1>(s.windows, first_pixel + i, s.pixels); });
  __syncthreads();  // the windows' places are there before copies read them

  typename O::SourceA a(s.windows, places, dy + group * s.filters);
  FilterColumns<typename O::CopyB> b(s.windows, w + int64_t(group) * s.filters * taps * s.channels + first_channel,
                                     s.channels, s.channels - first_channel);
  typename O::Mma mma;
  gemm_loop(
      ceil_div(taps * s.filters, O::Mma::A::depth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, b); }, [](SharedPtr<const float>) {}, mma);

  const bool whole = s.channels % 4 == 0 && aligned16(dx) && aligned16(mask);  // quads are inside or outside
  store_tile<Lines::kRows>(mma, shared, [&](int row, int column, float4 quad) {
    const int pixel = first_pixel + row, left = s.channels - first_channel - column;
    if (pixel >= s.pixels || left <= 0) return;
    const int64_t i = int64_t(pixel) * s.C + group * s.channels + first_channel + column;
    if (whole) {
      store_four(dx + i, apply_mask(mask, i, quad));
    } else {
      for_values(quad, left, [&](int j, float sum) { dx[i + j] = typename O::Value(apply_mask(mask, i + j, sum)); });
    }
  });
}

template <class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    conv_dgrad_implicit_gemm(Problem s, const float* dy, const float* w, const float* mask, float* dx) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  conv_dgrad<Operands<Precision::kFp32, Tile, kVector>>(s, dy, w, mask, dx, shared);
}

template <Precision kPrecision>
struct Tensors {
  const Stored<kPrecision>*dy, *w, *mask;
  Stored<kPrecision>* dx;
};

template <Precision kPrecision, class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    conv_dgrad_mma(Problem s, const __grid_constant__ OfTowers<Tensors<kPrecision>> towers) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  const Tensors<kPrecision>& at = towers.of[blockIdx.z];
  conv_dgrad<Operands<kPrecision, Tile, kVector>>(s, at.dy, at.w, at.mask, at.dx, shared);
}

template <Precision kPrecision, int kVector, class Tiles>
Status launch_gather(Tiles tiles, const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                     Stream stream) {
  const int P = conv_P(s), Q = conv_Q(s), filters = s.K / s.G, channels = s.C / s.G;
  const Windows windows =
      with_steps({P, Q, s.K, s.H, s.W, 1, -s.pad, -s.pad, s.R, s.S, filters, filters, {}, {}}, stage_depth(kPrecision));
  const int64_t pixels = int64_t(s.N) * s.H * s.W;
  return with_best_tile(tiles, pixels, channels, s.G, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t column_tiles = tiles_of(channels, Tile::kColumns);
    const Problem problem = {windows, int(pixels), s.C, channels, filters, int(column_tiles)};
    const dim3 blocks(unsigned(tiles_of(pixels, Tile::kRows) * column_tiles), unsigned(s.G));
    constexpr size_t kBytes = Operands<kPrecision, Tile, kVector>::kFloats * sizeof(float);
    if constexpr (kPrecision == Precision::kFp32) {
      return launch(conv_dgrad_implicit_gemm<Tile, kVector>, blocks, Tile::kThreads, kBytes, stream, problem, dy, w,
                    mask, dx);
    } else {
      const Tensors<kPrecision> tensors = {as_stored<kPrecision>(dy), as_stored<kPrecision>(w),
                                           as_stored<kPrecision>(mask), as_stored<kPrecision>(dx)};
      return launch(conv_dgrad_mma<kPrecision, Tile, kVector>, blocks, Tile::kThreads, kBytes, stream, problem,
                    of_one_tower(tensors));
    }
  });
}

// conv1, the layer with a stride, needs no dgrad.
int prefer_implicit_gemm(const ConvShape& s, const Target& target) {
  const bool fits = gemm_fits(s, stage_depth(target.precision)) && copies_fit(target.precision, s.C / s.G, s.K / s.G);
  return s.stride == 1 && fits ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_implicit_gemm(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                            Stream stream) {
  constexpr int kWidest = widest_copy(kPrecision);
  if (s.K / s.G % kWidest == 0 && s.C / s.G % kWidest == 0 && aligned16(dy) && aligned16(w)) {
    return launch_gather<kPrecision, kWidest>(typename TilesOf<kPrecision>::Quads(), s, dy, w, mask, dx, stream);
  }
  if constexpr (kPrecision == Precision::kBf16) {
    return not_aligned("conv");
  } else {
    return launch_gather<kPrecision, 1>(typename TilesOf<kPrecision>::Scalars(), s, dy, w, mask, dx, stream);
  }
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, ConvDgrad, "implicit_gemm", prefer_implicit_gemm, no_workspace<ConvShape>,
                   launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, ConvDgrad, "mma_tf32", prefer_implicit_gemm, no_workspace<ConvShape>,
                         launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, ConvDgrad, "mma_3xtf32", prefer_implicit_gemm, no_workspace<ConvShape>,
                         launch_implicit_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, ConvDgrad, "mma_bf16", prefer_implicit_gemm, no_workspace<ConvShape>,
                         launch_implicit_gemm)

}  // namespace alexnet
