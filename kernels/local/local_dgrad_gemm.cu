// local_dgrad_gemm: gradient by a locally connected layer's input, a matrix product for each input pixel.
// Math     local.h, then the mask, for stride 1; gemm_m = N images, gemm_n = C channels, gemm_k = R*S*K: the filters of
//          the outputs that cover the pixel, each at its tap
// Shapes   dy: [N,P,Q,K], w: [P,Q,K,R,S,C], mask: [N,H,W,C] or null, dx: [N,H,W,C]; float32, no aliasing
// Units    none
// Cost     H*W * N*C*R*S*K FFMA, tiles rounded up; taps that no output has at the border are multiplied as zeros, for
//          8x8 pixels and 3x3 taps 16 % of them. Each tile of images reads every value of w once, in pieces of C floats
// Launch   gemm_loop.cuh: tiles of 128x96 (128 threads), 128x64 (64 or 128), 128x48 (64) or 64x32 (32) by gemm_plan.h.
//          x: tiles of images, then of channels; y: pixel. Shared: stages, 44,544, 38,400, 35,328 or 19,968 bytes. No
//          workspace. Registers: docs/measurements/resources.md; nothing spilled
// Valid    validate_local, local_gemm_fits, stride 1. 16-byte copies where C and K divide by 4; else by 4 bytes, with
//          the same sums. Each ascends in r, s, k: bit-reproducible, on emu the bits of local_dgrad_direct
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): dy, w, mask and dx are stored so, dx rounded once; C and K divide by
//          8. Shared: 50,688, 44,544, 41,472 or 23,040 bytes. The order within 16 steps is the tensor core's. Not
//          measured
// Measured not yet
#include "common/epilogue.cuh"
#include "local/local_gemm.cuh"

namespace alexnet {
namespace {

template <class Mma_, int kVector>
struct OperandsOf {
  using Mma = Mma_;
  using Tile = typename Mma::Tile;
  using Value = typename Mma::A::Value;
  using CopyA = OperandCopy<typename Mma::A, Order::kInner, Tile::kThreads, kVector>;
  using CopyB = OperandCopy<typename Mma::B, Order::kOuter, Tile::kThreads, kVector>;
  static constexpr int kFloats = kStageFloats<Mma>;
};

template <class Tile>
using LocalFfma = Ffma<Tile, Tile::kThreadColumns == 8 ? Walk::kHalves : Walk::kSnake>;
template <Precision kPrecision, class Tile, int kVector>
using Operands = OperandsOf<std::conditional_t<kPrecision == Precision::kFp32, LocalFfma<Tile>,
                                               TensorCores<kPrecision, Tile, Order::kInner, Order::kOuter>>,
                            kVector>;

// B: value (channel, k) is w[p,q,filter,r,s,channel] with k counted through the filters of a tap (r,s), then through
// taps; (p,q) is the output that reads the pixel at the tap, if there is one.
template <class Copy>
struct CoveringFilters {
  const Windows& s;                     // on dy: H and W count its rows and columns, C its filters
  const typename Copy::Value* weights;  // the thread's first channel at the first tap's output and filter
  int64_t row_step;                     // from there to a tap one row on, at the output one row before
  int tap_step, filter_step;
  int left;         // channels that remain
  unsigned inside;  // the bits that the pixel's window has
  TapWalk walk;
  const typename Copy::Value* line;  // of the copies that begin: the first channel at k
  bool exists;

  __device__ CoveringFilters(const Windows& window, const typename Copy::Value* tile, int C_, int left_)
      : s(window),
        weights(opaque(tile + Copy::first_index() - (int64_t(s.pad_h) * s.W + s.pad_w) * s.C * s.R * s.S * C_)),
        row_step((s.S - int64_t(s.W) * s.C * s.R * s.S) * C_),
        tap_step((1 - s.C * s.R * s.S) * C_),
        filter_step(s.R * s.S * C_),
        left(left_ - Copy::first_index()),
        walk(window, Copy::first_k()) {
    inside = bits_of_windows<-1>(s, {0, -s.pad_h, -s.pad_w});
  }
  __device__ void begin() {
    line = opaque(weights + (walk.r * row_step + int64_t(walk.run) * tap_step + int64_t(walk.c) * filter_step));
    exists = (bits_of_tap(s, walk.r, walk.run) & ~inside) == 0;
  }
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    ALEXNET_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int index = (pass + i) * Copy::kPass;
      chunks[i] = {line + index, exists && index < left, 0};
    }
  }
  __device__ void advance() { walk.advance(s); }
};

template <class O>
__device__ __forceinline__ void local_dgrad(const LocalProblem& l, const typename O::Value* dy,
                                            const typename O::Value* w, const typename O::Value* mask,
                                            typename O::Value* dx, SharedPtr<float> shared) {
  using Tile = typename O::Tile;
  const ConvShape& s = l.shape;
  const int pixel = int(blockIdx.y);
  const int first_image = int(blockIdx.x) % l.row_tiles * Tile::kRows;
  const int first_channel = int(blockIdx.x) / l.row_tiles * Tile::kColumns;
  const Windows window = covering_window(l, pixel / s.W, pixel % s.W);
  ImageRows<typename O::CopyA, -1> a(window, dy, first_image, s.N);
  CoveringFilters<typename O::CopyB> b(window, w + first_channel, s.C, s.C - first_channel);
  typename O::Mma mma;
  gemm_loop(
      ceil_div(s.R * s.S * s.K, O::Mma::A::depth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, b); }, [](SharedPtr<const float>) {}, mma);

  const bool whole = s.C % 4 == 0 && aligned16(dx) && aligned16(mask);  // quads are inside or outside
  store_tile<Lines::kRows>(mma, shared, [&](int row, int column, float4 quad) {
    const int image = first_image + row, left = s.C - first_channel - column;
    if (image >= s.N || left <= 0) return;
    const int64_t i = (int64_t(image) * s.H * s.W + pixel) * s.C + first_channel + column;
    if (whole) {
      store_four(dx + i, apply_mask(mask, i, quad));
    } else {
      for_values(quad, left, [&](int j, float sum) { dx[i + j] = typename O::Value(apply_mask(mask, i + j, sum)); });
    }
  });
}

template <class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    local_dgrad_gemm(LocalProblem l, const float* dy, const float* w, const float* mask, float* dx) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  local_dgrad<Operands<Precision::kFp32, Tile, kVector>>(l, dy, w, mask, dx, shared);
}

template <Precision kPrecision, class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    local_dgrad_mma(LocalProblem l, const Stored<kPrecision>* dy, const Stored<kPrecision>* w,
                    const Stored<kPrecision>* mask, Stored<kPrecision>* dx) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  local_dgrad<Operands<kPrecision, Tile, kVector>>(l, dy, w, mask, dx, shared);
}

template <Precision kPrecision, class Tile, int kVector>
auto kernel_of() {
  if constexpr (kPrecision == Precision::kFp32) {
    return local_dgrad_gemm<Tile, kVector>;
  } else {
    return local_dgrad_mma<kPrecision, Tile, kVector>;
  }
}

template <Precision kPrecision, int kVector, class Tiles>
Status launch_tiles(Tiles tiles, const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                    Stream stream) {
  const int pixels = s.H * s.W;
  return with_best_tile(tiles, s.N, s.C, pixels, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t row_tiles = tiles_of(s.N, Tile::kRows);
    const dim3 blocks(unsigned(row_tiles * tiles_of(s.C, Tile::kColumns)), unsigned(pixels));
    return launch(kernel_of<kPrecision, Tile, kVector>(), blocks, Tile::kThreads,
                  Operands<kPrecision, Tile, kVector>::kFloats * sizeof(float), stream,
                  LocalProblem{s, conv_P(s), conv_Q(s), int(row_tiles), step_of(s.K, s.S, stage_depth(kPrecision))},
                  as_stored<kPrecision>(dy), as_stored<kPrecision>(w), as_stored<kPrecision>(mask),
                  as_stored<kPrecision>(dx));
  });
}

int prefer_gemm(const ConvShape& s, const Target& target) {
  const bool fits = local_gemm_fits(s, stage_depth(target.precision)) && copies_fit(target.precision, s.C, s.K);
  return s.stride == 1 && fits ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_gemm(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  constexpr int kWidest = widest_copy(kPrecision);
  const auto by_16 = [&] {
    return launch_tiles<kPrecision, kWidest>(typename TilesOf<kPrecision>::Quads(), s, dy, w, mask, dx, stream);
  };
  if constexpr (kPrecision == Precision::kBf16) {
    return aligned16(dy) && aligned16(w) ? by_16() : not_aligned("local");
  } else {
    if (s.K % kWidest == 0 && s.C % kWidest == 0 && aligned16(w)) return by_16();
    return launch_tiles<kPrecision, 1>(typename TilesOf<kPrecision>::Scalars(), s, dy, w, mask, dx, stream);
  }
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, LocalDgrad, "gemm", prefer_gemm, no_workspace<ConvShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, LocalDgrad, "mma_tf32", prefer_gemm, no_workspace<ConvShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, LocalDgrad, "mma_3xtf32", prefer_gemm, no_workspace<ConvShape>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, LocalDgrad, "mma_bf16", prefer_gemm, no_workspace<ConvShape>, launch_gemm)

}  // namespace alexnet
