// Which devices there are and which are open. A device is one object, however often it is opened, so that what lives on
// it is never foreign to it.
#include <map>
#include <mutex>
#include <utility>

#include "runtime/device.h"

namespace alexnet {

namespace {

struct OpenDevices {
  std::mutex mutex;
  std::map<std::pair<Kind, int32_t>, std::weak_ptr<Device>> all;
};

OpenDevices& open_devices() {
  static OpenDevices* const open = new OpenDevices;  // never destroyed: threads may outlive main()
  return *open;
}

}  // namespace

Status device_count(Kind kind, int32_t* count) {
  if (kind == Kind::kCuda) return cuda_device_count(count);
  *count = kHostDevices;
  return {};
}

Status open_device(Kind kind, int32_t index, std::shared_ptr<Device>* device) {
  OpenDevices& open = open_devices();
  std::lock_guard<std::mutex> lock(open.mutex);
  std::weak_ptr<Device>& known = open.all[{kind, index}];
  if ((*device = known.lock()) != nullptr) return {};
  std::shared_ptr<Device> made;
  ALEXNET_TRY(kind == Kind::kCuda ? open_cuda_device(index, &made) : open_host_device(kind, index, &made));
  for (const auto& [name, other] : open.all) {
    const std::shared_ptr<Device> peer = other.lock();
    if (peer == nullptr || peer->kind() != kind) continue;
    made->reach(*peer);
    peer->reach(*made);
  }
  known = made;
  *device = std::move(made);
  return {};
}

}  // namespace alexnet
