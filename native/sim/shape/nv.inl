// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <link.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "nv.h"

#if TRT_SHAPE == 10
#define SIM_VERSION {10, 15, 1, 29}
#elif TRT_SHAPE == 11
#define SIM_VERSION {11, 4, 0, 12}
#elif TRT_SHAPE == 110
#define SIM_VERSION {1, 4, 0, 76}
#else
#define SIM_VERSION {1, 7, 1, 116}
#endif

namespace sim {

void unimplemented(const char* slot) {
  std::fprintf(stderr, "simulated TensorRT: %s is not implemented\n", slot);
  std::abort();
}

namespace {

using GetBridge = Bridge* (*)();

GetBridge bridgeIn(void* library) {
  return library == nullptr ? nullptr : reinterpret_cast<GetBridge>(dlsym(library, "sim_bridge"));
}

// A simulated libcudart that the process has loaded from elsewhere.
int visit(dl_phdr_info* info, size_t /*size*/, void* found) {
  if (std::strstr(info->dlpi_name, "cudart") == nullptr) return 0;
  *static_cast<void**>(found) = dlopen(info->dlpi_name, RTLD_NOW | RTLD_NOLOAD);
  return bridgeIn(*static_cast<void**>(found)) != nullptr ? 1 : 0;
}

// The libcudart beside this library, if the process has it already; else the one that it has; else the one beside.
Bridge& findBridge() {
  Dl_info self{};
  dladdr(reinterpret_cast<const void*>(&findBridge), &self);
  std::error_code ignored;
  // sim_trt10_nvinfer.so → sim_trt10_cudart.so: the files' own names, whatever links led here.
  const std::string path = std::filesystem::canonical(self.dli_fname, ignored).string();
  const std::string beside = path.substr(0, path.rfind('_')) + "_cudart.so";
  void* library = dlopen(beside.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (library == nullptr) (void)dl_iterate_phdr(visit, &library);
  if (bridgeIn(library) == nullptr) library = dlopen(beside.c_str(), RTLD_NOW);
  const GetBridge get = bridgeIn(library);
  if (get == nullptr) unimplemented(("a GPU without " + beside).c_str());
  return *get();
}

}  // namespace

Bridge& bridge() {
  static Bridge& one = findBridge();
  return one;
}

const Version& libraryVersion() {
  static const Version* const version = [] {
    auto* const made = new Version{SIM_VERSION, TRT_RTX != 0};
    const std::lock_guard<std::mutex> guard(bridge().settings().lock);
    const std::string& other = bridge().settings().version;
    if (!other.empty()) {
      std::sscanf(other.c_str(), "%d.%d.%d.%d", &made->number[0], &made->number[1], &made->number[2], &made->number[3]);
    }
    return made;
  }();
  return *version;
}

}  // namespace sim

namespace TRT_NS {

namespace {
std::atomic<ILogger*> kept{nullptr};
}  // namespace

ILogger* keepLogger(void* given, const char* caller) {
  ILogger* none = nullptr;
  auto* const wanted = static_cast<ILogger*>(given);
  if (!kept.compare_exchange_strong(none, wanted) && none != wanted) {
    none->log(Severity::kWARNING,
              (std::string("The logger passed into ") + caller +
               " differs from one already registered for an existing builder, runtime, or refitter. "
               "So the current new logger is ignored, and TensorRT will use the existing one which "
               "is returned by nvinfer1::getLogger() instead.")
                  .c_str());
  }
  return kept;
}

ILogger* logger() { return kept; }

void say(Severity severity, const std::string& text) {
  if (ILogger* const to = kept) to->log(severity, text.c_str());
}

void complain(const std::string& text) {
  say(Severity::kERROR, text);
  const int driver = sim::bridge().settings().driver;
  if (driver <= 0) return;
  say(Severity::kERROR,
      "[checkMacros.cpp::catchCudaError::229] Error Code 1: Cuda Runtime (In catchCudaError at "
      "/_src/common/dispatch/checkMacros.cpp:229 (cudaError " +
          std::to_string(driver) + ": " + sim::bridge().textOf(driver) + "))");
}

std::string show(const sim::Shape& shape) {
  std::string out = "[";
  for (size_t i = 0; i < shape.size(); ++i) out += (i > 0 ? "," : "") + std::to_string(shape[i]);
  return out + "]";
}

namespace {

class Registry : public IPluginRegistry {
 public:
  void* loadLibrary(const char* path) noexcept override {
    if (SIM_TRT("IPluginRegistry::loadLibrary") != 0 || path == nullptr) return nullptr;
    void* const library = dlopen(path, RTLD_NOW);
    if (library == nullptr) complain(std::string("Unable to load library: ") + path + ": " + dlerror());
    return library;
  }
  void deregisterLibrary(void* library) noexcept override { dlclose(library); }
  bool isParentSearchEnabled() const noexcept override { return true; }
  void setParentSearchEnabled(bool) noexcept override {}
  IPluginCreatorInterface* const* getAllCreators(int32_t* count) const noexcept override {
    *count = 0;
    return nullptr;
  }
};

}  // namespace

IPluginRegistry* registry() {
  static IPluginRegistry* const one = new Registry;
  return one;
}

}  // namespace TRT_NS
