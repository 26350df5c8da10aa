// local_gemm: what the matrix products of a locally connected layer share. Its images read the same windows: a product
// has one output position (fprop, wgrad) or one input pixel (dgrad), its images are rows or steps of k, and
// conv_gather.cuh's windows are the only one that each image has.
#ifndef ALEXNET_LOCAL_GEMM_CUH
#define ALEXNET_LOCAL_GEMM_CUH

#include "common/gemm_mma_bf16.cuh"
#include "conv/conv_gather.cuh"
#include "local/local.h"

namespace alexnet {
namespace {

struct LocalProblem {
  ConvShape shape;
  int P, Q;
  int row_tiles;
  Step tap_step;  // of x's taps; in dgrad of dy's
};

// The window of output position (p,q), by which x is gathered.
__device__ inline Windows window_at(const LocalProblem& l, int p, int q) {
  const ConvShape& s = l.shape;
  return {s.H, s.W, s.C, 1, 1, 1, s.pad - p * s.stride, s.pad - q * s.stride, s.R, s.S, s.C, s.C, l.tap_step, {}};
}

// The window on dy of input pixel (h,w), from the last output that covers it up and left: stride 1.
__device__ inline Windows covering_window(const LocalProblem& l, int h, int w) {
  const ConvShape& s = l.shape;
  return {l.P, l.Q, s.K, 1, 1, 1, -(s.pad + h), -(s.pad + w), s.R, s.S, s.K, s.K, l.tap_step, {}};
}

// The images are the rows, the taps go by: as PatchRows, but all images have one window, so that whether a tap is
// inside does not depend on the row.
template <class Copy, int kSign>
struct ImageRows {
  static constexpr bool kInPart = false;
  const Windows& s;
  const typename Copy::Value* window;  // of the thread's first image
  int images;                          // that remain
  unsigned inside;                     // the bits that the window has
  TapWalk walk;
  const typename Copy::Value* tap;  // of the copies that begin
  bool exists;                      // whether the tap is in the image

  __device__ ImageRows(const Windows& windows, const typename Copy::Value* x, int first_image, int count)
      : s(windows), images(count - first_image - Copy::first_index()), walk(windows, Copy::first_k()) {
    const WindowStart at = window_start(s, 0, 1);
    window = x + (at.offset + int64_t(first_image + Copy::first_index()) * (s.H * s.W * s.C));
    inside = bits_of_windows<kSign>(s, at);
  }
  __device__ void begin() {
    tap = opaque(window + (kSign * (walk.r * s.W + walk.run) * s.C + walk.c));
    exists = (bits_of_tap(s, walk.r, walk.run) & ~inside) == 0;
  }
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    each_line<Copy>(chunks, tap, s.H * s.W * s.C, pass, exists ? images : 0);
  }
  __device__ void advance() { walk.advance(s); }
};

// Whether 32-bit offsets reach everything in the images, and a grid's y the positions and pixels.
inline bool local_gemm_fits(const ConvShape& s, int depth) {
  return gemm_fits(s, depth) && int64_t(conv_P(s)) * conv_Q(s) <= 65535 && int64_t(s.H) * s.W <= 65535;
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_LOCAL_GEMM_CUH
