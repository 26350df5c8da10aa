// input_fprop_vector: crop, flip, mean subtraction and colour noise, four values of x to a thread.
// Math     x[n,h,w,c] = ((images[slot,n,top+h,column,c] - m) + noise[n,c]) * noise[n,3],
//          column = left + (flip ? size - 1 - w : w);
//          m: the mean of the channel, of that stored pixel, or of the centre crop's pixel (h,w)
// Shapes   images: uint8[2,N,source,source,3], crops: int32[N,3] = (top, left, flip), mean: [3] or
//          [source,source,3], noise: [N,4] or null, x: [N,size,size,3] or by blocks; no aliasing
// Units    grey levels, 0 to 255 before the mean. Paper: sections 2 and 4.1
// Cost     1 byte read and 4 written per value, a mean per pixel adds 4 read from cache; memory-bound. Predicted at
//          4.3 TB/s: 128 images of 224 x 224, 96 MB, 22 us; by blocks of 4, 100 MB, 23 us
// Launch   kThreads per block; blockIdx.y is the image, thread i of its row of blocks owns values 4i to 4i + 3 of the
//          image's x: one 16-byte store. They are of two neighbouring pixels, whose 6 bytes come in 2 or 3 words. No
//          shared memory, no workspace
// Valid    validate_input, size and block divisible by 4, source by 2. A crop that leaves the image gives NaN, what
//          lies past the image is 0. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "input/input.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;
constexpr int kMostImages = 65535;  // blocks of a grid in y; more images are taken in turns

// Row h of the crop and the first of four values in it; no row if they lie past the image.
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
  return {h, value, h < s.size && value < s.size * 3};
}

// The six bytes from `first` on, as words; first + 6 may end at a word that only partly belongs to them.
__device__ __forceinline__ uint2 six_bytes(const uint8_t* images, int64_t first) {
  const auto* words = reinterpret_cast<const unsigned*>(images + first / 4 * 4);
  const int shift = int(first % 4) * 8;
  const unsigned a = __ldg(words), b = __ldg(words + 1), c = shift == 24 ? __ldg(words + 2) : 0;
  return uint2{__funnelshift_r(a, b, shift), __funnelshift_r(b, c, shift)};
}

__device__ __forceinline__ float4 four_values(const InputShape& s, const Place& at, int n, const int32_t* crop,
                                              const uint8_t* images, const float* mean, const float* noise) {
  const int room = s.source - s.size, w = at.value / 3, c = at.value % 3;
  const bool flip = crop[2] != 0;
  const int64_t row = (crop[0] + at.h) * int64_t(s.source) + crop[1];
  const int64_t first = (row + (flip ? s.size - 2 - w : w)) * 3;  // of the two pixels' values
  const uint2 bytes = six_bytes(images, int64_t(n) * s.source * s.source * 3 + first);
  // Which of the six each value is, a hexadecimal digit each, the first one lowest.
  const unsigned which = flip ? (c == 0 ? 0x0543u : c == 1 ? 0x1054u : 0x2105u) : 0x3210u + 0x1111u * unsigned(c);
  const unsigned picked = __byte_perm(bytes.x, bytes.y, which);
  const float* const centre = mean + ((room / 2 + at.h) * int64_t(s.source) + room / 2) * 3 + at.value;
  float x[4];
  for (int i = 0; i < 4; ++i) {
    const int channel = (c + i) % 3;
    const float m = s.mean_mode == ALEXNET_MEAN_CHANNEL ? __ldg(mean + channel)
                    : s.mean_mode == ALEXNET_MEAN_PIXEL ? __ldg(mean + first + (which >> 4 * i & 0xf))
                                                        : __ldg(centre + i);
    x[i] = float(picked >> 8 * i & 0xff) - m;
    if (noise != nullptr) x[i] = (x[i] + __ldg(noise + n * kInputNoise + channel)) * __ldg(noise + n * kInputNoise + 3);
  }
  return float4{x[0], x[1], x[2], x[3]};
}

__global__ void input_fprop_vector(InputShape s, const StepSettings* settings, const uint8_t* images,
                                   const int32_t* crops, const float* mean, const float* noise, float* x) {
  const int four = int(blockIdx.x * blockDim.x + threadIdx.x), fours = int(input_x_image(s) / 4);
  if (four >= fours) return;
  const Place at = place_of(s, four);
  const int room = s.source - s.size;
  images += settings->slot * input_image_count(s);
  for (int n = int(blockIdx.y); n < s.N; n += int(gridDim.y)) {
    const int32_t* const crop = crops + n * int64_t(3);
    float4 values = {0.f, 0.f, 0.f, 0.f};
    if (crop[0] < 0 || crop[0] > room || crop[1] < 0 || crop[1] > room) {
      values = float4{NAN, NAN, NAN, NAN};
    } else if (at.inside) {
      values = four_values(s, at, n, crop, images, mean, noise);
    }
    reinterpret_cast<float4*>(x)[n * int64_t(fours) + four] = values;
  }
}

int prefer_vector(const InputShape& s) {
  return s.size % 4 == 0 && s.block % 4 == 0 && s.source % 2 == 0 && input_x_image(s) < 1 << 30 ? 2 : 0;
}

Status launch_vector(const InputShape& s, const StepSettings* settings, const uint8_t* images, const int32_t* crops,
                     const float* mean, const float* noise, float* x, Stream stream) {
  const dim3 blocks(blocks_for(input_x_image(s) / 4, kThreads), unsigned(min(s.N, kMostImages)));
  return launch(input_fprop_vector, blocks, kThreads, 0, stream, s, settings, images, crops, mean, noise, x);
}

}  // namespace

ALEXNET_VARIANT(InputFprop, "vector", prefer_vector, launch_vector)

}  // namespace alexnet
