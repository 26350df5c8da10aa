// local_wgrad_gemm: gradient by a locally connected layer's filters, a matrix product for each output position.
// Math     local.h, db included; gemm_m = R*S*C taps, gemm_n = K filters, gemm_k = N images. The product is dw
//          transposed, as in conv_wgrad_implicit_gemm: a thread's sums of adjacent taps are adjacent in dw
// Shapes   x: [N,H,W,C], dy: [N,P,Q,K], dw: [P,Q,K,R,S,C], db: [P,Q,K] or null; float32, no aliasing
// Units    none
// Cost     N FFMA and 4 bytes written per weight, as fc_wgrad_gemm: bound by issue down to N of about 30, by memory
//          below. There are enough tiles, one or more for each position, without splitting N
// Launch   gemm_loop.cuh: tiles of 128x96 (128 threads), 128x64 (64 or 128), 128x48 (64) or 64x32 (32) by gemm_plan.h.
//          x: tiles of taps, then of filters; y: position. Shared: stages and the places of the tile's taps, 44,928,
//          38,784, 35,648 or 20,128 bytes, with 4-byte copies of x 768 more. No workspace. Registers:
//          docs/measurements/resources.md; nothing spilled
// Valid    validate_local and local_gemm_fits. 16-byte copies of x where C divides by 4, of dy where K does; else by 4
//          bytes, with the same sums. Each ascends in n: bit-reproducible, on emu the bits of local_wgrad_direct
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): x and dy are stored so, dw and db float32; C and K divide by 8.
//          Shared: 46,272, 40,128, 37,024 or 21,584 bytes. The order within 16 steps is the tensor core's. Not measured
// Measured not yet
#include "local/local_gemm.cuh"

namespace alexnet {
namespace {

template <class Mma_, int kVectorX_, int kVectorDy, int kGroup>
struct OperandsOf {
  using Mma = Mma_;
  using Tile = typename Mma::Tile;
  using Value = typename Mma::A::Value;
  static constexpr int kVectorX = kVectorX_;
  using B = typename Mma::B;
  using CopyA = OperandCopy<typename Mma::A, Order::kOuter, Tile::kThreads, kVectorX, kGroup>;
  using CopyB = OperandCopy<B, Order::kOuter, Tile::kThreads, kVectorDy>;
  using Places = PlaceTable<CopyA>;
  static constexpr int kFloats = kStageFloats<Mma> + Places::kFloats;  // stages, places of the taps
};

template <class Tile, int kVectorX>
using LocalFfma = Ffma<Tile, kVectorX == 1 ? Walk::kSnake : Walk::kHalves>;
template <Precision kPrecision, class Tile, int kVectorX, int kVectorDy>
using Operands = OperandsOf<std::conditional_t<kPrecision == Precision::kFp32, LocalFfma<Tile, kVectorX>,
                                               TensorCores<kPrecision, Tile, Order::kOuter, Order::kOuter>>,
                            kVectorX, kVectorDy,
                            kPrecision != Precision::kFp32          ? 4
                            : kVectorX == 1 && Tile::kThreads == 64 ? 32
                                                                    : 8>;

// The taps stay, the images go by. The places of the tile's taps are in shared memory, one for each chunk.
template <class Copy>
struct ImageColumns {
  using Table = PlaceTable<Copy>;
  const Windows& s;
  SharedPtr<const float> places;
  const typename Copy::Value* window;  // where it begins in the image
  unsigned bits;                       // that it has
  int images;                          // that remain
  unsigned inside;                     // the bits, of the copies that begin

  __device__ ImageColumns(const Windows& windows, SharedPtr<float> table, const typename Copy::Value* x, int images_)
      : s(windows), places(Table::of_thread(table)), images(images_ - Copy::first_k()) {
    const WindowStart at = window_start(s, 0, 1);
    window = x + (at.offset + int64_t(Copy::first_k()) * s.H * s.W * s.C);
    bits = bits_of_window(s, at.h, at.w);
  }
  __device__ void begin() { inside = images > 0 ? bits : 0; }
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    Table::template visit<kCount>(places, pass, [&](int i, int offset, unsigned needed) {
      chunks[i] = {window + offset, (needed & ~inside) == 0, 0};
    });
  }
  __device__ void advance() { window += int64_t(Copy::kStep) * s.H * s.W * s.C, images -= Copy::kStep; }
};

template <class O>
__device__ __forceinline__ void local_wgrad(const LocalProblem& l, const typename O::Value* x,
                                            const typename O::Value* dy, float* dw, float* db,
                                            SharedPtr<float> shared) {
  using Tile = typename O::Tile;
  constexpr int kVectorX = O::kVectorX;
  static_assert(Tile::kColumns <= Tile::kThreads, "a thread sums one column of dy");
  const SharedPtr<float> places = shared + kStageFloats<typename O::Mma>;
  const ConvShape& s = l.shape;
  const int position = int(blockIdx.y), taps = s.R * s.S * s.C;
  const int first_tap = int(blockIdx.x) % l.row_tiles * Tile::kRows;
  const int first_filter = int(blockIdx.x) / l.row_tiles * Tile::kColumns;
  const Windows window = window_at(l, position / l.Q, position % l.Q);
  O::Places::fill(places, [&](int i) { return tap_place(window, first_tap + i * kVectorX); });
  __syncthreads();  // the taps' places are there before copies read them

  const int64_t first_output = int64_t(position) * s.K + first_filter;  // of [P,Q,K]
  ImageColumns<typename O::CopyA> a(window, places, x, s.N);
  DenseOuter<typename O::CopyB> b(dy + first_output, local_bias_count(s), s.K - first_filter, s.N);
  // The blocks of the first taps also sum dy's columns, which they have in shared memory.
  const int column = kVectorX == 1 ? opaque(int(threadIdx.x)) : int(threadIdx.x);  // kept, or read for each stage
  const bool sums_bias = db != nullptr && first_tap == 0 && column < Tile::kColumns;
  float bias = 0.f;
  typename O::Mma mma;
  gemm_loop(
      ceil_div(s.N, O::B::depth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, b); },
      [&](SharedPtr<const float> stage) {
        if (sums_bias) bias = add_column<typename O::B>(stage, column, bias);
      },
      mma);

  if (sums_bias && first_filter + column < s.K) db[first_output + column] = bias;
  const bool whole = taps % 4 == 0 && aligned16(dw);  // quads are inside or outside
  store_tile<Lines::kColumns>(mma, shared, [&](int row, int filter, float4 quad) {
    const int left = taps - first_tap - row;
    if (first_filter + filter >= s.K || left <= 0) return;
    store_values(dw + (first_output + filter) * taps + first_tap + row, quad, left, whole);
  });
}

template <class Tile, int kVectorX, int kVectorDy>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    local_wgrad_gemm(LocalProblem l, const float* x, const float* dy, float* dw, float* db) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  local_wgrad<Operands<Precision::kFp32, Tile, kVectorX, kVectorDy>>(l, x, dy, dw, db, shared);
}

template <Precision kPrecision, class Tile, int kVectorX, int kVectorDy>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    local_wgrad_mma(LocalProblem l, const Stored<kPrecision>* x, const Stored<kPrecision>* dy, float* dw, float* db) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  local_wgrad<Operands<kPrecision, Tile, kVectorX, kVectorDy>>(l, x, dy, dw, db, shared);
}

template <Precision kPrecision, class Tile, int kVectorX, int kVectorDy>
auto kernel_of() {
  if constexpr (kPrecision == Precision::kFp32) {
    return local_wgrad_gemm<Tile, kVectorX, kVectorDy>;
  } else {
    return local_wgrad_mma<kPrecision, Tile, kVectorX, kVectorDy>;
  }
}

template <Precision kPrecision, int kVectorX, int kVectorDy, class Tiles>
Status launch_tiles(Tiles tiles, const ConvShape& s, const float* x, const float* dy, float* dw, float* db,
                    Stream stream) {
  const int P = conv_P(s), Q = conv_Q(s), taps = s.R * s.S * s.C;
  return with_best_tile(tiles, taps, s.K, int64_t(P) * Q, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t row_tiles = tiles_of(taps, Tile::kRows);
    const dim3 blocks(unsigned(row_tiles * tiles_of(s.K, Tile::kColumns)), unsigned(P * Q));
    return launch(kernel_of<kPrecision, Tile, kVectorX, kVectorDy>(), blocks, Tile::kThreads,
                  Operands<kPrecision, Tile, kVectorX, kVectorDy>::kFloats * sizeof(float), stream,
                  LocalProblem{s, P, Q, int(row_tiles), step_of(s.C, s.S, stage_depth(kPrecision))},
                  as_stored<kPrecision>(x), as_stored<kPrecision>(dy), dw, db);
  });
}

int prefer_gemm(const ConvShape& s, const Target& target) {
  const bool fits = local_gemm_fits(s, stage_depth(target.precision)) && copies_fit(target.precision, s.C, s.K);
  return fits ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_gemm(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  constexpr int kWidest = widest_copy(kPrecision);
  const bool by_16 = s.K % kWidest == 0 && aligned16(dy);
  if (by_16 && s.C % kWidest == 0 && aligned16(x)) {
    return launch_tiles<kPrecision, kWidest, kWidest>(typename TilesOf<kPrecision>::Quads(), s, x, dy, dw, db, stream);
  }
  if constexpr (kPrecision == Precision::kBf16) {
    return not_aligned("local");
  } else {
    if (by_16) return launch_tiles<kPrecision, 1, 4>(typename TilesOf<kPrecision>::Mixed(), s, x, dy, dw, db, stream);
    return launch_tiles<kPrecision, 1, 1>(typename TilesOf<kPrecision>::Scalars(), s, x, dy, dw, db, stream);
  }
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, LocalWgrad, "gemm", prefer_gemm, no_workspace<ConvShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, LocalWgrad, "mma_tf32", prefer_gemm, no_workspace<ConvShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, LocalWgrad, "mma_3xtf32", prefer_gemm, no_workspace<ConvShape>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, LocalWgrad, "mma_bf16", prefer_gemm, no_workspace<ConvShape>, launch_gemm)

}  // namespace alexnet
