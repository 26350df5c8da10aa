// The C ABI's body of bias.
#include "bias/bias.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_bias_grad(alexnet_stream* stream, int64_t rows, int32_t K, alexnet_buffer* dy,
                                 alexnet_buffer* db) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    const BiasShape shape = {rows, K};
    ALEXNET_TRY(validate_bias(shape));
    const float* const dy_data = op.stored("dy", dy, rows * K);
    float* const db_data = op.output("db", db, K);
    return op.run<BiasGrad>(shape, dy_data, db_data);
  });
}
