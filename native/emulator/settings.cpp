// The emulator's settings from the environment.
#include <cstdlib>
#include <cstring>

#include "emulator/machine.h"

namespace alexnet::emulator {

namespace {

// Sets *value to the index of the variable's word in `words`; leaves it if the variable is not set.
Status read_word(const char* variable, std::initializer_list<const char*> words, int* value) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return {};
  std::string allowed;
  int index = 0;
  for (const char* word : words) {
    if (std::strcmp(text, word) == 0) {
      *value = index;
      return {};
    }
    allowed += (index++ == 0 ? "" : ", ") + std::string(word);
  }
  return {ALEXNET_BAD_ARGUMENT, format_text("%s is '%s'; allowed are %s", variable, text, allowed.c_str())};
}

}  // namespace

Status read_settings(Settings* settings) {
  int schedule = int(settings->schedule), copies = int(settings->copies), check = settings->check_shared;
  ALEXNET_TRY(read_word("ALEXNET_EMU_SCHEDULE", {"ordered", "reverse", "random"}, &schedule));
  ALEXNET_TRY(read_word("ALEXNET_EMU_COPIES", {"late", "early", "random"}, &copies));
  ALEXNET_TRY(read_word("ALEXNET_EMU_CHECK", {"0", "1"}, &check));
  if (const char* seed = std::getenv("ALEXNET_EMU_SEED")) {
    char* end = nullptr;
    settings->seed = std::strtoull(seed, &end, 10);
    ALEXNET_REQUIRE(end != seed && *end == '\0', ALEXNET_BAD_ARGUMENT, "ALEXNET_EMU_SEED is '%s', which is no number",
                    seed);
  }
  settings->schedule = Schedule(schedule);
  settings->copies = Copies(copies);
  settings->check_shared = check != 0;
  return {};
}

}  // namespace alexnet::emulator
