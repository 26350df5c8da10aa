// The C ABI's bodies of dropout.
#include "dropout/dropout.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_dropout_fprop(alexnet_stream* stream, const alexnet_dropout_shape* shape,
                                     alexnet_buffer* settings, alexnet_buffer* x, alexnet_buffer* y, int32_t training) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_dropout(*shape));
    const StepSettings* const settings_data = op.settings(settings);
    const float* const x_data = op.stored("x", x, shape->count);
    float* const y_data = op.stored_output_in_place("y", y, shape->count);
    return op.run<DropoutFprop>(*shape, settings_data, x_data, y_data, training != 0);
  });
}

alexnet_status alexnet_dropout_bprop(alexnet_stream* stream, const alexnet_dropout_shape* shape,
                                     alexnet_buffer* settings, alexnet_buffer* dy, alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_dropout(*shape));
    const StepSettings* const settings_data = op.settings(settings);
    const float* const dy_data = op.stored("dy", dy, shape->count);
    float* const dx_data = op.stored_output_in_place("dx", dx, shape->count);
    return op.run<DropoutBprop>(*shape, settings_data, dy_data, dx_data);
  });
}
