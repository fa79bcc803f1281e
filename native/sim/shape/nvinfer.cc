// SPDX-License-Identifier: Apache-2.0
// libnvinfer or libtensorrt_rtx of one shape, in one translation unit: abi.h is large, and four shapes are compiled.
// The .inl files are ordinary sources otherwise.
// clang-format off
#include "nv.inl"
#include "build.inl"
#include "builder.inl"
#include "context.inl"
#include "engine.inl"
#include "enqueue.inl"
#include "extras.inl"
#include "infer.inl"
#include "run.inl"
#include "runtime.inl"
// clang-format on

SIM_EXPORT int32_t getInferLibMajorVersion() { return sim::libraryVersion().number[0]; }
SIM_EXPORT int32_t getInferLibMinorVersion() { return sim::libraryVersion().number[1]; }
SIM_EXPORT int32_t getInferLibPatchVersion() { return sim::libraryVersion().number[2]; }
SIM_EXPORT int32_t getInferLibBuildVersion() { return sim::libraryVersion().number[3]; }
SIM_EXPORT int32_t getInferLibVersion() {
  const auto& number = sim::libraryVersion().number;
  return number[0] * 10000 + number[1] * 100 + number[2];
}
SIM_EXPORT void* getPluginRegistry() { return TRT_NS::registry(); }
SIM_EXPORT void* getBuilderPluginRegistry(int32_t /*capability*/) { return TRT_NS::registry(); }
SIM_EXPORT void* getLogger() { return TRT_NS::logger(); }
SIM_EXPORT bool setInternalLibraryPath(const char* path) { return path != nullptr; }
