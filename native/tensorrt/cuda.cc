// SPDX-License-Identifier: Apache-2.0
#include "cuda.h"

#include <dlfcn.h>

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace trt {
namespace {

using trtn::Error;

struct Tables {
  std::mutex mutex;
  std::map<void*, const Cuda*> by_handle;
};

// Leaked: see the class.
Tables& tables() {
  static auto& instance = *new Tables;
  return instance;
}

template <typename Function>
bool load(void* handle, const char* name, Function& function) noexcept {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  return function != nullptr;
}

const char* remedy_of(int code) noexcept {
  switch (code) {
    case cuda::kMemoryAllocation:
      return "Use fewer lanes, smaller shapes, or another allocationStrategy; or free memory of other processes on "
             "this "
             "device.";
    case cuda::kInsufficientDriver:
      return "Install NVIDIA's driver, or one that is new enough for this libcudart; in a container, run with the "
             "NVIDIA "
             "container toolkit.";
    case cuda::kNoDevice:
    case cuda::kInvalidDevice:
      return "Check CUDA_VISIBLE_DEVICES and nvidia-smi.";
    case cuda::kSystemNotReady:
    case cuda::kSystemDriverMismatch:
    case cuda::kCompatNotSupported:
      return "Check that driver, fabric manager and libraries belong together (nvidia-smi).";
    default:
      return is_sticky(code) ? "The device's context is lost: restart the process (or call session.reset() where the "
                               "device allows it)."
                             : "";
  }
}

}  // namespace

const Cuda& Cuda::of(void* handle, const std::string& path) {
  Tables& all = tables();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const Cuda*& entry = all.by_handle[handle];
  if (entry == nullptr) entry = new Cuda(handle, path);
  return *entry;
}

Cuda::Cuda(void* handle, const std::string& path) : path_(path) { resolve(handle); }

void Cuda::resolve(void* handle) {
  std::string missing;
  const auto need = [&](const char* name, auto& function) {
    if (!load(handle, name, function)) missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
#define TRT_CUDA_NEED(name, parameters) need("cuda" #name, name);
#define TRT_CUDA_TRY(name, parameters) load(handle, "cuda" #name, name);
  TRT_CUDA_REQUIRED(TRT_CUDA_NEED)
  TRT_CUDA_OPTIONAL(TRT_CUDA_TRY)
#undef TRT_CUDA_NEED
#undef TRT_CUDA_TRY
  need("cudaGetErrorName", GetErrorName);
  need("cudaGetErrorString", GetErrorString);
  if (missing.empty()) return;
  throw Error(BACKEND_UNAVAILABLE,
              "The library " + path_ + " lacks " + missing +
                  ". Install the CUDA runtime (libcudart) 12 or 13, or name it with the option 'cudart'.");
}

std::string Cuda::describe(int code, const char* call) const {
  const char* name = GetErrorName(code);
  const char* text = GetErrorString(code);
  std::string message =
      std::string(call) + " failed: " + (name == nullptr ? "unknown error" : name) + " (" + std::to_string(code) + ")";
  if (text != nullptr) message += std::string(", ") + text;
  message += ".";
  const char* remedy = remedy_of(code);
  if (*remedy != '\0') message += std::string(" ") + remedy;
  return message;
}

void Cuda::fail(int code, const char* call) const { throw Error(status_of(code), describe(code, call)); }

bool is_sticky(int code) noexcept {
  switch (code) {
    case cuda::kEccUncorrectable:
    case cuda::kNvlinkUncorrectable:
    case cuda::kContained:
    case cuda::kIllegalAddress:
    case cuda::kLaunchTimeout:
    case cuda::kContextIsDestroyed:
    case cuda::kAssert:
    case cuda::kHardwareStackError:
    case cuda::kIllegalInstruction:
    case cuda::kMisalignedAddress:
    case cuda::kInvalidAddressSpace:
    case cuda::kInvalidPc:
    case cuda::kLaunchFailure:
    case cuda::kTensorMemoryLeak:
    case cuda::kUnknown:
      return true;
    default:
      return false;
  }
}

backend_status status_of(int code) noexcept {
  if (is_sticky(code)) return BACKEND_DEVICE_LOST;
  switch (code) {
    case cuda::kSuccess:
      return BACKEND_OK;
    case cuda::kMemoryAllocation:
      return BACKEND_OUT_OF_MEMORY;
    case cuda::kInitializationError:
    case cuda::kInsufficientDriver:
    case cuda::kNoDevice:
    case cuda::kInvalidDevice:
    case cuda::kSystemNotReady:
    case cuda::kSystemDriverMismatch:
    case cuda::kCompatNotSupported:
      return BACKEND_UNAVAILABLE;
    default:
      return BACKEND_DEVICE;
  }
}

DeviceFacts glance_at(const Cuda& cuda, int device) {
  // cudaDeviceProp grows at its end; its first members have been these since CUDA 10.
  constexpr size_t kMoreThanAnyVersion = 8192;
  constexpr size_t kNameBytes = 256;
  constexpr size_t kTotalAt = 288;
  DeviceFacts facts;
  facts.index = device;
  const auto ask = cuda.GetDeviceProperties_v2 != nullptr ? cuda.GetDeviceProperties_v2 : cuda.GetDeviceProperties;
  if (ask != nullptr) {
    std::vector<char> properties(kMoreThanAnyVersion, '\0');
    cuda.check(ask(properties.data(), device), "cudaGetDeviceProperties");
    facts.name.assign(properties.data(), strnlen(properties.data(), kNameBytes));
    size_t total = 0;
    std::memcpy(&total, properties.data() + kTotalAt, sizeof total);
    facts.totalBytes = total;
  }
  const auto attribute = [&](int which) {
    int value = 0;
    cuda.check(cuda.DeviceGetAttribute(&value, which, device), "cudaDeviceGetAttribute");
    return value;
  };
  facts.major = attribute(cuda::kAttributeMajor);
  facts.minor = attribute(cuda::kAttributeMinor);
  facts.processors = attribute(cuda::kAttributeProcessors);
  facts.integrated = attribute(cuda::kAttributeIntegrated) != 0;
  facts.memoryPools = attribute(cuda::kAttributeMemoryPools) != 0;
  char bus[32] = {};
  cuda.check(cuda.DeviceGetPCIBusId(bus, sizeof bus, device), "cudaDeviceGetPCIBusId");
  facts.pciBusId = bus;
  return facts;
}

DeviceFacts device_facts(const Cuda& cuda, int device) {
  const DeviceGuard guard(cuda, device);
  DeviceFacts facts = glance_at(cuda, device);
  size_t free = 0;
  size_t total = 0;
  cuda.check(cuda.MemGetInfo(&free, &total), "cudaMemGetInfo");
  facts.freeBytes = free;
  facts.totalBytes = total;
  return facts;
}

OwnedStream make_stream(const Cuda& cuda, int priority) {
  Stream stream = nullptr;
  cuda.check(cuda.StreamCreateWithPriority(&stream, cuda::kStreamNonBlocking, priority),
             "cudaStreamCreateWithPriority");
  return {cuda, stream};
}

OwnedEvent make_event(const Cuda& cuda, unsigned flags) {
  Event event = nullptr;
  cuda.check(cuda.EventCreateWithFlags(&event, flags), "cudaEventCreateWithFlags");
  return {cuda, event};
}

DeviceMemory make_device_memory(const Cuda& cuda, size_t bytes) {
  void* memory = nullptr;
  cuda.check(cuda.Malloc(&memory, bytes), "cudaMalloc");
  return {cuda, memory};
}

PinnedMemory make_pinned_memory(const Cuda& cuda, size_t bytes) {
  void* memory = nullptr;
  cuda.check(cuda.HostAlloc(&memory, bytes, cuda::kHostAllocPortable), "cudaHostAlloc");
  return {cuda, memory};
}

}  // namespace trt
