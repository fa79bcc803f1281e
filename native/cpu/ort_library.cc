// SPDX-License-Identifier: Apache-2.0
#include "ort_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

#include "exit_guard.h"
#include "ort_status.h"

namespace trtn::cpu {
namespace {

constexpr char kRemedy[] =
    "Install the npm package onnxruntime-node (1.17 or newer), or give the path of a libonnxruntime.so of that age.";

thread_local const backend_observer* current_observer = nullptr;

backend_log_level level_of(ort::LoggingLevel severity) {
  if (severity >= ort::kError) return BACKEND_LOG_ERROR;
  if (severity == ort::kWarning) return BACKEND_LOG_WARNING;
  return severity == ort::kInfo ? BACKEND_LOG_INFO : BACKEND_LOG_VERBOSE;
}

void forward_log(void*, ort::LoggingLevel severity, const char*, const char*, const char*, const char* message) {
  const backend_observer* observer = current_observer;
  if (observer == nullptr || observer->log == nullptr) return;
  observer->log(observer->user, level_of(severity), message);
}

// The API version of ONNX Runtime 1.N is N. GetApi prints to stderr when asked for more than it has, hence no trying.
uint32_t api_version_of(const std::string& version) {
  char* end = nullptr;
  const unsigned long major = std::strtoul(version.c_str(), &end, 10);
  if (*end != '.') return 0;
  const unsigned long minor = std::strtoul(end + 1, nullptr, 10);
  return major > 1 ? ort::kNewestApi : std::min<uint32_t>(static_cast<uint32_t>(minor), ort::kNewestApi);
}

}  // namespace

void disable_telemetry() noexcept { setenv("ORT_DISABLE_TELEMETRY", "1", /* overwrite = */ 0); }

UnusableLibrary::UnusableLibrary(const std::string& path, const std::string& reason)
    : Error(BACKEND_UNAVAILABLE, "ONNX Runtime cannot be used from '" + path + "': " + reason + ". " + kRemedy),
      reason_(reason) {}

const char* UnusableLibrary::remedy() { return kRemedy; }

Library::Library(const std::string& path) : path_(path) {
  if (path.empty() || path[0] != '/') throw UnusableLibrary(path, "an absolute path was expected");
  // LOCAL: another addon may bring another ONNX Runtime. NOW: a missing symbol shows here, not in the middle of a run.
  const ExitGuard::Loading loading;
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw UnusableLibrary(path, dlerror());
  const auto get_base = reinterpret_cast<const ort::ApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (get_base == nullptr)
    throw UnusableLibrary(path, "the library has no function OrtGetApiBase, so it is not ONNX Runtime");
  const ort::ApiBase* base = get_base();
  version_ = base->GetVersionString();
  const uint32_t wanted = api_version_of(version_);
  const void* table = wanted < ort::kOldestApi ? nullptr : base->GetApi(wanted);
  if (table == nullptr) throw UnusableLibrary(path, "version " + version_ + " is too old, 1.17 or newer was expected");
  api_ = ort::bind(table, wanted);
  require(api_, api_.CreateEnvWithCustomLogger(forward_log, nullptr, ort::kWarning, "tensorrt-node", &env_));
  // Where another addon has started the library first, without the variable: at least nothing of ours is told.
  require(api_, api_.DisableTelemetryEvents(env_));
  require(api_, api_.CreateCpuMemoryInfo(ort::kDeviceAllocator, ort::kDefaultMemory, &memory_info_));
  require(api_, api_.GetAllocatorWithDefaultOptions(&allocator_));
}

const Library& Library::open(const std::string& path) {
  // Leaked: lanes of detached sessions may still run in the library while static destructors do.
  static auto* const mutex = new std::mutex;
  static auto* const loaded = new std::map<std::string, const Library*>;
  const std::lock_guard<std::mutex> lock(*mutex);
  const auto found = loaded->find(path);
  if (found != loaded->end()) return *found->second;
  const auto* library = new Library(path);
  (*loaded)[path] = library;
  return *library;
}

std::string Library::take_text(char* text) const {
  if (text == nullptr) return {};
  std::string copy(text);
  if (ort::Status* status = api_.AllocatorFree(allocator_, text)) api_.ReleaseStatus(status);
  return copy;
}

LogScope::LogScope(const backend_observer* observer) : previous_(current_observer) { current_observer = observer; }
LogScope::~LogScope() { current_observer = previous_; }

}  // namespace trtn::cpu
