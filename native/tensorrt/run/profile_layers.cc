// SPDX-License-Identifier: Apache-2.0
// Times of each layer, measured on a context of its own with zeros as inputs. Slower than a run: layers are told apart.
#include <algorithm>
#include <map>
#include <numeric>

#include "controls.h"
#include "error.h"
#include "json.h"
#include "solo_context.h"

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

void run_times(Model& model, SoloContext& solo, int runs, Times& times) {
  Device& device = model.device();
  const OwnedStream stream = make_stream(device.cuda());
  const SoloContext::Buffers buffers = solo.make_buffers();
  solo.use(buffers);
  Context& context = solo.context();
  context.setLayerTimes(&times);
  context.setEnqueueEmitsProfile(true);
  for (int i = 0; i <= runs; ++i) {
    if (i == 1) times.clear();  // the first warms up
    times.start_run();
    if (!context.enqueue(stream.get())) solo.refuse("to execute");
    device.check(device.cuda().StreamSynchronize(stream.get()), "cudaStreamSynchronize");
  }
  context.setLayerTimes(nullptr);
}

}  // namespace

std::string profile_layers(Model& model, const JsonValue& arguments) {
  const int runs = integer_argument(arguments, "runs", kDefaultRuns, 1, kMostRuns);
  const int profile = integer_argument(arguments, "profile", 0, 0, std::max(0, model.io().profiles() - 1));
  Times times;
  {
    const std::lock_guard<std::mutex> lock(model.mutex());
    SoloContext solo(model, profile, arguments.find("shapes"));
    run_times(model, solo, runs, times);
  }
  JsonWriter json;
  json.begin_object().key("profile").number(profile).key("runs").number(runs);
  times.write(json);
  return json.end_object().str();
}

}  // namespace trt::run
