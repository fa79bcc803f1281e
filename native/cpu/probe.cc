// SPDX-License-Identifier: Apache-2.0
#include "probe.h"

#include <thread>

#include "error.h"
#include "json.h"
#include "options.h"
#include "ort_library.h"

namespace trtn::cpu {
namespace {

void write_library(JsonWriter& json, const std::string& path, const Library* library, const std::string& reason) {
  json.key("libraries").begin_array().begin_object().key("name").text("onnxruntime");
  json.key("path").text_or_null(library == nullptr ? "" : library->path());
  json.key("version").text_or_null(library == nullptr ? "" : library->version());
  json.key("tried").begin_array();
  if (library == nullptr && !path.empty()) {
    json.begin_object().key("path").text(path).key("error").text(reason).end_object();
  }
  json.end_array().end_object().end_array();
}

void write_device(JsonWriter& json, bool usable) {
  json.key("devices").begin_array();
  if (usable) {
    json.begin_object().key("name").text("cpu").key("cores").number(std::thread::hardware_concurrency()).end_object();
  }
  json.end_array();
}

}  // namespace

std::string probe(const backend_option* options, size_t option_count) {
  OptionReader reader(options, option_count);
  const char* given = reader.find("onnxruntime");
  reader.refuse_unknown();
  const std::string path = given == nullptr ? "" : given;
  const Library* library = nullptr;
  std::string reason;
  std::string remedy;
  try {
    library = &Library::open(path);
  } catch (const UnusableLibrary& unusable) {
    reason = unusable.reason();
    remedy = unusable.remedy();
  }
  JsonWriter json;
  json.begin_object().key("usable").boolean(library != nullptr);
  json.key("reason").text_or_null(reason).key("remedy").text_or_null(remedy);
  json.key("version").text_or_null(library == nullptr ? "" : library->version());
  write_device(json, library != nullptr);
  write_library(json, path, library, reason);
  json.key("precisions").begin_array().text("fp32").text("fp16").text("bf16").text("int8").end_array();
  json.key("limits").begin_object().key("maxRank").number(BACKEND_MAX_RANK).end_object();
  return json.end_object().str();
}

}  // namespace trtn::cpu
