// The C ABI's bodies of pool.
#include "pool/pool.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_pool_fprop(alexnet_stream* stream, const alexnet_pool_shape* shape, alexnet_buffer* x,
                                  alexnet_buffer* y) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_pool(*shape));
    const float* const x_data = op.stored("x", x, pool_x_count(*shape));
    float* const y_data = op.stored_output("y", y, pool_y_count(*shape));
    return op.run<PoolFprop>(*shape, x_data, y_data);
  });
}

alexnet_status alexnet_pool_bprop(alexnet_stream* stream, const alexnet_pool_shape* shape, alexnet_buffer* x,
                                  alexnet_buffer* y, alexnet_buffer* dy, alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_pool(*shape));
    const float* const x_data = op.stored("x", x, pool_x_count(*shape));
    const float* const y_data = op.stored("y", y, pool_y_count(*shape));
    const float* const dy_data = op.stored("dy", dy, pool_y_count(*shape));
    float* const dx_data = op.stored_output("dx", dx, pool_x_count(*shape));
    return op.run<PoolBprop>(*shape, x_data, y_data, dy_data, dx_data);
  });
}
