#include "check/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>

#include "check/compare.h"

namespace alexnet::check {

namespace {

constexpr double kSampleProducts = 1e8;  // multiply-adds spent on the elements of one output
constexpr int64_t kLeastElements = 64;
constexpr double kWarmUpUs = 20'000;
constexpr double kLeastSampleUs = 200;   // one launch is timed alone if it takes this long
constexpr double kReplayedBelowUs = 10;  // shorter launches on a GPU are timed as replays of a graph
constexpr double kMostUs = 3'000'000;    // of all samples of one case: a slow kernel gets fewer, but five
constexpr int kLeastSamples = 5;
constexpr int64_t kMostSets = 256;

double now_us() {
  using namespace std::chrono;
  return duration<double, std::micro>(steady_clock::now().time_since_epoch()).count();
}

bool is_output(const TensorSpec& tensor) { return tensor.role != Role::kInput; }

// What a call has to move: inputs once, outputs once, what is updated twice.
double moved_bytes(const AnyCase& c) {
  double bytes = 0;
  for (const TensorSpec& tensor : c.tensors) {
    const double once = tensor.moved * double(count_of(tensor) * element_bytes(tensor.type));
    bytes += tensor.role == Role::kInOut ? 2 * once : once;
  }
  return bytes;
}

// Elements spread over [0, count), the first and the last among them, at changing distances from the tiles' borders.
std::vector<int64_t> spread(int64_t count, int64_t samples) {
  std::vector<int64_t> indices;
  const int64_t width = std::max<int64_t>(count / samples, 1);
  for (int64_t k = 0; k * width < count; ++k) {
    indices.push_back(std::min(k * width + k * 7919 % width, count - 1));
  }
  indices.push_back(count - 1);
  return indices;
}

// Of the elements that are compared.
class Error {
 public:
  void add(double got, double want) {
    difference_ += (got - want) * (got - want);
    reference_ += want * want;
  }
  double relative() const { return reference_ > 0 ? std::sqrt(difference_ / reference_) : 0; }

 private:
  double difference_ = 0, reference_ = 0;
};

// Sampled elements are right and the others finite.
Status compare_sample(const AnyCase& c, const TensorSpec& tensor, const std::vector<float>& got, Doubles& doubles,
                      const Tolerance& exact, Error* error) {
  for (size_t i = 0; i < got.size(); ++i) {
    ALEXNET_REQUIRE(std::isfinite(got[i]), ALEXNET_INTERNAL, "%s%s is %g", tensor.name.c_str(),
                    index_text(tensor, int64_t(i)).c_str(), double(got[i]));
  }
  const auto count = int64_t(got.size());
  const double products = c.flop / 2 / double(count);
  const auto samples = std::max(kLeastElements, int64_t(kSampleProducts / std::max(products, 1.0)));
  for (const int64_t i : spread(count, std::min(samples, count))) {
    const double want = c.element(doubles, i);
    error->add(double(got[size_t(i)]), want);
    const Tolerance tolerance = tolerance_of(tensor, exact);
    ALEXNET_REQUIRE(close(got[size_t(i)], want, tolerance), ALEXNET_INTERNAL,
                    "%s%s is %.9g, want %.9g; allowed are %.3g + %.3g * |want|", tensor.name.c_str(),
                    index_text(tensor, i).c_str(), double(got[size_t(i)]), want, tolerance.absolute,
                    tolerance.relative);
  }
  return {};
}

// The stream and the two events of the measurement.
class Clock {
 public:
  explicit Clock(Device& device) : device_(device) {}
  ~Clock() {
    for (void* event : events_) device_.destroy_event(event);
  }
  // The times of `samples` runs of `queue`, in order; nothing but the runs is queued between two marks.
  template <class Queue>
  Status times(int samples, void* stream, Queue&& queue, std::vector<double>* us) {
    us->clear();
    if (device_.kind() != Kind::kCuda) {
      for (int i = 0; i < samples; ++i) {
        const double begin = now_us();
        ALEXNET_TRY(queue());
        us->push_back(now_us() - begin);
      }
      return {};
    }
    while (int(events_.size()) <= samples) {
      void* event = nullptr;
      ALEXNET_TRY(device_.create_event(&event));
      events_.push_back(event);
    }
    ALEXNET_TRY(device_.record(events_[0], stream));
    for (int i = 0; i < samples; ++i) {
      ALEXNET_TRY(queue());
      ALEXNET_TRY(device_.record(events_[size_t(i) + 1], stream));
    }
    for (int i = 0; i < samples; ++i) {
      double time_us = 0;
      ALEXNET_TRY(device_.elapsed(events_[size_t(i)], events_[size_t(i) + 1], &time_us));
      us->push_back(time_us);
    }
    return {};
  }

 private:
  Device& device_;
  std::vector<void*> events_;
};

// Launches as one graph: where the GPU takes less for a launch than the host does for queueing it, the time would be
// the host's.
class Replay {
 public:
  explicit Replay(Device& device) : device_(device) {}
  ~Replay() {
    if (executable_ != nullptr) device_.destroy_executable(executable_);
    if (stream_ != nullptr) device_.destroy_stream(stream_);
  }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  void* stream() const { return stream_; }  // null, the device's own, until something is recorded

  // What `queue` queues on stream().
  template <class Queue>
  Status record(Queue&& queue) {
    ALEXNET_TRY(device_.create_stream(&stream_));
    ALEXNET_TRY(device_.begin_capture(stream_));
    const Status queued = queue();
    if (!queued.ok()) {
      device_.abandon_capture(stream_);
      return queued;
    }
    ALEXNET_TRY(device_.end_capture(stream_, &executable_));
    return launch();  // the first takes its time to get to the device
  }
  Status launch() { return device_.launch_executable(executable_, stream_); }

 private:
  Device& device_;
  void* stream_ = nullptr;
  void* executable_ = nullptr;
};

}  // namespace

Measurement evaluate(const std::vector<double>& sorted_us, double flop, double bytes, const Ceilings& ceilings) {
  const auto at = [&](double share) { return sorted_us[size_t(share * double(sorted_us.size() - 1) + 0.5)]; };
  Measurement m;
  m.samples = int(sorted_us.size());
  m.median_us = at(0.5);
  m.spread_percent = 100 * (at(0.9) - at(0.1)) / 2 / m.median_us;
  m.gflops = 1e-3 * flop / m.median_us;
  m.gbs = 1e-3 * bytes / m.median_us;
  const double ideal_us = 1e-3 * std::max(flop / ceilings.fma_gflops, bytes / ceilings.copy_gbs);
  m.roofline_percent = 100 * ideal_us / m.median_us;
  return m;
}

Stream Bench::stream(const AnyVariant& variant, const CaseWorkspace& workspace,
                     const PreparedLaunches::Memory& prepared) const {
  return {target_of(device_, variant), nullptr, device_.cores(), workspace.data(), workspace.bytes(), prepared.data()};
}

Status Bench::verify(const Prepared& prepared, const AnyVariant& variant, double* relative) {
  const AnyCase& c = prepared.c;
  std::map<std::string, std::vector<float>> outputs;
  {
    DeviceTensors tensors(c, device_);
    CaseWorkspace workspace(device_, variant.workspace_bytes(prepared.index));
    ALEXNET_TRY(workspace.poison());
    ALEXNET_TRY(tensors.upload(prepared.inputs));
    const PreparedLaunches::Memory memory(variant.prepared_bytes);
    const Stream to = stream(variant, workspace, memory);
    if (c.prepare) ALEXNET_TRY(c.prepare(tensors, to));
    if (variant.prepare) ALEXNET_TRY(variant.prepare(prepared.index, tensors, to));
    ALEXNET_TRY(variant.run(prepared.index, tensors, to));
    ALEXNET_TRY(tensors.download(&outputs));
    ALEXNET_TRY(workspace.intact());
  }
  DoubleTensors& doubles = *prepared.reference;
  // Factors that are stored rounded were so before the reference saw them.
  const bool rounds = variant.precision != Precision::kBf16;
  const Tolerance tolerance = rounds ? c.tolerance_of(variant.algorithm).scaled(variant.precision) : c.tolerance;
  Error error;
  for (const TensorSpec& tensor : c.tensors) {
    if (!is_output(tensor)) continue;
    const std::vector<float>& got = outputs[tensor.name];
    if (c.element) {
      ALEXNET_TRY(compare_sample(c, tensor, got, doubles, tolerance, &error));
      continue;
    }
    const double* const want = doubles[tensor.name.c_str()];
    ALEXNET_TRY(compare(tensor, got, want, tolerance));
    for (size_t i = 0; i < got.size(); ++i) error.add(double(got[i]), want[i]);
  }
  *relative = error.relative();
  return {};
}

Status Bench::time(const Prepared& prepared, const AnyVariant& variant, Measurement* measurement) {
  const double bytes = moved_bytes(prepared.c);
  const int64_t sets = std::min(kMostSets, 1 + int64_t(2 * double(ceilings_.cache_bytes) / bytes));
  CaseWorkspace workspace(device_, variant.workspace_bytes(prepared.index));
  ALEXNET_TRY(workspace.poison());
  std::vector<std::unique_ptr<DeviceTensors>> tensors;
  std::vector<PreparedLaunches::Memory> memories;
  for (int64_t i = 0; i < sets; ++i) {
    tensors.push_back(std::make_unique<DeviceTensors>(prepared.c, device_));
    ALEXNET_TRY(tensors.back()->upload(prepared.inputs));
    memories.emplace_back(variant.prepared_bytes);
    const Stream to = stream(variant, workspace, memories.back());
    if (prepared.c.prepare) ALEXNET_TRY(prepared.c.prepare(*tensors.back(), to));
    if (variant.prepare) ALEXNET_TRY(variant.prepare(prepared.index, *tensors.back(), to));
  }
  size_t next = 0;
  int launches = 1;
  Replay replay(device_);
  const auto queue = [&]() -> Status {
    for (int i = 0; i < launches; ++i) {
      Stream to = stream(variant, workspace, memories[next]);
      to.handle = replay.stream();
      ALEXNET_TRY(variant.run(prepared.index, *tensors[next], to));
      next = (next + 1) % tensors.size();
    }
    return {};
  };
  Clock clock(device_);
  std::vector<double> us;
  double warm = 0;
  for (int run = 0; run < 3 || warm < kWarmUpUs; ++run) {
    ALEXNET_TRY(clock.times(1, nullptr, queue, &us));
    warm += us[0];
  }
  launches = int(std::clamp(std::ceil(kLeastSampleUs / us[0]), 1.0, 1000.0));
  const double affordable = kMostUs / (us[0] * launches);
  const int samples = std::min(options_.samples, std::max(kLeastSamples, int(std::min(affordable, 1e6))));
  if (device_.kind() == Kind::kCuda && us[0] < kReplayedBelowUs) {
    ALEXNET_TRY(replay.record(queue));
    ALEXNET_TRY(clock.times(
        samples, replay.stream(), [&] { return replay.launch(); }, &us));
  } else {
    ALEXNET_TRY(clock.times(samples, nullptr, queue, &us));
  }
  for (double& value : us) value /= launches;
  std::sort(us.begin(), us.end());
  *measurement = evaluate(us, prepared.c.flop, bytes, ceilings_);
  return {};
}

Status Bench::run_check(const AnyCheck& bench, bool* right) {
  for (size_t i = 0; i < bench.cases.size(); ++i) {
    std::map<Precision, Prepared> by_precision;
    for (const AnyVariant& variant : bench.variants()) {
      Prepared& prepared =
          by_precision.try_emplace(variant.precision, bench, i, as_stored(bench.cases[i], variant.precision))
              .first->second;
      const std::string name =
          bench.family + "/" + bench.pass + "/" + variant.name + "/" + kind_name(variant.kind) + "/" + prepared.c.name;
      if (variant.kind != device_.kind() || name.find(options_.filter) == std::string::npos) continue;
      const Target target = target_of(device_, variant);
      if (!variant.supports(target, i) || (options_.chosen_only && !variant.chosen(target, i))) continue;
      if (prepared.reference == nullptr) {
        prepared.inputs =
            make_inputs(bench.family + "/" + bench.pass + "/" + prepared.c.name, prepared.c, options_.seed);
        prepared.reference = std::make_unique<DoubleTensors>(prepared.c, prepared.inputs);
        if (!prepared.c.element) prepared.c.reference(*prepared.reference);
      }
      Measurement measurement;
      double error = 0;
      const Status status = verify(prepared, variant, &error);
      // A kernel that is wrong, or refuses, ends nothing but its own line; a lost device ends the run.
      if (status.code() == ALEXNET_DEVICE_LOST) return status;
      if (!status.ok()) {
        *right = false;
        std::fprintf(stderr, "FAILED bench %s, not timed: %s\n", name.c_str(), status.text().c_str());
        continue;
      }
      ALEXNET_TRY(time(prepared, variant, &measurement));
      measurement.error = error;
      print(prepared, variant, measurement);
      ++timed_;
    }
  }
  return {};
}

Status Bench::run(const std::vector<AnyCheck>& checks, bool* right) {
  *right = true;
  if (device_.kind() == Kind::kCpu) {
    ALEXNET_TRY(device_.use_threads(options_.threads));
    if (ceilings_.fma_gflops == 0) ALEXNET_TRY(measure_cpu_ceilings(device_.cores(), &ceilings_));
  } else if (ceilings_.fma_gflops == 0) {
    ALEXNET_TRY(measure_cuda_ceilings(device_.index(), &ceilings_));
  }
  ALEXNET_TRY(device_.make_current());
  print_ceilings();
  for (const AnyCheck& check : checks) ALEXNET_TRY(run_check(check.bench(options_.batch), right));
  return {};
}

void Bench::print_ceilings() const {
  const Ceilings& c = ceilings_;
  const std::string outer = c.outer_gflops > 0 ? format_text(" and %.1f (outer product)", c.outer_gflops) : "";
  if (options_.json) {
    std::printf(
        "{\"ceilings\":\"%s\",\"machine\":\"%s\",\"fma_gflops\":%.1f,\"outer_gflops\":%.1f,\"copy_gbs\":%.1f,"
        "\"cache_bytes\":%lld,\"batch\":%d}\n",
        device_.name().c_str(), c.machine.c_str(), c.fma_gflops, c.outer_gflops, c.copy_gbs,
        static_cast<long long>(c.cache_bytes), options_.batch);
  } else {
    std::printf("%s: %s; ceilings: %.1f GFLOP/s (FMA loop)%s, %.1f GB/s (copy); cache %lld bytes, batch %d\n",
                device_.name().c_str(), c.machine.c_str(), c.fma_gflops, outer.c_str(), c.copy_gbs,
                static_cast<long long>(c.cache_bytes), options_.batch);
  }
  if (!options_.json) {
    std::printf("%-10s %-12s %-20s %-24s %12s %7s %11s %9s %6s %8s\n", "family", "pass", "layer", "variant", "us",
                "+-%", "GFLOP/s", "GB/s", "roof", "error");
  }
  std::fflush(stdout);
}

void Bench::print(const Prepared& prepared, const AnyVariant& variant, const Measurement& m) const {
  const bool chosen = variant.chosen(target_of(device_, variant), prepared.index);
  if (options_.json) {
    std::printf(
        "{\"family\":\"%s\",\"pass\":\"%s\",\"layer\":\"%s\",\"variant\":\"%s\",\"kind\":\"%s\",\"batch\":%d,"
        "\"chosen\":%s,\"samples\":%d,\"us\":%.3f,\"spread_percent\":%.2f,\"gflops\":%.1f,\"gbs\":%.1f,"
        "\"roofline_percent\":%.1f,\"error\":%.3g}\n",
        prepared.check.family.c_str(), prepared.check.pass.c_str(), prepared.c.name.c_str(), variant.name.c_str(),
        kind_name(variant.kind), options_.batch, chosen ? "true" : "false", m.samples, m.median_us, m.spread_percent,
        m.gflops, m.gbs, m.roofline_percent, m.error);
  } else {
    const std::string name = variant.name + (chosen ? " *" : "");
    const std::string gflops = prepared.c.flop > 0 ? format_text("%.1f", m.gflops) : "-";
    std::printf("%-10s %-12s %-20s %-24s %12.1f %6.1f%% %11s %9.1f %5.1f%% %8.2g\n", prepared.check.family.c_str(),
                prepared.check.pass.c_str(), prepared.c.name.c_str(), name.c_str(), m.median_us, m.spread_percent,
                gflops.c_str(), m.gbs, m.roofline_percent, m.error);
  }
  std::fflush(stdout);
}

}  // namespace alexnet::check
