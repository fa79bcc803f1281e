// SPDX-License-Identifier: Apache-2.0
// What the libraries export: the only symbols looked up by name. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_EXPORTS_H_
#define TENSORRT_NODE_TENSORRT_ABI_EXPORTS_H_

namespace TRT_NS {

// `version` is checked by no library (measured): a wrong shape is not refused, it crashes. Hence the shape is chosen
// from getInferLibVersion, major * 10000 + minor * 100 + patch, before any of these. Without a driver TensorRT's
// createInferRuntime returns a small bogus number instead of null: results below 4096 are null.
struct Exports {
  int32_t (*getInferLibVersion)();
  int32_t (*getInferLibMajorVersion)();
  int32_t (*getInferLibMinorVersion)();
  int32_t (*getInferLibPatchVersion)();
  int32_t (*getInferLibBuildVersion)();
  IBuilder* (*createInferBuilder_INTERNAL)(ILogger* logger, int32_t version);  // not in lean and dispatch runtimes
  IRuntime* (*createInferRuntime_INTERNAL)(ILogger* logger, int32_t version);
  IRefitter* (*createInferRefitter_INTERNAL)(ICudaEngine* engine, ILogger* logger, int32_t version);
  IPluginRegistry* (*getPluginRegistry)();
  IPluginRegistry* (*getBuilderPluginRegistry)(EngineCapability capability);
  bool (*setInternalLibraryPath)(const char* path);  // 10.16, RTX 1.4
};

// The parser's library.
struct ParserExports {
  IParser* (*createNvOnnxParser_INTERNAL)(INetworkDefinition* network, ILogger* logger, int32_t version);
  IParserRefitter* (*createNvOnnxParserRefitter_INTERNAL)(IRefitter* refitter, ILogger* logger, int32_t version);
  int32_t (*getNvOnnxParserVersion)();
};

// libnvinfer_plugin: registers NVIDIA's own plugins, once.
using InitLibNvInferPlugins = bool (*)(ILogger* logger, const char* space);

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_EXPORTS_H_
