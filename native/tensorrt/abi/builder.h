// SPDX-License-Identifier: Apache-2.0
// Building: builder, configuration, optimization profile, timing cache. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_BUILDER_H_
#define TENSORRT_NODE_TENSORRT_ABI_BUILDER_H_

namespace TRT_NS {

class IPluginRegistry;

class VHostMemory : public VRoot {
 public:
  virtual void* data() const noexcept TRT_PURE;
  virtual size_t size() const noexcept TRT_PURE;
  virtual DataType type() const noexcept TRT_PURE;
};

class VOptimizationProfile : public VRoot {
 public:
  virtual bool setDimensions(const char* input, OptProfileSelector selector, const Dims64& dims) noexcept TRT_PURE;
  virtual Dims64 getDimensions(const char* input, OptProfileSelector selector) const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool setShapeValues(const char* input, OptProfileSelector selector, const int32_t* values,
                              int32_t count) noexcept TRT_PURE;
#endif
  virtual int32_t getNbShapeValues(const char* input) const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual const int32_t* getShapeValues(const char* input, OptProfileSelector selector) const noexcept TRT_PURE;
#endif
  virtual bool setExtraMemoryTarget(float fraction) noexcept TRT_PURE;
  virtual float getExtraMemoryTarget() const noexcept TRT_PURE;
  virtual bool isValid() const noexcept TRT_PURE;
  virtual bool setShapeValuesV2(const char* input, OptProfileSelector selector, const int64_t* values,
                                int32_t count) noexcept TRT_PURE;  // 10.11
  virtual const int64_t* getShapeValuesV2(const char* input,
                                          OptProfileSelector selector) const noexcept TRT_PURE;  // 10.11
#if TRT_GEN == 11
  virtual void setProfileStream(cudaStream_t) noexcept TRT_PURE;    // 11.4, RTX 1.7
  virtual cudaStream_t getProfileStream() const noexcept TRT_PURE;  // 11.4, RTX 1.7
#endif
};

class VTimingCache : public VRoot {
 public:
  virtual IHostMemory* serialize() const noexcept TRT_PURE;
  virtual bool combine(const ITimingCache& other, bool ignoreMismatch) noexcept TRT_PURE;
  virtual bool reset() noexcept TRT_PURE;
  virtual int64_t queryKeys(TimingCacheKey* keys, int64_t capacity) const noexcept TRT_PURE;        // 10.8
  virtual TimingCacheValue query(const TimingCacheKey& key) const noexcept TRT_PURE;                // 10.8
  virtual bool update(const TimingCacheKey& key, const TimingCacheValue& value) noexcept TRT_PURE;  // 10.8
};

class VBuilder : public VRoot {
 public:
#if TRT_GEN == 10
  virtual bool platformHasFastFp16() const noexcept TRT_PURE;
  virtual bool platformHasFastInt8() const noexcept TRT_PURE;
#endif
  virtual int32_t getMaxDLABatchSize() const noexcept TRT_PURE;
  virtual int32_t getNbDLACores() const noexcept TRT_PURE;
  virtual void setGpuAllocator(IGpuAllocator*) noexcept TRT_PURE;
  virtual IBuilderConfig* createBuilderConfig() noexcept TRT_PURE;
  virtual INetworkDefinition* createNetworkV2(uint32_t flags) noexcept TRT_PURE;
  virtual IOptimizationProfile* createOptimizationProfile() noexcept TRT_PURE;
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
  virtual void reset() noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool platformHasTf32() const noexcept TRT_PURE;
#endif
  virtual IHostMemory* buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept TRT_PURE;
  virtual bool isNetworkSupported(const INetworkDefinition& network,
                                  const IBuilderConfig& config) const noexcept TRT_PURE;
  virtual ILogger* getLogger() const noexcept TRT_PURE;
  virtual bool setMaxThreads(int32_t count) noexcept TRT_PURE;
  virtual int32_t getMaxThreads() const noexcept TRT_PURE;
  virtual IPluginRegistry& getPluginRegistry() noexcept TRT_PURE;
#if !TRT_RTX
  virtual ICudaEngine* buildEngineWithConfig(INetworkDefinition& network,
                                             IBuilderConfig& config) noexcept TRT_PURE;  // 10.6
#endif
  virtual bool buildSerializedNetworkToStream(INetworkDefinition& network, IBuilderConfig& config,
                                              IStreamWriter& writer) noexcept TRT_PURE;  // 10.13
#if !TRT_RTX
  virtual IHostMemory* buildSerializedNetworkWithKernelText(INetworkDefinition& network, IBuilderConfig& config,
                                                            IHostMemory*& kernelText) noexcept TRT_PURE;  // 10.13
#endif
};

class VBuilderConfig : public VRoot {
 public:
  virtual void setAvgTimingIterations(int32_t count) noexcept TRT_PURE;
  virtual int32_t getAvgTimingIterations() const noexcept TRT_PURE;
  virtual void setEngineCapability(EngineCapability) noexcept TRT_PURE;
  virtual EngineCapability getEngineCapability() const noexcept TRT_PURE;
#if TRT_GEN == 10 && !TRT_RTX
  virtual void setInt8Calibrator(IInt8Calibrator*) noexcept TRT_PURE;
  virtual IInt8Calibrator* getInt8Calibrator() const noexcept TRT_PURE;
#endif
  virtual void setFlags(uint32_t) noexcept TRT_PURE;
  virtual uint32_t getFlags() const noexcept TRT_PURE;
  virtual void clearFlag(BuilderFlag) noexcept TRT_PURE;
  virtual void setFlag(BuilderFlag) noexcept TRT_PURE;
  virtual bool getFlag(BuilderFlag) const noexcept TRT_PURE;
  virtual void setDeviceType(const ILayer*, DeviceType) noexcept TRT_PURE;
  virtual DeviceType getDeviceType(const ILayer*) const noexcept TRT_PURE;
  virtual bool isDeviceTypeSet(const ILayer*) const noexcept TRT_PURE;
  virtual void resetDeviceType(const ILayer*) noexcept TRT_PURE;
  virtual bool canRunOnDLA(const ILayer*) const noexcept TRT_PURE;
  virtual void setDLACore(int32_t core) noexcept TRT_PURE;
  virtual int32_t getDLACore() const noexcept TRT_PURE;
  virtual void setDefaultDeviceType(DeviceType) noexcept TRT_PURE;
  virtual DeviceType getDefaultDeviceType() const noexcept TRT_PURE;
  virtual void reset() noexcept TRT_PURE;
  virtual void setProfileStream(cudaStream_t) noexcept TRT_PURE;
  virtual cudaStream_t getProfileStream() const noexcept TRT_PURE;
  virtual int32_t addOptimizationProfile(const IOptimizationProfile*) noexcept TRT_PURE;
  virtual int32_t getNbOptimizationProfiles() const noexcept TRT_PURE;
  virtual void setProfilingVerbosity(ProfilingVerbosity) noexcept TRT_PURE;
  virtual ProfilingVerbosity getProfilingVerbosity() const noexcept TRT_PURE;
#if TRT_GEN == 10 && !TRT_RTX
  TRT_SKIP(setAlgorithmSelector);
  TRT_SKIP(getAlgorithmSelector);
  virtual bool setCalibrationProfile(const IOptimizationProfile*) noexcept TRT_PURE;
  virtual const IOptimizationProfile* getCalibrationProfile() noexcept TRT_PURE;
  virtual void setQuantizationFlags(uint32_t) noexcept TRT_PURE;
  virtual uint32_t getQuantizationFlags() const noexcept TRT_PURE;
  virtual void clearQuantizationFlag(QuantizationFlag) noexcept TRT_PURE;
  virtual void setQuantizationFlag(QuantizationFlag) noexcept TRT_PURE;
  virtual bool getQuantizationFlag(QuantizationFlag) const noexcept TRT_PURE;
#endif
  virtual bool setTacticSources(uint32_t sources) noexcept TRT_PURE;
  virtual uint32_t getTacticSources() const noexcept TRT_PURE;
  virtual ITimingCache* createTimingCache(const void* blob, size_t size) const noexcept TRT_PURE;
  virtual bool setTimingCache(const ITimingCache& cache, bool ignoreMismatch) noexcept TRT_PURE;
  virtual const ITimingCache* getTimingCache() const noexcept TRT_PURE;
  virtual void setMemoryPoolLimit(MemoryPoolType pool, size_t bytes) noexcept TRT_PURE;
  virtual size_t getMemoryPoolLimit(MemoryPoolType) const noexcept TRT_PURE;
  virtual void setPreviewFeature(PreviewFeature feature, bool on) noexcept TRT_PURE;
  virtual bool getPreviewFeature(PreviewFeature) const noexcept TRT_PURE;
  virtual void setBuilderOptimizationLevel(int32_t level) noexcept TRT_PURE;
  virtual int32_t getBuilderOptimizationLevel() const noexcept TRT_PURE;
  virtual void setHardwareCompatibilityLevel(HardwareCompatibilityLevel) noexcept TRT_PURE;
  virtual HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept TRT_PURE;
  virtual void setPluginsToSerialize(const char* const* paths, int32_t count) noexcept TRT_PURE;
  virtual const char* getPluginToSerialize(int32_t index) const noexcept TRT_PURE;
  virtual int32_t getNbPluginsToSerialize() const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual void setMaxAuxStreams(int32_t count) noexcept TRT_PURE;
#else  // the one method of these classes whose signature ever changed
  virtual bool setMaxAuxStreams(int32_t count) noexcept TRT_PURE;
#endif
  virtual int32_t getMaxAuxStreams() const noexcept TRT_PURE;
  virtual void setProgressMonitor(IProgressMonitor*) noexcept TRT_PURE;
  virtual IProgressMonitor* getProgressMonitor() const noexcept TRT_PURE;
  virtual void setRuntimePlatform(RuntimePlatform) noexcept TRT_PURE;                    // 10.2
  virtual RuntimePlatform getRuntimePlatform() const noexcept TRT_PURE;                  // 10.2
  virtual void setMaxNbTactics(int32_t count) noexcept TRT_PURE;                         // 10.4
  virtual int32_t getMaxNbTactics() const noexcept TRT_PURE;                             // 10.4
  virtual bool setTilingOptimizationLevel(TilingOptimizationLevel) noexcept TRT_PURE;    // 10.8
  virtual TilingOptimizationLevel getTilingOptimizationLevel() const noexcept TRT_PURE;  // 10.8
  virtual bool setL2LimitForTiling(int64_t bytes) noexcept TRT_PURE;                     // 10.8
  virtual int64_t getL2LimitForTiling() const noexcept TRT_PURE;                         // 10.8
#if !TRT_RTX
  virtual bool setRemoteAutoTuningConfig(const char* config) noexcept TRT_PURE;  // 10.13
  virtual const char* getRemoteAutoTuningConfig() const noexcept TRT_PURE;       // 10.13
#endif
#if TRT_RTX
  virtual bool setNbComputeCapabilities(int32_t count) noexcept TRT_PURE;
  virtual int32_t getNbComputeCapabilities() const noexcept TRT_PURE;
  virtual bool setComputeCapability(ComputeCapability target, int32_t index) noexcept TRT_PURE;
  virtual ComputeCapability getComputeCapability(int32_t index) const noexcept TRT_PURE;
#endif
#if TRT_GEN == 11
  virtual bool setBuildRoute(const char* route) noexcept TRT_PURE;  // 11.1, RTX 1.6
  virtual const char* getBuildRoute() const noexcept TRT_PURE;      // 11.1, RTX 1.6
  virtual const char* getAllBuildRoutes() const noexcept TRT_PURE;  // 11.1, RTX 1.6
#endif
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_BUILDER_H_
