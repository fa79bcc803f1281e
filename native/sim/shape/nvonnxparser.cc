// SPDX-License-Identifier: Apache-2.0
// The ONNX parser's library: reads with onnx.cc, fills in the network that libnvinfer made.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "network.h"
#include "nv.inl"

namespace TRT_NS {

namespace {

class ErrorImpl : public IParserError {
 public:
  explicit ErrorImpl(sim::ParseError error) : error_(std::move(error)) {}
  ParserErrorCode code() const override { return static_cast<ParserErrorCode>(error_.code); }
  const char* desc() const override { return error_.text.c_str(); }
  const char* file() const override { return "ModelImporter.cpp"; }
  int32_t line() const override { return error_.line; }
  const char* func() const override { return error_.function.c_str(); }
  int32_t node() const override { return error_.node; }
  const char* nodeName() const override { return error_.nodeName.c_str(); }
  const char* nodeOperator() const override { return error_.op.c_str(); }
  const char* const* localFunctionStack() const override { return nullptr; }
  int32_t localFunctionStackSize() const override { return 0; }

 private:
  const sim::ParseError error_;
};

using Errors = std::vector<std::unique_ptr<ErrorImpl>>;

bool readFile(const char* path, std::vector<char>& out) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return complain(std::string("Failed to open file: ") + path), false;
  out.assign(std::istreambuf_iterator<char>(file), {});
  return true;
}

class ParserImpl : public IParser {
 public:
  explicit ParserImpl(INetworkDefinition& network)
      : network_(static_cast<NetworkImpl&>(*network.table())), live_(sim::bridge().live("parsers")) {
    ++live_;
  }
  ~ParserImpl() override { --live_; }
  // Where the real one crashes on null, this says which rule was broken.
  bool parse(const void* model, size_t size, const char* /*path*/) noexcept override {
    if (SIM_TRT("IParser::parse") != 0) return false;
    if (model == nullptr && size != 0) sim::unimplemented("IParser::parse with a null model: the real one crashes");
    if (!network_.model.tensors.empty()) {  // false without an error: the reason goes to the logger only
      complain("ModelImporter.cpp: parse was called on a network that is not empty");
      return false;
    }
    return fill(model, size);
  }
  bool parseFromFile(const char* path, int32_t /*verbosity*/) noexcept override {
    std::vector<char> bytes;
    return readFile(path, bytes) && parse(bytes.data(), bytes.size(), path);
  }
  bool supportsOperator(const char* name) const noexcept override { return sim::supportsOperator(name); }
  int32_t getNbErrors() const noexcept override { return static_cast<int32_t>(errors_.size()); }
  const IParserError* getError(int32_t index) const noexcept override {
    return errors_[static_cast<size_t>(index)].get();
  }
  void clearErrors() noexcept override { errors_.clear(); }
  const char* const* getUsedVCPluginLibraries(int64_t& count) const noexcept override { return count = 0, nullptr; }
  void setFlags(uint32_t flags) noexcept override { flags_ = flags; }
  uint32_t getFlags() const noexcept override { return flags_; }
  void clearFlag(OnnxParserFlag flag) noexcept override { flags_ &= ~(1U << static_cast<int>(flag)); }
  void setFlag(OnnxParserFlag flag) noexcept override { flags_ |= 1U << static_cast<int>(flag); }
  bool getFlag(OnnxParserFlag flag) const noexcept override { return (flags_ >> static_cast<int>(flag) & 1U) != 0; }
  bool supportsModelV2(const void* model, size_t size, const char*) noexcept override {
    try {
      return !sim::parseOnnx(model, size).outputs.empty();
    } catch (const sim::ParseFailure&) {
      return false;
    }
  }
  bool setBuilderConfig(const IBuilderConfig*) noexcept override { return true; }
  bool loadModelProto(const void* model, size_t size, const char*) noexcept override {
    const char* const at = static_cast<const char*>(model);
    return loaded_.assign(at, at + size), true;
  }
  bool parseModelProto() noexcept override { return parse(loaded_.data(), loaded_.size(), nullptr); }

 private:
  bool fill(const void* model, size_t size) {
    try {
      network_.model = sim::parseOnnx(model, size);
      return true;
    } catch (const sim::ParseFailure& failure) {
      for (const sim::ParseError& error : failure.errors) {
        errors_.push_back(std::make_unique<ErrorImpl>(error));
        complain("ModelImporter.cpp:" + std::to_string(error.line) + ": ERROR: " + error.text);
      }
      return false;
    }
  }
  NetworkImpl& network_;
  std::atomic<int64_t>& live_;
  Errors errors_;
  uint32_t flags_ = 1;
  std::vector<char> loaded_;
};

class ParserRefitterImpl : public IParserRefitter {
 public:
  explicit ParserRefitterImpl(IRefitter& refitter) : refitter_(refitter) {}
  bool refitFromBytes(const void* model, size_t size, const char*) noexcept override {
    try {
      const sim::Model parsed = sim::parseOnnx(model, size);
      for (const sim::Tensor& tensor : parsed.tensors) {
        if (!tensor.constant) continue;
        const Weights weights{static_cast<DataType>(tensor.type), tensor.data.data(), sim::volume(tensor.dims)};
        if (!refitter_->setNamedWeights(tensor.name.c_str(), weights))
          return fail("the engine has no such weights: " + tensor.name);
      }
      return true;
    } catch (const sim::ParseFailure& failure) {
      for (const sim::ParseError& error : failure.errors) errors_.push_back(std::make_unique<ErrorImpl>(error));
      return false;
    }
  }
  bool refitFromFile(const char* path) noexcept override {
    std::vector<char> bytes;
    return readFile(path, bytes) && refitFromBytes(bytes.data(), bytes.size(), path);
  }
  int32_t getNbErrors() const noexcept override { return static_cast<int32_t>(errors_.size()); }
  const IParserError* getError(int32_t index) const noexcept override {
    return errors_[static_cast<size_t>(index)].get();
  }
  void clearErrors() override { errors_.clear(); }

 private:
  bool fail(const std::string& why) {
    sim::ParseError error;
    error.code = 14;
    error.text = why;
    error.function = "refitOnnxWeights";
    errors_.push_back(std::make_unique<ErrorImpl>(std::move(error)));
    return false;
  }
  IRefitter& refitter_;
  Errors errors_;
};

}  // namespace
}  // namespace TRT_NS

SIM_EXPORT void* createNvOnnxParser_INTERNAL(void* network, void* given, int32_t /*version*/) {
  if (SIM_TRT("createNvOnnxParser") != 0 || network == nullptr) return nullptr;
  TRT_NS::keepLogger(given, "createNvOnnxParser");
  return static_cast<TRT_NS::IParser*>(new TRT_NS::ParserImpl(*static_cast<TRT_NS::INetworkDefinition*>(network)));
}

SIM_EXPORT void* createNvOnnxParserRefitter_INTERNAL(void* refitter, void* given, int32_t /*version*/) {
  if (SIM_TRT("createNvOnnxParserRefitter") != 0 || refitter == nullptr) return nullptr;
  TRT_NS::keepLogger(given, "createNvOnnxParserRefitter");
  return static_cast<TRT_NS::IParserRefitter*>(
      new TRT_NS::ParserRefitterImpl(*static_cast<TRT_NS::IRefitter*>(refitter)));
}

SIM_EXPORT int32_t getNvOnnxParserVersion() { return TRT_RTX ? 200 : 100; }
