// SPDX-License-Identifier: Apache-2.0
// Inspector, refitter, runtime configuration and RTX's cache of compiled kernels.
#include <algorithm>
#include <cstring>

#include "engine.h"

namespace TRT_NS {

namespace {

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

class InspectorImpl : public VEngineInspector {
 public:
  explicit InspectorImpl(LoadedPtr loaded) : loaded_(std::move(loaded)) {}
  bool setExecutionContext(const IExecutionContext* context) noexcept override { return context_ = context, true; }
  const IExecutionContext* getExecutionContext() const noexcept override { return context_; }
  void setErrorRecorder(IErrorRecorder*) noexcept override {}
  const char* getLayerInformation(int32_t layer, LayerInformationFormat) const noexcept override {
    if (layer < 0 || static_cast<size_t>(layer) >= model().nodes.size()) return nullptr;
    return keep(describe(model().nodes[static_cast<size_t>(layer)]));
  }
  const char* getEngineInformation(LayerInformationFormat) const noexcept override {
    std::string layers;
    const bool none = loaded_->plan.fact("verbosity") == 1;
    for (const sim::Node& node : model().nodes) {
      if (!none) layers += (layers.empty() ? "" : ",") + describe(node);
    }
    std::string bindings;
    for (const auto* const list : {&model().inputs, &model().outputs}) {
      for (const int index : *list) bindings += (bindings.empty() ? "" : ",") + quoted(name(index));
    }
    return keep("{\"Layers\": [" + layers + "],\"Bindings\": [" + bindings + "]}");
  }

 private:
  const sim::Model& model() const { return loaded_->plan.model; }
  const std::string& name(int index) const { return model().tensors[static_cast<size_t>(index)].name; }
  std::string describe(const sim::Node& node) const {
    if (loaded_->plan.fact("verbosity") != 2) return quoted(node.name);
    std::string inputs;
    for (const int index : node.in) inputs += (inputs.empty() ? "" : ",") + ("{\"Name\": " + quoted(name(index)) + "}");
    return "{\"Name\": " + quoted(node.name) + ",\"LayerType\": " + quoted(node.op) + ",\"Inputs\": [" + inputs +
           "],\"Outputs\": [{\"Name\": " + quoted(name(node.out[0])) + "}]}";
  }
  // The inspector owns what it answers.
  const char* keep(std::string text) const { return (text_ = std::move(text)).c_str(); }

  const LoadedPtr loaded_;
  const IExecutionContext* context_ = nullptr;
  mutable std::string text_;
};

class RefitterImpl : public VRefitter {
 public:
  explicit RefitterImpl(LoadedPtr loaded) : loaded_(std::move(loaded)) {}
  bool setNamedWeights(const char* name, Weights weights) noexcept override {
    if (SIM_TRT("IRefitter::setNamedWeights") != 0) return false;
    const int index = loaded_->plan.model.find(name);
    if (index < 0)
      return complain(std::string("IRefitter::setNamedWeights: Error Code 3: API Usage Error (no weights named ") +
                      name + ")"),
             false;
    const sim::Tensor& tensor = loaded_->plan.model.tensors[static_cast<size_t>(index)];
    const bool same =
        tensor.constant && static_cast<int>(weights.type) == tensor.type && weights.count == sim::volume(tensor.dims);
    if (!same)
      return complain(std::string("IRefitter::setNamedWeights: Error Code 3: API Usage Error (type or count of ") +
                      name + " differ)"),
             false;
    const char* const from = static_cast<const char*>(weights.values);
    pending_[index].assign(from, from + tensor.data.size());
    return true;
  }
  bool setNamedWeightsWithLocation(const char* name, Weights weights, TensorLocation location) noexcept override {
    return location == TensorLocation::kHOST && setNamedWeights(name, weights);
  }
  int32_t getMissingWeights(int32_t capacity, const char** names) noexcept override {
    std::vector<const char*> lacking;
    for (const std::string& name : loaded_->unset) {
      if (pending_.count(loaded_->plan.model.find(name)) == 0) lacking.push_back(name.c_str());
    }
    return fill(lacking, capacity, names);
  }
  int32_t getAllWeights(int32_t capacity, const char** names) noexcept override {
    std::vector<const char*> all;
    for (const sim::Tensor& tensor : loaded_->plan.model.tensors) {
      if (tensor.constant) all.push_back(tensor.name.c_str());
    }
    return fill(all, capacity, names);
  }
  bool refitCudaEngineAsync(cudaStream_t) noexcept override { return refitCudaEngine(); }
  bool refitCudaEngine() noexcept override {
    if (SIM_TRT("IRefitter::refitCudaEngine") != 0) return false;
    if (getMissingWeights(0, nullptr) != 0)
      return complain("IRefitter::refitCudaEngine: Error Code 4: API Usage Error (missing weights)"), false;
    for (auto& [index, bytes] : pending_) {
      std::vector<char>& data = loaded_->plan.model.tensors[static_cast<size_t>(index)].data;
      std::copy(bytes.begin(), bytes.end(), data.begin());
    }
    loaded_->unset.clear();
    pending_.clear();
    return true;
  }
  Weights getWeightsPrototype(const char* name) const noexcept override {
    const int index = loaded_->plan.model.find(name);
    if (index < 0) return {DataType::kFLOAT, nullptr, -1};
    const sim::Tensor& tensor = loaded_->plan.model.tensors[static_cast<size_t>(index)];
    return {static_cast<DataType>(tensor.type), nullptr, sim::volume(tensor.dims)};
  }
  void setErrorRecorder(IErrorRecorder*) noexcept override {}
  ILogger* getLogger() const noexcept override { return logger(); }
  bool setMaxThreads(int32_t count) noexcept override { return count >= 1; }
  void setWeightsValidation(bool on) noexcept override { validation_ = on; }
  bool getWeightsValidation() const noexcept override { return validation_; }
#if TRT_GEN == 11
  bool releaseRefitResources() noexcept override { return true; }
#endif

 private:
  static int32_t fill(const std::vector<const char*>& all, int32_t capacity, const char** names) {
    for (size_t i = 0; i < all.size() && static_cast<int32_t>(i) < capacity; ++i) names[i] = all[i];
    return static_cast<int32_t>(all.size());
  }
  const LoadedPtr loaded_;
  std::map<int, std::vector<char>> pending_;
  bool validation_ = true;
};

#if TRT_RTX
constexpr char kCacheMagic[] = "RTXC";

class CacheImpl : public VRuntimeCache {
 public:
  IHostMemory* serialize() const noexcept override {
    if (SIM_TRT("IRuntimeCache::serialize") != 0) return nullptr;
    std::string text = kCacheMagic;
    for (const std::string& kernel : kernels) text += "\n" + kernel;
    return blob({text.begin(), text.end()});
  }
  bool deserialize(const void* data, size_t size) noexcept override {
    if (SIM_TRT("IRuntimeCache::deserialize") != 0) return false;
    const std::string text(static_cast<const char*>(data), size);
    if (text.compare(0, 4, kCacheMagic) != 0)
      return complain("IRuntimeCache::deserialize: Error Code 3: API Usage Error (not a runtime cache)"), false;
    for (size_t from = 5; from < text.size();) {
      const size_t end = std::min(text.find('\n', from), text.size());
      kernels.insert(text.substr(from, end - from));
      from = end + 1;
    }
    return true;
  }
  bool reset() noexcept override { return kernels.clear(), true; }
  mutable std::set<std::string> kernels;
};
#endif

class RuntimeConfigImpl : public VRuntimeConfig {
 public:
  void setExecutionContextAllocationStrategy(ExecutionContextAllocationStrategy value) noexcept override {
    strategy_ = value;
  }
  ExecutionContextAllocationStrategy getExecutionContextAllocationStrategy() const noexcept override {
    return strategy_;
  }
#if TRT_RTX
  IRuntimeCache* createRuntimeCache() const noexcept override {
    if (SIM_TRT("IRuntimeConfig::createRuntimeCache") != 0) return nullptr;
    return new Owned<VRuntimeCache>(new CacheImpl, "runtimeCaches");
  }
  bool setRuntimeCache(const IRuntimeCache& cache) noexcept override {
    return cache_ = const_cast<IRuntimeCache*>(&cache), true;
  }
  IRuntimeCache* getRuntimeCache() const noexcept override { return cache_; }
  void setDynamicShapesKernelSpecializationStrategy(DynamicShapesKernelSpecializationStrategy value) noexcept override {
    kernels_ = value;
  }
  DynamicShapesKernelSpecializationStrategy getDynamicShapesKernelSpecializationStrategy() const noexcept override {
    return kernels_;
  }
  bool setCudaGraphStrategy(CudaGraphStrategy value) noexcept override { return graphs_ = value, true; }
  CudaGraphStrategy getCudaGraphStrategy() const noexcept override { return graphs_; }
#endif

 private:
  ExecutionContextAllocationStrategy strategy_ = ExecutionContextAllocationStrategy::kSTATIC;
#if TRT_RTX
  IRuntimeCache* cache_ = nullptr;
  DynamicShapesKernelSpecializationStrategy kernels_ = DynamicShapesKernelSpecializationStrategy::kLAZY;
  CudaGraphStrategy graphs_ = CudaGraphStrategy::kDISABLED;
#endif
};

}  // namespace

IEngineInspector* makeInspector(const LoadedPtr& loaded) {
  return new Owned<VEngineInspector>(new InspectorImpl(loaded), "inspectors");
}

IRefitter* makeRefitter(const LoadedPtr& loaded) {
  if (SIM_TRT("createInferRefitter") != 0) return nullptr;
  if (loaded->plan.fact("refittable") == 0) {
    return complain("createInferRefitter: Error Code 3: API Usage Error (the engine was not built with kREFIT)"),
           nullptr;
  }
  return new Owned<VRefitter>(new RefitterImpl(loaded), "refitters");
}

IRuntimeConfig* makeRuntimeConfig() { return new Owned<VRuntimeConfig>(new RuntimeConfigImpl, "runtimeConfigs"); }

ExecutionContextAllocationStrategy strategyOf(const IRuntimeConfig& config) {
  return config->getExecutionContextAllocationStrategy();
}

void compileKernels([[maybe_unused]] const sim::Model& model, [[maybe_unused]] const IRuntimeConfig* config) {
#if TRT_RTX
  const IRuntimeCache* const cache = config == nullptr ? nullptr : (*config)->getRuntimeCache();
  for (const sim::Node& node : model.nodes) {
    if (cache != nullptr && !static_cast<const CacheImpl&>(*cache->table()).kernels.insert(node.op).second) continue;
    (void)SIM_TRT("jit:compile");
  }
#endif
}

}  // namespace TRT_NS

SIM_EXPORT void* createInferRefitter_INTERNAL(void* engine, void* given, int32_t /*version*/) {
  if (engine == nullptr || given == nullptr) return nullptr;
  TRT_NS::keepLogger(given, "createInferRefitter");
  const auto& handle = *static_cast<TRT_NS::ICudaEngine*>(engine);
  return TRT_NS::makeRefitter(static_cast<TRT_NS::EngineImpl*>(handle.table())->loaded());
}
