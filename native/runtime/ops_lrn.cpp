// The C ABI's bodies of lrn.
#include "lrn/lrn.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_lrn_fprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                 alexnet_buffer* y) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_lrn(*shape));
    const float* const x_data = op.input("x", x, lrn_count(*shape));
    float* const y_data = op.output("y", y, lrn_count(*shape));
    return op.run<LrnFprop>(*shape, x_data, y_data);
  });
}

alexnet_status alexnet_lrn_bprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                 alexnet_buffer* dy, alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_lrn(*shape));
    const float* const x_data = op.input("x", x, lrn_count(*shape));
    const float* const dy_data = op.input("dy", dy, lrn_count(*shape));
    float* const dx_data = op.output("dx", dx, lrn_count(*shape));
    return op.run<LrnBprop>(*shape, x_data, dy_data, dx_data);
  });
}
