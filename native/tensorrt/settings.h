// SPDX-License-Identifier: Apache-2.0
// The options of a build, under trtexec's names. One table drives all three: what an option may say, which setting of
// TensorRT it is, and how that is read back; TensorRT only logs what it does not take, and goes on without it.
#ifndef TENSORRT_NODE_TENSORRT_SETTINGS_H_
#define TENSORRT_NODE_TENSORRT_SETTINGS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "json.h"
#include "options.h"
#include "tensorrt/libraries.h"
#include "tensorrt/logging.h"
#include "tensorrt/trt.h"

namespace trt {

// One option as given: how it is set, and what the configuration says when it was taken.
struct Step {
  std::string option;
  std::string value;
  std::string expected;
  std::function<void(BuilderConfig&)> set;
  std::function<std::string(const BuilderConfig&)> get;
};

struct BuildSettings {
  std::vector<Step> steps;  // what goes to the BuilderConfig and can be read back
  std::string timingCacheFile;
  std::vector<std::string> plugins;
  std::vector<std::string> pluginsToSerialize;
  std::vector<std::pair<std::string, bool>> parserFlags;
  std::vector<int32_t> computeCapabilities;  // RTX: empty: its default, Ampere and later
  int32_t maxThreads = 0;                    // 0: the library's default
  int32_t device = 0;
  int32_t dlaCore = -1;  // none
  bool versionCompatible = false;
  backend_log_level logLevel = BACKEND_LOG_INFO;

  std::vector<std::pair<std::string, std::string>> given;  // all of the above, for the facts
};

// Reads every option of a build but those of readCandidates().
BuildSettings readSettings(trtn::OptionReader& options, Flavour flavour);

// Refuses, in our own words, what fails without a device deep inside of the build. @throws Error(BACKEND_UNAVAILABLE)
void refuseWithoutDevice(const BuildSettings& settings, const std::string& whyNoDevice);

// Sets and reads back. @throws Error: BACKEND_UNSUPPORTED names the option, what was expected and what was received.
void applySettings(const BuildSettings& settings, BuilderConfig& config, const Libraries& libraries, JobLog& log);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_SETTINGS_H_
