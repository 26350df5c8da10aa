#include "runtime/printable.h"

#include "common/status.h"

namespace alexnet {

std::string printable(const std::string& text, size_t most) {
  std::string shown;
  for (size_t i = 0; i < text.size() && i < most; ++i) {
    const char c = text[i];
    if (c >= ' ' && c <= '~') {
      shown += c;
    } else {
      shown += format_text("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  if (text.size() > most) shown += format_text("...(%zu bytes)", text.size());
  return shown;
}

std::string json_text(const std::string& text) {
  std::string escaped;
  for (const char c : printable(text, 256)) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace alexnet
