// SPDX-License-Identifier: Apache-2.0
// The observer of a long call: progress out, the wish to stop in.
#ifndef TENSORRT_NODE_COMMON_PROGRESS_H_
#define TENSORRT_NODE_COMMON_PROGRESS_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "backend.h"

namespace trtn {

struct ProgressStep {
  const char* phase;
  const char* parent;  // null: top
  int32_t step;
  int32_t steps;
};

class Progress {
 public:
  explicit Progress(const backend_observer* observer) : observer_(observer) {}

  const backend_observer* observer() const { return observer_; }
  void step(const ProgressStep& reached) noexcept;
  void step(const char* phase, int32_t step, int32_t steps) noexcept { this->step({phase, nullptr, step, steps}); }
  // Asks the observer, and remembers a yes. Any thread.
  bool cancelled() noexcept;
  void throw_if_cancelled();

 private:
  const backend_observer* observer_;
  std::atomic<bool> cancelled_{false};
};

// Calls `tick` every 20 ms from a thread of its own, until `tick` returns false or the watch ends. For calls into
// libraries that neither report nor ask.
class Watch {
 public:
  explicit Watch(std::function<bool()> tick);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  void watch();

  std::function<bool()> tick_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_PROGRESS_H_
