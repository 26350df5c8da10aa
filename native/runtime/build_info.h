// What this build is, and which kernels it holds, as text for the other side of the C ABI.
#ifndef ALEXNET_RUNTIME_BUILD_INFO_H
#define ALEXNET_RUNTIME_BUILD_INFO_H

#include <string>
#include <vector>

#include "common/status.h"
#include "common/variant.h"

namespace alexnet {

// One JSON object: compiler, cuda_targets, cuda_toolkit, kinds, sanitizer. Valid for ever.
const char* build_info();

// What `alexnet kernels list` shows of a variant.
struct VariantRow {
  std::string family, pass, variant, file;
  Kind kind;
  Precision precision;
  Algorithm algorithm;
  Needs needs;
};
// Every registered variant that this processor can run, sorted by family, pass, kind and name.
const std::vector<VariantRow>& sorted_variant_rows();

// Copies `from` with its final zero to text[text_bytes]; BAD_ARGUMENT says how many bytes it takes.
Status copy_text(const std::string& from, char* text, int64_t text_bytes);

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_BUILD_INFO_H
