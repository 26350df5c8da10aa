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

// A stage's steps of k in a mixed radix: as many of the innermost digit, of the middle and of the outermost one. What
// walks along k adds them and carries, which takes no loop.
struct Step {
  int inner, middle, outer;
};
__host__ __device__ inline Step step_of(int inner, int middle, int depth = kDepth) {
  return {depth % inner, depth / inner % middle, depth / inner / middle};
}

// The image that is gathered from, and the windows on it.
struct Windows {
  int H, W, C;  // of the image [N,H,W,C]
  int P, Q;     // windows of an image; window (p,q) begins at (p * stride - pad_h, q * stride - pad_w)
  int stride, pad_h, pad_w;
  int R, S;            // runs down and across a window
  int length, padded;  // values of a run, and rounded up to whole chunks
  Step tap_step;       // value in the run, run in the row, row
  struct {
    int w, h, offset;                 // by which a stage's pixels move a window
    int w_end, w_back, offset_row;    // behind the last window of a row: from there back, and on to the next row
    int h_end, h_back, offset_image;  // behind the last row
  } pixels;
};

// Which rows and columns of a window lie in the image: bit r for row r, bit 16 + s for column s. A tap needs one of
// each; those that nobody has are needed by what does not exist.
constexpr int kMostRows = 15, kMostColumns = 16;
__host__ __device__ inline unsigned bits_up_to(int end) { return (1u << max(0, min(end, 16))) - 1; }
__host__ __device__ inline unsigned bits_of_tap(const Windows& s, int r, int run) {
  return 1u << min(r, s.R) | 0x10000u << run;
}
// Those that a window has at most.
__host__ __device__ inline unsigned bits_of_filter(const Windows& s) { return bits_up_to(s.R) | 0xFFFF0000u; }
// Of the window that begins at (h,w) and goes down and right; rows beyond the filter's too.
__device__ inline unsigned bits_of_window(const Windows& s, int h, int w) {
  return (bits_up_to(s.H - h) & ~bits_up_to(-h)) | (bits_up_to(s.W - w) & ~bits_up_to(-w)) << 16;
}
// Of the one that goes up and left.
__device__ inline unsigned bits_of_window_up(const Windows& s, int h, int w) {
  return (bits_up_to(h + 1) & ~bits_up_to(h + 1 - s.H)) | (bits_up_to(w + 1) & ~bits_up_to(w + 1 - s.W)) << 16;
}

// Where something is in the image: x values on; and its bits. What a tile keeps of each of its pixels (where the window
// begins) or of its taps (where they are in a window) lies in shared memory as one of these, two words that the stages'
// floats are followed by; a thread's lie side by side, and come in pairs.
using Place = int2;

template <class Copy>
struct PlaceTable {
  static constexpr int kCount = Copy::kExtent / Copy::kAcross, kFirsts = Copy::kPass / Copy::kAcross;
  static constexpr int kPitch = 2 * (Copy::kPasses + 2);  // a thread's, and four words that put them into other banks
  static constexpr int kFloats = kFirsts * kPitch;

  // place(i): of the tile's i-th chunk along the index.
  template <class Make>
  __device__ static void fill(SharedPtr<float> table, Make&& place) {
    for (int i = int(threadIdx.x); i < kCount; i += int(blockDim.x)) {
      shared_store(table + (i % kFirsts * kPitch + i / kFirsts * 2), place(i));
    }
  }
  __device__ static SharedPtr<const float> of_thread(SharedPtr<float> table) {
    return table + Copy::first_index() / Copy::kAcross * kPitch;
  }
  // call(i, offset, bits) for each of kChunks passes.
  template <int kChunks, class Call>
  __device__ static __forceinline__ void visit(SharedPtr<const float> of_thread, int pass, Call&& call) {
    static_assert(kChunks % 2 == 0, "places come in pairs");
    ALEXNET_UNROLL
    for (int i = 0; i < kChunks; i += 2) {
      const int4 two = shared_load<int4>(of_thread + 2 * (pass + i));
      call(i, two.x, unsigned(two.y));
      call(i + 1, two.z, unsigned(two.w));
    }
  }
};

// Behind the last pixel it is the last one again: its sums are not stored.
struct WindowStart {
  int offset, h, w;
};
__device__ inline WindowStart window_start(const Windows& s, int pixel, int pixels) {
  pixel = min(pixel, pixels - 1);
  const int q = pixel % s.Q, p = pixel / s.Q % s.P, n = pixel / s.Q / s.P;
  const int h = p * s.stride - s.pad_h, w = q * s.stride - s.pad_w;
  return {((n * s.H + h) * s.W + w) * s.C, h, w};
}

template <int kSign>
__device__ unsigned bits_of_windows(const Windows& s, const WindowStart& at) {
  return bits_of_filter(s) & (kSign > 0 ? bits_of_window(s, at.h, at.w) : bits_of_window_up(s, at.h, at.w));
}

template <int kSign>
__device__ Place window_place(const Windows& s, int pixel, int pixels) {
  const WindowStart at = window_start(s, pixel, pixels);
  return make_int2(at.offset, int(bits_of_windows<kSign>(s, at)));
}

// A tap beyond the last is the last one again.
__device__ inline Place tap_place(const Windows& s, int tap) {
  const int run = min(tap / s.length, s.R * s.S - 1), r = run / s.S, column = run % s.S;
  return make_int2((r * s.W + column) * s.C + tap % s.length, int(bits_of_tap(s, r, column)));
}

// The tap at which a thread's copies stand: row, run in the row, value in the run. Behind the last one r is R or more.
struct TapWalk {
  int r, run, c;

  __device__ TapWalk(const Windows& s, int k) : r(k / s.padded / s.S), run(k / s.padded % s.S), c(k % s.padded) {}
  __device__ void advance(const Windows& s) {
    c += s.tap_step.inner, run += s.tap_step.middle, r += s.tap_step.outer;
    if (c >= s.padded) c -= s.padded, ++run;
    if (run >= s.S) run -= s.S, ++r;
  }
};

// The pixels stay, the taps go by: down and right from where a window begins (fprop, kSign 1), or up and left (dgrad,
// kSign -1). The places of the tile's windows are in shared memory.
template <class Copy, int kSign>
struct PatchRows {
  using Table = PlaceTable<Copy>;
  static constexpr bool kInPart = false;
  const Windows& s;
  SharedPtr<const float> places;
  const typename Copy::Value* image;  // first channel of the group
  TapWalk walk;
  const typename Copy::Value* tap;  // of the copies that begin: where the tap is if the window begins at `image`
  unsigned bits;                    // that it needs

  __device__ PatchRows(const Windows& windows, SharedPtr<float> table, const typename Copy::Value* first)
      : s(windows), places(Table::of_thread(table)), image(first), walk(windows, Copy::first_k()) {}
  __device__ void begin() {
    tap = opaque(image + (kSign * (walk.r * s.W + walk.run) * s.C + walk.c));
    bits = opaque(bits_of_tap(s, walk.r, walk.run));
  }
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    Table::template visit<kCount>(places, pass, [&](int i, int offset, unsigned inside) {
      chunks[i] = {tap + offset, (bits & ~inside) == 0, 0};
    });
  }
  __device__ void advance() { walk.advance(s); }
};

// The same where a run is a whole row of the filter, whose last chunk exists in part, and there is no padding. Of each
// window shared memory has where it begins, how many of its rows exist, and how many values of them.
template <class Copy>
struct PatchWholeRows {
  static constexpr bool kInPart = true;
  static constexpr int kFloats = 4 * Copy::kExtent;
  const Windows& s;
  SharedPtr<const float> places;  // [kRows][4]
  const typename Copy::Value* image;
  int r, c;
  const typename Copy::Value* tap;

  __device__ static void fill(SharedPtr<float> table, const Windows& s, int first_pixel, int pixels) {
    for (int i = int(threadIdx.x); i < Copy::kExtent; i += int(blockDim.x)) {
      const WindowStart at = window_start(s, first_pixel + i, pixels);
      shared_store(table + 4 * i, make_int4(at.offset, min(s.R, s.H - at.h), min(s.length, (s.W - at.w) * s.C), 0));
    }
  }
  __device__ void begin() { tap = opaque(image + (r * s.W * s.C + c)); }
  __device__ PatchWholeRows(const Windows& windows, SharedPtr<float> table, const typename Copy::Value* first)
      : s(windows),
        places(table + 4 * Copy::first_index()),
        image(first),
        r(Copy::first_k() / windows.padded),
        c(Copy::first_k() % windows.padded) {}
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    ALEXNET_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int4 window = shared_load<int4>(places + (pass + i) * (4 * Copy::kPass));
      chunks[i] = {tap + window.x, r < window.y, window.z};
    }
  }
  __device__ void advance() {
    c += s.tap_step.inner, r += s.tap_step.middle + s.tap_step.outer;
    if (c >= s.padded) c -= s.padded, ++r;
  }
};

// A filter's whole rows: value (filter, k) with k counted in padded rows.
template <class Copy>
struct FilterWholeRows {
  static constexpr bool kInPart = true;
  const Windows& s;
  const typename Copy::Value* filters;  // the thread's first
  int count, r, c;                      // filters that remain; the tap
  const typename Copy::Value* tap;

  __device__ FilterWholeRows(const Windows& windows, const typename Copy::Value* first, int filters_left)
      : s(windows),
        filters(first + Copy::first_index() * (windows.R * windows.length)),
        count(filters_left - Copy::first_index()),
        r(Copy::first_k() / windows.padded),
        c(Copy::first_k() % windows.padded) {}
  __device__ void begin() { tap = opaque(filters + (r * s.length + c)); }
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    ALEXNET_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int index = (pass + i) * Copy::kPass;
      chunks[i] = {tap + int64_t(s.R * s.length) * index, index < count && r < s.R, s.length};
    }
  }
  __device__ void advance() {
    c += s.tap_step.inner, r += s.tap_step.middle + s.tap_step.outer;
    if (c >= s.padded) c -= s.padded, ++r;
  }
};

// The taps stay, the pixels go by (wgrad). The places of the tile's taps are in shared memory, one for each chunk.
template <class Copy>
struct PatchColumns {
  using Table = PlaceTable<Copy>;
  static constexpr bool kInPart = false;
  const Windows& s;
  SharedPtr<const float> places;
  const typename Copy::Value* image;   // first channel of the group
  int offset, h, w;                    // where the pixel's window begins
  int depth;                           // pixels that remain
  const typename Copy::Value* window;  // of the copies that begin: the pixel's window
  unsigned inside;                     // the bits it has

  __device__ PatchColumns(const Windows& windows, SharedPtr<float> table, const typename Copy::Value* first,
                          int first_pixel, int pixels)
      : s(windows), places(Table::of_thread(table)), image(opaque(first)), depth(pixels - Copy::first_k()) {
    const int pixel = first_pixel + Copy::first_k();
    const WindowStart at = window_start(s, pixel, pixel + 1);
    offset = at.offset, h = at.h, w = at.w;
  }
  __device__ void begin() {
    window = opaque(image + offset);
    inside = opaque(depth > 0 ? bits_of_window(s, h, w) : 0);
  }
  template <int kCount>
  __device__ __forceinline__ void at(int pass, typename Copy::Chunk (&chunks)[kCount]) const {
    Table::template visit<kCount>(places, pass, [&](int i, int offset, unsigned bits) {
      chunks[i] = {window + offset, (bits & ~inside) == 0, 0};
    });
  }
  __device__ void advance() {
    depth -= Copy::kStep, w += s.pixels.w, h += s.pixels.h, offset += s.pixels.offset;
    if (w >= s.pixels.w_end) {
      w = opaque(w - s.pixels.w_back), h = opaque(h + s.stride), offset = opaque(offset + s.pixels.offset_row);
    }
    if (h >= s.pixels.h_end) h = opaque(h - s.pixels.h_back), offset = opaque(offset + s.pixels.offset_image);
  }
};

// The windows with what follows from their extents, for stages of `depth` steps of k.
inline Windows with_steps(Windows s, int depth = kDepth) {
  s.tap_step = step_of(s.padded, s.S, depth);
  const Step step = step_of(s.Q, s.P, depth);
  const int w = s.stride, h = s.stride;
  s.pixels = {step.inner * w,    step.middle * h, ((step.outer * s.H + step.middle * h) * s.W + step.inner * w) * s.C,
              s.Q * w - s.pad_w, s.Q * w,         (h * s.W - s.Q * w) * s.C,
              s.P * h - s.pad_h, s.P * h,         (s.H - s.P * h) * s.W * s.C};
  return s;
}

// fprop's and wgrad's windows on x.
inline Windows windows_of(const ConvShape& s, int depth = kDepth) {
  const int length = s.C / s.G;
  return with_steps({s.H, s.W, s.C, conv_P(s), conv_Q(s), s.stride, s.pad, s.pad, s.R, s.S, length, length, {}, {}},
                    depth);
}

// Whether 32-bit offsets reach everything that the kernels address, and bits all rows and columns of a window. 2^30
// floats are 6480 images of conv1.
inline bool gemm_fits(const ConvShape& s, int depth = kDepth) {
  const int64_t limit = int64_t(1) << 30;
  const int64_t beyond = s.pad + (s.R > s.S ? s.R : s.S);  // that a window may lie outside its image
  const int64_t N = s.N + depth;                           // a stage of wgrad may reach past the last image
  return N * (s.H + beyond) * (s.W + beyond) * s.C < limit && conv_y_count(s) < limit &&
         N * (conv_P(s) + beyond) * (conv_Q(s) + beyond) * s.K < limit &&
         int64_t(s.R) * s.S * (s.C / s.G + 3) < limit && conv_w_count(s) < limit && s.G <= 65535 && s.R <= kMostRows &&
         s.S <= kMostColumns;
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_CONV_GATHER_CUH
