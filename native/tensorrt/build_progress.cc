// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/build_progress.h"

#include <algorithm>

namespace trt {

BuildProgress::Phase BuildProgress::phaseOf(const char* phase) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = phases_.find(phase);
  return found == phases_.end() ? Phase{} : found->second;
}

bool BuildProgress::tell(const char* phase, const Phase& known, int32_t step) noexcept {
  const char* parent = known.parent.empty() ? nullptr : known.parent.c_str();
  call_.step({phase, parent, step, known.steps});
  return !call_.cancelled();
}

void BuildProgress::start(const char* phase, const char* parent, int32_t steps) noexcept {
  try {
    const Phase known{parent == nullptr ? "" : parent, steps};
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      phases_[phase] = known;
    }
    tell(phase, known, 0);
  } catch (...) {  // no memory for a progress report: the build goes on without it
  }
}

bool BuildProgress::step(const char* phase, int32_t step) noexcept {
  try {
    const Phase known = phaseOf(phase);
    // TensorRT counts from 0 what it has just done; `steps` itself is told by finish().
    return tell(phase, known, std::min(step + 1, std::max(known.steps - 1, 0)));
  } catch (...) {
    return !call_.cancelled();
  }
}

void BuildProgress::finish(const char* phase) noexcept {
  try {
    const Phase known = phaseOf(phase);
    tell(phase, known, known.steps);
  } catch (...) {  // as in start()
  }
}

}  // namespace trt
