// The C ABI's bodies of lrn_pool.
#include "lrn_pool/lrn_pool.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_lrn_pool_fprop(alexnet_stream* stream, const alexnet_lrn_pool_shape* shape, alexnet_buffer* x,
                                      alexnet_buffer* y, alexnet_buffer* y_peer) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_lrn_pool(*shape));
    const float* const x_data = op.stored("x", x, pool_x_count(pool_of(*shape)));
    float* const y_data = op.stored_output("y", y, pool_y_count(pool_of(*shape)));
    float* const peer_data =
        y_peer == nullptr ? nullptr : op.stored_output_on_peer("y_peer", y_peer, pool_y_count(pool_of(*shape)));
    return op.run<LrnPoolFprop>(*shape, x_data, y_data, peer_data);
  });
}

alexnet_status alexnet_lrn_pool_bprop(alexnet_stream* stream, const alexnet_lrn_pool_shape* shape, alexnet_buffer* x,
                                      alexnet_buffer* dy, alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_lrn_pool(*shape));
    const float* const x_data = op.stored("x", x, pool_x_count(pool_of(*shape)));
    const float* const dy_data = op.stored("dy", dy, pool_y_count(pool_of(*shape)));
    float* const dx_data = op.stored_output("dx", dx, pool_x_count(pool_of(*shape)));
    return op.run<LrnPoolBprop>(*shape, x_data, dy_data, dx_data);
  });
}
