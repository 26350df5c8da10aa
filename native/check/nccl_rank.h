// nccl_rank: a rank of nccl_check: a thread with a device, two buffers and a communicator, that knows what has to come.
#ifndef ALEXNET_CHECK_NCCL_RANK_H
#define ALEXNET_CHECK_NCCL_RANK_H

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "alexnet.h"
#include "check/expect.h"

namespace alexnet::check {

constexpr int64_t kPatience = 60'000;  // ms
constexpr int64_t kShort = 400;
constexpr int64_t kBytes = 1 << 20;
constexpr unsigned char kUntouched = 0xA5;

struct Id {
  char bytes[ALEXNET_COMMUNICATOR_ID_BYTES];
};

inline Id new_id() {
  Id id = {};
  EXPECT(alexnet_communicator_id(id.bytes, sizeof id.bytes) == ALEXNET_OK);
  return id;
}

inline bool says(const char* text) {
  const bool found = std::strstr(alexnet_last_error(), text) != nullptr;
  if (!found) std::fprintf(stderr, "the text is: %s\n", alexnet_last_error());
  return found;
}

// A device with a stream and two buffers.
struct Place {
  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  alexnet_arena* arena = nullptr;
  alexnet_buffer *from = nullptr, *to = nullptr;

  Place(int32_t kind, int32_t index) {
    EXPECT(alexnet_device_open(kind, index, &device) == ALEXNET_OK);
    EXPECT(alexnet_stream_create(device, &stream) == ALEXNET_OK);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 2 * kBytes, &arena) == ALEXNET_OK);
    EXPECT(alexnet_buffer_create(arena, 0, kBytes, &from) == ALEXNET_OK);
    EXPECT(alexnet_buffer_create(arena, kBytes, kBytes, &to) == ALEXNET_OK);
  }
  ~Place() {
    EXPECT(alexnet_buffer_close(from) == ALEXNET_OK);
    EXPECT(alexnet_buffer_close(to) == ALEXNET_OK);
    EXPECT(alexnet_arena_close(arena) == ALEXNET_OK);
    EXPECT(alexnet_stream_close(stream) == ALEXNET_OK);
    EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  }

  void write(alexnet_buffer* buffer, const std::vector<unsigned char>& bytes) const {
    EXPECT(alexnet_copy_in(stream, buffer, 0, bytes.data(), int64_t(bytes.size())) == ALEXNET_OK);
  }
  std::vector<unsigned char> read(alexnet_buffer* buffer) const {
    std::vector<unsigned char> bytes(size_t{kBytes});
    EXPECT(alexnet_copy_out(stream, bytes.data(), buffer, 0, kBytes) == ALEXNET_OK);
    EXPECT(alexnet_stream_synchronize(stream) == ALEXNET_OK);
    return bytes;
  }
};

struct Pieces {
  std::vector<int64_t> first, bytes;
};

// Lengths come from `length`, gaps of `gap` lie between the pieces.
template <class Length>
Pieces pieces(int ranks, int64_t gap, const Length& length) {
  Pieces made;
  int64_t end = gap;
  for (int r = 0; r < ranks; ++r) {
    made.first.push_back(end);
    made.bytes.push_back(length(r));
    end += made.bytes.back() + gap;
  }
  return made;
}

inline unsigned char value(int from, int to, int64_t place, int round) {
  return static_cast<unsigned char>(from * 31 + to * 17 + place * 7 + round);
}

inline int64_t length_of(int from, int to, int round) {
  std::mt19937 random(static_cast<unsigned>(from * 1000 + to * 100 + round));
  return random() % 5 == 0 ? 0 : static_cast<int64_t>(random() % (round % 8 == 0 ? 100000 : 3000));
}

class Rank {
 public:
  Rank(int32_t kind, int number, int count, const Id& id, int64_t patience = kPatience)
      : place(kind, number),
        number_(number),
        count_(count),
        untouched_(static_cast<unsigned char>(kUntouched + number)) {
    made = alexnet_communicator_create(place.device, id.bytes, sizeof id.bytes, number, count, patience, &communicator);
  }
  ~Rank() {
    if (communicator != nullptr) EXPECT(alexnet_communicator_close(communicator) == ALEXNET_OK);
  }

  // An allgather, begun; of neighbouring pieces in every third round. NCCL has a call for equal ones; at times the last
  // one is shorter.
  alexnet_status begin_gather(int round, int64_t* ticket) {
    gathered = round % 3 == 0
                   ? pieces(count_, 0, [&](int r) { return round % 2 != 0 && r == count_ - 1 ? 5 : 64 * (round + 1); })
                   : pieces(count_, 3, [&](int r) { return length_of(r, 99, round); });
    std::vector<unsigned char> memory(size_t{kBytes}, untouched_);
    fill(&memory, gathered, [&](int r, int64_t i) { return r == number_ ? value(r, 99, i, round) : untouched_; });
    place.write(place.to, memory);
    return alexnet_communicator_allgather(communicator, place.stream, place.to, gathered.first.data(),
                                          gathered.bytes.data(), count_, ticket);
  }
  bool gather_holds(int round) {
    return holds(gathered, [&](int r, int64_t i) { return value(r, 99, i, round); });
  }

  alexnet_status begin_exchange(int round, int64_t* ticket) {
    const Pieces sent = pieces(count_, 3, [&](int r) { return length_of(number_, r, round); });
    received = pieces(count_, 3, [&](int r) { return length_of(r, number_, round); });
    std::vector<unsigned char> memory(size_t{kBytes}, untouched_);
    place.write(place.to, memory);
    fill(&memory, sent, [&](int r, int64_t i) { return value(number_, r, i, round); });
    place.write(place.from, memory);
    return alexnet_communicator_alltoall(communicator, place.stream, place.from, sent.first.data(), sent.bytes.data(),
                                         place.to, received.first.data(), received.bytes.data(), count_, ticket);
  }
  bool exchange_holds(int round) {
    return holds(received, [&](int r, int64_t i) { return value(r, number_, i, round); });
  }

  // Waits for a move, and lets the stream read what came.
  alexnet_status end(int64_t ticket) {
    double time_us = -1;
    const alexnet_status status = alexnet_communicator_await(communicator, ticket, &time_us);
    if (status != ALEXNET_OK) return status;
    EXPECT(time_us >= 0);
    return alexnet_communicator_join(communicator, ticket, place.stream);
  }

  Place place;
  alexnet_status made;
  alexnet_communicator* communicator = nullptr;
  Pieces gathered, received;

 private:
  template <class At>
  static void fill(std::vector<unsigned char>* memory, const Pieces& of, const At& at) {
    for (size_t r = 0; r < of.first.size(); ++r) {
      for (int64_t i = 0; i < of.bytes[r]; ++i) (*memory)[size_t(of.first[r] + i)] = at(int(r), i);
    }
  }
  template <class At>
  bool holds(const Pieces& of, const At& at) const {
    std::vector<unsigned char> wanted(size_t{kBytes}, untouched_);
    fill(&wanted, of, at);
    return place.read(place.to) == wanted;
  }

  const int number_, count_;
  const unsigned char untouched_;  // another one on each rank: what lies around a piece must not move either
};

// Does something as every rank, each in a thread.
inline void as_ranks(int32_t kind, int count, const std::function<void(Rank&, int)>& body,
                     int64_t patience = kPatience) {
  const Id id = new_id();
  std::vector<std::thread> threads;
  for (int r = 0; r < count; ++r) {
    threads.emplace_back([&, r] {
      Rank rank(kind, r, count, id, patience);
      EXPECT(rank.made == ALEXNET_OK);
      if (rank.made == ALEXNET_OK) {
        body(rank, r);
      } else {
        std::fprintf(stderr, "rank %d: %s\n", r, alexnet_last_error());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_NCCL_RANK_H
