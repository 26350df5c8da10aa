// fc on the CPU in each precision: the bits of float32's panels, given factors that were rounded or widened before.
#include "common/factors_check.h"
#include "fc/fc.h"

namespace alexnet {
namespace {

// A few images and more than a tile's columns; blocks that are whole and not, of columns and of rows of w.
std::string fc_panels_multiply_the_factors_of_a_precision() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  const SgdShape sgd = {0, 2.f, .0005f, ALEXNET_RATE_WEIGHT};
  const StepSettings settings = {0, .01f, .02f, .9f, 0};
  for (const Precision precision : kPrecisions) {
    for (const FcShape& s : {FcShape{5, 7, 9}, FcShape{33, 515, 34}, FcShape{50, 130, 300}}) {
      const int64_t x_count = int64_t(s.N) * s.C, y_count = int64_t(s.N) * s.K, w_count = int64_t(s.K) * s.C;
      const Tensor x(precision, x_count, 1), dy(precision, y_count, 2), w(precision, w_count, 3);
      Floats bias, velocity;
      for (const double v : random_values(s.K, 4)) bias.push_back(float(v));
      for (const double v : random_values(w_count, 5)) velocity.push_back(float(v));
      std::string wrong =
          same_as_of_factors<FcFprop>(precision, s, y_count, true, [&](const Variant<FcFprop>& v, bool own, float* y) {
            return v.launch(s, x.of(own), w.of(own), y, Epilogue{bias.data(), false, true}, stream);
          });
      if (!wrong.empty()) return wrong;
      wrong =
          same_as_of_factors<FcDgrad>(precision, s, x_count, true, [&](const Variant<FcDgrad>& v, bool own, float* dx) {
            return v.launch(s, dy.of(own), w.of(own), x.of(own), dx, stream);
          });
      if (!wrong.empty()) return wrong;
      wrong = same_as_of_factors<FcWgrad>(precision, s, w_count, false,
                                          [&](const Variant<FcWgrad>& v, bool own, float* dw) {
                                            return v.launch(s, x.of(own), dy.of(own), dw, nullptr, stream);
                                          });
      if (!wrong.empty()) return wrong;
      // The weights that are updated are float32 in every precision.
      wrong = same_as_of_factors<FcWgradUpdate>(
          precision, s, w_count, false, [&](const Variant<FcWgradUpdate>& v, bool own, float* updated) {
            Floats v_memory = velocity;
            SgdShape all = sgd;
            all.count = w_count;
            return v.launch(s, all, &settings, x.of(own), dy.of(own), updated, v_memory.data(), nullptr, stream);
          });
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

// In bf16 a layer of two planes keeps float32 sums of the first, and rounds those of both once.
std::string fc_panels_round_the_sum_of_planes_once() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  const FcShape s = {33, 70, 50};
  const int64_t y_count = int64_t(s.N) * s.K;
  const Tensor x(Precision::kBf16, int64_t(s.N) * s.C, 1), w(Precision::kBf16, int64_t(s.K) * s.C, 2);
  Floats sums(static_cast<size_t>(y_count));
  return same_as_of_factors<FcFprop>(Precision::kBf16, s, y_count, true,
                                     [&](const Variant<FcFprop>& v, bool own, float* y) -> Status {
                                       Epilogue first, second;
                                       second.accumulate = true;
                                       if (own) first.sums = second.sums = sums.data();
                                       ALEXNET_TRY(v.launch(s, x.of(own), w.of(own), own ? nullptr : y, first, stream));
                                       return v.launch(s, x.of(own), w.of(own), y, second, stream);
                                     });
}

std::string fc_tensor_cores_round_the_sum_of_planes_once() {
  for (const FcShape& s : {FcShape{3, 40, 24}, FcShape{3, 40, 5}}) {
    const Tensor x(Precision::kBf16, int64_t(s.N) * s.C, 1), w(Precision::kBf16, int64_t(s.K) * s.C, 2);
    const std::string wrong = tensor_cores_round_once<FcFprop>(
        s, int64_t(s.N) * s.K, [&](const Variant<FcFprop>& v, float* y, const Epilogue& e, const Stream& stream) {
          return v.launch(s, x.of(true), w.of(true), y, e, stream);
        });
    if (!wrong.empty()) return wrong;
  }
  return "";
}

// Up to four images are multiplied as vectors, in each precision and on every processor: bits hang on it.
std::string fc_gemv_is_for_four_images() {
  for (const Precision precision : {Precision::kFp32, Precision::kTf32, Precision::kTf32x3, Precision::kBf16}) {
    for (const int32_t images : {1, 4, 5, 128}) {
      std::string name;
      const auto* chosen = choose<FcFprop>({Kind::kCpu, 0, precision}, FcShape{images, 512, 256}, Forced{}, &name);
      if (chosen != nullptr) name = chosen->name;
      if (name.rfind(images <= 4 ? "gemv" : "panels", 0) != 0) return format_text("N %d: %s", images, name.c_str());
    }
  }
  return "";
}

ALEXNET_UNIT_TEST("fc", fc_tensor_cores_round_the_sum_of_planes_once)
ALEXNET_UNIT_TEST("fc", fc_gemv_is_for_four_images)
ALEXNET_UNIT_TEST("fc", fc_panels_multiply_the_factors_of_a_precision)
ALEXNET_UNIT_TEST("fc", fc_panels_round_the_sum_of_planes_once)

}  // namespace
}  // namespace alexnet
