// Handles: what the C ABI gives out for an object. A handle is a number that is never used twice, dressed as a pointer
// and never followed: a closed, foreign or invented one is not found, which is an error and not a crash.
//
// What threads may do to each other's handles:
//   find         keeps the object alive as long as the caller holds it, even if another thread closes the handle.
//   claim        the same, for an object that one call at a time may use (a stream, a graph): a second call meanwhile
//                is WRONG_STATE. It never waits, so a kernel may run under a claim.
//   give_handle  for something that lives on another one: fails if that one's handle was closed meanwhile.
//   take         closes a handle if a condition holds, with the table locked: of several threads one succeeds, and
//                nothing is made on an object between the condition and its closing.
#ifndef ALEXNET_RUNTIME_HANDLES_H
#define ALEXNET_RUNTIME_HANDLES_H

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "common/status.h"

namespace alexnet {

// What a handle may stand for.
class Object {
 public:
  virtual ~Object() = default;
  virtual const char* type_name() const = 0;

  bool try_claim() { return !claimed_.exchange(true, std::memory_order_acquire); }
  void end_claim() { claimed_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> claimed_{false};
};

// 0 if `parent` is neither 0 nor a live handle.
uintptr_t add_handle(std::shared_ptr<Object> object, uintptr_t parent);
std::shared_ptr<Object> find_handle(uintptr_t handle);  // null if it is not live
// Removes a live handle if `may_close`, which is called with the table locked, is OK; provides its object. A handle
// that is not live is OK and a null object.
Status take_handle(uintptr_t handle, const std::function<Status()>& may_close, std::shared_ptr<Object>* object);
int64_t live_handles();

template <class Handle>
uintptr_t number_of(Handle* handle) {
  return reinterpret_cast<uintptr_t>(handle);
}

// Gives out a handle for `object` in *out.
template <class Handle>
void give_handle(std::shared_ptr<Object> object, Handle** out) {
  *out = reinterpret_cast<Handle*>(add_handle(std::move(object), 0));
}

// The same for something that lives on `parent`.
template <class Handle, class Parent>
Status give_handle(std::shared_ptr<Object> object, const char* name, Parent* parent, Handle** out) {
  const uintptr_t handle = add_handle(std::move(object), number_of(parent));
  ALEXNET_REQUIRE(handle != 0, ALEXNET_BAD_ARGUMENT, "%s was closed by another thread meanwhile", name);
  *out = reinterpret_cast<Handle*>(handle);
  return {};
}

// An object as the T that a handle must stand for.
template <class T>
Status expect_type(const char* name, const std::shared_ptr<Object>& object, std::shared_ptr<T>* out) {
  ALEXNET_REQUIRE(object != nullptr, ALEXNET_BAD_ARGUMENT, "%s is closed, or not a handle of this library", name);
  *out = std::dynamic_pointer_cast<T>(object);
  ALEXNET_REQUIRE(*out != nullptr, ALEXNET_BAD_ARGUMENT, "%s is a handle of another type: %s", name,
                  object->type_name());
  return {};
}

// Finds the object of a handle: BAD_ARGUMENT if it is null, not live, or stands for something other than a T.
template <class T, class Handle>
Status find(const char* name, Handle* handle, std::shared_ptr<T>* out) {
  ALEXNET_REQUIRE(handle != nullptr, ALEXNET_BAD_ARGUMENT, "%s is null", name);
  return expect_type(name, find_handle(number_of(handle)), out);
}

// The right to use an object, until it is destroyed.
template <class T>
class Claim {
 public:
  Claim() = default;
  Claim(Claim&& other) noexcept : object_(std::move(other.object_)) {}
  Claim& operator=(Claim&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Claim() {
    if (object_ != nullptr) object_->end_claim();
  }

  // WRONG_STATE if another call has it.
  Status of(const char* name, std::shared_ptr<T> object) {
    ALEXNET_REQUIRE(object->try_claim(), ALEXNET_WRONG_STATE,
                    "%s is in use by another thread; one call at a time may use it", name);
    object_ = std::move(object);
    return {};
  }

  // For an object that was closed: whoever found it before gets no claim any more.
  void keep_for_ever() { object_ = nullptr; }

  T* operator->() const { return object_.get(); }
  T& operator*() const { return *object_; }
  const std::shared_ptr<T>& shared() const { return object_; }

 private:
  std::shared_ptr<T> object_;
};

template <class T, class Handle>
Status claim(const char* name, Handle* handle, Claim<T>* out) {
  std::shared_ptr<T> object;
  ALEXNET_TRY(find(name, handle, &object));
  return out->of(name, std::move(object));
}

// Closes a handle if `may_close(object)` is OK; provides the object, which nobody can find any more.
template <class T, class Handle, class May>
Status take(const char* name, Handle* handle, const May& may_close, std::shared_ptr<T>* out) {
  ALEXNET_TRY(find(name, handle, out));
  T& known = **out;
  std::shared_ptr<Object> taken;
  ALEXNET_TRY(take_handle(
      number_of(handle), [&] { return may_close(known); }, &taken));
  return expect_type(name, taken, out);
}

template <class T, class Handle>
Status take(const char* name, Handle* handle, std::shared_ptr<T>* out) {
  return take(
      name, handle, [](T&) { return Status(); }, out);
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_HANDLES_H
