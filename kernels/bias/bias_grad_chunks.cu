// bias_grad_chunks: column sums of a gradient in two stages, chunks of rows first.
// Math     partial[i,k] = sum over the rows of chunk i of dy[row,k]; db[k] = sum over i of partial[i,k]
// Shapes   dy: [rows,K], in `chunks_bf16` bf16, partial: [chunks,K] in the workspace, db: [K]; float32, no aliasing
// Units    none
// Cost     4 bytes, in bf16 2, and 1 FLOP per element of dy: memory-bound. Predicted at 4.3 TB/s: conv1 of 128 images,
//          one tower, 74 MB, 17 us, and a second launch
// Launch   kColumns x kLanes threads per block; block (x,y) owns columns kColumns*x on and chunk y, thread (i,j) the
//          rows j, j + kLanes, ... of column i. The second stage is the same kernel over partial, in one chunk
// Valid    validate_bias, at least 4096 rows. A lane's rows ascend, then the lanes, then the chunks the same way;
//          chunks depend on the shape alone: bit-reproducible
// Measured on an H200, 128 images, one tower, and share of the roofline: conv1 27 us 70 %, conv2 18 us 67 %, conv3 11
//          us 38 % (docs/measurements/gpu.md)
#include <algorithm>

#include "bias/bias.h"
#include "common/bf16.h"
#include "common/launch.cuh"

namespace alexnet {
namespace {

constexpr int kColumns = 32, kLanes = 8;
constexpr int64_t kWantedBlocks = 1056;  // eight for each of an H200's 132 multiprocessors
constexpr int64_t kLeastRows = 64;       // of a chunk: eight for each lane
constexpr int64_t kFewRows = 4096;

template <class T>
__global__ void bias_grad_chunks(int64_t rows, int K, int64_t rows_per_chunk, const T* from, float* to) {
  __shared__ SharedArray<float, kLanes, kColumns> sums;
  const int64_t k = int64_t(blockIdx.x) * kColumns + threadIdx.x;
  const int64_t first = int64_t(blockIdx.y) * rows_per_chunk, end = min(first + rows_per_chunk, rows);
  float sum = 0.f;
  if (k < K) {
    for (int64_t row = first + threadIdx.y; row < end; row += kLanes) sum += float(from[row * K + k]);
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();  // the lanes' sums before the first lane adds them
  if (threadIdx.y != 0 || k >= K) return;
  for (int lane = 1; lane < kLanes; ++lane) sum += sums[lane][threadIdx.x];
  to[int64_t(blockIdx.y) * K + k] = sum;
}

int64_t rows_per_chunk(const BiasShape& s) {
  const int64_t tiles = (s.K + kColumns - 1) / kColumns;
  const int64_t chunks = std::max<int64_t>(1, kWantedBlocks / tiles);
  return std::max(kLeastRows, (s.rows + chunks - 1) / chunks);
}

int64_t chunks_of(const BiasShape& s) { return (s.rows + rows_per_chunk(s) - 1) / rows_per_chunk(s); }

// Few rows are added up by one launch of K threads before a second launch has begun.
int prefer_chunks(const BiasShape& s, const Target&) { return s.rows >= kFewRows ? 2 : 0; }

int64_t workspace_chunks(const BiasShape& s) { return chunks_of(s) * s.K * int64_t(sizeof(float)); }

template <class T>
Status in_chunks(const BiasShape& s, const T* dy, float* db, Stream stream) {
  const int64_t chunks = chunks_of(s);
  const dim3 threads(kColumns, kLanes);
  const unsigned tiles = blocks_for(s.K, kColumns);
  float* const partial = static_cast<float*>(stream.workspace);
  ALEXNET_TRY(launch(bias_grad_chunks<T>, dim3(tiles, unsigned(chunks)), threads, 0, stream, s.rows, s.K,
                     rows_per_chunk(s), dy, partial));
  return launch(bias_grad_chunks<float>, dim3(tiles), threads, 0, stream, chunks, s.K, chunks, partial, db);
}

Status launch_chunks(const BiasShape& s, const float* dy, float* db, Stream stream) {
  return in_chunks(s, dy, db, stream);
}

Status launch_chunks_bf16(const BiasShape& s, const float* dy, float* db, Stream stream) {
  return in_chunks(s, as_bf16(dy), db, stream);
}

}  // namespace

ALEXNET_VARIANT_WORKSPACE(BiasGrad, "chunks", prefer_chunks, workspace_chunks, launch_chunks)
ALEXNET_VARIANT_PREPARED(BiasGrad, "chunks_bf16", prefer_chunks, workspace_chunks, launch_chunks_bf16, Precision::kBf16,
                         nullptr, 0)

}  // namespace alexnet
