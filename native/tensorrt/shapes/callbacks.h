// SPDX-License-Identifier: Apache-2.0
// The classes that TensorRT calls, each handing on to its shape-independent counterpart. Included by the shape_*.cc
// only, through library.h.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_CALLBACKS_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_CALLBACKS_H_

#include "tensorrt/shapes/support.h"

namespace TRT_NS {

class LogRouter final : public ILogger {
 public:
  void log(Severity severity, const char* message) noexcept override {
    trt::routeLog(static_cast<int32_t>(severity), message == nullptr ? "" : message);
  }
};

// Leaked: a library keeps the first logger it is given for as long as the process lives, its exit included.
inline ILogger& logger() {
  static auto* const router = new LogRouter;
  return *router;
}

class ProgressAdapter final : public IProgressMonitor {
 public:
  explicit ProgressAdapter(trt::Progress& progress) : progress_(progress) {}
  void phaseStart(const char* phase, const char* parent, int32_t steps) noexcept override {
    progress_.start(phase, parent, steps);
  }
  bool stepComplete(const char* phase, int32_t step) noexcept override { return progress_.step(phase, step); }
  void phaseFinish(const char* phase) noexcept override { progress_.finish(phase); }

 private:
  trt::Progress& progress_;
};

class LayerTimesAdapter final : public IProfiler {
 public:
  explicit LayerTimesAdapter(trt::LayerTimes& times) : times_(times) {}
  void reportLayerTime(const char* layer, float milliseconds) noexcept override { times_.report(layer, milliseconds); }

 private:
  trt::LayerTimes& times_;
};

class OutputAllocatorAdapter final : public IOutputAllocator {
 public:
  explicit OutputAllocatorAdapter(trt::OutputAllocator& allocator) : allocator_(allocator) {}
  void* reallocateOutputAsync(const char* tensor, void* memory, uint64_t size, uint64_t alignment,
                              cudaStream_t stream) noexcept override {
    // An empty output still needs an address that is not null: one byte is the smallest that has one.
    return allocator_.reallocate(tensor, memory, size == 0 ? 1 : size, alignment, stream);
  }
  void notifyShape(const char* tensor, const Dims64& dims) noexcept override {
    allocator_.notifyShape(tensor, toDims(dims));
  }

 private:
  trt::OutputAllocator& allocator_;
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_CALLBACKS_H_
