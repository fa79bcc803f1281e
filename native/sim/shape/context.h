// SPDX-License-Identifier: Apache-2.0
// The execution context, with the rules that hardware and documentation set for it.
#ifndef TENSORRT_NODE_SIM_SHAPE_CONTEXT_H_
#define TENSORRT_NODE_SIM_SHAPE_CONTEXT_H_

#include "engine.h"
#include "run.h"

namespace TRT_NS {

class ContextImpl : public VExecutionContext {
 public:
  ContextImpl(const ICudaEngine& engine, LoadedPtr loaded, const ContextSettings& settings);
  ~ContextImpl() override;
  bool allocated() const {
    return settings_.strategy == ExecutionContextAllocationStrategy::kUSER_MANAGED || memory_ != nullptr;
  }

  void setProfiler(IProfiler* profiler) noexcept override { profiler_ = profiler; }
  IProfiler* getProfiler() const noexcept override { return profiler_; }
  const ICudaEngine& getEngine() const noexcept override { return engine_; }
  void setName(const char* name) noexcept override { name_ = name; }
  const char* getName() const noexcept override { return name_.c_str(); }
  int32_t getOptimizationProfile() const noexcept override { return profile_; }
  bool allInputDimensionsSpecified() const noexcept override { return missing().empty(); }
  void setErrorRecorder(IErrorRecorder*) noexcept override {}
  bool setOptimizationProfileAsync(int32_t index, cudaStream_t stream) noexcept override;
  void setEnqueueEmitsProfile(bool on) noexcept override { emits_ = on; }
  bool getEnqueueEmitsProfile() const noexcept override { return emits_; }
  bool reportToProfiler() const noexcept override;
  bool setInputShape(const char* tensor, const Dims64& dims) noexcept override;
  Dims64 getTensorShape(const char* tensor) const noexcept override;
  Dims64 getTensorStrides(const char* tensor) const noexcept override;
  bool setTensorAddress(const char* tensor, void* data) noexcept override;
  const void* getTensorAddress(const char* tensor) const noexcept override;
  bool setInputTensorAddress(const char* tensor, const void* data) noexcept override {
    return setTensorAddress(tensor, const_cast<void*>(data));
  }
  bool setOutputTensorAddress(const char* tensor, void* data) noexcept override {
    return setTensorAddress(tensor, data);
  }
  void* getOutputTensorAddress(const char* tensor) const noexcept override {
    return const_cast<void*>(getTensorAddress(tensor));
  }
  int32_t inferShapes(int32_t capacity, const char** names) noexcept override;
  bool setInputConsumedEvent(cudaEvent_t event) noexcept override;
  cudaEvent_t getInputConsumedEvent() const noexcept override { return consumed_; }
  bool setOutputAllocator(const char* tensor, IOutputAllocator* allocator) noexcept override;
  IOutputAllocator* getOutputAllocator(const char* tensor) noexcept override;
  int64_t getMaxOutputSize(const char* tensor) const noexcept override;
  bool enqueueV3(cudaStream_t stream) noexcept override;
  void setPersistentCacheLimit(size_t bytes) noexcept override { persistent_ = bytes; }
  size_t getPersistentCacheLimit() const noexcept override { return persistent_; }
  bool setNvtxVerbosity(ProfilingVerbosity value) noexcept override { return nvtx_ = value, true; }
  ProfilingVerbosity getNvtxVerbosity() const noexcept override { return nvtx_; }
  void setAuxStreams(cudaStream_t* streams, int32_t count) noexcept override;
  size_t updateDeviceMemorySizeForShapes() noexcept override;
  void setDeviceMemory(void* memory) noexcept override { setDeviceMemoryV2(memory, loaded_->plan.fact("activation")); }
  void setDeviceMemoryV2(void* memory, int64_t size) noexcept override;
#if TRT_GEN == 10
  bool allInputShapesSpecified() const noexcept override { return missing().empty(); }
#endif
#if TRT_GEN == 11 && TRT_RTX
  bool isStreamCapturable(cudaStream_t stream) const noexcept override;
#endif

 private:
  const sim::Model& model() const { return loaded_->plan.model; }
  const sim::Tensor& tensor(int index) const { return model().tensors[static_cast<size_t>(index)]; }
  int known(const char* name, const char* caller) const;  // an input or output, or -1 and a complaint
  bool isInput(int index) const;
  std::vector<int> missing() const;  // inputs without shape or values
  bool readValues();                 // of shape tensors; false: outside of the profile
  bool infer();
  bool fits(int index, const sim::Shape& shape, const char* caller) const;
  bool checkAddress(int index, size_t bytes) const;
  bool checkAddresses() const;
  bool ready(cudaStream_t stream);
  bool start(cudaStream_t stream);
  std::shared_ptr<const Bindings> bind();
  bool allocateOutputs(cudaStream_t stream);
  bool runDataDependent(cudaStream_t stream);
  bool launch(cudaStream_t stream, const sim::WorkPtr& work);
  bool consumedOn(cudaStream_t stream);

  const ICudaEngine& engine_;
  const LoadedPtr loaded_;
  const ContextSettings settings_;
  const ProgramPtr program_ = std::make_shared<Program>();
  void* memory_ = nullptr;
  bool userMemory_ = false;
  int32_t profile_ = 0;
  std::vector<sim::Shape> given_;  // by tensor: shapes of inputs; empty and not `has_`: not given
  std::vector<bool> has_;
  std::map<int, sim::Shape> values_;
  std::shared_ptr<sim::Shapes> shapes_;  // null: to be inferred
  std::vector<void*> addresses_;
  std::map<int, IOutputAllocator*> allocators_;
  bool dataDependent_ = false;
  sim::WorkPtr whole_;  // of the last run, while nothing has changed
  cudaEvent_t consumed_ = nullptr;
  IProfiler* profiler_ = nullptr;
  bool emits_ = true;
  std::string name_;
  size_t persistent_ = 0;
  ProfilingVerbosity nvtx_ = ProfilingVerbosity::kLAYER_NAMES_ONLY;
  std::atomic<int> users_{0};  // threads that are inside now
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_SIM_SHAPE_CONTEXT_H_
