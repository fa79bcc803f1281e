// SPDX-License-Identifier: Apache-2.0
// One GPU of this process, shared by all engines and sessions on it: its health, its page-locked memory, and what may
// happen on it only once at a time.
#ifndef TENSORRT_NODE_RUN_DEVICE_H_
#define TENSORRT_NODE_RUN_DEVICE_H_

#include <atomic>
#include <mutex>
#include <string>

#include "../cuda.h"
#include "pinned_pool.h"

namespace trt::run {

class Device {
 public:
  // The same object for the same library and index; leaked, because pooled memory outlives sessions and engines.
  static Device& of(const Cuda& cuda, int index);

  const Cuda& cuda() const noexcept { return cuda_; }
  int index() const noexcept { return index_; }
  bool has_memory_pools() const noexcept { return memory_pools_; }
  PinnedPool& pinned() noexcept { return pinned_; }
  // Deserialising is not safe on several threads at once, whatever the engines.
  std::mutex& load_mutex() noexcept { return load_mutex_; }

  // Makes this the calling thread's device.
  void use() { check(cuda_.SetDevice(index_), "cudaSetDevice"); }

  // Throws unless `code` is success; a sticky one marks the device as lost. A loss that is known already is the cause
  // that is told: what fails after it says nothing.
  void check(int code, const char* call) {
    if (code != cuda::kSuccess) fail(code, call);
  }
  [[noreturn]] void fail(int code, const char* call);
  // As check(), for those who must not throw. `message` is set on failure.
  backend_status note(int code, const char* call, std::string& message) noexcept;
  // After a call of TensorRT has failed: throws DEVICE_LOST where CUDA's context is gone, else with `status`.
  [[noreturn]] void fail_call(backend_status status, const std::string& message);

  bool lost() const noexcept { return lost_.load(std::memory_order_acquire); }
  std::string cause() const;
  void require_usable() const;

  // Engines alive on it. When the last one goes after a loss, the device is reset if CUDA allows it and nothing of its
  // page-locked memory is still in use, so that engines can be loaded again.
  void enter() noexcept { engines_.fetch_add(1); }
  void leave() noexcept;

 private:
  Device(const Cuda& cuda, int index);
  void lose(const std::string& cause) noexcept;
  void revive() noexcept;

  const Cuda& cuda_;
  const int index_;
  bool memory_pools_ = false;
  PinnedPool pinned_;
  std::mutex load_mutex_;
  mutable std::mutex mutex_;
  std::string cause_;  // guarded by mutex_
  std::atomic<bool> lost_{false};
  std::atomic<int> engines_{0};
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_DEVICE_H_
