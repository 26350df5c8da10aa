// launches_check.h: what both towers of a device launch, apart and together, on the emulator: for the unit tests of
// families whose kernels can be launched for both.
#ifndef ALEXNET_LAUNCHES_CHECK_H
#define ALEXNET_LAUNCHES_CHECK_H

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "common/bf16.h"
#include "common/gemm_plan.h"
#include "common/unit.h"

namespace alexnet::check {

constexpr Precision kMmaPrecisions[] = {Precision::kTf32, Precision::kTf32x3, Precision::kBf16};

inline Target mma_target(Precision precision) { return {Kind::kEmu, kMmaCapability, precision}; }

// What a tower's launch reads and writes: random values, others for each tower and tensor.
class TowerTensors {
 public:
  TowerTensors(int tower, Precision precision) : seed_(unsigned(100 * tower)), precision_(precision) {}

  float* values(int64_t count) {
    memory_.emplace_back(size_t(count));
    const std::vector<double> random = random_values(count, ++seed_);
    for (size_t i = 0; i < random.size(); ++i) memory_.back()[i] = float(random[i]);
    return memory_.back().data();
  }
  // Of the type that the precision stores.
  float* stored(int64_t count) {
    float* const all = values(count);
    if (precision_ != Precision::kBf16) return all;
    const std::vector<float> exact(all, all + count);
    for (int64_t i = 0; i < count; ++i) as_bf16(all)[i] = Bf16(exact[size_t(i)]);
    return all;
  }
  bool same_bits(const TowerTensors& other) const {
    bool same = memory_.size() == other.memory_.size();
    for (size_t i = 0; same && i < memory_.size(); ++i) {
      same = memory_[i].size() == other.memory_[i].size() &&
             std::memcmp(memory_[i].data(), other.memory_[i].data(), memory_[i].size() * sizeof(float)) == 0;
    }
    return same;
  }

 private:
  unsigned seed_;
  Precision precision_;
  std::deque<std::vector<float>> memory_;
};

// "" if launch(tower, tensors, stream), once for each tower, leaves the same bits apart and together, where `joined`
// launches are of both towers. workspace[tower] is in bytes.
template <class Launcher>
std::string compare_together(Precision precision, const int64_t (&workspace)[2], int64_t joined, Launcher&& launch) {
  const Target target = mma_target(precision);
  std::vector<float> memory[2];
  TowerTensors apart[] = {{0, precision}, {1, precision}}, together[] = {{0, precision}, {1, precision}};
  Launches launches[2];
  for (const bool collects : {false, true}) {
    for (int tower = 0; tower < 2; ++tower) {
      memory[tower].assign(size_t(workspace[tower]) / sizeof(float) + 1, NAN);
      Stream stream = {target, nullptr, {2}, memory[tower].data(), workspace[tower]};
      if (collects) stream.collected = &launches[tower];
      const Status status = launch(tower, (collects ? together : apart)[tower], stream);
      if (!status.ok()) return status.text();
    }
  }
  for (int tower = 0; tower < 2; ++tower) {
    if (together[tower].same_bits(apart[tower])) return "a launch that is collected has run";
  }
  int64_t found = 0;
  const Status status = start_together(launches[0], launches[1], {target, nullptr, {2}}, &found);
  if (!status.ok()) return status.text();
  if (found != joined) return format_text("%d launches are of both towers, not %d", int(found), int(joined));
  for (int tower = 0; tower < 2; ++tower) {
    if (!together[tower].same_bits(apart[tower])) return format_text("tower %d differs", tower);
  }
  return "";
}

// test(variant, precision) of each variant of a pass for tensor cores; "" if each has ""; there are three or more.
template <class Pass, class Test>
std::string for_mma_variants(Test&& test) {
  int tested = 0;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != Kind::kEmu || std::string(variant.name).find("mma_") == std::string::npos) continue;
    const std::string wrong = test(variant, variant.precision);
    if (!wrong.empty()) return std::string(Pass::pass) + " " + variant.name + ": " + wrong;
    ++tested;
  }
  return tested >= 3 ? "" : format_text("%s has %d variants for tensor cores", Pass::pass, tested);
}

}  // namespace alexnet::check

#endif  // ALEXNET_LAUNCHES_CHECK_H
