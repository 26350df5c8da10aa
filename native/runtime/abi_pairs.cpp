// The C ABI's bodies: pairs of streams.
#include "alexnet.h"
#include "runtime/guard.h"
#include "runtime/stream_pair.h"

using namespace alexnet;

namespace {

// Both streams of a call, claimed.
Status claim_both(alexnet_stream* first, alexnet_stream* second, Claim<StreamObject>* one, Claim<StreamObject>* other) {
  std::shared_ptr<StreamObject> first_object, second_object;
  ALEXNET_TRY(find("first", first, &first_object));
  ALEXNET_TRY(find("second", second, &second_object));
  ALEXNET_REQUIRE(first_object != second_object, ALEXNET_BAD_ARGUMENT, "first and second are one stream");
  ALEXNET_TRY(claim_stream("first", first, one));
  return claim_stream("second", second, other);
}

}  // namespace

alexnet_status alexnet_stream_pair_begin(alexnet_stream* first, alexnet_stream* second) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> one, other;
    ALEXNET_TRY(claim_both(first, second, &one, &other));
    return StreamPair::begin(*one, *other);
  });
}

alexnet_status alexnet_stream_pair_end(alexnet_stream* first, alexnet_stream* second) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> one, other;
    ALEXNET_TRY(claim_both(first, second, &one, &other));
    return StreamPair::end(*one, *other);
  });
}

alexnet_status alexnet_stream_pair_launches(alexnet_stream* stream, int64_t* launches) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    ALEXNET_REQUIRE(launches != nullptr, ALEXNET_BAD_ARGUMENT, "launches is null");
    *launches = object->joined_launches();
    return {};
  });
}
