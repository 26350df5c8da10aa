// The tensors of one case in memory: filled inputs, poisoned outputs, guard words around each.
#ifndef ALEXNET_CHECK_CASE_MEMORY_H
#define ALEXNET_CHECK_CASE_MEMORY_H

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "check/write_watch.h"
#include "common/check.h"
#include "runtime/device.h"

namespace alexnet::check {

int64_t count_of(const TensorSpec& tensor);
int64_t element_bytes(Type type);

// The case as a variant of this precision gets it: with tensors of the type in which they are stored.
AnyCase as_stored(const AnyCase& c, Precision precision);
// Whether each output that shares an input's memory has its type.
bool aliases_fit(const AnyCase& c);

// What the inputs of a case are, as the exact values of their type. The same for the same case and seed.
std::map<std::string, std::vector<double>> make_inputs(const std::string& case_key, const AnyCase& c, uint64_t seed);

// For the reference: everything in double, nothing aliased, outputs as NaN.
class DoubleTensors : public Doubles {
 public:
  DoubleTensors(const AnyCase& c, const std::map<std::string, std::vector<double>>& inputs);
  double* operator[](const char* name) override;
  int64_t count(const char* name) override;
  const int32_t* int32(const char* name) override;
  const uint8_t* uint8(const char* name) override;
  double option(const char* name) override;

 private:
  const AnyCase& case_;
  std::map<std::string, std::vector<double>> values_;
  std::map<std::string, std::vector<int32_t>> int32_;
  std::map<std::string, std::vector<uint8_t>> uint8_;
};

// For a kernel: in the memory of `device`, each tensor between guard words, outputs as NaN bytes.
class DeviceTensors : public Floats {
 public:
  DeviceTensors(const AnyCase& c, Device& device) : case_(c), device_(device) {}
  ~DeviceTensors() override;
  Status upload(const std::map<std::string, std::vector<double>>& inputs);
  // The outputs by name, once the kernel has finished; fails if a guard word has changed or an input was written.
  Status download(std::map<std::string, std::vector<float>>* outputs);
  // Whether download() has found such a write.
  bool trespassed() const { return trespassed_; }
  // What the kernel may not write; after upload(), on host devices.
  void watch(WriteWatch* watch);

  float* operator[](const char* name) override;
  int64_t count(const char* name) override;
  const int32_t* int32(const char* name) override;
  const uint8_t* uint8(const char* name) override;
  double option(const char* name) override;

 private:
  struct Block {
    std::vector<unsigned char> host;  // guard, data, guard
    void* address = nullptr;          // of the same on the device
  };
  Block* block(const char* name);
  void* data(const char* name);
  std::map<std::string, bool> written() const;  // by the name of a block

  const AnyCase& case_;
  Device& device_;
  std::map<std::string, Block> blocks_;
  bool trespassed_ = false;
};

// The workspace of one run: exactly as large as the variant says, NaN bytes between guard words. None for 0 bytes.
// What a variant is checked and timed for: its device, at its own precision and by its own algorithm.
inline Target target_of(const Device& device, const AnyVariant& variant) {
  Target target = device.target();
  target.precision = variant.precision;
  target.algorithm = variant.algorithm;
  return target;
}

class CaseWorkspace {
 public:
  CaseWorkspace(Device& device, int64_t bytes) : device_(device), bytes_(bytes) {}
  ~CaseWorkspace();
  CaseWorkspace(const CaseWorkspace&) = delete;
  CaseWorkspace& operator=(const CaseWorkspace&) = delete;
  Status poison();
  Status intact();  // fails if a guard word has changed
  bool trespassed() const { return trespassed_; }
  void watch(WriteWatch* watch);  // the guard words; after poison()
  void* data() const;
  int64_t bytes() const { return bytes_; }

 private:
  Device& device_;
  const int64_t bytes_;
  void* address_ = nullptr;
  bool trespassed_ = false;
};

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_CASE_MEMORY_H
