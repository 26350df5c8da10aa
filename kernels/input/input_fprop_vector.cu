// input_fprop_vector: crop, flip, mean subtraction and colour noise, four values of x to a thread.
// Math     x[n,h,w,c] = ((images[slot,n,top+h,column,c] - m) + noise[n,c]) * noise[n,3],
//          column = left + (flip ? size - 1 - w : w);
//          m: the mean of the channel, of that stored pixel, or of the centre crop's pixel (h,w)
// Shapes   images: uint8[2,N,source,source,3], crops: int32[N,3] = (top, left, flip), mean: [3] or
//          [source,source,3], noise: [N,4] or null, x: [N,size,size,3] or by blocks, in `vector_bf16` bf16; no aliasing
// Units    grey levels, 0 to 255 before the mean. Paper: sections 2 and 4.1
// Cost     1 byte read and 4, in bf16 2, written per value, a mean per pixel adds 4 read from cache; memory-bound.
//          Predicted at 4.3 TB/s: 128 images of 224 x 224, 96 MB, 22 us; by blocks of 4, 100 MB, 23 us
// Launch   kThreads per block; blockIdx.y is kImages images, thread i of its row of blocks owns values 4i to 4i + 3 of
//          each image's x: stores of 16 bytes, of bf16 8. They are of two neighbouring pixels, whose 6 bytes come in 2
//          or 3 words. No shared memory, no workspace
// Valid    validate_input, size and block divisible by 4, source by 2. A crop that leaves the image, or a slot that
//          is none, gives NaN, what lies past the image is 0. Same bits on every kind of device
// Measured on an H200, 128 images, one tower, and share of the roofline: paper 44 us 61 %, paper-depth 52 us 53 %
//          (docs/measurements/gpu.md)
#include "common/map.cuh"
#include "input/input.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;
constexpr int kImages = 4;          // of a thread at once, whose loads are on their way together
constexpr int kMostBlocks = 65535;  // of a grid in y; more images are taken in turns

// Row h of the crop and the first of four values in it; if they lie past the image, not inside, the image's first.
struct Place {
  int h, value;
  bool inside;
};

__device__ __forceinline__ Place place_of(const InputShape& s, int four) {
  if (s.block == 0) {
    const int fours = s.size * 3 / 4;
    return {four / fours, four % fours * 4, true};
  }
  const int row_fours = s.block * 3 / 4, block_fours = row_fours * s.block;  // of one row in a block, of a block
  const int block = four / block_fours, row = four % block_fours / row_fours;
  const int h = block / s.blocks * s.block + row;
  const int value = block % s.blocks * s.block * 3 + four % row_fours * 4;
  const bool inside = h < s.size && value < s.size * 3;
  return {inside ? h : 0, inside ? value : 0, inside};
}

// The six bytes from `first` on, as words; first + 6 may end at a word that only partly belongs to them.
__device__ __forceinline__ uint2 six_bytes(const uint8_t* images, int64_t first) {
  const auto* words = reinterpret_cast<const unsigned*>(images + first / 4 * 4);
  const int shift = int(first % 4) * 8;
  const unsigned a = __ldg(words), b = __ldg(words + 1), c = shift == 24 ? __ldg(words + 2) : 0;
  return uint2{__funnelshift_r(a, b, shift), __funnelshift_r(b, c, shift)};
}

// Where an image's crop is; one that leaves the image is taken from its corner, and gives NaN, as all do without a
// slot.
struct Crop {
  int top, left;
  bool flip, leaves;
};

__device__ __forceinline__ Crop crop_of(const InputShape& s, const int32_t* crops, int n, bool no_slot) {
  const int room = s.source - s.size, top = __ldg(crops + 3 * int64_t(n)), left = __ldg(crops + 3 * int64_t(n) + 1);
  const bool leaves = top < 0 || top > room || left < 0 || left > room;
  return {leaves ? 0 : top, leaves ? 0 : left, __ldg(crops + 3 * int64_t(n) + 2) != 0, leaves || no_slot};
}

// The means of the thread's values where they are the same for every image.
template <int kMean>
__device__ __forceinline__ float4 common_means(const InputShape& s, const Place& at, const float* mean) {
  if constexpr (kMean == ALEXNET_MEAN_PIXEL) return float4{};
  const int room = s.source - s.size, c = at.value % 3;
  const float* const centre = mean + ((room / 2 + at.h) * int64_t(s.source) + room / 2) * 3 + at.value;
  float m[4];
  for (int i = 0; i < 4; ++i) m[i] = kMean == ALEXNET_MEAN_CHANNEL ? __ldg(mean + (c + i) % 3) : __ldg(centre + i);
  return float4{m[0], m[1], m[2], m[3]};
}

// Without a branch, so that the loads of several images are on their way together.
template <int kMean, bool kNoise>
__device__ __forceinline__ float4 four_values(const InputShape& s, const Place& at, int n, const Crop& crop,
                                              const uint8_t* images, const float* mean, const float4& means,
                                              const float* noise) {
  const int w = at.value / 3, c = at.value % 3;
  const int64_t row = (crop.top + at.h) * int64_t(s.source) + crop.left;
  const int64_t first = (row + (crop.flip ? s.size - 2 - w : w)) * 3;  // of the two pixels' values
  const uint2 bytes = six_bytes(images, int64_t(n) * s.source * s.source * 3 + first);
  // Which of the six each value is, a hexadecimal digit each, the first one lowest.
  const unsigned which = crop.flip ? (c == 0 ? 0x0543u : c == 1 ? 0x1054u : 0x2105u) : 0x3210u + 0x1111u * unsigned(c);
  const unsigned picked = __byte_perm(bytes.x, bytes.y, which);
  float x[4], m[4] = {means.x, means.y, means.z, means.w};
  for (int i = 0; i < 4; ++i) {
    if constexpr (kMean == ALEXNET_MEAN_PIXEL) m[i] = __ldg(mean + first + (which >> 4 * i & 0xf));
    x[i] = float(picked >> 8 * i & 0xff) - m[i];
    if constexpr (kNoise) {
      x[i] = (x[i] + __ldg(noise + n * kInputNoise + (c + i) % 3)) * __ldg(noise + n * kInputNoise + 3);
    }
    if (!at.inside) x[i] = 0.f;
    if (crop.leaves) x[i] = NAN;
  }
  return float4{x[0], x[1], x[2], x[3]};
}

template <int kMean, bool kNoise, class T>
__global__ void input_fprop_vector(InputShape s, const StepSettings* settings, const uint8_t* images,
                                   const int32_t* crops, const float* mean, const float* noise, T* x) {
  const int four = int(blockIdx.x * blockDim.x + threadIdx.x), fours = int(input_x_image(s) / 4);
  if (four >= fours) return;
  const Place at = place_of(s, four);
  const float4 means = common_means<kMean>(s, at, mean);
  const int slot = settings->slot;
  const bool no_slot = !is_input_slot(s, slot);
  images += (no_slot ? 0 : slot) * input_image_count(s);
  for (int first = int(blockIdx.y) * kImages; first < s.N; first += int(gridDim.y) * kImages) {
    Crop crop[kImages];
    ALEXNET_UNROLL
    for (int i = 0; i < kImages; ++i) crop[i] = crop_of(s, crops, min(first + i, s.N - 1), no_slot);
    float4 values[kImages];
    ALEXNET_UNROLL
    for (int i = 0; i < kImages; ++i) {
      values[i] = four_values<kMean, kNoise>(s, at, min(first + i, s.N - 1), crop[i], images, mean, means, noise);
    }
    ALEXNET_UNROLL
    for (int i = 0; i < kImages; ++i) {
      if (first + i < s.N) store_four(x + ((first + i) * int64_t(fours) + four) * 4, values[i]);
    }
  }
}

int prefer_vector(const InputShape& s, const Target&) {
  return s.size % 4 == 0 && s.block % 4 == 0 && s.source % 2 == 0 && input_x_image(s) < 1 << 30 ? 2 : 0;
}

template <int kMean, class T>
auto kernel_for(const float* noise) {
  return noise != nullptr ? input_fprop_vector<kMean, true, T> : input_fprop_vector<kMean, false, T>;
}

template <class T>
Status in_vectors(const InputShape& s, const StepSettings* settings, const uint8_t* images, const int32_t* crops,
                  const float* mean, const float* noise, T* x, Stream stream) {
  const dim3 blocks(blocks_for(input_x_image(s) / 4, kThreads), unsigned(min(ceil_div(s.N, kImages), kMostBlocks)));
  const auto kernel = s.mean_mode == ALEXNET_MEAN_CHANNEL ? kernel_for<ALEXNET_MEAN_CHANNEL, T>(noise)
                      : s.mean_mode == ALEXNET_MEAN_PIXEL ? kernel_for<ALEXNET_MEAN_PIXEL, T>(noise)
                                                          : kernel_for<ALEXNET_MEAN_PIXEL_CENTRE, T>(noise);
  return launch(kernel, blocks, kThreads, 0, stream, s, settings, images, crops, mean, noise, x);
}

Status launch_vector(const InputShape& s, const StepSettings* settings, const uint8_t* images, const int32_t* crops,
                     const float* mean, const float* noise, float* x, Stream stream) {
  return in_vectors(s, settings, images, crops, mean, noise, x, stream);
}

Status launch_vector_bf16(const InputShape& s, const StepSettings* settings, const uint8_t* images,
                          const int32_t* crops, const float* mean, const float* noise, float* x, Stream stream) {
  return in_vectors(s, settings, images, crops, mean, noise, as_bf16(x), stream);
}

}  // namespace

ALEXNET_VARIANT(InputFprop, "vector", prefer_vector, launch_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, InputFprop, "vector_bf16", prefer_vector, launch_vector_bf16)

}  // namespace alexnet
