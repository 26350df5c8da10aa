// The operations of the C ABI in precision bf16, made of the rows for float32.
#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "check/operation_rows.h"

namespace alexnet::check {
namespace {

bool is_stored(const Operation& operation, const Operand& operand) {
  static const std::set<std::string> names = {"x", "y", "dy",     "dx",      "mask",  "a",
                                              "b", "w", "logits", "dlogits", "y_peer"};
  const std::string name = operand.name, of = operation.name;
  if (of == "alexnet_cast" || of == "alexnet_add_parameters") return false;
  if (name == "w" && operand.is_written()) return false;  // what is updated
  return names.count(name) != 0;
}

Bytes narrowed(const Bytes& floats) {
  Bytes bytes(floats.size() / 2);
  for (size_t i = 0; i < bytes.size() / 2; ++i) {
    float value;
    std::memcpy(&value, floats.data() + 4 * i, sizeof value);
    const Bf16 stored(value);
    std::memcpy(bytes.data() + 2 * i, &stored, sizeof stored);
  }
  return bytes;
}

Bytes widened(const Bytes& stored) {
  Bytes bytes(stored.size() * 2);
  for (size_t i = 0; i < stored.size() / 2; ++i) {
    Bf16 value;
    std::memcpy(&value, stored.data() + 2 * i, sizeof value);
    const float wide = value;
    std::memcpy(bytes.data() + 4 * i, &wide, sizeof wide);
  }
  return bytes;
}

}  // namespace

Operation in_bf16(const Operation& operation) {
  Operation result = operation;
  std::vector<bool> stored;
  for (const Operand& operand : operation.operands) stored.push_back(is_stored(operation, operand));
  for (size_t i = 0; i < stored.size(); ++i) {
    Operand& operand = result.operands[i];
    const auto differs = [&](int other) { return stored[size_t(other)] != stored[i]; };
    operand.may_be.erase(std::remove_if(operand.may_be.begin(), operand.may_be.end(), differs), operand.may_be.end());
    if (!stored[i]) continue;
    operand.bytes = narrowed(operand.bytes);
    operand.element_bytes = 2;
  }
  const bool has_sums = operation.call_with_sums != nullptr;
  const size_t y = stored.size() - 1;  // the last operand of what accumulates
  if (has_sums) {
    result.call = operation.call_with_sums;
    result.operands.push_back(operation.operands[y]);
    result.operands.back().name = "sums";
    result.operands[y].use = Use::kWrittenOptional;
  }
  result.reference = [=](Host host) {
    std::vector<Bytes> wide;
    for (size_t i = 0; i < stored.size(); ++i) wide.push_back(stored[i] ? widened(host.all[i]) : host.all[i]);
    if (has_sums) wide[y] = host.all[y + 1];
    operation.reference({wide});
    for (size_t i = 0; i < stored.size(); ++i) host.all[i] = stored[i] ? narrowed(wide[i]) : wide[i];
    if (has_sums) host.all[y + 1] = wide[y];
  };
  return result;
}

}  // namespace alexnet::check
