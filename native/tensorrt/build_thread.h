// SPDX-License-Identifier: Apache-2.0
// Where and when a build runs.
#ifndef TENSORRT_NODE_TENSORRT_BUILD_THREAD_H_
#define TENSORRT_NODE_TENSORRT_BUILD_THREAD_H_

#include <cstdint>
#include <functional>

#include "progress.h"

namespace trt {

// Runs `body` on a thread with a stack of 64 MiB and waits for it; what it throws is thrown here, as an Error. NVIDIA's optimiser
// recurses: a chain of 3,000 nodes overflows 8 MiB.
void runOnLargeStack(const std::function<void()>& body);

// One build at a time on a device: each times kernels, and two would spoil each other's times. -1: no device.
class BuildTurn {
 public:
  // Waits, and reports the phase "wait". @throws Error(BACKEND_CANCELLED)
  BuildTurn(int32_t device, trtn::Progress& progress);
  ~BuildTurn();
  BuildTurn(const BuildTurn&) = delete;
  BuildTurn& operator=(const BuildTurn&) = delete;

 private:
  const int32_t device_;
};

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_BUILD_THREAD_H_
