// driver_check: random sequences of calls of alexnet.h on 1 to 4 threads, with valid, closed, foreign, null and
// invented handles and hostile numbers. Nothing crashes or hangs, no call is INTERNAL, outputs are written on success
// alone, and afterwards no handle is left.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "abi_functions.h"
#include "check/driver.h"

namespace alexnet::check {

namespace {

constexpr int kMostThreads = 4;
constexpr int kCalls = 48;  // of a thread in a sequence, after the first ones, which make something to work with
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kPatienceSeconds = 60;
#else
constexpr int kPatienceSeconds = 10;
#endif

const char* const kHelp =
    "driver_check [OPTIONS]: random calls of the C ABI\n"
    "  --sequences N  how many sequences (default 1000)\n"
    "  --seed S       of all of them (default: one of the clock's; it is printed)\n"
    "  --first I      the first sequence's number (default 0); each is a function of seed and number\n"
    "  --threads N    1 to 4 (default: 1 to 4, at random)\n"
    "  --own          threads work with streams, buffers and graphs of their own, as alexnet.h wants it\n"
    "  --verbose      name every call\n";

struct Options {
  uint64_t seed = uint64_t(std::chrono::system_clock::now().time_since_epoch().count()) % 1000000007u;
  uint64_t first = 0, sequences = 1000;
  int threads = 0;
  bool own = false, verbose = false;
};

// What a signal or the clock finds when it ends the program.
struct Progress {
  std::atomic<uint64_t> seed{0}, sequence{0};
  std::atomic<const char*> calls[kMostThreads] = {};
} progress;

void show_place(const char* what) {
  char text[512];
  int length =
      std::snprintf(text, sizeof text, "\n%s in sequence %llu; again: driver_check --seed %llu --first %llu%s\n", what,
                    static_cast<unsigned long long>(progress.sequence), static_cast<unsigned long long>(progress.seed),
                    static_cast<unsigned long long>(progress.sequence), " --sequences 1");
  (void)!write(2, text, size_t(length));
  for (const auto& call : progress.calls) {
    const char* const name = call;
    if (name == nullptr) continue;
    length = std::snprintf(text, sizeof text, "  a thread was in %s\n", name);
    (void)!write(2, text, size_t(length));
  }
}

void on_signal(int signal) {
  show_place(strsignal(signal));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// Ends the program if a sequence takes too long.
void watch(const std::atomic<bool>& done) {
  uint64_t seen = UINT64_MAX;
  for (int seconds = 0; !done; ++seconds) {
    if (progress.sequence != seen) {
      seen = progress.sequence;
      seconds = 0;
    }
    if (seconds > kPatienceSeconds) {
      show_place("no progress");
      _exit(3);
    }
    for (int i = 0; i < 100 && !done; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

class Driver {
 public:
  explicit Driver(const Options& options) : options_(options) {
    for (const Function& function : object_functions()) objects_.push_back(function);
    for (const Function& function : operation_functions()) operations_.push_back(function);
  }

  // Whether every function of alexnet.h is called.
  bool complete() const {
    bool all = true;
    for (const char* const name : kAbiFunctions) {
      bool found = false;
      for (const auto* part : {&objects_, &operations_}) {
        for (const Function& function : *part) found = found || std::strcmp(function.name, name) == 0;
      }
      if (!found) std::fprintf(stderr, "%s is called nowhere in driver_*.cpp\n", name);
      all = all && found;
    }
    return all;
  }

  // False if something was wrong, which is printed.
  bool run(uint64_t sequence) {
    std::mt19937_64 random(options_.seed * 1000003 + sequence);
    const int threads = options_.threads > 0 ? options_.threads : int32_t(1 + random() % kMostThreads);
    std::vector<Pool> pools(options_.own ? size_t(threads) : 1);
    std::vector<Pool*> all;
    for (Pool& pool : pools) all.push_back(&pool);
    std::vector<std::unique_ptr<Thread>> states;
    for (int i = 0; i < threads; ++i) {
      const int32_t home = random() % 2 == 0 ? ALEXNET_EMU : ALEXNET_CPU;
      states.push_back(
          std::make_unique<Thread>(options_.seed, sequence, i, home, &pools[options_.own ? size_t(i) : 0], all));
    }
    std::vector<std::thread> running;
    for (int i = 1; i < threads; ++i) running.emplace_back([&, i] { work(*states[size_t(i)], i); });
    work(*states[0], 0);
    for (std::thread& thread : running) thread.join();
    bool right = true;
    for (const auto& state : states) {
      for (const std::string& failure : state->failures) {
        std::fprintf(stderr, "%s\n", failure.c_str());
        right = false;
      }
    }
    return close(pools) && right;
  }

 private:
  void work(Thread& t, int number) {
    static const char* const first[] = {"alexnet_device_open",   "alexnet_stream_create", "alexnet_stream_create",
                                        "alexnet_event_create",  "alexnet_arena_create",  "alexnet_buffer_create",
                                        "alexnet_buffer_create", "alexnet_buffer_create", "alexnet_buffer_create",
                                        "alexnet_buffer_create", "alexnet_buffer_create", "alexnet_copy_in"};
    for (const char* const name : first) {
      for (const Function& function : objects_) {
        if (std::strcmp(function.name, name) == 0) call(t, function, number);
      }
    }
    for (int i = 0; i < kCalls; ++i) {
      const std::vector<Function>& from = t.one_in(3) ? objects_ : operations_;
      call(t, from[t.below(from.size())], number);
    }
    progress.calls[number] = nullptr;
  }

  void call(Thread& t, const Function& function, int number) {
    t.function = function.name;
    progress.calls[number] = function.name;
    const alexnet_status status = function.call(t);
    if (options_.verbose) std::fprintf(stderr, "%d %s %d\n", number, function.name, status);
    ++calls[status == ALEXNET_OK ? 0 : 1];
    t.expect(status >= ALEXNET_OK && status <= ALEXNET_INTERNAL, "a status that there is not");
    if (status == ALEXNET_OK) return;
    const std::string text = alexnet_last_error();
    t.expect(text.compare(0, std::strlen(function.name), function.name) == 0, "a text of another function");
    // A race that was looked for and found is INTERNAL.
    t.expect(status != ALEXNET_INTERNAL || text.find(": race: ") != std::string::npos, "an error of our own");
  }

  // Closes what is left, what lives on something else first.
  static bool close(const std::vector<Pool>& pools) {
    (void)alexnet_fault(nullptr);
    (void)alexnet_delays(0, 0);
    (void)alexnet_races(0);
    end_pairs(pools);
    for (const Type type : {kGraph, kBuffer, kArena, kEvent, kStream, kDevice}) {
      for (const Pool& pool : pools) {
        for (void* const handle : pool.all[type]) close(type, handle);
      }
    }
    const int64_t left = alexnet_live_handles();
    if (left != 0) std::fprintf(stderr, "%lld handles are left\n", static_cast<long long>(left));
    return left == 0;
  }
  // A stream in a pair cannot be closed. One that is recorded by another thread leaves it with its graph.
  static void end_pairs(const std::vector<Pool>& pools) {
    std::vector<alexnet_stream*> streams;
    for (const Pool& pool : pools) {
      for (void* const handle : pool.all[kStream]) streams.push_back(static_cast<alexnet_stream*>(handle));
    }
    for (alexnet_stream* const first : streams) {
      for (alexnet_stream* const second : streams) (void)alexnet_stream_pair_end(first, second);
    }
  }
  static void close(Type type, void* handle) {
    switch (type) {
      case kGraph:
        (void)alexnet_graph_close(static_cast<alexnet_graph*>(handle));
        break;
      case kBuffer:
        (void)alexnet_buffer_close(static_cast<alexnet_buffer*>(handle));
        break;
      case kArena:
        (void)alexnet_arena_close(static_cast<alexnet_arena*>(handle));
        break;
      case kEvent:
        (void)alexnet_event_close(static_cast<alexnet_event*>(handle));
        break;
      case kStream:
        (void)alexnet_stream_close(static_cast<alexnet_stream*>(handle));
        break;
      default:
        (void)alexnet_device_close(static_cast<alexnet_device*>(handle));
    }
  }

  const Options options_;
  std::vector<Function> objects_, operations_;

 public:
  std::atomic<uint64_t> calls[2] = {};  // that succeeded, that were refused
};

bool parse(int count, char** words, Options* options) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--own") {
      options->own = true;
    } else if (word == "--verbose") {
      options->verbose = true;
    } else if (i + 1 < count &&
               (word == "--sequences" || word == "--seed" || word == "--first" || word == "--threads")) {
      char* end = nullptr;
      const unsigned long long number = std::strtoull(words[++i], &end, 10);
      if (*end != '\0' || *words[i] == '\0') return false;
      if (word == "--sequences") options->sequences = number;
      if (word == "--seed") options->seed = number;
      if (word == "--first") options->first = number;
      if (word == "--threads") options->threads = int(number);
    } else {
      return false;
    }
  }
  return options->threads >= 0 && options->threads <= kMostThreads;
}

}  // namespace

}  // namespace alexnet::check

int main(int count, char** words) {
  using namespace alexnet::check;
  Options options;
  if (!parse(count, words, &options)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(signal, on_signal);
  Driver driver(options);
  if (!driver.complete()) return 1;
  progress.seed = options.seed;
  std::atomic<bool> done{false};
  std::thread watcher([&] { watch(done); });
  uint64_t passed = 0, failed = 0;
  for (uint64_t i = 0; i < options.sequences && failed < 5; ++i) {
    progress.sequence = options.first + i;
    if (driver.run(options.first + i)) {
      ++passed;
    } else {
      ++failed;
      show_place("FAILED");
    }
  }
  done = true;
  watcher.join();
  std::printf("seed %llu: %llu calls succeeded, %llu were refused; sequences:\n%llu passed, %llu failed\n",
              static_cast<unsigned long long>(options.seed), static_cast<unsigned long long>(driver.calls[0]),
              static_cast<unsigned long long>(driver.calls[1]), static_cast<unsigned long long>(passed),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
