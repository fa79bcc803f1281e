// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/logging.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace trt {
namespace {

constexpr size_t kErrors = 8;
constexpr size_t kWarnings = 32;
constexpr size_t kLastLines = 50;

thread_local JobLog* own = nullptr;

// Jobs that foreign threads may speak for, latest last. A message is written while the lock is held, so that no job ends
// under it; a job's own thread never takes this lock.
struct Foreign {
  std::mutex mutex;
  std::vector<JobLog*> jobs;
};

// Leaked: threads of TensorRT may still write while static destructors run.
Foreign& foreign() {
  static auto& instance = *new Foreign;
  return instance;
}

bool startsNumber(char c) { return c >= '0' && c <= '9'; }

// The number after `label`, wherever in the line.
void readNumber(const char* text, const char* label, int64_t& value) {
  const char* at = std::strstr(text, label);
  if (at == nullptr) return;
  at += std::strlen(label);
  while (*at == ' ' || *at == ':') ++at;
  // Several profiles say it several times.
  if (startsNumber(*at)) value = std::max<int64_t>(value, std::strtoll(at, nullptr, 10));
}

void addOnce(std::vector<std::string>& list, const char* text, size_t most) {
  if (list.size() < most && std::find(list.begin(), list.end(), text) == list.end()) list.emplace_back(text);
}

}  // namespace

bool isEcho(const char* text) noexcept {
  if (std::strstr(text, "catchCudaError") == nullptr) return false;
  return std::strstr(text, "cudaError 35") != nullptr || std::strstr(text, "(In catchCudaError") != nullptr;
}

backend_log_level levelOf(int32_t severity, const char* text) noexcept {
  if (severity <= 1) return isEcho(text) ? BACKEND_LOG_VERBOSE : BACKEND_LOG_ERROR;
  if (severity == 2) return BACKEND_LOG_WARNING;
  return severity == 3 ? BACKEND_LOG_INFO : BACKEND_LOG_VERBOSE;
}

void readFacts(const char* text, LogFacts& facts) {
  readNumber(text, "Max Scratch Memory", facts.scratchBytes);
  readNumber(text, "Total Activation Memory", facts.activationBytes);
  readNumber(text, "Total Weights Memory", facts.weightsBytes);
}

void JobLog::keep(backend_log_level level, const char* text) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (level == BACKEND_LOG_ERROR) addOnce(errors_, text, kErrors);
  if (level == BACKEND_LOG_WARNING) addOnce(warnings_, text, kWarnings);
  readFacts(text, facts_);
  if (level > BACKEND_LOG_INFO) return;
  last_.emplace_back(text);
  if (last_.size() > kLastLines) last_.pop_front();
}

void JobLog::note(backend_log_level level, const std::string& text) noexcept {
  try {
    keep(level, text.c_str());
  } catch (...) {  // no memory for a log line: the line still goes to the observer
  }
  const bool wanted = level <= finest_ && observer_ != nullptr && observer_->log != nullptr;
  if (wanted) observer_->log(observer_->user, level, text.c_str());
}

void JobLog::write(int32_t severity, const char* text) noexcept {
  const backend_log_level level = levelOf(severity, text);
  try {
    keep(level, text);
  } catch (...) {  // as above
  }
  const bool wanted = level <= finest_ && observer_ != nullptr && observer_->log != nullptr;
  if (wanted) observer_->log(observer_->user, level, text);
}

std::vector<std::string> JobLog::errors() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return errors_;
}

std::vector<std::string> JobLog::warnings() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return warnings_;
}

std::vector<std::string> JobLog::lastLines() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {last_.begin(), last_.end()};
}

LogFacts JobLog::facts() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return facts_;
}

std::string JobLog::why(const std::string& otherwise) const {
  std::string text;
  for (const std::string& one : errors()) text += (text.empty() ? "" : " | ") + one;
  return text.empty() ? otherwise : text;
}

void JobLog::forgetErrors() {
  const std::lock_guard<std::mutex> lock(mutex_);
  errors_.clear();
}

LogScope::LogScope(std::shared_ptr<JobLog> log, Foreign which)
    : log_(std::move(log)), before_(own), foreign_(which == Foreign::kYes) {
  own = log_.get();
  if (!foreign_) return;
  const std::lock_guard<std::mutex> lock(foreign().mutex);
  foreign().jobs.push_back(log_.get());
}

LogScope::~LogScope() {
  own = before_;
  if (!foreign_) return;
  auto& jobs = foreign().jobs;
  const std::lock_guard<std::mutex> lock(foreign().mutex);
  jobs.erase(std::find(jobs.begin(), jobs.end(), log_.get()));
}

void routeLog(int32_t severity, const char* text) noexcept {
  if (text == nullptr) return;
  if (own != nullptr) return own->write(severity, text);
  const std::lock_guard<std::mutex> lock(foreign().mutex);
  if (!foreign().jobs.empty()) foreign().jobs.back()->write(severity, text);
}

}  // namespace trt
