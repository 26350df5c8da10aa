// The problem shapes of every family, in plain C so that the C ABI and the kernels share one definition.
// Letters: N images, C H W input channels, rows, columns, K R S filters and their rows, columns, P Q output
// rows, columns, G groups. Layouts: x[N,H,W,C], w[K,R,S,C/G], y[N,P,Q,K], last axis contiguous.
#ifndef ALEXNET_SHAPES_H
#define ALEXNET_SHAPES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ALEXNET_ROUND_UP = 0, ALEXNET_ROUND_DOWN = 1 };

// Convolution (cross-correlation) of one plane: P = 1 + (H + 2*pad - R) / stride, rounded as `rounding` says, Q
// likewise. A window that runs past the image on any side reads zeros there. Source: fact sheet 1.2; conv1 is 224 -> 55
// by rounding up. Other frameworks round down.
// A locally connected layer (local) has the same windows, G 1, w[P,Q,K,R,S,C] and bias[P,Q,K].
typedef struct alexnet_conv_shape {
  int32_t N;
  int32_t C;
  int32_t H;
  int32_t W;
  int32_t K;
  int32_t R;
  int32_t S;
  int32_t stride;
  int32_t pad;
  int32_t G;
  int32_t rounding;
} alexnet_conv_shape;

// Fully connected: x[N,C], w[K,C], y[N,K].
typedef struct alexnet_fc_shape {
  int32_t N;
  int32_t C;
  int32_t K;
} alexnet_fc_shape;

// Local response normalisation over `size` neighbouring channels (lrn), or over the size * size pixels of a map around
// each (lrn_map). alpha multiplies the plain sum of squares (the 2012 source divides its own alpha by the number of
// terms first; whoever wants that passes the quotient).
typedef struct alexnet_lrn_shape {
  int32_t N;
  int32_t H;
  int32_t W;
  int32_t C;
  int32_t size;
  float k;
  float alpha;
  float beta;
} alexnet_lrn_shape;

enum { ALEXNET_POOL_MAX = 0, ALEXNET_POOL_AVERAGE = 1 };
enum { ALEXNET_TIES_ALL = 0, ALEXNET_TIES_FIRST = 1 };

// Pooling: P = 1 + ceil((H - size) / stride), windows clipped at the bottom and right; an average divides by the
// clipped area. `ties` says which of several equal maxima receive the gradient: all (2012 source) or the first in
// row-major order.
typedef struct alexnet_pool_shape {
  int32_t N;
  int32_t H;
  int32_t W;
  int32_t C;
  int32_t size;
  int32_t stride;
  int32_t mode;
  int32_t ties;
} alexnet_pool_shape;

// ReLU, local response normalisation and max-pooling in one pass, with the constants of the two shapes above: P, Q by
// pool_size and stride, clipped windows. lrn_size 0 leaves the normalisation out (k, alpha, beta are then not read),
// relu 0 the ReLU.
typedef struct alexnet_lrn_pool_shape {
  int32_t N;
  int32_t H;
  int32_t W;
  int32_t C;
  int32_t lrn_size;
  float k;
  float alpha;
  float beta;
  int32_t pool_size;
  int32_t stride;
  int32_t ties;
  int32_t relu;
} alexnet_lrn_pool_shape;

enum { ALEXNET_MEAN_CHANNEL = 0, ALEXNET_MEAN_PIXEL = 1, ALEXNET_MEAN_PIXEL_CENTRE = 2 };

// Input: uint8 images[slots,N,source,source,3], of which one slot is read -> float x[N,size,size,3] by crop, flip, mean
// subtraction, colour noise. There are one or two slots.
// mean_mode: one value per channel mean[3]; per pixel mean[source,source,3] aligned with the crop (paper, D14); the
// central crop of that mean whatever the crop offset (2012 source).
// Space to depth: unless block is 0, x is [N,blocks,blocks,block*block*3] instead: pixel (h,w) lies in block
// (h/block, w/block), there at channels (h%block*block + w%block)*3; what lies past the image is 0, and blocks * block
// is at least size. With block 4 an 11x11 convolution of stride 4 becomes a 3x3 one of stride 1 over 48 channels.
typedef struct alexnet_input_shape {
  int32_t N;
  int32_t source;
  int32_t size;
  int32_t mean_mode;
  int32_t block;
  int32_t blocks;
  int32_t slots;
} alexnet_input_shape;

// Softmax with log-loss: logits[N,C].
typedef struct alexnet_softmax_shape {
  int32_t N;
  int32_t C;
} alexnet_softmax_shape;

// What changes from step to step. Kernels read it from the device's memory, where one copy before each step puts it, so
// that a step that was recorded once can be repeated with other values. Whoever writes it keeps to the ranges: step in
// [0, 2^32), rates finite and at least 0, momentum in [0, 1), slot 0 or 1. Kernels do not trust it: another slot makes
// the input NaN, another step is taken modulo 2^32, rates and momentum are used as they are.
typedef struct alexnet_step_settings {
  int64_t step;
  float weight_rate;
  float bias_rate;
  float momentum;
  int32_t slot;  // which half of the images buffer holds this step's batch
} alexnet_step_settings;

// Dropout, not inverted (paper, section 4.2): training y = x * mask, testing y = keep * x. The mask bit of element i is
// Philox4x32-10 keyed by (seed, purpose, the settings' step) at index first + i, so it is recomputed, never stored.
typedef struct alexnet_dropout_shape {
  int64_t count;
  int64_t first;
  uint64_t seed;
  uint32_t purpose;
  float keep;
} alexnet_dropout_shape;

// Channels x_first to x_first + count - 1 of x[rows,x_channels] into y[rows,y_channels] from y_first on. A row is a
// pixel of an image.
typedef struct alexnet_channels_shape {
  int64_t rows;
  int32_t x_channels;
  int32_t x_first;
  int32_t y_channels;
  int32_t y_first;
  int32_t count;
} alexnet_channels_shape;

enum { ALEXNET_RATE_WEIGHT = 0, ALEXNET_RATE_BIAS = 1 };

// One SGD update of `count` values (paper, section 5): v = momentum*v - decay*rate*w - rate*g; w = w + v, with
// rate = rate_factor * (which_rate: the settings' weight_rate or bias_rate) and the settings' momentum.
typedef struct alexnet_sgd_shape {
  int64_t count;
  float rate_factor;
  float decay;
  int32_t which_rate;
} alexnet_sgd_shape;

#ifdef __cplusplus
}  // extern "C"

namespace alexnet {

using ConvShape = alexnet_conv_shape;
using FcShape = alexnet_fc_shape;
using LrnShape = alexnet_lrn_shape;
using PoolShape = alexnet_pool_shape;
using LrnPoolShape = alexnet_lrn_pool_shape;
using InputShape = alexnet_input_shape;
using SoftmaxShape = alexnet_softmax_shape;
using StepSettings = alexnet_step_settings;
using DropoutShape = alexnet_dropout_shape;
using ChannelsShape = alexnet_channels_shape;
using SgdShape = alexnet_sgd_shape;

#if defined(__CUDACC__)
#define ALEXNET_SHAPE_FN __host__ __device__ inline
#else
#define ALEXNET_SHAPE_FN inline
#endif

ALEXNET_SHAPE_FN constexpr int32_t ceil_div(int32_t a, int32_t b) { return (a + b - 1) / b; }

// Windows of `size` along an axis of `extent` with its padding; extent >= size.
ALEXNET_SHAPE_FN constexpr int32_t conv_windows(const ConvShape& s, int32_t extent, int32_t size) {
  return 1 + (s.rounding == ALEXNET_ROUND_DOWN ? (extent - size) / s.stride : ceil_div(extent - size, s.stride));
}
ALEXNET_SHAPE_FN constexpr int32_t conv_P(const ConvShape& s) { return conv_windows(s, s.H + 2 * s.pad, s.R); }
ALEXNET_SHAPE_FN constexpr int32_t conv_Q(const ConvShape& s) { return conv_windows(s, s.W + 2 * s.pad, s.S); }
ALEXNET_SHAPE_FN constexpr int64_t conv_x_count(const ConvShape& s) { return int64_t(s.N) * s.H * s.W * s.C; }
ALEXNET_SHAPE_FN constexpr int64_t conv_w_count(const ConvShape& s) { return int64_t(s.K) * s.R * s.S * (s.C / s.G); }
ALEXNET_SHAPE_FN constexpr int64_t conv_y_count(const ConvShape& s) {
  return int64_t(s.N) * conv_P(s) * conv_Q(s) * s.K;
}

ALEXNET_SHAPE_FN constexpr int64_t local_bias_count(const ConvShape& s) { return int64_t(conv_P(s)) * conv_Q(s) * s.K; }
ALEXNET_SHAPE_FN constexpr int64_t local_w_count(const ConvShape& s) { return local_bias_count(s) * s.R * s.S * s.C; }

ALEXNET_SHAPE_FN constexpr int32_t pool_P(const PoolShape& s) { return 1 + ceil_div(s.H - s.size, s.stride); }
ALEXNET_SHAPE_FN constexpr int32_t pool_Q(const PoolShape& s) { return 1 + ceil_div(s.W - s.size, s.stride); }
ALEXNET_SHAPE_FN constexpr int64_t pool_x_count(const PoolShape& s) { return int64_t(s.N) * s.H * s.W * s.C; }
ALEXNET_SHAPE_FN constexpr int64_t pool_y_count(const PoolShape& s) {
  return int64_t(s.N) * pool_P(s) * pool_Q(s) * s.C;
}

// What the settings mean for one update. Each factor is rounded once, so that every variant has the same bits.
struct SgdRates {
  float rate;
  float decay_rate;
  float momentum;
};

ALEXNET_SHAPE_FN SgdRates sgd_rates(const SgdShape& s, const StepSettings& settings) {
  const float rate = s.rate_factor * (s.which_rate == ALEXNET_RATE_BIAS ? settings.bias_rate : settings.weight_rate);
  return {rate, s.decay * rate, settings.momentum};
}

ALEXNET_SHAPE_FN constexpr int64_t lrn_count(const LrnShape& s) { return int64_t(s.N) * s.H * s.W * s.C; }

// The two operations inside lrn_pool; the first only if lrn_size is not 0.
ALEXNET_SHAPE_FN constexpr LrnShape lrn_of(const LrnPoolShape& s) {
  return {s.N, s.H, s.W, s.C, s.lrn_size, s.k, s.alpha, s.beta};
}
ALEXNET_SHAPE_FN constexpr PoolShape pool_of(const LrnPoolShape& s) {
  return {s.N, s.H, s.W, s.C, s.pool_size, s.stride, ALEXNET_POOL_MAX, s.ties};
}

}  // namespace alexnet
#endif  // __cplusplus

#endif  // ALEXNET_SHAPES_H
