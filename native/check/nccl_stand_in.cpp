// nccl_stand_in: stands for libnccl.so.2 where there is no GPU. Exports those of NCCL's functions that nccl_library.h
// names, and moves bytes of host memory between threads and processes of one machine, through memory that they share. A
// group returns when its moves are done. It holds callers to NCCL's rules: a message has the length, and comes from the
// kind of call, that its receiver expects; bytes are all it moves.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

enum Result : int { kSuccess, kCudaError, kSystem, kInternal, kArgument, kUsage, kRemote };
enum Kind : uint64_t { kPair = 1, kGather = 2 };

constexpr int kMostRanks = 16;
constexpr uint64_t kRing = 1 << 15;

struct Id {
  char bytes[128];
};

struct Mailbox {
  std::atomic<uint64_t> written, read;
  char ring[kRing];
};

// What ranks share; begins as zeros.
struct Meeting {
  std::atomic<int> ranks, joined, broken;
  Mailbox boxes[kMostRanks][kMostRanks];  // from, to
};

struct Comm {
  Meeting* meeting;
  int rank, ranks;
  std::atomic<bool> aborted{false};
  std::atomic<int> inside{0};
};

// A message on its way out or in, its length and kind in front.
struct Part {
  bool sends;
  int peer;
  char* memory;
  uint64_t header[2];
  uint64_t received[2] = {0, 0};
  uint64_t done = 0;  // bytes, the header's included

  uint64_t all() const { return sizeof header + header[0]; }
};

struct Group {
  int depth = 0;
  Comm* comm = nullptr;
  std::vector<Part> parts;
};
thread_local Group group;

// What the checks ask for, of this process.
enum Fault : int { kNone, kGroupFails, kBreaksLater, kNoMeeting };
std::atomic<int> fault{kNone};

bool take_fault(Fault one) {
  int expected = one;
  return fault.compare_exchange_strong(expected, kNone);
}

// Names that nobody has joined go when the process ends.
struct Names {
  std::mutex mutex;
  std::vector<std::string> all;
  ~Names() {
    for (const std::string& name : all) shm_unlink(name.c_str());
  }
} names;

void rest(int look) {
  if (look < 100) {
    sched_yield();
  } else {
    const timespec pause = {0, 20'000};
    nanosleep(&pause, nullptr);
  }
}

// Copies as much of a part as the mailbox has or takes; returns whether any byte went.
bool go_on(Meeting* meeting, int rank, Part* part) {
  Mailbox& box = part->sends ? meeting->boxes[rank][part->peer] : meeting->boxes[part->peer][rank];
  const uint64_t written = box.written.load(std::memory_order_acquire);
  const uint64_t read = box.read.load(std::memory_order_acquire);
  uint64_t room = part->sends ? kRing - (written - read) : written - read;
  uint64_t at = part->sends ? written : read;
  const uint64_t begun = at;
  for (; room > 0 && part->done < part->all(); --room, ++at, ++part->done) {
    const uint64_t place = part->done;
    char* const header = reinterpret_cast<char*>(part->sends ? part->header : part->received);
    char* const byte = place < sizeof part->header ? header + place : part->memory + (place - sizeof part->header);
    (part->sends ? box.ring[at % kRing] : *byte) = part->sends ? *byte : box.ring[at % kRing];
    if (!part->sends && place + 1 == sizeof part->header &&
        std::memcmp(part->header, part->received, sizeof part->header) != 0) {
      meeting->broken = kUsage;  // another length, or another call
      return true;
    }
  }
  (part->sends ? box.written : box.read).store(at, std::memory_order_release);
  return at != begun;
}

// Whether a part in front goes by the same mailbox.
bool is_behind(const std::vector<Part>& parts, size_t i) {
  for (size_t j = 0; j < i; ++j) {
    if (parts[j].sends == parts[i].sends && parts[j].peer == parts[i].peer && parts[j].done < parts[j].all()) {
      return true;
    }
  }
  return false;
}

Result carry_out(Comm* comm, std::vector<Part> parts) {
  if (take_fault(kGroupFails)) return kSystem;
  ++comm->inside;
  Result result = kSuccess;
  for (int look = 0; result == kSuccess; ++look) {
    bool moved = false;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].done == parts[i].all() || is_behind(parts, i)) continue;
      moved = go_on(comm->meeting, comm->rank, &parts[i]) || moved;
    }
    if (comm->aborted) result = kInternal;
    if (comm->meeting->broken != 0) result = Result(comm->meeting->broken.load());
    bool done = true;
    for (const Part& part : parts) done = done && part.done == part.all();
    if (done) break;
    look = moved ? 0 : look;
    if (!moved) rest(look);
  }
  if (take_fault(kBreaksLater)) comm->meeting->broken = kRemote;
  --comm->inside;
  return result;
}

Result add(bool sends, int peer, const void* memory, size_t bytes, int type, Comm* comm, Kind kind) {
  if (comm == nullptr || peer < 0 || peer >= comm->ranks || memory == nullptr || type > 1 || type < 0) return kArgument;
  if (group.comm != nullptr && group.comm != comm) return kUsage;
  group.comm = comm;
  group.parts.push_back({sends, peer, const_cast<char*>(static_cast<const char*>(memory)), {bytes, kind}});
  return kSuccess;
}

Result end_group() {
  if (group.depth <= 0) return kUsage;
  if (--group.depth > 0) return kSuccess;
  Comm* const comm = group.comm;
  std::vector<Part> parts;
  parts.swap(group.parts);
  group.comm = nullptr;
  return comm == nullptr ? kSuccess : carry_out(comm, std::move(parts));
}

}  // namespace

// By this name nccl_library.cpp knows it. Sets what fails next in this process.
EXPORTED void alexnet_stand_in_for_nccl(int what) { fault = what; }

EXPORTED Result ncclGetVersion(int* version) {
  *version = 20700;
  return kSuccess;
}

EXPORTED const char* ncclGetErrorString(Result result) {
  switch (result) {
    case kSuccess:
      return "no error";
    case kSystem:
      return "unhandled system error";
    case kArgument:
      return "invalid argument";
    case kUsage:
      return "invalid usage";
    case kRemote:
      return "remote process exited or there was a network error";
    default:
      return "internal error";
  }
}

EXPORTED Result ncclGetUniqueId(Id* id) {
  static std::atomic<int> count{0};
  std::memset(id, 0, sizeof *id);
  std::snprintf(id->bytes, sizeof id->bytes, "/alexnet-stand-in-%d-%d", int(getpid()), count++);
  const int file = shm_open(id->bytes, O_CREAT | O_EXCL | O_RDWR, 0600);
  if (file < 0) return kSystem;
  const bool sized = ftruncate(file, sizeof(Meeting)) == 0;
  close(file);
  const std::lock_guard lock(names.mutex);
  names.all.push_back(id->bytes);
  return sized ? kSuccess : kSystem;
}

EXPORTED Result ncclCommInitRank(Comm** comm, int ranks, Id id, int rank) {
  if (ranks < 1 || ranks > kMostRanks || rank < 0 || rank >= ranks) return kArgument;
  if (take_fault(kNoMeeting)) return kUsage;
  const int file = shm_open(id.bytes, O_RDWR, 0600);
  if (file < 0) return kSystem;
  void* const memory = mmap(nullptr, sizeof(Meeting), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) return kSystem;
  auto* const meeting = static_cast<Meeting*>(memory);
  ++meeting->joined;
  for (int look = 0; meeting->joined < ranks; ++look) rest(look);
  if (rank == 0) shm_unlink(id.bytes);
  *comm = new Comm{meeting, rank, ranks};
  return kSuccess;
}

EXPORTED Result ncclCommDestroy(Comm* comm) {
  munmap(comm->meeting, sizeof(Meeting));
  delete comm;
  return kSuccess;
}

EXPORTED Result ncclCommAbort(Comm* comm) {
  comm->aborted = true;
  for (int look = 0; comm->inside > 0; ++look) rest(look);
  return ncclCommDestroy(comm);
}

EXPORTED Result ncclCommGetAsyncError(Comm* comm, Result* error) {
  *error = Result(comm->meeting->broken.load());
  return kSuccess;
}

EXPORTED Result ncclGroupStart() {
  ++group.depth;
  return kSuccess;
}

EXPORTED Result ncclGroupEnd() { return end_group(); }

EXPORTED Result ncclSend(const void* from, size_t count, int type, int peer, Comm* comm, void*) {
  ++group.depth;
  const Result result = add(true, peer, from, count, type, comm, kPair);
  const Result end = end_group();
  return result == kSuccess ? end : result;
}

EXPORTED Result ncclRecv(void* to, size_t count, int type, int peer, Comm* comm, void*) {
  ++group.depth;
  const Result result = add(false, peer, to, count, type, comm, kPair);
  const Result end = end_group();
  return result == kSuccess ? end : result;
}

EXPORTED Result ncclAllGather(const void* from, void* to, size_t count, int type, Comm* comm, void*) {
  if (comm == nullptr) return kArgument;
  char* const all = static_cast<char*>(to);
  char* const own = all + size_t(comm->rank) * count;
  if (own != from) std::memmove(own, from, count);
  ++group.depth;
  Result result = kSuccess;
  for (int peer = 0; peer < comm->ranks; ++peer) {
    if (peer == comm->rank) continue;
    if (result == kSuccess) result = add(true, peer, from, count, type, comm, kGather);
    if (result == kSuccess) result = add(false, peer, all + size_t(peer) * count, count, type, comm, kGather);
  }
  const Result end = end_group();
  return result == kSuccess ? end : result;
}
