// SPDX-License-Identifier: Apache-2.0
// What a user may choose about loading an engine and about a session on it.
#ifndef TENSORRT_NODE_RUN_SETTINGS_H_
#define TENSORRT_NODE_RUN_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "../trt.h"
#include "options.h"

namespace trt::run {

struct LoadSettings {
  int device = 0;
  bool allowHostCode = false;         // plans that carry code of their own: version-compatible ones, and plugins
  std::vector<std::string> plugins;   // libraries, one path a line
  std::string leanRuntime;            // library that runs version-compatible plans of another version
  std::string weightStreamingBudget;  // "": as the library does; "auto"; "off": all on the device; bytes; "40%"
  std::string runtimeCacheFile;       // RTX
  int32_t dlaCore = -1;
};

struct SessionSettings {
  bool cudaGraph = true;
  bool cudaGraphGiven = false;
  int32_t graphCapacity = 64;  // for each lane
  bool padToGraph = false;     // a batch without a graph runs as the next larger one that has one
  int32_t slots = 3;  // runs of one lane that are on the device at once: one copies in, one computes, one copies out
  bool spinWait = false;
  int32_t streamPriority = 0;
  Allocation allocation = Allocation::kStatic;
  bool nvtx = false;
  bool timings = false;        // device times of each stage, from CUDA events; without: times of the host's clock
  int32_t dynamicShapes = -1;  // RTX: ContextOptions::dynamicShapesSpecialization
};

// Read what is theirs; the caller refuses the rest.
LoadSettings read_load_settings(trtn::OptionReader& options);
SessionSettings read_session_settings(trtn::OptionReader& options);

// Bytes that `text` asks for, of `streamable` ones. "auto" is `automatic`; "off" is all of them.
// @throws Error(BACKEND_INVALID_ARGUMENT)
int64_t weight_streaming_bytes(const std::string& text, int64_t streamable, int64_t automatic);

const char* allocation_name(Allocation allocation) noexcept;

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_SETTINGS_H_
