// Unit tests of which convolutions run space to depth, and where: their values are conv_check.cpp's.
#include <string>
#include <utility>

#include "common/gemm_plan.h"
#include "common/unit.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

using namespace check;

constexpr Target kTensorGpu = {Kind::kCuda, kMmaCapability, Precision::kBf16};
constexpr ConvShape kConv1 = {128, 3, 224, 224, 48, 11, 11, 4, 0, 1};

// Of emu; the same source is compiled for cuda.
template <class Pass>
const Variant<Pass>* depth_variant() {
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.name == std::string("depth_mma_bf16") && variant.kind == Kind::kEmu) return &variant;
  }
  return nullptr;
}

// As a GPU of that capability would.
template <class Pass>
std::string takes(const ConvShape& s, bool want) {
  const Variant<Pass>* const variant = depth_variant<Pass>();
  if (variant == nullptr) return std::string("conv ") + Pass::pass + " has no depth_mma_bf16";
  if ((variant->prefer(s, kTensorGpu) > 0) == want) return "";
  return format_text("%s %s C %d, K %d, %d x %d, stride %d, %d groups", Pass::pass, want ? "does not take" : "takes",
                     s.C, s.K, s.R, s.S, s.stride, s.G);
}

std::string depth_takes_what_it_says() {
  const std::pair<ConvShape, bool> all[] = {
      {kConv1, true},
      {{1, 2, 9, 9, 8, 3, 3, 2, 1, 1}, true},
      {{1, 3, 9, 9, 8, 3, 3, 2, 1, 1}, false},    // 12 channels
      {{1, 3, 9, 9, 8, 3, 3, 3, 1, 1}, false},    // 27
      {{1, 8, 9, 9, 8, 3, 3, 2, 1, 1}, false},    // mma_bf16 takes x as it is
      {{1, 4, 9, 9, 8, 3, 3, 1, 1, 1}, false},    // no stride
      {{1, 4, 9, 9, 8, 3, 3, 2, 1, 2}, false},    // groups
      {{1, 1, 9, 9, 8, 3, 4, 4, 0, 1}, false},    // pixels between windows
      {{1, 1, 9, 9, 8, 4, 3, 4, 0, 1}, false},    // in the other direction
      {{1, 2, 40, 9, 8, 30, 3, 2, 1, 1}, true},   // 15 rows of blocks
      {{1, 2, 40, 9, 8, 31, 3, 2, 1, 1}, false},  // more than a window has bits for
      {{1, 2, 256, 256, 8, 256, 256, 256, 0, 1}, false},
  };
  for (const auto& [s, want] : all) {
    for (const std::string& wrong : {takes<ConvFprop>(s, want), takes<ConvWgrad>(s, want)}) {
      if (!wrong.empty()) return wrong;
    }
  }
  const ConvShape narrow = {1, 3, 224, 224, 12, 11, 11, 4, 0, 1};  // dy is copied by 16 bytes
  const std::string fprop = takes<ConvFprop>(narrow, true);
  return fprop.empty() ? takes<ConvWgrad>(narrow, false) : fprop;
}

// On a GPU with tensor cores before widened_bf16, which prefers 1 there; on others not at all; on emu behind it.
template <class Pass>
std::string preference() {
  const Variant<Pass>* const depth = depth_variant<Pass>();
  if (depth == nullptr) return std::string("conv ") + Pass::pass + " has no depth_mma_bf16";
  const int on_new = depth->prefer(kConv1, kTensorGpu);
  const int on_old = depth->prefer(kConv1, {Kind::kCuda, kMmaCapability - 5, Precision::kBf16});
  if (on_new != 2 || on_old != 0) return format_text("%s prefers %d and %d", Pass::pass, on_new, on_old);
  std::string why;
  const Variant<Pass>* const chosen = choose<Pass>({Kind::kEmu, 0, Precision::kBf16}, kConv1, Forced{}, &why);
  return chosen != nullptr && chosen->name == std::string("widened_bf16") ? "" : "emu does not choose widened_bf16";
}

std::string depth_goes_first_on_tensor_cores() {
  const std::string fprop = preference<ConvFprop>();
  return fprop.empty() ? preference<ConvWgrad>() : fprop;
}

// conv1's image is 57 x 57 blocks of 48, its filters 3 x 3 of them; wgrad's are float32, and its product has parts.
std::string depth_workspace_of_conv1() {
  const Variant<ConvFprop>* const fprop = depth_variant<ConvFprop>();
  const Variant<ConvWgrad>* const wgrad = depth_variant<ConvWgrad>();
  if (fprop == nullptr || wgrad == nullptr) return "conv has no depth_mma_bf16";
  const ConvShape wide = {128, 48, 57, 57, 48, 3, 3, 1, 0, 1};
  int64_t parts = -1;
  for (const Variant<ConvWgrad>& variant : variants<ConvWgrad>()) {
    if (variant.name == std::string("mma_bf16") && variant.kind == Kind::kEmu) parts = variant.workspace(wide);
  }
  const int64_t image = 128 * 57 * 57 * 48 * 2, filters = 48 * 9 * 48 * 2;
  const int64_t of_fprop = fprop->workspace(kConv1), of_wgrad = wgrad->workspace(kConv1);
  const auto up = [](int64_t bytes) { return (bytes + 255) / 256 * 256; };
  if (of_fprop == up(image) + up(filters) && parts > 0 && of_wgrad == up(image) + up(2 * filters) + parts) return "";
  return format_text("%lld and %lld bytes", static_cast<long long>(of_fprop), static_cast<long long>(of_wgrad));
}

ALEXNET_UNIT_TEST("conv", depth_takes_what_it_says)
ALEXNET_UNIT_TEST("conv", depth_goes_first_on_tensor_cores)
ALEXNET_UNIT_TEST("conv", depth_workspace_of_conv1)

}  // namespace
}  // namespace alexnet
