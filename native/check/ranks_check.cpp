// ranks_check: moves between processes, by the C ABI. Started by mpirun -n R with any R; alone it says that it was
// skipped. With --late it looks instead at how long ranks wait for one that comes too late.
// Every rank fills memory with values that name who wrote them for whom, moves, and looks at each byte, also at those
// around the pieces, which must stay.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "alexnet.h"

namespace {

constexpr int kLanes = 3;
constexpr int kRounds = 40;
constexpr int64_t kShort = 700;  // ms
constexpr unsigned char kUntouched = 0xA5;

int rank = 0;
int count = 0;

struct Pieces {
  std::vector<int64_t> first, bytes;
  int64_t end = 0;
};

// The same on every rank: lengths come from `length`, gaps lie between the pieces.
template <class Length>
Pieces pieces(const Length& length) {
  Pieces made;
  for (int r = 0; r < count; ++r) {
    made.end += 3;
    made.first.push_back(made.end);
    made.bytes.push_back(length(r));
    made.end += made.bytes.back();
  }
  made.end += 3;
  return made;
}

unsigned char value(int from, int to, int64_t place, int round) {
  return static_cast<unsigned char>(from * 31 + to * 17 + place * 7 + round);
}

int64_t length_of(int from, int to, int round) {
  std::mt19937 random(static_cast<unsigned>(from * 1000 + to * 100 + round));
  return random() % 5 == 0 ? 0 : static_cast<int64_t>(random() % (round % 8 == 0 ? 300000 : 3000));
}

class Lane {
 public:
  explicit Lane(int lane) : lane_(lane) {}

  void run() {
    for (int round = 0; round < kRounds; ++round) {
      gather(round);
      exchange(round);
      broadcast(round);
      expect(alexnet_ranks_barrier(lane_) == ALEXNET_OK, "barrier");
    }
  }

  int passed = 0;
  std::vector<std::string> failures;

 private:
  void expect(bool holds, const char* what) {
    if (holds) {
      ++passed;
    } else {
      failures.push_back(std::string(what) + ", lane " + std::to_string(lane_) + ": " + alexnet_last_error());
    }
  }

  // Whether memory has what `at(piece, place)` says in each piece, and nothing else was touched.
  template <class At>
  static bool holds(const std::vector<unsigned char>& memory, const Pieces& of, const At& at) {
    std::vector<unsigned char> wanted(memory.size(), kUntouched);
    for (int r = 0; r < count; ++r) {
      for (int64_t i = 0; i < of.bytes[size_t(r)]; ++i) wanted[size_t(of.first[size_t(r)] + i)] = at(r, i);
    }
    return memory == wanted;
  }

  void gather(int round) {
    const Pieces of = pieces([&](int r) { return length_of(r, 99, round); });
    std::vector<unsigned char> memory(size_t(of.end), kUntouched);
    for (int64_t i = 0; i < of.bytes[size_t(rank)]; ++i) {
      memory[size_t(of.first[size_t(rank)] + i)] = value(rank, 99, i, round);
    }
    const alexnet_status status =
        alexnet_ranks_allgather(lane_, memory.data(), of.first.data(), of.bytes.data(), count);
    expect(status == ALEXNET_OK && holds(memory, of, [&](int r, int64_t i) { return value(r, 99, i, round); }),
           "allgather");
  }

  void exchange(int round) {
    const Pieces sent = pieces([&](int r) { return length_of(rank, r, round); });
    const Pieces received = pieces([&](int r) { return length_of(r, rank, round); });
    std::vector<unsigned char> from(size_t(sent.end), kUntouched), to(size_t(received.end), kUntouched);
    for (int r = 0; r < count; ++r) {
      for (int64_t i = 0; i < sent.bytes[size_t(r)]; ++i) {
        from[size_t(sent.first[size_t(r)] + i)] = value(rank, r, i, round);
      }
    }
    const alexnet_status status =
        alexnet_ranks_alltoall(lane_, from.data(), sent.first.data(), sent.bytes.data(), to.data(),
                               received.first.data(), received.bytes.data(), count);
    expect(status == ALEXNET_OK && holds(to, received, [&](int r, int64_t i) { return value(r, rank, i, round); }),
           "alltoall");
  }

  void broadcast(int round) {
    const int root = round % count;
    std::vector<unsigned char> memory(1000, kUntouched);
    for (size_t i = 0; rank == root && i < memory.size(); ++i) memory[i] = value(root, 0, int64_t(i), round);
    const alexnet_status status = alexnet_ranks_broadcast(lane_, memory.data(), int64_t(memory.size()), root);
    bool same = status == ALEXNET_OK;
    for (size_t i = 0; i < memory.size(); ++i) same = same && memory[i] == value(root, 0, int64_t(i), round);
    expect(same, "broadcast");
  }

  const int lane_;
};

int passed = 0;
int failed = 0;

void check(bool holds, const char* what) {
  ++(holds ? passed : failed);
  if (!holds) std::printf("rank %d: FAILED %s: %s\n", rank, what, alexnet_last_error());
}

// What is not allowed is refused by this rank alone, before anybody is waited for.
void check_refusals() {
  const std::vector<int64_t> zeros(size_t(count), 0), ones(size_t(count), 1);
  check(alexnet_ranks_barrier(-1) == ALEXNET_BAD_ARGUMENT, "lane -1");
  check(alexnet_ranks_barrier(kLanes) == ALEXNET_BAD_ARGUMENT, "a lane too many");
  check(alexnet_ranks_allgather(0, nullptr, zeros.data(), ones.data(), count) == ALEXNET_BAD_ARGUMENT, "null memory");
  check(alexnet_ranks_allgather(0, nullptr, zeros.data(), zeros.data(), count + 1) == ALEXNET_BAD_ARGUMENT,
        "pieces of another number of ranks");
  check(alexnet_ranks_broadcast(0, nullptr, 0, count) == ALEXNET_BAD_ARGUMENT, "root too large");
  check(alexnet_ranks_broadcast(0, nullptr, -1, 0) == ALEXNET_BAD_ARGUMENT, "bytes -1");
  int32_t again = 0;
  check(alexnet_ranks_join(kLanes, 60000, &again, &again) == ALEXNET_WRONG_STATE, "joining twice");
}

// Whoever waits longer than its patience fails, in a broadcast too, whose root alone is late.
int check_late() {
  char byte = 0;
  check(alexnet_ranks_barrier(0) == ALEXNET_OK, "all are here");
  if (rank == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(4 * kShort));
    check(alexnet_ranks_broadcast(0, &byte, 1, 0) == ALEXNET_OK, "the root waits for nobody");
  } else {
    check(alexnet_ranks_broadcast(0, &byte, 1, 0) == ALEXNET_BACKEND &&
              std::strstr(alexnet_last_error(), "no answer of other ranks") != nullptr,
          "a broadcast of a root that is late");
    std::this_thread::sleep_for(std::chrono::milliseconds(4 * kShort));
  }
  std::printf("rank %d of %d, late: %d passed, %d failed\n", rank, count, passed, failed);
  std::fflush(stdout);
  std::_Exit(failed == 0 ? 0 : 1);  // a move is left open, so that nobody can leave in order
}

}  // namespace

int main(int words, char** word) {
  if (std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr && std::getenv("PMIX_RANK") == nullptr) {
    std::printf("skipped: start it as mpirun -n 2 ranks_check\n0 passed, 0 failed\n");
    return 0;
  }
  check(alexnet_ranks_barrier(0) == ALEXNET_WRONG_STATE, "a move before joining");
  check(alexnet_ranks_leave() == ALEXNET_WRONG_STATE, "leaving before joining");
  const bool late = words == 2 && std::string(word[1]) == "--late";
  if (alexnet_ranks_join(kLanes, late ? kShort : 60000, &rank, &count) != ALEXNET_OK) {
    std::printf("cannot join: %s\n%d passed, %d failed\n", alexnet_last_error(), passed, failed + 1);
    return 1;
  }
  if (late) return check_late();
  check_refusals();
  std::vector<Lane> lanes;
  for (int lane = 0; lane < kLanes; ++lane) lanes.emplace_back(lane);
  std::vector<std::thread> threads;
  for (Lane& lane : lanes) threads.emplace_back([&lane] { lane.run(); });
  for (std::thread& thread : threads) thread.join();
  for (const Lane& lane : lanes) {
    passed += lane.passed;
    failed += int(lane.failures.size());
    for (const std::string& text : lane.failures) std::printf("rank %d: FAILED %s\n", rank, text.c_str());
  }
  char text[200] = "";
  check(alexnet_ranks_engine(text, sizeof text) == ALEXNET_OK && text[0] != '\0', "the engine's name");
  check(alexnet_ranks_leave() == ALEXNET_OK, "leaving");
  check(alexnet_ranks_barrier(0) == ALEXNET_WRONG_STATE, "a move after leaving");
  std::printf("rank %d of %d, %s: %d passed, %d failed\n", rank, count, text, passed, failed);
  return failed == 0 ? 0 : 1;
}
