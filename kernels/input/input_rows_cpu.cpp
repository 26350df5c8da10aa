// input rows: crop, flip, mean, noise and its factor on the CPU, one row of the crop at a time.
// Math     input.h.
// Shapes   images uint8[2,N,source,source,3]; x[N,size,size,3], in `rows_bf16` bf16; one row of size*3 floats is
//          converted, flipped pixel by pixel if asked, and leaves in vectors; by blocks it is cut into pieces
//          afterwards.
// Cost     1 byte read and 4, in bf16 2, written per value; bound by memory.
// Launch   threads divide the images.
// Valid    any shape. One difference, one sum and one product, each rounded: the same bits as every other variant.
// Measured one Zen 2 core: 2.3 ms for 32 images of 224 x 224, half of them flipped, 10 GB/s.
#include <algorithm>
#include <limits>

#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"
#include "input.h"

namespace alexnet {
namespace {

// to[i] = from[i] of `count` bytes.
void convert(const uint8_t* from, int64_t count, float* to) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + i));
    _mm256_storeu_ps(to + i, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
  }
  for (; i < count; ++i) to[i] = float(from[i]);
}

// to = the pixels of from in reverse order. A pixel moves as four floats, of which the last is overwritten by the next
// pixel's; both rows have one float to spare.
void reverse_pixels(const float* from, int64_t pixels, float* to) {
  for (int64_t w = 0; w < pixels; ++w) _mm_storeu_ps(to + 3 * w, _mm_loadu_ps(from + 3 * (pixels - 1 - w)));
}

struct Row {
  const float* mean;   // the row's means in the order of x
  const float* noise;  // the image's noise, repeated along the row, or null
  float factor;        // of the image, with noise
};

template <class T>
void subtract(const float* pixels, const Row& row, int64_t count, T* x) {
  const __m256 factor = _mm256_set1_ps(row.factor);
  for_lanes(0, count, [&](auto lanes, int64_t i) {
    __m256 v = _mm256_sub_ps(lanes.load(pixels + i), lanes.load(row.mean + i));
    if (row.noise != nullptr) v = _mm256_mul_ps(_mm256_add_ps(v, lanes.load(row.noise + i)), factor);
    lanes.store(x + i, v);
  });
}

void repeat(const float* pixel, int64_t count, float* row) {
  for (int64_t i = 0; i < count; ++i) row[i] = pixel[i % 3];
}

// Row h of an image, size*3 values, into its places in x by blocks.
template <class T>
void put_row(const InputShape& s, int64_t h, const T* row, T* x) {
  const int64_t piece = int64_t(s.block) * 3, count = int64_t(s.size) * 3;
  x += (h / s.block * s.blocks * s.block + h % s.block) * piece;
  for (int64_t at = 0; at < count; at += piece, x += piece * s.block) {
    std::copy_n(row + at, std::min(piece, count - at), x);
  }
}

template <class T>
void fprop_image(const InputShape& s, const uint8_t* image, const int32_t* crop, const float* mean, const float* noise,
                 T* x) {
  const int64_t count = int64_t(s.size) * 3, room = s.source - s.size;
  const int64_t top = crop[0], left = crop[1];
  const bool flip = crop[2] != 0;
  if (top < 0 || top > room || left < 0 || left > room) {
    std::fill_n(x, input_x_image(s), T(std::numeric_limits<float>::quiet_NaN()));
    return;
  }
  const int64_t slack = count + 4;
  float* pixels = scratch(1, 5 * slack);
  float *flipped = pixels + slack, *mean_row = flipped + slack, *noise_row = mean_row + slack;
  T* const whole_row = reinterpret_cast<T*>(noise_row + slack);
  if (s.block != 0) std::fill_n(x, input_x_image(s), T(0.f));
  if (s.mean_mode == ALEXNET_MEAN_CHANNEL) repeat(mean, count, mean_row);
  if (noise != nullptr) repeat(noise, count, noise_row);
  for (int64_t h = 0; h < s.size; ++h) {
    const int64_t at = ((top + h) * s.source + left) * 3;
    convert(image + at, count, pixels);
    if (flip) reverse_pixels(pixels, s.size, flipped);
    Row row{mean_row, noise != nullptr ? noise_row : nullptr, noise != nullptr ? noise[3] : 1.f};
    if (s.mean_mode == ALEXNET_MEAN_PIXEL_CENTRE) {
      row.mean = mean + ((room / 2 + h) * s.source + room / 2) * 3;
    } else if (s.mean_mode == ALEXNET_MEAN_PIXEL) {
      row.mean = mean + at;
      if (flip) {
        std::copy_n(mean + at, count, pixels);
        reverse_pixels(pixels, s.size, mean_row);
        row.mean = mean_row;
      }
    }
    T* const to = s.block == 0 ? x + h * count : whole_row;
    subtract(flip ? flipped : pixels, row, count, to);
    if (s.block != 0) put_row(s, h, to, x);
  }
}

template <class T>
void fprop(const InputShape& s, const StepSettings* settings, const uint8_t* images, const int32_t* crops,
           const float* mean, const float* noise, T* x, Stream stream) {
  const int64_t image = input_image_count(s) / s.N, x_image = input_x_image(s);
  if (!is_input_slot(s, settings->slot)) {
    std::fill_n(x, input_x_count(s), T(std::numeric_limits<float>::quiet_NaN()));
    return;
  }
  images += settings->slot * input_image_count(s);
  parallel_for(stream.cores, s.N, 1, [&](int64_t first, int64_t last) {
    for (int64_t n = first; n < last; ++n) {
      fprop_image(s, images + n * image, crops + 3 * n, mean, noise != nullptr ? noise + kInputNoise * n : nullptr,
                  x + n * x_image);
    }
  });
}

Status launch_fprop_rows(const InputShape& s, const StepSettings* settings, const uint8_t* images, const int32_t* crops,
                         const float* mean, const float* noise, float* x, Stream stream) {
  fprop(s, settings, images, crops, mean, noise, x, stream);
  return {};
}

Status launch_fprop_bf16(const InputShape& s, const StepSettings* settings, const uint8_t* images, const int32_t* crops,
                         const float* mean, const float* noise, float* x, Stream stream) {
  fprop(s, settings, images, crops, mean, noise, as_bf16(x), stream);
  return {};
}

}  // namespace

ALEXNET_VARIANT(InputFprop, "rows", prefers<2>, launch_fprop_rows)
ALEXNET_VARIANT_OF(Precision::kBf16, InputFprop, "rows_bf16", prefers<2>, launch_fprop_bf16)

}  // namespace alexnet
