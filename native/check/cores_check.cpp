#include "check/cores_check.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "add/add.h"
#include "alexnet.h"
#include "check/expect.h"
#include "runtime/core_shares.h"
#include "runtime/device.h"
#include "runtime/work.h"

namespace alexnet::check {

namespace {

constexpr int32_t kThreads = 4;
constexpr int64_t kPieces = kThreads;
constexpr int64_t kCount = 100'104, kOperandBytes = (kCount * 4 + 255) / 256 * 256;  // enough to be worth its threads
constexpr std::chrono::seconds kPatience(20);  // what is met here is met in a moment, or never

// What the operation below does in each of its pieces, for the stream whose operand begins with `who`.
std::function<void(float who, int64_t piece)> at_work;

// A kernel of this program: chosen for this count alone, does nothing but at_work, in one piece for each of its cores.
Status launch_pieces(const AddShape&, const float* a, const float*, const float*, float*, Stream stream) {
  parallel_for(stream.cores, kPieces, 1, [&](int64_t first, int64_t last) {
    for (int64_t piece = first; piece < last; ++piece) at_work(a[0], piece);
  });
  return {};
}
int prefer_pieces(const AddShape& s, const Target&) { return s.count == kCount ? 9 : 0; }

// So many threads that must all be here at once. They sleep, so that any number of processors will do.
class Meeting {
 public:
  explicit Meeting(int people) : missing_(people) {}
  // False if somebody does not come.
  bool come() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (--missing_ == 0) all_here_.notify_all();
    const bool met = all_here_.wait_for(lock, kPatience, [&] { return missing_ <= 0 || failed_; }) && !failed_;
    if (!met) {
      failed_ = true;
      all_here_.notify_all();
    }
    return met;
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  int missing_;
  bool failed_ = false;
};

// A cpu device with kThreads and one or more streams; stream i has an operand that begins with `who` + i.
class Computer {
 public:
  Computer(int32_t index, float who, size_t streams = 1) : streams_(streams), operands_(streams) {
    EXPECT_CALL(alexnet_device_open(ALEXNET_CPU, index, &device));
    EXPECT_CALL(alexnet_device_threads(device, kThreads));
    EXPECT_CALL(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, kOperandBytes * int64_t(streams + 1), &arena_));
    EXPECT_CALL(alexnet_buffer_create(arena_, 0, kCount * 4, &result_));
    for (size_t i = 0; i < streams; ++i) {
      EXPECT_CALL(alexnet_stream_create(device, &streams_[i]));
      EXPECT_CALL(alexnet_buffer_create(arena_, kOperandBytes * int64_t(i + 1), kCount * 4, &operands_[i]));
      EXPECT_CALL(alexnet_fill(streams_[i], operands_[i], 0, kCount, who + float(i)));
    }
  }
  void close() {
    for (size_t i = 0; i < streams_.size(); ++i) {
      EXPECT_CALL(alexnet_buffer_close(operands_[i]));
      EXPECT_CALL(alexnet_stream_close(streams_[i]));
    }
    EXPECT_CALL(alexnet_buffer_close(result_));
    EXPECT_CALL(alexnet_arena_close(arena_));
    EXPECT_CALL(alexnet_device_close(device));
  }
  alexnet_status compute(size_t stream = 0) {
    return alexnet_add(streams_[stream], kCount, operands_[stream], operands_[stream], nullptr, result_);
  }

  alexnet_device* device = nullptr;

 private:
  std::vector<alexnet_stream*> streams_;
  std::vector<alexnet_buffer*> operands_;
  alexnet_arena* arena_ = nullptr;
  alexnet_buffer* result_ = nullptr;
};

// The pieces of both devices can only meet if each device has all of its threads while the other computes.
void check_two_devices_at_once() {
  Computer a(0, 1), b(1, 2);
  for (int round = 0; round < 3; ++round) {
    Meeting meeting(2 * kThreads);
    std::atomic<int> missed{0};
    at_work = [&](float, int64_t) { missed += meeting.come() ? 0 : 1; };
    std::thread other([&] { EXPECT_CALL(b.compute()); });
    EXPECT_CALL(a.compute());
    other.join();
    EXPECT(missed == 0);
  }
  a.close();
  b.close();
}

// While one stream has the device's threads, another one of it computes on its caller's thread and does not wait.
void check_two_streams_of_a_device() {
  Computer computer(0, 1, 2);
  Meeting begun(kThreads + 1), ended(kThreads + 1);
  std::atomic<int> missed{0}, alone{0}, elsewhere{0};
  const std::thread::id here = std::this_thread::get_id();
  at_work = [&](float who, int64_t) {
    if (who == 1) {
      missed += begun.come() && ended.come() ? 0 : 1;
    } else {
      ++(std::this_thread::get_id() == here ? alone : elsewhere);
    }
  };
  std::thread first([&] { EXPECT_CALL(computer.compute(0)); });
  EXPECT(begun.come());
  EXPECT_CALL(computer.compute(1));
  EXPECT(alone == kPieces && elsewhere == 0);
  EXPECT(alexnet_device_close(computer.device) == ALEXNET_WRONG_STATE);
  EXPECT(ended.come());
  first.join();
  EXPECT(missed == 0);
  // Whoever comes alone has the threads again.
  Meeting again(kThreads);
  at_work = [&](float, int64_t) { missed += again.come() ? 0 : 1; };
  EXPECT_CALL(computer.compute(1));
  EXPECT(missed == 0);
  computer.close();
}

int64_t threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}
const int64_t kThreadsAtStart = threads_of_process();

// A thread that was joined is listed for a moment yet, so `count` is waited for.
bool has_threads(int64_t count) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (threads_of_process() != count && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  return threads_of_process() == count;
}

// Threads start when they are first needed, stay the same, hand on what is thrown, and end with the device.
void check_life_of_threads() {
  EXPECT(has_threads(kThreadsAtStart));
  Computer computer(2, 1);
  EXPECT(threads_of_process() == kThreadsAtStart);
  std::array<std::thread::id, kPieces> first, again;
  at_work = [&](float, int64_t piece) { first[size_t(piece)] = std::this_thread::get_id(); };
  EXPECT_CALL(computer.compute());
  EXPECT(threads_of_process() == kThreadsAtStart + kThreads - 1);
  EXPECT(first[0] == std::this_thread::get_id());
  for (int round = 0; round < 100; ++round) {
    at_work = [&](float, int64_t piece) { again[size_t(piece)] = std::this_thread::get_id(); };
    EXPECT_CALL(computer.compute());
    EXPECT(again == first);
  }
  for (const int64_t thrower : {kPieces - 1, int64_t(0)}) {
    at_work = [&](float, int64_t piece) {
      if (piece == thrower) throw std::runtime_error("planted in piece " + std::to_string(piece));
    };
    EXPECT(computer.compute() == ALEXNET_INTERNAL);
    EXPECT_TEXT(alexnet_last_error(), "planted in piece " + std::to_string(thrower));
  }
  at_work = [](float, int64_t) {};
  EXPECT_CALL(computer.compute());
  computer.close();
  EXPECT(has_threads(kThreadsAtStart));
}

// An update of many small arrays wakes the threads once.
void check_update_wakes_once() {
  constexpr int32_t kArrays = 64;
  constexpr int64_t kValues = 3000, kBytes = (kValues * 4 + 255) / 256 * 256;
  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  alexnet_arena* arena = nullptr;
  std::vector<alexnet_buffer*> buffers(3 * kArrays + 1);
  EXPECT_CALL(alexnet_device_open(ALEXNET_CPU, 5, &device));
  EXPECT_CALL(alexnet_device_threads(device, kThreads));
  EXPECT_CALL(alexnet_stream_create(device, &stream));
  EXPECT_CALL(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, kBytes * int64_t(buffers.size()), &arena));
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_CALL(alexnet_buffer_create(arena, kBytes * int64_t(i), kValues * 4, &buffers[i]));
    EXPECT_CALL(alexnet_fill(stream, buffers[i], 0, kValues, 1.f));
  }
  std::vector<alexnet_sgd_array> arrays;
  for (size_t i = 0; i < kArrays; ++i) {
    arrays.push_back({{kValues, 1.f, 0.f, 0}, buffers[3 * i], buffers[3 * i + 1], buffers[3 * i + 2]});
  }
  {
    std::shared_ptr<Device> opened;
    EXPECT(open_device(Kind::kCpu, 5, &opened).ok());
    CorePool* const pool = opened->cores().pool;
    const int64_t before = pool->jobs();
    EXPECT_CALL(alexnet_sgd_update(stream, arrays.data(), kArrays, buffers.back()));
    EXPECT(pool->jobs() == before + 1);
  }
  for (alexnet_buffer* const buffer : buffers) EXPECT_CALL(alexnet_buffer_close(buffer));
  EXPECT_CALL(alexnet_arena_close(arena));
  EXPECT_CALL(alexnet_stream_close(stream));
  EXPECT_CALL(alexnet_device_close(device));
}

// Threads are woken for what takes longer than to wake them: by its bytes or, of a product, its arithmetic.
void check_small_work_wakes_nobody() {
  constexpr int64_t kBytes = int64_t(1) << 22;
  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  alexnet_arena* arena = nullptr;
  std::array<alexnet_buffer*, 3> buffers = {};
  EXPECT_CALL(alexnet_device_open(ALEXNET_CPU, 6, &device));
  EXPECT_CALL(alexnet_device_threads(device, kThreads));
  EXPECT_CALL(alexnet_stream_create(device, &stream));
  EXPECT_CALL(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 3 * kBytes, &arena));
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_CALL(alexnet_buffer_create(arena, kBytes * int64_t(i), kBytes, &buffers[i]));
    EXPECT_CALL(alexnet_fill(stream, buffers[i], 0, kBytes / 4, 1.f));
  }
  {
    std::shared_ptr<Device> opened;
    EXPECT(open_device(Kind::kCpu, 6, &opened).ok());
    CorePool* const pool = opened->cores().pool;
    const auto woken = [&](auto&& call) {
      const int64_t before = pool->jobs();
      EXPECT_CALL(call());
      return pool->jobs() - before;
    };
    const auto [x, w, y] = buffers;
    const auto relu = [&](int64_t count) { return woken([&] { return alexnet_relu_fprop(stream, count, x, y); }); };
    EXPECT(relu(2048) == 0 && relu(20'000) == 0);  // a fully-connected layer of one image
    EXPECT(relu(1 << 20) == 1);
    // A layer of few bytes and much arithmetic, and one of little of both.
    const auto conv = [&](int32_t side, int32_t channels) {
      const alexnet_conv_shape shape = {1, channels, side, side, channels, 3, 3, 1, 1, 1, ALEXNET_ROUND_UP};
      return woken([&] { return alexnet_conv_fprop(stream, &shape, x, w, nullptr, y, nullptr, 0, 0); });
    };
    EXPECT(conv(13, 64) > 0);
    EXPECT(conv(8, 16) == 0);
    // By bytes alone: one image's weights.
    const auto fc = [&](int32_t units) {
      const alexnet_fc_shape shape = {1, 512, units};
      return woken(
          [&] { return alexnet_fc_fprop(stream, &shape, x, w, nullptr, y, nullptr, 0, 0, nullptr, nullptr, 0); });
    };
    EXPECT(fc(2048) == 1);
    EXPECT(fc(64) == 0);

    // The same of launches that are recorded and repeated.
    alexnet_graph* graph = nullptr;
    EXPECT_CALL(alexnet_graph_record(&stream, 1, &graph));
    EXPECT(relu(2048) == 0 && conv(8, 16) == 0 && fc(2048) == 0);
    EXPECT_CALL(alexnet_graph_finish(graph));
    EXPECT(woken([&] { return alexnet_graph_launch(graph); }) == 1);
    EXPECT(woken([&] { return alexnet_graph_launch(graph); }) == 1);
    EXPECT_CALL(alexnet_graph_close(graph));
  }
  for (alexnet_buffer* const buffer : buffers) EXPECT_CALL(alexnet_buffer_close(buffer));
  EXPECT_CALL(alexnet_arena_close(arena));
  EXPECT_CALL(alexnet_stream_close(stream));
  EXPECT_CALL(alexnet_device_close(device));
}

// The emulator takes far longer for a block than a thread to come, so it wakes them for any launch of several blocks.
void check_emulator_wakes_for_small_work() {
  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  alexnet_arena* arena = nullptr;
  alexnet_buffer* x = nullptr;
  constexpr int64_t kBytes = 20'000 * 4;  // for which a CPU wakes nobody
  EXPECT_CALL(alexnet_device_open(ALEXNET_EMU, 6, &device));
  EXPECT_CALL(alexnet_device_threads(device, kThreads));
  EXPECT_CALL(alexnet_stream_create(device, &stream));
  EXPECT_CALL(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, kBytes, &arena));
  EXPECT_CALL(alexnet_buffer_create(arena, 0, kBytes, &x));
  EXPECT_CALL(alexnet_fill(stream, x, 0, kBytes / 4, 1.f));
  {
    std::shared_ptr<Device> opened;
    EXPECT(open_device(Kind::kEmu, 6, &opened).ok());
    CorePool* const pool = opened->cores().pool;
    const int64_t before = pool->jobs();
    EXPECT_CALL(alexnet_relu_fprop(stream, kBytes / 4, x, x));
    EXPECT(pool->jobs() == before + 1);
  }
  EXPECT_CALL(alexnet_buffer_close(x));
  EXPECT_CALL(alexnet_arena_close(arena));
  EXPECT_CALL(alexnet_stream_close(stream));
  EXPECT_CALL(alexnet_device_close(device));
}

// What so much work is worth: never none, never more than there are, and twice as many for twice the work.
void check_worth_of_work() {
  const auto threads = [](double bytes, double flop) { return worth_waking({64, nullptr}, {bytes, flop}).count; };
  EXPECT(threads(0, 0) == 1 && threads(249e3, 0) == 1 && threads(0, 2.49e6) == 1);
  EXPECT(threads(251e3, 0) == 2 && threads(0, 2.51e6) == 2 && threads(126e3, 1.26e6) == 2);
  EXPECT(threads(4.1 * 125e3, 0) == 4 && threads(8.1 * 125e3, 0) == 8);
  EXPECT(threads(1e12, 1e15) == 64 && worth_waking({3, nullptr}, {1e12, 0}).count == 3);
}

cpu_set_t set_of(std::initializer_list<int> processors) {
  cpu_set_t set = {};
  for (const int processor : processors) CPU_SET(processor, &set);
  return set;
}

bool equal(const std::vector<cpu_set_t>& got, const std::vector<cpu_set_t>& want) {
  bool same = got.size() == want.size();
  for (size_t i = 0; same && i < got.size(); ++i) same = CPU_EQUAL(&got[i], &want[i]);
  return same;
}

void check_shares() {
  const cpu_set_t none = {}, four = set_of({2, 3, 5, 8});
  EXPECT(equal(core_shares(four, {2, 2}), {set_of({2, 3}), set_of({5, 8})}));
  EXPECT(equal(core_shares(four, {1, 3}), {set_of({2}), set_of({3, 5, 8})}));
  EXPECT(equal(core_shares(four, {1, 2, 1}), {set_of({2}), set_of({3, 5}), set_of({8})}));
  EXPECT(equal(core_shares(four, {4}), {none}));           // alone
  EXPECT(equal(core_shares(four, {1, 2}), {none, none}));  // leaves some to others
  EXPECT(equal(core_shares(four, {2, 3}), {none, none}));
  EXPECT(equal(core_shares(none, {1, 1}), {none, none}));  // the system does not tell
  EXPECT(equal(core_shares(four, {}), {}));
}

// The stretches of one loop: what each thread got, in pixels of a panel.
struct Stretches {
  std::map<std::thread::id, int64_t> by_thread;
  std::vector<int> times;  // [panel][pixel], how often it came
  bool at_quanta = true;   // each begins and ends where a tile does
};

Stretches stretches_of(const Cores& cores, int64_t panels, int64_t pixels, int64_t quantum) {
  Stretches all;
  all.times.resize(size_t(panels * pixels));
  std::mutex mutex;
  parallel_for_stretches(cores, panels, pixels, quantum, [&](int64_t panel, int64_t first, int64_t last) {
    std::lock_guard<std::mutex> lock(mutex);
    all.by_thread[std::this_thread::get_id()] += last - first;
    all.at_quanta = all.at_quanta && first % quantum == 0 && (last % quantum == 0 || last == pixels);
    for (int64_t i = first; i < last; ++i) ++all.times[size_t(panel * pixels + i)];
  });
  return all;
}

// The model of what threads are worth to a convolution: all have the same to do, and nothing is done twice. No time is
// taken, so that any number of processors will do.
void check_stretches() {
  struct Layer {
    int64_t panels, pixels;
  };
  // conv1 to conv5 of a tower, one image and 32: panels of 48 channels (AVX-512) and of 16, pixels of y.
  const Layer layers[] = {{1, 3025}, {3, 729}, {4, 169},      {3, 169},     {8, 729},
                          {12, 169}, {8, 169}, {4, 32 * 169}, {8, 32 * 729}};
  CorePool pool;
  for (int32_t threads = 1; threads <= 64; threads = threads < 8 ? threads + 1 : threads * 2) {
    for (const Layer& layer : layers) {
      const Stretches got = stretches_of({threads, &pool}, layer.panels, layer.pixels, 8);
      EXPECT(got.at_quanta && std::count(got.times.begin(), got.times.end(), 1) == layer.panels * layer.pixels);
      int64_t most = 0;
      for (const auto& [thread, pixels] : got.by_thread) most = std::max(most, pixels);
      // Seven eighths, but for the quantum in which a stretch may exceed others: 84 of one image's are few for 64.
      const double busy = double(layer.panels * layer.pixels) / double(most * threads);
      EXPECT(busy >= (layer.panels * layer.pixels >= 8 * 16 * threads ? .82 : .49));
    }
  }
  EXPECT(stretches_of({2, &pool}, 12, 169, 6).by_thread.size() == 2);
  EXPECT(stretches_of({64, &pool}, 1, 5, 8).by_thread.size() == 1);  // one tile
}

// Where a thread of the pool may run; the calling one's place must not have changed.
cpu_set_t place_of_worker(CorePool* pool) {
  cpu_set_t before = {}, after = {};
  std::array<cpu_set_t, 2> places = {};
  EXPECT(sched_getaffinity(0, sizeof before, &before) == 0);
  parallel_for({2, pool}, 2, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) (void)sched_getaffinity(0, sizeof(cpu_set_t), &places[size_t(i)]);
  });
  EXPECT(sched_getaffinity(0, sizeof after, &after) == 0);
  EXPECT(CPU_EQUAL(&before, &after) && CPU_EQUAL(&before, &places[0]));
  return places[1];
}

void expect_place(CorePool* pool, const cpu_set_t& want) {
  const cpu_set_t got = place_of_worker(pool);
  EXPECT(CPU_EQUAL(&got, &want));
}

void check_places() {
  cpu_set_t all = {};
  EXPECT(sched_getaffinity(getpid(), sizeof all, &all) == 0);
  int first = 0;
  while (!CPU_ISSET(first, &all)) ++first;
  CorePool pool;
  expect_place(&pool, all);
  pool.keep_to(set_of({first}));
  expect_place(&pool, set_of({first}));
  pool.keep_to(set_of({CPU_SETSIZE - 1}));  // which no machine has: refused, and no error
  expect_place(&pool, set_of({first}));
  pool.keep_to({});
  expect_place(&pool, all);

  // Devices that fill the processors keep apart, until one of them closes.
  if (CPU_COUNT(&all) < 2) return;
  std::shared_ptr<Device> a, b;
  EXPECT(open_device(Kind::kCpu, 3, &a).ok() && open_device(Kind::kCpu, 4, &b).ok());
  EXPECT(a->use_threads(1).ok() && b->use_threads(CPU_COUNT(&all) - 1).ok());
  expect_place(a->cores().pool, set_of({first}));
  cpu_set_t rest = all;
  CPU_CLR(first, &rest);
  expect_place(b->cores().pool, rest);
  EXPECT(a->use_threads(2).ok());
  expect_place(a->cores().pool, all);
  EXPECT(a->use_threads(1).ok());
  b = nullptr;
  expect_place(a->cores().pool, all);
}

}  // namespace

void check_cores() {
  variants<AddFprop>().push_back(
      {"pieces", Kind::kCpu, prefer_pieces, no_workspace<AddShape>, launch_pieces, __FILE__});
  check_two_devices_at_once();
  check_two_streams_of_a_device();
  check_life_of_threads();
  check_update_wakes_once();
  check_small_work_wakes_nobody();
  check_emulator_wakes_for_small_work();
  check_worth_of_work();
  check_shares();
  check_places();
  check_stretches();
}

}  // namespace alexnet::check
