// SPDX-License-Identifier: Apache-2.0
// Network, ONNX parser and builder of this shape. Included by the shape_*.cc only, through library.h.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_BUILDER_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_BUILDER_H_

#include "tensorrt/shapes/config.h"

namespace TRT_NS {

class NetworkAdapter final : public trt::Network {
 public:
  explicit NetworkAdapter(std::unique_ptr<INetworkDefinition> network) : network_(std::move(network)) {}

  int32_t layers() const override { return v().getNbLayers(); }
  int32_t inputs() const override { return v().getNbInputs(); }
  int32_t outputs() const override { return v().getNbOutputs(); }
  trt::TensorFacts input(int32_t index) const override { return facts(v().getInput(index), "input", index); }
  trt::TensorFacts output(int32_t index) const override { return facts(v().getOutput(index), "output", index); }
  bool setName(const char* name) override {
    v().setName(name);
    return text(v().getName()) == name;
  }
  INetworkDefinition& raw() noexcept { return *network_; }

 private:
  VNetworkDefinition& v() const noexcept { return *network_->table(); }

  static trt::TensorFacts facts(ITensor* tensor, const char* kind, int32_t index) {
    if (valid(tensor) == nullptr)
      throw Error(BACKEND_INVALID_ARGUMENT,
                  std::string("The network has no ") + kind + " number " + std::to_string(index) + ".");
    VTensor& table = *tensor->table();
    return {text(table.getName()), toDims(table.getDimensions()), static_cast<trt::DataType>(table.getType()),
            table.isShapeTensor()};
  }

  std::unique_ptr<INetworkDefinition> network_;
};

inline trt::ParserError parserError(const IParserError& error) {
  trt::ParserError facts;
  facts.code = static_cast<int32_t>(error.code());
  facts.description = text(error.desc());
  facts.file = text(error.file());
  facts.function = text(error.func());
  facts.line = error.line();
  facts.node = error.node();
  facts.nodeName = text(error.nodeName());
  facts.nodeOperator = text(error.nodeOperator());
  const char* const* stack = valid(error.localFunctionStack());
  for (int32_t i = 0; stack != nullptr && i < error.localFunctionStackSize(); ++i)
    facts.localFunctions.push_back(text(stack[i]));
  return facts;
}

// Of a parser or of a parser's refitter.
template <typename P>
std::vector<trt::ParserError> parserErrors(const P& parser) {
  std::vector<trt::ParserError> errors;
  const int32_t count = parser.getNbErrors();
  for (int32_t i = 0; i < count; ++i) {
    const IParserError* error = valid(parser.getError(i));
    if (error != nullptr) errors.push_back(parserError(*error));
  }
  return errors;
}

class ParserAdapter final : public trt::Parser {
 public:
  ParserAdapter(std::unique_ptr<IParser> parser, const trt::Version& version)
      : parser_(std::move(parser)), version_(version) {}

  void setFlag(std::string_view flag, bool on) override {
    const auto value = static_cast<OnnxParserFlag>(lookUp(kParserFlags, flag, "parser flag", version_));
    if (on)
      parser_->setFlag(value);
    else
      parser_->clearFlag(value);
  }
  bool parse(const void* data, size_t bytes, const char* path) override {
    // A null model is a crash inside the parser, whatever its size.
    if (data == nullptr)
      throw Error(BACKEND_INVALID_ARGUMENT, "Expected the bytes of an ONNX model but received none.");
    return parser_->parse(data, bytes, path);
  }
  bool parseFile(const char* path) override {
    return parser_->parseFromFile(path, static_cast<int32_t>(Severity::kVERBOSE));
  }
  std::vector<trt::ParserError> errors() const override { return parserErrors(*parser_); }
  std::vector<std::string> usedVersionCompatiblePlugins() const override {
    int64_t count = 0;
    const char* const* paths = valid(parser_->getUsedVCPluginLibraries(count));
    std::vector<std::string> all;
    for (int64_t i = 0; paths != nullptr && i < count; ++i) all.push_back(text(paths[i]));
    return all;
  }

 private:
  std::unique_ptr<IParser> parser_;
  const trt::Version& version_;
};

inline bool loadPlugins(IPluginRegistry& registry, const char* path) {
  return valid(&registry) != nullptr && valid(registry.loadLibrary(path)) != nullptr;
}

class BuilderAdapter final : public trt::Builder {
 public:
  BuilderAdapter(std::unique_ptr<IBuilder> builder, const trt::EntryPoints& entries, const trt::Version& version)
      : builder_(std::move(builder)), entries_(entries), version_(version) {}

  std::unique_ptr<trt::Network> createNetwork() override {
    constexpr uint32_t flags = uint32_t{1} << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
    std::unique_ptr<INetworkDefinition> network = own(v().createNetworkV2(flags));
    return network == nullptr ? nullptr : std::make_unique<NetworkAdapter>(std::move(network));
  }
  std::unique_ptr<trt::BuilderConfig> createConfig() override {
    std::unique_ptr<IBuilderConfig> config = own(v().createBuilderConfig());
    return config == nullptr ? nullptr : std::make_unique<ConfigAdapter>(std::move(config), version_);
  }
  std::unique_ptr<trt::Profile> createProfile() override {
    IOptimizationProfile* profile = valid(v().createOptimizationProfile());
    return profile == nullptr ? nullptr : std::make_unique<ProfileAdapter>(*profile, version_);
  }
  std::unique_ptr<trt::Parser> createParser(trt::Network& network) override {
    if (entries_.createParser == nullptr) absent("Reading an ONNX model", "the ONNX parser (nvonnxparser)");
    void* parser = entries_.createParser(&static_cast<NetworkAdapter&>(network).raw(), &logger(), kParserVersion);
    std::unique_ptr<IParser> owned = own(static_cast<IParser*>(parser));
    return owned == nullptr ? nullptr : std::make_unique<ParserAdapter>(std::move(owned), version_);
  }
  bool setMaxThreads(int32_t threads) override { return v().setMaxThreads(threads); }
  int32_t dlaCores() const override { return v().getNbDLACores(); }
  bool loadPluginLibrary(const char* path) override { return loadPlugins(v().getPluginRegistry(), path); }
  std::unique_ptr<trt::Blob> build(trt::Network& network, trt::BuilderConfig& config) override {
    return blob(v().buildSerializedNetwork(static_cast<NetworkAdapter&>(network).raw(),
                                           static_cast<ConfigAdapter&>(config).raw()));
  }

  static constexpr int32_t kParserVersion = 100;  // NV_ONNX_PARSER_VERSION; no parser looks at it

 private:
  VBuilder& v() const noexcept { return *builder_->table(); }

  std::unique_ptr<IBuilder> builder_;
  const trt::EntryPoints& entries_;
  const trt::Version& version_;
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_BUILDER_H_
