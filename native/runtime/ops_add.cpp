// The C ABI's bodies of add.
#include "add/add.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_add(alexnet_stream* stream, int64_t count, alexnet_buffer* a, alexnet_buffer* b,
                           alexnet_buffer* mask, alexnet_buffer* y) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    const AddShape shape = {count};
    ALEXNET_TRY(validate_add(shape));
    const float* const a_data = op.stored("a", a, count);
    const float* const b_data = op.stored("b", b, count);
    const float* const mask_data = op.stored_or_null("mask", mask, count);
    float* const y_data = op.stored_output_in_place("y", y, count);
    return op.run<AddFprop>(shape, a_data, b_data, mask_data, y_data);
  });
}

alexnet_status alexnet_add_parameters(alexnet_stream* stream, int64_t count, alexnet_buffer* a, alexnet_buffer* b,
                                      alexnet_buffer* y) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    const AddShape shape = {count};
    ALEXNET_TRY(validate_add(shape));
    op.of_float32();
    const float* const a_data = op.input("a", a, count);
    const float* const b_data = op.input("b", b, count);
    float* const y_data = op.output_in_place("y", y, count);
    return op.run<AddFprop>(shape, a_data, b_data, static_cast<const float*>(nullptr), y_data);
  });
}
