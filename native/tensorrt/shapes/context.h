// SPDX-License-Identifier: Apache-2.0
// Execution contexts of this shape, and the runtime cache that RTX's may use. Included by the shape_*.cc only, through
// library.h.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_CONTEXT_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_CONTEXT_H_

#include <map>

#include "tensorrt/shapes/callbacks.h"

namespace TRT_NS {

class ContextAdapter final : public trt::Context {
 public:
  // `config` (null: none) made the context and is kept as long as it.
  ContextAdapter(std::unique_ptr<IExecutionContext> context, std::unique_ptr<IRuntimeConfig> config,
                 const trt::Version& version)
      : config_(std::move(config)), context_(std::move(context)), v_(*context_->table()), version_(version) {}

  bool setProfile(int32_t index, trt::Stream stream) noexcept override {
    return v_.setOptimizationProfileAsync(index, stream);
  }
  int32_t profile() const noexcept override { return v_.getOptimizationProfile(); }
  bool setInputShape(const char* name, const trt::Dims& dims) noexcept override {
    return v_.setInputShape(name, fromDims(dims));
  }
  trt::Dims tensorShape(const char* name) const noexcept override { return toDims(v_.getTensorShape(name)); }
  bool setTensorAddress(const char* name, void* address) noexcept override {
    return v_.setTensorAddress(name, address);
  }
  bool setInputAddress(const char* name, const void* address) noexcept override {
    return v_.setInputTensorAddress(name, address);
  }
  bool setOutputAllocator(const char* name, trt::OutputAllocator* allocator) override {
    std::unique_ptr<OutputAllocatorAdapter> adapter;
    if (allocator != nullptr) adapter = std::make_unique<OutputAllocatorAdapter>(*allocator);
    std::unique_ptr<OutputAllocatorAdapter>& kept = allocators_[name];
    if (!v_.setOutputAllocator(name, adapter.get())) return false;  // the old one stays in use, and stays alive
    kept = std::move(adapter);
    return true;
  }
  int64_t maxOutputSize(const char* name) const noexcept override { return v_.getMaxOutputSize(name); }
  int32_t inferShapes(const char** missing, int32_t capacity) noexcept override {
    return v_.inferShapes(capacity, missing);
  }
  bool setInputConsumedEvent(trt::Event event) noexcept override { return v_.setInputConsumedEvent(event); }
  bool enqueue(trt::Stream stream) noexcept override { return v_.enqueueV3(stream); }
  void setLayerTimes(trt::LayerTimes* times) override {
    std::unique_ptr<LayerTimesAdapter> adapter;
    if (times != nullptr) adapter = std::make_unique<LayerTimesAdapter>(*times);
    v_.setProfiler(adapter.get());
    times_ = std::move(adapter);
  }
  void setEnqueueEmitsProfile(bool on) noexcept override { v_.setEnqueueEmitsProfile(on); }
  bool reportToProfiler() noexcept override { return v_.reportToProfiler(); }
  uint64_t updateDeviceMemorySizeForShapes() noexcept override { return v_.updateDeviceMemorySizeForShapes(); }
  void setDeviceMemory(void* memory, int64_t bytes) override {
    if (has(version_, {1, 0, 0}))
      v_.setDeviceMemoryV2(memory, bytes);
    else
      v_.setDeviceMemory(memory);  // the size is taken on trust
  }
  bool setNvtxVerbosity(int32_t verbosity) noexcept override {
    return v_.setNvtxVerbosity(static_cast<ProfilingVerbosity>(verbosity));
  }
  bool setAuxStreams(trt::Stream* streams, int32_t count) override {
    v_.setAuxStreams(streams, count);
    return true;  // the library does not say
  }
  bool streamCapturable(trt::Stream stream) noexcept override {
#if TRT_RTX && TRT_GEN == 11
    return v_.isStreamCapturable(stream);
#else
    static_cast<void>(stream);
    return true;
#endif
  }

 private:
  // In this order, so that the context goes before what it calls and what it was made from.
  std::map<std::string, std::unique_ptr<OutputAllocatorAdapter>> allocators_;
  std::unique_ptr<LayerTimesAdapter> times_;
  std::unique_ptr<IRuntimeConfig> config_;
  std::unique_ptr<IExecutionContext> context_;
  VExecutionContext& v_;
  const trt::Version& version_;
};

#if TRT_RTX
class RuntimeCacheAdapter final : public trt::RuntimeCache {
 public:
  RuntimeCacheAdapter(std::unique_ptr<IRuntimeConfig> config, std::unique_ptr<IRuntimeCache> cache)
      : config_(std::move(config)), cache_(std::move(cache)) {}
  bool load(const void* data, size_t bytes) override { return (*cache_)->deserialize(data, bytes); }
  std::unique_ptr<trt::Blob> serialize() const override { return blob((*cache_)->serialize()); }
  const IRuntimeCache& raw() const noexcept { return *cache_; }

 private:
  std::unique_ptr<IRuntimeConfig> config_;  // which made the cache
  std::unique_ptr<IRuntimeCache> cache_;
};

// A configuration with what RTX alone understands; null: the library made none.
inline std::unique_ptr<IRuntimeConfig> runtimeConfig(VCudaEngine& engine, const trt::ContextOptions& options) {
  std::unique_ptr<IRuntimeConfig> config = own(engine.createRuntimeConfig());
  if (config == nullptr) return nullptr;
  VRuntimeConfig& v = *config->table();
  v.setExecutionContextAllocationStrategy(static_cast<ExecutionContextAllocationStrategy>(options.allocation));
  if (options.runtimeCache != nullptr &&
      !v.setRuntimeCache(static_cast<const RuntimeCacheAdapter&>(*options.runtimeCache).raw()))
    throw Error(BACKEND_ENGINE, "TensorRT-RTX refused the runtime cache; its log has the reason.");
  if (options.dynamicShapesSpecialization >= 0)
    v.setDynamicShapesKernelSpecializationStrategy(
        static_cast<DynamicShapesKernelSpecializationStrategy>(options.dynamicShapesSpecialization));
  if (options.cudaGraphStrategy >= 0 &&
      !v.setCudaGraphStrategy(static_cast<CudaGraphStrategy>(options.cudaGraphStrategy)))
    throw Error(BACKEND_INVALID_ARGUMENT, "TensorRT-RTX refused CUDA graph strategy " +
                                              std::to_string(options.cudaGraphStrategy) + "; its log has the reason.");
  return config;
}
#endif

inline bool wantsRtx(const trt::ContextOptions& options) noexcept {
  return options.runtimeCache != nullptr || options.dynamicShapesSpecialization >= 0 || options.cudaGraphStrategy >= 0;
}

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_CONTEXT_H_
