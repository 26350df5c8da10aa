// The C ABI's bodies: communicators, which move bytes between buffers of several ranks by NCCL.
#include <cstring>

#include "alexnet.h"
#include "nccl/communicator.h"
#include "runtime/build_info.h"
#include "runtime/guard.h"

using namespace alexnet;

namespace {

constexpr int32_t kMostRanks = 1 << 16;
constexpr int64_t kMostPatience = 1'000'000'000;  // ms

Status check_buffer(const char* name, const Buffer& buffer, const nccl::Communicator& communicator) {
  ALEXNET_REQUIRE(&buffer.device() == &communicator.device(), ALEXNET_BAD_ARGUMENT,
                  "%s lives on %s, the communicator on %s", name, buffer.device().name().c_str(),
                  communicator.device().name().c_str());
  ALEXNET_REQUIRE(buffer.device().kind() != Kind::kCuda || buffer.arena().memory == MemoryKind::kDevice,
                  ALEXNET_BAD_ARGUMENT, "%s is memory of the host; NCCL moves that of %s", name,
                  buffer.device().name().c_str());
  return {};
}

// The pieces of all ranks, which lie in the buffer.
Status read_pieces(const char* name, const Buffer& buffer, const int64_t* first, const int64_t* bytes, int32_t ranks,
                   const nccl::Communicator& communicator, nccl::Pieces* pieces) {
  ALEXNET_TRY(check_buffer(name, buffer, communicator));
  ALEXNET_REQUIRE(first != nullptr && bytes != nullptr, ALEXNET_BAD_ARGUMENT, "%s: the pieces are null", name);
  ALEXNET_REQUIRE(ranks == communicator.ranks(), ALEXNET_BAD_ARGUMENT, "%s: pieces of %d ranks; there are %d", name,
                  ranks, communicator.ranks());
  for (int32_t rank = 0; rank < ranks; ++rank) {
    ALEXNET_REQUIRE(first[rank] >= 0 && bytes[rank] >= 0 && first[rank] <= buffer.bytes &&
                        bytes[rank] <= buffer.bytes - first[rank],
                    ALEXNET_BAD_SHAPE, "%s: the piece of rank %d is %lld + %lld, the buffer has %lld", name, rank,
                    static_cast<long long>(first[rank]), static_cast<long long>(bytes[rank]),
                    static_cast<long long>(buffer.bytes));
  }
  pieces->first.assign(first, first + ranks);
  pieces->bytes.assign(bytes, bytes + ranks);
  return {};
}

// What a move begins with.
struct Begin {
  std::shared_ptr<nccl::Communicator> communicator;
  Claim<StreamObject> stream;

  Status of(alexnet_communicator* handle, alexnet_stream* behind, const int64_t* ticket) {
    ALEXNET_TRY(find("communicator", handle, &communicator));
    ALEXNET_TRY(claim_stream("stream", behind, &stream));
    ALEXNET_TRY(stream->require_immediate());
    ALEXNET_REQUIRE(&stream->device() == &communicator->device(), ALEXNET_BAD_ARGUMENT,
                    "stream lives on %s, the communicator on %s", stream->device().name().c_str(),
                    communicator->device().name().c_str());
    ALEXNET_REQUIRE(ticket != nullptr, ALEXNET_BAD_ARGUMENT, "ticket is null");
    return {};
  }
};

}  // namespace

alexnet_status alexnet_communicator_library(const char* path, char* text, int64_t text_bytes) {
  return guard(__func__, [&]() -> Status {
    const nccl::Library* library = nullptr;
    ALEXNET_TRY(nccl::open_library(path == nullptr ? "" : path, &library));
    return copy_text(library->name.c_str(), text, text_bytes);
  });
}

alexnet_status alexnet_communicator_id(void* id, int64_t id_bytes) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(id != nullptr && id_bytes == ALEXNET_COMMUNICATOR_ID_BYTES, ALEXNET_BAD_ARGUMENT,
                    "id is null, or has %lld bytes; expected: %d", static_cast<long long>(id_bytes),
                    ALEXNET_COMMUNICATOR_ID_BYTES);
    const nccl::Library* library = nullptr;
    ALEXNET_TRY(nccl::require_library(&library));
    nccl::Id made;
    ALEXNET_TRY(nccl::said(*library, library->get_unique_id(&made), "ncclGetUniqueId"));
    std::memcpy(id, made.bytes, sizeof made.bytes);
    return {};
  });
}

alexnet_status alexnet_communicator_create(alexnet_device* device, const void* id, int64_t id_bytes, int32_t rank,
                                           int32_t ranks, int64_t patience_ms, alexnet_communicator** communicator) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> owner;
    ALEXNET_TRY(find("device", device, &owner));
    ALEXNET_REQUIRE(communicator != nullptr, ALEXNET_BAD_ARGUMENT, "communicator is null");
    ALEXNET_REQUIRE(id != nullptr && id_bytes == ALEXNET_COMMUNICATOR_ID_BYTES, ALEXNET_BAD_ARGUMENT,
                    "id is null, or has %lld bytes; expected: %d", static_cast<long long>(id_bytes),
                    ALEXNET_COMMUNICATOR_ID_BYTES);
    ALEXNET_REQUIRE(ranks >= 1 && ranks <= kMostRanks, ALEXNET_BAD_ARGUMENT, "ranks is %d; allowed are 1 to %d", ranks,
                    kMostRanks);
    ALEXNET_REQUIRE(rank >= 0 && rank < ranks, ALEXNET_BAD_ARGUMENT, "rank is %d; allowed are 0 to %d", rank,
                    ranks - 1);
    ALEXNET_REQUIRE(patience_ms >= 1 && patience_ms <= kMostPatience, ALEXNET_BAD_ARGUMENT,
                    "patience_ms is %lld; allowed are 1 to %lld", static_cast<long long>(patience_ms),
                    static_cast<long long>(kMostPatience));
    nccl::Id of;
    std::memcpy(of.bytes, id, sizeof of.bytes);
    std::shared_ptr<nccl::Communicator> made;
    ALEXNET_TRY(nccl::Communicator::create(owner, of, rank, ranks, patience_ms, &made));
    return give_handle(made, "device", device, communicator);
  });
}

alexnet_status alexnet_communicator_close(alexnet_communicator* communicator) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<nccl::Communicator> closed;
    ALEXNET_TRY(take("communicator", communicator, &closed));
    closed->close();
    return {};
  });
}

alexnet_status alexnet_communicator_allgather(alexnet_communicator* communicator, alexnet_stream* stream,
                                              alexnet_buffer* buffer, const int64_t* first_bytes, const int64_t* bytes,
                                              int32_t ranks, int64_t* ticket) {
  return guard(__func__, [&]() -> Status {
    Begin begin;
    std::shared_ptr<Buffer> memory;
    nccl::Pieces pieces;
    ALEXNET_TRY(begin.of(communicator, stream, ticket));
    ALEXNET_TRY(find("buffer", buffer, &memory));
    ALEXNET_TRY(read_pieces("buffer", *memory, first_bytes, bytes, ranks, *begin.communicator, &pieces));
    return begin.communicator->post(*begin.stream, nccl::allgather(memory, pieces, begin.communicator->rank()), ticket);
  });
}

alexnet_status alexnet_communicator_alltoall(alexnet_communicator* communicator, alexnet_stream* stream,
                                             alexnet_buffer* from, const int64_t* sent_first, const int64_t* sent_bytes,
                                             alexnet_buffer* to, const int64_t* received_first,
                                             const int64_t* received_bytes, int32_t ranks, int64_t* ticket) {
  return guard(__func__, [&]() -> Status {
    Begin begin;
    nccl::Move move;
    move.name = "alltoall";
    ALEXNET_TRY(begin.of(communicator, stream, ticket));
    ALEXNET_TRY(find("from", from, &move.from));
    ALEXNET_TRY(find("to", to, &move.to));
    ALEXNET_TRY(read_pieces("from", *move.from, sent_first, sent_bytes, ranks, *begin.communicator, &move.sent));
    ALEXNET_TRY(
        read_pieces("to", *move.to, received_first, received_bytes, ranks, *begin.communicator, &move.received));
    return begin.communicator->post(*begin.stream, std::move(move), ticket);
  });
}

alexnet_status alexnet_communicator_await(alexnet_communicator* communicator, int64_t ticket, double* time_us) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<nccl::Communicator> object;
    ALEXNET_TRY(find("communicator", communicator, &object));
    ALEXNET_REQUIRE(time_us != nullptr, ALEXNET_BAD_ARGUMENT, "time_us is null");
    return object->await(ticket, time_us);
  });
}

alexnet_status alexnet_communicator_join(alexnet_communicator* communicator, int64_t ticket, alexnet_stream* stream) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<nccl::Communicator> object;
    Claim<StreamObject> behind;
    ALEXNET_TRY(find("communicator", communicator, &object));
    ALEXNET_TRY(claim_stream("stream", stream, &behind));
    ALEXNET_TRY(behind->require_immediate());
    return object->join(ticket, *behind);
  });
}
