// SPDX-License-Identifier: Apache-2.0
#include "cuda_entry.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace sim {

namespace {

struct Meaning {
  int code;
  const char* name;
  const char* text;
};

constexpr Meaning kMeanings[] = {
    {kSuccess, "cudaSuccess", "no error"},
    {kInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {kMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {kInitializationError, "cudaErrorInitializationError", "initialization error"},
    {kInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {kNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {kInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {kInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {kNotReady, "cudaErrorNotReady", "device not ready"},
    {kIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {kHostMemoryAlreadyRegistered, "cudaErrorHostMemoryAlreadyRegistered",
     "part or all of the requested memory range is already mapped"},
    {kHostMemoryNotRegistered, "cudaErrorHostMemoryNotRegistered",
     "pointer does not correspond to a registered memory region"},
    {kLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {kNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {kSystemNotReady, "cudaErrorSystemNotReady", "system not yet initialized"},
    {kCompatNotSupported, "cudaErrorCompatNotSupportedOnDevice",
     "forward compatibility was attempted on non supported HW"},
    {kCaptureUnsupported, "cudaErrorStreamCaptureUnsupported", "operation not permitted when stream is capturing"},
    {kCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {kCaptureUnmatched, "cudaErrorStreamCaptureUnmatched", "capture was not initiated in this stream"},
    {kCaptureUnjoined, "cudaErrorStreamCaptureUnjoined",
     "capturing stream has unjoined work that was not joined to the origin stream"},
    {kCaptureIsolation, "cudaErrorStreamCaptureIsolation", "dependency created on uncaptured work in another stream"},
    {kCaptureImplicit, "cudaErrorStreamCaptureImplicit",
     "operation would make the legacy stream depend on a capturing blocking stream"},
    {kCapturedEvent, "cudaErrorCapturedEvent",
     "operation not permitted on an event last recorded in a capturing stream"},
    {kCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "attempt to terminate a thread-local capture sequence from another thread"},
    {kUnknown, "cudaErrorUnknown", "unknown error"},
};

const Meaning* meaning(int code) {
  for (const Meaning& one : kMeanings) {
    if (one.code == code) return &one;
  }
  return nullptr;
}

[[noreturn]] void hang() {
  for (;;) pause();
}

}  // namespace

const char* nameOf(int code) {
  const Meaning* const found = meaning(code);
  return found != nullptr ? found->name : "unrecognized error code";
}

const char* textOf(int code) {
  const Meaning* const found = meaning(code);
  return found != nullptr ? found->text : "unrecognized error code";
}

bool isSticky(int code) {
  constexpr int codes[] = {214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721};
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

int enter(int fault) {
  const int driver = settings().driver.load(std::memory_order_relaxed);
  if (driver == kHang) hang();
  if (driver != 0) return failed(driver);
  if (settings().devices.load(std::memory_order_relaxed) == 0) return failed(kNoDevice);
  const int sticky = gpu().devices[static_cast<size_t>(currentDevice())].sticky.load(std::memory_order_relaxed);
  if (sticky != 0) return failed(sticky);
  if (fault != 0 && isSticky(fault)) {
    const Locked lock(gpu().lock);
    lose(currentDevice(), fault);
  }
  return failed(fault);
}

void mayBlock(const char* call) {
  if (settings().watchMainThread.load(std::memory_order_relaxed) == 0) return;
  if (static_cast<pid_t>(syscall(SYS_gettid)) == getpid())
    violation("mainThread", std::string(call) + " on the main thread");
}

int forbiddenInCapture() {
  std::shared_ptr<Capture>& capture = threadCapture();
  if (capture != nullptr && capture->ended) capture = nullptr;
  if (capture == nullptr && gpu().globalCaptures == 0) return kSuccess;
  if (capture != nullptr) {
    if (capture->mode == 2) return kSuccess;  // relaxed
    capture->invalid = true;
  }
  violation("captureBroken", "a call that a running capture forbids");
  return failed(kCaptureUnsupported);
}

StreamPtr streamOf(CUstream_st* stream) {
  if (reinterpret_cast<uintptr_t>(stream) <= 2) {  // default, legacy, per thread
    StreamPtr& standard = gpu().devices[static_cast<size_t>(currentDevice())].defaultStream;
    if (!standard) {
      standard = std::make_shared<Stream>();
      standard->device = currentDevice();
    }
    return standard;
  }
  const auto found = gpu().streams.find(stream);
  return found == gpu().streams.end() ? nullptr : found->second;
}

EventPtr eventOf(CUevent_st* event) {
  const auto found = gpu().events.find(event);
  return found == gpu().events.end() ? nullptr : found->second;
}

}  // namespace sim
