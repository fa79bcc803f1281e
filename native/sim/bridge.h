// SPDX-License-Identifier: Apache-2.0
// How the simulated TensorRT reaches the simulated GPU: through the libcudart of the same process, as one object.
#ifndef TENSORRT_NODE_SIM_BRIDGE_H_
#define TENSORRT_NODE_SIM_BRIDGE_H_

#include <atomic>
#include <cstddef>
#include <string>

#include "control.h"
#include "state.h"

struct CUstream_st;
struct CUevent_st;

namespace sim {

class Bridge {
 public:
  virtual ~Bridge() = default;
  virtual Counter& counter(const char* name) = 0;
  virtual Settings& settings() = 0;
  virtual std::atomic<int64_t>& live(const char* kind) = 0;
  virtual void violation(const char* kind, const std::string& text) = 0;
  // A CUDA error: what the first use of the device answers. 0: it works.
  virtual int device(int* current) = 0;
  virtual const char* textOf(int code) = 0;
  virtual int allocate(void** memory, size_t bytes) = 0;
  virtual void release(void* memory) = 0;
  virtual int launch(CUstream_st* stream, const WorkPtr& work) = 0;
  virtual int record(CUevent_st* event, CUstream_st* stream) = 0;
  virtual bool capturing(CUstream_st* stream) = 0;
  virtual void breakCapture(CUstream_st* stream) = 0;
  virtual int deviceOf(CUstream_st* stream) = 0;  // -1: no such stream
  virtual int synchronize(CUstream_st* stream) = 0;
  // Both with the GPU's lock taken inside; `locked`: by a Work's begin(), which holds it already.
  virtual bool onDevice(const void* address, size_t bytes, int device, std::string& why, bool locked) = 0;
  virtual uint64_t checksum(const void* data, size_t bytes) = 0;
  virtual int64_t latencyOf(Unit unit, size_t bytes) = 0;
};

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_BRIDGE_H_
