// SPDX-License-Identifier: Apache-2.0
// Page-locked host memory by size class. Getting it from CUDA takes milliseconds and giving it back may wait for the
// device, so blocks are kept: what the pool gives back to CUDA it gives back in trim(), never in give().
#ifndef TENSORRT_NODE_RUN_PINNED_POOL_H_
#define TENSORRT_NODE_RUN_PINNED_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "../cuda.h"

namespace trt::run {

class Device;
class PinnedPool;

struct PinnedBlock {
  void* data = nullptr;
  size_t capacity = 0;
  PinnedPool* pool = nullptr;
  bool carved = false;  // part of a slab, which lives as long as the pool
};

// The next size class: at most a quarter more than asked for, a multiple of 256.
size_t size_class(size_t bytes) noexcept;

class PinnedPool {
 public:
  explicit PinnedPool(Device& device) : device_(device) {}
  PinnedPool(const PinnedPool&) = delete;
  PinnedPool& operator=(const PinnedPool&) = delete;

  // Sets CUDA's current device of this thread where it has to ask CUDA.
  // @throws Error: no memory, or the device is lost
  PinnedBlock* take(size_t bytes);
  // Any thread; asks nothing of CUDA.
  void give(PinnedBlock* block) noexcept;
  // Gives back to CUDA what is idle beyond `keep` bytes. May wait for the device.
  void trim(size_t keep) noexcept;

  // Grows whenever memory went back to CUDA: an address may mean other memory from then on.
  uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }
  size_t outstanding() const noexcept { return outstanding_.load(std::memory_order_acquire); }
  size_t idle_bytes() const noexcept { return idle_bytes_.load(std::memory_order_relaxed); }
  // After the device was reset: nothing of what was idle exists any more. Only while nothing is outstanding.
  void abandon() noexcept;

 private:
  PinnedBlock* allocate(size_t bytes);
  void carve(size_t bytes);

  Device& device_;
  std::mutex mutex_;
  std::map<size_t, std::vector<PinnedBlock*>> idle_;  // by capacity; the last given is taken first: its pages are warm
  std::vector<std::unique_ptr<PinnedBlock>> carved_;
  std::vector<PinnedMemory> slabs_;
  std::atomic<size_t> idle_bytes_{0};  // of whole blocks
  std::atomic<size_t> outstanding_{0};
  std::atomic<uint64_t> epoch_{0};
};

// Takes another block where `block` is null or too small, and gives that one back.
void grow_block(PinnedBlock*& block, PinnedPool& pool, size_t bytes);

// backend_api::host_alloc and host_free: memory found again by its address.
void* host_take(PinnedPool& pool, size_t bytes);
void host_give(void* data) noexcept;

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_PINNED_POOL_H_
