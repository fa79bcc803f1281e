// SPDX-License-Identifier: Apache-2.0
#include "pinned_pool.h"

#include <cstring>
#include <unordered_map>

#include "device.h"

namespace trt::run {
namespace {

constexpr size_t kSmallest = 256;  // TensorRT wants device addresses at multiples of it; host ones follow suit
constexpr size_t kLargestCarved = 32 << 10;  // small outputs by the thousand must not be a call of CUDA each
constexpr size_t kSlab = 256 << 10;

struct HostBlocks {
  std::mutex mutex;
  std::unordered_map<void*, PinnedBlock*> by_address;
};

// Leaked: buffers may be collected while static destructors run.
HostBlocks& host_blocks() {
  static auto& instance = *new HostBlocks;
  return instance;
}

}  // namespace

size_t size_class(size_t bytes) noexcept {
  if (bytes <= kSmallest) return kSmallest;
  size_t power = kSmallest;
  while (power < bytes && power <= SIZE_MAX / 4) power *= 2;
  if (power < bytes) return bytes;                                    // half of the address space: no allocator has it
  const size_t step = power / 8 < kSmallest ? kSmallest : power / 8;  // quarters of the lower power
  return (bytes + step - 1) / step * step;
}

PinnedBlock* PinnedPool::take(size_t bytes) {
  const size_t wanted = size_class(bytes);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<PinnedBlock*>& fitting = idle_[wanted];
    if (fitting.empty() && wanted <= kLargestCarved) {
      device_.use();
      carve(wanted);
    }
    if (!fitting.empty()) {
      PinnedBlock* const block = fitting.back();
      fitting.pop_back();
      if (!block->carved) idle_bytes_.fetch_sub(block->capacity, std::memory_order_relaxed);
      outstanding_.fetch_add(1, std::memory_order_relaxed);
      return block;
    }
  }
  PinnedBlock* const block = allocate(wanted);
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  return block;
}

PinnedBlock* PinnedPool::allocate(size_t bytes) {
  device_.use();
  auto block = std::make_unique<PinnedBlock>();
  block->capacity = bytes;
  block->pool = this;
  device_.check(device_.cuda().HostAlloc(&block->data, bytes, cuda::kHostAllocPortable), "cudaHostAlloc");
  return block.release();
}

// Under mutex_. A slab of equal blocks.
void PinnedPool::carve(size_t bytes) {
  void* memory = nullptr;
  device_.check(device_.cuda().HostAlloc(&memory, kSlab, cuda::kHostAllocPortable), "cudaHostAlloc");
  slabs_.emplace_back(device_.cuda(), memory);
  std::vector<PinnedBlock*>& fitting = idle_[bytes];
  for (size_t at = 0; at + bytes <= kSlab; at += bytes) {
    carved_.push_back(std::make_unique<PinnedBlock>(PinnedBlock{static_cast<char*>(memory) + at, bytes, this, true}));
    fitting.push_back(carved_.back().get());
  }
}

void PinnedPool::give(PinnedBlock* block) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!block->carved) idle_bytes_.fetch_add(block->capacity, std::memory_order_relaxed);
  outstanding_.fetch_sub(1, std::memory_order_release);
  idle_[block->capacity].push_back(block);
}

void PinnedPool::trim(size_t keep) noexcept {
  std::vector<std::unique_ptr<PinnedBlock>> freed;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto entry = idle_.rbegin(); entry != idle_.rend(); ++entry) {
      while (idle_bytes_.load(std::memory_order_relaxed) > keep && !entry->second.empty() &&
             !entry->second.back()->carved) {
        freed.emplace_back(entry->second.back());
        entry->second.pop_back();
        idle_bytes_.fetch_sub(freed.back()->capacity, std::memory_order_relaxed);
      }
    }
  }
  if (freed.empty()) return;
  epoch_.fetch_add(1, std::memory_order_release);
  (void)device_.cuda().SetDevice(device_.index());
  for (const auto& block : freed) (void)device_.cuda().FreeHost(block->data);
}

void PinnedPool::abandon() noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& entry : idle_) {
    for (PinnedBlock* block : entry.second) {
      if (!block->carved) delete block;
    }
  }
  idle_.clear();
  carved_.clear();
  for (PinnedMemory& slab : slabs_) slab.release();
  slabs_.clear();
  idle_bytes_.store(0, std::memory_order_relaxed);
  epoch_.fetch_add(1, std::memory_order_release);
}

void grow_block(PinnedBlock*& block, PinnedPool& pool, size_t bytes) {
  if (bytes == 0 || (block != nullptr && block->capacity >= bytes)) return;
  PinnedBlock* const larger = pool.take(bytes);
  if (block != nullptr) pool.give(block);
  block = larger;
}

void* host_take(PinnedPool& pool, size_t bytes) {
  PinnedBlock* const block = pool.take(bytes);
  HostBlocks& all = host_blocks();
  {
    const std::lock_guard<std::mutex> lock(all.mutex);
    all.by_address.emplace(block->data, block);
  }
  return std::memset(block->data, 0, bytes);
}

void host_give(void* data) noexcept {
  if (data == nullptr) return;
  HostBlocks& all = host_blocks();
  PinnedBlock* block = nullptr;
  {
    const std::lock_guard<std::mutex> lock(all.mutex);
    const auto found = all.by_address.find(data);
    if (found == all.by_address.end()) return;
    block = found->second;
    all.by_address.erase(found);
  }
  block->pool->give(block);
}

}  // namespace trt::run
