// softmax: class probabilities, their log-loss and error metrics, and the gradient of both together.
//
// Shapes   logits, probabilities (p), dlogits: [N,C]; labels: int32[N]; metrics: [N,3].
//          p may alias logits, dlogits may alias p; in `loss` p or dlogits may alias logits, but not each other.
//          Where logits and dlogits are stored as bf16, p and metrics stay float32: then only dlogits may alias logits.
// fprop    p[n,c] = exp(x[n,c] - m) / sum over j of exp(x[n,j] - m), m = max over j of x[n,j]
// metrics  metrics[n] = (-log p[n,label], share(1), share(5)), where share(t) is the part of label n that is among the
//          first t classes when ties are broken by chance:
//            better = classes with p > p[label], equal = classes with p == p[label], the label itself included
//            share(t) = 0 if better >= t, else min(1, (t - better) / equal)
//          The error of the batch is 1 - mean share. p[label] = 0 has the loss +infinity; it is not clamped.
// bprop    dlogits[n,c] = scale * (p[n,c] - (c == label ? 1 : 0)); scale 1/N gives the mean over the batch
// loss     all three in one pass over the rows: p, metrics and, unless it is null, dlogits
//
// A label outside [0, C) makes the row's metrics and dlogits NaN; a NaN among the logits makes the row's p, metrics and
// dlogits NaN. Rounding: exp, log and the sum are each variant's own: relative error at most (C + 8) * 2^-24 in p.
// bprop: one subtraction, then one product, no fma: every variant gives the same bits from the same p. The variants of
// loss say whether their p has the bits of fprop; their shares and dlogits have those of metrics and bprop for that p.
#ifndef ALEXNET_SOFTMAX_H
#define ALEXNET_SOFTMAX_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct SoftmaxFprop {
  static constexpr const char* family = "softmax";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = SoftmaxShape;
  using Launch = Status (*)(const SoftmaxShape&, const float* logits, float* probabilities, Stream);
};

struct SoftmaxMetrics {
  static constexpr const char* family = "softmax";
  static constexpr const char* pass = "metrics";
  using Shape = SoftmaxShape;
  using Launch = Status (*)(const SoftmaxShape&, const float* probabilities, const int32_t* labels, float* metrics,
                            Stream);
};

struct SoftmaxBprop {
  static constexpr const char* family = "softmax";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = SoftmaxShape;
  using Launch = Status (*)(const SoftmaxShape&, const float* probabilities, const int32_t* labels, float scale,
                            float* dlogits, Stream);
};

struct SoftmaxLoss {
  static constexpr const char* family = "softmax";
  static constexpr const char* pass = "loss";
  static constexpr bool has_activations = true;
  using Shape = SoftmaxShape;
  using Launch = Status (*)(const SoftmaxShape&, const float* logits, const int32_t* labels, float scale,
                            float* probabilities, float* metrics, float* dlogits, Stream);
};

inline Status validate_softmax(const SoftmaxShape& s) { return require_tensor("softmax", "logits", {s.N, s.C}); }

// References: plain loops, sums in double, for Real = float and double.
template <class Real>
void softmax_fprop_reference(const SoftmaxShape& s, const Real* logits, Real* probabilities);
template <class Real>
void softmax_metrics_reference(const SoftmaxShape& s, const Real* probabilities, const int32_t* labels, Real* metrics);
template <class Real>
void softmax_bprop_reference(const SoftmaxShape& s, const Real* probabilities, const int32_t* labels, Real scale,
                             Real* dlogits);

}  // namespace alexnet

#endif  // ALEXNET_SOFTMAX_H
