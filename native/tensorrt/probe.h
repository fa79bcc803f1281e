// SPDX-License-Identifier: Apache-2.0
// What TensorRT, or TensorRT-RTX, can do on this machine. A library, driver or device that cannot be used is a report, not a
// failure.
//
// Options: `cudart`, `nvinfer`, `nvonnxparser`, `nvinferPlugin` (candidates, one a line, best first), `tryUnknownVersion`.
// The answer is that of backend_api::probe, and more:
//   "usable"       it can run engines; this is what `auto` goes by. Else "reason" and "remedy".
//   "canRun"       the same as "usable"
//   "canBuild"     it can build engines. TensorRT-RTX builds without driver and device: then "usable" is false and "canBuild" true,
//                  and an explicit build with that backend works. A lean or dispatch runtime, or a machine without the parser,
//                  runs what it cannot build: then it is the other way round.
//   "buildReason"  why it cannot build, or null
//   "driver", "cuda"  versions as CUDA counts them (13000 is 13.0), or null
//   "devices"      [{ "index", "name", "computeCapability", "processors", "totalBytes", "freeBytes", "pciBusId", "integrated" }]
//   "libraries"    nvinfer, nvonnxparser, nvinferPlugin (not for RTX) and cudart, each with what was tried and why it failed
#ifndef TENSORRT_NODE_TENSORRT_PROBE_H_
#define TENSORRT_NODE_TENSORRT_PROBE_H_

#include <string>

#include "backend.h"
#include "tensorrt/libraries.h"

namespace trt {

std::string probe(Flavour flavour, const backend_option* options, size_t count);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_PROBE_H_
