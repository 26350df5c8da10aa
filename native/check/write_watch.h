// Who writes where nobody may: a run in which some bytes of host memory are watched, and the first store that changes
// one of them is known by kernel, block, thread and source line.
//
// The pages that hold the bytes are read-only. A store to one of them raises SIGSEGV; the handler opens the page, lets
// this one instruction run (the processor's trap flag), looks whether a watched byte has changed, and closes the page
// again. So only the watched bytes count, not their whole pages, and a store that begins before them is found as well.
// A store to such a page costs some microseconds: for a run again, after the guard words have shown that it is worth
// it.
#ifndef ALEXNET_CHECK_WRITE_WATCH_H
#define ALEXNET_CHECK_WRITE_WATCH_H

#include <cstdint>
#include <string>
#include <vector>

namespace alexnet::check {

class WriteWatch {
 public:
  WriteWatch() = default;
  ~WriteWatch() { stop(); }
  WriteWatch(const WriteWatch&) = delete;
  WriteWatch& operator=(const WriteWatch&) = delete;

  // Watches `bytes` at `address`. Before start().
  void add(const void* address, int64_t bytes);

  // One watch at a time in a process. What the processor or the system does not offer is left out: nothing is found.
  void start();

  // Ends the watch. May be called more than once.
  void stop();

  // The text of the first store that was found (see Culprit); empty if there was none.
  std::string culprit() const;

 private:
  struct Range {
    char* begin;
    char* end;
    std::vector<char> before;
  };
  struct Pages {
    char* begin;
    char* end;
  };

  friend struct WriteWatchSignals;
  bool holds(const char* address) const;
  void protect(int protection) const;
  // Whether a watched byte at or after `from`, within the widest store, has changed.
  bool changed(const char* from) const;

  std::vector<Range> ranges_;
  std::vector<Pages> pages_;
  bool started_ = false;
};

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_WRITE_WATCH_H
