#include "check/compare.h"

#include <cmath>

namespace alexnet::check {

std::string index_text(const TensorSpec& tensor, int64_t index) {
  std::string text = "]";
  for (size_t d = tensor.extents.size(); d-- > 0;) {
    text = (d == 0 ? "[" : ",") + std::to_string(index % tensor.extents[d]) + text;
    index /= tensor.extents[d];
  }
  return text;
}

bool close(float got, double want, const Tolerance& tolerance) {
  if (std::isnan(got) || std::isnan(want)) return std::isnan(got) && std::isnan(want);
  if (double(got) == want || (std::isinf(got) && got == float(want))) return true;
  if (tolerance.relative == 0 && tolerance.absolute == 0) return got == float(want);
  return std::abs(double(got) - want) <= tolerance.absolute + tolerance.relative * std::abs(want);
}

Tolerance tolerance_of(const TensorSpec& tensor, const Tolerance& t) {
  if (tensor.type != Type::kBf16) return t;
  constexpr double kUnit = unit_roundoff(Precision::kBf16);
  const double smallest = std::ldexp(1, -134);  // half of the spacing of subnormals
  return {t.relative * (1 + kUnit) + kUnit, t.absolute * (1 + kUnit) + smallest};
}

Status compare(const TensorSpec& tensor, const std::vector<float>& got, const double* want, const Tolerance& exact) {
  const Tolerance t = tolerance_of(tensor, exact);
  int64_t bad = 0, first = -1;
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (close(got[i], want[i], t)) continue;
    if (bad++ == 0) first = int64_t(i);
    const double error = std::abs(double(got[i]) - want[i]);
    if (!(error <= worst)) worst = error;
  }
  ALEXNET_REQUIRE(bad == 0, ALEXNET_INTERNAL,
                  "%s%s is %.9g, want %.9g; %lld of %zu elements are wrong, the largest error is %.3g, allowed are "
                  "%.3g + %.3g * |want|",
                  tensor.name.c_str(), index_text(tensor, first).c_str(), double(got[size_t(first)]), want[first],
                  static_cast<long long>(bad), got.size(), worst, t.absolute, t.relative);
  return {};
}

}  // namespace alexnet::check
