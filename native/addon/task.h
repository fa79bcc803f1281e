// SPDX-License-Identifier: Apache-2.0
// A long call (probe, build, load, create, free) on a thread of its own, seen from JavaScript as { promise, cancel }.
// Nothing can stop a thread that is inside a driver which does not answer. Where the call reads nothing of JavaScript's, its
// caller need not wait either: cancel() then rejects at once, and leaves the thread to itself. Until it ends, the exit guard
// counts it among those that are inside a library.
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

  void cancel() noexcept override { control_->cancelled.store(true, std::memory_order_relaxed); }
  bool leave() noexcept override;
  void freeze() noexcept override { cancel(); }
  bool idle() noexcept override { return state_.load(std::memory_order_acquire) == State::kFinished; }

  void settle(Environment& environment) final;
  void abandon() noexcept final { delete this; }

 protected:
  // The task's thread.
  virtual backend_status run(backend_error* error) = 0;
  // JS thread, after success.
  virtual Napi::Value result(Napi::Env env) = 0;
  // Whether run() touches nothing but what the task itself holds, and the rest of it can be freed by any thread.
  virtual bool stands_alone() const noexcept { return false; }

  const backend_observer* observer() const { return &observer_; }

 private:
  enum class State { kRunning, kFinished, kLeft };
  // Outlives the task: JavaScript keeps cancel() for as long as it likes.
  struct Control {
    std::atomic<bool> cancelled{false};
    Task* task = nullptr;  // JS thread; null: settled
  };
  static void cancel_from(Napi::Env env, Control& control);
  bool leave(std::unique_ptr<Napi::Promise::Deferred>& deferred) noexcept;
  void finish() noexcept;
  void execute() noexcept;
  void make_observer();
  bool start_thread();
  static void* thread_main(void* task);

  Mailbox* mailbox_ = nullptr;
  std::shared_ptr<Feed> feed_;
  backend_observer observer_{};
  const std::shared_ptr<Control> control_ = std::make_shared<Control>();
  std::atomic<State> state_{State::kRunning};
  std::unique_ptr<Napi::Promise::Deferred> deferred_;
  Napi::ObjectReference keep_;
  backend_status status_ = BACKEND_INTERNAL;
  std::string message_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_TASK_H_
