// The C ABI's bodies of softmax.
#include <cmath>

#include "runtime/operation.h"
#include "softmax/softmax.h"

using namespace alexnet;

namespace {

Status require_finite(float scale) {
  ALEXNET_REQUIRE(std::isfinite(scale), ALEXNET_BAD_ARGUMENT, "scale is %g; it must be finite",
                  static_cast<double>(scale));
  return {};
}

}  // namespace

alexnet_status alexnet_softmax_fprop(alexnet_stream* stream, const alexnet_softmax_shape* shape, alexnet_buffer* logits,
                                     alexnet_buffer* probabilities) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_softmax(*shape));
    const int64_t count = int64_t(shape->N) * shape->C;
    const float* const logits_data = op.stored("logits", logits, count);
    float* const probabilities_data = op.output_in_place("probabilities", probabilities, count);
    return op.run<SoftmaxFprop>(*shape, logits_data, probabilities_data);
  });
}

alexnet_status alexnet_softmax_metrics(alexnet_stream* stream, const alexnet_softmax_shape* shape,
                                       alexnet_buffer* probabilities, alexnet_buffer* labels, alexnet_buffer* metrics) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_softmax(*shape));
    const float* const probabilities_data = op.input("probabilities", probabilities, int64_t(shape->N) * shape->C);
    const int32_t* const labels_data = op.input<int32_t>("labels", labels, shape->N);
    float* const metrics_data = op.output("metrics", metrics, int64_t(shape->N) * 3);
    return op.run<SoftmaxMetrics>(*shape, probabilities_data, labels_data, metrics_data);
  });
}

alexnet_status alexnet_softmax_bprop(alexnet_stream* stream, const alexnet_softmax_shape* shape,
                                     alexnet_buffer* probabilities, alexnet_buffer* labels, float scale,
                                     alexnet_buffer* dlogits) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_softmax(*shape));
    ALEXNET_TRY(require_finite(scale));
    const int64_t count = int64_t(shape->N) * shape->C;
    const float* const probabilities_data = op.input("probabilities", probabilities, count);
    const int32_t* const labels_data = op.input<int32_t>("labels", labels, shape->N);
    float* const dlogits_data = op.stored_output_in_place("dlogits", dlogits, count);
    return op.run<SoftmaxBprop>(*shape, probabilities_data, labels_data, scale, dlogits_data);
  });
}

alexnet_status alexnet_softmax_loss(alexnet_stream* stream, const alexnet_softmax_shape* shape, alexnet_buffer* logits,
                                    alexnet_buffer* labels, float scale, alexnet_buffer* probabilities,
                                    alexnet_buffer* metrics, alexnet_buffer* dlogits) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_softmax(*shape));
    ALEXNET_TRY(require_finite(scale));
    const int64_t count = int64_t(shape->N) * shape->C;
    const float* const logits_data = op.stored("logits", logits, count);
    const int32_t* const labels_data = op.input<int32_t>("labels", labels, shape->N);
    float* const probabilities_data = op.output_in_place("probabilities", probabilities, count);
    float* const metrics_data = op.output("metrics", metrics, int64_t(shape->N) * 3);
    float* const dlogits_data = dlogits == nullptr ? nullptr : op.stored_output_in_place("dlogits", dlogits, count);
    return op.run<SoftmaxLoss>(*shape, logits_data, labels_data, scale, probabilities_data, metrics_data, dlogits_data);
  });
}
