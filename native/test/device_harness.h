// SPDX-License-Identifier: Apache-2.0
// Drives the TensorRT backends' table over the simulated GPU: for the sanitizers, which cannot judge what happens in Node.
#ifndef TENSORRT_NODE_TEST_DEVICE_HARNESS_H_
#define TENSORRT_NODE_TEST_DEVICE_HARNESS_H_

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend.h"
#include "check.h"
#include "onnx_writer.h"
#include "tensorrt/tensorrt_backend.h"

namespace device_test {

constexpr int64_t kMostRows = int64_t{1} << 20;

// The simulator's libraries of one flavour, as the backend is told of them.
class Simulator {
 public:
  explicit Simulator(const std::string& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) add(entry.path());
    CHECK(options_.size() == 3);
    rtx_ = folder.find("rtx") != std::string::npos;
  }
  const backend_api& api() const {
    return *(rtx_ ? trtn_tensorrt_rtx_get_api(BACKEND_ABI_MAJOR) : trtn_tensorrt_get_api(BACKEND_ABI_MAJOR));
  }
  std::vector<backend_option> options() const {
    std::vector<backend_option> list;
    for (const auto& [key, value] : options_) list.push_back({key.c_str(), value.c_str()});
    return list;
  }
  void set(const char* key, const std::string& value) const {
    using SetFn = int (*)(const char*, const char*);
    const auto set = reinterpret_cast<SetFn>(dlsym(dlopen(cudart_.c_str(), RTLD_NOW), "sim_set"));
    CHECK(set != nullptr && set(key, value.c_str()) == 1);
  }
  // JSON, see native/sim/README.md.
  std::string get(const char* what) const {
    using GetFn = char* (*)(const char*);
    const auto get = reinterpret_cast<GetFn>(dlsym(dlopen(cudart_.c_str(), RTLD_NOW), "sim_get"));
    CHECK(get != nullptr);
    const std::unique_ptr<char, decltype(&std::free)> text(get(what), &std::free);
    return text == nullptr ? "" : text.get();
  }

 private:
  void add(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    const auto is = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
    if (is("libcudart.so")) {
      cudart_ = path.string();
      options_.emplace_back("cudart", path.string());
    } else if (is("libnvinfer.so") || is("libtensorrt_rtx.so")) {
      options_.emplace_back("nvinfer", path.string());
    } else if (is("libnvonnxparser.so") || is("libtensorrt_onnxparser_rtx.so")) {
      options_.emplace_back("nvonnxparser", path.string());
    }
  }

  std::vector<std::pair<std::string, std::string>> options_;
  std::string cudart_;
  bool rtx_ = false;
};

inline void succeeded(backend_status status, const backend_error& error) {
  if (status == BACKEND_OK) return;
  std::fprintf(stderr, "status %d: %s\n", status, error.message);
  std::abort();
}

struct ErrorText {
  std::array<char, 2048> text{};
  backend_error error{sizeof(backend_error), text.data(), text.size(), 0};
};

inline void append(void* user, const void* data, size_t bytes) {
  static_cast<std::string*>(user)->append(static_cast<const char*>(data), bytes);
}

// y = x, float [N, 4], N 0 … kMostRows, as a plan.
inline std::string build_echo(const Simulator& simulator) {
  using namespace onnx_writer;
  Graph graph;
  graph.nodes = {node("Identity", {"x"}, {"y"})};
  graph.inputs = {value("x", kFloat, {-1, 4})};
  graph.outputs = {value("y", kFloat, {-1, 4})};
  const std::string bytes = model(graph);
  const std::array<int64_t, 2> min{0, 4};
  const std::array<int64_t, 2> opt{1, 4};
  const std::array<int64_t, 2> max{kMostRows, 4};
  const backend_profile_range range{"x", 2, 0, min.data(), opt.data(), max.data()};
  const backend_profile profile{&range, 1};
  const std::vector<backend_option> options = simulator.options();
  std::string payload;
  std::string facts;
  backend_build_request request{};
  request.struct_size = sizeof request;
  request.model = bytes.data();
  request.model_bytes = bytes.size();
  request.profiles = &profile;
  request.profile_count = 1;
  request.options = options.data();
  request.option_count = options.size();
  request.payload = {append, &payload};
  request.facts = {append, &facts};
  ErrorText failure;
  succeeded(simulator.api().build(&request, &failure.error), failure.error);
  return payload;
}

inline backend_engine* load(const Simulator& simulator, const std::string& payload) {
  const std::vector<backend_option> options = simulator.options();
  const backend_load_request request{sizeof request, payload.data(), payload.size(),
                                     options.data(), options.size(), nullptr};
  backend_engine* engine = nullptr;
  ErrorText failure;
  succeeded(simulator.api().load(&request, &engine, &failure.error), failure.error);
  return engine;
}

inline backend_session* open(const Simulator& simulator, backend_engine* engine, int32_t lanes,
                             const std::vector<backend_option>& options = {}) {
  const backend_session_request request{sizeof request, lanes, options.data(), options.size(), nullptr};
  backend_session* session = nullptr;
  ErrorText failure;
  succeeded(simulator.api().session_create(engine, &request, &session, &failure.error), failure.error);
  return session;
}

}  // namespace device_test

#endif  // TENSORRT_NODE_TEST_DEVICE_HARNESS_H_
