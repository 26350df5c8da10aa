// gemm_loader: how a block copies an operand of gemm_loop.cuh to shared memory, a stage at a time, by cp.async.
//
// In shared memory an operand is [k][index]. Where it is contiguous along the index in global memory (kOuter), a thread
// copies 16 bytes at once. Where it is contiguous along k (kInner), it is transposed on the way: a thread takes kVector
// steps of k of one index, 4 bytes at a time, to as many rows; the address is computed once for all of them.
//
// A Source knows where the operand's values are. It is a thread's own, stands at one step of k, and has
//   begin()            is called before the copies of each stage
//   at(pass, chunks)   where the thread's chunks of as many passes as there are `chunks`, from `pass` on, are: kVector
//                      values along k (kInner), or along the index (kOuter). In pass i the thread has the index
//                      first_index() + i * kPass
//   advance()          moves on by kDepth steps of k
//   kInPart            (kInner) whether a chunk may exist in part; then it also has
//   c                  the chunk's first value, counted as Chunk::end is
// Rows and columns of the tile beyond the product's edge may hold anything but what is not memory: their sums are not
// stored. A step of k beyond the end is zero in both operands, or an infinity in one makes NaN of the other's zero.
#ifndef ALEXNET_GEMM_LOADER_CUH
#define ALEXNET_GEMM_LOADER_CUH

#include "common/gemm_loop.cuh"

namespace alexnet {
namespace {

// Along what an operand is contiguous in global memory: k or the index.
enum class Order { kInner, kOuter };

struct Chunk {
  const float* from;
  bool exists;  // else it is zeros, and not read
  int end;      // of a chunk that may exist in part: its values from this one on are zeros
};

// The current thread's share of an operand's copies, in chunks of kVector (1 or 4) floats. Adjacent threads copy
// adjacent chunks: along k if the operand is kInner, else along the index with a fixed k for each thread. The addresses of
// kGroup chunks are computed before these are copied: by how many, a kernel may say as it names a Walk (gemm_ffma.cuh).
template <class Operand, Order kOrder, int kThreads, int kVector_, int kGroup = 8>
struct OperandCopy {
  static constexpr bool kInner = kOrder == Order::kInner;
  static constexpr int kVector = kVector_, kAcross = kInner ? 1 : kVector;     // floats of a chunk; along the index
  static constexpr int kLine = kInner ? kDepth / kVector : kThreads / kDepth;  // threads side by side
  static constexpr int kPass = kInner ? kThreads / kLine : kLine * kVector;    // indices that all threads copy at once
  static constexpr int kPasses = Operand::extent / kPass;
  static constexpr int kExtent = Operand::extent;
  static_assert(Operand::extent % kPass == 0, "all threads copy equally often");

  // The step of k, from the stage's first, at which the thread's Source stands; and the thread's first index.
  __device__ static int first_k() { return kInner ? int(threadIdx.x) % kLine * kVector : int(threadIdx.x) / kLine; }
  __device__ static int first_index() { return kInner ? int(threadIdx.x) / kLine : int(threadIdx.x) % kLine * kVector; }

  template <class Source>
  __device__ static __forceinline__ void copy(SharedPtr<float> stage, Source& source) {
    const SharedPtr<float> to = stage + (first_k() * Operand::stride + first_index());
    constexpr int kAtOnce = kPasses % kGroup == 0 ? kGroup : kPasses;
    source.begin();
    ALEXNET_UNROLL
    for (int i = 0; i < kPasses; i += kAtOnce) {
      Chunk chunks[kAtOnce];
      source.at(i, chunks);
      ALEXNET_UNROLL
      for (int j = 0; j < kAtOnce; ++j) copy_chunk(to + (i + j) * kPass, chunks[j], source);
    }
    source.advance();
  }

 private:
  template <class Source>
  __device__ static __forceinline__ void copy_chunk(SharedPtr<float> to, const Chunk& chunk, const Source& source) {
    if constexpr (kInner) {
      ALEXNET_UNROLL
      for (int k = 0; k < kVector; ++k) {
        bool exists = chunk.exists;
        if constexpr (Source::kInPart) exists = exists && source.c + k < chunk.end;
        async_copy<4>(to + k * Operand::stride, chunk.from + k, exists);
      }
    } else {
      async_copy<4 * kVector>(to, chunk.from, chunk.exists);
    }
  }
};

// The chunks of as many passes from `pass` on, whose lines lie `pitch` floats apart from `line` on; the first `count`
// indices exist. Each address is made of the one before by an IMAD.WIDE: made of `line` it was two additions, and two
// registers for each multiple of the pitch.
template <class Copy, int kCount>
__device__ __forceinline__ void each_line(Chunk (&chunks)[kCount], const float* line, int pitch, int pass, int count) {
  const float* from = line + int64_t(pitch) * (pass * Copy::kPass);
  ALEXNET_UNROLL
  for (int i = 0; i < kCount; ++i) {
    if (i > 0) from = opaque(from + int64_t(pitch) * Copy::kPass);
    chunks[i] = {from, (pass + i) * Copy::kPass < count, 0};
  }
}

// A matrix whose lines run along k: value (index, k) at tile[index * pitch + k].
template <class Copy>
struct DenseInner {
  static constexpr bool kInPart = false;
  const float* line;  // of the thread's first index
  int pitch;
  int indices, depth;  // that remain, from there on

  __device__ DenseInner(const float* tile, int pitch_, int indices_, int depth_)
      : line(tile + int64_t(Copy::first_index()) * pitch_ + Copy::first_k()),
        pitch(pitch_),
        indices(indices_ - Copy::first_index()),
        depth(depth_ - Copy::first_k()) {}
  __device__ void begin() const {}
  template <int kCount>
  __device__ __forceinline__ void at(int pass, Chunk (&chunks)[kCount]) const {
    each_line<Copy>(chunks, line, pitch, pass, depth > 0 ? indices : 0);
  }
  __device__ void advance() { line += kDepth, depth -= kDepth; }
};

// A matrix whose lines run along the index: value (index, k) at tile[k * pitch + index].
template <class Copy>
struct DenseOuter {
  static constexpr bool kInPart = false;
  const float* line;  // at the thread's first index
  int64_t pitch;
  int indices, depth;

  __device__ DenseOuter(const float* tile, int64_t pitch_, int indices_, int depth_)
      : line(tile + Copy::first_k() * pitch_ + Copy::first_index()),
        pitch(pitch_),
        indices(indices_ - Copy::first_index()),
        depth(depth_ - Copy::first_k()) {}
  __device__ void begin() const {}
  template <int kCount>
  __device__ __forceinline__ void at(int pass, Chunk (&chunks)[kCount]) const {
    ALEXNET_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int index = (pass + i) * Copy::kPass;
      chunks[i] = {line + index, index < indices && depth > 0, 0};
    }
  }
  __device__ void advance() { line += kDepth * pitch, depth -= kDepth; }
};

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_LOADER_CUH
