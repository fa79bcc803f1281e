// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iterator>
#include <map>

#include "control.h"
#include "cuda_codes.h"
#include "state.h"

namespace sim {

namespace {

constexpr size_t kAlignment = 512;                // as cudaMalloc
constexpr size_t kFilled = size_t{1} << 16;       // of a block, so that stale and unset bytes show
constexpr size_t kQuarantine = size_t{16} << 20;  // freed memory that is kept so that its address means "freed"

using Blocks = std::map<uintptr_t, Block>;

struct Memory {
  Blocks blocks;
  Blocks freed;
  std::deque<uintptr_t> order;
  size_t freedBytes = 0;
  size_t pinned = 0;
};

Memory& memory() {
  static Memory* const all = new Memory;
  return *all;
}

const Block* holding(const Blocks& blocks, uintptr_t address) {
  const auto after = blocks.upper_bound(address);
  if (after == blocks.begin()) return nullptr;
  const Block& block = std::prev(after)->second;
  return address - block.base < block.bytes || address == block.base ? &block : nullptr;
}

void count(const Block& block, int64_t sign) {
  static std::atomic<int64_t>* const counts[] = {&live("deviceBlocks"), &live("deviceBytes"), &live("pinnedBlocks"),
                                                 &live("pinnedBytes")};
  const size_t at = block.place == Place::kDevice ? 0 : 2;
  const int64_t bytes = sign * static_cast<int64_t>(block.bytes);
  *counts[at] += sign;
  *counts[at + 1] += bytes;
  if (block.place == Place::kDevice) {
    gpu().devices[static_cast<size_t>(block.device)].allocated += static_cast<size_t>(bytes);
  } else {
    memory().pinned += static_cast<size_t>(bytes);
  }
}

bool fits(Place place, int device, size_t bytes) {
  const size_t used = place == Place::kDevice ? gpu().devices[static_cast<size_t>(device)].allocated : memory().pinned;
  const auto limit = static_cast<size_t>(place == Place::kDevice ? settings().memory.load() : settings().pinned.load());
  return bytes <= limit && used <= limit - bytes;
}

void quarantine(const Block& block) {
  Memory& all = memory();
  std::memset(reinterpret_cast<void*>(block.base), 0xDD, std::min(block.bytes, kFilled));
  all.freed[block.base] = block;
  all.order.push_back(block.base);
  all.freedBytes += block.bytes;
  while (all.freedBytes > kQuarantine) {
    const auto oldest = all.freed.find(all.order.front());
    all.order.pop_front();
    all.freedBytes -= oldest->second.bytes;
    std::free(reinterpret_cast<void*>(oldest->second.base));
    all.freed.erase(oldest);
  }
}

}  // namespace

int allocate(Place place, int device, size_t bytes, void** out) {
  if (out == nullptr) return kInvalidValue;
  if (bytes == 0) {
    *out = nullptr;
    return kSuccess;
  }
  if (!fits(place, device, bytes)) return kMemoryAllocation;
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* const made = std::aligned_alloc(place == Place::kDevice ? kAlignment : 4096,
                                        place == Place::kDevice ? rounded : (bytes + 4095) / 4096 * 4096);
  if (made == nullptr) return kMemoryAllocation;
  std::memset(made, 0xCD, std::min(bytes, kFilled));
  Block block{reinterpret_cast<uintptr_t>(made), bytes, place, device};
  memory().blocks[block.base] = block;
  count(block, 1);
  *out = made;
  return kSuccess;
}

int release(Place place, void* freed) {
  if (freed == nullptr) return kSuccess;
  Memory& all = memory();
  const auto found = all.blocks.find(reinterpret_cast<uintptr_t>(freed));
  if (found == all.blocks.end() || found->second.place != place) {
    const bool twice = all.freed.count(reinterpret_cast<uintptr_t>(freed)) != 0;
    violation(twice ? "doubleFree" : "wrongFree", twice ? "freed a second time" : "not allocated by the matching call");
    return kInvalidValue;
  }
  const Block block = found->second;
  all.blocks.erase(found);
  count(block, -1);
  quarantine(block);
  return kSuccess;
}

int registerHost(int device, void* address, size_t bytes) {
  if (address == nullptr || bytes == 0) return kInvalidValue;
  const auto base = reinterpret_cast<uintptr_t>(address);
  if (holding(memory().blocks, base) != nullptr || holding(memory().blocks, base + bytes - 1) != nullptr) {
    return kHostMemoryAlreadyRegistered;
  }
  const Block block{base, bytes, Place::kRegistered, device};
  memory().blocks[base] = block;
  count(block, 1);
  return kSuccess;
}

int unregisterHost(void* address) {
  const auto found = memory().blocks.find(reinterpret_cast<uintptr_t>(address));
  if (found == memory().blocks.end() || found->second.place != Place::kRegistered) return kHostMemoryNotRegistered;
  count(found->second, -1);
  memory().blocks.erase(found);
  return kSuccess;
}

void releaseDevice(int device) {
  Blocks& blocks = memory().blocks;
  for (auto at = blocks.begin(); at != blocks.end();) {
    const Block block = at->second;
    if (block.place != Place::kDevice || block.device != device) {
      ++at;
      continue;
    }
    at = blocks.erase(at);
    count(block, -1);
    quarantine(block);
  }
}

const Block* find(const void* address) {
  const Block* const block = holding(memory().blocks, reinterpret_cast<uintptr_t>(address));
  return block;
}

bool onDevice(const void* address, size_t bytes, int device, std::string& why) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  const Block* const block = holding(memory().blocks, at);
  if (block == nullptr) {
    why = holding(memory().freed, at) != nullptr ? "freed device memory" : "an address that is not device memory";
  } else if (block->place != Place::kDevice) {
    why = "host memory where device memory is needed";
  } else if (block->device != device) {
    why = "memory of device " + std::to_string(block->device) + " on device " + std::to_string(device);
  } else if (at - block->base + bytes > block->bytes) {
    why = std::to_string(at - block->base + bytes - block->bytes) + " bytes past the end of a block of " +
          std::to_string(block->bytes);
  } else {
    return true;
  }
  return false;
}

size_t pinnedBytes() { return memory().pinned; }

}  // namespace sim
