// The registry of kernel variants: the parts of variant.h that are not templates.
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <set>

#include "common/variant.h"
#include "runtime/printable.h"

// The section of variant.h's registrations; the linker defines both ends.
extern "C" const alexnet::VariantEntry* const __start_alexnet_variants[] __attribute__((visibility("hidden")));
extern "C" const alexnet::VariantEntry* const __stop_alexnet_variants[] __attribute__((visibility("hidden")));

namespace alexnet {

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::kEmu:
      return "emu";
    case Kind::kCuda:
      return "cuda";
    case Kind::kCpu:
      return "cpu";
  }
  return "unknown";
}

const char* precision_name(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kTf32:
      return "tf32";
    case Precision::kBf16:
      return "bf16";
    case Precision::kTf32x3:
      return "3xtf32";
  }
  return "unknown";
}

const char* algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kDirect:
      return "direct";
    case Algorithm::kWinograd2:
      return "winograd2";
    case Algorithm::kWinograd4:
      return "winograd4";
  }
  return "unknown";
}

namespace {

bool is_here(Needs needs) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return needs != Needs::kAvx512 || __builtin_cpu_supports("avx512f");
#else
  return needs != Needs::kAvx512;
#endif
}

std::string joined(const std::set<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

const std::vector<const VariantEntry*>& variant_entries() {
  static const std::vector<const VariantEntry*> entries = [] {
    std::vector<const VariantEntry*> found;
    for (auto entry = __start_alexnet_variants; entry != __stop_alexnet_variants; ++entry) {
      if (is_here((*entry)->needs)) found.push_back(*entry);
    }
    return found;
  }();
  return entries;
}

bool is_of(const VariantEntry& entry, const char* family, const char* pass) {
  return std::strcmp(entry.family, family) == 0 && std::strcmp(entry.pass, pass) == 0;
}

Forced forced_by_environment(const char* family, const char* pass) {
  std::string name = std::string("ALEXNET_") + family + "_" + pass;
  for (char& c : name) c = char(std::toupper(static_cast<unsigned char>(c)));
  const char* value = std::getenv(name.c_str());
  return {value == nullptr ? "" : value, "the environment"};
}

Status require_algorithm(const Target& target) {
  if (target.algorithm == Algorithm::kDirect) return {};
  ALEXNET_REQUIRE(target.kind == Kind::kCpu && target.precision == Precision::kFp32, ALEXNET_UNSUPPORTED,
                  "algorithm %s has kernels on cpu in precision fp32 alone, and this would be %s in %s",
                  algorithm_name(target.algorithm), kind_name(target.kind), precision_name(target.precision));
  return {};
}

Status require_variant(Kind kind, const char* family, const char* pass, const char* variant) {
  constexpr size_t kShown = 64;
  ALEXNET_REQUIRE(family != nullptr && pass != nullptr && variant != nullptr, ALEXNET_BAD_ARGUMENT,
                  "family, pass or variant is null");
  std::set<std::string> families, passes, names;
  for (const VariantEntry* entry : variant_entries()) {
    families.insert(entry->family);
    if (std::strcmp(entry->family, family) == 0) passes.insert(entry->pass);
    if (is_of(*entry, family, pass) && entry->kind == kind) names.insert(entry->name);
  }
  ALEXNET_REQUIRE(!passes.empty(), ALEXNET_BAD_ARGUMENT, "no family is named '%s'; there are: %s",
                  printable(family, kShown).c_str(), joined(families).c_str());
  ALEXNET_REQUIRE(passes.count(pass) == 1, ALEXNET_BAD_ARGUMENT, "%s has no pass '%s'; there are: %s", family,
                  printable(pass, kShown).c_str(), joined(passes).c_str());
  ALEXNET_REQUIRE(*variant == '\0' || names.count(variant) == 1, ALEXNET_BAD_ARGUMENT,
                  "%s %s on %s has no variant '%s'; there are: %s", family, pass, kind_name(kind),
                  printable(variant, kShown).c_str(), joined(names).c_str());
  return {};
}

}  // namespace alexnet
