#include "runtime/build_info.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "alexnet.h"
#include "runtime/guard.h"
#include "runtime/measured.h"
#include "runtime/printable.h"

#if !defined(ALEXNET_CUDA_TARGETS)
#define ALEXNET_CUDA_TARGETS ""
#endif
#if !defined(ALEXNET_CUDA_TOOLKIT)
#define ALEXNET_CUDA_TOOLKIT ""
#endif
#if !defined(ALEXNET_SANITIZER)
#define ALEXNET_SANITIZER ""
#endif

namespace alexnet {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __VERSION__;
#else
constexpr const char* kCompiler = "gcc " __VERSION__;
#endif

const char* build_info() {
  static const std::string text = format_text(
      "{\"abi\":%d,\"compiler\":\"%s\",\"cuda_targets\":\"%s\",\"cuda_toolkit\":\"%s\","
      "\"kinds\":[\"emu\",\"cpu\"%s],\"sanitizer\":\"%s\"}",
      alexnet_abi_version(), json_text(kCompiler).c_str(), ALEXNET_CUDA_TARGETS, ALEXNET_CUDA_TOOLKIT,
      ALEXNET_CUDA_TARGETS[0] != '\0' ? ",\"cuda\"" : "", ALEXNET_SANITIZER);
  return text.c_str();
}

const std::vector<VariantRow>& sorted_variant_rows() {
  static const std::vector<VariantRow> rows = [] {
    std::vector<VariantRow> all;
    for (const VariantEntry* entry : variant_entries()) {
      std::string file = entry->file;  // from the top of the project, wherever it was built
      const size_t begin = file.rfind("kernels/");
      if (begin != std::string::npos) file = file.substr(begin);
      all.push_back({entry->family, entry->pass, entry->name, file, entry->kind, entry->precision, entry->algorithm,
                     entry->needs});
    }
    std::sort(all.begin(), all.end(), [](const VariantRow& a, const VariantRow& b) {
      return std::tie(a.family, a.pass, a.kind, a.variant) < std::tie(b.family, b.pass, b.kind, b.variant);
    });
    return all;
  }();
  return rows;
}

Status copy_text(const std::string& from, char* text, int64_t text_bytes) {
  ALEXNET_REQUIRE(text != nullptr, ALEXNET_BAD_ARGUMENT, "text is null");
  ALEXNET_REQUIRE(text_bytes > int64_t(from.size()), ALEXNET_BAD_ARGUMENT, "text_bytes is %lld; the text takes %lld",
                  static_cast<long long>(text_bytes), static_cast<long long>(from.size() + 1));
  std::memcpy(text, from.c_str(), from.size() + 1);
  return {};
}

namespace {

const char* needs_text(const VariantRow& row) {
  switch (row.needs) {
    case Needs::kNothing:
      break;
    case Needs::kAvx512:
      return "AVX-512";
    case Needs::kTensorCores:
      return row.kind == Kind::kCuda ? "capability 8.0" : "";
  }
  return "";
}

}  // namespace
}  // namespace alexnet

using namespace alexnet;

alexnet_status alexnet_kernel_count(int32_t* count) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(count != nullptr, ALEXNET_BAD_ARGUMENT, "count is null");
    *count = int32_t(sorted_variant_rows().size());
    return {};
  });
}

alexnet_status alexnet_kernel_describe(int32_t index, char* text, int64_t text_bytes) {
  return guard(__func__, [&]() -> Status {
    const std::vector<VariantRow>& rows = sorted_variant_rows();
    ALEXNET_REQUIRE(index >= 0 && size_t(index) < rows.size(), ALEXNET_BAD_ARGUMENT,
                    "index is %d; allowed are 0 to %zu", index, rows.size() - 1);
    const VariantRow& row = rows[size_t(index)];
    return copy_text(
        format_text("{\"family\":\"%s\",\"pass\":\"%s\",\"variant\":\"%s\",\"kind\":\"%s\",\"precision\":\"%s\","
                    "\"algorithm\":\"%s\",\"needs\":\"%s\",\"measured\":\"%s\",\"file\":\"%s\"}",
                    row.family.c_str(), row.pass.c_str(), row.variant.c_str(), kind_name(row.kind),
                    precision_name(row.precision), algorithm_name(row.algorithm), needs_text(row),
                    measured_on(row.kind, row.family.c_str(), row.pass.c_str(), row.variant.c_str()), row.file.c_str()),
        text, text_bytes);
  });
}
