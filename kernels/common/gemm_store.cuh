// gemm_store: how a tile's sums leave: each warp puts its own into the memory of the stages, which is free by then, and
// takes them out again as quads of neighbours, which its lanes hold one after another. So
//   - accesses to global memory are 16 bytes, and a warp's are whole lines of C: 128 to 256 bytes, not 64;
//   - what the sums become (bias, rectifier, mask, update) is written once for four neighbours, in a loop;
//   - sums leave their registers in pairs that stand as gemm_ffma.cuh wants them: see Pairs.
//
// Lines    run along the columns (C is stored by rows) or along the rows. A warp works in chunks: lines of which each
//          of its threads has four.
// Pairs    A thread's sums of two neighbouring rows go out by one store of 8 bytes, the second row's first. ptxas keeps
//          the values of such a store side by side in the loop too, so that the sum of an even row is in an odd
//          register and that of an odd row in an even one: the other parity than the row's value, which came by a load
//          of 16 bytes. Left to itself it mixed the parities in some loops, and 38 % of the FFMA conflicted.
// Layout   Lines along columns (kRows) lie in pairs, word by word; along a line the lanes' first values come first,
//          then their second ones.
// Banks    Lines and groups of four are padded so that a half-warp's stores of 8 bytes go to 32 banks, and a line's
//          loads as well.
// Cost     8 bytes of shared memory and a quarter of a 16-byte access to global memory per sum; at conv2 1 % of the
//          time
#ifndef ALEXNET_GEMM_STORE_CUH
#define ALEXNET_GEMM_STORE_CUH

#include "common/gemm_loop.cuh"
#include "common/map.cuh"

namespace alexnet {
namespace {

enum class Lines { kRows, kColumns };

template <class Mma, Lines kLines>
struct StoreGeometry {
  static constexpr bool kByRows = kLines == Lines::kRows;
  static constexpr int kChunkLines = 4 * (kByRows ? Mma::kLaneRows : Mma::kLaneColumns);
  static constexpr int kLanes = kByRows ? Mma::kLaneColumns : Mma::kLaneRows;  // along a line
  static constexpr int kLength = kByRows ? Mma::kWarpColumns : Mma::kWarpRows;
  static constexpr int kPerLine = kByRows ? Mma::kThreadColumns : Mma::kThreadRows;  // sums of a thread
  // Floats from one line (kColumns), or from two (kRows), to the next.
  static constexpr int kPitch = kByRows ? kPerLine / 4 * (10 * kLanes) + 4 : kPerLine / 4 * (6 * kLanes) + 2;
  static constexpr int kWarpFloats = kPitch * (kByRows ? kChunkLines / 2 : kChunkLines);
  static constexpr int kChunks = (kByRows ? Mma::kThreadRows : Mma::kThreadColumns) / 4;
  static constexpr int kLineQuads = kLength / 4;
  static constexpr int kQuads = kChunkLines * kLineQuads / 32;  // of a lane, in a chunk
  static constexpr int kAtOnce = 4;                             // quads whose fetches are under way at the same time
  // Where along its line a lane's value i is (kRows: that of a pair of lines), or its values i and i + 1 (kColumns).
  __device__ static constexpr int position(int lane, int i) {
    return kByRows ? 2 * (i / 4 * (5 * kLanes) + i % 4 * kLanes + lane)
                   : 2 * (i / 4 * (3 * kLanes) + i % 4 / 2 * kLanes + lane);
  }
  static_assert(kQuads % kAtOnce == 0, "a lane's quads come in fours");
  static_assert(kWarpFloats * (Mma::Tile::kThreads / 32) <= kStageFloats<Mma>, "chunks fit into the stages");
};

// visit(row, column, quad, fetched): the sums of four neighbours along the line from (row, column) of the tile on; and
// what fetch(row, column) gave for them. `shared` is what gemm_loop had.
template <Lines kLines, class Mma, class Fetch, class Visit>
__device__ __forceinline__ void store_tile(const Mma& mma, SharedPtr<float> shared, Fetch&& fetch, Visit&& visit) {
  using G = StoreGeometry<Mma, kLines>;
  const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32;
  const SharedPtr<float> mine = shared + warp * G::kWarpFloats;
  __syncthreads();  // nobody reads the last stage any more
  ALEXNET_UNROLL
  for (int chunk = 0; chunk < G::kChunks; ++chunk) {
    const auto store_pair = [&](SharedPtr<float> to, int row, int column) {
      shared_store(to, make_float2(mma.sums[row + 1][column], mma.sums[row][column]));
    };
    if constexpr (G::kByRows) {
      ALEXNET_UNROLL
      for (int i = 0; i < 4; i += 2) {
        const SharedPtr<float> lines = mine + (2 * mma.row_lane + i / 2) * G::kPitch;
        ALEXNET_UNROLL
        for (int j = 0; j < G::kPerLine; ++j) store_pair(lines + G::position(mma.column_lane, j), 4 * chunk + i, j);
      }
    } else {
      ALEXNET_UNROLL
      for (int i = 0; i < 4; ++i) {
        const SharedPtr<float> line = mine + (4 * mma.column_lane + i) * G::kPitch;
        ALEXNET_UNROLL
        for (int j = 0; j < G::kPerLine; j += 2) store_pair(line + G::position(mma.row_lane, j), j, 4 * chunk + i);
      }
    }
    __syncwarp();  // the warp's sums of this chunk are there
    for (int first = 0; first < G::kQuads; first += G::kAtOnce) {
      // call(row, column, where the quad is in `mine`) for one of the lane's quads.
      const auto place = [&](int i, auto&& call) {
        const int at = (first + i) * 32 + lane, line = at / G::kLineQuads, quad = at % G::kLineQuads;
        const int across = chunk * G::kChunkLines + line, along = 4 * quad;
        call(mma.first_row + (G::kByRows ? across : along), mma.first_column + (G::kByRows ? along : across),
             (G::kByRows ? line / 2 * G::kPitch + 1 - line % 2 : line * G::kPitch) +
                 G::position(quad % G::kLanes, quad / G::kLanes * 4));
      };
      decltype(fetch(0, 0)) fetched[G::kAtOnce];
      ALEXNET_UNROLL
      for (int i = 0; i < G::kAtOnce; ++i) {
        place(i, [&](int row, int column, int) { fetched[i] = fetch(row, column); });
      }
      ALEXNET_UNROLL
      for (int i = 0; i < G::kAtOnce; ++i) {
        place(i, [&](int row, int column, int from) {
          float4 quad;
          if constexpr (G::kByRows) {
            const auto value = [&](int j) { return shared_load<float>(mine + (from + 2 * j * G::kLanes)); };
            quad = make_float4(value(0), value(1), value(2), value(3));
          } else {
            const float2 first = shared_load<float2>(mine + from);
            const float2 second = shared_load<float2>(mine + (from + 2 * G::kLanes));
            quad = make_float4(first.y, first.x, second.y, second.x);
          }
          visit(row, column, quad, fetched[i]);
        });
      }
    }
    __syncwarp();  // the chunk has been read before the next one is written
  }
}

struct Nothing {};

// The same where nothing is fetched: visit(row, column, quad).
template <Lines kLines, class Mma, class Visit>
__device__ __forceinline__ void store_tile(const Mma& mma, SharedPtr<float> shared, Visit&& visit) {
  store_tile<kLines>(
      mma, shared, [](int, int) { return Nothing(); },
      [&](int row, int column, float4 quad, Nothing) { visit(row, column, quad); });
}

// The first `count` of a quad, one after another: visit(j, value).
template <class Visit>
__device__ __forceinline__ void for_values(float4 quad, int count, Visit&& visit) {
  if (count > 0) visit(0, quad.x);
  if (count > 1) visit(1, quad.y);
  if (count > 2) visit(2, quad.z);
  if (count > 3) visit(3, quad.w);
}

// The quad, or as much of it as is inside: `count` values. `whole` says that all quads are inside or outside and
// aligned.
__device__ __forceinline__ void store_values(float* to, float4 quad, int count, bool whole) {
  if (whole) {
    store_four(to, quad);
  } else {
    for_values(quad, count, [&](int j, float value) { to[j] = value; });
  }
}

// The parts of a split sum, `pitch` floats apart, added in ascending order.
__device__ inline float sum_of_parts(const float* part, int parts, int64_t pitch) {
  float sum = *part;
  for (int i = 1; i < parts; ++i) sum += part[i * pitch];
  return sum;
}

__host__ __device__ inline bool aligned16(const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

// Of a bf16 kernel, whose copies have 16 bytes; what a buffer begins with is always aligned.
inline Status not_aligned(const char* family) {
  return {ALEXNET_UNSUPPORTED, format_text("%s in bf16: a tensor does not begin at a multiple of 16 bytes", family)};
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_STORE_CUH
