// communicator: one tower on all ranks, as NCCL connects them. Moves bytes between buffers of devices, one move after
// the other in the order in which they are posted, which is the same on all ranks.
//
// All calls of NCCL that may wait for other ranks are made by a thread of the communicator's own: NCCL waits without
// end for a rank that is gone, while whoever waits for that thread gives up after its patience and aborts.
#ifndef ALEXNET_NCCL_COMMUNICATOR_H
#define ALEXNET_NCCL_COMMUNICATOR_H

#include <cstdint>
#include <memory>
#include <vector>

#include "nccl/nccl_library.h"
#include "runtime/device.h"

namespace alexnet::nccl {

// A first byte and a length for each rank.
struct Pieces {
  std::vector<int64_t> first, bytes;
};

// What one rank sends and receives in a move.
struct Move {
  const char* name = "";  // for messages and the search for races
  std::shared_ptr<Buffer> from, to;
  Pieces sent, received;
  int64_t gathered = 0;  // if it is an allgather of equal neighbouring pieces, the length of one
};

// allgather: `buffer` has the pieces of all, this rank's own in place.
Move allgather(const std::shared_ptr<Buffer>& buffer, const Pieces& pieces, int rank);

class Communicator : public Child {
 public:
  // Returns when all ranks have come, each with its number and the same id.
  static Status create(const std::shared_ptr<Device>& device, const Id& id, int rank, int ranks, int64_t patience_ms,
                       std::shared_ptr<Communicator>* communicator);
  ~Communicator() override;
  const char* type_name() const override { return "communicator"; }

  int rank() const;
  int ranks() const;
  // Begins a move behind what `stream` has queued, and returns; tickets count from 1.
  Status post(StreamObject& stream, Move move, int64_t* ticket);
  // Returns once a move is complete on this rank. time_us: from when what is sent was there.
  Status await(int64_t ticket, double* time_us);
  // Lets a stream go on behind a move that somebody has awaited; once for a move.
  Status join(int64_t ticket, StreamObject& stream);
  // The end; aborts what is under way. Also the destructor comes here.
  void close();

 private:
  struct Work;
  Communicator(const std::shared_ptr<Device>& device, std::shared_ptr<Work> work);

  const std::shared_ptr<Work> work_;  // shared with its thread
};

}  // namespace alexnet::nccl

#endif  // ALEXNET_NCCL_COMMUNICATOR_H
