// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/facts.h"

#include <cstring>

#include "tensorrt/text.h"

namespace trt {
namespace {

using trtn::JsonWriter;

void writeNumbers(JsonWriter& json, const int64_t* values, int32_t count) {
  json.begin_array();
  for (int32_t i = 0; i < count; ++i) json.number(values[i]);
  json.end_array();
}

void writeRanges(JsonWriter& json, const ProfileList& list, const TensorFacts& input) {
  json.begin_array();
  for (size_t p = 0; p < list.count; ++p) {
    const backend_profile& profile = list.profiles[p];
    for (size_t i = 0; i < profile.range_count; ++i) {
      const backend_profile_range& range = profile.ranges[i];
      if (input.name != range.input) continue;
      json.begin_object().key("profile").number(static_cast<int64_t>(p));
      json.key("isValues").boolean(boundsValues(range, input));
      json.key("min");
      writeNumbers(json, range.min, range.rank);
      json.key("opt");
      writeNumbers(json, range.opt, range.rank);
      json.key("max");
      writeNumbers(json, range.max, range.rank);
      json.end_object();
    }
  }
  json.end_array();
}

void writeTensor(JsonWriter& json, const TensorFacts& tensor) {
  json.key("name").text(tensor.name).key("type").number(onnxTypeOf(tensor.type)).key("dims");
  if (tensor.dims.rank < 0) {
    json.null();
  } else {
    writeNumbers(json, tensor.dims.d, tensor.dims.rank);
  }
  json.key("isShape").boolean(tensor.isShape);
}

void writeTensors(JsonWriter& json, const BuildFacts& facts) {
  json.key("inputs").begin_array();
  for (const TensorFacts& input : facts.profiles->inputs) {
    json.begin_object();
    writeTensor(json, input);
    json.key("profiles");
    writeRanges(json, *facts.profiles, input);
    json.end_object();
  }
  json.end_array().key("outputs").begin_array();
  for (const TensorFacts& output : facts.outputs) {
    json.begin_object();
    writeTensor(json, output);
    json.end_object();
  }
  json.end_array();
}

void writeKnown(JsonWriter& json, const char* key, int64_t value) {
  json.key(key);
  if (value < 0) {
    json.null();
  } else {
    json.number(value);
  }
}

void writeMachine(JsonWriter& json, const BuildFacts& facts) {
  json.key("backend").text(nameOf(facts.flavour)).key("version").text(textOf(facts.version)).key("device");
  if (facts.device == nullptr) {
    json.null();
  } else {
    writeDevice(json, *facts.device);
  }
  writeKnown(json, "driver", facts.driverVersion == 0 ? -1 : facts.driverVersion);
  json.key("targets").begin_array();
  for (const int32_t target : facts.targets) json.number(target);
  json.end_array();
}

}  // namespace

backend_type onnxTypeOf(DataType type) {
  switch (type) {
    case DataType::kFloat:
      return BACKEND_FLOAT32;
    case DataType::kHalf:
      return BACKEND_FLOAT16;
    case DataType::kInt8:
      return BACKEND_INT8;
    case DataType::kInt32:
      return BACKEND_INT32;
    case DataType::kBool:
      return BACKEND_BOOL;
    case DataType::kUint8:
      return BACKEND_UINT8;
    case DataType::kFp8:
      return BACKEND_FLOAT8E4M3FN;
    case DataType::kBf16:
      return BACKEND_BFLOAT16;
    case DataType::kInt64:
      return BACKEND_INT64;
    case DataType::kInt4:
      return BACKEND_INT4;
    case DataType::kFp4:
      return BACKEND_FLOAT4E2M1;
    case DataType::kE8m0:
      return BACKEND_UNDEFINED;
  }
  return BACKEND_UNDEFINED;
}

std::vector<int32_t> planTargets(const void* plan, size_t bytes) {
  constexpr char kMagic[] = "vtrt";
  constexpr size_t kHeader = 64;
  constexpr size_t kMaskAt = 32;
  constexpr int32_t kNames[] = {75, 80, 86, 89, 120, 121};  // bit 0, 1 …
  std::vector<int32_t> targets;
  if (bytes < kHeader || std::memcmp(plan, kMagic, 4) != 0) return targets;
  const auto* at = static_cast<const uint8_t*>(plan) + kMaskAt;
  for (size_t bit = 0; bit < sizeof kNames / sizeof *kNames; ++bit) {
    if ((at[0] >> bit & 1) != 0) targets.push_back(kNames[bit]);
  }
  return targets;
}

std::string writeFacts(const BuildFacts& facts) {
  JsonWriter json;
  json.begin_object();
  writeMachine(json, facts);
  json.key("layers").number(facts.layers);
  writeTensors(json, facts);
  json.key("memory").begin_object();
  writeKnown(json, "scratchBytes", facts.memory.scratchBytes);
  writeKnown(json, "activationBytes", facts.memory.activationBytes);
  writeKnown(json, "weightsBytes", facts.memory.weightsBytes);
  json.end_object().key("planBytes").number(static_cast<int64_t>(facts.planBytes));
  json.key("milliseconds").begin_object().key("parse").number(facts.parseMs).key("build").number(facts.buildMs);
  json.end_object().key("settings").begin_object();
  for (const auto& [option, value] : facts.settings->given) json.key(option).text(value);
  json.end_object().key("warnings").begin_array();
  for (const std::string& warning : facts.warnings) json.text(warning);
  return json.end_array().end_object().str();
}

void writeDevice(JsonWriter& json, const DeviceFacts& device) {
  const std::string capability = std::to_string(device.major) + "." + std::to_string(device.minor);
  json.begin_object().key("index").number(device.index).key("name").text(device.name);
  json.key("computeCapability").text(capability).key("processors").number(device.processors);
  writeKnown(json, "totalBytes", device.totalBytes == 0 ? -1 : static_cast<int64_t>(device.totalBytes));
  writeKnown(json, "freeBytes", device.freeBytes == 0 ? -1 : static_cast<int64_t>(device.freeBytes));
  json.key("pciBusId").text(device.pciBusId).key("integrated").boolean(device.integrated).end_object();
}

}  // namespace trt
