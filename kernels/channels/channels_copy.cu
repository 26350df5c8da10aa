// channels_copy: neighbouring channels from one plane into another; `direct` has one value to a thread, `vector` four.
// Math     y[row, y_first + j] = x[row, x_first + j] for 0 <= j < count
// Shapes   x: [rows,x_channels], y: [rows,y_channels] float32, in `*_bf16` bf16; no aliasing
// Units    none
// Cost     8 bytes per value, in bf16 4, and 0 FLOP: memory-bound. Sectors of 32 bytes that are read or written in part
//          cost whole ones. Predicted at 4.3 TB/s: norm1's plane of 128 images, one tower, 149 MB, 35 us
// Launch   kThreads per block; a thread owns the value, or four values, at one place of the copy. No shared memory
// Valid    validate_channels; `vector` wants counts, firsts and channels that are multiples of 4
// Measured not measured
#include "channels/channels.h"
#include "common/bf16.h"
#include "common/launch.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

int64_t values(const ChannelsShape& s) { return s.rows * s.count; }

bool in_fours(const ChannelsShape& s) {
  return (s.x_channels | s.x_first | s.y_channels | s.y_first | s.count) % 4 == 0;
}

template <class T>
__global__ void channels_copy_direct(ChannelsShape s, const T* x, T* y) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= s.rows * s.count) return;
  const int64_t row = i / s.count, j = i - row * s.count;
  y[row * s.y_channels + s.y_first + j] = x[row * s.x_channels + s.x_first + j];
}

// Four has the bits of four values.
template <class Four, class T>
__global__ void channels_copy_vector(ChannelsShape s, const T* x, T* y) {
  const int64_t i = (int64_t(blockIdx.x) * blockDim.x + threadIdx.x) * 4;
  if (i >= s.rows * s.count) return;
  const int64_t row = i / s.count, j = i - row * s.count;
  const T* const from = x + row * s.x_channels + s.x_first + j;
  *reinterpret_cast<Four*>(y + row * s.y_channels + s.y_first + j) = *reinterpret_cast<const Four*>(from);
}

Status launch_direct(const ChannelsShape& s, const float* x, float* y, Stream stream) {
  return launch(channels_copy_direct<float>, blocks_for(values(s), kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_direct_bf16(const ChannelsShape& s, const float* x, float* y, Stream stream) {
  return launch(channels_copy_direct<Bf16>, blocks_for(values(s), kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y));
}

Status launch_vector(const ChannelsShape& s, const float* x, float* y, Stream stream) {
  return launch(channels_copy_vector<float4, float>, blocks_for(values(s) / 4, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_vector_bf16(const ChannelsShape& s, const float* x, float* y, Stream stream) {
  return launch(channels_copy_vector<ushort4, Bf16>, blocks_for(values(s) / 4, kThreads), kThreads, 0, stream, s,
                as_bf16(x), as_bf16(y));
}

int prefer_vector(const ChannelsShape& s, const Target&) { return in_fours(s) ? 2 : 0; }

}  // namespace

ALEXNET_VARIANT(ChannelsCopy, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT(ChannelsCopy, "vector", prefer_vector, launch_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, ChannelsCopy, "direct_bf16", prefers<1>, launch_direct_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, ChannelsCopy, "vector_bf16", prefer_vector, launch_vector_bf16)

}  // namespace alexnet
