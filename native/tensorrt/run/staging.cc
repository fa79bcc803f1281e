// SPDX-License-Identifier: Apache-2.0
#include "staging.h"

#include <algorithm>
#include <cstring>

namespace trt::run {

void Fill::write(char* place, size_t at, size_t count) const noexcept {
  const size_t real = at < given ? std::min(count, given - at) : 0;
  if (real > 0) std::memcpy(place, from + at, real);
  if (count > real) std::memset(place + real, 0, count - real);
}

StageRing::~StageRing() {
  if (block_ != nullptr) device_.pinned().give(block_);
}

void StageRing::open() {
  if (block_ != nullptr) return;
  for (OwnedEvent& event : taken_) {
    event = make_event(device_.cuda(), cuda::kEventBlockingSync | cuda::kEventDisableTiming);
  }
  block_ = device_.pinned().take(kPieces * kPiece);
}

}  // namespace trt::run
