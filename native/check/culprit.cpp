#include "check/culprit.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "common/status.h"
#include "emulator/emulator.h"
#include "emulator/machine.h"
#include "emulator/symbol.h"

namespace alexnet::check {

namespace {

std::string text_of(uint3 v) { return format_text("(%u,%u,%u)", v.x, v.y, v.z); }

// The lines that a command prints; none if it cannot be run.
std::vector<std::string> lines_of(const std::string& command) {
  std::vector<std::string> lines;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  char line[4096];
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe.get()) != nullptr) {
    line[std::strcspn(line, "\n")] = '\0';
    lines.emplace_back(line);
  }
  return lines;
}

// "/a/b/kernels/x/y.cu:31 (discriminator 2)" to "kernels/x/y.cu:31".
std::string place_of(const std::string& line) {
  const std::string known = line.substr(0, line.find(" (discriminator"));
  return emulator::source_name(known.c_str());
}

std::string source_line(const void* instruction) {
  Dl_info info;
  void* extra = nullptr;
  if (dladdr1(instruction, &info, &extra, RTLD_DL_LINKMAP) == 0) return format_text("address %p", instruction);
  const auto* const map = static_cast<const link_map*>(extra);
  const auto offset = static_cast<unsigned long>(reinterpret_cast<uintptr_t>(instruction) - map->l_addr);
  // The program itself is the one without a name; the shell that runs the command is a child of this process.
  const std::string file = map->l_name[0] == '\0' ? "/proc/$PPID/exe" : format_text("'%s'", map->l_name);
  std::string text;
  for (const std::string& line : lines_of(format_text("addr2line -i -e %s 0x%lx 2>/dev/null", file.c_str(), offset))) {
    const std::string place = place_of(line);
    // What lies outside of the project, such as the standard library, says nothing.
    if (place[0] == '?' || place[0] == '/') continue;
    text += (text.empty() ? "" : " in ") + place;
  }
  return text.empty() ? format_text("address 0x%lx of %s", offset, info.dli_fname) : text;
}

}  // namespace

Culprit Culprit::now(const void* instruction) { return {instruction, emulator::running_kernel(), blockIdx, threadIdx}; }

std::string Culprit::text() const {
  if (kernel == nullptr) return source_line(instruction);
  return format_text("kernel %s, block %s, thread %s, %s", emulator::symbol_name(kernel).c_str(),
                     text_of(block).c_str(), text_of(thread).c_str(), source_line(instruction).c_str());
}

}  // namespace alexnet::check
