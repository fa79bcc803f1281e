// SPDX-License-Identifier: Apache-2.0
// What came with a minor version is not called on an older library. The other side is a TensorRT 10 of which each slot
// that is not written down here ends the process: a call of it is the failure.
#include "shapes_gate_cases.h"

#include <cstdio>
#include <cstdlib>
#include <limits>

#include "shapes_refusal.h"

namespace {

[[noreturn]] void unimplemented(const char* slot) {
  std::fprintf(stderr, "a slot was called that this library does not have: %s\n", slot);
  std::abort();
}

}  // namespace

#define TRT_SHAPE 10
#define TRT_NAMESPACE gate_10
#define TRT_SKIP(name) \
  virtual void name() { unimplemented(#name); }
#define TRT_PURE                        \
  {                                     \
    unimplemented(__PRETTY_FUNCTION__); \
  }
#include "tensorrt/abi.h"

namespace {

using namespace gate_10;
using shapes_test::contains;
using shapes_test::refusal;

struct FirstContext : VExecutionContext {
  void setDeviceMemory(void* memory) noexcept override { given = memory; }
  void* given = nullptr;
} firstContext;

// 10.0: what the adapters need, in its first form.
struct FirstEngine : VCudaEngine {
  IExecutionContext* createExecutionContext(ExecutionContextAllocationStrategy) noexcept override {
    return new IExecutionContext(&firstContext);
  }
  size_t getDeviceMemorySize() const noexcept override { return 100; }
  size_t getDeviceMemorySizeForProfile(int32_t profile) const noexcept override { return 200 + size_t(profile); }
  int64_t getWeightStreamingBudget() const noexcept override { return 300; }
  bool setWeightStreamingBudget(int64_t bytes) noexcept override { return bytes == 301; }
  Dims64 getTensorShape(const char*) const noexcept override { return {1, {2}}; }
  const int32_t* getProfileTensorValues(const char*, int32_t, OptProfileSelector) const noexcept override {
    static constexpr int32_t values[] = {7, 8};
    return values;
  }
} firstEngine;

// 10.16: only the second forms.
struct LastEngine : VCudaEngine {
  int64_t getDeviceMemorySizeV2() const noexcept override { return 100; }
  int64_t getDeviceMemorySizeForProfileV2(int32_t profile) const noexcept override { return 200 + profile; }
  int64_t getWeightStreamingBudgetV2() const noexcept override { return 300; }
  int64_t getWeightStreamingAutomaticBudget() const noexcept override { return 400; }
  bool setWeightStreamingBudgetV2(int64_t bytes) noexcept override { return bytes == 301; }
  Dims64 getTensorShape(const char*) const noexcept override { return {1, {2}}; }
  const int64_t* getProfileTensorValuesV2(const char*, int32_t, OptProfileSelector) const noexcept override {
    static constexpr int64_t values[] = {7, int64_t{1} << 40};
    return values;
  }
  const char* getAliasedInputTensor(const char*) const noexcept override { return "cache"; }
} lastEngine;

struct AnyRuntime : VRuntime {
  using VRuntime::deserializeCudaEngine;
  ICudaEngine* deserializeCudaEngine(const void* plan, size_t) noexcept override {
    return new ICudaEngine(*static_cast<const char*>(plan) == '0' ? static_cast<VCudaEngine*>(&firstEngine)
                                                                  : &lastEngine);
  }
} anyRuntime;

struct FirstProfile : VOptimizationProfile {
  bool setShapeValues(const char*, OptProfileSelector, const int32_t* values, int32_t count) noexcept override {
    return count == 2 && values[0] == -1 && values[1] == std::numeric_limits<int32_t>::max();
  }
} firstProfile;

struct FirstConfig : VBuilderConfig {
  void setBuilderOptimizationLevel(int32_t level) noexcept override { level_ = level; }
  int32_t getBuilderOptimizationLevel() const noexcept override { return level_; }
  int32_t level_ = 3;
} firstConfig;

struct FirstBuilder : VBuilder {
  IBuilderConfig* createBuilderConfig() noexcept override { return new IBuilderConfig(&firstConfig); }
  IOptimizationProfile* createOptimizationProfile() noexcept override {
    static auto* const profile = new IOptimizationProfile(&firstProfile);  // the builder's
    return profile;
  }
} firstBuilder;

std::unique_ptr<trt::Library> library(int minor) {
  trt::EntryPoints entries;
  entries.createInferRuntime = [](void*, int32_t) { return static_cast<void*>(new IRuntime(&anyRuntime)); };
  entries.createInferBuilder = [](void*, int32_t) { return static_cast<void*>(new IBuilder(&firstBuilder)); };
  trt::Version version;
  version.major = 10;
  version.minor = minor;
  return trt::makeLibrary(trt::Shape::k10, entries, version);
}

void the10_0EngineIsAskedInItsFirstForms() {
  const auto first = library(0);
  const auto runtime = first->createRuntime();
  const auto engine = runtime->deserialize("0", 1);
  CHECK(engine->deviceMemorySize() == 100 && engine->deviceMemorySize(1) == 201);
  CHECK(engine->weightStreamingBudget() == 300 && engine->setWeightStreamingBudget(301));
  CHECK((engine->profileValues("x", 0, trt::Selector::kOpt) == std::vector<int64_t>{7, 8}));
  CHECK(engine->aliasedInput("y").empty());
  const std::string text = refusal(BACKEND_UNSUPPORTED, [&] { engine->weightStreamingAutomaticBudget(); });
  CHECK(contains(text, "needs TensorRT 10.1 or later; this is TensorRT 10.0.0"));
  const auto context = engine->createContext({});
  int memory = 0;
  context->setDeviceMemory(&memory, sizeof memory);
  CHECK(firstContext.given == &memory);
}

void the10_16EngineIsAskedInItsSecondForms() {
  const auto last = library(16);
  const auto runtime = last->createRuntime();
  const auto engine = runtime->deserialize("16", 2);
  CHECK(engine->deviceMemorySize() == 100 && engine->deviceMemorySize(1) == 201);
  CHECK(engine->weightStreamingBudget() == 300 && engine->setWeightStreamingBudget(301));
  CHECK(engine->weightStreamingAutomaticBudget() == 400);
  CHECK((engine->profileValues("x", 0, trt::Selector::kOpt) == std::vector<int64_t>{7, int64_t{1} << 40}));
  CHECK(engine->aliasedInput("y") == "cache");
}

void whatOnlyRtxHasIsRefused() {
  const auto first = library(0);
  const auto runtime = first->createRuntime();
  const auto engine = runtime->deserialize("0", 1);
  trt::ContextOptions options;
  options.cudaGraphStrategy = 1;
  CHECK(contains(refusal(BACKEND_UNSUPPORTED, [&] { engine->createContext(options); }), "TensorRT-RTX"));
  CHECK(contains(refusal(BACKEND_UNSUPPORTED, [&] { engine->createRuntimeCache(); }), "TensorRT-RTX"));
  const auto builder = first->createBuilder();
  const auto config = builder->createConfig();
  CHECK(contains(refusal(BACKEND_UNSUPPORTED, [&] { config->setComputeCapabilities({86}); }), "TensorRT-RTX"));
}

void settingsAreRefusedBeforeTheirVersion() {
  const auto first = library(0);
  const auto builder = first->createBuilder();
  const auto config = builder->createConfig();
  config->set(trt::Setting::kOptimizationLevel, 5);
  CHECK(config->get(trt::Setting::kOptimizationLevel) == 5);
  const std::pair<trt::Setting, const char*> late[] = {{trt::Setting::kRuntimePlatform, "10.2"},
                                                       {trt::Setting::kMaxTactics, "10.4"},
                                                       {trt::Setting::kTilingLevel, "10.8"},
                                                       {trt::Setting::kL2LimitForTiling, "10.8"}};
  for (const auto& [setting, since] : late) {
    CHECK(contains(refusal(BACKEND_UNSUPPORTED, [&, each = setting] { config->set(each, 1); }), since));
    CHECK(contains(refusal(BACKEND_UNSUPPORTED, [&, each = setting] { config->get(each); }), since));
  }
  const auto sameCapability = [&] { config->set(trt::Setting::kHardwareCompatibility, 2); };
  CHECK(contains(refusal(BACKEND_UNSUPPORTED, sameCapability), "10.9"));
  CHECK(contains(refusal(BACKEND_UNSUPPORTED, [&] { config->setFlag("STRICT_NANS", true); }), "10.6"));
  const std::string known = refusal(BACKEND_INVALID_ARGUMENT, [&] { config->flag("X"); });
  CHECK(contains(known, "STRIP_PLAN") && !contains(known, "STRICT_NANS"));
}

void shapeValuesAreNarrowBefore10_11() {
  const auto first = library(0);
  const auto builder = first->createBuilder();
  const auto profile = builder->createProfile();
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  CHECK(profile->setValues("x", trt::Selector::kMin, {-1, most}));
  const auto tooWide = [&] { profile->setValues("x", trt::Selector::kMin, {most + 1}); };
  CHECK(contains(refusal(BACKEND_UNSUPPORTED, tooWide), "The value 2147483648 of shape tensor x needs TensorRT 10.11"));
}

}  // namespace

void shapes_test::lateSlotsAreNotCalled() {
  the10_0EngineIsAskedInItsFirstForms();
  the10_16EngineIsAskedInItsSecondForms();
  whatOnlyRtxHasIsRefused();
  settingsAreRefusedBeforeTheirVersion();
  shapeValuesAreNarrowBefore10_11();
}
