// The registry of kernel variants: the parts of variant.h that are not templates.
#include <cctype>
#include <cstdlib>

#include "common/variant.h"

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

std::vector<VariantRow>& variant_rows() {
  static std::vector<VariantRow> rows;
  return rows;
}

std::string forced_variant(const char* family, const char* pass) {
  std::string name = std::string("ALEXNET_") + family + "_" + pass;
  for (char& c : name) c = char(std::toupper(static_cast<unsigned char>(c)));
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace alexnet
