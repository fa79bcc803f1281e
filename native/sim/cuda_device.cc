// SPDX-License-Identifier: Apache-2.0
// libcudart: versions, devices, errors.
#include <cstdio>
#include <cstring>

#include "cuda_entry.h"
#include "memory.h"

using namespace sim;

extern "C" int sim_runtime_version();  // cudart.cc: what tells one libcudart from another

namespace {

bool isDevice(int device) { return device >= 0 && device < settings().devices; }

int attribute(int which) {
  const int sm = settings().sm;
  switch (which) {
    case 75:
      return sm / 10;
    case 76:
      return sm % 10;
    case 16:  // multiprocessors
      return 64;
    case 40:  // asynchronous engines
      return 2;
    case 38:  // L2, bytes
      return 32 << 20;
    case 41:   // unified addressing
    case 115:  // memory pools
      return 1;
    default:
      return 0;
  }
}

}  // namespace

SIM_EXPORT int cudaRuntimeGetVersion(int* version) {
  (void)SIM_COUNT("cudaRuntimeGetVersion");
  *version = sim_runtime_version();
  return kSuccess;
}

SIM_EXPORT int cudaDriverGetVersion(int* version) {
  const int fault = SIM_COUNT("cudaDriverGetVersion");
  if (settings().driver == kHang) return enter(fault);
  *version = settings().driver == kInsufficientDriver ? 0 : settings().driverVersion.load();
  return failed(fault);
}

SIM_EXPORT int cudaGetDeviceCount(int* count) {
  if (const int code = enter(SIM_COUNT("cudaGetDeviceCount"))) return code;
  *count = settings().devices;
  return kSuccess;
}

SIM_EXPORT int cudaGetDevice(int* device) {
  if (const int code = enter(SIM_COUNT("cudaGetDevice"))) return code;
  *device = currentDevice();
  return kSuccess;
}

SIM_EXPORT int cudaSetDevice(int device) {
  const int fault = SIM_COUNT("cudaSetDevice");
  const bool known = isDevice(device);
  const int before = currentDevice();
  // A lost device is reported by the call that selects it, and does not hinder leaving it for another.
  if (known) currentDevice() = device;
  const int code = enter(fault);
  if (code != kSuccess) {
    if (fault != 0) currentDevice() = before;
    return code;
  }
  return known ? kSuccess : failed(kInvalidDevice);
}

SIM_EXPORT int cudaDeviceGetAttribute(int* value, int which, int device) {
  if (const int code = enter(SIM_COUNT("cudaDeviceGetAttribute"))) return code;
  if (!isDevice(device)) return failed(kInvalidDevice);
  *value = attribute(which);
  return kSuccess;
}

SIM_EXPORT int cudaDeviceGetPCIBusId(char* text, int capacity, int device) {
  if (const int code = enter(SIM_COUNT("cudaDeviceGetPCIBusId"))) return code;
  if (!isDevice(device)) return failed(kInvalidDevice);
  std::snprintf(text, static_cast<size_t>(capacity), "0000:%02X:00.0", 1 + device);
  return kSuccess;
}

SIM_EXPORT int cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  if (const int code = enter(SIM_COUNT("cudaDeviceGetStreamPriorityRange"))) return code;
  if (least != nullptr) *least = 0;
  if (greatest != nullptr) *greatest = -5;
  return kSuccess;
}

// Offsets as measured on CUDA 13.5: name 0, uuid 256, totalGlobalMem 288. Nothing else is filled in.
SIM_EXPORT int cudaGetDeviceProperties(void* properties, int device) {
  if (const int code = enter(SIM_COUNT("cudaGetDeviceProperties"))) return code;
  if (!isDevice(device)) return failed(kInvalidDevice);
  char* const at = static_cast<char*>(properties);
  const auto total = static_cast<size_t>(settings().memory.load());
  const std::lock_guard<std::mutex> guard(settings().lock);
  std::snprintf(at, 256, "%s", settings().name.c_str());
  std::memcpy(at + 288, &total, sizeof total);
  return kSuccess;
}

SIM_EXPORT int cudaMemGetInfo(size_t* free, size_t* total) {
  mayBlock("cudaMemGetInfo");
  if (const int code = enter(SIM_COUNT("cudaMemGetInfo"))) return code;
  const Locked lock(gpu().lock);
  *total = static_cast<size_t>(settings().memory.load());
  *free = *total - std::min(*total, gpu().devices[static_cast<size_t>(currentDevice())].allocated);
  return kSuccess;
}

SIM_EXPORT int cudaDeviceSynchronize() {
  mayBlock("cudaDeviceSynchronize");
  if (const int code = enter(SIM_COUNT("cudaDeviceSynchronize"))) return code;
  if (const int code = forbiddenInCapture()) return code;
  Locked lock(gpu().lock);
  waitDevice(lock, currentDevice());
  lock.unlock();
  return enter(0);
}

// Frees all that the device has, and it works again: more than a real process may hope for after some errors.
SIM_EXPORT int cudaDeviceReset() {
  mayBlock("cudaDeviceReset");
  const int fault = SIM_COUNT("cudaDeviceReset");
  if (settings().driver != 0) return enter(fault);
  if (fault != 0) return failed(fault);
  Locked lock(gpu().lock);
  const int device = currentDevice();
  waitDevice(lock, device);
  const auto drop = [&](auto& handles, const char* kind) {
    for (auto at = handles.begin(); at != handles.end();) {
      const bool here = at->second->device == device;
      if (here) --live(kind);
      at = here ? handles.erase(at) : std::next(at);
    }
  };
  drop(gpu().streams, "streams");
  drop(gpu().events, "events");
  drop(gpu().graphs, "graphs");
  drop(gpu().execs, "graphExecs");
  releaseDevice(device);
  restore(device);
  lastError() = kSuccess;
  return kSuccess;
}

SIM_EXPORT int cudaGetLastError() {
  (void)SIM_COUNT("cudaGetLastError");
  const int code = lastError();
  const int sticky = gpu().devices[static_cast<size_t>(currentDevice())].sticky;
  lastError() = sticky;
  return sticky != 0 ? sticky : code;
}

SIM_EXPORT int cudaPeekAtLastError() {
  (void)SIM_COUNT("cudaPeekAtLastError");
  const int sticky = gpu().devices[static_cast<size_t>(currentDevice())].sticky;
  return sticky != 0 ? sticky : lastError();
}

SIM_EXPORT const char* cudaGetErrorName(int code) { return nameOf(code); }
SIM_EXPORT const char* cudaGetErrorString(int code) { return textOf(code); }

SIM_EXPORT int cudaProfilerStart() { return enter(SIM_COUNT("cudaProfilerStart")); }
SIM_EXPORT int cudaProfilerStop() { return enter(SIM_COUNT("cudaProfilerStop")); }
