// local_fprop_gemm: locally connected layer with epilogue, a matrix product for each output position.
// Math     local.h, then the Epilogue; gemm_m = N images, gemm_n = K filters, gemm_k = R*S*C taps of one position, read
//          from x where they are (conv_gather.cuh)
// Shapes   x: [N,H,W,C], w: [P,Q,K,R,S,C], bias: [P,Q,K] or null, y: [N,P,Q,K]; float32, no aliasing
// Units    none
// Cost     P*Q * N*K*R*S*C FFMA, tiles rounded up, and 4 bytes for each weight, which one block of each tile of images
//          reads: with one such tile the weights come once from memory, N/2 FLOP for each byte. Otherwise as
//          conv_fprop_implicit_gemm
// Launch   gemm_loop.cuh: tiles of 128x96 (128 threads), 128x64 (64 or 128), 128x48 (64) or 64x32 (32) by gemm_plan.h.
//          x: tiles of images, then of filters; y: position. Shared: stages, 44,544, 38,400, 35,328 or 19,968 bytes. No
//          workspace. Registers: docs/measurements/resources.md; nothing spilled
// Valid    validate_local and local_gemm_fits. An address serves four values where C divides by 4; else one, with the
//          same sums. Each ascends in r, s, c: bit-reproducible, on emu the bits of local_fprop_direct. Outside the
//          image zeros are multiplied: a NaN among weights that see no pixel is passed on
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): x, w and y are stored so, y rounded once; C divides by 8. Shared:
//          53,760, 46,080, 42,240 or 23,040 bytes. The order within 16 steps is the tensor core's. Not measured
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
  using CopyB = OperandCopy<typename Mma::B, Order::kInner, Tile::kThreads, kVector>;
  static constexpr int kFloats = kStageFloats<Mma>;
};

template <class Tile>
using LocalFfma = Ffma<Tile, Tile::kThreadColumns == 8 ? Walk::kBack : Walk::kHalves,
                       Tile::kThreadColumns == 8 ? Loads::kBackward : Loads::kForward>;
template <Precision kPrecision, class Tile, int kVector>
using Operands = OperandsOf<std::conditional_t<kPrecision == Precision::kFp32, LocalFfma<Tile>,
                                               TensorCores<kPrecision, Tile, Order::kInner, Order::kInner>>,
                            kVector>;

template <class O>
__device__ __forceinline__ void local_fprop(const LocalProblem& l, const typename O::Value* x,
                                            const typename O::Value* w, typename O::Value* y, const Epilogue& epilogue,
                                            SharedPtr<float> shared) {
  using Tile = typename O::Tile;
  const ConvShape& s = l.shape;
  const int position = int(blockIdx.y), taps = s.R * s.S * s.C;
  const int first_image = int(blockIdx.x) % l.row_tiles * Tile::kRows;
  const int first_filter = int(blockIdx.x) / l.row_tiles * Tile::kColumns;
  const Windows window = window_at(l, position / l.Q, position % l.Q);
  ImageRows<typename O::CopyA, 1> a(window, x, first_image, s.N);
  DenseInner<typename O::CopyB> b(w + (int64_t(position) * s.K + first_filter) * taps, taps, s.K - first_filter, taps);
  typename O::Mma mma;
  gemm_loop(
      ceil_div(taps, O::Mma::A::depth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, b); }, [](SharedPtr<const float>) {}, mma);

  const bool whole = s.K % 4 == 0 && aligned16(y) && aligned16(accumulated(epilogue, y)) &&
                     aligned16(epilogue.bias);  // quads are inside or outside
  store_tile<Lines::kRows>(mma, shared, [&](int row, int column, float4 quad) {
    const int image = first_image + row, left = s.K - first_filter - column;
    if (image >= s.N || left <= 0) return;
    const int64_t output = int64_t(position) * s.K + first_filter + column;  // of [P,Q,K]
    const int64_t i = image * local_bias_count(s) + output;
    if (whole) {
      store_activation(epilogue, quad, output, i, y);
    } else {
      for_values(quad, left, [&](int j, float sum) { store_activation(epilogue, sum, output + j, i + j, y); });
    }
  });
}

template <class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    local_fprop_gemm(LocalProblem l, const float* x, const float* w, float* y, Epilogue epilogue) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  local_fprop<Operands<Precision::kFp32, Tile, kVector>>(l, x, w, y, epilogue, shared);
}

template <Precision kPrecision, class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    local_fprop_mma(LocalProblem l, const Stored<kPrecision>* x, const Stored<kPrecision>* w, Stored<kPrecision>* y,
                    Epilogue epilogue) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  local_fprop<Operands<kPrecision, Tile, kVector>>(l, x, w, y, epilogue, shared);
}

template <Precision kPrecision, class Tile, int kVector>
auto kernel_of() {
  if constexpr (kPrecision == Precision::kFp32) {
    return local_fprop_gemm<Tile, kVector>;
  } else {
    return local_fprop_mma<kPrecision, Tile, kVector>;
  }
}

template <Precision kPrecision, int kVector, class Tiles>
Status launch_tiles(Tiles tiles, const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                    Stream stream) {
  const int P = conv_P(s), Q = conv_Q(s);
  return with_best_tile(tiles, s.N, s.K, int64_t(P) * Q, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t row_tiles = tiles_of(s.N, Tile::kRows);
    const dim3 blocks(unsigned(row_tiles * tiles_of(s.K, Tile::kColumns)), unsigned(P * Q));
    return launch(kernel_of<kPrecision, Tile, kVector>(), blocks, Tile::kThreads,
                  Operands<kPrecision, Tile, kVector>::kFloats * sizeof(float), stream,
                  LocalProblem{s, P, Q, int(row_tiles), step_of(s.C, s.S, stage_depth(kPrecision))},
                  as_stored<kPrecision>(x), as_stored<kPrecision>(w), as_stored<kPrecision>(y), epilogue);
  });
}

int prefer_gemm(const ConvShape& s, const Target& target) {
  const bool fits = local_gemm_fits(s, stage_depth(target.precision)) && copies_fit(target.precision, s.C);
  return fits ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_gemm(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                   Stream stream) {
  constexpr int kWidest = widest_copy(kPrecision);
  const auto by_16 = [&] {
    return launch_tiles<kPrecision, kWidest>(typename TilesOf<kPrecision>::Quads(), s, x, w, y, epilogue, stream);
  };
  if constexpr (kPrecision == Precision::kBf16) {
    return aligned16(x) && aligned16(w) ? by_16() : not_aligned("local");
  } else {
    if (s.C % kWidest == 0) return by_16();
    return launch_tiles<kPrecision, 1>(typename TilesOf<kPrecision>::Scalars(), s, x, w, y, epilogue, stream);
  }
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, LocalFprop, "gemm", prefer_gemm, no_workspace<ConvShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, LocalFprop, "mma_tf32", prefer_gemm, no_workspace<ConvShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, LocalFprop, "mma_3xtf32", prefer_gemm, no_workspace<ConvShape>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, LocalFprop, "mma_bf16", prefer_gemm, no_workspace<ConvShape>, launch_gemm)

}  // namespace alexnet
