// input_fprop_direct: crop, flip, mean subtraction and colour noise, one thread per output element.
// Math     x[n,h,w,c] = ((images[slot,n,top+h,column,c] - m) + noise[n,c]) * noise[n,3],
//          column = left + (flip ? size - 1 - w : w);
//          m: the mean of the channel, of that stored pixel, or of the centre crop's pixel (h,w)
// Shapes   images: uint8[2,N,source,source,3], crops: int32[N,3] = (top, left, flip), mean: [3] or
//          [source,source,3], noise: [N,4] or null, x: [N,size,size,3] or by blocks, in `direct_bf16` bf16; no aliasing
// Units    grey levels, 0 to 255 before the mean. Paper: sections 2 and 4.1
// Cost     1 byte read and 4, in bf16 2, written per element, a mean per pixel adds 4 read from cache; memory-bound
// Launch   kThreads per block; thread i owns flat element i of x. No shared memory, no workspace
// Valid    validate_input. A crop that leaves the image, or a slot that is none, gives NaN, what lies past the image is
//          0. Same bits on every kind of device
// Measured not yet
#include "common/bf16.h"
#include "common/launch.cuh"
#include "input/input.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void input_fprop_direct(InputShape s, const StepSettings* settings, const uint8_t* images,
                                   const int32_t* crops, const float* mean, const float* noise, T* x) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= s.N * input_x_image(s)) return;
  const int64_t n = i / input_x_image(s), at = i % input_x_image(s);
  const int c = int(at % 3);
  int64_t h, w;
  if (s.block == 0) {
    h = at / 3 / s.size;
    w = at / 3 % s.size;
  } else {
    const int64_t pixel = at / 3 % (s.block * s.block), block = at / 3 / (s.block * s.block);
    h = block / s.blocks * s.block + pixel / s.block;
    w = block % s.blocks * s.block + pixel % s.block;
  }
  const int top = crops[n * 3], left = crops[n * 3 + 1], flip = crops[n * 3 + 2], room = s.source - s.size;
  const int slot = settings->slot;
  if (!is_input_slot(s, slot) || top < 0 || top > room || left < 0 || left > room) {
    x[i] = T(NAN);
    return;
  }
  if (h >= s.size || w >= s.size) {
    x[i] = T(0.f);
    return;
  }
  const int64_t row = top + h, column = left + (flip != 0 ? s.size - 1 - w : w);
  images += slot * input_image_count(s);
  float value = float(images[((n * s.source + row) * s.source + column) * 3 + c]);
  if (s.mean_mode == ALEXNET_MEAN_CHANNEL) {
    value -= mean[c];
  } else if (s.mean_mode == ALEXNET_MEAN_PIXEL) {
    value -= mean[(row * s.source + column) * 3 + c];
  } else {
    value -= mean[((room / 2 + h) * s.source + room / 2 + w) * 3 + c];
  }
  x[i] = T(noise == nullptr ? value : (value + noise[n * kInputNoise + c]) * noise[n * kInputNoise + 3]);
}

Status launch_direct(const InputShape& s, const StepSettings* settings, const uint8_t* images, const int32_t* crops,
                     const float* mean, const float* noise, float* x, Stream stream) {
  return launch(input_fprop_direct<float>, blocks_for(input_x_count(s), kThreads), kThreads, 0, stream, s, settings,
                images, crops, mean, noise, x);
}

Status launch_direct_bf16(const InputShape& s, const StepSettings* settings, const uint8_t* images,
                          const int32_t* crops, const float* mean, const float* noise, float* x, Stream stream) {
  return launch(input_fprop_direct<Bf16>, blocks_for(input_x_count(s), kThreads), kThreads, 0, stream, s, settings,
                images, crops, mean, noise, as_bf16(x));
}

}  // namespace

ALEXNET_VARIANT(InputFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, InputFprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
