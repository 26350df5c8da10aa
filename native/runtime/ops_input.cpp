// The C ABI's body of input.
#include "input/input.h"
#include "runtime/operation.h"

using namespace alexnet;

alexnet_status alexnet_input_fprop(alexnet_stream* stream, const alexnet_input_shape* shape, alexnet_buffer* settings,
                                   alexnet_buffer* images, alexnet_buffer* crops, alexnet_buffer* mean,
                                   alexnet_buffer* noise, alexnet_buffer* x) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_input(*shape));
    const StepSettings* const settings_data = op.settings(settings);
    const uint8_t* const images_data = op.input<uint8_t>("images", images, shape->slots * input_image_count(*shape));
    // The other slot may be written meanwhile. Which one is read, a GPU's memory alone knows.
    const int32_t slot = settings_data != nullptr && op.on_host() ? settings_data->slot : -1;
    op.reads_only(is_input_slot(*shape, slot) ? slot * input_image_count(*shape) : 0,
                  is_input_slot(*shape, slot) ? input_image_count(*shape) : 0);
    const int32_t* const crops_data = op.input<int32_t>("crops", crops, int64_t(shape->N) * 3);
    const float* const mean_data = op.input("mean", mean, input_mean_count(*shape));
    const float* const noise_data = op.input_or_null("noise", noise, int64_t(shape->N) * kInputNoise);
    float* const x_data = op.stored_output("x", x, input_x_count(*shape));
    return op.run<InputFprop>(*shape, settings_data, images_data, crops_data, mean_data, noise_data, x_data);
  });
}
