// The C ABI's bodies of relu.
#include "relu/relu.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_relu_fprop(alexnet_stream* stream, int64_t count, alexnet_buffer* x, alexnet_buffer* y) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    const ReluShape shape = {count};
    ALEXNET_TRY(validate_relu(shape));
    const float* const x_data = op.stored("x", x, count);
    float* const y_data = op.stored_output_in_place("y", y, count);
    return op.run<ReluFprop>(shape, x_data, y_data);
  });
}

alexnet_status alexnet_relu_bprop(alexnet_stream* stream, int64_t count, alexnet_buffer* y, alexnet_buffer* dy,
                                  alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    const ReluShape shape = {count};
    ALEXNET_TRY(validate_relu(shape));
    const float* const y_data = op.stored("y", y, count);
    const float* const dy_data = op.stored("dy", dy, count);
    float* const dx_data = op.stored_output_in_place("dx", dx, count);
    return op.run<ReluBprop>(shape, y_data, dy_data, dx_data);
  });
}
