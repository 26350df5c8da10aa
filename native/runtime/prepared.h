// PreparedLaunches: what the prepare steps of a stream's operations wrote (variant.h), found again by what the
// operation was called with. Kept for the life of the stream, as its workspace is; finding it allocates nothing.
#ifndef ALEXNET_RUNTIME_PREPARED_H
#define ALEXNET_RUNTIME_PREPARED_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace alexnet {

class PreparedLaunches {
 public:
  static constexpr int64_t kAlignment = 64;  // of a tensor map

  // Memory for what a prepare step writes, aligned; throws std::bad_alloc.
  class Memory {
   public:
    explicit Memory(int64_t bytes)
        : bytes_(std::aligned_alloc(kAlignment, size_t(bytes / kAlignment * kAlignment + kAlignment))) {
      if (bytes_ == nullptr) throw std::bad_alloc();
    }
    void* data() const { return bytes_.get(); }

   private:
    struct Free {
      void operator()(void* p) const { std::free(p); }
    };
    std::unique_ptr<void, Free> bytes_;
  };

  // What was kept for a call of `variant` with these arguments, or null.
  template <class... Arguments>
  void* find(const void* variant, const Arguments&... arguments) const {
    for (const Entry& entry : entries_) {
      size_t at = 0;
      if (entry.variant == variant && (same(entry.key, &at, arguments) && ...)) return entry.memory.data();
    }
    return nullptr;
  }

  template <class... Arguments>
  void keep(Memory memory, const void* variant, const Arguments&... arguments) {
    std::vector<unsigned char> key;
    (append(&key, arguments), ...);
    entries_.push_back({variant, std::move(key), std::move(memory)});
  }

 private:
  struct Entry {
    const void* variant;
    std::vector<unsigned char> key;  // the bytes of the arguments, one after another
    Memory memory;
  };

  template <class T>
  static void append(std::vector<unsigned char>* key, const T& value) {
    static_assert(std::is_trivially_copyable<T>::value, "an argument of a launch is plain");
    const auto* bytes = reinterpret_cast<const unsigned char*>(&value);
    key->insert(key->end(), bytes, bytes + sizeof value);
  }
  template <class T>
  static bool same(const std::vector<unsigned char>& key, size_t* at, const T& value) {
    if (key.size() - *at < sizeof value || std::memcmp(key.data() + *at, &value, sizeof value) != 0) return false;
    *at += sizeof value;
    return true;
  }

  std::vector<Entry> entries_;
};

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_PREPARED_H
