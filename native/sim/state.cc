// SPDX-License-Identifier: Apache-2.0
#include "state.h"

namespace sim {

// A library that is loaded late gets its thread-local variables from the heap, unless it says so; LeakSanitizer (GCC 12)
// crashes on such blocks when four simulators are loaded.
#define SIM_STATIC_TLS __attribute__((tls_model("initial-exec")))

Gpu& gpu() {
  static Gpu* const one = new Gpu;
  return *one;
}

int& currentDevice() {
  SIM_STATIC_TLS static thread_local int device = 0;
  return device;
}

int& lastError() {
  SIM_STATIC_TLS static thread_local int code = 0;
  return code;
}

std::shared_ptr<Capture>& threadCapture() {
  SIM_STATIC_TLS static thread_local std::shared_ptr<Capture> capture;
  return capture;
}

}  // namespace sim
