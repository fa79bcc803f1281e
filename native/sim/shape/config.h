// SPDX-License-Identifier: Apache-2.0
// The builder's configuration: every setting is stored, refused as the real one refuses it, and read back.
#ifndef TENSORRT_NODE_SIM_SHAPE_CONFIG_H_
#define TENSORRT_NODE_SIM_SHAPE_CONFIG_H_

#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "network.h"

namespace TRT_NS {

// Entries are layer names; the stamp ties a cache to the version and the device, as the real one's header does.
class TimingCacheImpl : public VTimingCache {
 public:
  explicit TimingCacheImpl(std::string stamp) : stamp(std::move(stamp)) {}
  static std::string currentStamp() {
    return "TimingCache " + sim::libraryVersion().text() + " SM" + std::to_string(sim::bridge().settings().sm) + "\n";
  }
  IHostMemory* serialize() const noexcept override {
    if (SIM_TRT("ITimingCache::serialize") != 0) return nullptr;
    std::string text = stamp;
    for (const std::string& entry : entries) text += entry + "\n";
    return blob({text.begin(), text.end()});
  }
  bool combine(const ITimingCache& other, bool ignoreMismatch) noexcept override {
    if (SIM_TRT("ITimingCache::combine") != 0) return false;
    const auto& from = static_cast<const TimingCacheImpl&>(*other.table());
    if (from.stamp != stamp && !ignoreMismatch) {
      complain(
          "ITimingCache::combine: Error Code 3: API Usage Error (Parameter check failed, the timing caches were "
          "created on different devices or by different versions.)");
      return false;
    }
    entries.insert(from.entries.begin(), from.entries.end());
    return true;
  }
  bool reset() noexcept override { return entries.clear(), true; }

  std::string stamp;
  mutable std::set<std::string> entries;
};

class ConfigImpl : public VBuilderConfig {
 public:
  ConfigImpl() {
    pools_[MemoryPoolType::kWORKSPACE] =
        TRT_RTX ? 68719476736ULL : static_cast<uint64_t>(sim::bridge().settings().memory);
  }
  void setAvgTimingIterations(int32_t count) noexcept override { avgTiming_ = count; }
  int32_t getAvgTimingIterations() const noexcept override { return avgTiming_; }
  void setEngineCapability(EngineCapability value) noexcept override { capability = value; }
  EngineCapability getEngineCapability() const noexcept override { return capability; }
  void setFlags(uint32_t value) noexcept override {
    if (value >> 29 != 0) return complain("IBuilderConfig::setFlags: Error Code 3: API Usage Error (unknown flags)");
    flags = value;
  }
  uint32_t getFlags() const noexcept override { return flags; }
  void clearFlag(BuilderFlag flag) noexcept override { flags &= ~(1U << static_cast<int>(flag)); }
  void setFlag(BuilderFlag flag) noexcept override {
    if (SIM_TRT("IBuilderConfig::setFlag") == 0) flags |= 1U << static_cast<int>(flag);
  }
  bool getFlag(BuilderFlag flag) const noexcept override { return (flags >> static_cast<int>(flag) & 1U) != 0; }
  void setDLACore(int32_t core) noexcept override { dlaCore_ = core; }
  int32_t getDLACore() const noexcept override { return dlaCore_; }
  void setDefaultDeviceType(DeviceType type) noexcept override {
    if (type == DeviceType::kDLA)
      return complain("IBuilderConfig::setDefaultDeviceType: Error Code 9: there is no DLA on this device");
    deviceType_ = type;
  }
  DeviceType getDefaultDeviceType() const noexcept override { return deviceType_; }
  void setProfileStream(cudaStream_t stream) noexcept override { profileStream_ = stream; }
  cudaStream_t getProfileStream() const noexcept override { return profileStream_; }
  int32_t addOptimizationProfile(const IOptimizationProfile* profile) noexcept override;
  int32_t getNbOptimizationProfiles() const noexcept override { return static_cast<int32_t>(profiles.size()); }
  void setProfilingVerbosity(ProfilingVerbosity value) noexcept override { verbosity = value; }
  ProfilingVerbosity getProfilingVerbosity() const noexcept override { return verbosity; }
  bool setTacticSources(uint32_t value) noexcept override { return tactics_ = value, true; }
  uint32_t getTacticSources() const noexcept override { return tactics_; }
  ITimingCache* createTimingCache(const void* data, size_t size) const noexcept override;
  bool setTimingCache(const ITimingCache& cache, bool ignoreMismatch) noexcept override;
  const ITimingCache* getTimingCache() const noexcept override { return timingCache; }
  void setMemoryPoolLimit(MemoryPoolType pool, size_t bytes) noexcept override {
    if (static_cast<int>(pool) > 5) return;
    pools_[pool] = bytes;
  }
  size_t getMemoryPoolLimit(MemoryPoolType pool) const noexcept override {
    const auto found = pools_.find(pool);
    return found == pools_.end() ? 0 : found->second;
  }
  void setPreviewFeature(PreviewFeature feature, bool on) noexcept override { preview_[feature] = on; }
  bool getPreviewFeature(PreviewFeature feature) const noexcept override {
    const auto found = preview_.find(feature);
    return found != preview_.end() && found->second;
  }
  void setBuilderOptimizationLevel(int32_t level) noexcept override {
    if (level < 0)
      return complain(
          "IBuilderConfig::setBuilderOptimizationLevel: Error Code 3: API Usage Error (Parameter check failed, "
          "condition: level >= 0. )");
    level_ = std::min(level, 5);
  }
  int32_t getBuilderOptimizationLevel() const noexcept override { return level_; }
  void setHardwareCompatibilityLevel(HardwareCompatibilityLevel value) noexcept override {
    if (TRT_RTX) return say(Severity::kWARNING, "setHardwareCompatibilityLevel() is unsupported in TensorRT-RTX.");
    compatibility = value;
  }
  HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override { return compatibility; }
  void setPluginsToSerialize(const char* const* paths, int32_t count) noexcept override {
    plugins_.assign(paths, paths + count);
  }
  const char* getPluginToSerialize(int32_t index) const noexcept override {
    return plugins_[static_cast<size_t>(index)].c_str();
  }
  int32_t getNbPluginsToSerialize() const noexcept override { return static_cast<int32_t>(plugins_.size()); }
#if TRT_GEN == 10
  void setMaxAuxStreams(int32_t count) noexcept override { auxStreams = count; }
#else
  bool setMaxAuxStreams(int32_t count) noexcept override { return auxStreams = count, true; }
#endif
  int32_t getMaxAuxStreams() const noexcept override { return auxStreams; }
  void setProgressMonitor(IProgressMonitor* value) noexcept override { monitor = value; }
  IProgressMonitor* getProgressMonitor() const noexcept override { return monitor; }
  void setRuntimePlatform(RuntimePlatform platform) noexcept override {
    if (platform == RuntimePlatform::kSAME_AS_BUILD) return;
    complain(
        "This version of TensorRT does not support building engines on platforms other than Linux x86_64 when the "
        "runtime platform is set to Windows x86_64.");
  }
  RuntimePlatform getRuntimePlatform() const noexcept override { return RuntimePlatform::kSAME_AS_BUILD; }
  void setMaxNbTactics(int32_t count) noexcept override { maxTactics_ = count; }
  int32_t getMaxNbTactics() const noexcept override { return maxTactics_; }
  bool setTilingOptimizationLevel(TilingOptimizationLevel value) noexcept override { return tiling_ = value, true; }
  TilingOptimizationLevel getTilingOptimizationLevel() const noexcept override { return tiling_; }
  bool setL2LimitForTiling(int64_t bytes) noexcept override { return l2Limit_ = bytes, true; }
  int64_t getL2LimitForTiling() const noexcept override { return l2Limit_; }
#if TRT_RTX
  bool setNbComputeCapabilities(int32_t count) noexcept override {
    if (count < 0 || count > 6) return false;
    return targets.assign(static_cast<size_t>(count), ComputeCapability::kNONE), true;
  }
  int32_t getNbComputeCapabilities() const noexcept override { return static_cast<int32_t>(targets.size()); }
  bool setComputeCapability(ComputeCapability target, int32_t index) noexcept override {
    if (index < 0 || static_cast<size_t>(index) >= targets.size()) return false;
    return targets[static_cast<size_t>(index)] = target, true;
  }
  ComputeCapability getComputeCapability(int32_t index) const noexcept override {
    return targets[static_cast<size_t>(index)];
  }
  std::vector<ComputeCapability> targets;
#endif

  uint32_t flags = 1U << static_cast<int>(BuilderFlag::kTF32);
  EngineCapability capability = EngineCapability::kSTANDARD;
  ProfilingVerbosity verbosity = ProfilingVerbosity::kLAYER_NAMES_ONLY;
  HardwareCompatibilityLevel compatibility = HardwareCompatibilityLevel::kNONE;
  int32_t auxStreams = -1;
  IProgressMonitor* monitor = nullptr;
  std::vector<sim::Ranges> profiles;
  const ITimingCache* timingCache = nullptr;

 private:
  int32_t avgTiming_ = 1;
  int32_t dlaCore_ = -1;
  DeviceType deviceType_ = DeviceType::kGPU;
  cudaStream_t profileStream_ = nullptr;
  uint32_t tactics_ = TRT_GEN == 10 ? 24 : 3;
  std::map<MemoryPoolType, size_t> pools_;
  std::map<PreviewFeature, bool> preview_;
  int32_t level_ = 3;
  std::vector<std::string> plugins_;
  int32_t maxTactics_ = -1;
  TilingOptimizationLevel tiling_ = TilingOptimizationLevel::kNONE;
  int64_t l2Limit_ = -1;
};

class Config : public Owned<VBuilderConfig, IBuilderConfig> {
 public:
  explicit Config(ConfigImpl* impl) : Owned(impl, "configs") {}
  void setAvgTimingIterations(int32_t count) noexcept override { impl_->setAvgTimingIterations(count); }
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_SIM_SHAPE_CONFIG_H_
