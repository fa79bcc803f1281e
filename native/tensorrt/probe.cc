// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/probe.h"

#include <algorithm>
#include <vector>

#include "json.h"
#include "tensorrt/driver.h"
#include "tensorrt/facts.h"

namespace trt {
namespace {

using trtn::JsonWriter;

struct Findings {
  Flavour flavour;
  Libraries::Report report;
  DriverState driver;
  std::vector<DeviceFacts> devices;

  bool canRun() const { return report.libraries != nullptr && driver.usable(); }
  const std::string& reason() const { return report.libraries == nullptr ? report.reason : driver.reason; }
  const std::string& remedy() const { return report.libraries == nullptr ? report.remedy : driver.remedy; }
  std::string buildReason() const;
};

std::string Findings::buildReason() const {
  if (report.libraries == nullptr) return report.reason;
  if (!report.libraries->hasBuilder()) return "The library is a lean or dispatch runtime: it runs engines only.";
  if (!report.libraries->hasParser()) return "The ONNX parser was not found" + listOf(report.parser.tried) + ".";
  return flavour == Flavour::kRtx ? "" : driver.reason;
}

Findings look(Flavour flavour, const Candidates& candidates) {
  Findings findings{flavour, Libraries::look(flavour, candidates), checkDriver(candidates.cudart), {}};
  for (int i = 0; i < findings.driver.devices && findings.driver.usable(); ++i) {
    try {
      findings.devices.push_back(glance_at(*findings.driver.cuda, i));
    } catch (const Error& error) {
      findings.driver.reason = error.what();  // a device that answers nothing runs nothing
      findings.driver.remedy = "Look at nvidia-smi.";
    }
  }
  return findings;
}

void writeLibrary(JsonWriter& json, const Loaded& library) {
  json.begin_object().key("name").text(library.name).key("path").text_or_null(library.path);
  json.key("version").text_or_null(library.version).key("tried").begin_array();
  for (const Tried& one : library.tried) {
    json.begin_object().key("path").text(one.path).key("error").text(one.error).end_object();
  }
  json.end_array().end_object();
}

void writeLibraries(JsonWriter& json, const Findings& findings) {
  json.key("libraries").begin_array();
  writeLibrary(json, findings.report.nvinfer);
  writeLibrary(json, findings.report.parser);
  if (findings.flavour == Flavour::kEnterprise) writeLibrary(json, findings.report.plugin);
  writeLibrary(json, findings.driver.cudart);
  json.end_array();
}

// Number types that a device has kernels for; without a device, those that can be built for some device.
void writePrecisions(JsonWriter& json, const std::vector<DeviceFacts>& devices) {
  constexpr struct {
    const char* name;
    int capability;
  } kPrecisions[] = {{"fp32", 0}, {"fp16", 0}, {"int8", 0}, {"bf16", 80}, {"fp8", 89}};
  int best = devices.empty() ? 1000 : 0;
  for (const DeviceFacts& device : devices) best = std::max(best, device.major * 10 + device.minor);
  json.key("precisions").begin_array();
  for (const auto& precision : kPrecisions) {
    if (best >= precision.capability) json.text(precision.name);
  }
  json.end_array();
}

void writeVersion(JsonWriter& json, const char* key, int version) {
  json.key(key);
  if (version == 0) {
    json.null();
  } else {
    json.number(version);
  }
}

}  // namespace

std::string probe(Flavour flavour, const backend_option* options, size_t count) {
  trtn::OptionReader reader(options, count);
  const Candidates candidates = readCandidates(reader);
  reader.refuse_unknown();
  const Findings findings = look(flavour, candidates);
  const bool usable = findings.canRun();
  const std::string buildReason = findings.buildReason();
  JsonWriter json;
  json.begin_object().key("usable").boolean(usable).key("canRun").boolean(usable);
  json.key("canBuild").boolean(buildReason.empty()).key("buildReason").text_or_null(buildReason);
  json.key("reason").text_or_null(usable ? "" : findings.reason());
  json.key("remedy").text_or_null(usable ? "" : findings.remedy());
  json.key("version").text_or_null(findings.report.nvinfer.version);
  writeVersion(json, "driver", findings.driver.driverVersion);
  writeVersion(json, "cuda", findings.driver.runtimeVersion);
  json.key("devices").begin_array();
  for (const DeviceFacts& device : findings.devices) writeDevice(json, device);
  json.end_array();
  writeLibraries(json, findings);
  writePrecisions(json, findings.devices);
  json.key("limits").begin_object().key("maxRank").number(8).end_object();
  return json.end_object().str();
}

}  // namespace trt
