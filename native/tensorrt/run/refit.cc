// SPDX-License-Identifier: Apache-2.0
// New weights for a loaded engine, while nothing of it executes.
#include <deque>

#include "controls.h"
#include "error.h"
#include "files.h"
#include "json.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::JsonWriter;

struct WeightType {
  const char* name;
  DataType type;
  size_t bytes;
};
constexpr WeightType kWeightTypes[] = {{"float32", DataType::kFloat, 4}, {"float16", DataType::kHalf, 2},
                                       {"bfloat16", DataType::kBf16, 2}, {"int8", DataType::kInt8, 1},
                                       {"int32", DataType::kInt32, 4},   {"int64", DataType::kInt64, 8},
                                       {"uint8", DataType::kUint8, 1},   {"bool", DataType::kBool, 1}};

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::vector<char> decode_base64(const std::string& text, const std::string& name) {
  std::vector<char> bytes;
  unsigned kept = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const int value = sextet(c);
    if (value < 0) throw Error(BACKEND_INVALID_ARGUMENT, "The weights '" + name + "' are not base64.");
    kept = (kept << 6 | static_cast<unsigned>(value)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>(kept >> bits & 0xff));
  }
  return bytes;
}

const std::string& text_of(const JsonValue& object, const char* key) {
  const JsonValue* value = object.find(key);
  if (value != nullptr && value->kind == JsonValue::Kind::kText) return value->text;
  throw Error(BACKEND_INVALID_ARGUMENT, std::string("Weights for a refit need a text '") + key + "'.");
}

// The bytes stay alive in `kept`: TensorRT reads them when it refits.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void set_weights(Refitter& refitter, const JsonValue& one, std::deque<std::vector<char>>& kept) {
  const std::string& name = text_of(one, "name");
  const std::string& type = text_of(one, "type");
  for (const WeightType& known : kWeightTypes) {
    if (type != known.name) continue;
    kept.push_back(decode_base64(text_of(one, "data"), name));
    const auto count = static_cast<int64_t>(kept.back().size() / known.bytes);
    if (refitter.setWeights(name.c_str(), known.type, kept.back().data(), count)) return;
    throw Error(BACKEND_INVALID_ARGUMENT,
                "TensorRT refused " + std::to_string(count) + " values of " + type + " for the weights '" + name +
                    "': the engine has no such weights, or of another size or type. It has: " + listed(refitter.all()) +
                    ".");
  }
  throw Error(BACKEND_TYPE, "Weights cannot have the type '" + type + "'.");
}

void refit_from_onnx(Device& device, Refitter& refitter, const std::string& path) {
  std::vector<ParserError> errors;
  trtn::Progress silent(nullptr);
  const trtn::Bytes model = trtn::read_file(path, silent);
  if (refitter.refitFromOnnx(model.data(), model.size(), path.c_str(), &errors)) return;
  std::string text = "TensorRT could not take the weights of " + path + ".";
  for (const ParserError& error : errors) text += " " + error.description;
  device.fail_call(BACKEND_MODEL, text);
}

std::vector<std::string> refit_now(Model& model, const JsonValue& arguments) {
  Device& device = model.device();
  const std::unique_ptr<Refitter> refitter = model.engine().createRefitter();
  if (refitter == nullptr) device.fail_call(BACKEND_DEVICE, "TensorRT could not create a refitter.");
  const OwnedStream stream = make_stream(device.cuda());
  std::deque<std::vector<char>> kept;
  if (const JsonValue* onnx = arguments.find("onnx")) {
    refit_from_onnx(device, *refitter, onnx->text);
  } else if (const JsonValue* weights = arguments.find("weights")) {
    for (const JsonValue& one : weights->items) set_weights(*refitter, one, kept);
  } else {
    throw Error(BACKEND_INVALID_ARGUMENT, "A refit takes { onnx: path } or { weights: [{ name, type, data }] }.");
  }
  const std::vector<std::string> missing = refitter->missing();
  if (!missing.empty()) {
    throw Error(BACKEND_INVALID_ARGUMENT, "The refit lacks weights that go with those given: " + listed(missing) + ".");
  }
  if (!refitter->refit(stream.get())) device.fail_call(BACKEND_DEVICE, "TensorRT could not refit the engine.");
  device.check(device.cuda().StreamSynchronize(stream.get()), "cudaStreamSynchronize");
  return refitter->all();
}

}  // namespace

std::string refit(Model& model, const JsonValue& arguments) {
  if (!model.engine().refittable()) {
    throw Error(BACKEND_UNSUPPORTED, "The engine was not built to be refitted: build it with the option 'refit'.");
  }
  std::vector<std::string> all;
  model.quiesced([&] { all = refit_now(model, arguments); });
  JsonWriter json;
  json.begin_object().key("refittable").begin_array();
  for (const std::string& name : all) json.text(name);
  return json.end_array().end_object().str();
}

}  // namespace trt::run
