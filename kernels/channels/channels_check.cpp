// Cases of channels.
#include "channels/channels.h"

#include <algorithm>

#include "common/check.h"

namespace alexnet::check {
namespace {

// y begins with the values of `before`, in whose memory it is: what is not copied must stay.
Case<ChannelsCopy> case_of(const char* name, const char* why, ChannelsShape s) {
  const std::vector<int64_t> y = {s.rows, s.y_channels};
  Case<ChannelsCopy> one = {name,
                            why,
                            s,
                            {in("x", {s.rows, s.x_channels}), in("before", y), out_in_place("y", y, "before")},
                            Tolerance{0, 0}};
  one.tensors[1].moved = 0;
  return one;
}

Check<ChannelsCopy> channels_copy() {
  Check<ChannelsCopy> check;
  check.stored = {"x", "before", "y"};
  check.run = [](ChannelsCopy::Launch launch, const ChannelsShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const ChannelsShape& s, Doubles& t) {
    std::copy_n(t["before"], t.count("before"), t["y"]);
    channels_copy_reference<double>(s, t["x"], t["y"]);
  };
  check.layers = [](int32_t N) {
    const int64_t norm1 = int64_t(N) * 55 * 55, norm2 = int64_t(N) * 27 * 27;
    return std::vector<Case<ChannelsCopy>>{
        case_of("norm1 own", "one tower's plane beside what arrives", {norm1, 48, 0, 52, 0, 48}),
        case_of("norm1 edge", "what the other tower needs of it", {norm1, 48, 44, 4, 0, 4}),
        case_of("norm2 own", "one tower's plane beside what arrives", {norm2, 128, 0, 132, 0, 128})};
  };
  check.cases = {
      case_of("one", "the smallest", {1, 1, 0, 1, 0, 1}),
      case_of("whole", "a copy of the plane", {9, 5, 0, 5, 0, 5}),
      case_of("edge", "the last channels, as they are sent", {7, 48, 44, 4, 0, 4}),
      case_of("edge of two", "half a window, as inference needs it", {7, 48, 46, 2, 0, 2}),
      case_of("own", "behind what arrived from the tower before", {7, 48, 0, 56, 4, 48}),
      case_of("back", "the own channels taken out again", {7, 56, 4, 48, 0, 48}),
      case_of("odd", "nothing is a multiple of four", {5, 7, 3, 6, 1, 3}),
      case_of("fours but one", "all but the first channel of x are multiples of four", {5, 16, 3, 8, 4, 4}),
      case_of("block", "exactly one block of 256 values", {64, 8, 4, 4, 0, 4}),
      case_of("block+1", "a row more", {65, 8, 4, 4, 0, 4}),
      case_of("four blocks+1", "a row more than a block of vectors", {257, 8, 4, 4, 0, 4}),
      case_of("many rows", "more than a thread of the host takes at once", {9001, 6, 1, 6, 2, 2}),
  };
  return check;
}

ALEXNET_CHECK(channels_copy())

}  // namespace
}  // namespace alexnet::check
