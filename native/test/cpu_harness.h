// SPDX-License-Identifier: Apache-2.0
// Drives the CPU backend's table from a test: owners for its handles, a run that waits for its completion.
#ifndef TENSORRT_NODE_TEST_CPU_HARNESS_H_
#define TENSORRT_NODE_TEST_CPU_HARNESS_H_

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backend.h"
#include "check.h"
#include "cpu_backend.h"

namespace cpu_test {

using Options = std::vector<std::pair<std::string, std::string>>;

inline const backend_api& api() { return *trtn_cpu_get_api(BACKEND_ABI_MAJOR); }
inline std::string& library_path() {
  static auto* const path = new std::string;
  return *path;
}

struct Outcome {
  backend_status status = BACKEND_OK;
  std::string message;
};

inline bool says(const Outcome& outcome, const char* part) { return outcome.message.find(part) != std::string::npos; }

// Calls `body` with an error buffer, and gives back what came.
template <typename Body>
Outcome outcome_of(Body&& body) {
  char text[2048] = "";
  backend_error error{sizeof error, text, sizeof text, 0};
  Outcome outcome;
  outcome.status = body(&error);
  outcome.message = text;
  return outcome;
}

inline std::vector<backend_option> c_options(const Options& options) {
  std::vector<backend_option> result;
  for (const auto& [key, value] : options) result.push_back({key.c_str(), value.c_str()});
  return result;
}

inline void append(void* user, const void* data, size_t bytes) {
  static_cast<std::string*>(user)->append(static_cast<const char*>(data), bytes);
}

struct Built : Outcome {
  std::string payload;
  std::string facts;
};

struct BuildInput {
  std::string model;
  Options options;
  const char* path = nullptr;
  std::vector<backend_external> externals{};
  const backend_observer* observer = nullptr;
};

inline Built build(const BuildInput& input) {
  Built built;
  Options options = input.options;
  options.emplace_back("onnxruntime", library_path());
  const std::vector<backend_option> list = c_options(options);
  backend_build_request request{};
  request.struct_size = sizeof request;
  request.model = input.model.empty() && input.path != nullptr ? nullptr : input.model.data();
  request.model_bytes = input.model.size();
  request.model_path = input.path;
  request.externals = input.externals.data();
  request.external_count = input.externals.size();
  request.options = list.data();
  request.option_count = list.size();
  request.observer = input.observer;
  request.payload = {append, &built.payload};
  request.facts = {append, &built.facts};
  static_cast<Outcome&>(built) = outcome_of([&](backend_error* error) { return api().build(&request, error); });
  return built;
}

struct EngineFree {
  void operator()(backend_engine* engine) const { api().engine_free(engine); }
};
struct SessionFree {
  void operator()(backend_session* session) const { api().session_free(session); }
};
using Engine = std::unique_ptr<backend_engine, EngineFree>;
using Session = std::unique_ptr<backend_session, SessionFree>;

inline Outcome try_load(const std::string& payload, Engine& engine, Options options = {},
                        const backend_observer* observer = nullptr) {
  options.emplace_back("onnxruntime", library_path());
  const std::vector<backend_option> list = c_options(options);
  const backend_load_request request{sizeof request, payload.data(), payload.size(),
                                     list.data(),    list.size(),    observer};
  backend_engine* raw = nullptr;
  const Outcome outcome = outcome_of([&](backend_error* error) { return api().load(&request, &raw, error); });
  engine.reset(raw);
  return outcome;
}

inline Outcome try_session(backend_engine* engine, int32_t lanes, const Options& options, Session& session) {
  const std::vector<backend_option> list = c_options(options);
  const backend_session_request request{sizeof request, lanes, list.data(), list.size(), nullptr};
  backend_session* raw = nullptr;
  const Outcome outcome =
      outcome_of([&](backend_error* error) { return api().session_create(engine, &request, &raw, error); });
  session.reset(raw);
  return outcome;
}

inline void succeeded(const Outcome& outcome) {
  if (outcome.status == BACKEND_OK) return;
  std::fprintf(stderr, "status %d: %s\n", outcome.status, outcome.message.c_str());
  std::abort();
}

inline Engine load(const std::string& payload, const Options& options = {}) {
  Engine engine;
  succeeded(try_load(payload, engine, options));
  return engine;
}

inline Session make_session(const Engine& engine, int32_t lanes = 1, const Options& options = {}) {
  Session session;
  succeeded(try_session(engine.get(), lanes, options, session));
  return session;
}

inline backend_tensor tensor(uint32_t index, std::initializer_list<int64_t> dims, void* data, size_t bytes) {
  backend_tensor result{};
  result.index = index;
  result.rank = static_cast<int32_t>(dims.size());
  size_t at = 0;
  for (const int64_t dim : dims) result.dims[at++] = dim;
  result.data = data;
  result.bytes = bytes;
  return result;
}

inline backend_tensor pooled(uint32_t index) {
  backend_tensor result{};
  result.index = index;
  result.memory = BACKEND_POOLED;
  result.rank = -1;
  return result;
}

// One submitted run; the destructor waits for its completion.
class Run : public Outcome {
 public:
  Run(backend_session* session, std::vector<backend_tensor> inputs, std::vector<backend_tensor> wanted)
      : inputs_(std::move(inputs)), outputs(std::move(wanted)) {
    run_.struct_size = sizeof run_;
    run_.inputs = inputs_.data();
    run_.input_count = static_cast<uint32_t>(inputs_.size());
    run_.outputs = outputs.data();
    run_.output_count = static_cast<uint32_t>(outputs.size());
    run_.lane = -1;
    run_.profile = -1;
    run_.user = this;
    run_.done = finished;
    api().submit(session, &run_);
  }
  ~Run() { wait(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Run& wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    settled_.wait(lock, [this] { return done_; });
    return *this;
  }

 private:
  static void finished(void* user, backend_status status, const char* message, const backend_timings* timings,
                       int32_t) {
    auto& self = *static_cast<Run*>(user);
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.status = status;
    self.message = message == nullptr ? "" : message;
    self.timings = *timings;
    self.done_ = true;
    self.settled_.notify_all();  // under the lock: the waiter may destroy *this as soon as it can
  }

  std::vector<backend_tensor> inputs_;
  backend_run run_{};
  std::mutex mutex_;
  std::condition_variable settled_;
  bool done_ = false;

 public:
  std::vector<backend_tensor> outputs;
  backend_timings timings{};
};

}  // namespace cpu_test

#endif  // TENSORRT_NODE_TEST_CPU_HARNESS_H_
