// SPDX-License-Identifier: Apache-2.0
#include "state.h"

namespace sim {

Gpu& gpu() {
  static Gpu* const one = new Gpu;
  return *one;
}

int& currentDevice() {
  static thread_local int device = 0;
  return device;
}

int& lastError() {
  static thread_local int code = 0;
  return code;
}

std::shared_ptr<Capture>& threadCapture() {
  static thread_local std::shared_ptr<Capture> capture;
  return capture;
}

}  // namespace sim
