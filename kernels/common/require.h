// require_tensor: the check that every family's validate_ function makes of every tensor before anything is launched.
#ifndef ALEXNET_REQUIRE_H
#define ALEXNET_REQUIRE_H

#include <initializer_list>
#include <string>

#include "status.h"

namespace alexnet {

// Sizes that keep every index in the kernels inside int64, every extent with padding inside int32, and every grid
// within CUDA's 2^31 - 1 blocks.
constexpr int64_t kMaxExtent = int64_t(1) << 30;
constexpr int64_t kMaxElements = int64_t(1) << 36;

// OK if every extent is in [1, 2^30] and their product is at most 2^36; else BAD_SHAPE naming the tensor: "x[2,0,8,3]".
inline Status require_tensor(const char* family, const char* name, std::initializer_list<int64_t> extents) {
  std::string text = name;
  char separator = '[';
  for (int64_t extent : extents) {
    text += separator + std::to_string(extent);
    separator = ',';
  }
  text += ']';
  int64_t count = 1;
  for (int64_t extent : extents) {
    ALEXNET_REQUIRE(extent >= 1 && extent <= kMaxExtent, ALEXNET_BAD_SHAPE,
                    "%s: %s has the extent %lld; every extent must be from 1 to 2^30", family, text.c_str(),
                    static_cast<long long>(extent));
    ALEXNET_REQUIRE(count <= kMaxElements / extent, ALEXNET_BAD_SHAPE, "%s: %s has more than 2^36 elements", family,
                    text.c_str());
    count *= extent;
  }
  return {};
}

// The same for a flat array, which may be longer than 2^30.
inline Status require_count(const char* family, int64_t count) {
  ALEXNET_REQUIRE(count >= 1 && count <= kMaxElements, ALEXNET_BAD_SHAPE,
                  "%s: count is %lld; it must be from 1 to 2^36", family, static_cast<long long>(count));
  return {};
}

}  // namespace alexnet

#endif  // ALEXNET_REQUIRE_H
