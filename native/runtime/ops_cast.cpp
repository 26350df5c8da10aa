// The C ABI's body of cast.
#include "cast/cast.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_cast(alexnet_stream* stream, int64_t count, alexnet_buffer* x, alexnet_buffer* y) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    const CastShape shape = {count};
    ALEXNET_TRY(validate_cast(shape));
    const float* const x_data = op.input("x", x, count);
    Bf16* const y_data = op.output<Bf16>("y", y, count);
    return op.run<CastFprop>(shape, x_data, y_data);
  });
}
