// SPDX-License-Identifier: Apache-2.0
// The CUDA runtime, loaded at run time: the table, what its errors mean, and owners for what it gives.
#ifndef TENSORRT_NODE_CUDA_H_
#define TENSORRT_NODE_CUDA_H_

#include <cstdint>
#include <string>
#include <utility>

#include "backend.h"
#include "cuda_calls.h"
#include "error.h"

namespace trt {

// One libcudart. Leaked on purpose, as the library it points into is: threads may outlive every session.
class Cuda {
 public:
  // `handle` is what dlopen gave; `path` goes into messages. The same handle gives the same object.
  // @throws Error(BACKEND_UNAVAILABLE): a call that we need is missing.
  static const Cuda& of(void* handle, const std::string& path);

#define TRT_CUDA_MEMBER(name, parameters) int(*name) parameters = nullptr;
  TRT_CUDA_REQUIRED(TRT_CUDA_MEMBER)
  TRT_CUDA_OPTIONAL(TRT_CUDA_MEMBER)
#undef TRT_CUDA_MEMBER
  const char* (*GetErrorName)(int error) = nullptr;
  const char* (*GetErrorString)(int error) = nullptr;

  const std::string& path() const noexcept { return path_; }

  // Throws unless `code` is success. `call` names the call in the message.
  void check(int code, const char* call) const {
    if (code != cuda::kSuccess) fail(code, call);
  }
  [[noreturn]] void fail(int code, const char* call) const;
  // "cudaMalloc failed: cudaErrorMemoryAllocation (2), out of memory. What to do."
  std::string describe(int code, const char* call) const;
  // Forgets an error that is not sticky, so that the next unrelated call does not report it.
  void clear() const noexcept { (void)GetLastError(); }

 private:
  Cuda(void* handle, const std::string& path);
  void resolve(void* handle);

  std::string path_;
};

// The context is gone: every later call fails the same way until the process (or the device) is reset.
bool is_sticky(int code) noexcept;
// BACKEND_DEVICE_LOST, BACKEND_OUT_OF_MEMORY, BACKEND_UNAVAILABLE or BACKEND_DEVICE.
backend_status status_of(int code) noexcept;

struct DeviceFacts {
  int index = 0;
  std::string name;
  std::string pciBusId;
  int major = 0;
  int minor = 0;
  int processors = 0;
  bool integrated = false;
  bool memoryPools = false;
  uint64_t totalBytes = 0;  // 0: could not be asked without making a context
  uint64_t freeBytes = 0;
};

// Without making a context on the device: no free memory.
DeviceFacts glance_at(const Cuda& cuda, int device);
// Makes a context on the device (hundreds of MiB, up to seconds): never on the JS thread.
DeviceFacts device_facts(const Cuda& cuda, int device);

// CUDA's current device belongs to the thread. Sets it, and leaves it set: every thread of ours says which one it wants.
inline void use_device(const Cuda& cuda, int device) { cuda.check(cuda.SetDevice(device), "cudaSetDevice"); }

// Puts the caller's device back.
class DeviceGuard {
 public:
  DeviceGuard(const Cuda& cuda, int device) : cuda_(cuda) {
    cuda.check(cuda.GetDevice(&before_), "cudaGetDevice");
    use_device(cuda, device);
    changed_ = before_ != device;
  }
  ~DeviceGuard() {
    if (changed_) (void)cuda_.SetDevice(before_);
  }
  DeviceGuard(const DeviceGuard&) = delete;
  DeviceGuard& operator=(const DeviceGuard&) = delete;

 private:
  const Cuda& cuda_;
  int before_ = 0;
  bool changed_ = false;
};

// One handle of CUDA and how it is given back. Move-only. Giving back never throws: at process exit the runtime may be
// unloading (cudaErrorCudartUnloading), after a sticky error every call fails, and in both there is nothing left to free.
template <typename Handle, int (*Cuda::*Release)(Handle)>
class CudaOwned {
 public:
  CudaOwned() = default;
  CudaOwned(const Cuda& cuda, Handle handle) noexcept : cuda_(&cuda), handle_(handle) {}
  CudaOwned(CudaOwned&& other) noexcept : cuda_(other.cuda_), handle_(std::exchange(other.handle_, nullptr)) {}
  CudaOwned& operator=(CudaOwned&& other) noexcept {
    std::swap(cuda_, other.cuda_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~CudaOwned() { reset(); }

  Handle get() const noexcept { return handle_; }
  explicit operator bool() const noexcept { return handle_ != nullptr; }
  // Gives it up without giving it back: after the device was reset it no longer exists.
  Handle release() noexcept { return std::exchange(handle_, nullptr); }
  void reset() noexcept {
    if (handle_ != nullptr) (void)(cuda_->*Release)(handle_);
    handle_ = nullptr;
  }

 private:
  const Cuda* cuda_ = nullptr;
  Handle handle_ = nullptr;
};

using OwnedStream = CudaOwned<Stream, &Cuda::StreamDestroy>;
using OwnedEvent = CudaOwned<Event, &Cuda::EventDestroy>;
using OwnedGraph = CudaOwned<CudaGraph, &Cuda::GraphDestroy>;
using OwnedGraphExec = CudaOwned<CudaGraphExec, &Cuda::GraphExecDestroy>;
using DeviceMemory = CudaOwned<void*, &Cuda::Free>;      // giving back synchronises the device: never on the JS thread
using PinnedMemory = CudaOwned<void*, &Cuda::FreeHost>;  // likewise

// Non-blocking: the legacy default stream must not serialise ours. `priority` 0: ordinary; CUDA clamps it to its range.
OwnedStream make_stream(const Cuda& cuda, int priority = 0);
OwnedEvent make_event(const Cuda& cuda, unsigned flags);
DeviceMemory make_device_memory(const Cuda& cuda, size_t bytes);
PinnedMemory make_pinned_memory(const Cuda& cuda, size_t bytes);  // portable: page-locked for every device

}  // namespace trt

#endif  // TENSORRT_NODE_CUDA_H_
