#include "emulator/symbol.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace alexnet::emulator {

namespace {

template <class T>
bool read_at(std::FILE* file, uint64_t offset, size_t count, std::vector<T>* out) {
  out->resize(count);
  return std::fseek(file, long(offset), SEEK_SET) == 0 && std::fread(out->data(), sizeof(T), count, file) == count;
}

// The mangled name of the function at `value` of the file, or an empty string.
std::string mangled_name(std::FILE* file, uint64_t value) {
  std::vector<ElfW(Ehdr)> header;
  std::vector<ElfW(Shdr)> sections;
  if (!read_at(file, 0, 1, &header) || header[0].e_shentsize != sizeof(ElfW(Shdr))) return "";
  if (!read_at(file, header[0].e_shoff, header[0].e_shnum, &sections)) return "";
  for (const ElfW(Shdr) & section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    std::vector<ElfW(Sym)> symbols;
    std::vector<char> names;
    const ElfW(Shdr)& strings = sections[section.sh_link];
    if (!read_at(file, section.sh_offset, section.sh_size / sizeof(ElfW(Sym)), &symbols)) return "";
    if (!read_at(file, strings.sh_offset, strings.sh_size, &names)) return "";
    for (const ElfW(Sym) & symbol : symbols) {
      if ((symbol.st_info & 0xf) == STT_FUNC && symbol.st_value == value && symbol.st_name < names.size()) {
        return names.data() + symbol.st_name;
      }
    }
  }
  return "";
}

// "void alexnet::(anonymous namespace)::f<3>(int, float*)" to "f<3>".
std::string short_name(std::string name) {
  const std::string anonymous = "(anonymous namespace)::";
  for (size_t at; (at = name.find(anonymous)) != std::string::npos;) name.erase(at, anonymous.size());
  name = name.substr(0, name.find('('));
  const std::string head = name.substr(0, name.find('<'));
  const size_t begin = head.find_last_of(": ");
  return begin == std::string::npos ? name : name.substr(begin + 1);
}

}  // namespace

std::string symbol_name(const void* address) {
  Dl_info info;
  void* extra = nullptr;
  if (dladdr1(address, &info, &extra, RTLD_DL_LINKMAP) == 0) return "?";
  const char* path = info.dli_fname;
  if (static_cast<link_map*>(extra)->l_name[0] == '\0') path = "/proc/self/exe";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "rb"), &std::fclose);
  if (file == nullptr) return "?";
  const auto load_address = static_cast<link_map*>(extra)->l_addr;
  const std::string mangled = mangled_name(file.get(), uint64_t(reinterpret_cast<uintptr_t>(address) - load_address));
  if (mangled.empty()) return "?";
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status),
                                                    &std::free);
  return short_name(status == 0 ? text.get() : mangled);
}

}  // namespace alexnet::emulator
