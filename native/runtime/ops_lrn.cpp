// The C ABI's bodies of lrn and lrn_map, which have the same operands.
#include "lrn/lrn.h"
#include "lrn_map/lrn_map.h"
#include "runtime/operation.h"

using namespace alexnet;

namespace {

template <class Pass>
alexnet_status fprop(const char* name, alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                     alexnet_buffer* y) {
  return operation(name, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_lrn(*shape));
    const float* const x_data = op.stored("x", x, lrn_count(*shape));
    float* const y_data = op.stored_output("y", y, lrn_count(*shape));
    return op.run<Pass>(*shape, x_data, y_data);
  });
}

template <class Pass>
alexnet_status bprop(const char* name, alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                     alexnet_buffer* dy, alexnet_buffer* dx) {
  return operation(name, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_lrn(*shape));
    const float* const x_data = op.stored("x", x, lrn_count(*shape));
    const float* const dy_data = op.stored("dy", dy, lrn_count(*shape));
    float* const dx_data = op.stored_output("dx", dx, lrn_count(*shape));
    return op.run<Pass>(*shape, x_data, dy_data, dx_data);
  });
}

}  // namespace

alexnet_status alexnet_lrn_fprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                 alexnet_buffer* y) {
  return fprop<LrnFprop>(__func__, stream, shape, x, y);
}

alexnet_status alexnet_lrn_bprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                 alexnet_buffer* dy, alexnet_buffer* dx) {
  return bprop<LrnBprop>(__func__, stream, shape, x, dy, dx);
}

alexnet_status alexnet_lrn_map_fprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                     alexnet_buffer* y) {
  return fprop<LrnMapFprop>(__func__, stream, shape, x, y);
}

alexnet_status alexnet_lrn_map_bprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                     alexnet_buffer* dy, alexnet_buffer* dx) {
  return bprop<LrnMapBprop>(__func__, stream, shape, x, dy, dx);
}
