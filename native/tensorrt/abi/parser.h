// SPDX-License-Identifier: Apache-2.0
// The ONNX parser: a library of its own, its classes called directly. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_PARSER_H_
#define TENSORRT_NODE_TENSORRT_ABI_PARSER_H_

namespace TRT_NS {

class IParserError {
 public:
  virtual ParserErrorCode code() const TRT_PURE;
  virtual const char* desc() const TRT_PURE;
  virtual const char* file() const TRT_PURE;
  virtual int32_t line() const TRT_PURE;
  virtual const char* func() const TRT_PURE;
  virtual int32_t node() const TRT_PURE;
  virtual const char* nodeName() const TRT_PURE;
  virtual const char* nodeOperator() const TRT_PURE;
  virtual const char* const* localFunctionStack() const TRT_PURE;
  virtual int32_t localFunctionStackSize() const TRT_PURE;
  virtual ~IParserError() = default;
};

class IParser {
 public:
  virtual bool parse(const void* model, size_t size, const char* path) noexcept TRT_PURE;
  virtual bool parseFromFile(const char* path, int32_t verbosity) noexcept TRT_PURE;
#if TRT_GEN == 10
  TRT_SKIP(supportsModel);
  TRT_SKIP(parseWithWeightDescriptors);
#endif
  virtual bool supportsOperator(const char* name) const noexcept TRT_PURE;
  virtual int32_t getNbErrors() const noexcept TRT_PURE;
  virtual const IParserError* getError(int32_t index) const noexcept TRT_PURE;
  virtual void clearErrors() noexcept TRT_PURE;
  virtual ~IParser() = default;
  virtual const char* const* getUsedVCPluginLibraries(int64_t& count) const noexcept TRT_PURE;
  virtual void setFlags(uint32_t) noexcept TRT_PURE;
  virtual uint32_t getFlags() const noexcept TRT_PURE;
  virtual void clearFlag(OnnxParserFlag) noexcept TRT_PURE;
  virtual void setFlag(OnnxParserFlag) noexcept TRT_PURE;
  virtual bool getFlag(OnnxParserFlag) const noexcept TRT_PURE;
  virtual const ITensor* getLayerOutputTensor(const char* node, int64_t output) noexcept TRT_PURE;
  virtual bool supportsModelV2(const void* model, size_t size, const char* path) noexcept TRT_PURE;  // 10.1
  virtual int64_t getNbSubgraphs() noexcept TRT_PURE;                                                // 10.1
  virtual bool isSubgraphSupported(int64_t index) noexcept TRT_PURE;                                 // 10.1
  virtual int64_t* getSubgraphNodes(int64_t index, int64_t& length) noexcept TRT_PURE;               // 10.1
  virtual bool loadModelProto(const void* model, size_t size, const char* path) noexcept TRT_PURE;   // by 10.14
  virtual bool loadInitializer(const char* name, const void* data, size_t size) noexcept TRT_PURE;   // by 10.14
  virtual bool parseModelProto() noexcept TRT_PURE;                                                  // by 10.14
  virtual bool setBuilderConfig(const IBuilderConfig*) noexcept TRT_PURE;                            // 10.15
#if TRT_GEN == 11
  virtual void setRefitObserver(IRefitterObserver*) noexcept TRT_PURE;  // 11.4, RTX 1.7
#endif
};

class IParserRefitter {
 public:
  virtual bool refitFromBytes(const void* model, size_t size, const char* path) noexcept TRT_PURE;
  virtual bool refitFromFile(const char* path) noexcept TRT_PURE;
  virtual int32_t getNbErrors() const noexcept TRT_PURE;
  virtual const IParserError* getError(int32_t index) const noexcept TRT_PURE;
  virtual void clearErrors() TRT_PURE;
  virtual ~IParserRefitter() = default;
  virtual bool loadModelProto(const void* model, size_t size, const char* path) noexcept TRT_PURE;  // by 10.14
  virtual bool loadInitializer(const char* name, const void* data, size_t size) noexcept TRT_PURE;  // by 10.14
  virtual bool refitModelProto() noexcept TRT_PURE;                                                 // by 10.14
#if TRT_GEN == 11
  virtual void setRefitObserver(IRefitterObserver*) noexcept TRT_PURE;  // 11.4, RTX 1.6
#endif
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_PARSER_H_
