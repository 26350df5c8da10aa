// The name of a kernel from its address, for the text of a fault.
#ifndef ALEXNET_EMULATOR_SYMBOL_H
#define ALEXNET_EMULATOR_SYMBOL_H

#include <string>

namespace alexnet::emulator {

// "conv_fprop_direct" or "conv_fprop_direct<3>". Kernels stand in anonymous namespaces, so the dynamic symbol table
// lacks them; this reads .symtab of the file the address was loaded from. "?" if it was stripped.
std::string symbol_name(const void* address);

}  // namespace alexnet::emulator

#endif  // ALEXNET_EMULATOR_SYMBOL_H
