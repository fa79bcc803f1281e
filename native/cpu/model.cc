// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <climits>
#include <optional>

#include "error.h"
#include "json.h"

namespace trtn::cpu {
namespace {

void refuse_size(ModelBytes model, Stage stage) {
  if (model.data == nullptr || model.bytes == 0) {
    throw Error(stage == Stage::kLoad ? BACKEND_ENGINE : BACKEND_MODEL,
                "The model is empty: the bytes of an ONNX model were expected.");
  }
  if (model.bytes > INT_MAX) {
    throw Error(BACKEND_UNSUPPORTED, "The model has " + std::to_string(model.bytes) +
                                         " bytes, but a protobuf file holds less than 2 GiB. Keep its weights in "
                                         "external data files.");
  }
}

// Reads one text of the metadata; `read` differs only in which.
std::string metadata_text(const Library& library, const ort::ModelMetadata* metadata,
                          ort::Status* (*read)(const ort::ModelMetadata*, ort::Allocator*, char**)) {
  char* text = nullptr;
  require(library.api(), read(metadata, library.allocator(), &text));
  return library.take_text(text);
}

void write_custom(const Library& library, const ort::ModelMetadata* metadata, JsonWriter& json) {
  const ort::Api& api = library.api();
  char** keys = nullptr;
  int64_t count = 0;
  require(api, api.ModelMetadataGetCustomMetadataMapKeys(metadata, library.allocator(), &keys, &count));
  json.begin_object();
  for (int64_t i = 0; i < count; ++i) {
    const std::string key = library.take_text(keys[i]);
    char* value = nullptr;
    require(api, api.ModelMetadataLookupCustomMetadataMap(metadata, library.allocator(), key.c_str(), &value));
    json.key(key).text(library.take_text(value));
  }
  json.end_object();
  if (keys != nullptr) require(api, api.AllocatorFree(library.allocator(), keys));
}

// False: ONNX Runtime has been told to stop, or cannot be.
bool keep_watching(const SessionRequest& request, Progress& progress) {
  const ort::Api& api = request.library.api();
  if (request.on_tick) request.on_tick();
  if (!progress.cancelled()) return true;
  if (api.SessionOptionsSetLoadCancellationFlag == nullptr) return false;
  ort::Status* const failed = api.SessionOptionsSetLoadCancellationFlag(request.options, true);
  if (failed != nullptr) api.ReleaseStatus(failed);
  return false;
}

}  // namespace

ort::Owned<ort::Session> create_session(const SessionRequest& request, Progress& progress) {
  const auto& [library, model, options, stage, on_tick] = request;
  refuse_size(model, stage);
  progress.throw_if_cancelled();
  const ort::Api& api = library.api();
  const LogScope log(progress.observer());
  ort::Session* session = nullptr;
  ort::Status* status = nullptr;
  {
    std::optional<Watch> watch;
    if (progress.observer() != nullptr) watch.emplace([&] { return keep_watching(request, progress); });
    status = api.CreateSessionFromArray(library.env(), model.data, model.bytes, options, &session);
  }
  ort::Owned<ort::Session> owned(session, {api.ReleaseSession});
  if (status != nullptr && progress.cancelled()) {
    api.ReleaseStatus(status);
    status = nullptr;
  }
  progress.throw_if_cancelled();
  require(api, status, stage);
  return owned;
}

Model::Model(const Library& library, ModelBytes payload, const Settings& settings, Progress& progress)
    : library_(library), settings_(settings) {
  const SessionOptions options = make_session_options(library);
  apply(library, options.get(), settings);
  session_ = create_session({library, payload, options.get(), Stage::kLoad, {}}, progress);
}

std::string describe(const Library& library, const ort::Session* session) {
  const ort::Api& api = library.api();
  ort::ModelMetadata* raw = nullptr;
  require(api, api.SessionGetModelMetadata(session, &raw));
  const ort::Owned<ort::ModelMetadata> metadata(raw, {api.ReleaseModelMetadata});
  int64_t version = 0;
  require(api, api.ModelMetadataGetVersion(raw, &version));
  JsonWriter json;
  json.begin_object().key("onnxruntime").text(library.version()).key("metadata").begin_object();
  json.key("producer").text(metadata_text(library, raw, api.ModelMetadataGetProducerName));
  json.key("graphName").text(metadata_text(library, raw, api.ModelMetadataGetGraphName));
  json.key("domain").text(metadata_text(library, raw, api.ModelMetadataGetDomain));
  json.key("description").text(metadata_text(library, raw, api.ModelMetadataGetDescription));
  // Text: an int64 does not fit a JSON number (a model without a version has the largest one).
  json.key("version").text(std::to_string(version)).key("custom");
  write_custom(library, raw, json);
  return json.end_object().end_object().str();
}

}  // namespace trtn::cpu
