// unit.h: tests that need no device and no kernel: golden values of the references, refused shapes, identities.
// kernel_check --test runs them before the cases. A test returns "" or one line that says what is wrong.
//
//   std::string lrn_golden() { ... return expect_close("b", b, {5.651838, ...}, 1e-6); }
//   ALEXNET_UNIT_TEST("lrn", lrn_golden)
#ifndef ALEXNET_UNIT_H
#define ALEXNET_UNIT_H

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "common/status.h"

namespace alexnet::check {

struct UnitTest {
  const char* family;
  const char* name;
  std::string (*run)();
};

inline std::vector<UnitTest>& unit_tests() {
  static std::vector<UnitTest> all;
  return all;
}

struct UnitTestRegistration {
  explicit UnitTestRegistration(UnitTest test) { unit_tests().push_back(test); }
};

#define ALEXNET_UNIT_TEST(family, function) \
  static const ::alexnet::check::UnitTestRegistration unit_test_##function({family, #function, function});

// "" if every |got - want| <= absolute, else the first that is not.
inline std::string expect_close(const char* name, const std::vector<double>& got, const std::vector<double>& want,
                                double absolute) {
  if (got.size() != want.size()) return std::string(name) + ": " + std::to_string(got.size()) + " values";
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::abs(got[i] - want[i]) <= absolute) continue;
    return format_text("%s[%zu] is %.9g, expected %.9g within %g", name, i, got[i], want[i], absolute);
  }
  return "";
}

// "" if the status has this code and its text contains `part`.
inline std::string expect_refusal(const Status& status, alexnet_status code, const std::string& part) {
  if (status.code() == code && status.text().find(part) != std::string::npos) return "";
  return format_text("status %d '%s', expected status %d with '%s'", status.code(), status.text().c_str(), code,
                     part.c_str());
}

// `count` values, uniform in [-1, 1), the same for the same seed.
inline std::vector<double> random_values(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(double(generator()) / 2147483648.0 - 1);
  return values;
}

}  // namespace alexnet::check

#endif  // ALEXNET_UNIT_H
