// SPDX-License-Identifier: Apache-2.0
// Engine and refitter of this shape. Included by the shape_*.cc only, through library.h.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_ENGINE_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_ENGINE_H_

#include "tensorrt/shapes/builder.h"
#include "tensorrt/shapes/context.h"

namespace TRT_NS {

class RefitterAdapter final : public trt::Refitter {
 public:
  RefitterAdapter(std::unique_ptr<IRefitter> refitter, const trt::EntryPoints& entries)
      : refitter_(std::move(refitter)), entries_(entries) {}

  bool setWeights(const char* name, trt::DataType type, const void* data, int64_t count) override {
    return v().setNamedWeights(name, Weights{static_cast<DataType>(type), data, count});
  }
  std::vector<std::string> missing() override {
    return names([this](int32_t capacity, const char** out) { return v().getMissingWeights(capacity, out); });
  }
  std::vector<std::string> all() override {
    return names([this](int32_t capacity, const char** out) { return v().getAllWeights(capacity, out); });
  }
  bool refit(trt::Stream stream) override { return v().refitCudaEngineAsync(stream); }
  bool refitFromOnnx(const void* data, size_t bytes, const char* path, std::vector<trt::ParserError>* errors) override {
    if (entries_.createParserRefitter == nullptr)
      absent("Refitting from an ONNX model", "the ONNX parser (nvonnxparser)");
    if (data == nullptr)
      throw Error(BACKEND_INVALID_ARGUMENT, "Expected the bytes of an ONNX model but received none.");
    void* made = entries_.createParserRefitter(refitter_.get(), &logger(), BuilderAdapter::kParserVersion);
    parser_ = own(static_cast<IParserRefitter*>(made));
    if (parser_ == nullptr) return false;
    const bool done = parser_->refitFromBytes(data, bytes, path);
    if (errors != nullptr) *errors = parserErrors(*parser_);
    return done;
  }

 private:
  VRefitter& v() const noexcept { return *refitter_->table(); }

  template <typename Get>
  static std::vector<std::string> names(Get&& get) {
    const int32_t count = get(0, nullptr);
    if (count <= 0) return {};
    std::vector<const char*> pointers(static_cast<size_t>(count), nullptr);
    const int32_t written = std::min(count, get(count, pointers.data()));
    std::vector<std::string> all;
    for (int32_t i = 0; i < written; ++i) all.push_back(text(pointers[static_cast<size_t>(i)]));
    return all;
  }

  std::unique_ptr<IRefitter> refitter_;
  // The weights that it has set lie in its memory, and are read by `refit`. Goes before the refitter that it knows.
  std::unique_ptr<IParserRefitter> parser_;
  const trt::EntryPoints& entries_;
};

class EngineAdapter final : public trt::Engine {
 public:
  EngineAdapter(std::unique_ptr<ICudaEngine> engine, const trt::EntryPoints& entries, const trt::Version& version)
      : engine_(std::move(engine)), entries_(entries), version_(version) {}

  int32_t tensors() const override { return v().getNbIOTensors(); }
  std::string tensorName(int32_t index) const override { return text(v().getIOTensorName(index)); }
  bool isInput(const char* name) const override { return v().getTensorIOMode(name) == TensorIOMode::kINPUT; }
  trt::DataType type(const char* name) const override {
    return static_cast<trt::DataType>(v().getTensorDataType(name));
  }
  trt::Dims shape(const char* name) const override { return toDims(v().getTensorShape(name)); }
  bool onHost(const char* name) const override { return v().getTensorLocation(name) == TensorLocation::kHOST; }
  bool isShapeTensor(const char* name) const override { return v().isShapeInferenceIO(name); }
  trt::TensorFormat format(const char* name, int32_t profile) const override {
    return {static_cast<int32_t>(v().getTensorFormatV2(name, profile)), text(v().getTensorFormatDescV2(name, profile)),
            v().getTensorBytesPerComponentV2(name, profile), v().getTensorComponentsPerElementV2(name, profile),
            v().getTensorVectorizedDimV2(name, profile)};
  }
  std::string aliasedInput(const char* output) const override {
    return has(version_, {15, 0, 0}) ? text(v().getAliasedInputTensor(output)) : std::string();
  }
  int32_t profiles() const override { return v().getNbOptimizationProfiles(); }
  trt::Dims profileShape(const char* input, int32_t profile, trt::Selector which) const override {
    return toDims(v().getProfileShape(input, profile, selector(which)));
  }
  std::vector<int64_t> profileValues(const char* input, int32_t profile, trt::Selector which) const override;

  std::unique_ptr<trt::Context> createContext(const trt::ContextOptions& options) override;
  std::unique_ptr<trt::RuntimeCache> createRuntimeCache() override;
  std::unique_ptr<trt::Refitter> createRefitter() override {
    if (entries_.createInferRefitter == nullptr) absent("Refitting an engine", "the full TensorRT library");
    void* made = entries_.createInferRefitter(engine_.get(), &logger(), libraryVersion(version_));
    std::unique_ptr<IRefitter> refitter = own(static_cast<IRefitter*>(made));
    return refitter == nullptr ? nullptr : std::make_unique<RefitterAdapter>(std::move(refitter), entries_);
  }

  std::string name() const override { return text(v().getName()); }
  int32_t layers() const override { return v().getNbLayers(); }
  int32_t auxStreams() const override { return v().getNbAuxStreams(); }
  bool refittable() const override { return v().isRefittable(); }

  int64_t deviceMemorySize() const override;
  int64_t deviceMemorySize(int32_t profile) const override;
  int64_t streamableWeights() const override { return v().getStreamableWeightsSize(); }
  int64_t weightStreamingBudget() const override;
  int64_t weightStreamingAutomaticBudget() const override {
    need(version_, "The automatic weight-streaming budget", {1, 0, 0});
    return v().getWeightStreamingAutomaticBudget();
  }
  bool setWeightStreamingBudget(int64_t bytes) override;

  int32_t hardwareCompatibility() const override { return static_cast<int32_t>(v().getHardwareCompatibilityLevel()); }
  std::string inspect() override {
    std::unique_ptr<IEngineInspector> inspector = own(v().createEngineInspector());
    return inspector == nullptr ? std::string()
                                : text((*inspector)->getEngineInformation(LayerInformationFormat::kJSON));
  }
  std::unique_ptr<trt::Blob> serialize() override { return blob(v().serialize()); }

  static int32_t libraryVersion(const trt::Version& version) noexcept {
    return version.major * 10000 + version.minor * 100 + version.patch;
  }

 private:
  VCudaEngine& v() const noexcept { return *engine_->table(); }

  std::unique_ptr<ICudaEngine> engine_;
  const trt::EntryPoints& entries_;
  const trt::Version& version_;
};

inline std::vector<int64_t> EngineAdapter::profileValues(const char* input, int32_t profile,
                                                         trt::Selector which) const {
  // The library hands out a bare pointer: a shape tensor has as many values as its only dimension says, a scalar one.
  const trt::Dims dims = shape(input);
  const int64_t count = dims.rank == 0 ? 1 : dims.rank == 1 ? dims.d[0] : 0;
  if (count <= 0) return {};
  if (has(version_, {11, 0, 0})) {
    const int64_t* values = valid(v().getProfileTensorValuesV2(input, profile, selector(which)));
    return values == nullptr ? std::vector<int64_t>() : std::vector<int64_t>(values, values + count);
  }
#if TRT_GEN == 10
  const int32_t* narrow = valid(v().getProfileTensorValues(input, profile, selector(which)));
  if (narrow != nullptr) return std::vector<int64_t>(narrow, narrow + count);
#endif
  return {};
}

inline std::unique_ptr<trt::Context> EngineAdapter::createContext(const trt::ContextOptions& options) {
  std::unique_ptr<IRuntimeConfig> config;
  std::unique_ptr<IExecutionContext> context;
  if (wantsRtx(options)) {
#if TRT_RTX
    config = runtimeConfig(v(), options);
    if (config == nullptr) return nullptr;
    context = own(v().createExecutionContextWithRuntimeConfig(config.get()));
#else
    unsupported(version_, "A runtime cache, kernel specialisation or a CUDA graph strategy", "TensorRT-RTX");
#endif
  } else {
    context = own(v().createExecutionContext(static_cast<ExecutionContextAllocationStrategy>(options.allocation)));
  }
  if (context == nullptr) return nullptr;
  return std::make_unique<ContextAdapter>(std::move(context), std::move(config), version_);
}

inline std::unique_ptr<trt::RuntimeCache> EngineAdapter::createRuntimeCache() {
#if TRT_RTX
  std::unique_ptr<IRuntimeConfig> config = own(v().createRuntimeConfig());
  if (config == nullptr) return nullptr;
  std::unique_ptr<IRuntimeCache> cache = own((*config)->createRuntimeCache());
  return cache == nullptr ? nullptr : std::make_unique<RuntimeCacheAdapter>(std::move(config), std::move(cache));
#else
  unsupported(version_, "A runtime cache", "TensorRT-RTX");
#endif
}

inline int64_t EngineAdapter::deviceMemorySize() const {
#if TRT_GEN == 10 && !TRT_RTX
  if (!has(version_, {1, 0, 0})) return static_cast<int64_t>(v().getDeviceMemorySize());
#endif
  return v().getDeviceMemorySizeV2();
}

inline int64_t EngineAdapter::deviceMemorySize(int32_t profile) const {
#if TRT_GEN == 10
  if (!has(version_, {1, 0, 0})) return static_cast<int64_t>(v().getDeviceMemorySizeForProfile(profile));
#endif
  return v().getDeviceMemorySizeForProfileV2(profile);
}

inline int64_t EngineAdapter::weightStreamingBudget() const {
#if TRT_GEN == 10
  if (!has(version_, {1, 0, 0})) return v().getWeightStreamingBudget();
#endif
  return v().getWeightStreamingBudgetV2();
}

inline bool EngineAdapter::setWeightStreamingBudget(int64_t bytes) {
#if TRT_GEN == 10
  if (!has(version_, {1, 0, 0})) return v().setWeightStreamingBudget(bytes);
#endif
  return v().setWeightStreamingBudgetV2(bytes);
}

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_ENGINE_H_
