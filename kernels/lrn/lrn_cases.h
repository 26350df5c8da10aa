// lrn_cases: what the checks of lrn and lrn_map share. Both have the operands x, dy, dx and the constants of LrnShape;
// they differ in the pixels or channels of a window, and so in the number of terms of a sum.
//
// Tolerance. The sum of squares rounds once for each term, alpha * sum and k + . once each; d^-beta keeps beta times
// the relative error. The power itself may be off by 2^-20 (lrn.h). bprop's second term is a sum of products: its error
// is below (4 * terms + 16) * 2^-24 plus 2^-20 for each power, relative to the bound of the two terms. |dy| <= 1 and d
// >= k, so the first term is at most k^-beta; alpha * |x[c] * x[i]| <= d[i] / 2, so each product is at most beta *
// k^-beta.
#ifndef ALEXNET_LRN_CASES_H
#define ALEXNET_LRN_CASES_H

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/check.h"

namespace alexnet::check {

struct LrnLayer {
  const char* name;
  const char* why;
  LrnShape shape;    // N, H, W, C, size, k, alpha, beta
  double scale = 1;  // inputs are uniform in [-scale, scale]
};

// Family has: Fprop, Bprop; fprop(s, x, y) and bprop(s, x, dy, dx), the references; terms(s), of a window; layers(),
// the cases; paper_layers(N), those for --bench.
template <class Family>
struct LrnChecks {
  using Fprop = typename Family::Fprop;
  using Bprop = typename Family::Bprop;

  static std::vector<int64_t> extents(const LrnShape& s) { return {s.N, s.H, s.W, s.C}; }

  static Case<Fprop> fprop_case(const LrnLayer& layer) {
    const LrnShape& s = layer.shape;
    const TensorSpec x = in("x", extents(s), uniform(-layer.scale, layer.scale));
    const Tolerance tolerance = {(Family::terms(s) + 8) * kFloatEpsilon + kPower, 0};
    return {layer.name, layer.why, s, {x, out("y", extents(s))}, tolerance, {}, lrn_count(s) < 10000};
  }

  static Case<Bprop> bprop_case(const LrnLayer& layer) {
    const LrnShape& s = layer.shape;
    const TensorSpec x = in("x", extents(s), uniform(-layer.scale, layer.scale));
    const double largest = std::max(1.0, std::pow(double(s.k), -double(s.beta)));
    const double bound = largest * (Family::terms(s) * double(s.beta) + 1);
    const Tolerance tolerance = {0, bound * ((4 * Family::terms(s) + 16) * kFloatEpsilon + 2 * kPower)};
    return {layer.name,           layer.why,         s, {x, in("dy", extents(s)), out("dx", extents(s))}, tolerance, {},
            lrn_count(s) < 10000, lrn_count(s) < 600};
  }

  static Check<Fprop> fprop() {
    Check<Fprop> check;
    check.stored = {"x", "y"};
    check.run = [](typename Fprop::Launch launch, const LrnShape& s, Floats& t, Stream stream) {
      return launch(s, t["x"], t["y"], stream);
    };
    check.reference = [](const LrnShape& s, Doubles& t) { Family::fprop(s, t["x"], t["y"]); };
    check.layers = [](int32_t N) {
      std::vector<Case<Fprop>> cases;
      for (const LrnLayer& layer : Family::paper_layers(N)) cases.push_back(fprop_case(layer));
      return cases;
    };
    for (const LrnLayer& layer : Family::layers()) check.cases.push_back(fprop_case(layer));
    return check;
  }

  static Check<Bprop> bprop() {
    Check<Bprop> check;
    check.stored = {"x", "dy", "dx"};
    check.run = [](typename Bprop::Launch launch, const LrnShape& s, Floats& t, Stream stream) {
      return launch(s, t["x"], t["dy"], t["dx"], stream);
    };
    check.reference = [](const LrnShape& s, Doubles& t) { Family::bprop(s, t["x"], t["dy"], t["dx"]); };
    check.loss = [](const LrnShape& s, Doubles& t) {
      std::vector<double> y(size_t(lrn_count(s)));
      Family::fprop(s, t["x"], y.data());
      return dot(t["dy"], y);
    };
    check.gradients = {{"dx", "x", 1e-4, 1e-6}};
    check.layers = [](int32_t N) {
      std::vector<Case<Bprop>> cases;
      for (const LrnLayer& layer : Family::paper_layers(N)) cases.push_back(bprop_case(layer));
      return cases;
    };
    for (const LrnLayer& layer : Family::layers()) {
      // With a tiny k the bound above says nothing.
      if (layer.shape.k >= 1e-20f) check.cases.push_back(bprop_case(layer));
    }
    return check;
  }

 private:
  static constexpr double kPower = 1.0 / 1048576;  // 2^-20
};

}  // namespace alexnet::check

#endif  // ALEXNET_LRN_CASES_H
