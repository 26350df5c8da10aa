#include "runtime/limits.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

namespace alexnet::limits {

namespace {

constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

// A control group's folder and those above it, the process's own first.
struct Groups {
  bool v2 = false;
  std::vector<std::string> folders;
};

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> words_of(const std::string& text, char separator = ' ') {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

bool has_word(const std::string& list, const std::string& word) {
  const std::vector<std::string> words = words_of(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A number from 0 on; kNone for "max", "-1", "unlimited" and whatever else.
int64_t number_of(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return kNone;
  return std::strtoll(text.c_str(), nullptr, 10);  // the largest number for one that is too large
}

int64_t number_in(const std::string& path) {
  const std::vector<std::string> lines = lines_of(path);
  return lines.empty() ? kNone : number_of(lines[0]);
}

// The number behind a key, as in "MemTotal:  16384 kB" or "inactive_file 4096".
int64_t value_of(const std::vector<std::string>& lines, const std::string& key) {
  for (const std::string& line : lines) {
    std::string spaced = line;
    std::replace(spaced.begin(), spaced.end(), '\t', ' ');
    const std::vector<std::string> words = words_of(spaced);
    if (words.size() >= 2 && words[0] == key) return number_of(words[1]);
  }
  return kNone;
}

int64_t kibibytes_of(const std::vector<std::string>& lines, const std::string& key) {
  const int64_t value = value_of(lines, key);
  return value > kNone / 1024 ? kNone : value * 1024;
}

// A path as /proc/self/mountinfo writes it, where \040 is a blank.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += char(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// Where the process is in the hierarchy of a controller, as /proc/self/cgroup says: "4:memory:/a/b", for v2 "0::/a/b".
std::string group_path(const std::vector<std::string>& lines, const std::string& controller, bool v2) {
  for (const std::string& line : lines) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (v2 ? line.compare(0, first, "0") == 0 && controllers.empty() : has_word(controllers, controller)) {
      return line.substr(second + 1);
    }
  }
  return "";
}

// The folders of one mount, from a line of mountinfo:
//   31 30 0:28 ROOT POINT options ... - TYPE source SUPER_OPTIONS
// ROOT is the group that the mount point shows; it is not "/" in some containers.
Groups groups_of_mount(const std::string& root, const std::string& line, const std::vector<std::string>& groups,
                       const std::string& controller) {
  Groups found;
  const std::vector<std::string> words = words_of(line);
  const auto dash = std::find(words.begin(), words.end(), "-");
  if (words.size() < 6 || words.end() - dash < 4) return found;
  found.v2 = dash[1] == "cgroup2";
  if (!found.v2 && !(dash[1] == "cgroup" && has_word(dash[3], controller))) return found;
  std::string path = group_path(groups, controller, found.v2);
  const std::string shown = unescaped(words[3]), point = root + unescaped(words[4]);
  if (shown != "/" && (path == shown || path.compare(0, shown.size() + 1, shown + "/") == 0)) {
    path = path.substr(shown.size());
  }
  if (path.find("/..") != std::string::npos) path = "";  // outside of what this process can see
  while (!path.empty() && path != "/") {
    found.folders.push_back(point + path);
    path = path.substr(0, path.rfind('/'));
  }
  found.folders.push_back(point);
  return found;
}

std::vector<Groups> groups_of(const std::string& root, const std::string& controller) {
  std::vector<Groups> all;
  const std::vector<std::string> groups = lines_of(root + "/proc/self/cgroup");
  for (const std::string& line : lines_of(root + "/proc/self/mountinfo")) {
    Groups found = groups_of_mount(root, line, groups, controller);
    if (!found.folders.empty()) all.push_back(std::move(found));
  }
  return all;
}

void limit(Memory* memory, int64_t limit_bytes, int64_t used_bytes) {
  if (limit_bytes == kNone) return;
  memory->total_bytes = std::min(memory->total_bytes, limit_bytes);
  memory->free_bytes = std::min(memory->free_bytes, std::max<int64_t>(0, limit_bytes - used_bytes));
}

void limit_by_group(Memory* memory, const std::string& folder, bool v2) {
  int64_t most = number_in(folder + (v2 ? "/memory.max" : "/memory.limit_in_bytes"));
  if (v2) most = std::min(most, number_in(folder + "/memory.high"));
  const int64_t used = number_in(folder + (v2 ? "/memory.current" : "/memory.usage_in_bytes"));
  const std::vector<std::string> statistics = lines_of(folder + "/memory.stat");
  int64_t cached = 0;
  for (const char* const key : {"inactive_file", "active_file"}) {
    const int64_t bytes = value_of(statistics, (v2 ? "" : "total_") + std::string(key));
    if (bytes != kNone) cached += bytes;
  }
  limit(memory, most, used == kNone ? 0 : std::max<int64_t>(0, used - cached));
}

// The soft limit behind a name of several words in /proc/self/limits.
int64_t process_limit(const std::vector<std::string>& lines, const std::string& name) {
  for (const std::string& line : lines) {
    if (line.compare(0, name.size(), name) != 0) continue;
    const std::vector<std::string> words = words_of(line.substr(name.size()));
    return words.empty() ? kNone : number_of(words[0]);
  }
  return kNone;
}

// How many numbers a list such as "0-3,8" has.
int64_t count_of_list(const std::string& list) {
  int64_t count = 0;
  for (const std::string& part : words_of(list, ',')) {
    const std::vector<std::string> ends = words_of(part, '-');
    const int64_t first = number_of(ends[0]), last = number_of(ends.back());
    if (first == kNone || last == kNone || last < first) return kNone;
    count += last - first + 1;
  }
  return count;
}

int64_t quota_of_group(const std::string& folder, bool v2) {
  int64_t quota = kNone, period = kNone;
  if (v2) {
    const std::vector<std::string> lines = lines_of(folder + "/cpu.max");
    const std::vector<std::string> words = words_of(lines.empty() ? "" : lines[0]);
    if (words.size() == 2) quota = number_of(words[0]), period = number_of(words[1]);
  } else {
    quota = number_in(folder + "/cpu.cfs_quota_us");
    period = number_in(folder + "/cpu.cfs_period_us");
  }
  if (quota == kNone || period == kNone || period == 0) return kNone;
  return quota / period + (quota % period != 0 ? 1 : 0);
}

}  // namespace

Memory memory(const std::string& root) {
  const std::vector<std::string> machine = lines_of(root + "/proc/meminfo");
  Memory found = {kibibytes_of(machine, "MemAvailable:"), kibibytes_of(machine, "MemTotal:")};
  for (const Groups& groups : groups_of(root, "memory")) {
    for (const std::string& folder : groups.folders) limit_by_group(&found, folder, groups.v2);
  }
  const std::vector<std::string> process = lines_of(root + "/proc/self/limits");
  const std::vector<std::string> status = lines_of(root + "/proc/self/status");
  const auto limit_process = [&](const char* name, const char* used) {
    const int64_t used_bytes = kibibytes_of(status, used);
    limit(&found, process_limit(process, name), used_bytes == kNone ? 0 : used_bytes);
  };
  limit_process("Max address space", "VmSize:");
  limit_process("Max data size", "VmData:");
  if (found.total_bytes == kNone) return {0, 0};
  return {std::min(found.free_bytes, found.total_bytes), found.total_bytes};
}

int32_t cores(const std::string& root) {
  int64_t count = std::max(1u, std::thread::hardware_concurrency());
  for (const std::string& line : lines_of(root + "/proc/self/status")) {
    const std::vector<std::string> words = words_of(line, '\t');
    if (words.size() == 2 && words[0] == "Cpus_allowed_list:") {
      const int64_t allowed = count_of_list(words[1]);
      if (allowed != kNone && allowed > 0) count = allowed;
    }
  }
  for (const Groups& groups : groups_of(root, "cpu")) {
    for (const std::string& folder : groups.folders) count = std::min(count, quota_of_group(folder, groups.v2));
  }
  return int32_t(std::min<int64_t>(std::max<int64_t>(count, 1), 1024));
}

}  // namespace alexnet::limits
