// gemm_loader: how a block copies an operand of gemm_loop.cuh to shared memory, a stage at a time, by cp.async.
//
// In shared memory an operand of floats is [k][index]. Where it is contiguous along the index in global memory
// (kOuter), a thread copies 16 bytes at once. Where it is contiguous along k (kInner), it is transposed on the way: a
// thread takes kVector steps of k of one index, 4 bytes at a time, to as many rows; the address is computed once for
// all of them. Bf16 lie in shared memory as they do in global memory (gemm_mma_bf16.cuh), and are copied by 16 bytes
// either way.
//
// A Source knows where the operand's values are. It is a thread's own, stands at one step of k, and has
//   begin()            is called before the copies of each stage
//   at(pass, chunks)   where the thread's chunks of as many passes as there are `chunks`, from `pass` on, are: kVector
//                      values along k (kInner), or along the index (kOuter). In pass i the thread has the index
//                      first_index() + i * kPass
//   advance()          moves on by a stage's steps of k
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

template <class Value>
struct ChunkOf {
  const Value* from;
  bool exists;  // else it is zeros, and not read
  int end;      // of a chunk that may exist in part: its values from this one on are zeros
};

// The current thread's share of an operand's copies, in chunks of kVector values: 1 or 4 floats, 8 bf16. Adjacent
// threads copy adjacent chunks: along k if the operand is kInner, else along the index with a fixed k for each thread.
// The addresses of kGroup chunks are computed before these are copied: by how many, a kernel may say as it names a Walk
// (gemm_ffma.cuh).
template <class Operand, Order kOrder, int kThreads, int kVector_, int kGroup = 8>
struct OperandCopy {
  using Value = typename Operand::Value;
  using Chunk = ChunkOf<Value>;
  static constexpr bool kInner = kOrder == Order::kInner;
  static constexpr int kVector = kVector_, kAcross = kInner ? 1 : kVector;   // values of a chunk; along the index
  static constexpr int kStep = Operand::depth;                               // of k, from stage to stage
  static constexpr int kLine = kInner ? kStep / kVector : kThreads / kStep;  // threads side by side
  static constexpr int kPass = kInner ? kThreads / kLine : kLine * kVector;  // indices that all threads copy at once
  static constexpr int kPasses = Operand::extent / kPass;
  static constexpr int kExtent = Operand::extent;
  static constexpr bool kTransposes = kInner && !Operand::kAlongK;
  static_assert(Operand::extent % kPass == 0, "all threads copy equally often");
  static_assert(sizeof(Value) != 2 || (kVector == 8 && kThreads / kLine % 8 == 0), "line_of turns eight lines");

  // The step of k, from the stage's first, at which the thread's Source stands; and the thread's first index.
  __device__ static int first_k() {
    return kInner ? int(threadIdx.x) % kLine * kVector : line_of(int(threadIdx.x) / kLine);
  }
  __device__ static int first_index() {
    return kInner ? line_of(int(threadIdx.x) / kLine) : int(threadIdx.x) % kLine * kVector;
  }

  template <class Source>
  __device__ static __forceinline__ void copy(SharedPtr<float> stage, Source& source) {
    const SharedPtr<Value> to = shared_as<Value>(stage) + Operand::at(first_index(), first_k());
    constexpr int kAtOnce = kPasses % kGroup == 0 ? kGroup : kPasses;
    source.begin();
    ALEXNET_UNROLL
    for (int i = 0; i < kPasses; i += kAtOnce) {
      Chunk chunks[kAtOnce];
      source.at(i, chunks);
      ALEXNET_UNROLL
      for (int j = 0; j < kAtOnce; ++j) copy_chunk(to + Operand::at((i + j) * kPass, 0), chunks[j], source);
    }
    source.advance();
  }

 private:
  // Which line of an operand, along which its values lie in memory, the n-th kLine threads copy. Eight lanes that write
  // 16 bytes each take one cycle if they meet in no bank. Of bf16 they write to 8 / kLine lines of an odd number of 16
  // bytes: these are to be kLine lines apart, not neighbours.
  __device__ static constexpr int line_of(int n) {
    if (sizeof(Value) != 2) return n;
    const int turned = n % 8 * kLine;
    return n / 8 * 8 + turned % 8 + turned / 8;
  }

  template <class Source>
  __device__ static __forceinline__ void copy_chunk(SharedPtr<Value> to, const Chunk& chunk, const Source& source) {
    if constexpr (kTransposes) {
      ALEXNET_UNROLL
      for (int k = 0; k < kVector; ++k) {
        bool exists = chunk.exists;
        if constexpr (Source::kInPart) exists = exists && source.c + k < chunk.end;
        async_copy<4>(to + Operand::at(0, k), chunk.from + k, exists);
      }
    } else {
      async_copy<int(sizeof(Value)) * kVector>(to, chunk.from, chunk.exists);
    }
  }
};

// The chunks of as many passes from `pass` on, whose lines lie `pitch` values apart from `line` on; the first `count`
// indices exist. Each address is made of the one before by an IMAD.WIDE: made of `line` it was two additions, and two
// registers for each multiple of the pitch.
template <class Copy, int kCount>
__device__ __forceinline__ void each_line(typename Copy::Chunk (&chunks)[kCount], const typename Copy::Value* line,
                                          int pitch, int pass, int count) {
  const typename Copy::Value* from = line + int64_t(pitch) * (pass * Copy::kPass);
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
  const typename Copy::Value* line;  // of the thread's first index
  int pitch;
  int indices, depth;  // that remain, from there on

  __device__ DenseInner(const typename Copy::Value* tile, int pitch_, int indices_, int depth_)
      : line(tile + int64_t(Copy::first_index()) * pitch_ + Copy::first_k()),
        pitch(pitch_),
        indices(indices_ - Copy::first_index()),
        depth(depth_ - Copy::first_k()) {}
  __device__ void begin() const {}
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    each_line<Copy>(chunks, line, pitch, pass, depth > 0 ? indices : 0);
  }
  __device__ void advance() { line += Copy::kStep, depth -= Copy::kStep; }
};

// A matrix whose lines run along the index: value (index, k) at tile[k * pitch + index].
template <class Copy>
struct DenseOuter {
  static constexpr bool kInPart = false;
  const typename Copy::Value* line;  // at the thread's first index
  int64_t pitch;
  int indices, depth;

  __device__ DenseOuter(const typename Copy::Value* tile, int64_t pitch_, int indices_, int depth_)
      : line(tile + Copy::first_k() * pitch_ + Copy::first_index()),
        pitch(pitch_),
        indices(indices_ - Copy::first_index()),
        depth(depth_ - Copy::first_k()) {}
  __device__ void begin() const {}
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    ALEXNET_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int index = (pass + i) * Copy::kPass;
      chunks[i] = {line + index, index < indices && depth > 0, 0};
    }
  }
  __device__ void advance() { line += Copy::kStep * pitch, depth -= Copy::kStep; }
};

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_LOADER_CUH
