// SPDX-License-Identifier: Apache-2.0
// What is known of an engine that was just built, as the JSON that goes into the engine file.
#ifndef TENSORRT_NODE_TENSORRT_FACTS_H_
#define TENSORRT_NODE_TENSORRT_FACTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "backend.h"
#include "json.h"
#include "tensorrt/cuda.h"
#include "tensorrt/logging.h"
#include "tensorrt/profiles.h"
#include "tensorrt/settings.h"

namespace trt {

// ONNX's number of the type; BACKEND_UNDEFINED for one that ONNX does not have.
backend_type onnxTypeOf(DataType type);

// The compute capabilities in the header of a plan of TensorRT-RTX; empty for others, and for bits that nobody has named.
// The header is undocumented (observed on 1.4 to 1.7): for display, never to decide by.
std::vector<int32_t> planTargets(const void* plan, size_t bytes);

// { "backend", "version", "device": {…}|null, "driver", "targets", "layers", "inputs", "outputs", "memory", "planBytes",
//   "milliseconds", "settings", "warnings" }. No path of the machine in it.
struct BuildFacts {
  Flavour flavour = Flavour::kEnterprise;
  Version version;
  const DeviceFacts* device = nullptr;  // null: built without one
  int driverVersion = 0;
  std::vector<int32_t> targets;
  int32_t layers = 0;
  const ProfileList* profiles = nullptr;
  std::vector<TensorFacts> outputs;
  LogFacts memory;
  size_t planBytes = 0;
  int64_t parseMs = 0;
  int64_t buildMs = 0;
  const BuildSettings* settings = nullptr;
  std::vector<std::string> warnings;
};
std::string writeFacts(const BuildFacts& facts);

// {"index","name","computeCapability":"9.0","totalBytes","freeBytes","processors","pciBusId","integrated"}
void writeDevice(trtn::JsonWriter& json, const DeviceFacts& device);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_FACTS_H_
