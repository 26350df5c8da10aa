// Launches that wait: what a stream's launchers would have started, collected until another stream has queued the same
// work, so that what both towers of a device launch alike is one launch (launch.cuh says what makes two alike).
#ifndef ALEXNET_LAUNCHES_H
#define ALEXNET_LAUNCHES_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/status.h"

namespace alexnet {

struct Stream;

// A launch that was not started yet: a kernel with its grid and its parameters.
class PendingLaunch {
 public:
  virtual ~PendingLaunch() = default;
  // Starts it on a stream's queue and cores, whose workspace does not matter: parameters have their addresses.
  virtual Status start(const Stream& stream) const = 0;
  // One launch that does what this one and `other` do, or null if there is none.
  virtual std::unique_ptr<PendingLaunch> with(const PendingLaunch& other) const = 0;
};

// Launches in the order in which they were asked for.
using Launches = std::vector<std::unique_ptr<PendingLaunch>>;

// Starts both on one stream, position by position: as one launch if there is one, else the first's before the second's.
// Each keeps its own order; nothing of one may depend on the other. Adds to *joined how many launches were of both.
inline Status start_together(const Launches& first, const Launches& second, const Stream& stream, int64_t* joined) {
  for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size() && i < second.size()) {
      if (const std::unique_ptr<PendingLaunch> both = first[i]->with(*second[i])) {
        ALEXNET_TRY(both->start(stream));
        ++*joined;
        continue;
      }
    }
    if (i < first.size()) ALEXNET_TRY(first[i]->start(stream));
    if (i < second.size()) ALEXNET_TRY(second[i]->start(stream));
  }
  return {};
}

}  // namespace alexnet

#endif  // ALEXNET_LAUNCHES_H
