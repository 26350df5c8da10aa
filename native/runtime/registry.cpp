// The registry of kernel variants: the parts of variant.h that are not templates.
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "common/variant.h"

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

namespace {

bool is_here(Needs needs) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return needs != Needs::kAvx512 || __builtin_cpu_supports("avx512f");
#else
  return needs == Needs::kNothing;
#endif
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

std::string forced_variant(const char* family, const char* pass) {
  std::string name = std::string("ALEXNET_") + family + "_" + pass;
  for (char& c : name) c = char(std::toupper(static_cast<unsigned char>(c)));
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace alexnet
