// SPDX-License-Identifier: Apache-2.0
// Lanes: N threads over one queue of runs. Shared by every backend that executes on host threads.
#ifndef TENSORRT_NODE_COMMON_LANES_H_
#define TENSORRT_NODE_COMMON_LANES_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "backend.h"

namespace trtn {

// What one lane does with a run: a backend's execution context and buffers. Used by one thread at a time.
class LaneWork {
 public:
  virtual ~LaneWork() = default;
  // On the lane's thread. Writes run.outputs, adds to `timings`; on failure sets `message`.
  virtual backend_status execute(const backend_run& run, backend_timings& timings, std::string& message) noexcept = 0;
  // Any thread, while execute() is running or about to: makes it end early if it can. Never blocks.
  virtual void interrupt() noexcept {}
  // Lane's thread, before each execute(): forgets an earlier interrupt(). Never concurrent with it.
  virtual void rearm() noexcept {}
};

class Lanes {
 public:
  // `spin`: how long a lane polls for the next run after finishing one, before it sleeps; wake-ups of a halted virtual
  // CPU cost 50 to 90 µs, polling 1 to 3.
  Lanes(std::vector<std::unique_ptr<LaneWork>> work, std::chrono::microseconds spin);
  // Drains: every submitted run has had its done(). Never on a lane's own thread.
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // Takes ownership of nothing: `run` stays valid until its done(). A run with lane >= count gets BACKEND_INVALID_ARGUMENT.
  void submit(const backend_run* run) noexcept;
  // A queued run gets done(BACKEND_CANCELLED) inside this call; a running one is interrupted.
  void cancel(void* user) noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_LANES_H_
