// SPDX-License-Identifier: Apache-2.0
// Loading: runtime, its configuration, refitting, inspection, plugins. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_RUNTIME_H_
#define TENSORRT_NODE_TENSORRT_ABI_RUNTIME_H_

namespace TRT_NS {

// Called directly. Never deleted by us: its destructor is protected in NVIDIA's.
class IPluginRegistry {
 public:
#if TRT_GEN == 10
  virtual bool registerCreator(IPluginCreator& creator, const char* space) noexcept TRT_PURE;
  virtual IPluginCreator* const* getPluginCreatorList(int32_t* count) const noexcept TRT_PURE;
  virtual IPluginCreator* getPluginCreator(const char* name, const char* version, const char* space) noexcept TRT_PURE;
#endif
  virtual ~IPluginRegistry() = default;
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool deregisterCreator(const IPluginCreator& creator) noexcept TRT_PURE;
#endif
  virtual bool isParentSearchEnabled() const noexcept TRT_PURE;
  virtual void setParentSearchEnabled(bool on) noexcept TRT_PURE;
  virtual void* loadLibrary(const char* path) noexcept TRT_PURE;
  virtual void deregisterLibrary(void* library) noexcept TRT_PURE;
  virtual bool registerCreator(IPluginCreatorInterface& creator, const char* space) noexcept TRT_PURE;
  virtual IPluginCreatorInterface* const* getAllCreators(int32_t* count) const noexcept TRT_PURE;
  virtual IPluginCreatorInterface* getCreator(const char* name, const char* version,
                                              const char* space) noexcept TRT_PURE;
  virtual bool deregisterCreator(const IPluginCreatorInterface& creator) noexcept TRT_PURE;
  virtual IPluginResource* acquirePluginResource(const char* key, IPluginResource* resource) noexcept TRT_PURE;
  virtual int32_t releasePluginResource(const char* key) noexcept TRT_PURE;
  virtual IPluginCreatorInterface* const* getAllCreatorsRecursive(int32_t* count) noexcept TRT_PURE;  // 10.10
};

class VRuntime : public VRoot {
 public:
  TRT_SKIP(getPImpl);
  virtual ICudaEngine* deserializeCudaEngine(const void* blob, size_t size) noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual ICudaEngine* deserializeCudaEngine(IStreamReader&) noexcept TRT_PURE;
#endif
  virtual void setDLACore(int32_t core) noexcept TRT_PURE;
  virtual int32_t getDLACore() const noexcept TRT_PURE;
  virtual int32_t getNbDLACores() const noexcept TRT_PURE;
  virtual void setGpuAllocator(IGpuAllocator*) noexcept TRT_PURE;
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
  virtual ILogger* getLogger() const noexcept TRT_PURE;
  virtual bool setMaxThreads(int32_t count) noexcept TRT_PURE;
  virtual int32_t getMaxThreads() const noexcept TRT_PURE;
  virtual void setTemporaryDirectory(const char* path) noexcept TRT_PURE;
  virtual const char* getTemporaryDirectory() const noexcept TRT_PURE;
  virtual void setTempfileControlFlags(uint32_t flags) noexcept TRT_PURE;
  virtual uint32_t getTempfileControlFlags() const noexcept TRT_PURE;
  virtual IPluginRegistry& getPluginRegistry() noexcept TRT_PURE;
  virtual void setPluginRegistryParent(IPluginRegistry*) noexcept TRT_PURE;
  virtual IRuntime* loadRuntime(const char* path) noexcept TRT_PURE;
  virtual void setEngineHostCodeAllowed(bool on) noexcept TRT_PURE;
  virtual bool getEngineHostCodeAllowed() const noexcept TRT_PURE;
  virtual ICudaEngine* deserializeCudaEngineV2(IStreamReaderV2&) noexcept TRT_PURE;  // 10.7
#if TRT_RTX
  virtual int64_t getEngineHeaderSize() const noexcept TRT_PURE;
  virtual EngineValidity getEngineValidity(const void* blob, int64_t size,
                                           uint64_t* diagnostics) const noexcept TRT_PURE;
#endif
#if TRT_GEN == 11 && TRT_RTX
  virtual void setDeferredWeightsLoading(bool on) noexcept TRT_PURE;  // RTX 1.6
  virtual bool getDeferredWeightsLoading() const noexcept TRT_PURE;   // RTX 1.6
#endif
#if TRT_GEN == 11
  virtual bool setDLAWorkspaceAllocationStrategy(DLAWorkspaceAllocationStrategy) noexcept TRT_PURE;    // 11.4, RTX 1.7
  virtual DLAWorkspaceAllocationStrategy getDLAWorkspaceAllocationStrategy() const noexcept TRT_PURE;  // 11.4, RTX 1.7
#endif
};

#if TRT_RTX
// Kernels that RTX compiled on this machine; saved so that the next start does not compile them again.
class VRuntimeCache : public VRoot {
 public:
  virtual IHostMemory* serialize() const noexcept TRT_PURE;
  virtual bool deserialize(const void* blob, size_t size) noexcept TRT_PURE;
  virtual bool reset() noexcept TRT_PURE;
};
#endif

// First in 10.11.
class VRuntimeConfig : public VRoot {
 public:
  TRT_SKIP(getPImpl);
  virtual void setExecutionContextAllocationStrategy(ExecutionContextAllocationStrategy) noexcept TRT_PURE;
  virtual ExecutionContextAllocationStrategy getExecutionContextAllocationStrategy() const noexcept TRT_PURE;
#if TRT_RTX
  virtual IRuntimeCache* createRuntimeCache() const noexcept TRT_PURE;
  virtual bool setRuntimeCache(const IRuntimeCache&) noexcept TRT_PURE;
  virtual IRuntimeCache* getRuntimeCache() const noexcept TRT_PURE;
  virtual void setDynamicShapesKernelSpecializationStrategy(
      DynamicShapesKernelSpecializationStrategy) noexcept TRT_PURE;
  virtual DynamicShapesKernelSpecializationStrategy getDynamicShapesKernelSpecializationStrategy()
      const noexcept TRT_PURE;
  virtual bool setCudaGraphStrategy(CudaGraphStrategy) noexcept TRT_PURE;
  virtual CudaGraphStrategy getCudaGraphStrategy() const noexcept TRT_PURE;
#endif
};

class VSerializationConfig : public VRoot {
 public:
  virtual bool setFlags(uint32_t) noexcept TRT_PURE;
  virtual uint32_t getFlags() const noexcept TRT_PURE;
  virtual bool clearFlag(SerializationFlag) noexcept TRT_PURE;
  virtual bool setFlag(SerializationFlag) noexcept TRT_PURE;
  virtual bool getFlag(SerializationFlag) const noexcept TRT_PURE;
};

class VRefitter : public VRoot {
 public:
  TRT_SKIP(getPImpl);
  virtual bool setWeights(const char* layer, WeightsRole role, Weights weights) noexcept TRT_PURE;
  virtual bool refitCudaEngine() noexcept TRT_PURE;
  virtual int32_t getMissing(int32_t capacity, const char** layers, WeightsRole* roles) noexcept TRT_PURE;
  virtual int32_t getAll(int32_t capacity, const char** layers, WeightsRole* roles) noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool setDynamicRange(const char* tensor, float min, float max) noexcept TRT_PURE;
  virtual float getDynamicRangeMin(const char* tensor) const noexcept TRT_PURE;
  virtual float getDynamicRangeMax(const char* tensor) const noexcept TRT_PURE;
  virtual int32_t getTensorsWithDynamicRange(int32_t capacity, const char** tensors) const noexcept TRT_PURE;
#endif
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
  virtual bool setNamedWeights(const char* name, Weights weights) noexcept TRT_PURE;
  virtual int32_t getMissingWeights(int32_t capacity, const char** names) noexcept TRT_PURE;
  virtual int32_t getAllWeights(int32_t capacity, const char** names) noexcept TRT_PURE;
  virtual ILogger* getLogger() const noexcept TRT_PURE;
  virtual bool setMaxThreads(int32_t count) noexcept TRT_PURE;
  virtual int32_t getMaxThreads() const noexcept TRT_PURE;
  virtual bool setNamedWeightsWithLocation(const char* name, Weights weights,
                                           TensorLocation location) noexcept TRT_PURE;
  virtual Weights getNamedWeights(const char* name) const noexcept TRT_PURE;
  virtual TensorLocation getWeightsLocation(const char* name) const noexcept TRT_PURE;
  virtual bool unsetNamedWeights(const char* name) noexcept TRT_PURE;
  virtual void setWeightsValidation(bool on) noexcept TRT_PURE;
  virtual bool getWeightsValidation() const noexcept TRT_PURE;
  virtual bool refitCudaEngineAsync(cudaStream_t stream) noexcept TRT_PURE;
  virtual Weights getWeightsPrototype(const char* name) const noexcept TRT_PURE;
#if TRT_GEN == 11
  virtual bool releaseRefitResources() noexcept TRT_PURE;  // 11.4, RTX 1.7
#endif
};

class VEngineInspector : public VRoot {
 public:
  TRT_SKIP(getPImpl);
  virtual bool setExecutionContext(const IExecutionContext* context) noexcept TRT_PURE;
  virtual const IExecutionContext* getExecutionContext() const noexcept TRT_PURE;
  virtual const char* getLayerInformation(int32_t layer, LayerInformationFormat format) const noexcept TRT_PURE;
  virtual const char* getEngineInformation(LayerInformationFormat format) const noexcept TRT_PURE;
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_RUNTIME_H_
