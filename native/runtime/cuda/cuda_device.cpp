// CudaDevice: `cuda`. Calls queue their work; what goes wrong in a kernel appears at a later call that waits, and the
// device is lost then.
#include <algorithm>
#include <vector>

#include "runtime/cuda/cuda_status.h"
#include "runtime/device.h"
#include "runtime/printable.h"

namespace alexnet {

Status cuda_fill(cudaStream_t stream, float* to, int64_t count, float value);

namespace {

class CudaDevice : public Device {
 public:
  static constexpr int32_t kMostDevices = 64;

  CudaDevice(int32_t index, int32_t capability) : Device(Kind::kCuda, index), capability_(capability) {}

  Target target() const override { return {Kind::kCuda, capability_, Precision::kFp32}; }

  std::string describe() override {
    cudaDeviceProp p;
    if (cudaGetDeviceProperties(&p, index()) != cudaSuccess) return "{\"device\":\"" + name() + "\"}";
    return format_text(
        "{\"device\":\"%s\",\"kind\":\"cuda\",\"name\":\"%s\",\"capability\":\"%d.%d\","
        "\"multiprocessors\":%d,\"l2_bytes\":%d,\"memory_bytes\":%zu,\"pci\":\"%04x:%02x:%02x\"}",
        name().c_str(), json_text(p.name).c_str(), p.major, p.minor, p.multiProcessorCount, p.l2CacheSize,
        p.totalGlobalMem, unsigned(p.pciDomainID), unsigned(p.pciBusID), unsigned(p.pciDeviceID));
  }

  Status memory(int64_t* free_bytes, int64_t* total_bytes) override {
    ALEXNET_TRY(make_current());
    size_t available = 0, total = 0;
    ALEXNET_TRY(seen(cudaMemGetInfo(&available, &total), "cudaMemGetInfo"));
    *free_bytes = int64_t(available);
    *total_bytes = int64_t(total);
    return {};
  }

  Status make_current() override {
    ALEXNET_TRY(Device::make_current());
    return seen(cudaSetDevice(index()), "cudaSetDevice");
  }

  Status allocate(MemoryKind memory, int64_t bytes, void** address) override {
    ALEXNET_TRY(make_current());
    if (memory == MemoryKind::kHost) return seen(cudaMallocHost(address, size_t(bytes)), "cudaMallocHost");
    return seen(cudaMalloc(address, size_t(bytes)), "cudaMalloc");
  }

  Status release(MemoryKind memory, int64_t, void* address) override {
    (void)cudaSetDevice(index());
    if (memory == MemoryKind::kHost) return seen(cudaFreeHost(address), "cudaFreeHost");
    return seen(cudaFree(address), "cudaFree");
  }

  void reach(const Device& peer) override {
    int can = 0;
    if (cudaDeviceCanAccessPeer(&can, index(), peer.index()) == cudaSuccess && can != 0 && make_current().ok()) {
      const cudaError_t enabled = cudaDeviceEnablePeerAccess(peer.index(), 0);
      if (enabled == cudaSuccess || enabled == cudaErrorPeerAccessAlreadyEnabled) {
        reached_[peer.index()] = true;
      }
    }
    (void)cudaGetLastError();  // without it copies work as well: the driver takes them through the host
  }
  bool reaches(const Device& peer) const override {
    return &peer == this || (peer.kind() == Kind::kCuda && reached_[peer.index()]);
  }

  Status create_stream(void** handle) override {
    ALEXNET_TRY(make_current());
    return seen(cudaStreamCreateWithFlags(reinterpret_cast<cudaStream_t*>(handle), cudaStreamNonBlocking),
                "cudaStreamCreateWithFlags");
  }
  void destroy_stream(void* handle) override {
    (void)cudaSetDevice(index());
    (void)cudaStreamDestroy(stream_of(handle));
  }
  Status synchronize(void* stream) override {
    ALEXNET_TRY(make_current());
    return seen(cudaStreamSynchronize(stream_of(stream)), "cudaStreamSynchronize");
  }

  Status create_event(void** handle) override {
    ALEXNET_TRY(make_current());
    return seen(cudaEventCreate(reinterpret_cast<cudaEvent_t*>(handle)), "cudaEventCreate");
  }
  void destroy_event(void* handle) override {
    (void)cudaSetDevice(index());
    (void)cudaEventDestroy(event_of(handle));
  }
  Status record(void* event, void* stream) override {
    ALEXNET_TRY(make_current());
    return seen(cudaEventRecord(event_of(event), stream_of(stream)), "cudaEventRecord");
  }
  Status mark(void* event, void* stream) override {
    ALEXNET_TRY(make_current());
    cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
    ALEXNET_TRY(seen(cudaStreamIsCapturing(stream_of(stream), &capture), "cudaStreamIsCapturing"));
    // Plainly recorded, a captured event would be an edge of the graph and take no time.
    const unsigned flags = capture == cudaStreamCaptureStatusActive ? cudaEventRecordExternal : cudaEventRecordDefault;
    return seen(cudaEventRecordWithFlags(event_of(event), stream_of(stream), flags), "cudaEventRecordWithFlags");
  }
  Status wait(void* stream, const EventObject& event) override {
    if (event.device().kind() != Kind::kCuda) return {};  // recorded, hence past
    ALEXNET_TRY(make_current());
    return seen(cudaStreamWaitEvent(stream_of(stream), event_of(event.handle), 0), "cudaStreamWaitEvent");
  }
  Status synchronize_event(void* event) override {
    ALEXNET_TRY(make_current());
    return seen(cudaEventSynchronize(event_of(event)), "cudaEventSynchronize");
  }
  Status reached(void* event, bool* is) override {
    ALEXNET_TRY(make_current());
    const cudaError_t error = cudaEventQuery(event_of(event));
    *is = error == cudaSuccess;
    if (error != cudaErrorNotReady) return seen(error, "cudaEventQuery");
    (void)cudaGetLastError();  // the runtime keeps it, though it is no error
    return {};
  }
  Status elapsed(void* from, void* to, double* time_us) override {
    ALEXNET_TRY(make_current());
    ALEXNET_TRY(seen(cudaEventSynchronize(event_of(to)), "cudaEventSynchronize"));
    float time_ms = 0;
    ALEXNET_TRY(seen(cudaEventElapsedTime(&time_ms, event_of(from), event_of(to)), "cudaEventElapsedTime"));
    *time_us = double(time_ms) * 1e3;
    return {};
  }

  Status copy(void* stream, void* to, const void* from, int64_t bytes) override {
    ALEXNET_TRY(make_current());
    // cudaMemcpyDefault: the addresses tell host from device, and one device from another.
    return seen(cudaMemcpyAsync(to, from, size_t(bytes), cudaMemcpyDefault, stream_of(stream)), "cudaMemcpyAsync");
  }
  Status fill(void* stream, float* to, int64_t count, float value) override {
    ALEXNET_TRY(make_current());
    return cuda_fill(stream_of(stream), to, count, value);
  }
  Status clear(void* stream, void* to, int64_t bytes) override {
    ALEXNET_TRY(make_current());
    return seen(cudaMemsetAsync(to, 0, size_t(bytes), stream_of(stream)), "cudaMemsetAsync");
  }

  // Thread-local: other threads may allocate and wait meanwhile; this one may not.
  Status begin_capture(void* stream) override {
    ALEXNET_TRY(make_current());
    return seen(cudaStreamBeginCapture(stream_of(stream), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  }
  Status end_capture(void* stream, void** executable) override {
    ALEXNET_TRY(make_current());
    cudaGraph_t graph = nullptr;
    ALEXNET_TRY(seen(cudaStreamEndCapture(stream_of(stream), &graph), "cudaStreamEndCapture"));
    Status status = check_nodes(graph);
    cudaGraphExec_t made = nullptr;
    if (status.ok()) status = seen(cudaGraphInstantiate(&made, graph, 0), "cudaGraphInstantiate");
    (void)cudaGraphDestroy(graph);
    if (status.ok()) status = seen(cudaGraphUpload(made, stream_of(stream)), "cudaGraphUpload");
    if (!status.ok()) {
      if (made != nullptr) (void)cudaGraphExecDestroy(made);
      return status;
    }
    *executable = made;
    return {};
  }
  void abandon_capture(void* stream) override {
    (void)cudaSetDevice(index());
    cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
    if (cudaStreamIsCapturing(stream_of(stream), &capture) == cudaSuccess && capture != cudaStreamCaptureStatusNone) {
      cudaGraph_t graph = nullptr;
      (void)cudaStreamEndCapture(stream_of(stream), &graph);
      if (graph != nullptr) (void)cudaGraphDestroy(graph);
    }
    (void)cudaGetLastError();
  }
  Status launch_executable(void* executable, void* stream) override {
    ALEXNET_TRY(make_current());
    return seen(cudaGraphLaunch(static_cast<cudaGraphExec_t>(executable), stream_of(stream)), "cudaGraphLaunch");
  }
  void destroy_executable(void* executable) override {
    (void)cudaSetDevice(index());
    (void)cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(executable));
  }

 private:
  const int32_t capability_;
  std::atomic<bool> reached_[kMostDevices] = {};  // by the peer's index

  static cudaStream_t stream_of(void* handle) { return static_cast<cudaStream_t>(handle); }
  static cudaEvent_t event_of(void* handle) { return static_cast<cudaEvent_t>(handle); }

  // A step is kernels, copies, marks and what orders them. Anything else would make each repetition wait for the host
  // or for the allocator.
  Status check_nodes(cudaGraph_t graph) {
    size_t count = 0;
    ALEXNET_TRY(seen(cudaGraphGetNodes(graph, nullptr, &count), "cudaGraphGetNodes"));
    std::vector<cudaGraphNode_t> nodes(count);
    ALEXNET_TRY(seen(cudaGraphGetNodes(graph, nodes.data(), &count), "cudaGraphGetNodes"));
    for (const cudaGraphNode_t node : nodes) {
      cudaGraphNodeType type = cudaGraphNodeTypeEmpty;
      ALEXNET_TRY(seen(cudaGraphNodeGetType(node, &type), "cudaGraphNodeGetType"));
      const bool wanted = type == cudaGraphNodeTypeKernel || type == cudaGraphNodeTypeMemcpy ||
                          type == cudaGraphNodeTypeMemset || type == cudaGraphNodeTypeEmpty ||
                          type == cudaGraphNodeTypeEventRecord;
      ALEXNET_REQUIRE(wanted, ALEXNET_INTERNAL,
                      "%s: a recorded step has a node of type %d; allowed are kernels, copies", name().c_str(),
                      int(type));
    }
    return {};
  }

  // Notes the loss of the device.
  Status seen(cudaError_t error, const char* what) {
    if (error == cudaSuccess) return {};
    Status status = cuda_status(error, (name() + ": " + what).c_str());
    if (status.code() == ALEXNET_DEVICE_LOST) {
      lose();
    } else {
      (void)cudaGetLastError();  // not sticky: the next call starts clean
    }
    return status;
  }
};

}  // namespace

Status cuda_device_count(int32_t* count) {
  *count = 0;
  const cudaError_t error = cudaGetDeviceCount(count);
  if (error != cudaSuccess) {
    *count = 0;
    (void)cudaGetLastError();
  }
  // No driver, or one that is older than this CUDA: no device.
  if (error == cudaErrorNoDevice || error == cudaErrorInsufficientDriver) return {};
  return cuda_status(error, "cudaGetDeviceCount");
}

Status open_cuda_device(int32_t index, std::shared_ptr<Device>* device) {
  int32_t count = 0;
  ALEXNET_TRY(cuda_device_count(&count));
  ALEXNET_REQUIRE(count > 0, ALEXNET_NO_DEVICE, "cuda:%d: no CUDA device (no GPU, or no driver for it)", index);
  count = std::min(count, CudaDevice::kMostDevices);
  ALEXNET_REQUIRE(index >= 0 && index < count, ALEXNET_NO_DEVICE, "cuda:%d: allowed are cuda:0 to cuda:%d", index,
                  count - 1);
  int major = 0, minor = 0;
  ALEXNET_TRY(cuda_status(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index),
                          "cudaDeviceGetAttribute(ComputeCapabilityMajor)"));
  ALEXNET_TRY(cuda_status(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index),
                          "cudaDeviceGetAttribute(ComputeCapabilityMinor)"));
  auto opened = std::make_shared<CudaDevice>(index, 10 * major + minor);
  ALEXNET_TRY(opened->make_current());
  *device = std::move(opened);
  return {};
}

}  // namespace alexnet
