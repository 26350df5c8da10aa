// Handles: what the C ABI gives out for an object. A handle is a number that is never used twice, dressed as a pointer
// and never followed: a closed, foreign or invented one is not found, which is an error and not a crash.
#ifndef ALEXNET_RUNTIME_HANDLES_H
#define ALEXNET_RUNTIME_HANDLES_H

#include <cstdint>
#include <memory>

#include "common/status.h"

namespace alexnet {

// What a handle may stand for.
class Object {
 public:
  virtual ~Object() = default;
  virtual const char* type_name() const = 0;
};

uintptr_t add_handle(std::shared_ptr<Object> object);
std::shared_ptr<Object> find_handle(uintptr_t handle);  // null if it is not live
void remove_handle(uintptr_t handle);
int64_t live_handles();

// Gives out a handle for `object` in *out.
template <class Handle>
void give_handle(std::shared_ptr<Object> object, Handle** out) {
  *out = reinterpret_cast<Handle*>(add_handle(std::move(object)));
}

// Finds the object of a handle: BAD_ARGUMENT if it is null, not live, or stands for something other than a T. The
// object stays alive as long as *out does, even if another thread closes the handle.
template <class T, class Handle>
Status find(const char* name, Handle* handle, std::shared_ptr<T>* out) {
  ALEXNET_REQUIRE(handle != nullptr, ALEXNET_BAD_ARGUMENT, "%s is null", name);
  std::shared_ptr<Object> object = find_handle(reinterpret_cast<uintptr_t>(handle));
  ALEXNET_REQUIRE(object != nullptr, ALEXNET_BAD_ARGUMENT, "%s is closed, or not a handle of this library", name);
  *out = std::dynamic_pointer_cast<T>(object);
  ALEXNET_REQUIRE(*out != nullptr, ALEXNET_BAD_ARGUMENT, "%s is a handle of another type: %s", name,
                  object->type_name());
  return {};
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_HANDLES_H
