// conv_gather: a convolution's operands as matrices, read in place (implicit GEMM).
//
// The patch matrix has a row for each pixel of the result and a column for each tap: a filter position and a channel.
// Row `pixel`, column `tap` is the image's value at (h0 + r, w0 + s, c), where (h0, w0) is the pixel's window and
// (r, s, c) the tap; outside the image it is zero, and multiplied as such: a NaN or an infinity in the other operand
// makes NaN of it, where `direct` leaves the product out. Along c the values are contiguous.
//
// Runs: taps are counted run after run, a run being a stretch that is contiguous in the image: the channels of one
// filter position, or, where there is no padding at the left, all S * C values of one filter row. Runs are padded to
// whole chunks, so that a chunk never crosses runs.
#ifndef ALEXNET_CONV_GATHER_CUH
#define ALEXNET_CONV_GATHER_CUH

#include "common/gemm_loader.cuh"
#include "conv/conv.h"

namespace alexnet {
namespace {

// The image that is gathered from, and the windows on it.
struct Windows {
  int H, W, C;  // of the image [N,H,W,C]
  int P, Q;     // windows of an image; window (p,q) begins at (p * stride - pad_h, q * stride - pad_w)
  int stride, pad_h, pad_w;
  int R, S;            // runs down and across a window
  int length, padded;  // floats of a run, and rounded up to whole chunks
};

// Where something is in the image: x floats on, row y, column z. What a tile keeps of each of its pixels (where the
// window begins) or of its taps (where they are in a window) lies in shared memory as one of these,
// four words that the stages' floats are followed by.
using Place = int4;
constexpr int kOutside = -(1 << 30);  // a row that no tap brings back into an image

__device__ inline Place window_place(const Windows& s, int pixel, int pixels) {
  if (pixel >= pixels) return make_int4(0, kOutside, 0, 0);
  const int q = pixel % s.Q, p = pixel / s.Q % s.P, n = pixel / s.Q / s.P;
  const int h = p * s.stride - s.pad_h, w = q * s.stride - s.pad_w;
  return make_int4(((n * s.H + h) * s.W + w) * s.C, h, w, 0);
}

__device__ inline Place tap_place(const Windows& s, int tap) {
  const int run = tap / s.length;
  if (run >= s.R * s.S) return make_int4(0, kOutside, 0, 0);
  const int r = run / s.S, column = run % s.S;
  return make_int4((r * s.W + column) * s.C + tap % s.length, r, column, 0);
}

// The pixels stay, the taps go by: down and right from where a window begins (fprop, kSign 1), or up and left (dgrad,
// kSign -1). The places of the tile's windows are in shared memory.
template <int kSign, bool kRunsCrossColumns>
struct PatchRows {
  static constexpr bool kInPart = kRunsCrossColumns;
  const Windows& s;
  SharedPtr<const float> places;  // [kRows][4]
  const float* image;             // first channel of the group
  const float* tap;               // where the tap is if the window begins at `image`
  int r, run, c;                  // the tap: row, run in the row, value in the run

  __device__ PatchRows(const Windows& windows, SharedPtr<const float> windows_of_tile, const float* first, int k)
      : s(windows), places(windows_of_tile), image(first), tap(first + k), r(0), run(0), c(k) {
    enter_run();
  }
  __device__ Chunk at(int index) const {
    const Place window = shared_load<Place>(places + index * 4);
    const int h = window.y + kSign * r, w = window.z + kSign * run;
    const bool inside = unsigned(h) < unsigned(s.H) && unsigned(w) < unsigned(s.W);
    const int length = kRunsCrossColumns ? min(s.length, (s.W - w) * s.C) : s.length;
    return {tap + window.x, inside ? length - c : 0};
  }
  __device__ void advance() {
    c += kDepth, tap += kDepth;
    enter_run();
  }

 private:
  // c may have left its run. Behind the last run it stays beyond any length.
  __device__ void enter_run() {
    if (c < s.padded) return;
    while (c >= s.padded && r < s.R) {
      c -= s.padded;
      if (++run == s.S) run = 0, ++r;
    }
    if (r == s.R) c = s.padded;
    tap = image + kSign * (r * s.W + run) * s.C + c;
  }
};

// A filter's rows when runs are padded: value (filter, k) with k counted in padded runs.
struct FilterRuns {
  static constexpr bool kInPart = true;
  const Windows& s;
  const float* filters;  // the tile's first
  int count, run, c;     // filters that remain; the tap

  __device__ FilterRuns(const Windows& windows, const float* first, int filters_left, int k)
      : s(windows), filters(first), count(filters_left), run(0), c(k) {
    enter_run();
  }
  __device__ Chunk at(int index) const {
    const int runs = s.R * s.S;
    const bool exists = index < count && run < runs;
    return {filters + (index * runs + run) * s.length + c, exists ? s.length - c : 0};
  }
  __device__ void advance() {
    c += kDepth;
    enter_run();
  }

 private:
  __device__ void enter_run() {
    for (; c >= s.padded; ++run) c -= s.padded;
  }
};

// The taps stay, the pixels go by (wgrad). The places of the tile's taps are in shared memory, one for each chunk.
template <int kVector>
struct PatchColumns {
  static constexpr bool kInPart = false;
  const Windows& s;
  SharedPtr<const float> places;  // [kRows / kVector][4]
  const float* image;             // first channel of the group
  const float* window;            // of the pixel
  int n, p, q, h, w, depth;       // the pixel, where its window begins, and how many pixels remain

  __device__ PatchColumns(const Windows& windows, SharedPtr<const float> taps, const float* first, int first_pixel,
                          int pixels, int k)
      : s(windows), places(taps), image(first), depth(pixels - k) {
    const int pixel = first_pixel + k;
    q = pixel % s.Q, p = pixel / s.Q % s.P, n = pixel / s.Q / s.P;
    enter_window();
  }
  __device__ Chunk at(int index) const {
    const Place tap = shared_load<Place>(places + index / kVector * 4);
    const bool inside = unsigned(h + tap.y) < unsigned(s.H) && unsigned(w + tap.z) < unsigned(s.W);
    return {window + tap.x, inside && depth > 0 ? kVector : 0};
  }
  __device__ void advance() {
    depth -= kDepth, q += kDepth;
    for (; q >= s.Q; ++p) q -= s.Q;
    for (; p >= s.P; ++n) p -= s.P;
    enter_window();
  }

 private:
  __device__ void enter_window() {
    h = p * s.stride - s.pad_h, w = q * s.stride - s.pad_w;
    window = image + ((n * s.H + h) * s.W + w) * s.C;
  }
};

// fprop's and wgrad's windows on x.
inline Windows windows_of(const ConvShape& s) {
  const int length = s.C / s.G;
  return {s.H, s.W, s.C, conv_P(s), conv_Q(s), s.stride, s.pad, s.pad, s.R, s.S, length, length};
}

// Whether 32-bit offsets reach everything that the kernels address. 2^30 floats are 6480 images of conv1.
inline bool gemm_fits(const ConvShape& s) {
  const int64_t limit = int64_t(1) << 30;
  const int64_t beyond = s.pad + (s.R > s.S ? s.R : s.S);  // that a window may lie outside its image
  const int64_t N = s.N + kDepth;                          // a stage of wgrad may reach past the last image
  return N * (s.H + beyond) * (s.W + beyond) * s.C < limit && conv_y_count(s) < limit &&
         N * (conv_P(s) + beyond) * (conv_Q(s) + beyond) * s.K < limit &&
         int64_t(s.R) * s.S * (s.C / s.G + 3) < limit && conv_w_count(s) < limit && s.G <= 65535;
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_CONV_GATHER_CUH
