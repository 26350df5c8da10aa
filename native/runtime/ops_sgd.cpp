// The C ABI's body of sgd.
#include "runtime/operation.h"
#include "sgd/sgd.h"

using namespace alexnet;

alexnet_status alexnet_sgd_update(alexnet_stream* stream, const alexnet_sgd_shape* shape,
                                  alexnet_buffer* settings, alexnet_buffer* w, alexnet_buffer* v, alexnet_buffer* g) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_sgd(*shape));
    const StepSettings* const settings_data = op.settings(settings);
    float* const w_data = op.output("w", w, shape->count);
    float* const v_data = op.output("v", v, shape->count);
    const float* const g_data = op.input("g", g, shape->count);
    return op.run<SgdUpdate>(*shape, settings_data, w_data, v_data, g_data);
  });
}
