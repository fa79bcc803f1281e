// SPDX-License-Identifier: Apache-2.0
// The runtime and its entry point.
#include <dlfcn.h>

#include <cstring>

#include "engine.h"

namespace TRT_NS {

namespace {

std::string deserializing(const std::string& what) { return "IRuntime::deserializeCudaEngine: Error Code 1: " + what; }

bool deviceTakes(const sim::Plan& plan, int sm) {
  if (TRT_RTX) {
    static constexpr int known[] = {75, 80, 86, 89, 120, 121};
    for (uint32_t i = 0; i < 6; ++i) {
      if (known[i] == sm) return (plan.fact("capabilities") >> i & 1) != 0;
    }
    return (plan.fact("capabilities") >> 6 & 1) != 0;
  }
  const auto builtFor = static_cast<int>(plan.fact("sm"));
  const int64_t level = plan.fact("compatibility");
  return builtFor == sm || (level == 1 && builtFor >= 80 && sm >= 80);
}

std::string dotted(int64_t sm) { return std::to_string(sm / 10) + "." + std::to_string(sm % 10); }

// As the real one: header, driver, version, device, memory. @throws std::runtime_error
LoadedPtr load(const void* data, size_t bytes, bool hostCode) {
  const sim::Version& library = sim::libraryVersion();
  sim::checkHeader(data, bytes, library);
  int device = 0;
  if (const int code = sim::bridge().device(&device)) {
    throw std::runtime_error(
        "Cuda Runtime (In ScopedCudaStream at /_src/common/dispatch/cudaResources.cpp:25 (cudaError " +
        std::to_string(code) + ": " + sim::bridge().textOf(code) + "))");
  }
  sim::checkVersion(data, bytes, library);
  auto loaded = std::make_shared<Loaded>(sim::readPlan(data, bytes));
  const int sm = sim::bridge().settings().sm;
  if (!deviceTakes(loaded->plan, sm)) {
    throw std::runtime_error(
        "Serialization (The engine plan file is generated on an incompatible device, expecting compute " + dotted(sm) +
        " got compute " + dotted(loaded->plan.fact("sm")) + ", please rebuild.)");
  }
  if (loaded->plan.fact("hostCode") != 0 && !hostCode) {
    throw std::runtime_error(
        "API Usage Error (The engine contains host code, which is not allowed: see setEngineHostCodeAllowed)");
  }
  loaded->device = device;
  if (sim::bridge().allocate(&loaded->weights, loaded->plan.model.weightBytes()) != 0) {
    throw std::runtime_error("Out of memory (weights of " + std::to_string(loaded->plan.model.weightBytes()) +
                             " bytes)");
  }
  if (loaded->plan.fact("stripped") != 0) {
    for (const sim::Tensor& tensor : loaded->plan.model.tensors) {
      if (tensor.constant) loaded->unset.insert(tensor.name);
    }
  }
  return loaded;
}

class RuntimeImpl : public VRuntime {
 public:
  ~RuntimeImpl() override { *exists_ = false; }
  ICudaEngine* deserializeCudaEngine(const void* data, size_t bytes) noexcept override {
    if (SIM_TRT("IRuntime::deserializeCudaEngine") != 0)
      return complain(deserializing("Internal Error (simulated fault)")), nullptr;
    try {
      LoadedPtr loaded = load(data, bytes, hostCode_);
      loaded->runtime = exists_;
      return makeEngine(std::move(loaded));
    } catch (const std::exception& error) {
      complain(deserializing(error.what()));
      return nullptr;
    }
  }
  ICudaEngine* deserializeCudaEngineV2(IStreamReaderV2& reader) noexcept override {
    std::vector<char> bytes;
    char part[4096];
    for (int64_t got = 0; (got = reader.read(part, sizeof part, nullptr)) > 0;)
      bytes.insert(bytes.end(), part, part + got);
    return deserializeCudaEngine(bytes.data(), bytes.size());
  }
  void setDLACore(int32_t core) noexcept override { dlaCore_ = core; }
  int32_t getDLACore() const noexcept override { return dlaCore_; }
  int32_t getNbDLACores() const noexcept override { return 0; }
  void setErrorRecorder(IErrorRecorder*) noexcept override {}
  ILogger* getLogger() const noexcept override { return logger(); }
  bool setMaxThreads(int32_t count) noexcept override { return count >= 1 && ((threads_ = count) != 0); }
  int32_t getMaxThreads() const noexcept override { return threads_; }
  void setTemporaryDirectory(const char* path) noexcept override { folder_ = path == nullptr ? "" : path; }
  const char* getTemporaryDirectory() const noexcept override { return folder_.c_str(); }
  void setTempfileControlFlags(uint32_t flags) noexcept override { tempfiles_ = flags; }
  uint32_t getTempfileControlFlags() const noexcept override { return tempfiles_; }
  IPluginRegistry& getPluginRegistry() noexcept override { return *registry(); }
  IRuntime* loadRuntime(const char* path) noexcept override {
    void* const library = path == nullptr ? nullptr : dlopen(path, RTLD_NOW);
    using Create = void* (*)(void*, int32_t);
    const auto create =
        library == nullptr ? nullptr : reinterpret_cast<Create>(dlsym(library, "createInferRuntime_INTERNAL"));
    if (create == nullptr)
      return complain(std::string("Unable to load library: ") + (path == nullptr ? "" : path)), nullptr;
    return static_cast<IRuntime*>(create(logger(), 0));
  }
  void setEngineHostCodeAllowed(bool on) noexcept override { hostCode_ = on; }
  bool getEngineHostCodeAllowed() const noexcept override { return hostCode_; }
#if TRT_RTX
  int64_t getEngineHeaderSize() const noexcept override { return sim::kPlanHeader; }
  EngineValidity getEngineValidity(const void* data, int64_t size, uint64_t* diagnostics) const noexcept override {
    *diagnostics = 0;
    try {
      sim::checkHeader(data, static_cast<size_t>(size), sim::libraryVersion());
    } catch (const std::exception&) {
      *diagnostics = static_cast<uint64_t>(EngineInvalidityDiagnostics::kMALFORMED_ENGINE);
      return EngineValidity::kINVALID;
    }
    int device = 0;
    if (const int code = sim::bridge().device(&device)) {
      say(Severity::kINTERNAL_ERROR,
          "Error reading CUDA GPU properties: In getCurrentCC at /_src/runtime/dispatch/planHeaders.cpp:130 "
          "(cudaError " +
              std::to_string(code) + ": " + sim::bridge().textOf(code) + ")");
      return EngineValidity::kINVALID;
    }
    return check(data, diagnostics);
  }
#endif

 private:
#if TRT_RTX
  // From the header alone: version, then the capabilities' bits.
  static EngineValidity check(const void* data, uint64_t* diagnostics) {
    const auto* const at = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < 4; ++i) {
      if (at[24 + i] != sim::libraryVersion().number[i]) *diagnostics |= 1;
    }
    sim::Plan header;
    uint32_t bits = 0;
    std::memcpy(&bits, at + 32, sizeof bits);
    header.facts["capabilities"] = bits;
    if (!deviceTakes(header, sim::bridge().settings().sm)) *diagnostics |= 2;
    return *diagnostics == 0 ? EngineValidity::kVALID : EngineValidity::kINVALID;
  }
#endif
  const std::shared_ptr<std::atomic<bool>> exists_ = std::make_shared<std::atomic<bool>>(true);
  int32_t dlaCore_ = -1;
  int32_t threads_ = 1;
  std::string folder_;
  uint32_t tempfiles_ = 3;
  bool hostCode_ = false;
};

}  // namespace
}  // namespace TRT_NS

// RTX makes a runtime on any machine. TensorRT without a driver logs an error, then answers a number that is no pointer;
// without a logger both do.
SIM_EXPORT void* createInferRuntime_INTERNAL(void* given, int32_t /*version*/) {
  void* const bogus = reinterpret_cast<void*>(static_cast<uintptr_t>(TRT_GEN == 10 && TRT_RTX == 0 ? 0x238 : 0x228));
  if (given == nullptr) return bogus;
  TRT_NS::keepLogger(given, "createInferRuntime");
  if (SIM_TRT("createInferRuntime") != 0) return nullptr;
  int device = 0;
  const int code = TRT_RTX ? 0 : sim::bridge().device(&device);
  if (code == 0) return new TRT_NS::Owned<TRT_NS::VRuntime>(new TRT_NS::RuntimeImpl, "runtimes");
  TRT_NS::say(TRT_NS::Severity::kERROR,
              "createInferRuntime: Error Code 6: API Usage Error (CUDA initialization failure with error: " +
                  std::to_string(code) + " In checkCudaInstallation at /_src/runtime/dispatch/runtime.cpp:824)");
  return bogus;
}
