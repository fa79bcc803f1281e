// SPDX-License-Identifier: Apache-2.0
// libnvinfer_plugin: has nothing to register.
#include <cstdint>

extern "C" __attribute__((visibility("default"))) bool initLibNvInferPlugins(void* logger, const char* /*space*/) {
  return logger != nullptr;
}
