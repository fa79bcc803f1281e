// SPDX-License-Identifier: Apache-2.0
// One loaded libonnxruntime: its function table, its environment and where its log messages go.
#ifndef TENSORRT_NODE_CPU_ORT_LIBRARY_H_
#define TENSORRT_NODE_CPU_ORT_LIBRARY_H_

#include <string>

#include "backend.h"
#include "error.h"
#include "ort_api.h"

namespace trtn::cpu {

class UnusableLibrary : public Error {
 public:
  UnusableLibrary(const std::string& path, const std::string& reason);
  const std::string& reason() const { return reason_; }
  static const char* remedy();

 private:
  std::string reason_;
};

// ONNX Runtime 1.30 records each session in a database in the user's home, leaves a log in /tmp, keeps growing by it, and
// sends it to its maker; only a variable of the environment, read when the library starts, keeps it from that. A user who
// has set the variable has decided. On the JavaScript thread, because setenv races with getenv of other threads.
void disable_telemetry() noexcept;

class Library {
 public:
  // Loaded once per path and process and never unloaded: its threads and thread-local state do not survive that.
  // Throws UnusableLibrary, which is a BACKEND_UNAVAILABLE.
  static const Library& open(const std::string& path);

  const ort::Api& api() const { return api_; }
  const ort::Env* env() const { return env_; }
  const ort::MemoryInfo* memory_info() const { return memory_info_; }
  ort::Allocator* allocator() const { return allocator_; }
  const std::string& version() const { return version_; }
  const std::string& path() const { return path_; }

  // The text belongs to ONNX Runtime's default allocator: copied and freed. Null gives "".
  std::string take_text(char* text) const;

  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

 private:
  explicit Library(const std::string& path);

  std::string path_;
  std::string version_;
  ort::Api api_{};
  ort::Env* env_ = nullptr;
  ort::MemoryInfo* memory_info_ = nullptr;
  ort::Allocator* allocator_ = nullptr;
};

// While it lives, log messages that ONNX Runtime writes on this thread go to `observer` (may be null). Elsewhere they are
// dropped: every failure also comes as a status, and a library never prints.
class LogScope {
 public:
  explicit LogScope(const backend_observer* observer);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  const backend_observer* previous_;
};

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_ORT_LIBRARY_H_
