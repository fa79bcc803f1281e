// SPDX-License-Identifier: Apache-2.0
// Running: the engine and its execution contexts. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_ENGINE_H_
#define TENSORRT_NODE_TENSORRT_ABI_ENGINE_H_

namespace TRT_NS {

class VCudaEngine : public VRoot {
 public:
  TRT_SKIP(getPImpl);
  virtual int32_t getNbLayers() const noexcept TRT_PURE;
  virtual IHostMemory* serialize() const noexcept TRT_PURE;
  virtual IExecutionContext* createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept TRT_PURE;
#if TRT_GEN == 10 && !TRT_RTX
  virtual IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept TRT_PURE;
  virtual size_t getDeviceMemorySize() const noexcept TRT_PURE;
#endif
  virtual bool isRefittable() const noexcept TRT_PURE;
  virtual const char* getName() const noexcept TRT_PURE;
  virtual int32_t getNbOptimizationProfiles() const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual const int32_t* getProfileTensorValues(const char* tensor, int32_t profile,
                                                OptProfileSelector selector) const noexcept TRT_PURE;
#endif
  virtual EngineCapability getEngineCapability() const noexcept TRT_PURE;
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool hasImplicitBatchDimension() const noexcept TRT_PURE;
#endif
  virtual uint32_t getTacticSources() const noexcept TRT_PURE;
  virtual ProfilingVerbosity getProfilingVerbosity() const noexcept TRT_PURE;
  virtual IEngineInspector* createEngineInspector() const noexcept TRT_PURE;
  virtual Dims64 getTensorShape(const char* tensor) const noexcept TRT_PURE;
  virtual DataType getTensorDataType(const char* tensor) const noexcept TRT_PURE;
  virtual TensorLocation getTensorLocation(const char* tensor) const noexcept TRT_PURE;
  virtual bool isShapeInferenceIO(const char* tensor) const noexcept TRT_PURE;
  virtual TensorIOMode getTensorIOMode(const char* tensor) const noexcept TRT_PURE;
  virtual int32_t getTensorBytesPerComponent(const char* tensor) const noexcept TRT_PURE;
  virtual int32_t getTensorComponentsPerElement(const char* tensor) const noexcept TRT_PURE;
  virtual TensorFormat getTensorFormat(const char* tensor) const noexcept TRT_PURE;
  virtual const char* getTensorFormatDesc(const char* tensor) const noexcept TRT_PURE;
  virtual int32_t getTensorVectorizedDim(const char* tensor) const noexcept TRT_PURE;
  virtual Dims64 getProfileShape(const char* tensor, int32_t profile,
                                 OptProfileSelector selector) const noexcept TRT_PURE;
  virtual int32_t getNbIOTensors() const noexcept TRT_PURE;
  virtual const char* getIOTensorName(int32_t index) const noexcept TRT_PURE;
  virtual HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept TRT_PURE;
  virtual int32_t getNbAuxStreams() const noexcept TRT_PURE;
  virtual int32_t getTensorBytesPerComponentV2(const char* tensor, int32_t profile) const noexcept TRT_PURE;
  virtual int32_t getTensorComponentsPerElementV2(const char* tensor, int32_t profile) const noexcept TRT_PURE;
  virtual TensorFormat getTensorFormatV2(const char* tensor, int32_t profile) const noexcept TRT_PURE;
  virtual const char* getTensorFormatDescV2(const char* tensor, int32_t profile) const noexcept TRT_PURE;
  virtual int32_t getTensorVectorizedDimV2(const char* tensor, int32_t profile) const noexcept TRT_PURE;
  virtual ISerializationConfig* createSerializationConfig() noexcept TRT_PURE;
  virtual IHostMemory* serializeWithConfig(ISerializationConfig&) const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual size_t getDeviceMemorySizeForProfile(int32_t profile) const noexcept TRT_PURE;
#endif
  virtual IRefitter* createRefitter(ILogger&) noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool setWeightStreamingBudget(int64_t bytes) noexcept TRT_PURE;
  virtual int64_t getWeightStreamingBudget() const noexcept TRT_PURE;
  virtual int64_t getMinimumWeightStreamingBudget() const noexcept TRT_PURE;
#endif
  virtual int64_t getStreamableWeightsSize() const noexcept TRT_PURE;
  virtual bool isDebugTensor(const char* tensor) const noexcept TRT_PURE;
  virtual bool setWeightStreamingBudgetV2(int64_t bytes) noexcept TRT_PURE;                  // 10.1
  virtual int64_t getWeightStreamingBudgetV2() const noexcept TRT_PURE;                      // 10.1
  virtual int64_t getWeightStreamingAutomaticBudget() const noexcept TRT_PURE;               // 10.1
  virtual int64_t getWeightStreamingScratchMemorySize() const noexcept TRT_PURE;             // 10.1
  virtual int64_t getDeviceMemorySizeV2() const noexcept TRT_PURE;                           // 10.1
  virtual int64_t getDeviceMemorySizeForProfileV2(int32_t profile) const noexcept TRT_PURE;  // 10.1
  virtual const int64_t* getProfileTensorValuesV2(const char* tensor, int32_t profile,
                                                  OptProfileSelector selector) const noexcept TRT_PURE;   // 10.11
  virtual IExecutionContext* createExecutionContextWithRuntimeConfig(IRuntimeConfig*) noexcept TRT_PURE;  // 10.11
  virtual IRuntimeConfig* createRuntimeConfig() noexcept TRT_PURE;                                        // 10.11
  virtual int64_t getEngineStat(EngineStat) const noexcept TRT_PURE;                                      // 10.14
  virtual const char* getAliasedInputTensor(const char* output) const noexcept TRT_PURE;                  // 10.15
#if TRT_GEN == 11 && TRT_RTX
  virtual bool areWeightsLoaded() const noexcept TRT_PURE;                                        // RTX 1.6
  virtual bool loadWeights(const void* blob, int64_t size) noexcept TRT_PURE;                     // RTX 1.6
  virtual bool loadWeightsAsync(IStreamReaderV2& reader, cudaStream_t stream) noexcept TRT_PURE;  // RTX 1.6
  virtual bool unloadWeights() noexcept TRT_PURE;                                                 // RTX 1.7
  TRT_SKIP(createWeightsManager);                                                                 // RTX 1.7
#endif
};

class VExecutionContext : public VRoot {
 public:
  TRT_SKIP(getPImpl);
  virtual void setDebugSync(bool on) noexcept TRT_PURE;
  virtual bool getDebugSync() const noexcept TRT_PURE;
  virtual void setProfiler(IProfiler*) noexcept TRT_PURE;
  virtual IProfiler* getProfiler() const noexcept TRT_PURE;
  virtual const ICudaEngine& getEngine() const noexcept TRT_PURE;
  virtual void setName(const char* name) noexcept TRT_PURE;
  virtual const char* getName() const noexcept TRT_PURE;
  virtual void setDeviceMemory(void* memory) noexcept TRT_PURE;
  virtual int32_t getOptimizationProfile() const noexcept TRT_PURE;
  virtual bool allInputDimensionsSpecified() const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool allInputShapesSpecified() const noexcept TRT_PURE;
#endif
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
  virtual bool executeV2(void* const* bindings) noexcept TRT_PURE;
  virtual bool setOptimizationProfileAsync(int32_t index, cudaStream_t stream) noexcept TRT_PURE;
  virtual void setEnqueueEmitsProfile(bool on) noexcept TRT_PURE;
  virtual bool getEnqueueEmitsProfile() const noexcept TRT_PURE;
  virtual bool reportToProfiler() const noexcept TRT_PURE;
  virtual bool setInputShape(const char* tensor, const Dims64& dims) noexcept TRT_PURE;
  virtual Dims64 getTensorShape(const char* tensor) const noexcept TRT_PURE;
  virtual Dims64 getTensorStrides(const char* tensor) const noexcept TRT_PURE;
  virtual bool setTensorAddress(const char* tensor, void* data) noexcept TRT_PURE;
  virtual const void* getTensorAddress(const char* tensor) const noexcept TRT_PURE;
  virtual bool setInputTensorAddress(const char* tensor, const void* data) noexcept TRT_PURE;
  virtual bool setOutputTensorAddress(const char* tensor, void* data) noexcept TRT_PURE;
  virtual int32_t inferShapes(int32_t capacity, const char** names) noexcept TRT_PURE;
  virtual bool setInputConsumedEvent(cudaEvent_t event) noexcept TRT_PURE;
  virtual cudaEvent_t getInputConsumedEvent() const noexcept TRT_PURE;
  virtual void* getOutputTensorAddress(const char* tensor) const noexcept TRT_PURE;
  virtual bool setOutputAllocator(const char* tensor, IOutputAllocator* allocator) noexcept TRT_PURE;
  virtual IOutputAllocator* getOutputAllocator(const char* tensor) noexcept TRT_PURE;
  virtual int64_t getMaxOutputSize(const char* tensor) const noexcept TRT_PURE;
  virtual bool setTemporaryStorageAllocator(IGpuAllocator*) noexcept TRT_PURE;
  virtual IGpuAllocator* getTemporaryStorageAllocator() const noexcept TRT_PURE;
  virtual bool enqueueV3(cudaStream_t stream) noexcept TRT_PURE;
  virtual void setPersistentCacheLimit(size_t bytes) noexcept TRT_PURE;
  virtual size_t getPersistentCacheLimit() const noexcept TRT_PURE;
  virtual bool setNvtxVerbosity(ProfilingVerbosity) noexcept TRT_PURE;
  virtual ProfilingVerbosity getNvtxVerbosity() const noexcept TRT_PURE;
  virtual void setAuxStreams(cudaStream_t* streams, int32_t count) noexcept TRT_PURE;
  virtual bool setDebugListener(IDebugListener*) noexcept TRT_PURE;
  virtual IDebugListener* getDebugListener() noexcept TRT_PURE;
  virtual bool setTensorDebugState(const char* tensor, bool on) noexcept TRT_PURE;
  virtual bool getDebugState(const char* tensor) const noexcept TRT_PURE;
  virtual bool setAllTensorsDebugState(bool on) noexcept TRT_PURE;
  virtual size_t updateDeviceMemorySizeForShapes() noexcept TRT_PURE;
  virtual void setDeviceMemoryV2(void* memory, int64_t size) noexcept TRT_PURE;  // 10.1
  virtual IRuntimeConfig* getRuntimeConfig() const noexcept TRT_PURE;            // 10.11
  virtual bool setUnfusedTensorsDebugState(bool on) noexcept TRT_PURE;           // 10.12
  virtual bool getUnfusedTensorsDebugState() const noexcept TRT_PURE;            // 10.12
#if TRT_GEN == 11 && TRT_RTX
  virtual bool isStreamCapturable(cudaStream_t stream) const noexcept TRT_PURE;
#endif
  virtual bool setCommunicator(void* communicator) noexcept TRT_PURE;  // 10.16, RTX 1.4
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_ENGINE_H_
