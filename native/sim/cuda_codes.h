// SPDX-License-Identifier: Apache-2.0
// CUDA's error codes, as far as the simulator answers them. The numbers are part of CUDA's binary interface.
#ifndef TENSORRT_NODE_SIM_CUDA_CODES_H_
#define TENSORRT_NODE_SIM_CUDA_CODES_H_

namespace sim {

enum Code : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kMemoryAllocation = 2,
  kInitializationError = 3,
  kInsufficientDriver = 35,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kInvalidResourceHandle = 400,
  kNotReady = 600,
  kIllegalAddress = 700,
  kHostMemoryAlreadyRegistered = 712,
  kHostMemoryNotRegistered = 713,
  kLaunchFailure = 719,
  kNotSupported = 801,
  kSystemNotReady = 802,
  kCompatNotSupported = 804,
  kCaptureUnsupported = 900,
  kCaptureInvalidated = 901,
  kCaptureUnmatched = 903,
  kCaptureUnjoined = 904,
  kCaptureIsolation = 905,
  kCaptureImplicit = 906,
  kCapturedEvent = 907,
  kCaptureWrongThread = 908,
  kUnknown = 999
};

const char* nameOf(int code);
const char* textOf(int code);

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_CUDA_CODES_H_
