// SPDX-License-Identifier: Apache-2.0
// What can be asked of a loaded engine, by verb: JSON in, JSON out.
//
//   describe          what it is: versions, device, profiles, memory
//   inspect           {} → the engine inspector's own JSON: layers, formats, tactics
//   profileLayers     { profile?, runs?, shapes?: { input: [dims] } } → { layers: [{ name, ms, medianMs }], totalMs, runs }
//   measure           { streams, … } → { samples: [[ms × 8]], whyNoGraph }: see measure.cc
//   memory            → device memory: of the engine, of each profile, of weights; free and total
//   refit             { onnx: path } or { weights: [{ name, type, data: base64 }] } → { refittable: [names] }
//   weightStreaming   { budget? } → { streamable, budget, automatic }
//   saveRuntimeCache  → { bytes }
#ifndef TENSORRT_NODE_RUN_CONTROLS_H_
#define TENSORRT_NODE_RUN_CONTROLS_H_

#include <string>

#include "json_reader.h"
#include "model.h"

namespace trt::run {

// @throws Error(BACKEND_UNSUPPORTED): a verb that is not known
std::string control(Model& model, const char* verb, const char* arguments);

std::string profile_layers(Model& model, const JsonValue& arguments);  // profile_layers.cc
std::string measure(Model& model, const JsonValue& arguments);         // measure.cc
std::string refit(Model& model, const JsonValue& arguments);           // refit.cc

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_CONTROLS_H_
