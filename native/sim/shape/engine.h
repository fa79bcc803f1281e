// SPDX-License-Identifier: Apache-2.0
// A loaded plan, its weights on the device, and what it tells about itself.
#ifndef TENSORRT_NODE_SIM_SHAPE_ENGINE_H_
#define TENSORRT_NODE_SIM_SHAPE_ENGINE_H_

#include <mutex>
#include <set>

#include "nv.h"

namespace TRT_NS {

struct Loaded {
  explicit Loaded(sim::Plan given) : shared(std::make_shared<sim::Plan>(std::move(given))), plan(*shared) {}
  ~Loaded() { sim::bridge().release(weights); }
  const std::shared_ptr<sim::Plan> shared;  // runs in flight hold this, never the engine: its end waits for the device
  sim::Plan& plan;
  int device = 0;
  void* weights = nullptr;
  std::atomic<int> contexts{0};
  std::shared_ptr<std::atomic<bool>> runtime;  // that made it still exists
  int64_t budget = 0;
  std::set<std::string> unset;  // weights that a stripped plan lacks
};
using LoadedPtr = std::shared_ptr<Loaded>;

class EngineImpl : public VCudaEngine {
 public:
  explicit EngineImpl(LoadedPtr loaded);
  ~EngineImpl() override;

  int32_t getNbLayers() const noexcept override { return static_cast<int32_t>(model().nodes.size()); }
  IHostMemory* serialize() const noexcept override;
  IExecutionContext* createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept override;
  bool isRefittable() const noexcept override { return fact("refittable") != 0; }
  const char* getName() const noexcept override { return model().name.c_str(); }
  int32_t getNbOptimizationProfiles() const noexcept override;
  EngineCapability getEngineCapability() const noexcept override {
    return static_cast<EngineCapability>(fact("capability"));
  }
  void setErrorRecorder(IErrorRecorder*) noexcept override {}
  uint32_t getTacticSources() const noexcept override { return TRT_GEN == 10 ? 24 : 3; }
  ProfilingVerbosity getProfilingVerbosity() const noexcept override {
    return static_cast<ProfilingVerbosity>(fact("verbosity"));
  }
  IEngineInspector* createEngineInspector() const noexcept override;
  Dims64 getTensorShape(const char* tensor) const noexcept override;
  DataType getTensorDataType(const char* tensor) const noexcept override;
  TensorLocation getTensorLocation(const char* tensor) const noexcept override;
  bool isShapeInferenceIO(const char* tensor) const noexcept override;
  TensorIOMode getTensorIOMode(const char* tensor) const noexcept override;
  int32_t getTensorBytesPerComponent(const char* tensor) const noexcept override;
  int32_t getTensorComponentsPerElement(const char* tensor) const noexcept override {
    return formatOf(tensor).components;
  }
  TensorFormat getTensorFormat(const char* tensor) const noexcept override { return formatOf(tensor).format; }
  const char* getTensorFormatDesc(const char* tensor) const noexcept override { return formatOf(tensor).description; }
  int32_t getTensorVectorizedDim(const char* tensor) const noexcept override { return formatOf(tensor).vectorized; }
  int32_t getTensorBytesPerComponentV2(const char* tensor, int32_t) const noexcept override {
    return getTensorBytesPerComponent(tensor);
  }
  int32_t getTensorComponentsPerElementV2(const char* tensor, int32_t) const noexcept override {
    return formatOf(tensor).components;
  }
  TensorFormat getTensorFormatV2(const char* tensor, int32_t) const noexcept override {
    return formatOf(tensor).format;
  }
  const char* getTensorFormatDescV2(const char* tensor, int32_t) const noexcept override {
    return formatOf(tensor).description;
  }
  int32_t getTensorVectorizedDimV2(const char* tensor, int32_t) const noexcept override {
    return formatOf(tensor).vectorized;
  }
  Dims64 getProfileShape(const char* tensor, int32_t profile, OptProfileSelector selector) const noexcept override;
  int32_t getNbIOTensors() const noexcept override { return static_cast<int32_t>(io_.size()); }
  const char* getIOTensorName(int32_t index) const noexcept override;
  HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override {
    return static_cast<HardwareCompatibilityLevel>(fact("compatibility"));
  }
  int32_t getNbAuxStreams() const noexcept override { return static_cast<int32_t>(fact("auxStreams")); }
  ISerializationConfig* createSerializationConfig() noexcept override;
  IHostMemory* serializeWithConfig(ISerializationConfig&) const noexcept override { return serialize(); }
  IRefitter* createRefitter(ILogger&) noexcept override;
  int64_t getStreamableWeightsSize() const noexcept override;
  bool isDebugTensor(const char*) const noexcept override { return false; }
  bool setWeightStreamingBudgetV2(int64_t bytes) noexcept override;
  int64_t getWeightStreamingBudgetV2() const noexcept override { return loaded_->budget; }
  int64_t getWeightStreamingAutomaticBudget() const noexcept override { return getStreamableWeightsSize() / 2; }
  int64_t getWeightStreamingScratchMemorySize() const noexcept override { return 0; }
  int64_t getDeviceMemorySizeV2() const noexcept override { return fact("activation"); }
  int64_t getDeviceMemorySizeForProfileV2(int32_t) const noexcept override { return fact("activation"); }
  const int64_t* getProfileTensorValuesV2(const char* tensor, int32_t profile,
                                          OptProfileSelector selector) const noexcept override;
  IExecutionContext* createExecutionContextWithRuntimeConfig(IRuntimeConfig* config) noexcept override;
  IRuntimeConfig* createRuntimeConfig() noexcept override;
  int64_t getEngineStat(EngineStat stat) const noexcept override;
  const char* getAliasedInputTensor(const char*) const noexcept override { return nullptr; }
#if TRT_GEN == 10
  const int32_t* getProfileTensorValues(const char* tensor, int32_t profile,
                                        OptProfileSelector selector) const noexcept override;
  bool hasImplicitBatchDimension() const noexcept override { return false; }
  size_t getDeviceMemorySizeForProfile(int32_t) const noexcept override {
    return static_cast<size_t>(fact("activation"));
  }
  bool setWeightStreamingBudget(int64_t bytes) noexcept override { return setWeightStreamingBudgetV2(bytes); }
  int64_t getWeightStreamingBudget() const noexcept override { return getWeightStreamingBudgetV2(); }
  int64_t getMinimumWeightStreamingBudget() const noexcept override { return 0; }
#endif
#if TRT_GEN == 10 && !TRT_RTX
  IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept override {
    return createExecutionContext(ExecutionContextAllocationStrategy::kUSER_MANAGED);
  }
  size_t getDeviceMemorySize() const noexcept override { return static_cast<size_t>(fact("activation")); }
#endif
#if TRT_GEN == 11 && TRT_RTX
  bool areWeightsLoaded() const noexcept override { return true; }
#endif

  const LoadedPtr& loaded() const { return loaded_; }
  ICudaEngine* self = nullptr;

 private:
  const sim::Model& model() const { return loaded_->plan.model; }
  int64_t fact(const char* key) const { return loaded_->plan.fact(key); }
  const sim::Tensor* tensor(const char* name) const;  // null, and a complaint: not an input or output
  const sim::Range* range(const char* name, int32_t profile) const;
  struct Format {
    const char* name;
    TensorFormat format;
    int32_t components;
    int32_t vectorized;
    const char* description;
  };
  static const Format& formatOf(const char* name);
  LoadedPtr loaded_;
  std::vector<int> io_;
  mutable std::map<std::string, std::vector<int32_t>> narrowed_;
};

struct ContextSettings {
  ExecutionContextAllocationStrategy strategy = ExecutionContextAllocationStrategy::kSTATIC;
  IRuntimeConfig* config = nullptr;
};

ICudaEngine* makeEngine(LoadedPtr loaded);
IExecutionContext* makeContext(const ICudaEngine& engine, const LoadedPtr& loaded, const ContextSettings& settings);
IEngineInspector* makeInspector(const LoadedPtr& loaded);
IRefitter* makeRefitter(const LoadedPtr& loaded);
IRuntimeConfig* makeRuntimeConfig();
ExecutionContextAllocationStrategy strategyOf(const IRuntimeConfig& config);
// RTX compiles kernels when a context is made, unless its cache has them. Counted as calls of "jit:compile".
void compileKernels(const sim::Model& model, const IRuntimeConfig* config);

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_SIM_SHAPE_ENGINE_H_
