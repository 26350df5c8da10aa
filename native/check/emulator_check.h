// emulator_check: what its parts share, each a file with kernels, right ones and such with a planted fault.
#ifndef ALEXNET_EMULATOR_CHECK_H
#define ALEXNET_EMULATOR_CHECK_H

#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <string>

#include "check/expect.h"
#include "common/launch.cuh"

namespace alexnet::check {

constexpr int kThreads = 96;  // three warps

// A line of a check's own file that is marked "FAULT name".
struct Marked {
  const char* name;
  const char* file;
  Marked(const char* of, const char* in = __builtin_FILE()) : name(of), file(in) {}

  // Whether it is the one in the text of a fault.
  bool is_in(const std::string& fault) const {
    std::FILE* source = std::fopen(file, "r");
    if (source == nullptr) return false;
    const std::string mark = std::string("// FAULT ") + name + "\n", path = file;
    const std::string short_name = path.substr(path.rfind('/') + 1);
    char text[256];
    bool found = false;
    for (int line = 1; std::fgets(text, sizeof text, source) != nullptr; ++line) {
      if (std::strstr(text, mark.c_str()) == nullptr) continue;
      found = found || fault.find(short_name + ":" + std::to_string(line) + ": ") != std::string::npos;
    }
    std::fclose(source);
    return found;
  }
};

// The kernel, which has the line's name, has its fault there under every schedule.
template <class... P, class... A>
void expect_fault(const Marked& line, std::initializer_list<const char*> words, void (*kernel)(P...), int shared_bytes,
                  A... arguments) {
  using emulator::Copies;
  using emulator::Schedule;
  for (const Schedule schedule : {Schedule::kOrdered, Schedule::kReverse, Schedule::kRandom}) {
    for (const Copies copies : {Copies::kLate, Copies::kEarly, Copies::kRandom}) {
      emulator::settings() = {schedule, copies, 7, true};
      const Status status = launch(kernel, 2, kThreads, size_t(shared_bytes), Stream{}, arguments...);
      EXPECT(status.code() == ALEXNET_INTERNAL);
      EXPECT_TEXT(status.text(), std::string("kernel ").append(line.name).c_str(), "block (", "thread (");
      for (const char* word : words) EXPECT_TEXT(status.text(), word);
      EXPECT_THAT(line.is_in(status.text()), status.text());
    }
  }
  emulator::settings() = {};
}

template <class Check>
void under_every_schedule(Check&& check) {
  using emulator::Copies;
  using emulator::Schedule;
  for (const Schedule schedule : {Schedule::kOrdered, Schedule::kReverse, Schedule::kRandom}) {
    for (const Copies copies : {Copies::kLate, Copies::kEarly, Copies::kRandom}) {
      for (const uint64_t seed : {1, 2}) {
        emulator::settings() = {schedule, copies, seed, true};
        check();
      }
    }
  }
  emulator::settings() = {};
}

}  // namespace alexnet::check

#define EXPECT_OK(expression)                                                                  \
  do {                                                                                         \
    const Status status_of_expect = (expression);                                              \
    EXPECT(status_of_expect.ok());                                                             \
    if (!status_of_expect.ok()) std::fprintf(stderr, "%s\n", status_of_expect.text().c_str()); \
  } while (0)

#endif  // ALEXNET_EMULATOR_CHECK_H
