// printable: text from elsewhere (values of environment variables, names of devices) fit to be shown or put into JSON.
#ifndef ALEXNET_RUNTIME_PRINTABLE_H
#define ALEXNET_RUNTIME_PRINTABLE_H

#include <string>

namespace alexnet {

// One line of ASCII: what is not a printable character of it becomes \xNN, and what follows the first `most` bytes a
// count, as in "aaa...(2600000 bytes)".
std::string printable(const std::string& text, size_t most);

// The same between a JSON string's quotes: quotes and backslashes are escaped, too.
std::string json_text(const std::string& text);

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_PRINTABLE_H
