// SPDX-License-Identifier: Apache-2.0
// Leaks on purpose when it is loaded: scripts/sanitize.ts runs it first, to know that a leak in an addon is seen at all.
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  volatile char* leaked = static_cast<char*>(std::malloc(1234));
  leaked[0] = 1;
  leaked = nullptr;
  return exports;
}
