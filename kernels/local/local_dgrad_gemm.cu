// local_dgrad_gemm: gradient by a locally connected layer's input, a matrix product for each input pixel.
// Math     local.h, then the mask, for stride 1; gemm_m = N images, gemm_n = C channels, gemm_k = R*S*K: the filters of
//          the outputs that cover the pixel, each at its tap
// Shapes   dy: [N,P,Q,K], w: [P,Q,K,R,S,C], mask: [N,H,W,C] or null, dx: [N,H,W,C]; float32, no aliasing
// Units    none
// Cost     H*W * N*C*R*S*K FFMA, tiles rounded up; taps that no output has at the border are multiplied as zeros, for
//          8x8 pixels and 3x3 taps 16 % of them. Each tile of images reads every value of w once, in pieces of C floats
// Launch   gemm_loop.cuh: tiles of 128x96 (128 threads), 128x64 (64 or 128), 128x48 (64) or 32x16 (32) by gemm_plan.h.
//          x: tiles of images, then of channels; y: pixel. Shared: stages and the places of the tile's windows, 46,592,
//          40,448, 37,376 or 11,264 bytes. No workspace. Registers by ptxas for sm_90a: 84 to 226; nothing spilled
// Valid    validate_local, local_gemm_fits, stride 1. 16-byte copies where C and K divide by 4; else by 4 bytes, with
//          the same sums. Each ascends in r, s, k: bit-reproducible, on emu the bits of local_dgrad_direct
// Measured not yet
#include "common/epilogue.cuh"
#include "local/local_gemm.cuh"

namespace alexnet {
namespace {

template <class Tile, int kVector>
struct Operands {
  using Mma = Ffma<Tile>;
  using CopyA = OperandCopy<typename Mma::A, Order::kInner, Tile::kThreads, kVector>;
  using CopyB = OperandCopy<typename Mma::B, Order::kOuter, Tile::kThreads, kVector>;
  static constexpr int kFloats = kStageFloats<Mma> + 4 * Tile::kRows;  // stages, places of the windows
};

// B: value (channel, k) is w[p,q,filter,r,s,channel] with k counted through the filters of a tap (r,s), then through
// taps; (p,q) is the output that reads the pixel at the tap, if there is one.
struct CoveringFilters {
  static constexpr bool kInPart = false;
  const Windows& s;      // on dy: H and W count its rows and columns, C its filters
  const float* weights;  // the tile's first channel
  const float* line;     // the same at k
  int filter, r, column, C, left;
  bool inside;

  __device__ CoveringFilters(const Windows& window, const float* first, int C_, int left_, int k)
      : s(window), weights(first), filter(k), r(0), column(0), C(C_), left(left_) {
    enter_tap();
  }
  __device__ Chunk at(int index) const { return {line + index, inside ? left - index : 0}; }
  __device__ void advance() {
    filter += kDepth;
    enter_tap();
  }

 private:
  __device__ void enter_tap() {
    for (; filter >= s.C && r < s.R; filter -= s.C) {
      if (++column == s.S) column = 0, ++r;
    }
    const int p = -s.pad_h - r, q = -s.pad_w - column;
    inside = r < s.R && unsigned(p) < unsigned(s.H) && unsigned(q) < unsigned(s.W);
    const int64_t output = inside ? (int64_t(p) * s.W + q) * s.C + filter : 0;
    line = weights + (inside ? (output * s.R + r) * s.S + column : 0) * C;
  }
};

template <class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    local_dgrad_gemm(LocalProblem l, const float* dy, const float* w, const float* mask, float* dx) {
  using O = Operands<Tile, kVector>;
  ALEXNET_SHARED_DYNAMIC(float, shared);
  const SharedPtr<float> places = shared + kStageFloats<typename O::Mma>;
  const ConvShape& s = l.shape;
  const int pixel = int(blockIdx.y);
  const int first_image = int(blockIdx.x) % l.row_tiles * Tile::kRows;
  const int first_channel = int(blockIdx.x) / l.row_tiles * Tile::kColumns;
  const Windows window = covering_window(l, pixel / s.W, pixel % s.W);
  for (int i = int(threadIdx.x); i < Tile::kRows; i += Tile::kThreads) {
    shared_store(places + 4 * i, window_place(window, first_image + i, s.N));
  }
  __syncthreads();  // the windows' places are there before copies read them

  PatchRows<-1, false> a(window, places, dy, O::CopyA::first_k());
  CoveringFilters b(window, w + first_channel, s.C, s.C - first_channel, O::CopyB::first_k());
  typename O::Mma mma;
  gemm_loop(
      ceil_div(s.R * s.S * s.K, kDepth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, b); }, [](SharedPtr<const float>) {}, mma);

  const bool whole = s.C % 4 == 0 && aligned16(dx) && aligned16(mask);  // quads are inside or outside
  store_tile<Lines::kRows>(mma, shared, [&](int row, int column, float4 quad) {
    const int image = first_image + row, left = s.C - first_channel - column;
    if (image >= s.N || left <= 0) return;
    const int64_t i = (int64_t(image) * s.H * s.W + pixel) * s.C + first_channel + column;
    if (whole) {
      store_quad(dx + i, apply_mask(mask, i, quad));
    } else {
      for_values(quad, left, [&](int j, float sum) { dx[i + j] = apply_mask(mask, i + j, sum); });
    }
  });
}

template <int kVector, class... Tiles>
Status launch_tiles(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  const int pixels = s.H * s.W;
  return with_best_tile<Tiles...>(s.N, s.C, pixels, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t row_tiles = tiles_of(s.N, Tile::kRows);
    const dim3 blocks(unsigned(row_tiles * tiles_of(s.C, Tile::kColumns)), unsigned(pixels));
    return launch(local_dgrad_gemm<Tile, kVector>, blocks, Tile::kThreads,
                  Operands<Tile, kVector>::kFloats * sizeof(float), stream,
                  LocalProblem{s, conv_P(s), conv_Q(s), int(row_tiles)}, dy, w, mask, dx);
  });
}

int prefer_gemm(const ConvShape& s, const Target& target) {
  return s.stride == 1 && local_gemm_fits(s) ? gemm_preference(target) : 0;
}

Status launch_gemm(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  if (s.K % 4 == 0 && s.C % 4 == 0 && aligned16(w)) {
    return launch_tiles<4, Tile128x96, Tile128x64, Tile128x64FourWarps, Tile128x48, Tile32x16>(s, dy, w, mask, dx,
                                                                                               stream);
  }
  return launch_tiles<1, Tile128x48, Tile32x16>(s, dy, w, mask, dx, stream);
}

}  // namespace

ALEXNET_VARIANT(LocalDgrad, "gemm", prefer_gemm, launch_gemm)

}  // namespace alexnet
