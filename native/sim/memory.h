// SPDX-License-Identifier: Apache-2.0
// Which memory exists: device memory (host memory in truth), page-locked memory, and what was freed a short while ago.
#ifndef TENSORRT_NODE_SIM_MEMORY_H_
#define TENSORRT_NODE_SIM_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace sim {

enum class Place { kNone, kDevice, kPinned, kRegistered };

struct Block {
  uintptr_t base = 0;
  size_t bytes = 0;
  Place place = Place::kNone;
  int device = 0;
};

// All with the GPU's lock held. @returns a CUDA error.
int allocate(Place place, int device, size_t bytes, void** out);
int release(Place place, void* memory);
int registerHost(int device, void* memory, size_t bytes);
int unregisterHost(void* memory);
void releaseDevice(int device);  // all that lives on it

// The block that holds `address`, or nothing.
const Block* find(const void* address);

// Is [address, +bytes) within one live block of device memory of `device`? If not, says why not.
bool onDevice(const void* address, size_t bytes, int device, std::string& why);

size_t pinnedBytes();

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_MEMORY_H_
