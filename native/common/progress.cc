// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <chrono>
#include <utility>

#include "error.h"

namespace trtn {

void Progress::step(const ProgressStep& reached) noexcept {
  if (observer_ == nullptr || observer_->progress == nullptr) return;
  const auto& [phase, parent, step, steps] = reached;
  if (observer_->progress(observer_->user, phase, parent, step, steps) == 0) cancelled_ = true;
}

bool Progress::cancelled() noexcept {
  if (cancelled_) return true;
  if (observer_ == nullptr || observer_->cancelled == nullptr) return false;
  if (observer_->cancelled(observer_->user) != 0) cancelled_ = true;
  return cancelled_;
}

void Progress::throw_if_cancelled() {
  if (cancelled()) throw Error(BACKEND_CANCELLED, "The call was cancelled.");
}

Watch::Watch(std::function<bool()> tick) : tick_(std::move(tick)), thread_([this] { watch(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    end_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Watch::watch() {
  constexpr std::chrono::milliseconds kPeriod(20);
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ended_.wait_for(lock, kPeriod, [this] { return end_; })) {
    if (!tick_()) return;
  }
}

}  // namespace trtn
