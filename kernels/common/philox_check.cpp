// Philox4x32-10 against the known answers that its authors publish with it (kat_vectors of Random123).
#include "common/philox.cuh"
#include "common/unit.h"

namespace alexnet::check {
namespace {

std::string expect_words(const PhiloxWords& got, const PhiloxWords& want) {
  for (int i = 0; i < 4; ++i) {
    if (got.word[i] != want.word[i]) return format_text("word %d is %08x, expected %08x", i, got.word[i], want.word[i]);
  }
  return "";
}

std::string philox_known_answers() {
  std::string wrong =
      expect_words(philox4x32_10({{0, 0, 0, 0}}, 0, 0), {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  const uint32_t ones = 0xffffffff;
  if (wrong.empty()) {
    wrong = expect_words(philox4x32_10({{ones, ones, ones, ones}}, ones, ones),
                         {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  }
  if (wrong.empty()) {  // the digits of pi
    wrong = expect_words(philox4x32_10({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0),
                         {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
  }
  return wrong;
}

// Each of seed, purpose, step and index changes the word; a word's place in its group is its index modulo 4.
std::string philox_streams() {
  const uint32_t word = philox_word(1, 2, 3, 6);
  if (word != philox_group(1, 2, 3, 1).word[2]) return "element 6 is not word 2 of group 1";
  for (const uint32_t other :
       {philox_word(2, 2, 3, 6), philox_word(1, 3, 3, 6), philox_word(1, 2, 4, 6), philox_word(1, 2, 3, 7),
        philox_word(uint64_t(1) << 32 | 1, 2, 3, 6), philox_word(1, 2, 3, (uint64_t(1) << 34) + 6)}) {
    if (other == word) return format_text("two streams share the word %08x", word);
  }
  return philox_uniform(0xffffffff) < 1.f && philox_uniform(0) == 0.f ? "" : "philox_uniform leaves [0, 1)";
}

ALEXNET_UNIT_TEST("philox", philox_known_answers)
ALEXNET_UNIT_TEST("philox", philox_streams)

}  // namespace
}  // namespace alexnet::check
