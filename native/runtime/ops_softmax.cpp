// The C ABI's bodies of softmax.
#include <cmath>

#include "runtime/operation.h"
#include "softmax/softmax.h"

using namespace alexnet;

alexnet_status alexnet_softmax_fprop(alexnet_stream* stream, const alexnet_softmax_shape* shape, alexnet_buffer* logits,
                                     alexnet_buffer* probabilities) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_softmax(*shape));
    const int64_t count = int64_t(shape->N) * shape->C;
    const float* const logits_data = op.input("logits", logits, count);
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
    ALEXNET_REQUIRE(std::isfinite(scale), ALEXNET_BAD_ARGUMENT, "scale is %g; it must be finite",
                    static_cast<double>(scale));
    const int64_t count = int64_t(shape->N) * shape->C;
    const float* const probabilities_data = op.input("probabilities", probabilities, count);
    const int32_t* const labels_data = op.input<int32_t>("labels", labels, shape->N);
    float* const dlogits_data = op.output_in_place("dlogits", dlogits, count);
    return op.run<SoftmaxBprop>(*shape, probabilities_data, labels_data, scale, dlogits_data);
  });
}
