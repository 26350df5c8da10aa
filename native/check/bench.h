// kernel_check --bench: how long each kernel takes on the paper's layers, and how far that is from what the machine
// can do.
//
// A kernel is timed only after it gave the right result on the very case and batch that is timed: against the whole
// reference, or where that would take minutes (Check::element) against a sample of it that is spread over the output,
// all other elements being finite. Inputs are uniform in [-1, 1] unless the case says otherwise. The tensors are there
// several times, in memory beyond twice the cache, and each launch takes the next set. CUDA events on cuda, the steady
// clock on cpu; the emulator is not timed, as its time says nothing about a GPU.
//
// A sample is one launch, or as many as fill a fifth of a millisecond; warm-up apart. Bytes are those of the case's
// tensors, each read or written once. Roofline: the larger of flop / FMA ceiling and bytes / copy ceiling, both
// measured by the same run, over the median. Error: the Euclidean length of what the compared elements differ by from
// the reference in double, over that of the reference.
#ifndef ALEXNET_CHECK_BENCH_H
#define ALEXNET_CHECK_BENCH_H

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "check/case_memory.h"
#include "common/check.h"
#include "runtime/ceilings.h"
#include "runtime/device.h"
#include "runtime/prepared.h"

namespace alexnet::check {

struct BenchOptions {
  int32_t batch = 128;
  int32_t samples = 50;
  int32_t threads = 0;  // of cpu; 0: all
  bool chosen_only = false;
  bool json = false;
  uint64_t seed = 1;
  std::string filter;
};

// One variant on one layer.
struct Measurement {
  int samples = 0;
  double median_us = 0;
  double spread_percent = 0;  // half of what lies between the 10th and the 90th percentile
  double gflops = 0, gbs = 0, roofline_percent = 0;
  double error = 0;  // |difference| / |reference| of the elements that were compared
};

// From sorted times of one call each.
Measurement evaluate(const std::vector<double>& sorted_us, double flop, double bytes, const Ceilings& ceilings);

class Bench {
 public:
  // Ceilings that are 0 are measured.
  Bench(const BenchOptions& options, Device& device, const Ceilings& ceilings = {})
      : options_(options), device_(device), ceilings_(ceilings) {}

  // Measures the ceilings if need be, then every case that the filter lets through; prints a line for each. False in
  // *right if a kernel was wrong, and was therefore not timed.
  Status run(const std::vector<AnyCheck>& checks, bool* right);
  int timed() const { return timed_; }

 private:
  using Inputs = std::map<std::string, std::vector<double>>;
  // What one case needs for all of its variants.
  struct Prepared {
    Prepared(const AnyCheck& of, size_t i, AnyCase stored) : check(of), index(i), c(std::move(stored)) {}
    const AnyCheck& check;
    size_t index;
    AnyCase c;
    Inputs inputs;
    std::unique_ptr<DoubleTensors> reference;  // the results too, unless Check::element gives them one by one
  };

  Status run_check(const AnyCheck& bench, bool* right);
  // *error as in Measurement.
  Status verify(const Prepared& prepared, const AnyVariant& variant, double* error);
  Status time(const Prepared& prepared, const AnyVariant& variant, Measurement* measurement);
  Stream stream(const AnyVariant& variant, const CaseWorkspace& workspace,
                const PreparedLaunches::Memory& prepared) const;
  void print_ceilings() const;
  void print(const Prepared& prepared, const AnyVariant& variant, const Measurement& m) const;

  const BenchOptions options_;
  Device& device_;
  Ceilings ceilings_;
  int timed_ = 0;
};

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_BENCH_H
