// SPDX-License-Identifier: Apache-2.0
// Where the messages of TensorRT go. A library keeps the first logger it sees for ever, so there is one for the process;
// a message belongs to the job of the thread it comes on, or, on a thread that TensorRT made, to the job under way.
#ifndef TENSORRT_NODE_TENSORRT_LOGGING_H_
#define TENSORRT_NODE_TENSORRT_LOGGING_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend.h"
#include "tensorrt/trt.h"

namespace trt {

// What the log of a build tells in passing; -1: not said.
struct LogFacts {
  int64_t scratchBytes = -1;     // device memory of a context at the largest shapes
  int64_t activationBytes = -1;  // part of it
  int64_t weightsBytes = -1;
};

// Pure: is this line the echo that follows each real error on a machine without a driver, rather than an error?
bool isEcho(const char* text) noexcept;
backend_log_level levelOf(int32_t severity, const char* text) noexcept;
void readFacts(const char* text, LogFacts& facts);

// The messages of one build, load, create … Any thread.
class JobLog {
 public:
  // `observer` may be null; it must outlive the job's LogScope. More than `finest` is not passed on.
  explicit JobLog(const backend_observer* observer, backend_log_level finest = BACKEND_LOG_INFO)
      : observer_(observer), finest_(finest) {}
  JobLog(const JobLog&) = delete;
  JobLog& operator=(const JobLog&) = delete;

  void write(int32_t severity, const char* text) noexcept;
  // The caller's own words, among those of TensorRT.
  void note(backend_log_level level, const std::string& text) noexcept;

  std::vector<std::string> errors() const;     // the first few, oldest first, without echoes
  std::vector<std::string> warnings() const;   // the first few, each once
  std::vector<std::string> lastLines() const;  // of any level but verbose
  LogFacts facts() const;
  // errors() in one line; `otherwise` where there were none.
  std::string why(const std::string& otherwise) const;
  // Errors from here on only: a step of the job that has ended well may have logged some.
  void forgetErrors();

 private:
  void keep(backend_log_level level, const char* text);

  const backend_observer* const observer_;
  const backend_log_level finest_;
  mutable std::mutex mutex_;
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
  std::deque<std::string> last_;
  LogFacts facts_;
};

// While it lives, messages on this thread are this job's; with `foreign`, also those of threads that have no job.
class LogScope {
 public:
  enum class Foreign { kNo, kYes };
  explicit LogScope(std::shared_ptr<JobLog> log, Foreign foreign = Foreign::kNo);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  std::shared_ptr<JobLog> log_;
  JobLog* before_;
  bool foreign_;
};

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_LOGGING_H_
