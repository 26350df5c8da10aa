// Expectations of the check programs that test the native code itself. A program ends with finish().
#ifndef ALEXNET_CHECK_EXPECT_H
#define ALEXNET_CHECK_EXPECT_H

#include <atomic>
#include <cstdio>
#include <initializer_list>
#include <string>

namespace alexnet::check {

class Expectations {
 public:
  void that(bool holds, const char* text, const char* file, int line) {
    if (holds) {
      ++passed_;
    } else {
      ++failed_;
      std::fprintf(stderr, "FAILED %s:%d: %s\n", file, line, text);
    }
  }
  // The exit status.
  int finish() const {
    std::printf("%d passed, %d failed\n", passed_.load(), failed_.load());
    return failed_ == 0 ? 0 : 1;
  }

 private:
  std::atomic<int> passed_{0}, failed_{0};  // threads of a check may expect, too
};

inline Expectations& expectations() {
  static Expectations all;
  return all;
}

}  // namespace alexnet::check

#define EXPECT(condition) ::alexnet::check::expectations().that((condition), #condition, __FILE__, __LINE__)

// `condition` holds; says `text` if not.
#define EXPECT_THAT(condition, text) \
  ::alexnet::check::expectations().that((condition), std::string(text).c_str(), __FILE__, __LINE__)

// A call of the C ABI succeeds; shows the text of its error if not.
#define EXPECT_CALL(call)                                                                            \
  do {                                                                                               \
    const bool ok_of_expect = (call) == ALEXNET_OK;                                                  \
    const std::string shown = ok_of_expect ? #call : #call ": " + std::string(alexnet_last_error()); \
    ::alexnet::check::expectations().that(ok_of_expect, shown.c_str(), __FILE__, __LINE__);          \
  } while (0)

// `text` contains each of the words; shows what it is if not.
#define EXPECT_TEXT(text, ...)                                                                                       \
  do {                                                                                                               \
    const std::string text_of_expect = (text);                                                                       \
    for (const std::string& word : std::initializer_list<std::string>{__VA_ARGS__}) {                                \
      const std::string shown = "'" + word + "' in: " + text_of_expect;                                              \
      ::alexnet::check::expectations().that(text_of_expect.find(word) != std::string::npos, shown.c_str(), __FILE__, \
                                            __LINE__);                                                               \
    }                                                                                                                \
  } while (0)

#endif  // ALEXNET_CHECK_EXPECT_H
