// SPDX-License-Identifier: Apache-2.0
// The builder and its entry point.
#include "build.h"
#include "engine.h"

namespace TRT_NS {

int32_t ConfigImpl::addOptimizationProfile(const IOptimizationProfile* profile) noexcept {
  if (SIM_TRT("IBuilderConfig::addOptimizationProfile") != 0) return -1;
  const auto& impl = static_cast<const ProfileImpl&>(*profile->table());
  const std::string wrong = impl.invalid();
  if (!wrong.empty()) {
    complain(
        "IOptimizationProfile::isValid: Error Code 4: API Usage Error (Invalid optimization profiles for input "
        "tensors " +
        wrong + ", please ensure that the optimization profiles satisfy MIN<=OPT<=MAX. )");
    complain(
        "IBuilderConfig::addOptimizationProfile: Error Code 3: API Usage Error (Parameter check failed, condition: "
        "profile->isValid(). )");
    return -1;
  }
  profiles.push_back(impl.ranges);
  return static_cast<int32_t>(profiles.size()) - 1;
}

ITimingCache* ConfigImpl::createTimingCache(const void* data, size_t size) const noexcept {
  if (SIM_TRT("IBuilderConfig::createTimingCache") != 0) return nullptr;
  const std::string text = data == nullptr ? "" : std::string(static_cast<const char*>(data), size);
  const size_t line = text.find('\n');
  auto cache = std::make_unique<TimingCacheImpl>(line == std::string::npos ? TimingCacheImpl::currentStamp()
                                                                           : text.substr(0, line + 1));
  if (size != 0 && cache->stamp.compare(0, 12, "TimingCache ") != 0) {
    complain("IBuilderConfig::createTimingCache: Error Code 3: API Usage Error (the timing cache is malformed)");
    return nullptr;
  }
  for (size_t from = line + 1; line != std::string::npos && from < text.size();) {
    const size_t end = std::min(text.find('\n', from), text.size());
    cache->entries.insert(text.substr(from, end - from));
    from = end + 1;
  }
  if (TRT_RTX) say(Severity::kWARNING, "Timing cache operations are no-ops in TensorRT-RTX");
  return new Owned<VTimingCache>(cache.release(), "timingCaches");
}

bool ConfigImpl::setTimingCache(const ITimingCache& cache, bool ignoreMismatch) noexcept {
  if (SIM_TRT("IBuilderConfig::setTimingCache") != 0) return false;
  const auto& impl = static_cast<const TimingCacheImpl&>(*cache.table());
  if (impl.stamp != TimingCacheImpl::currentStamp() && !ignoreMismatch) {
    complain(
        "IBuilderConfig::setTimingCache: Error Code 3: API Usage Error (the timing cache was created on a different "
        "device "
        "or by a different version)");
    return false;
  }
  timingCache = &cache;
  return true;
}

namespace {

class BuilderImpl : public VBuilder {
 public:
  ~BuilderImpl() override {
    if (*networks_ > 0) {  // the real one only logs it, too
      complain(
          "IBuilder::~IBuilder: Error Code 3: API Usage Error (Destroying a builder object before destroying objects "
          "it "
          "created leads to undefined behavior)");
      sim::bridge().violation("builderFirst", "a builder was destroyed before its network");
    }
  }
  int32_t getMaxDLABatchSize() const noexcept override { return 0; }
  int32_t getNbDLACores() const noexcept override { return 0; }
  IBuilderConfig* createBuilderConfig() noexcept override {
    return SIM_TRT("IBuilder::createBuilderConfig") != 0 ? nullptr : new Config(new ConfigImpl);
  }
  INetworkDefinition* createNetworkV2(uint32_t flags) noexcept override {
    if (SIM_TRT("IBuilder::createNetworkV2") != 0) return nullptr;
    if (flags > 15)
      return complain("IBuilder::createNetworkV2: Error Code 3: API Usage Error (unknown flags)"), nullptr;
    return new Network(new NetworkImpl(*self, flags, networks_));
  }
  IOptimizationProfile* createOptimizationProfile() noexcept override {
    if (SIM_TRT("IBuilder::createOptimizationProfile") != 0) return nullptr;
    profiles_.push_back(std::make_unique<Owned<VOptimizationProfile>>(new ProfileImpl, "profiles"));
    return profiles_.back().get();
  }
  void setErrorRecorder(IErrorRecorder*) noexcept override {}
  void reset() noexcept override {}
  IHostMemory* buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept override {
    if (SIM_TRT("IBuilder::buildSerializedNetwork") != 0) {
      complain("IBuilder::buildSerializedNetwork: Error Code 2: Internal Error (simulated fault)");
      return nullptr;
    }
    std::vector<char> plan = build(network, config);
    return plan.empty() ? nullptr : blob(std::move(plan));
  }
  bool buildSerializedNetworkToStream(INetworkDefinition& network, IBuilderConfig& config,
                                      IStreamWriter& writer) noexcept override {
    if (SIM_TRT("IBuilder::buildSerializedNetworkToStream") != 0) return false;
    const std::vector<char> plan = build(network, config);
    if (plan.empty()) return false;
    (void)writer.write(plan.data(), static_cast<int64_t>(plan.size()));  // a short write goes unnoticed, as measured
    return true;
  }
  bool isNetworkSupported(const INetworkDefinition& network, const IBuilderConfig& config) const noexcept override {
    return objection(static_cast<const NetworkImpl&>(*network.table()), static_cast<const ConfigImpl&>(*config.table()))
        .empty();
  }
  ILogger* getLogger() const noexcept override { return logger(); }
  bool setMaxThreads(int32_t count) noexcept override { return count >= 1 && ((threads_ = count) != 0); }
  int32_t getMaxThreads() const noexcept override { return threads_; }
  IPluginRegistry& getPluginRegistry() noexcept override { return *registry(); }

  IBuilder* self = nullptr;

 private:
  static std::vector<char> build(INetworkDefinition& network, IBuilderConfig& config) {
    return buildPlan(static_cast<const NetworkImpl&>(*network.table()),
                     static_cast<const ConfigImpl&>(*config.table()));
  }
  const NetworkImpl::Count networks_ = std::make_shared<std::atomic<int>>(0);
  int32_t threads_ = 1;
  std::vector<std::unique_ptr<IOptimizationProfile>> profiles_;
};

}  // namespace

IBuilder* makeBuilder() {
  auto* const impl = new BuilderImpl;
  auto* const handle = new Owned<VBuilder>(impl, "builders");
  impl->self = handle;
  return handle;
}

}  // namespace TRT_NS

// RTX needs no driver to build; TensorRT refuses without one, and answers a null pointer.
SIM_EXPORT void* createInferBuilder_INTERNAL(void* given, int32_t /*version*/) {
  if (given == nullptr) return nullptr;
  TRT_NS::keepLogger(given, "createInferBuilder");
  if (SIM_TRT("createInferBuilder") != 0) return nullptr;
  int device = 0;
  const int code = TRT_RTX ? 0 : sim::bridge().device(&device);
  if (code == 0) return TRT_NS::makeBuilder();
  TRT_NS::say(
      TRT_NS::Severity::kWARNING,
      "Unable to determine GPU memory usage: In getGpuMemStatsInBytes at /_src/common/extended/resources.cpp:1180");
  TRT_NS::complain("createInferBuilder: Error Code 6: API Usage Error (CUDA initialization failure with error: " +
                   std::to_string(code) +
                   ". Please check your CUDA installation: In operator() at /_src/optimizer/api/builder.cpp:1399)");
  return nullptr;
}
