// SPDX-License-Identifier: Apache-2.0
// A long call (probe, build, load, create, free) on a thread of its own, seen from JavaScript as { promise, cancel }.
#ifndef TENSORRT_NODE_ADDON_TASK_H_
#define TENSORRT_NODE_ADDON_TASK_H_

#include <napi.h>

#include <atomic>
#include <memory>
#include <string>

#include "backend.h"
#include "environment.h"
#include "exit_guard.h"
#include "feed.h"

namespace trtn {

class Task : public Completion, public InFlight, public ExitGuarded {
 public:
  Task() = default;
  ~Task() override;

  // JS thread. Starts a thread that owns `task`. `keep` holds what the thread reads until the task has settled.
  // Callbacks may be undefined. Returns { promise, cancel }.
  static Napi::Object start(std::unique_ptr<Task> task, const Napi::Value& keep, const Napi::Value& on_progress,
                            const Napi::Value& on_log);

  void cancel() noexcept override { cancelled_->store(true, std::memory_order_relaxed); }
  void freeze() noexcept override { cancel(); }
  bool idle() noexcept override { return finished_.load(std::memory_order_acquire); }

  void settle(Environment& environment) final;
  void abandon() noexcept final { delete this; }

 protected:
  // The task's thread.
  virtual backend_status run(backend_error* error) = 0;
  // JS thread, after success.
  virtual Napi::Value result(Napi::Env env) = 0;

  const backend_observer* observer() const { return &observer_; }

 private:
  void execute() noexcept;
  void make_observer();
  bool start_thread();
  static void* thread_main(void* task);

  Mailbox* mailbox_ = nullptr;
  std::shared_ptr<Feed> feed_;
  backend_observer observer_{};
  // Outlives the task: JavaScript keeps cancel() for as long as it likes.
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> finished_{false};
  std::unique_ptr<Napi::Promise::Deferred> deferred_;
  Napi::ObjectReference keep_;
  backend_status status_ = BACKEND_INTERNAL;
  std::string message_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_TASK_H_
