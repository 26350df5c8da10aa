// The modes of kernel_check: what is done with each case, and how a failure reads.
#ifndef ALEXNET_CHECK_CHECKER_H
#define ALEXNET_CHECK_CHECKER_H

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "check/references.h"
#include "check/write_watch.h"
#include "common/check.h"
#include "runtime/device.h"

namespace alexnet::check {

enum class Mode { kTest, kGrad, kRace, kRepeat };
constexpr int kModes = 4;
const char* mode_name(Mode mode);

struct Tally {
  int passed = 0;
  int failed = 0;
};

// One variant of one pass, or its reference (kind "-").
struct Row {
  std::string family, pass, variant, kind, skipped;  // skipped: why, or empty
  Tally tally[kModes];
  double seconds = 0;
  int left_out = 0;  // cases that are too large
};

class Checker {
 public:
  using Say = std::function<void(const std::string& failure)>;
  // `threads`: of the emulator, which only makes it quicker. `most_values`: of all tensors of a case.
  Checker(uint64_t seed, std::string filter, Say say, int32_t threads = 1, int64_t most_values = INT64_MAX)
      : seed_(seed), filter_(std::move(filter)), say_(std::move(say)), threads_(threads), most_values_(most_values) {}

  // The cases that apply to the variant, in the given modes. `say` gets each failure when it happens.
  Row check_variant(const AnyCheck& check, const AnyVariant& variant, Device& device, const bool (&modes)[kModes]);
  // The gradients of the reference of the pass.
  Row check_reference(const AnyCheck& check);

 private:
  using Outputs = std::map<std::string, std::vector<float>>;
  using Inputs = std::map<std::string, std::vector<double>>;

  bool wanted(const std::string& name) const { return name.find(filter_) != std::string::npos; }
  Status run(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device,
             int32_t threads, Outputs* outputs);
  // One run, watched if there is a watch; *trespassed if it wrote where it may not.
  Status run_once(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device,
                  int32_t threads, WriteWatch* watch, bool* trespassed, Outputs* outputs);
  Status test(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device);
  Status repeat(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device);
  Status race(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device);
  Status gradient(const AnyCase& c, const Gradient& gradient, const Inputs& inputs);
  void record(Row* row, Mode mode, const std::string& name, const Status& status);

  const uint64_t seed_;
  const std::string filter_;
  const Say say_;
  const int32_t threads_;
  const int64_t most_values_;
  References references_;
};

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_CHECKER_H
