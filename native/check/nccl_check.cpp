// nccl_check: moves between communicators, by the C ABI. Each rank is a thread with a device of its own.
//   nccl_check                  three ranks on emu and on cpu, by the stand-in that lies beside this program: moves,
//                               their order, what is refused, and how NCCL's failures end
//   nccl_check --devices cuda   as many ranks as there are GPUs, by NCCL itself: moves alone. Skipped without them
#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "alexnet.h"
#include "check/expect.h"
#include "check/nccl_rank.h"

using namespace alexnet::check;

namespace {

constexpr int kRounds = 24;

void check_moves(int32_t kind, int count) {
  as_ranks(kind, count, [](Rank& rank, int) {
    for (int round = 0; round < kRounds; ++round) {
      int64_t ticket = -7;
      EXPECT(rank.begin_gather(round, &ticket) == ALEXNET_OK);
      EXPECT(rank.end(ticket) == ALEXNET_OK);
      EXPECT(rank.gather_holds(round));
      EXPECT(rank.begin_exchange(round, &ticket) == ALEXNET_OK);
      EXPECT(rank.end(ticket) == ALEXNET_OK);
      EXPECT(rank.exchange_holds(round));
    }
  });
}

// Moves that were begun before others ended come to their ends in order, whatever ranks do in between.
void check_moves_ahead(int32_t kind) {
  constexpr int64_t kPart = 40'000;
  as_ranks(kind, 3, [](Rank& rank, int number) {
    std::vector<unsigned char> memory(size_t{kBytes}, kUntouched);
    for (int i = 0; i < 3 * kPart; ++i) memory[size_t(i)] = value(number, i / kPart, i, 0);
    rank.place.write(rank.place.from, memory);
    const int64_t sent[] = {0, kPart, 2 * kPart}, bytes[] = {kPart, kPart, kPart};
    int64_t tickets[4];
    for (int move = 0; move < 4; ++move) {  // each into a place of its own
      if (number == move) std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const int64_t at[] = {move * 3 * kPart, (move * 3 + 1) * kPart, (move * 3 + 2) * kPart};
      EXPECT(alexnet_communicator_alltoall(rank.communicator, rank.place.stream, rank.place.from, sent, bytes,
                                           rank.place.to, at, bytes, 3, &tickets[move]) == ALEXNET_OK);
      EXPECT(tickets[move] == move + 1);
    }
    double time_us = 0;
    EXPECT(alexnet_communicator_await(rank.communicator, tickets[3], &time_us) == ALEXNET_OK);
    for (const int64_t ticket : tickets) EXPECT(rank.end(ticket) == ALEXNET_OK);
    const std::vector<unsigned char> got = rank.place.read(rank.place.to);
    bool same = true;
    for (int64_t i = 0; i < 12 * kPart; ++i) {
      const int64_t in_move = i % (3 * kPart);
      same = same && got[size_t(i)] == value(int(in_move / kPart), number, number * kPart + in_move % kPart, 0);
    }
    EXPECT(same);
  });
}

// A stream that reads what a move brings, or writes what it sends, without having joined it, is found.
void check_races(int32_t kind) {
  EXPECT(alexnet_races(1) == ALEXNET_OK);
  as_ranks(kind, 2, [&](Rank& rank, int) {
    alexnet_stream* other = nullptr;
    EXPECT(alexnet_stream_create(rank.place.device, &other) == ALEXNET_OK);
    int64_t ticket = 0;
    double time_us = 0;
    char byte[8];
    EXPECT(rank.begin_gather(0, &ticket) == ALEXNET_OK);
    EXPECT(alexnet_communicator_await(rank.communicator, ticket, &time_us) == ALEXNET_OK);
    EXPECT(alexnet_copy(other, rank.place.from, 0, rank.place.to, 0, 8) == ALEXNET_INTERNAL && says("race"));
    EXPECT(alexnet_communicator_join(rank.communicator, ticket, rank.place.stream) == ALEXNET_OK);
    EXPECT(alexnet_copy_out(rank.place.stream, byte, rank.place.to, 0, 8) == ALEXNET_OK);
    EXPECT(alexnet_stream_close(other) == ALEXNET_OK);
  });
  EXPECT(alexnet_races(0) == ALEXNET_OK);
}

void check_refusals(int32_t kind) {
  as_ranks(kind, 2, [&](Rank& rank, int number) {
    alexnet_communicator* const c = rank.communicator;
    const Place& p = rank.place;
    const int64_t at[] = {0, 8}, bytes[] = {8, 8}, long_ones[] = {8, kBytes}, negative[] = {8, -1};
    int64_t ticket = -7;
    double time_us = -7;
    const Id id = {};
    alexnet_communicator* none = nullptr;
    EXPECT(alexnet_communicator_create(p.device, id.bytes, 127, 0, 1, 1, &none) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_create(p.device, id.bytes, 128, 2, 2, 1, &none) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_create(p.device, id.bytes, 128, 0, 1, 0, &none) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_create(p.device, id.bytes, 128, 0, 1, kPatience, &none) == ALEXNET_BACKEND &&
           says("ncclCommInitRank"));
    EXPECT(alexnet_communicator_allgather(c, p.stream, p.to, at, long_ones, 2, &ticket) == ALEXNET_BAD_SHAPE);
    EXPECT(alexnet_communicator_allgather(c, p.stream, p.to, at, negative, 2, &ticket) == ALEXNET_BAD_SHAPE);
    EXPECT(alexnet_communicator_allgather(c, p.stream, p.to, at, bytes, 3, &ticket) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_allgather(c, p.stream, p.to, nullptr, bytes, 2, &ticket) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_allgather(c, p.stream, p.to, at, bytes, 2, nullptr) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_alltoall(c, p.stream, p.from, at, bytes, nullptr, at, bytes, 2, &ticket) ==
           ALEXNET_BAD_ARGUMENT);
    const Place elsewhere(kind, 10 + number);
    EXPECT(alexnet_communicator_allgather(c, elsewhere.stream, p.to, at, bytes, 2, &ticket) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_allgather(c, p.stream, elsewhere.to, at, bytes, 2, &ticket) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_stream_rehearse_begin(p.stream) == ALEXNET_OK);
    EXPECT(alexnet_communicator_allgather(c, p.stream, p.to, at, bytes, 2, &ticket) == ALEXNET_WRONG_STATE);
    int64_t workspace = 0;
    EXPECT(alexnet_stream_rehearse_end(p.stream, &workspace) == ALEXNET_OK);
    EXPECT(alexnet_communicator_await(c, 1, &time_us) == ALEXNET_BAD_ARGUMENT);
    EXPECT(ticket == -7 && time_us == -7);
    // Nothing of that was a move: the next ones are the others' too.
    EXPECT(rank.begin_exchange(0, &ticket) == ALEXNET_OK && ticket == 1);
    EXPECT(rank.end(ticket) == ALEXNET_OK && rank.exchange_holds(0));
    EXPECT(alexnet_communicator_join(c, ticket, p.stream) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_communicator_await(c, ticket, &time_us) == ALEXNET_BAD_ARGUMENT);
    EXPECT(alexnet_communicator_join(c, ticket + 1, p.stream) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_communicator_close(reinterpret_cast<alexnet_communicator*>(p.stream)) == ALEXNET_BAD_ARGUMENT);
  });
}

using Fault = void (*)(int);

// How failures end: with a status and a text, soon, and for good.
void check_ends(int32_t kind, Fault fault) {
  const auto begun = std::chrono::steady_clock::now();
  as_ranks(
      kind, 2,
      [](Rank& rank, int number) {
        int64_t ticket = 0;
        if (number == 1) {  // comes too late
          std::this_thread::sleep_for(std::chrono::milliseconds(4 * kShort));
          return;
        }
        EXPECT(rank.begin_exchange(0, &ticket) == ALEXNET_OK);
        EXPECT(rank.end(ticket) == ALEXNET_BACKEND && says("alltoall") && says("rank 0 of 2: no answer"));
        EXPECT(rank.begin_exchange(1, &ticket) == ALEXNET_BACKEND && says("no answer"));
      },
      kShort);
  const Id id = new_id();
  {
    const Rank alone(kind, 0, 2, id, kShort);  // the other one never comes
    EXPECT(alone.made == ALEXNET_BACKEND && says("joining") && says("no answer of other ranks"));
  }
  as_ranks(kind, 2, [](Rank& rank, int number) {  // other lengths than the other rank expects
    const int64_t at[] = {0, 64}, bytes[] = {64, 64}, others[] = {32, 32};
    int64_t ticket = 0;
    EXPECT(alexnet_communicator_alltoall(rank.communicator, rank.place.stream, rank.place.from, at,
                                         number == 0 ? bytes : others, rank.place.to, at, bytes, 2,
                                         &ticket) == ALEXNET_OK);
    EXPECT(rank.end(ticket) == ALEXNET_BACKEND && says("ncclGroupEnd: invalid usage"));
  });
  as_ranks(kind, 1, [&](Rank& rank, int) {
    int64_t ticket = 0;
    fault(1);
    EXPECT(rank.begin_exchange(0, &ticket) == ALEXNET_OK);
    EXPECT(rank.end(ticket) == ALEXNET_BACKEND && says("ncclGroupEnd: unhandled system error"));
  });
  as_ranks(kind, 1, [&](Rank& rank, int) {
    int64_t ticket = 0;
    fault(2);
    EXPECT(rank.begin_exchange(0, &ticket) == ALEXNET_OK);
    EXPECT(rank.end(ticket) == ALEXNET_BACKEND && says("while moving: remote process exited"));
  });
  fault(3);
  {
    const Rank refused(kind, 0, 1, id);
    EXPECT(refused.made == ALEXNET_BACKEND && says("joining by a stand-in for NCCL 2.7.0, rank 0 of 1: ncclCommInit"));
  }
  as_ranks(kind, 2, [](Rank& rank, int number) {  // closed while somebody waits
    int64_t ticket = 0;
    if (number == 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kShort));
      return;
    }
    EXPECT(rank.begin_exchange(0, &ticket) == ALEXNET_OK);
    std::thread waiting([&] {
      double time_us = 0;
      EXPECT(alexnet_communicator_await(rank.communicator, ticket, &time_us) == ALEXNET_WRONG_STATE && says("closed"));
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT(alexnet_communicator_close(rank.communicator) == ALEXNET_OK);
    rank.communicator = nullptr;
    waiting.join();
  });
  EXPECT(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
}

// A library that is none, before one is opened.
void check_missing() {
  char text[64] = "";
  Id id;
  EXPECT(alexnet_communicator_library("/no/such/libnccl.so.2", text, sizeof text) == ALEXNET_UNSUPPORTED &&
         says("/no/such/libnccl.so.2") && says("install NVIDIA's NCCL 2") && says("ALEXNET_NCCL"));
  EXPECT(alexnet_communicator_library("libm.so.6", text, sizeof text) == ALEXNET_UNSUPPORTED &&
         says("libm.so.6 has no ncclGetVersion"));
  setenv("ALEXNET_NCCL", "/not/there", 1);
  EXPECT(alexnet_communicator_id(id.bytes, sizeof id.bytes) == ALEXNET_UNSUPPORTED && says("/not/there"));
  unsetenv("ALEXNET_NCCL");
  EXPECT(text[0] == '\0');
}

int check_gpus() {
  int32_t gpus = 0;
  char name[64] = "";
  if (alexnet_device_count(ALEXNET_CUDA, &gpus) != ALEXNET_OK || gpus == 0) {
    std::printf("skipped: no CUDA device\n0 passed, 0 failed\n");
    return 0;
  }
  if (alexnet_communicator_library(nullptr, name, sizeof name) != ALEXNET_OK) {
    std::printf("skipped: %s\n0 passed, 0 failed\n", alexnet_last_error());
    return 0;
  }
  std::printf("%s, %d ranks, each a GPU\n", name, gpus);
  check_moves(ALEXNET_CUDA, gpus);
  EXPECT(alexnet_live_handles() == 0);
  return alexnet::check::expectations().finish();
}

}  // namespace

int main(int count, char** words) {
  if (count == 3 && std::strcmp(words[1], "--devices") == 0 && std::strcmp(words[2], "cuda") == 0) return check_gpus();
  if (count != 1) {
    std::fprintf(stderr, "nccl_check takes nothing, or --devices cuda\n");
    return 2;
  }
  check_missing();
  char own[4096] = "", name[64] = "";
  (void)!readlink("/proc/self/exe", own, sizeof own - 1);
  const std::string path = std::string(own).substr(0, std::string(own).rfind('/')) + "/libnccl_stand_in.so";
  EXPECT(alexnet_communicator_library(path.c_str(), name, sizeof name) == ALEXNET_OK);
  EXPECT(std::strcmp(name, "a stand-in for NCCL 2.7.0") == 0);
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto fault =
      library == nullptr ? nullptr : reinterpret_cast<Fault>(dlsym(library, "alexnet_stand_in_for_nccl"));
  EXPECT(fault != nullptr);
  if (fault == nullptr) return alexnet::check::expectations().finish();
  for (const int32_t kind : {ALEXNET_EMU, ALEXNET_CPU}) {
    for (const int ranks : {1, 2, 3, 4}) check_moves(kind, ranks);
    check_moves_ahead(kind);
    check_races(kind);
    check_refusals(kind);
  }
  check_ends(ALEXNET_EMU, fault);
  EXPECT(alexnet_live_handles() == 0);
  return alexnet::check::expectations().finish();
}
