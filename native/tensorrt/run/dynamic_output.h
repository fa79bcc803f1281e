// SPDX-License-Identifier: Apache-2.0
// Outputs whose shape depends on data: TensorRT asks for memory while it enqueues, and says the shape before it returns.
#ifndef TENSORRT_NODE_RUN_DYNAMIC_OUTPUT_H_
#define TENSORRT_NODE_RUN_DYNAMIC_OUTPUT_H_

#include "../trt.h"
#include "device.h"

namespace trt::run {

// Memory of one such output in one slot; only grows.
class DynamicBuffer {
 public:
  explicit DynamicBuffer(Device& device) : device_(device) {}
  DynamicBuffer(const DynamicBuffer&) = delete;
  DynamicBuffer& operator=(const DynamicBuffer&) = delete;
  ~DynamicBuffer();

  // False: no memory. `stream` orders what is taken and given; without memory pools CUDA orders it for the whole device.
  bool grow(size_t bytes, Stream stream) noexcept;
  void* data() const noexcept { return data_; }
  Dims dims{-1, {}};  // of the latest run

 private:
  Device& device_;
  void* data_ = nullptr;
  size_t capacity_ = 0;
};

// What a context knows: one for each such output. A context serves several slots in turn, each with its own memory.
class DynamicOutput : public OutputAllocator {
 public:
  void aim(DynamicBuffer& buffer) noexcept { target_ = &buffer; }
  void* reallocate(const char* tensor, void* memory, uint64_t bytes, uint64_t alignment,
                   Stream stream) noexcept override;
  void notifyShape(const char* tensor, const Dims& dims) noexcept override;

 private:
  DynamicBuffer* target_ = nullptr;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_DYNAMIC_OUTPUT_H_
