// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include "error.h"
#include "external_data.h"
#include "json.h"
#include "lane.h"
#include "options.h"

namespace {

using trtn::Error;
using trtn::LaneWork;
using trtn::OptionReader;
using trtn::Progress;
using trtn::cpu::IoTable;
using trtn::cpu::Library;
using trtn::cpu::Model;
using trtn::cpu::Settings;

constexpr int64_t kDefaultSpinMicros = 50;
constexpr int64_t kLongestSpinMicros = 1'000'000;
constexpr int32_t kMostLanes = 1024;

// ONNX Runtime would look for such files in the current folder of the process, whatever that is.
void refuse_external_data(const std::vector<char>& payload) {
  const std::set<std::string> locations = trtn::external_locations(payload.data(), payload.size());
  if (locations.empty()) return;
  throw Error(BACKEND_UNSUPPORTED, "The model takes weights from the file '" + *locations.begin() +
                                       "', so its bytes alone cannot be loaded. Build an engine from its path first.");
}

std::vector<std::unique_ptr<LaneWork>> make_lanes(const std::shared_ptr<const Model>& model,
                                                  const std::shared_ptr<const IoTable>& io, int32_t count) {
  std::vector<std::unique_ptr<LaneWork>> lanes;
  for (int32_t i = 0; i < count; ++i) lanes.push_back(std::make_unique<trtn::cpu::CpuLane>(model, io));
  return lanes;
}

}  // namespace

backend_engine::backend_engine(const backend_load_request& request) {
  OptionReader reader(request.options, request.option_count);
  const char* path = reader.find("onnxruntime");
  defaults_ = trtn::cpu::read_settings(reader, Settings{});
  reader.refuse_unknown();
  library_ = &Library::open(path == nullptr ? "" : path);
  const auto* begin = static_cast<const char*>(request.payload);
  if (begin != nullptr) payload_.assign(begin, begin + request.payload_bytes);
  refuse_external_data(payload_);
  Progress progress(request.observer);
  const std::shared_ptr<const Model> model = model_for(defaults_, progress);
  io_ = std::make_shared<const IoTable>(*library_, model->session());
  facts_ = trtn::cpu::describe(*library_, model->session());
}

std::shared_ptr<const Model> backend_engine::model_for(const Settings& settings, Progress& progress) {
  // Held while ONNX Runtime prepares: of two sessions created at once with the same settings, the second shares.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (latest_ == nullptr || !(latest_->settings() == settings)) {
    const trtn::cpu::ModelBytes payload{payload_.data(), payload_.size()};
    latest_ = std::make_shared<const Model>(*library_, payload, settings, progress);
  }
  return latest_;
}

std::unique_ptr<backend_session> backend_engine::create_session(const backend_session_request& request) {
  if (request.lanes < 1 || request.lanes > kMostLanes) {
    throw Error(BACKEND_INVALID_ARGUMENT, "Expected 1 to " + std::to_string(kMostLanes) + " lanes but received " +
                                              std::to_string(request.lanes) + ".");
  }
  OptionReader reader(request.options, request.option_count);
  const Settings settings = trtn::cpu::read_settings(reader, defaults_);
  const std::chrono::microseconds spin(reader.integer("spinMicros", kDefaultSpinMicros, 0, kLongestSpinMicros));
  reader.refuse_unknown();
  Progress progress(request.observer);
  return std::make_unique<backend_session>(model_for(settings, progress), io_, request.lanes, spin);
}

backend_session::backend_session(std::shared_ptr<const Model> model, std::shared_ptr<const IoTable> io, int32_t lanes,
                                 std::chrono::microseconds spin)
    : model_(std::move(model)), count_(lanes), lanes_(make_lanes(model_, io, lanes), spin) {}

std::string backend_session::describe() const {
  const Settings& settings = model_->settings();
  trtn::JsonWriter json;
  json.begin_object().key("lanes").number(count_).key("threads").number(settings.threads);
  json.key("optimize").text(trtn::cpu::level_name(settings.optimize)).key("arena").boolean(settings.arena);
  return json.key("spinning").boolean(settings.spinning).end_object().str();
}
