#include "check/checker.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>

#include "check/case_memory.h"
#include "check/compare.h"
#include "check/crash_report.h"
#include "emulator/emulator.h"
#include "runtime/prepared.h"

namespace alexnet::check {

namespace {

constexpr int32_t kOddThreads = 3;  // so that a split of the work is uneven
constexpr int kMaxGradientSamples = 48;
constexpr double kGradientSeconds = 0.3;  // for all samples of one gradient of one case

double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

Status same_bits(const AnyCase& c, const std::map<std::string, std::vector<float>>& a,
                 const std::map<std::string, std::vector<float>>& b, const char* what) {
  for (const TensorSpec& tensor : c.tensors) {
    const auto found = a.find(tensor.name);
    if (found == a.end()) continue;
    const std::vector<float>& left = found->second;
    const std::vector<float>& right = b.at(tensor.name);
    for (size_t i = 0; i < left.size(); ++i) {
      ALEXNET_REQUIRE(std::memcmp(&left[i], &right[i], sizeof(float)) == 0, ALEXNET_INTERNAL,
                      "%s%s is %.9g in one run and %.9g in another (%s)", tensor.name.c_str(),
                      index_text(tensor, int64_t(i)).c_str(), double(left[i]), double(right[i]), what);
    }
  }
  return {};
}

// Puts the emulator's settings back when it goes.
class SettingsScope {
 public:
  SettingsScope() : before_(emulator::settings()) {}
  ~SettingsScope() { emulator::settings() = before_; }

 private:
  const emulator::Settings before_;
};

int64_t values_of(const AnyCase& c) {
  return std::accumulate(c.tensors.begin(), c.tensors.end(), int64_t(0),
                         [](int64_t sum, const TensorSpec& tensor) { return sum + count_of(tensor); });
}

// Kernels of 3xtf32 are those of tf32 with other arithmetic, in registers, and what is rounded or widened first is then
// multiplied by float32's kernels: what races or does not repeat there does it here.
bool runs_otherwise(const AnyVariant& variant) {
  return variant.precision != Precision::kTf32x3 && std::string(conversion_of(variant.name)).empty();
}

}  // namespace

const char* mode_name(Mode mode) {
  constexpr const char* kNames[] = {"test", "grad", "race", "repeat"};
  return kNames[int(mode)];
}

Row Checker::check_variant(const AnyCheck& check, const AnyVariant& variant, Device& device,
                           const bool (&modes)[kModes]) {
  Row row{check.family, check.pass, variant.name, kind_name(variant.kind), "", {}, 0, 0};
  references_.enter(check);
  const double begin = now();
  const std::string prefix = check.family + "/" + check.pass + "/" + variant.name + "/" + row.kind + "/";
  for (size_t i = 0; i < check.cases.size(); ++i) {
    const AnyCase c = as_stored(check.cases[i], variant.precision);
    const std::string name = prefix + c.name;
    if (!wanted(name) || !aliases_fit(c) || !variant.supports(target_of(device, variant), i)) continue;
    if (values_of(c) > most_values_) {
      ++row.left_out;
      continue;
    }
    const CrashNote note(name);
    const Inputs inputs = make_inputs(check.family + "/" + check.pass + "/" + c.name, c, seed_);
    emulator::counters() = {};
    if (modes[int(Mode::kTest)]) record(&row, Mode::kTest, name, test(variant, i, c, inputs, device));
    if (modes[int(Mode::kRepeat)] && runs_otherwise(variant)) {
      record(&row, Mode::kRepeat, name, repeat(variant, i, c, inputs, device));
    }
    if (modes[int(Mode::kRace)] && variant.kind == Kind::kEmu && c.race && runs_otherwise(variant)) {
      record(&row, Mode::kRace, name, race(variant, i, c, inputs, device));
    }
  }
  row.seconds = now() - begin;
  return row;
}

Row Checker::check_reference(const AnyCheck& check) {
  Row row{check.family, check.pass, "reference", "-", "", {}, 0, 0};
  const double begin = now();
  for (const AnyCase& c : check.cases) {
    const std::string name = check.family + "/" + check.pass + "/reference/-/" + c.name;
    if (!wanted(name) || !c.grad || !c.loss) continue;
    const Inputs inputs = make_inputs(check.family + "/" + check.pass + "/" + c.name, c, seed_);
    for (const Gradient& g : check.gradients) {
      if (DoubleTensors(c, inputs).has(g.of.c_str())) record(&row, Mode::kGrad, name, gradient(c, g, inputs));
    }
  }
  row.seconds = now() - begin;
  return row;
}

void Checker::record(Row* row, Mode mode, const std::string& name, const Status& status) {
  Tally& tally = row->tally[int(mode)];
  if (status.ok()) {
    ++tally.passed;
    return;
  }
  ++tally.failed;
  say_(format_text("%s %s, seed %llu: %s\n  again: kernel_check --%s --filter '%s' --seed %llu", mode_name(mode),
                   name.c_str(), static_cast<unsigned long long>(seed_), status.text().c_str(), mode_name(mode),
                   name.c_str(), static_cast<unsigned long long>(seed_)));
}

Status Checker::run(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device,
                    int32_t threads, Outputs* outputs) {
  bool trespassed = false;
  const Status status = run_once(variant, index, c, inputs, device, threads, nullptr, &trespassed, outputs);
  if (!trespassed || device.kind() == Kind::kCuda) return status;
  // Once more, to learn who it was; with one thread, since a watch sees no other while it looks at one store.
  WriteWatch watch;
  (void)run_once(variant, index, c, inputs, device, 1, &watch, &trespassed, outputs);
  const std::string culprit = watch.culprit();
  return culprit.empty() ? status : Status(status.code(), status.text() + ": " + culprit);
}

Status Checker::run_once(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs,
                         Device& device, int32_t threads, WriteWatch* watch, bool* trespassed, Outputs* outputs) {
  DeviceTensors tensors(c, device);
  ALEXNET_TRY(device.make_current());
  ALEXNET_TRY(tensors.upload(inputs));
  CaseWorkspace workspace(device, variant.workspace_bytes(index));
  ALEXNET_TRY(workspace.poison());
  const PreparedLaunches::Memory prepared(variant.prepared_bytes);
  const Stream stream = {target_of(device, variant), nullptr,           {threads, device.cores().pool},
                         workspace.data(),           workspace.bytes(), prepared.data()};
  if (c.prepare) ALEXNET_TRY(c.prepare(tensors, stream));
  if (variant.prepare) ALEXNET_TRY(variant.prepare(index, tensors, stream));
  if (watch != nullptr) {
    tensors.watch(watch);
    workspace.watch(watch);
    watch->start();
  }
  const Status ran = variant.run(index, tensors, stream);
  if (watch != nullptr) watch->stop();
  ALEXNET_TRY(ran);
  const Status downloaded = tensors.download(outputs), intact = workspace.intact();
  *trespassed = tensors.trespassed() || workspace.trespassed();
  return downloaded.ok() ? intact : downloaded;
}

namespace {

// To so many significant bits, of two equally near values the one of larger magnitude.
double round_to_bits(double value, int bits) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return std::ldexp(std::round(std::ldexp(fraction, bits)), exponent - bits);
}

// The inputs as a product of this precision multiplies them.
std::map<std::string, std::vector<double>> with_rounded_factors(const AnyCase& c,
                                                                std::map<std::string, std::vector<double>> inputs,
                                                                Precision precision) {
  const int bits = -std::ilogb(unit_roundoff(precision));
  for (const std::string& factor : c.factors) {
    for (double& value : inputs[factor]) value = round_to_bits(value, bits);
  }
  return inputs;
}

}  // namespace

Status Checker::test(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device) {
  const bool stored = variant.precision == Precision::kBf16;  // what is stored was rounded before
  const bool rounds = !stored && unit_roundoff(variant.precision) > kFloatEpsilon && !c.factors.empty();
  const auto as_they_are = [&] { return inputs; };
  const auto rounded = [&] { return with_rounded_factors(c, inputs, variant.precision); };
  const Precision seen = stored || rounds ? variant.precision : Precision::kFp32;
  References::Results unrounded;  // a copy: what the reference gives is valid until it is asked again
  if (rounds && !c.unrounded.empty()) unrounded = references_.of(index, Precision::kFp32, c, as_they_are);
  const References::Results& want =
      rounds ? references_.of(index, seen, c, rounded) : references_.of(index, seen, c, as_they_are);
  const Tolerance tolerance =
      rounds || stored ? c.tolerance : c.tolerance_of(variant.algorithm).scaled(variant.precision);
  const bool on_cpu = device.kind() == Kind::kCpu;
  for (const int32_t threads : {on_cpu ? 1 : threads_, kOddThreads}) {
    Outputs outputs;
    ALEXNET_TRY(run(variant, index, c, inputs, device, threads, &outputs));
    for (const TensorSpec& tensor : c.tensors) {
      if (tensor.role == Role::kInput) continue;
      const bool exact = std::find(c.unrounded.begin(), c.unrounded.end(), tensor.name) != c.unrounded.end();
      const References::Results& from = rounds && exact ? unrounded : want;
      ALEXNET_TRY(compare(tensor, outputs[tensor.name], from.at(tensor.name).data(), exact ? c.tolerance : tolerance));
    }
    if (!on_cpu) break;
  }
  return {};
}

Status Checker::repeat(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs,
                       Device& device) {
  Outputs first, second;
  ALEXNET_TRY(run(variant, index, c, inputs, device, 1, &first));
  ALEXNET_TRY(run(variant, index, c, inputs, device, kOddThreads, &second));
  return same_bits(c, first, second, "the same call twice, with 1 and 3 threads");
}

Status Checker::race(const AnyVariant& variant, size_t index, const AnyCase& c, const Inputs& inputs, Device& device) {
  using emulator::Copies;
  using emulator::Schedule;
  const SettingsScope scope;
  emulator::settings() = {};
  emulator::counters() = {};
  Outputs first;
  ALEXNET_TRY(run(variant, index, c, inputs, device, threads_, &first));
  const bool waits = emulator::counters().barriers + emulator::counters().collectives > 0;
  const bool copies = emulator::counters().copies > 0;
  struct Plan {
    Schedule schedule;
    Copies copies;
    uint64_t seed;
    const char* text;
    bool needed;
  };
  const Plan plans[] = {
      {Schedule::kReverse, Copies::kLate, 1, "reverse schedule, late copies", true},
      {Schedule::kRandom, Copies::kLate, 1, "random schedule, late copies, seed 1", true},
      {Schedule::kRandom, Copies::kLate, 2, "random schedule, late copies, seed 2", waits},
      {Schedule::kOrdered, Copies::kEarly, 1, "ordered schedule, early copies", copies},
      {Schedule::kReverse, Copies::kEarly, 1, "reverse schedule, early copies", copies},
      {Schedule::kRandom, Copies::kEarly, 3, "random schedule, early copies, seed 3", copies},
      {Schedule::kRandom, Copies::kRandom, 4, "random schedule, random copies, seed 4", copies},
  };
  for (const Plan& plan : plans) {
    if (!plan.needed) continue;
    emulator::settings() = {plan.schedule, plan.copies, plan.seed, true};
    Outputs other;
    const Status status = run(variant, index, c, inputs, device, threads_, &other);
    if (!status.ok()) return {status.code(), status.text() + " (" + plan.text + ")"};
    ALEXNET_TRY(same_bits(c, first, other, plan.text));
  }
  return {};
}

// Central differences of the loss against the reference's gradient, on elements spread over the tensor.
Status Checker::gradient(const AnyCase& c, const Gradient& gradient, const Inputs& inputs) {
  DoubleTensors tensors(c, inputs);
  c.reference(tensors);
  const std::vector<double> want(tensors[gradient.of.c_str()],
                                 tensors[gradient.of.c_str()] + tensors.count(gradient.of.c_str()));
  double* const by = tensors[gradient.by.c_str()];
  ALEXNET_REQUIRE(by != nullptr && want.size() == size_t(tensors.count(gradient.by.c_str())), ALEXNET_INTERNAL,
                  "%s is no gradient by %s: their sizes differ", gradient.of.c_str(), gradient.by.c_str());
  double largest = 0;
  for (const double value : want) largest = std::max(largest, std::abs(value));
  const double begin = now();
  (void)c.loss(tensors);
  const double once = std::max(now() - begin, 1e-9);
  const auto affordable = int64_t(std::clamp(kGradientSeconds / (2 * once), 3.0, double(kMaxGradientSamples)));
  const auto count = int64_t(want.size()), samples = std::min(count, affordable);
  for (int64_t k = 0; k < samples; ++k) {
    const int64_t i = samples == 1 ? 0 : k * (count - 1) / (samples - 1);
    const double value = by[i];
    by[i] = value + gradient.step;
    const double above = c.loss(tensors);
    by[i] = value - gradient.step;
    const double below = c.loss(tensors);
    by[i] = value;
    const double got = (above - below) / (2 * gradient.step), allowed = gradient.relative * largest + 1e-12;
    const auto tensor =
        std::find_if(c.tensors.begin(), c.tensors.end(), [&](const TensorSpec& t) { return t.name == gradient.of; });
    ALEXNET_REQUIRE(std::abs(got - want[size_t(i)]) <= allowed, ALEXNET_INTERNAL,
                    "%s%s is %.12g, the central difference by %s is %.12g, allowed are %.3g", gradient.of.c_str(),
                    index_text(*tensor, i).c_str(), want[size_t(i)], gradient.by.c_str(), got, allowed);
  }
  return {};
}

}  // namespace alexnet::check
