// SPDX-License-Identifier: Apache-2.0
// What a user may choose about an ONNX Runtime session, and how it is told to ONNX Runtime.
#ifndef TENSORRT_NODE_CPU_SETTINGS_H_
#define TENSORRT_NODE_CPU_SETTINGS_H_

#include <string_view>

#include "options.h"
#include "ort_api.h"
#include "ort_library.h"

namespace trtn::cpu {

struct Settings {
  int threads = 0;  // 0: one for each core, ONNX Runtime's own choice
  ort::OptimizationLevel optimize = ort::kEnableAll;
  bool arena = true;
  bool spinning = true;

  bool operator==(const Settings& other) const {
    return threads == other.threads && optimize == other.optimize && arena == other.arena && spinning == other.spinning;
  }
};

// `highest`: kEnableAll also changes the memory layout to suit this machine's vector unit.
ort::OptimizationLevel read_level(OptionReader& options, ort::OptimizationLevel otherwise,
                                  ort::OptimizationLevel highest);
std::string_view level_name(ort::OptimizationLevel level);
Settings read_settings(OptionReader& options, const Settings& otherwise);

using SessionOptions = ort::Owned<ort::SessionOptions>;
SessionOptions make_session_options(const Library& library);
void set_entry(const Library& library, ort::SessionOptions* options, const char* key, const char* value);
void apply(const Library& library, ort::SessionOptions* options, const Settings& settings);

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_SETTINGS_H_
