// SPDX-License-Identifier: Apache-2.0
// Builder configuration, optimization profile and timing cache of this shape. Included by the shape_*.cc only, through
// library.h.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_CONFIG_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_CONFIG_H_

#include <limits>

#include "tensorrt/shapes/callbacks.h"
#include "tensorrt/shapes/names.h"

namespace TRT_NS {

class ProfileAdapter final : public trt::Profile {
 public:
  ProfileAdapter(IOptimizationProfile& profile, const trt::Version& version) : profile_(profile), version_(version) {}

  bool setDimensions(const char* input, trt::Selector which, const trt::Dims& dims) override {
    return profile_->setDimensions(input, selector(which), fromDims(dims));
  }

  bool setValues(const char* input, trt::Selector which, const std::vector<int64_t>& values) override {
    const auto count = static_cast<int32_t>(values.size());
    if (has(version_, {11, 0, 0})) return profile_->setShapeValuesV2(input, selector(which), values.data(), count);
#if TRT_GEN == 10
    std::vector<int32_t> narrow;
    for (const int64_t value : values) {
      if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max())
        need(version_, "The value " + std::to_string(value) + " of shape tensor " + input, {11, 0, 0});
      narrow.push_back(static_cast<int32_t>(value));
    }
    return profile_->setShapeValues(input, selector(which), narrow.data(), count);
#else
    return false;
#endif
  }

  bool isValid() const override { return profile_->isValid(); }
  const IOptimizationProfile* raw() const noexcept { return &profile_; }

 private:
  IOptimizationProfile& profile_;  // the builder's
  const trt::Version& version_;
};

class TimingCacheAdapter final : public trt::TimingCache {
 public:
  explicit TimingCacheAdapter(std::unique_ptr<ITimingCache> cache) : cache_(std::move(cache)) {}
  bool combine(const trt::TimingCache& other, bool ignoreMismatch) override {
    return (*cache_)->combine(static_cast<const TimingCacheAdapter&>(other).raw(), ignoreMismatch);
  }
  std::unique_ptr<trt::Blob> serialize() const override { return blob((*cache_)->serialize()); }
  const ITimingCache& raw() const noexcept { return *cache_; }

 private:
  std::unique_ptr<ITimingCache> cache_;
};

class ConfigAdapter final : public trt::BuilderConfig {
 public:
  ConfigAdapter(std::unique_ptr<IBuilderConfig> config, const trt::Version& version)
      : config_(std::move(config)), version_(version) {}

  void setFlag(std::string_view flag, bool on) override {
    const auto value = static_cast<BuilderFlag>(lookUp(kBuilderFlags, flag, "builder flag", version_));
    if (on)
      v().setFlag(value);
    else
      v().clearFlag(value);
  }
  bool flag(std::string_view flag) const override {
    return v().getFlag(static_cast<BuilderFlag>(lookUp(kBuilderFlags, flag, "builder flag", version_)));
  }

  void setMemoryPool(std::string_view pool, uint64_t bytes) override { v().setMemoryPoolLimit(poolOf(pool), bytes); }
  uint64_t memoryPool(std::string_view pool) const override { return v().getMemoryPoolLimit(poolOf(pool)); }

  void set(trt::Setting setting, int64_t value) override;
  int64_t get(trt::Setting setting) const override;

  bool setTacticSources(const std::vector<std::string>& sources) override {
    uint32_t bits = 0;
    for (const std::string& source : sources)
      bits |= uint32_t{1} << lookUp(kTacticSources, source, "tactic source", version_);
    return v().setTacticSources(bits);
  }
  std::vector<std::string> tacticSources() const override {
    const uint32_t bits = v().getTacticSources();
    std::vector<std::string> sources;
    for (const Name& source : kTacticSources)
      if ((bits >> source.value & 1) != 0) sources.emplace_back(source.name);
    return sources;
  }

  void setPreview(std::string_view feature, bool on) override { v().setPreviewFeature(featureOf(feature), on); }
  bool preview(std::string_view feature) const override { return v().getPreviewFeature(featureOf(feature)); }

  int32_t addProfile(const trt::Profile& profile) override {
    return v().addOptimizationProfile(static_cast<const ProfileAdapter&>(profile).raw());
  }

  std::unique_ptr<trt::TimingCache> createTimingCache(const void* data, size_t bytes) const override {
    std::unique_ptr<ITimingCache> cache = own(v().createTimingCache(data, bytes));
    return cache == nullptr ? nullptr : std::make_unique<TimingCacheAdapter>(std::move(cache));
  }
  bool setTimingCache(const trt::TimingCache& cache, bool ignoreMismatch) override {
    return v().setTimingCache(static_cast<const TimingCacheAdapter&>(cache).raw(), ignoreMismatch);
  }

  void setProgress(trt::Progress* progress) override {
    std::unique_ptr<ProgressAdapter> adapter;
    if (progress != nullptr) adapter = std::make_unique<ProgressAdapter>(*progress);
    v().setProgressMonitor(adapter.get());
    progress_ = std::move(adapter);
  }
  void setProfileStream(trt::Stream stream) override { v().setProfileStream(stream); }

  void setPluginsToSerialize(const std::vector<std::string>& paths) override {
    plugins_ = paths;
    std::vector<const char*> pointers;
    for (const std::string& path : plugins_) pointers.push_back(path.c_str());
    v().setPluginsToSerialize(pointers.data(), static_cast<int32_t>(pointers.size()));
  }

  void setComputeCapabilities(const std::vector<int32_t>& sm) override;

  IBuilderConfig& raw() noexcept { return *config_; }

 private:
  VBuilderConfig& v() const noexcept { return *config_->table(); }
  MemoryPoolType poolOf(std::string_view pool) const {
    return static_cast<MemoryPoolType>(lookUp(kMemoryPools, pool, "memory pool", version_));
  }
  PreviewFeature featureOf(std::string_view feature) const {
    return static_cast<PreviewFeature>(lookUp(kPreviewFeatures, feature, "preview feature", version_));
  }
  void requireSetting(trt::Setting setting) const;

  std::unique_ptr<ProgressAdapter> progress_;
  std::vector<std::string> plugins_;
  std::unique_ptr<IBuilderConfig> config_;  // last: freed before what it points to
  const trt::Version& version_;
};

inline void ConfigAdapter::requireSetting(trt::Setting setting) const {
  switch (setting) {
    case trt::Setting::kRuntimePlatform:
      return need(version_, "The runtime platform", {2, 0, 0});
    case trt::Setting::kMaxTactics:
      return need(version_, "The limit of tactics", {4, 0, 0});
    case trt::Setting::kTilingLevel:
    case trt::Setting::kL2LimitForTiling:
      return need(version_, "Tiling", {8, 0, 0});
    default:
      return;
  }
}

inline void ConfigAdapter::set(trt::Setting setting, int64_t value) {
  requireSetting(setting);
  const auto number = static_cast<int32_t>(value);
  switch (setting) {
    case trt::Setting::kOptimizationLevel:
      return v().setBuilderOptimizationLevel(number);
    case trt::Setting::kAvgTimingIterations:
      return v().setAvgTimingIterations(number);
    case trt::Setting::kMaxAuxStreams:
      return static_cast<void>(v().setMaxAuxStreams(number));
    case trt::Setting::kProfilingVerbosity:
      return v().setProfilingVerbosity(static_cast<ProfilingVerbosity>(number));
    case trt::Setting::kHardwareCompatibility:
      if (number == 2) need(version_, "Hardware compatibility within one compute capability", {9, 0, 0});
      return v().setHardwareCompatibilityLevel(static_cast<HardwareCompatibilityLevel>(number));
    case trt::Setting::kRuntimePlatform:
      return v().setRuntimePlatform(static_cast<RuntimePlatform>(number));
    case trt::Setting::kMaxTactics:
      return v().setMaxNbTactics(number);
    case trt::Setting::kTilingLevel:
      return static_cast<void>(v().setTilingOptimizationLevel(static_cast<TilingOptimizationLevel>(number)));
    case trt::Setting::kL2LimitForTiling:
      return static_cast<void>(v().setL2LimitForTiling(value));
    case trt::Setting::kEngineCapability:
      return v().setEngineCapability(static_cast<EngineCapability>(number));
    case trt::Setting::kDefaultDeviceType:
      return v().setDefaultDeviceType(static_cast<DeviceType>(number));
    case trt::Setting::kDlaCore:
      return v().setDLACore(number);
  }
}

inline int64_t ConfigAdapter::get(trt::Setting setting) const {
  requireSetting(setting);
  switch (setting) {
    case trt::Setting::kOptimizationLevel:
      return v().getBuilderOptimizationLevel();
    case trt::Setting::kAvgTimingIterations:
      return v().getAvgTimingIterations();
    case trt::Setting::kMaxAuxStreams:
      return v().getMaxAuxStreams();
    case trt::Setting::kProfilingVerbosity:
      return static_cast<int64_t>(v().getProfilingVerbosity());
    case trt::Setting::kHardwareCompatibility:
      return static_cast<int64_t>(v().getHardwareCompatibilityLevel());
    case trt::Setting::kRuntimePlatform:
      return static_cast<int64_t>(v().getRuntimePlatform());
    case trt::Setting::kMaxTactics:
      return v().getMaxNbTactics();
    case trt::Setting::kTilingLevel:
      return static_cast<int64_t>(v().getTilingOptimizationLevel());
    case trt::Setting::kL2LimitForTiling:
      return v().getL2LimitForTiling();
    case trt::Setting::kEngineCapability:
      return static_cast<int64_t>(v().getEngineCapability());
    case trt::Setting::kDefaultDeviceType:
      return static_cast<int64_t>(v().getDefaultDeviceType());
    case trt::Setting::kDlaCore:
      return v().getDLACore();
  }
  return 0;
}

#if TRT_RTX
inline void ConfigAdapter::setComputeCapabilities(const std::vector<int32_t>& sm) {
  constexpr Name known[] = {
      named("75", ComputeCapability::kSM75),   named("80", ComputeCapability::kSM80),
      named("86", ComputeCapability::kSM86),   named("89", ComputeCapability::kSM89),
      named("120", ComputeCapability::kSM120), named("121", ComputeCapability::kSM121, {0, 0, 5}),
  };
  std::vector<ComputeCapability> wanted;
  for (const int32_t number : sm)
    wanted.push_back(
        static_cast<ComputeCapability>(lookUp(known, std::to_string(number), "compute capability", version_)));
  const auto count = static_cast<int32_t>(wanted.size());
  bool taken = v().setNbComputeCapabilities(count) && v().getNbComputeCapabilities() == count;
  for (int32_t i = 0; taken && i < count; ++i)
    taken = v().setComputeCapability(wanted[static_cast<size_t>(i)], i) &&
            v().getComputeCapability(i) == wanted[static_cast<size_t>(i)];
  if (!taken)
    throw Error(BACKEND_INVALID_ARGUMENT,
                describe(version_) + " refused these compute capabilities; its log has the reason.");
}
#else
inline void ConfigAdapter::setComputeCapabilities(const std::vector<int32_t>&) {
  unsupported(version_, "Building for given compute capabilities", "TensorRT-RTX");
}
#endif

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_CONFIG_H_
