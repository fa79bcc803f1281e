// SPDX-License-Identifier: Apache-2.0
#include "build.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "error.h"
#include "external_data.h"
#include "files.h"
#include "model.h"
#include "options.h"

namespace trtn::cpu {
namespace {

// The model in one piece: its bytes, with the weights in them that it keeps outside of itself.
class Source {
 public:
  Source(const backend_build_request& request, Progress& progress);
  ModelBytes model() const { return model_; }

 private:
  void take_in(const backend_build_request& request, const std::set<std::string>& locations, Progress& progress);

  ModelBytes model_{};
  Bytes own_;  // backs model_, unless the caller's bytes were whole
};

Source::Source(const backend_build_request& request, Progress& progress) : model_{request.model, request.model_bytes} {
  if (request.model == nullptr && request.model_path == nullptr) {
    throw Error(BACKEND_INVALID_ARGUMENT, "Expected the bytes or the path of an ONNX model, but received neither.");
  }
  if (request.model == nullptr) {
    own_ = read_file(request.model_path, progress);
    model_ = {own_.data(), own_.size()};
  }
  const std::set<std::string> locations = external_locations(model_.data, model_.bytes);
  if (!locations.empty()) take_in(request, locations, progress);
}

Bytes read_external(const char* model_path, const std::string& location, Progress& progress) {
  if (!is_inside(location)) {
    throw Error(BACKEND_MODEL, "The model takes weights from '" + location +
                                   "', which is outside of its own folder. Only files beside or below the model are "
                                   "read.");
  }
  if (model_path == nullptr) {
    throw Error(BACKEND_INVALID_ARGUMENT, "The model takes weights from the file '" + location +
                                              "', which was not given. Build from the path of the model, or give that "
                                              "file too.");
  }
  return read_file(folder_of(model_path) + location, progress);
}

void Source::take_in(const backend_build_request& request, const std::set<std::string>& locations, Progress& progress) {
  ExternalFiles files;
  std::deque<Bytes> read;  // a deque: `files` points into it
  for (size_t i = 0; i < request.external_count; ++i) {
    files[request.externals[i].location] = {request.externals[i].data, request.externals[i].bytes};
  }
  for (const std::string& location : locations) {
    if (files.count(location) > 0) continue;
    read.push_back(read_external(request.model_path, location, progress));
    files[location] = {read.back().data(), read.back().size()};
  }
  own_ = inline_external_data(model_.data, model_.bytes, files);
  model_ = {own_.data(), own_.size()};
}

SessionOptions build_options(const Library& library, ort::OptimizationLevel level, const std::string& output) {
  const ort::Api& api = library.api();
  SessionOptions options = make_session_options(library);
  Settings settings;
  settings.optimize = level;
  settings.threads = 1;    // only constant folding executes anything
  settings.arena = false;  // this session never runs: keep its memory small
  settings.spinning = false;
  apply(library, options.get(), settings);
  set_entry(library, options.get(), "session.disable_prepacking", "1");
  if (!output.empty()) require(api, api.SetOptimizedModelFilePath(options.get(), output.c_str()));
  return options;
}

void write_payload(const backend_sink& sink, ModelBytes payload, Progress& progress) {
  constexpr size_t kSlice = size_t{16} << 20;
  const auto steps = static_cast<int32_t>((payload.bytes + kSlice - 1) / kSlice);
  for (int32_t step = 0; step < steps; ++step) {
    progress.step("write", step, steps);
    progress.throw_if_cancelled();
    const size_t begin = static_cast<size_t>(step) * kSlice;
    sink.write(sink.user, static_cast<const char*>(payload.data) + begin, std::min(kSlice, payload.bytes - begin));
  }
  progress.step("write", steps, steps);
}

// ONNX Runtime parses, optimises and saves in one call: the first byte saved ends "optimise". `output`: may be null.
ort::Owned<ort::Session> optimise(SessionRequest request, const MemoryFile* output, Progress& progress) {
  bool saving = false;
  request.on_tick = [&] {
    if (saving || output == nullptr || output->size() == 0) return;
    saving = true;
    progress.step("optimise", 1, 1);
  };
  progress.step("optimise", 0, 1);
  auto session = create_session(request, progress);
  if (!saving) progress.step("optimise", 1, 1);
  progress.throw_if_cancelled();
  return session;
}

}  // namespace

void build(const backend_build_request& request) {
  OptionReader reader(request.options, request.option_count);
  const char* path = reader.find("onnxruntime");
  const ort::OptimizationLevel level = read_level(reader, ort::kEnableExtended, ort::kEnableExtended);
  reader.refuse_unknown();
  Progress progress(request.observer);
  const Library& library = Library::open(path == nullptr ? "" : path);
  const Source source(request, progress);

  std::optional<MemoryFile> output;
  if (level != ort::kDisableAll) output.emplace();
  const SessionOptions options = build_options(library, level, output ? output->path() : "");
  const auto session =
      optimise({library, source.model(), options.get(), Stage::kBuild, {}}, output ? &*output : nullptr, progress);
  const IoTable io(library, session.get());  // refuses now what load would refuse later

  const ModelBytes payload = output ? ModelBytes{output->map(), output->size()} : source.model();
  const std::string facts = describe(library, session.get());
  write_payload(request.payload, payload, progress);
  request.facts.write(request.facts.user, facts.data(), facts.size());
}

}  // namespace trtn::cpu
