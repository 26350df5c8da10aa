// The C ABI's body of channels.
#include "channels/channels.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_channels_copy(alexnet_stream* stream, const alexnet_channels_shape* shape, alexnet_buffer* x,
                                     alexnet_buffer* y) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_channels(*shape));
    const float* const x_data = op.stored("x", x, shape->rows * shape->x_channels);
    float* const y_data = op.stored_output("y", y, shape->rows * shape->y_channels);
    return op.run<ChannelsCopy>(*shape, x_data, y_data);
  });
}
