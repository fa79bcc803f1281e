// SPDX-License-Identifier: Apache-2.0
// One option → how it is set and read back. Pure: nothing is set until applySettings().
#ifndef TENSORRT_NODE_TENSORRT_SETTING_STEPS_H_
#define TENSORRT_NODE_TENSORRT_SETTING_STEPS_H_

#include <string>
#include <vector>

#include "tensorrt/settings.h"

namespace trt {

Step flagStep(const char* option, const char* flag, bool on);
Step numberStep(const char* option, Setting setting, int64_t value);
// One of several values that have names.
struct Choice {
  const char* name;  // null: an empty place
  int64_t value;
};
Step choiceStep(const char* option, Setting setting, const std::vector<Choice>& choices, const char* text);
// "workspace:1073741824,tacticSharedMem:49152": bytes.
void addPoolSteps(const char* text, std::vector<Step>& steps);
// "-CUDNN,+JIT_CONVOLUTIONS": taken from, or added to, what the library uses by default.
Step tacticSourcesStep(const char* text);
void addPreviewSteps(const char* text, std::vector<Step>& steps);
// "75,86,120"
std::vector<int32_t> readCapabilities(const char* text);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_SETTING_STEPS_H_
