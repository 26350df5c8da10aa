// The C ABI's bodies: marks, which take times and order nothing.
#include <algorithm>
#include <vector>

#include "alexnet.h"
#include "runtime/device.h"
#include "runtime/graph.h"
#include "runtime/guard.h"

using namespace alexnet;

namespace {

// All host devices have one clock, each CUDA device its own.
Status elapsed(const EventObject& from, const EventObject& to, double* time_us) {
  const bool host = from.device().kind() != Kind::kCuda && to.device().kind() != Kind::kCuda;
  ALEXNET_REQUIRE(host || &from.device() == &to.device(), ALEXNET_BAD_ARGUMENT, "from lives on %s, to on %s",
                  from.device().name().c_str(), to.device().name().c_str());
  ALEXNET_REQUIRE(from.recorded && to.recorded, ALEXNET_WRONG_STATE, "an event was never marked");
  return from.device().elapsed(from.handle, to.handle, time_us);
}

}  // namespace

alexnet_status alexnet_event_mark(alexnet_event* event, alexnet_stream* stream) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<EventObject> mark;
    Claim<StreamObject> place;
    ALEXNET_TRY(find("event", event, &mark));
    ALEXNET_TRY(claim_stream("stream", stream, &place));
    ALEXNET_REQUIRE(&mark->device() == &place->device(), ALEXNET_BAD_ARGUMENT, "event lives on %s, the stream on %s",
                    mark->device().name().c_str(), place->device().name().c_str());
    ALEXNET_TRY(place->require_any_call());
    if (GraphObject* graph = place->recording()) {
      graph->keep(mark);
      if (place->device().kind() != Kind::kCuda) {
        graph->add([mark, place = place.shared().get()]() -> Status {
          mark->recorded = true;
          return place->device().mark(mark->handle, place->handle);
        });
        return {};
      }
    }
    ALEXNET_TRY(place->device().mark(mark->handle, place->handle));
    mark->recorded = true;
    return {};
  });
}

alexnet_status alexnet_event_times(alexnet_event* from, alexnet_event* const* events, int32_t count, double* times_us) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<EventObject> begin;
    ALEXNET_TRY(find("from", from, &begin));
    ALEXNET_REQUIRE(count >= 0 && (count == 0 || (events != nullptr && times_us != nullptr)), ALEXNET_BAD_ARGUMENT,
                    "count is %d, or events or times_us is null", count);
    std::vector<double> times(size_t(count), 0.);
    for (int32_t i = 0; i < count; ++i) {
      std::shared_ptr<EventObject> end;
      ALEXNET_TRY(find("event", events[i], &end));
      ALEXNET_TRY(elapsed(*begin, *end, &times[size_t(i)]));
    }
    std::copy(times.begin(), times.end(), times_us);
    return {};
  });
}
