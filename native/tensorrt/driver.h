// SPDX-License-Identifier: Apache-2.0
// Is there a driver and a device that CUDA can use? Asked before any call of TensorRT: without a driver it hands out
// pointers that are not null and not memory either (0x228), and the first call through them ends the process.
// TensorRT-RTX's builder needs neither.
#ifndef TENSORRT_NODE_TENSORRT_DRIVER_H_
#define TENSORRT_NODE_TENSORRT_DRIVER_H_

#include <string>

#include "tensorrt/cuda.h"
#include "tensorrt/libraries.h"

namespace trt {

struct DriverState {
  const Cuda* cuda = nullptr;  // null: no libcudart could be loaded
  Loaded cudart;               // with those that were refused
  int driverVersion = 0;       // 13000 is CUDA 13.0; 0: no driver
  int runtimeVersion = 0;
  int devices = 0;
  std::string reason;  // empty: usable
  std::string remedy;
  bool usable() const noexcept { return reason.empty(); }
};

// What a code of cudaGetDeviceCount says about a machine. Sets reason, and remedy; none for success with devices.
void explainDriver(int code, DriverState& state);

// Tries each candidate until one works with the driver there is: libcudart 13 on a driver for CUDA 12 does not, 12 does.
// May take seconds, or for ever where the driver hangs: never on the JS thread, and where it matters in a child process.
DriverState checkDriver(const std::vector<std::string>& cudartCandidates);

// The CUDA of a machine that can run engines. @throws Unusable
const Cuda& requireDriver(const std::vector<std::string>& cudartCandidates);

// @throws Error(BACKEND_UNAVAILABLE): no such device.
void requireDevice(const Cuda& cuda, int device);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_DRIVER_H_
