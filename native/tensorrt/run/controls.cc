// SPDX-License-Identifier: Apache-2.0
#include "controls.h"

#include "error.h"
#include "json.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::JsonWriter;

void write_ports(JsonWriter& json, const std::vector<Port>& ports) {
  json.begin_array();
  for (const Port& port : ports) {
    json.begin_object().key("name").text(port.name).key("type").text(type_name(port.type));
    json.key("format").text(port.format).key("onHost").boolean(port.on_host).key("isShape").boolean(port.is_shape);
    json.end_object();
  }
  json.end_array();
}

std::string describe(Model& model, const JsonValue&) {
  const Engine& engine = model.engine();
  const DeviceFacts device = device_facts(model.device().cuda(), model.device().index());
  JsonWriter json;
  json.begin_object().key("name").text_or_null(engine.name());
  json.key("library")
      .text(titleOf(model.libraries().flavour()))
      .key("version")
      .text(textOf(model.libraries().version()));
  json.key("path").text(model.libraries().path()).key("cudart").text(model.device().cuda().path());
  json.key("device").begin_object().key("index").number(device.index).key("name").text(device.name);
  json.key("computeCapability").text(std::to_string(device.major) + "." + std::to_string(device.minor));
  json.key("pciBusId").text(device.pciBusId).key("totalBytes").number(static_cast<int64_t>(device.totalBytes));
  json.end_object();
  json.key("lost").text_or_null(model.device().cause());
  json.key("layers").number(engine.layers()).key("profiles").number(engine.profiles());
  json.key("auxStreams").number(engine.auxStreams()).key("refittable").boolean(engine.refittable());
  json.key("deviceMemoryBytes").number(engine.deviceMemorySize());
  json.key("streamableWeightsBytes").number(engine.streamableWeights());
  json.key("hardwareCompatibility").number(engine.hardwareCompatibility());
  json.key("hostCodeAllowed").boolean(model.settings().allowHostCode);
  json.key("inputs");
  write_ports(json, model.io().inputs());
  json.key("outputs");
  write_ports(json, model.io().outputs());
  return json.end_object().str();
}

std::string inspect(Model& model, const JsonValue&) {
  const std::lock_guard<std::mutex> lock(model.mutex());
  const std::string text = model.engine().inspect();
  if (text.empty()) model.device().fail_call(BACKEND_DEVICE, "TensorRT's engine inspector gave nothing.");
  return text;
}

std::string memory(Model& model, const JsonValue&) {
  const Engine& engine = model.engine();
  const DeviceFacts device = device_facts(model.device().cuda(), model.device().index());
  JsonWriter json;
  json.begin_object().key("contextBytes").number(engine.deviceMemorySize()).key("profiles").begin_array();
  for (int32_t i = 0; i < engine.profiles(); ++i) json.number(engine.deviceMemorySize(i));
  json.end_array().key("streamableWeightsBytes").number(engine.streamableWeights());
  json.key("contexts").number(model.contexts);
  json.key("freeBytes").number(static_cast<int64_t>(device.freeBytes));
  return json.key("totalBytes").number(static_cast<int64_t>(device.totalBytes)).end_object().str();
}

std::string weight_streaming(Model& model, const JsonValue& arguments) {
  Engine& engine = model.engine();
  const int64_t streamable = engine.streamableWeights();
  if (streamable <= 0) throw Error(BACKEND_UNSUPPORTED, "The engine was not built with weight streaming.");
  const int64_t automatic = engine.weightStreamingAutomaticBudget();
  if (const JsonValue* budget = arguments.find("budget")) {
    const std::string text =
        budget->kind == JsonValue::Kind::kText ? budget->text : std::to_string(static_cast<int64_t>(budget->number));
    const int64_t bytes = weight_streaming_bytes(text, streamable, automatic);
    const std::lock_guard<std::mutex> lock(model.mutex());
    if (model.contexts > 0) {
      throw Error(BACKEND_INVALID_ARGUMENT,
                  "The weight streaming budget cannot change while sessions are open: close them, or give "
                  "weightStreamingBudget when the engine is loaded.");
    }
    if (!engine.setWeightStreamingBudget(bytes)) {
      model.device().fail_call(BACKEND_INVALID_ARGUMENT,
                               "TensorRT refused a weight streaming budget of " + std::to_string(bytes) + " bytes.");
    }
  }
  JsonWriter json;
  json.begin_object().key("streamable").number(streamable).key("automatic").number(automatic);
  return json.key("budget").number(engine.weightStreamingBudget()).end_object().str();
}

std::string save_runtime_cache(Model& model, const JsonValue&) {
  if (model.runtime_cache() == nullptr || model.settings().runtimeCacheFile.empty()) {
    throw Error(BACKEND_UNSUPPORTED,
                "There is no runtime cache to save: TensorRT-RTX has one, with the option runtimeCacheFile.");
  }
  JsonWriter json;
  return json.begin_object().key("bytes").number(static_cast<int64_t>(model.save_runtime_cache())).end_object().str();
}

struct Verb {
  const char* name;
  std::string (*serve)(Model&, const JsonValue&);
};
constexpr Verb kVerbs[] = {{"describe", describe},
                           {"inspect", inspect},
                           {"profileLayers", profile_layers},
                           {"measure", measure},
                           {"memory", memory},
                           {"refit", refit},
                           {"weightStreaming", weight_streaming},
                           {"saveRuntimeCache", save_runtime_cache}};

}  // namespace

std::string control(Model& model, const char* verb, const char* arguments) {
  const std::string wanted = verb == nullptr ? "" : verb;
  std::string names;
  for (const Verb& known : kVerbs) {
    names += (names.empty() ? "'" : ", '") + std::string(known.name) + "'";
    if (wanted != known.name) continue;
    const JsonValue read = read_json(arguments);
    model.device().use();
    const LogScope scope(std::make_shared<JobLog>(nullptr));
    return known.serve(model, read);
  }
  throw Error(BACKEND_UNSUPPORTED, "This backend does not know the verb '" + wanted + "'; it knows " + names + ".");
}

}  // namespace trt::run
