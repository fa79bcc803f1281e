// SPDX-License-Identifier: Apache-2.0
#include "reaper.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "exit_guard.h"

namespace trtn {
namespace {

class Reaper : public ExitGuarded {
 public:
  // Leaked, thread and all: a condition variable destroyed at exit under a waiting thread hangs the process.
  static Reaper& instance() {
    static auto& reaper = *new Reaper;
    return reaper;
  }

  void take(std::shared_ptr<void> last) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      dead_.push_back(std::move(last));
    }
    more_.notify_one();
  }

  void freeze() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    frozen_ = true;
  }

  bool idle() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return !freeing_;
  }

 private:
  Reaper() {
    std::thread([this] { serve(); }).detach();
    ExitGuard::watch(this);
  }

  void serve() {
    for (;;) {
      std::vector<std::shared_ptr<void>> batch;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        freeing_ = false;
        more_.wait(lock, [this] { return !dead_.empty() && !frozen_; });
        freeing_ = true;
        batch.swap(dead_);
      }
      batch.clear();
    }
  }

  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::shared_ptr<void>> dead_;
  bool freeing_ = false;
  bool frozen_ = false;
};

}  // namespace

void reap(std::shared_ptr<void> last) noexcept {
  if (last == nullptr) return;
  try {
    Reaper::instance().take(std::move(last));
  } catch (...) {  // no memory or no thread: `last` was freed here instead, which may block but is correct
  }
}

}  // namespace trtn
