// SPDX-License-Identifier: Apache-2.0
// libcudart: memory and copies.
#include <cstring>
#include <string>

#include "cuda_entry.h"
#include "memory.h"
#include "work.h"

using namespace sim;

namespace {

constexpr int kHostToDevice = 1;
constexpr int kDeviceToHost = 2;
constexpr int kDeviceToDevice = 3;
constexpr int kDefault = 4;

bool isDeviceMemory(const void* address) {
  const Block* const block = find(address);
  return block != nullptr && block->place == Place::kDevice;
}

bool isPinned(const void* address, size_t bytes) {
  const Block* const block = find(address);
  return block != nullptr && block->place != Place::kDevice &&
         reinterpret_cast<uintptr_t>(address) - block->base + bytes <= block->bytes;
}

int resolveKind(const CopyWork::Range& range) {
  if (range.kind != kDefault) return range.kind;
  return (isDeviceMemory(range.from) ? 2 : 0) + (isDeviceMemory(range.to) ? 1 : 0);
}

Unit unitOf(int kind) {
  if (kind == kHostToDevice) return Unit::kCopyIn;
  if (kind == kDeviceToHost) return Unit::kCopyOut;
  return kind == kDeviceToDevice ? Unit::kCompute : Unit::kNone;
}

// What CUDA refuses at the call itself.
int checkRange(const CopyWork::Range& range, int device) {
  std::string why;
  const bool toDevice = range.kind == kHostToDevice || range.kind == kDeviceToDevice;
  const bool fromDevice = range.kind == kDeviceToHost || range.kind == kDeviceToDevice;
  if (range.kind < 0 || range.kind > kDefault || range.to == nullptr || range.from == nullptr) return kInvalidValue;
  if ((toDevice && !onDevice(range.to, range.bytes, device, why)) ||
      (fromDevice && !onDevice(range.from, range.bytes, device, why))) {
    violation("invalidCopy", "a copy of " + std::to_string(range.bytes) + " bytes touches " + why);
    return kInvalidValue;
  }
  return kSuccess;
}

// Ordinary memory makes a copy synchronous for its caller: legal, slow, and counted.
int copy(Locked& lock, CopyWork::Range range, const StreamPtr& stream) {
  range.kind = resolveKind(range);
  if (const int code = checkRange(range, stream->device)) return code;
  const auto work = std::make_shared<CopyWork>(unitOf(range.kind), range, stream->device);
  const bool captured = stream->capture != nullptr;
  const bool in = range.kind == kHostToDevice;
  const bool pageable =
      (in && !isPinned(range.from, range.bytes)) || (range.kind == kDeviceToHost && !isPinned(range.to, range.bytes));
  if (pageable) (void)SIM_COUNT("copy of ordinary memory");
  if (!captured && in && !immediate(*stream, work->unit, work->bytes)) {
    if (pageable) {
      work->keep();
    } else {
      work->watch();
    }
  }
  const int code = give(stream, work);
  if (code == kSuccess && pageable && !in && !captured) waitStream(lock, stream);
  return code;
}

int allocateHere(Place place, void** memory, size_t bytes) {
  if (const int code = forbiddenInCapture()) return code;
  const Locked lock(gpu().lock);
  return failed(allocate(place, currentDevice(), bytes, memory));
}

// Freeing waits for the device, in CUDA as here; it also happens when a fault is set, so that nothing leaks by it.
int releaseHere(Place place, void* memory, int fault) {
  if (settings().driver != 0) return enter(fault);
  if (const int code = forbiddenInCapture()) return code;
  Locked lock(gpu().lock);
  const Block* const block = find(memory);
  if (memory != nullptr && block != nullptr) waitDevice(lock, block->device);
  const int code = release(place, memory);
  lock.unlock();
  const int before = enter(fault);
  return before != kSuccess ? before : failed(code);
}

}  // namespace

SIM_EXPORT int cudaMalloc(void** memory, size_t bytes) {
  mayBlock("cudaMalloc");
  if (const int code = enter(SIM_COUNT("cudaMalloc"))) return code;
  return allocateHere(Place::kDevice, memory, bytes);
}

SIM_EXPORT int cudaFree(void* memory) {
  mayBlock("cudaFree");
  return releaseHere(Place::kDevice, memory, SIM_COUNT("cudaFree"));
}

SIM_EXPORT int cudaMallocHost(void** memory, size_t bytes) {
  mayBlock("cudaMallocHost");
  if (const int code = enter(SIM_COUNT("cudaMallocHost"))) return code;
  return allocateHere(Place::kPinned, memory, bytes);
}

SIM_EXPORT int cudaHostAlloc(void** memory, size_t bytes, unsigned /*flags*/) {
  mayBlock("cudaHostAlloc");
  if (const int code = enter(SIM_COUNT("cudaHostAlloc"))) return code;
  return allocateHere(Place::kPinned, memory, bytes);
}

SIM_EXPORT int cudaFreeHost(void* memory) {
  mayBlock("cudaFreeHost");
  return releaseHere(Place::kPinned, memory, SIM_COUNT("cudaFreeHost"));
}

SIM_EXPORT int cudaHostRegister(void* memory, size_t bytes, unsigned /*flags*/) {
  mayBlock("cudaHostRegister");
  if (const int code = enter(SIM_COUNT("cudaHostRegister"))) return code;
  const Locked lock(gpu().lock);
  return failed(registerHost(currentDevice(), memory, bytes));
}

SIM_EXPORT int cudaHostUnregister(void* memory) {
  mayBlock("cudaHostUnregister");
  const int fault = SIM_COUNT("cudaHostUnregister");
  if (settings().driver != 0) return enter(fault);
  Locked lock(gpu().lock);
  waitDevice(lock, currentDevice());
  const int code = unregisterHost(memory);
  lock.unlock();
  const int before = enter(fault);
  return before != kSuccess ? before : failed(code);
}

SIM_EXPORT int cudaHostGetDevicePointer(void** device, void* host, unsigned /*flags*/) {
  if (const int code = enter(SIM_COUNT("cudaHostGetDevicePointer"))) return code;
  const Locked lock(gpu().lock);
  if (!isPinned(host, 1)) return failed(kInvalidValue);
  *device = host;
  return kSuccess;
}

SIM_EXPORT int cudaPointerGetAttributes(void* attributes, const void* pointer) {
  if (const int code = enter(SIM_COUNT("cudaPointerGetAttributes"))) return code;
  const Locked lock(gpu().lock);
  struct Attributes {
    int type;
    int device;
    void* devicePointer;
    void* hostPointer;
  };
  const Block* const block = find(pointer);
  const bool onGpu = block != nullptr && block->place == Place::kDevice;
  void* const address = const_cast<void*>(pointer);
  const int type = block == nullptr ? 0 : (onGpu ? 2 : 1);
  *static_cast<Attributes*>(attributes) = {type, block == nullptr ? -2 : block->device,
                                           block == nullptr ? nullptr : address, onGpu ? nullptr : address};
  return kSuccess;
}

SIM_EXPORT int cudaMallocAsync(void** memory, size_t bytes, CUstream_st* handle) {
  if (const int code = enter(SIM_COUNT("cudaMallocAsync"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  if (stream->capture) return failed(kCaptureUnsupported);  // a memory node in CUDA: nothing of ours wants one
  return failed(allocate(Place::kDevice, stream->device, bytes, memory));
}

SIM_EXPORT int cudaFreeAsync(void* memory, CUstream_st* handle) {
  const int fault = SIM_COUNT("cudaFreeAsync");
  if (settings().driver != 0) return enter(fault);
  Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  if (find(memory) == nullptr) return failed(kInvalidValue);
  if (gpu().devices[static_cast<size_t>(stream->device)].sticky != 0) {
    (void)release(Place::kDevice, memory);  // nothing runs on this device any more
  } else {
    (void)give(stream, std::make_shared<FreeWork>(memory));
  }
  lock.unlock();
  return enter(fault);
}

SIM_EXPORT int cudaDeviceGetDefaultMemPool(CUmemPoolHandle_st** pool, int device) {
  if (const int code = enter(SIM_COUNT("cudaDeviceGetDefaultMemPool"))) return code;
  if (device < 0 || device >= settings().devices) return failed(kInvalidDevice);
  *pool = reinterpret_cast<CUmemPoolHandle_st*>(&gpu().devices[static_cast<size_t>(device)]);
  return kSuccess;
}

SIM_EXPORT int cudaMemPoolSetAttribute(CUmemPoolHandle_st* /*pool*/, int /*attribute*/, void* /*value*/) {
  return enter(SIM_COUNT("cudaMemPoolSetAttribute"));
}

SIM_EXPORT int cudaMemPoolTrimTo(CUmemPoolHandle_st* /*pool*/, size_t /*keep*/) {
  return enter(SIM_COUNT("cudaMemPoolTrimTo"));
}

SIM_EXPORT int cudaMemcpyAsync(void* to, const void* from, size_t bytes, int kind, CUstream_st* handle) {
  if (const int code = enter(SIM_COUNT("cudaMemcpyAsync"))) return code;
  if (bytes == 0) return kSuccess;
  Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  return failed(stream ? copy(lock, {to, from, bytes, kind}, stream) : static_cast<int>(kInvalidResourceHandle));
}

SIM_EXPORT int cudaMemcpy(void* to, const void* from, size_t bytes, int kind) {
  mayBlock("cudaMemcpy");
  if (const int code = enter(SIM_COUNT("cudaMemcpy"))) return code;
  if (const int code = forbiddenInCapture()) return code;
  if (bytes == 0) return kSuccess;
  Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(nullptr);
  const int code = copy(lock, {to, from, bytes, kind}, stream);
  waitStream(lock, stream);
  lock.unlock();
  return code != kSuccess ? failed(code) : enter(0);
}

SIM_EXPORT int cudaMemsetAsync(void* memory, int value, size_t bytes, CUstream_st* handle) {
  if (const int code = enter(SIM_COUNT("cudaMemsetAsync"))) return code;
  if (bytes == 0) return kSuccess;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  std::string why;
  if (!onDevice(memory, bytes, stream->device, why)) {
    violation("invalidCopy", "a memset touches " + why);
    return failed(kInvalidValue);
  }
  return failed(give(stream, std::make_shared<SetWork>(memory, value, bytes, stream->device)));
}

SIM_EXPORT int cudaMemset(void* memory, int value, size_t bytes) {
  mayBlock("cudaMemset");
  if (const int code = enter(SIM_COUNT("cudaMemset"))) return code;
  Locked lock(gpu().lock);
  std::string why;
  if (!onDevice(memory, bytes, currentDevice(), why)) return failed(kInvalidValue);
  const StreamPtr stream = streamOf(nullptr);
  const int code = give(stream, std::make_shared<SetWork>(memory, value, bytes, stream->device));
  waitStream(lock, stream);
  return failed(code);
}
