#include "runtime/fault.h"

#include <regex.h>

#include <atomic>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace alexnet {

namespace {

struct Wanted {
  std::mutex mutex;
  std::atomic<bool> given{false};  // by set_fault
  std::string text;
  long events = 0;
  std::atomic<int> changes{0};
};

Wanted& wanted() {
  static Wanted* const one = new Wanted;  // never destroyed: threads may outlive main()
  return *one;
}

// Nothing is wanted, as always but in tests.
bool none() { return !wanted().given && std::getenv("ALEXNET_FAULT") == nullptr; }

// With the lock held.
std::string text_of(const Wanted& fault) {
  if (fault.given) return fault.text;
  const char* const text = std::getenv("ALEXNET_FAULT");
  return text == nullptr ? "" : text;
}

// How many events before the one that is wanted, or the most there is if none is; counts one more.
long events_before(const std::string& fault) {
  constexpr long kNever = LONG_MAX;
  if (none()) return kNever;
  Wanted& known = wanted();
  std::lock_guard<std::mutex> lock(known.mutex);
  const std::string text = text_of(known), name = fault + ":";
  if (text.compare(0, name.size(), name) != 0) return kNever;
  return std::atol(text.c_str() + name.size()) - ++known.events;
}

Status check(const char* name, const char* text) {
  static const char* const syntax =
      "^((device_lost|failed|stuck):[a-z_]+/[a-z_]+(@(emu|cpu):[0-9]{1,2})?:[0-9]{1,6}|"
      "out_of_memory:(emu|cpu):[0-9]{1,2}:[0-9]{1,6}|missing_wait:[0-9]{1,6}|memory:[0-9]{1,7}|"
      "peer_refused|peer_zeros)$";
  if (text == nullptr) return {};
  regex_t fault;
  ALEXNET_REQUIRE(regcomp(&fault, syntax, REG_EXTENDED | REG_NOSUB) == 0, ALEXNET_INTERNAL, "fault: no expression");
  const bool known = regexec(&fault, text, 0, nullptr, 0) == 0;
  regfree(&fault);
  ALEXNET_REQUIRE(known, ALEXNET_BAD_ARGUMENT, "%s is '%s', which is no fault; native/runtime/fault.h lists them", name,
                  text);
  return {};
}

}  // namespace

Status check_fault_setting() { return check("ALEXNET_FAULT", std::getenv("ALEXNET_FAULT")); }

Status set_fault(const char* text) {
  ALEXNET_TRY(check("fault", text));
  Wanted& fault = wanted();
  std::lock_guard<std::mutex> lock(fault.mutex);
  fault.given = text != nullptr;
  fault.text = text == nullptr ? "" : text;
  fault.events = 0;
  ++fault.changes;
  return {};
}

bool fault_is(const std::string& fault) {
  if (none()) return false;
  Wanted& known = wanted();
  std::lock_guard<std::mutex> lock(known.mutex);
  return text_of(known) == fault;
}

bool fault_is_due(const std::string& fault) { return events_before(fault) == 0; }

bool fault_has_begun(const std::string& fault) { return events_before(fault) <= 0; }

Status launch_fault(const char* family, const char* pass, const std::string& device) {
  if (none()) return {};
  const auto due = [&](const char* kind) {
    const std::string launch = std::string(kind) + ":" + family + "/" + pass;
    return fault_is_due(launch) || fault_is_due(launch + "@" + device);
  };
  if (due("device_lost")) return {ALEXNET_DEVICE_LOST, device + ": a fault was asked for by ALEXNET_FAULT"};
  if (due("failed")) return {ALEXNET_BACKEND, device + ": a fault was asked for by ALEXNET_FAULT"};
  const int changes = wanted().changes;
  if (due("stuck")) {
    while (wanted().changes == changes) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return {};
}

int64_t fault_memory_bytes() {
  if (none()) return 0;
  Wanted& known = wanted();
  std::lock_guard<std::mutex> lock(known.mutex);
  const std::string text = text_of(known), kind = "memory:";
  return text.compare(0, kind.size(), kind) == 0 ? std::atoll(text.c_str() + kind.size()) << 20 : 0;
}

}  // namespace alexnet
