// kernel_check: every kernel of this build against its reference. `--help` lists the options; check.h says what a case
// is, bench.h what --bench measures. Ends with "N passed, N failed" and exit status 1 if anything failed, 2 if the
// command line is wrong.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <tuple>

#include "check/bench.h"
#include "check/checker.h"
#include "check/crash_report.h"
#include "common/unit.h"
#include "runtime/build_info.h"
#include "runtime/limits.h"

namespace alexnet::check {

std::vector<AnyCheck>& checks() {
  static std::vector<AnyCheck> all;
  return all;
}

namespace {

constexpr const char* kHelp =
    "usage: kernel_check [options]\n"
    "  --test --grad --race --repeat   only these modes (default: all)\n"
    "  --filter TEXT                   only cases whose family/pass/variant/kind/case contains TEXT\n"
    "  --values N                      only cases of at most N values in all tensors\n"
    "  --devices LIST                  of emu, cpu, cuda (default: those that are there)\n"
    "  --seed N                        of the inputs (default 1)\n"
    "  --threads N                     of the emulator, and of cpu with --bench (default: as many as there are cores)\n"
    "  --list                          cases (family/pass/case), and why each is there; runs nothing\n"
    "  --json                          the table as JSON lines\n"
    "  --bench                         times the paper's layers instead, on cuda and cpu; with\n"
    "      --batch N                   images (default 128)\n"
    "      --samples N                 of each time (default 50, at least 5; fewer where 3 s do not suffice)\n"
    "      --chosen                    only the variant that an operation would run\n";

struct Options {
  bool modes[kModes] = {};
  bool list = false, json = false, bench = false, chosen = false;
  std::string filter;
  std::string devices;
  uint64_t seed = 1, batch = 128, samples = 50, threads = 0, values = INT64_MAX;
};

// False if `text` is no number in [low, high].
bool parse_number(const char* text, uint64_t low, uint64_t high, uint64_t* number) {
  char* end = nullptr;
  const uint64_t value = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0' || value < low || value > high) return false;
  *number = value;
  return true;
}

// False if `word` is no option with a value, or the value is none of its own.
bool parse_value(const std::string& word, const char* value, Options* options) {
  if (word == "--filter") return options->filter = value, true;
  if (word == "--devices") return options->devices = value, true;
  if (word == "--seed") return parse_number(value, 0, UINT64_MAX, &options->seed);
  if (word == "--values") return parse_number(value, 1, INT64_MAX, &options->values);
  if (word == "--batch") return parse_number(value, 1, 1 << 16, &options->batch);
  if (word == "--samples") return parse_number(value, 5, 1 << 20, &options->samples);
  if (word == "--threads") return parse_number(value, 1, 1024, &options->threads);
  return false;
}

// False, with one line on stderr, if the command line is wrong.
bool parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    bool known = false;
    for (int m = 0; m < kModes; ++m) {
      if (word == std::string("--") + mode_name(Mode(m))) known = options->modes[m] = true;
    }
    if (word == "--list") known = options->list = true;
    if (word == "--json") known = options->json = true;
    if (word == "--bench") known = options->bench = true;
    if (word == "--chosen") known = options->chosen = true;
    if (!known && i + 1 < argc) known = parse_value(word, argv[++i], options);
    if (!known) {
      std::fprintf(stderr, "kernel_check: '%s' is no option, or its value is missing or not allowed; see --help\n",
                   word.c_str());
      return false;
    }
  }
  if (!std::count(options->modes, options->modes + kModes, true)) std::fill_n(options->modes, kModes, true);
  return true;
}

// The devices to run on, by kind; null for a kind that is not there or not asked for.
struct DeviceSet {
  std::shared_ptr<Device> by_kind[3];
  std::string missing[3];

  // BAD_ARGUMENT if a kind that was named is not there.
  Status open(const std::string& list) {
    for (const Kind kind : {Kind::kEmu, Kind::kCuda, Kind::kCpu}) {
      const bool named = ("," + list + ",").find(std::string(",") + kind_name(kind) + ",") != std::string::npos;
      missing[int(kind)] = "not asked for";
      if (!list.empty() && !named) continue;
      const Status status = open_device(kind, 0, &by_kind[int(kind)]);
      missing[int(kind)] = status.text();
      if (named) ALEXNET_TRY(status);
    }
    std::string rest = list;
    for (const char* kind : {"emu", "cuda", "cpu"}) {
      const size_t at = rest.find(kind);
      if (at != std::string::npos) rest.erase(at, std::strlen(kind));
    }
    ALEXNET_REQUIRE(rest.find_first_not_of(',') == std::string::npos, ALEXNET_BAD_ARGUMENT,
                    "--devices is '%s'; allowed are emu, cpu and cuda, separated by commas", list.c_str());
    return {};
  }
};

// Whether a device of the variant's kind may run it, whichever are here.
bool supported_somewhere(const AnyVariant& variant, size_t index) {
  for (const int32_t capability : {0, 75, 80, 86, 89, 90, 100, 103, 110, 120}) {
    if (variant.supports({variant.kind, capability, variant.precision, variant.algorithm}, index)) return true;
  }
  return false;
}

// Whether the filter names the case in one of the variants that it runs with.
bool is_listed(const AnyCheck& check, size_t index, const std::string& filter) {
  for (const AnyVariant& variant : check.variants()) {
    const std::string name = check.family + "/" + check.pass + "/" + variant.name + "/" + kind_name(variant.kind) +
                             "/" + check.cases[index].name;
    if (name.find(filter) != std::string::npos && supported_somewhere(variant, index)) return true;
  }
  return false;
}

// False if there is no such case.
bool print_list(const std::string& filter) {
  int listed = 0;
  for (const AnyCheck& check : checks()) {
    for (size_t i = 0; i < check.cases.size(); ++i) {
      if (!is_listed(check, i, filter)) continue;
      ++listed;
      const AnyCase& c = check.cases[i];
      std::printf("%s/%s/%-24s %s\n", check.family.c_str(), check.pass.c_str(), c.name.c_str(), c.why.c_str());
    }
  }
  if (listed == 0) std::fputs("kernel_check: no case matches\n", stderr);
  return listed > 0;
}

void print_row(const Row& row, bool json) {
  if (json) {
    std::printf("{\"family\":\"%s\",\"pass\":\"%s\",\"variant\":\"%s\",\"kind\":\"%s\",\"seconds\":%.3f",
                row.family.c_str(), row.pass.c_str(), row.variant.c_str(), row.kind.c_str(), row.seconds);
    for (int m = 0; m < kModes; ++m) {
      std::printf(",\"%s\":[%d,%d]", mode_name(Mode(m)), row.tally[m].passed, row.tally[m].failed);
    }
    std::printf(",\"skipped\":\"%s\"}\n", row.skipped.c_str());
  } else {
    std::printf("%-10s %-8s %-20s %-5s", row.family.c_str(), row.pass.c_str(), row.variant.c_str(), row.kind.c_str());
    for (const Tally& tally : row.tally) {
      const std::string text = std::to_string(tally.passed) + "/" + std::to_string(tally.passed + tally.failed);
      std::printf(" %7s", tally.passed + tally.failed == 0 ? "-" : text.c_str());
    }
    std::printf(" %7.2f s%s%s\n", row.seconds, row.skipped.empty() ? "" : "  skipped: ", row.skipped.c_str());
  }
  std::fflush(stdout);
}

struct Totals {
  int passed = 0, failed = 0, skipped = 0, left_out = 0;

  void add(const Row& row) {
    for (const Tally& tally : row.tally) {
      passed += tally.passed;
      failed += tally.failed;
    }
    skipped += !row.skipped.empty();
    left_out += row.left_out;
  }
};

bool ran(const Row& row) {
  return std::any_of(row.tally, row.tally + kModes, [](const Tally& t) { return t.passed + t.failed > 0; });
}

// The tests of unit.h, which belong to --test: what the references are measured by.
Totals run_unit_tests(const Options& options) {
  Totals totals;
  for (const UnitTest& test : unit_tests()) {
    const std::string name = std::string(test.family) + "/unit/" + test.name;
    if (name.find(options.filter) == std::string::npos) continue;
    const std::string wrong = test.run();
    if (!wrong.empty()) std::fprintf(stderr, "FAILED %s: %s\n", name.c_str(), wrong.c_str());
    ++(wrong.empty() ? totals.passed : totals.failed);
  }
  return totals;
}

// A pass that emu or cpu lacks is a failure: without it a network that uses the family does not run there.
int count_missing(const std::string& filter) {
  int missing = 0;
  for (const AnyCheck& check : checks()) {
    if ((check.family + "/" + check.pass + "/").find(filter) == std::string::npos) continue;
    const std::string stem = "kernels/" + check.family + "/" + check.family + "_";
    const std::pair<Kind, std::string> wanted[] = {{Kind::kEmu, stem + check.pass + "_direct.cu"},
                                                   {Kind::kCpu, stem + "ALGORITHM_cpu.cpp"}};
    const std::vector<AnyVariant> variants = check.variants();
    for (const auto& [kind, file] : wanted) {
      const auto fits = [kind = kind](const AnyVariant& variant) { return variant.kind == kind; };
      if (std::any_of(variants.begin(), variants.end(), fits)) continue;
      ++missing;
      std::fprintf(stderr, "FAILED %s/%s: there is no variant for %s; it would be in %s\n", check.family.c_str(),
                   check.pass.c_str(), kind_name(kind), file.c_str());
    }
  }
  return missing;
}

// A kernel that nothing checks is a failure.
int count_unchecked() {
  std::set<std::tuple<std::string, std::string, std::string, Kind>> covered;
  for (const AnyCheck& check : checks()) {
    for (const AnyVariant& variant : check.variants()) {
      for (size_t i = 0; i < check.cases.size(); ++i) {
        if (supported_somewhere(variant, i)) covered.insert({check.family, check.pass, variant.name, variant.kind});
      }
    }
  }
  int unchecked = 0;
  for (const VariantRow& row : sorted_variant_rows()) {
    if (covered.count({row.family, row.pass, row.variant, row.kind}) != 0) continue;
    ++unchecked;
    std::fprintf(stderr, "FAILED %s/%s/%s/%s: no case checks this kernel (%s)\n", row.family.c_str(), row.pass.c_str(),
                 row.variant.c_str(), kind_name(row.kind), row.file.c_str());
  }
  return unchecked;
}

int32_t threads_of(const Options& options) { return options.threads > 0 ? int32_t(options.threads) : limits::cores(); }

Totals run_all(const Options& options, const DeviceSet& devices) {
  Totals totals;
  Checker checker(
      options.seed, options.filter,
      [](const std::string& failure) { std::fprintf(stderr, "FAILED %s\n", failure.c_str()); }, threads_of(options),
      int64_t(options.values));
  for (const AnyCheck& check : checks()) {
    if (options.modes[int(Mode::kGrad)] && !check.gradients.empty()) {
      const Row row = checker.check_reference(check);
      if (ran(row)) print_row(row, options.json);
      totals.add(row);
    }
    for (const AnyVariant& variant : check.variants()) {
      Device* device = devices.by_kind[int(variant.kind)].get();
      Row row{check.family, check.pass, variant.name, kind_name(variant.kind), "", {}, 0, 0};
      if (device != nullptr) {
        row = checker.check_variant(check, variant, *device, options.modes);
      } else {
        row.skipped = devices.missing[int(variant.kind)];
      }
      const bool hidden = !ran(row) && row.left_out == 0 && (row.skipped.empty() || !options.filter.empty());
      if (hidden) continue;
      print_row(row, options.json);
      totals.add(row);
    }
  }
  if (options.filter.empty()) totals.failed += count_unchecked();
  totals.failed += count_missing(options.filter);
  return totals;
}

// Times the kernels of cuda and cpu, as far as they are there.
int run_bench(const Options& options, const DeviceSet& devices) {
  if (("," + options.devices + ",").find(",emu,") != std::string::npos) {
    std::fputs("kernel_check: emu is not timed: an emulated kernel's time says nothing about a GPU\n", stderr);
    return 2;
  }
  const BenchOptions bench_options = {
      int32_t(options.batch), int32_t(options.samples), threads_of(options), options.chosen, options.json, options.seed,
      options.filter};
  int timed = 0;
  bool all_right = true;
  for (const Kind kind : {Kind::kCuda, Kind::kCpu}) {
    Device* device = devices.by_kind[int(kind)].get();
    if (device == nullptr) {
      std::fprintf(stderr, "%s skipped: %s\n", kind_name(kind), devices.missing[int(kind)].c_str());
      continue;
    }
    Bench bench(bench_options, *device);
    bool right = true;
    const Status status = bench.run(checks(), &right);
    if (!status.ok()) std::fprintf(stderr, "kernel_check: %s\n", status.text().c_str());
    all_right = all_right && right && status.ok();
    timed += bench.timed();
  }
  if (all_right && timed == 0) {
    std::fputs("kernel_check: no layer matches\n", stderr);
    return 2;
  }
  return all_right ? 0 : 1;
}

int main_of(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--help") == 0) return std::fputs(kHelp, stdout), 0;
  }
  Options options;
  if (!parse(argc, argv, &options)) return 2;
  std::sort(checks().begin(), checks().end(), [](const AnyCheck& a, const AnyCheck& b) {
    return std::tie(a.family, a.pass) < std::tie(b.family, b.pass);
  });
  if (options.list) return print_list(options.filter) ? 0 : 2;
  DeviceSet devices;
  const Status status = devices.open(options.devices);
  if (!status.ok()) {
    std::fprintf(stderr, "kernel_check: %s\n", status.text().c_str());
    return 2;
  }
  report_crashes();
  if (options.bench) return run_bench(options, devices);
  if (!options.json) {
    std::printf("%-10s %-8s %-20s %-5s %7s %7s %7s %7s\n", "family", "pass", "variant", "kind", "test", "grad", "race",
                "repeat");
  }
  Totals totals = run_all(options, devices);
  if (options.modes[int(Mode::kTest)]) {
    const Totals units = run_unit_tests(options);
    if (units.passed + units.failed > 0 && !options.json) {
      std::printf("%-10s %-8s %d of %d tests of the references\n", "unit", "-", units.passed,
                  units.passed + units.failed);
    }
    totals.passed += units.passed;
    totals.failed += units.failed;
  }
  if (totals.passed + totals.failed == 0) {
    std::fprintf(stderr, "kernel_check: no case matches\n");
    return 2;
  }
  if (totals.skipped > 0) std::fprintf(stderr, "%d kernels skipped, as the table says\n", totals.skipped);
  if (totals.left_out > 0) {
    std::fprintf(stderr, "%d cases of more than %lld values were left out\n", totals.left_out,
                 static_cast<long long>(options.values));
  }
  const char* const last = options.json ? "{\"passed\":%d,\"failed\":%d}\n" : "%d passed, %d failed\n";
  std::printf(last, totals.passed, totals.failed);
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace alexnet::check

int main(int argc, char** argv) {
  // A case's memory is the next one's: mapped anew each time, its page faults were a third of all.
  mallopt(M_MMAP_THRESHOLD, 1 << 30), mallopt(M_TRIM_THRESHOLD, 1 << 30);
  return alexnet::check::main_of(argc, argv);
}
