#include "check/references.h"

namespace alexnet::check {

constexpr int64_t kMostValues = int64_t(1) << 25;  // 256 MiB of doubles; what comes later is computed again

void References::enter(const AnyCheck& check) {
  if (check_ == &check) return;
  check_ = &check;
  kept_.clear();
  values_ = 0;
}

References::Results References::computed(const AnyCase& c, const Inputs& inputs) {
  DoubleTensors tensors(c, inputs);
  c.reference(tensors);
  Results results;
  for (const TensorSpec& tensor : c.tensors) {
    if (tensor.role == Role::kInput) continue;
    const double* const values = tensors[tensor.name.c_str()];
    results[tensor.name].assign(values, values + count_of(tensor));
  }
  return results;
}

const References::Results& References::keep(const Key& key, Results results) {
  int64_t more = 0;
  for (const auto& [name, values] : results) more += int64_t(values.size());
  if (values_ + more > kMostValues) return last_ = std::move(results);
  values_ += more;
  return kept_[key] = std::move(results);
}

}  // namespace alexnet::check
