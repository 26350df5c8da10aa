// gemm_loader: how a block copies an operand of gemm_loop.cuh to shared memory, a stage at a time, by cp.async.
//
// In shared memory an operand is [k][index]. Where it is contiguous along the index in global memory (kOuter), a thread
// copies 16 bytes at once. Where it is contiguous along k (kInner), it is transposed on the way: a thread takes kVector
// steps of k of one index, 4 bytes at a time, to as many rows; the address is computed once for all of them.
//
// A Source knows where the operand's values are. It is a thread's own, stands at one step of k, and has
//   Chunk at(int index)   where the thread's chunk of `index` is: kVector values along k (kInner), or along the index
//                         (kOuter), and how many of them exist; the rest are zeros
//   void advance()        moves on by kDepth steps of k
//   bool kInPart          whether a chunk may exist in part; if not, any positive number of floats means all
#ifndef ALEXNET_GEMM_LOADER_CUH
#define ALEXNET_GEMM_LOADER_CUH

#include "common/gemm_loop.cuh"

namespace alexnet {
namespace {

// Along what an operand is contiguous in global memory: k or the index.
enum class Order { kInner, kOuter };

struct Chunk {
  const float* from;
  int floats;  // that exist, from the first on; 0 or less for none, more than the chunk has for all
};

// The current thread's share of an operand's copies, in chunks of kVector (1 or 4) floats. Adjacent threads copy
// adjacent chunks: along k if the operand is kInner, else along the index with a fixed k for each thread.
template <class Operand, Order kOrder, int kThreads, int kVector>
struct OperandCopy {
  static constexpr bool kInner = kOrder == Order::kInner;
  static constexpr int kLine = kInner ? kDepth / kVector : kThreads / kDepth;  // threads side by side
  static constexpr int kPass = kInner ? kThreads / kLine : kLine * kVector;    // indices that all threads copy at once
  static_assert(Operand::extent % kPass == 0, "all threads copy equally often");

  // The step of k, from the stage's first, at which the thread's Source stands.
  __device__ static int first_k() { return kInner ? int(threadIdx.x) % kLine * kVector : int(threadIdx.x) / kLine; }

  template <class Source>
  __device__ static __forceinline__ void copy(SharedPtr<float> stage, Source& source) {
    const int first = kInner ? int(threadIdx.x) / kLine : int(threadIdx.x) % kLine * kVector;
    const SharedPtr<float> to = stage + (first_k() * Operand::stride + first);
    constexpr int kPasses = Operand::extent / kPass;
    constexpr int kAtOnce = kPasses % 4 == 0 ? 4 : kPasses;  // copies behind another instruction cost three slots more
    ALEXNET_UNROLL
    for (int i = 0; i < kPasses; i += kAtOnce) {
      Chunk chunks[kAtOnce];
      ALEXNET_UNROLL
      for (int j = 0; j < kAtOnce; ++j) {
        chunks[j] = source.at(first + (i + j) * kPass);
        const int floats = chunks[j].floats;
        chunks[j].floats = Source::kInPart ? min(max(floats, 0), kVector) : floats > 0 ? kVector : 0;
      }
      ALEXNET_UNROLL
      for (int j = 0; j < kAtOnce; ++j) copy_chunk<Source::kInPart>(to + (i + j) * kPass, chunks[j]);
    }
    source.advance();
  }

 private:
  template <bool kInPart>
  __device__ static __forceinline__ void copy_chunk(SharedPtr<float> to, const Chunk& chunk) {
    if constexpr (kInner) {
      ALEXNET_UNROLL
      for (int k = 0; k < kVector; ++k) {
        async_copy<4>(to + k * Operand::stride, chunk.from + k, kInPart ? k < chunk.floats : chunk.floats > 0);
      }
    } else {
      async_copy_part<4 * kVector>(to, chunk.from, 4 * chunk.floats);
    }
  }
};

// A matrix whose lines run along k: value (index, k) at line[index * pitch + k].
struct DenseInner {
  static constexpr bool kInPart = false;
  const float* line;
  int64_t pitch;
  int indices, depth;  // that remain, from the tile's first index and the thread's k on

  __device__ DenseInner(const float* tile, int64_t pitch_, int indices_, int depth_, int k)
      : line(tile + k), pitch(pitch_), indices(indices_), depth(depth_ - k) {}
  __device__ Chunk at(int index) const { return {line + index * pitch, index < indices ? depth : 0}; }
  __device__ void advance() { line += kDepth, depth -= kDepth; }
};

// A matrix whose lines run along the index: value (index, k) at line[k * pitch + index].
struct DenseOuter {
  static constexpr bool kInPart = false;
  const float* line;
  int64_t pitch;
  int indices, depth;

  __device__ DenseOuter(const float* tile, int64_t pitch_, int indices_, int depth_, int k)
      : line(tile + k * pitch_), pitch(pitch_), indices(indices_), depth(depth_ - k) {}
  __device__ Chunk at(int index) const { return {line + index, depth > 0 ? indices - index : 0}; }
  __device__ void advance() { line += kDepth * pitch, depth -= kDepth; }
};

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_LOADER_CUH
