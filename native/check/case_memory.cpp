#include "check/case_memory.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "common/bf16.h"
#include "common/philox.cuh"

namespace alexnet::check {

namespace {

constexpr int64_t kGuardBytes = 256;
constexpr unsigned char kGuard = 0xA5;
constexpr unsigned char kPoison = 0xFF;  // four of them are a NaN
constexpr uint32_t kPurpose = 0xc4ec;    // keeps these random numbers apart from a kernel's own

uint64_t hash_of(const std::string& text) {  // FNV-1a
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

double option_of(const AnyCase& c, const char* name) {
  for (const Option& option : c.options) {
    if (option.name == name) return option.value;
  }
  return 0;
}

const TensorSpec* spec_of(const AnyCase& c, const char* name) {
  for (const TensorSpec& tensor : c.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

double draw(const Fill& fill, uint32_t word) {
  if (fill.kind == Fill::Kind::kInteger) {
    const auto choices = uint64_t(fill.high - fill.low) + 1;
    return fill.low + double((uint64_t(word) * choices) >> 32);
  }
  return double(float(fill.low + (fill.high - fill.low) * double(philox_uniform(word))));
}

// Of memory whose first and last kGuardBytes are guard words.
void watch_guards(WriteWatch* watch, const void* address, int64_t bytes) {
  watch->add(address, kGuardBytes);
  watch->add(static_cast<const char*>(address) + bytes - kGuardBytes, kGuardBytes);
}

template <class T>
T converted(double value) {
  return T(value);
}
template <>
Bf16 converted<Bf16>(double value) {
  return Bf16(float(value));
}

template <class T>
void store(const std::vector<double>& values, unsigned char* to) {
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = converted<T>(values[i]);
    std::memcpy(to + i * sizeof(T), &value, sizeof(T));
  }
}

}  // namespace

int64_t count_of(const TensorSpec& tensor) {
  int64_t count = 1;
  for (const int64_t extent : tensor.extents) count *= extent;
  return count;
}

int64_t element_bytes(Type type) { return type == Type::kUint8 ? 1 : type == Type::kBf16 ? 2 : 4; }

AnyCase as_stored(const AnyCase& c, Precision precision) {
  AnyCase typed = c;
  if (precision != Precision::kBf16) return typed;
  for (TensorSpec& tensor : typed.tensors) {
    const bool is_stored = std::find(c.stored.begin(), c.stored.end(), tensor.name) != c.stored.end();
    if (is_stored && tensor.type == Type::kFloat && tensor.role != Role::kInOut) tensor.type = Type::kBf16;
  }
  return typed;
}

bool aliases_fit(const AnyCase& c) {
  for (const TensorSpec& tensor : c.tensors) {
    if (!tensor.alias.empty() && spec_of(c, tensor.alias.c_str())->type != tensor.type) return false;
  }
  return true;
}

namespace {

// Random values, if the tensor has none of its own.
void fill_rest(const std::string& case_key, const TensorSpec& tensor, uint64_t seed, std::vector<double>* values) {
  if (!values->empty()) return;
  values->resize(size_t(count_of(tensor)));
  const uint64_t key = seed ^ hash_of(case_key + "/" + tensor.name);
  for (size_t i = 0; i < values->size(); i += 4) {
    const PhiloxWords words = philox_group(key, kPurpose, 0, i / 4);
    for (size_t j = i; j < values->size() && j < i + 4; ++j) (*values)[j] = draw(tensor.fill, words.word[j % 4]);
  }
}

}  // namespace

std::map<std::string, std::vector<double>> make_inputs(const std::string& case_key, const AnyCase& c, uint64_t seed) {
  std::map<std::string, std::vector<double>> inputs;
  for (const TensorSpec& tensor : c.tensors) {
    if (tensor.role == Role::kOutput) continue;
    std::vector<double>& values = inputs[tensor.name];
    values = tensor.values;
    fill_rest(case_key, tensor, seed, &values);
    if (tensor.type != Type::kBf16) continue;
    for (double& value : values) value = double(Bf16(float(value)));
  }
  return inputs;
}
// ---- double ---------------------------------------------------------------------------------------------------------

DoubleTensors::DoubleTensors(const AnyCase& c, const std::map<std::string, std::vector<double>>& inputs) : case_(c) {
  for (const TensorSpec& tensor : c.tensors) {
    if (tensor.role == Role::kOutput) {
      values_[tensor.name].assign(size_t(count_of(tensor)), std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    const std::vector<double>& values = inputs.at(tensor.name);
    if (tensor.type == Type::kFloat || tensor.type == Type::kBf16) values_[tensor.name] = values;
    if (tensor.type == Type::kInt32) int32_[tensor.name].assign(values.begin(), values.end());
    if (tensor.type == Type::kUint8) uint8_[tensor.name].assign(values.begin(), values.end());
  }
}

double* DoubleTensors::operator[](const char* name) {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : found->second.data();
}

int64_t DoubleTensors::count(const char* name) {
  const TensorSpec* tensor = spec_of(case_, name);
  return tensor == nullptr ? 0 : count_of(*tensor);
}

const int32_t* DoubleTensors::int32(const char* name) {
  const auto found = int32_.find(name);
  return found == int32_.end() ? nullptr : found->second.data();
}

const uint8_t* DoubleTensors::uint8(const char* name) {
  const auto found = uint8_.find(name);
  return found == uint8_.end() ? nullptr : found->second.data();
}

double DoubleTensors::option(const char* name) { return option_of(case_, name); }

// ---- device ---------------------------------------------------------------------------------------------------------

DeviceTensors::~DeviceTensors() {
  for (auto& [name, block] : blocks_) {
    if (block.address != nullptr) (void)device_.release(MemoryKind::kDevice, int64_t(block.host.size()), block.address);
  }
}

Status DeviceTensors::upload(const std::map<std::string, std::vector<double>>& inputs) {
  for (const TensorSpec& tensor : case_.tensors) {
    if (!tensor.alias.empty()) continue;
    Block& block = blocks_[tensor.name];
    const int64_t bytes = count_of(tensor) * element_bytes(tensor.type);
    block.host.assign(size_t(bytes + 2 * kGuardBytes), kGuard);
    unsigned char* const begin = block.host.data() + kGuardBytes;
    std::memset(begin, kPoison, size_t(bytes));
    if (tensor.role != Role::kOutput) {
      const std::vector<double>& values = inputs.at(tensor.name);
      if (tensor.type == Type::kFloat) store<float>(values, begin);
      if (tensor.type == Type::kBf16) store<Bf16>(values, begin);
      if (tensor.type == Type::kInt32) store<int32_t>(values, begin);
      if (tensor.type == Type::kUint8) store<uint8_t>(values, begin);
    }
    const int64_t all = int64_t(block.host.size());
    if (block.address == nullptr) ALEXNET_TRY(device_.allocate(MemoryKind::kDevice, all, &block.address));
    ALEXNET_TRY(device_.copy(nullptr, block.address, block.host.data(), all));
  }
  return device_.synchronize(nullptr);
}

Status DeviceTensors::download(std::map<std::string, std::vector<float>>* outputs) {
  ALEXNET_TRY(device_.synchronize(nullptr));
  std::map<std::string, bool> may_be_written = written();
  std::vector<unsigned char> before;
  for (auto& [name, block] : blocks_) {
    before.resize(block.host.size());
    before.swap(block.host);
    ALEXNET_TRY(device_.copy(nullptr, block.host.data(), block.address, int64_t(block.host.size())));
    ALEXNET_TRY(device_.synchronize(nullptr));
    const size_t first = size_t(kGuardBytes), end = before.size() - first;
    const auto same = [&](size_t from, size_t to) {
      return std::memcmp(before.data() + from, block.host.data() + from, to - from) == 0;
    };
    const bool may_write = may_be_written[name];
    if (same(0, first) && same(end, before.size()) && (may_write || same(first, end))) continue;
    for (size_t i = 0; i < before.size(); ++i) {
      if (before[i] == block.host[i]) continue;
      const bool inside = i >= first && i < end;
      if (inside && may_write) continue;
      trespassed_ = true;
      return {ALEXNET_INTERNAL, inside
                                    ? format_text("the input %s was written, at byte %zu", name.c_str(), i - first)
                                    : format_text("something wrote %s %s, %zu bytes off", i < end ? "before" : "after",
                                                  name.c_str(), i < end ? first - i : i - end + 1)};
    }
  }
  for (const TensorSpec& tensor : case_.tensors) {
    if (tensor.role == Role::kInput) continue;
    std::vector<float>& values = (*outputs)[tensor.name];
    values.resize(size_t(count_of(tensor)));
    const Block& from = *block(tensor.name.c_str());
    const unsigned char* const begin = from.host.data() + kGuardBytes;
    if (tensor.type == Type::kBf16) {
      std::vector<Bf16> stored(values.size());
      std::memcpy(stored.data(), begin, stored.size() * sizeof(Bf16));
      std::copy(stored.begin(), stored.end(), values.begin());
    } else {
      std::memcpy(values.data(), begin, values.size() * sizeof(float));
    }
  }
  return {};
}

std::map<std::string, bool> DeviceTensors::written() const {
  std::map<std::string, bool> names;
  for (const TensorSpec& tensor : case_.tensors) {
    if (tensor.role != Role::kInput) names[tensor.alias.empty() ? tensor.name : tensor.alias] = true;
  }
  return names;
}

void DeviceTensors::watch(WriteWatch* watch) {
  std::map<std::string, bool> may_be_written = written();
  for (auto& [name, block] : blocks_) {
    const auto bytes = int64_t(block.host.size());
    if (may_be_written[name]) {
      watch_guards(watch, block.address, bytes);
    } else {
      watch->add(block.address, bytes);
    }
  }
}

DeviceTensors::Block* DeviceTensors::block(const char* name) {
  const TensorSpec* tensor = spec_of(case_, name);
  if (tensor == nullptr) return nullptr;
  return &blocks_.at(tensor->alias.empty() ? tensor->name : tensor->alias);
}

void* DeviceTensors::data(const char* name) {
  const Block* found = block(name);
  return found == nullptr ? nullptr : static_cast<char*>(found->address) + kGuardBytes;
}

float* DeviceTensors::operator[](const char* name) { return static_cast<float*>(data(name)); }
const int32_t* DeviceTensors::int32(const char* name) { return static_cast<const int32_t*>(data(name)); }
const uint8_t* DeviceTensors::uint8(const char* name) { return static_cast<const uint8_t*>(data(name)); }

int64_t DeviceTensors::count(const char* name) {
  const TensorSpec* tensor = spec_of(case_, name);
  return tensor == nullptr ? 0 : count_of(*tensor);
}

double DeviceTensors::option(const char* name) { return option_of(case_, name); }

// ---- workspace ------------------------------------------------------------------------------------------------------

CaseWorkspace::~CaseWorkspace() {
  if (address_ != nullptr) (void)device_.release(MemoryKind::kDevice, bytes_ + 2 * kGuardBytes, address_);
}

void* CaseWorkspace::data() const { return address_ == nullptr ? nullptr : static_cast<char*>(address_) + kGuardBytes; }

Status CaseWorkspace::poison() {
  ALEXNET_REQUIRE(bytes_ >= 0, ALEXNET_INTERNAL, "the variant asks for a workspace of %lld bytes",
                  static_cast<long long>(bytes_));
  if (bytes_ == 0) return {};
  const int64_t all = bytes_ + 2 * kGuardBytes;
  std::vector<unsigned char> host(size_t(all), kGuard);
  std::memset(host.data() + kGuardBytes, kPoison, size_t(bytes_));
  ALEXNET_TRY(device_.allocate(MemoryKind::kDevice, all, &address_));
  ALEXNET_TRY(device_.copy(nullptr, address_, host.data(), all));
  return device_.synchronize(nullptr);
}

void CaseWorkspace::watch(WriteWatch* watch) {
  if (address_ != nullptr) watch_guards(watch, address_, bytes_ + 2 * kGuardBytes);
}

Status CaseWorkspace::intact() {
  if (address_ == nullptr) return {};
  std::vector<unsigned char> host(size_t(bytes_ + 2 * kGuardBytes));
  ALEXNET_TRY(device_.copy(nullptr, host.data(), address_, int64_t(host.size())));
  ALEXNET_TRY(device_.synchronize(nullptr));
  for (size_t i = 0; i < size_t(kGuardBytes); ++i) {
    const bool before = host[i] != kGuard, after = host[host.size() - 1 - i] != kGuard;
    trespassed_ = before || after;
    ALEXNET_REQUIRE(!trespassed_, ALEXNET_INTERNAL, "something wrote %s the workspace of %lld bytes",
                    before ? "before" : "after", static_cast<long long>(bytes_));
  }
  return {};
}

}  // namespace alexnet::check
