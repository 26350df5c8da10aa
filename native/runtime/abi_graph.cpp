// The C ABI's bodies: graphs.
#include <vector>

#include "alexnet.h"
#include "runtime/device.h"
#include "runtime/graph.h"
#include "runtime/guard.h"

using namespace alexnet;

alexnet_status alexnet_graph_record(alexnet_stream* const* streams, int32_t count, alexnet_graph** graph) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(streams != nullptr && graph != nullptr, ALEXNET_BAD_ARGUMENT, "streams or graph is null");
    ALEXNET_REQUIRE(count >= 1 && count <= 64, ALEXNET_BAD_ARGUMENT, "count is %d; allowed are 1 to 64", count);
    std::vector<std::shared_ptr<StreamObject>> objects(size_t(count), nullptr);
    for (int32_t i = 0; i < count; ++i) ALEXNET_TRY(find("stream", streams[i], &objects[size_t(i)]));
    std::vector<Claim<StreamObject>> claims(objects.size());
    for (size_t i = 0; i < objects.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        ALEXNET_REQUIRE(objects[j] != objects[i], ALEXNET_BAD_ARGUMENT, "a stream is named twice");
      }
      ALEXNET_TRY(claims[i].of("stream", objects[i]));
    }
    std::shared_ptr<GraphObject> object;
    ALEXNET_TRY(GraphObject::record(std::move(objects), &object));
    give_handle(object, graph);
    return {};
  });
}

alexnet_status alexnet_graph_finish(alexnet_graph* graph) {
  return guard(__func__, [&]() -> Status {
    Claim<GraphObject> object;
    ALEXNET_TRY(claim("graph", graph, &object));
    return object->finish();
  });
}

alexnet_status alexnet_graph_launch(alexnet_graph* graph) {
  return guard(__func__, [&]() -> Status {
    Claim<GraphObject> object;
    ALEXNET_TRY(claim("graph", graph, &object));
    return object->launch();
  });
}

alexnet_status alexnet_graph_close(alexnet_graph* graph) {
  return guard(__func__, [&]() -> Status {
    Claim<GraphObject> object;
    ALEXNET_TRY(claim("graph", graph, &object));
    ALEXNET_TRY(object->abandon());
    std::shared_ptr<GraphObject> closed;
    ALEXNET_TRY(take("graph", graph, &closed));
    object.keep_for_ever();
    return {};
  });
}
