// Races: finds accesses of two streams to the same memory that no event orders, whatever the timing was.
//
// On emu and cpu a call has finished when it returns, so a missing event changes no result there; on cuda it would.
// When the search is on, every stream, event and host thread carries a vector clock (how far into each stream's work it
// is known to be), and every operation and copy declares which bytes it reads and writes. Two accesses to a byte, one
// of them a write, are a race unless the later one's stream had been told, by events or by a host thread that waited
// for a stream, that the earlier one is done. The finding depends on the order of events alone.
//
// The operations of a graph are judged while they are recorded.
#ifndef ALEXNET_RUNTIME_RACES_H
#define ALEXNET_RUNTIME_RACES_H

#include <cstdint>
#include <vector>

#include "common/status.h"

namespace alexnet {

// How much of each stream's work, by the stream's number, is known to be done.
using Clock = std::vector<uint64_t>;

// Bytes [begin, end) that an operation reads or writes.
struct Access {
  const char* operand;  // lives as long as the program, like all texts here
  const char* begin;
  const char* end;
  bool writes;
};

namespace races {

// BAD_ARGUMENT if ALEXNET_RACES is neither "on" nor "off".
Status check_setting();

bool searched();
void search(bool on);

// A stream's number; numbers of closed streams are given again.
int32_t add_stream();
void remove_stream(int32_t stream);

// Work that a stream takes up: INTERNAL with both sides of the race if there is one.
Status work(int32_t stream, const char* family, const char* pass, const std::vector<Access>& accesses);

// An access of the calling thread itself: INTERNAL if it has not waited for what streams do with the same bytes.
Status host_work(const Access& access);

void record(int32_t stream, Clock* event);
void wait(int32_t stream, const Clock& event);
// The calling thread has waited for a stream, or for an event.
void host_waited(int32_t stream);
void host_waited(const Clock& event);

// Memory that is given back: its next owner has nothing to do with the last one.
void forget(const char* begin, const char* end);

}  // namespace races

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_RACES_H
