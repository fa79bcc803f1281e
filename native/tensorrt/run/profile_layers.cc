// SPDX-License-Identifier: Apache-2.0
// Times of each layer, measured on a context of its own with zeros as inputs. Slower than a run: layers are told apart.
#include <algorithm>
#include <deque>
#include <map>
#include <numeric>

#include "controls.h"
#include "error.h"
#include "json.h"
#include "layout.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::JsonWriter;

constexpr int kDefaultRuns = 10;
constexpr int kMostRuns = 10000;

class Times : public LayerTimes {
 public:
  // A layer may be told several times in a run, in a loop say: their sum is its time of that run.
  void report(const char* layer, float ms) noexcept override {
    try {
      auto [entry, added] = times_.try_emplace(layer);
      if (added) order_.push_back(layer);
      entry->second.resize(runs_, 0.0);
      entry->second.back() += static_cast<double>(ms);
    } catch (...) {  // no memory: the layer is missing from the report
    }
  }
  void start_run() { ++runs_; }
  void clear() {
    times_.clear();
    order_.clear();
    runs_ = 0;
  }
  void write(JsonWriter& json) {
    double total = 0;
    json.key("layers").begin_array();
    for (const std::string& name : order_) {
      std::vector<double>& times = times_.at(name);
      times.resize(runs_, 0.0);
      const double ms = std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(runs_);
      total += ms;
      json.begin_object().key("name").text(name).key("ms").raw(std::to_string(ms));
      json.key("medianMs").raw(std::to_string(median(times))).end_object();
    }
    json.end_array().key("totalMs").raw(std::to_string(total));
  }

 private:
  static double median(std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    const size_t half = times.size() / 2;
    return times.size() % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2;
  }

  size_t runs_ = 0;
  std::map<std::string, std::vector<double>> times_;
  std::vector<std::string> order_;  // of execution
};

int integer_of(const JsonValue& arguments, const char* key, int otherwise, int most) {
  const JsonValue* value = arguments.find(key);
  if (value == nullptr) return otherwise;
  if (value->kind == JsonValue::Kind::kNumber && value->number >= 0 && value->number <= most) {
    return static_cast<int>(value->number);
  }
  throw Error(BACKEND_INVALID_ARGUMENT, std::string("Expected 0 to ") + std::to_string(most) + " for '" + key + "'.");
}

// Of the arguments, or what the profile is optimised for.
Dims wanted_dims(const Port& port, const JsonValue* shapes, size_t profile) {
  Dims dims = port.dims;
  const Range* const range = profile < port.ranges.size() ? &port.ranges[profile] : nullptr;
  for (int32_t i = 0; range != nullptr && !port.is_shape && i < dims.rank; ++i)
    dims.d[i] = range->opt[static_cast<size_t>(i)];
  const JsonValue* given = shapes == nullptr ? nullptr : shapes->find(port.name);
  if (given == nullptr) return dims;
  if (given->items.size() != static_cast<size_t>(std::max(dims.rank, 0))) {
    throw Error(BACKEND_SHAPE, "The input '" + port.name + "' takes the shape " + shape_text(port.dims) + ".");
  }
  for (size_t i = 0; i < given->items.size(); ++i) dims.d[i] = static_cast<int64_t>(given->items[i].number);
  return dims;
}

class Profiling {
 public:
  Profiling(Model& model, int32_t profile) : model_(model), device_(model.device()) {
    stream_ = make_stream(device_.cuda());
    ContextOptions options;
    options.runtimeCache = model.runtime_cache();
    context_ = model.engine().createContext(options);
    if (context_ == nullptr)
      device_.fail_call(BACKEND_OUT_OF_MEMORY, "TensorRT could not create an execution context.");
    if (profile > 0 && !context_->setProfile(profile, stream_.get())) refuse("the profile");
  }

  void bind_inputs(const JsonValue* shapes, size_t profile) {
    for (const Port& port : model_.io().inputs()) {
      const Dims dims = wanted_dims(port, shapes, profile);
      if (!context_->setInputShape(port.name.c_str(), dims)) refuse("the shape of '" + port.name + "'");
      if (!port.on_host) {
        bind(port, dims);
        continue;
      }
      values_.push_back(profile < port.ranges.size() ? port.ranges[profile].opt : std::vector<int64_t>());
      narrow_.emplace_back(values_.back().begin(), values_.back().end());
      const void* data = port.type == BACKEND_INT64 ? static_cast<void*>(values_.back().data()) : narrow_.back().data();
      if (!context_->setInputAddress(port.name.c_str(), data)) refuse("the values of '" + port.name + "'");
    }
    if (context_->inferShapes(nullptr, 0) != 0) refuse("these shapes");
  }

  void bind_outputs() {
    for (const Port& port : model_.io().outputs()) {
      const Dims dims = context_->tensorShape(port.name.c_str());
      const bool known = dims.rank >= 0 && std::all_of(dims.d, dims.d + dims.rank, [](int64_t d) { return d >= 0; });
      if (!known)
        throw Error(BACKEND_UNSUPPORTED, "The layers of an engine whose output shapes depend on data cannot be timed.");
      bind(port, dims);
    }
  }

  void run(int runs, Times& times) {
    context_->setLayerTimes(&times);
    context_->setEnqueueEmitsProfile(true);
    for (int i = 0; i <= runs; ++i) {
      if (i == 1) times.clear();  // the first warms up
      times.start_run();
      if (!context_->enqueue(stream_.get())) refuse("to execute");
      device_.check(device_.cuda().StreamSynchronize(stream_.get()), "cudaStreamSynchronize");
    }
    context_->setLayerTimes(nullptr);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) {
    device_.fail_call(BACKEND_DEVICE, "TensorRT refused " + what + ".");
  }

  void bind(const Port& port, const Dims& dims) {
    size_t bytes = 0;
    if (!bytes_of(port, dims.d, dims.rank, bytes)) throw Error(BACKEND_SHAPE, "'" + port.name + "' is too large.");
    bytes = std::max(bytes, kAlignment);
    if (port.on_host) {
      host_.emplace_back(bytes);
      if (!context_->setTensorAddress(port.name.c_str(), host_.back().data()))
        refuse("the address of '" + port.name + "'");
      return;
    }
    memory_.push_back(make_device_memory(device_.cuda(), bytes));
    void* const address = memory_.back().get();
    device_.check(device_.cuda().MemsetAsync(address, 0, bytes, stream_.get()), "cudaMemsetAsync");
    if (!context_->setTensorAddress(port.name.c_str(), address)) refuse("the address of '" + port.name + "'");
  }

  Model& model_;
  Device& device_;
  OwnedStream stream_;
  std::deque<std::vector<int64_t>> values_;
  std::deque<std::vector<int32_t>> narrow_;
  std::deque<std::vector<char>> host_;
  std::vector<DeviceMemory> memory_;
  std::unique_ptr<Context> context_;  // goes first
};

}  // namespace

std::string profile_layers(Model& model, const JsonValue& arguments) {
  const int runs = std::max(1, integer_of(arguments, "runs", kDefaultRuns, kMostRuns));
  const int profile = integer_of(arguments, "profile", 0, std::max(0, model.io().profiles() - 1));
  Times times;
  {
    const std::lock_guard<std::mutex> lock(model.mutex());
    Profiling profiling(model, profile);
    profiling.bind_inputs(arguments.find("shapes"), static_cast<size_t>(profile));
    profiling.bind_outputs();
    profiling.run(runs, times);
  }
  JsonWriter json;
  json.begin_object().key("profile").number(profile).key("runs").number(runs);
  times.write(json);
  return json.end_object().str();
}

}  // namespace trt::run
