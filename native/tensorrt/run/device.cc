// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include <map>
#include <system_error>
#include <thread>
#include <utility>

namespace trt::run {
namespace {

using trtn::Error;

struct Devices {
  std::mutex mutex;
  std::map<std::pair<const Cuda*, int>, Device*> known;
};

Devices& devices() {
  static auto& instance = *new Devices;  // leaked: see the class
  return instance;
}

}  // namespace

Device& Device::of(const Cuda& cuda, int index) {
  int count = 0;
  cuda.check(cuda.GetDeviceCount(&count), "cudaGetDeviceCount");
  if (index < 0 || index >= count) {
    throw Error(BACKEND_UNAVAILABLE, "There is no device " + std::to_string(index) + ": this process sees " +
                                         std::to_string(count) +
                                         ". Choose another with the option 'device', or check CUDA_VISIBLE_DEVICES.");
  }
  Devices& all = devices();
  const std::lock_guard<std::mutex> lock(all.mutex);
  Device*& entry = all.known[{&cuda, index}];
  if (entry == nullptr) entry = new Device(cuda, index);
  return *entry;
}

Device::Device(const Cuda& cuda, int index) : cuda_(cuda), index_(index), pinned_(*this) {
  int pools = 0;
  cuda.check(cuda.DeviceGetAttribute(&pools, cuda::kAttributeMemoryPools, index), "cudaDeviceGetAttribute");
  memory_pools_ = pools != 0;
}

void Device::fail(int code, const char* call) {
  (void)cuda_.GetLastError();  // else the next unrelated call would report it again; a sticky one stays
  const std::string message = cuda_.describe(code, call);
  if (is_sticky(code)) lose(message);
  if (lost()) require_usable();
  throw Error(status_of(code), message);
}

backend_status Device::note(int code, const char* call, std::string& message) noexcept {
  try {
    check(code, call);
    return BACKEND_OK;
  } catch (const Error& error) {
    message = error.what();
    return error.status();
  } catch (...) {
    return is_sticky(code) ? BACKEND_DEVICE_LOST : BACKEND_DEVICE;
  }
}

void Device::fail_call(backend_status status, const std::string& message) {
  const int code = cuda_.GetLastError();
  if (is_sticky(code)) lose(cuda_.describe(code, "TensorRT"));
  if (lost()) require_usable();
  throw Error(code == cuda::kMemoryAllocation ? BACKEND_OUT_OF_MEMORY : status, message);
}

void Device::lose(const std::string& cause) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (lost_.load(std::memory_order_relaxed)) return;
  try {
    cause_ = cause;
  } catch (...) {  // no memory for a text: it is lost without one
  }
  lost_.store(true, std::memory_order_release);
}

std::string Device::cause() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return cause_;
}

void Device::require_usable() const {
  if (!lost()) return;
  throw Error(BACKEND_DEVICE_LOST, "Device " + std::to_string(index_) + " is lost: " + cause() +
                                       " Close all sessions and engines on it and load again, or restart the process.");
}

void Device::leave() noexcept {
  if (engines_.fetch_sub(1) == 1 && lost()) revive();
}

void Device::revive() noexcept {
  // A reset unmaps all page-locked memory, also what JavaScript still looks at.
  if (pinned_.outstanding() > 0) return;
  bool done = false;
  try {
    // On a thread of its own, whose device is 0 to begin with: once a device is lost, cudaSetDevice may fail on a thread
    // that has it, and which device cudaDeviceReset would then reset, nobody could tell.
    std::thread([&] {
      if (index_ != 0 && cuda_.SetDevice(index_) != cuda::kSuccess) return;
      done = cuda_.DeviceReset() == cuda::kSuccess && cuda_.Free(nullptr) == cuda::kSuccess;
    }).join();
  } catch (const std::system_error&) {  // no thread to be had
  }
  if (!done) return;
  pinned_.abandon();
  const std::lock_guard<std::mutex> lock(mutex_);
  cause_.clear();
  lost_.store(false, std::memory_order_release);
}

}  // namespace trt::run
