// Shared memory of the emulator: arrays and pointers that look like CUDA's and check each access.
//
// kernels/common/shared.cuh gives the same names to plain arrays and pointers when nvcc compiles, so a check costs
// nothing there. An element is read by converting it to T and written by assigning.
#ifndef ALEXNET_EMULATOR_SHARED_H
#define ALEXNET_EMULATOR_SHARED_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "emulator/emulator.h"

namespace alexnet::emulator {

struct Region;  // one array of shared memory, and what is known of it

// The checks of one access by the current thread, and its address.
char* touch_read(Region* region, int64_t offset, int64_t bytes, Site site);
char* touch_write(Region* region, int64_t offset, int64_t bytes, Site site);
// Ends the kernel: element `index` of an array of `count`.
[[noreturn]] void fail_index(int64_t index, int64_t count, Site site);

Region* region_of(void* base, int64_t bytes, int element_bytes);  // of an array in static shared memory
Region* dynamic_region(int element_bytes);

// ldmatrix.m8n8.x4 (emulator.h) by all lanes of a warp, `count` times, each time `step` bytes on: `offset` is where the
// row of 16 bytes begins that the current thread brings. It is that thread that reads it: other lanes' writes must be
// ordered before.
constexpr int kMostMatrixLoads = 8;
void load_matrices(Region* region, int64_t offset, int64_t step, int count, bool transposed, uint32_t* to, Site site);

// An asynchronous copy to shared memory by the current thread, of zeros if `from` is null.
void async_copy(Region* region, int64_t offset, const void* from, int64_t bytes, Site site);
void async_commit();
void async_wait(int groups_left);

// An index that knows the line it was written on.
struct Index {
  int64_t value;
  Site site;
  Index(int64_t i, const char* file = __builtin_FILE(), int line = __builtin_LINE()) : value(i), site{file, line} {}
};

template <class T>
class SharedPtr;

// One element. Only to be used in the expression that makes it: `auto v = tile[i]` would keep the place and read it
// later, so what came of it does not compile.
template <class T>
class SharedRef {
 public:
  SharedRef(Region* region, int64_t offset, Site site) : region_(region), offset_(offset), site_(site) {}

  operator T() const&& { return read(); }
  void operator=(T value) const&& { write(value); }
  void operator=(SharedRef&& other) const&& { write(other.read()); }
  void operator+=(T value) const&& { write(T(read() + value)); }
  void operator-=(T value) const&& { write(T(read() - value)); }
  void operator*=(T value) const&& { write(T(read() * value)); }
  SharedPtr<T> operator&() const&& { return SharedPtr<T>(region_, offset_); }

 private:
  T read() const {
    std::remove_const_t<T> value;
    std::memcpy(&value, touch_read(region_, offset_, sizeof(T), site_), sizeof(T));
    return value;
  }
  void write(T value) const { std::memcpy(touch_write(region_, offset_, sizeof(T), site_), &value, sizeof(T)); }

  Region* region_;
  int64_t offset_;
  Site site_;
};

template <class T>
class SharedPtr {
 public:
  SharedPtr() = default;
  SharedPtr(Region* region, int64_t offset) : region_(region), offset_(offset) {}
  template <class U, class = std::enable_if_t<std::is_same_v<const U, T>>>
  SharedPtr(SharedPtr<U> other) : region_(other.region()), offset_(other.offset()) {}

  SharedRef<T> operator[](Index i) const { return {region_, offset_ + i.value * int64_t(sizeof(T)), i.site}; }
  SharedRef<T> operator*() const { return {region_, offset_, {"", 0}}; }
  SharedPtr operator+(int64_t i) const { return {region_, offset_ + i * int64_t(sizeof(T))}; }
  SharedPtr operator-(int64_t i) const { return *this + -i; }
  SharedPtr& operator+=(int64_t i) { return *this = *this + i; }

  Region* region() const { return region_; }
  int64_t offset() const { return offset_; }

 private:
  Region* region_ = nullptr;
  int64_t offset_ = 0;
};

// `__shared__ SharedArray<float, 32, 33> tile;` is CUDA's `__shared__ float tile[32][33];`. No constructor: it lives in
// thread-local storage and starts as zeros.
template <class T, int... Extents>
class SharedArray;

template <class T, int N>
class SharedArray<T, N> {
 public:
  SharedRef<T> operator[](Index i) {
    if (i.value < 0 || i.value >= N) fail_index(i.value, N, i.site);
    return {region(), i.value * int64_t(sizeof(T)), i.site};
  }
  operator SharedPtr<T>() { return {region(), 0}; }
  operator SharedPtr<const T>() { return {region(), 0}; }
  SharedPtr<T> operator+(int64_t i) { return SharedPtr<T>(region(), 0) + i; }

 private:
  Region* region() { return region_ != nullptr ? region_ : region_ = region_of(data_, sizeof data_, sizeof(T)); }
  alignas(16) T data_[N];
  Region* region_;
};

template <class T, int M, int N>
class SharedArray<T, M, N> {
 public:
  class Row {
   public:
    Row(Region* region, int64_t offset) : region_(region), offset_(offset) {}
    SharedRef<T> operator[](Index i) const {
      if (i.value < 0 || i.value >= N) fail_index(i.value, N, i.site);
      return {region_, offset_ + i.value * int64_t(sizeof(T)), i.site};
    }
    operator SharedPtr<T>() const { return {region_, offset_}; }
    operator SharedPtr<const T>() const { return {region_, offset_}; }

   private:
    Region* region_;
    int64_t offset_;
  };

  Row operator[](Index i) {
    if (i.value < 0 || i.value >= M) fail_index(i.value, M, i.site);
    return {region(), i.value * N * int64_t(sizeof(T))};
  }

 private:
  Region* region() { return region_ != nullptr ? region_ : region_ = region_of(data_, sizeof data_, sizeof(T)); }
  alignas(16) T data_[M * N];
  Region* region_;
};

}  // namespace alexnet::emulator

#endif  // ALEXNET_EMULATOR_SHARED_H
