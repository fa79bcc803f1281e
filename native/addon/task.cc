// SPDX-License-Identifier: Apache-2.0
#include "task.h"

#include <pthread.h>

#include <exception>
#include <new>
#include <utility>

#include "failure.h"

namespace trtn {
namespace {

// NVIDIA's parser and optimiser recurse over deep graphs (reference: 8 MiB overflow on long chains).
constexpr size_t kStackBytes = size_t{64} << 20;

}  // namespace

Task::~Task() { ExitGuard::forget(this); }

Napi::Object Task::start(std::unique_ptr<Task> task, const Napi::Value& keep, const Napi::Value& on_progress,
                         const Napi::Value& on_log) {
  const Napi::Env env = keep.Env();
  Environment& environment = Environment::of(env);
  task->mailbox_ = environment.mailbox();
  task->deferred_ = std::make_unique<Napi::Promise::Deferred>(env);
  if (keep.IsObject()) task->keep_ = Napi::Persistent(keep.As<Napi::Object>());
  task->feed_ = std::make_shared<Feed>(task->mailbox_, on_progress, on_log);
  task->make_observer();

  Napi::Object handle = Napi::Object::New(env);
  handle.Set("promise", task->deferred_->Promise());
  task->control_->task = task.get();
  handle.Set("cancel", Napi::Function::New(env, [control = task->control_](const Napi::CallbackInfo& info) {
               cancel_from(info.Env(), *control);
             }));
  environment.begin_task(task.get());
  ExitGuard::watch(task.get());
  Task* const running = task.release();
  if (!running->start_thread()) {
    running->status_ = BACKEND_OUT_OF_MEMORY;
    running->message_ = "no thread could be started";
    running->finish();
  }
  return handle;
}

bool Task::start_thread() {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  const int code = pthread_create(&thread, &attributes, thread_main, this);
  pthread_attr_destroy(&attributes);
  return code == 0;
}

void* Task::thread_main(void* task) {
  static_cast<Task*>(task)->execute();
  return nullptr;
}

void Task::make_observer() {
  observer_.struct_size = sizeof observer_;
  observer_.user = this;
  observer_.progress = [](void* user, const char* phase, const char* parent, int32_t step, int32_t steps) -> int32_t {
    Task& task = *static_cast<Task*>(user);
    if (task.feed_->wants_progress()) task.feed_->progress(phase, parent, step, steps);
    return task.control_->cancelled.load(std::memory_order_relaxed) ? 0 : 1;
  };
  observer_.cancelled = [](void* user) -> int32_t {
    return static_cast<Task*>(user)->control_->cancelled.load(std::memory_order_relaxed) ? 1 : 0;
  };
  observer_.log = [](void* user, backend_log_level level, const char* text) {
    Task& task = *static_cast<Task*>(user);
    if (task.feed_->wants_log()) task.feed_->log(level, text);
  };
}

void Task::execute() noexcept {
  try {
    ErrorText error(size_t{64} << 10);
    status_ = run(error.out());
    if (status_ != BACKEND_OK) message_ = error.text();
  } catch (const std::bad_alloc&) {
    status_ = BACKEND_OUT_OF_MEMORY;
    message_ = "host allocation failed";
  } catch (const std::exception& e) {
    status_ = BACKEND_INTERNAL;
    message_ = e.what();
  }
  finish();
}

void Task::finish() noexcept {
  State running = State::kRunning;
  if (state_.compare_exchange_strong(running, State::kFinished, std::memory_order_acq_rel)) {
    mailbox_->post(this, true);
    return;
  }
  state_.store(State::kFinished, std::memory_order_release);
  delete this;
}

bool Task::leave() noexcept {
  std::unique_ptr<Napi::Promise::Deferred> nobody_waits;
  return leave(nobody_waits);
}

bool Task::leave(std::unique_ptr<Napi::Promise::Deferred>& deferred) noexcept {
  if (!stands_alone()) return false;
  // Once it is left the thread may free the task at any moment: what is JavaScript's is taken out of it before.
  const std::shared_ptr<Control> control = control_;
  Mailbox* const mailbox = mailbox_;
  deferred = std::move(deferred_);
  Napi::ObjectReference keep = std::move(keep_);
  std::shared_ptr<Feed> feed = std::move(feed_);
  State running = State::kRunning;
  if (!state_.compare_exchange_strong(running, State::kLeft, std::memory_order_acq_rel)) {
    deferred_ = std::move(deferred);
    keep_ = std::move(keep);
    feed_ = std::move(feed);
    return false;
  }
  control->task = nullptr;
  mailbox->outstanding.fetch_sub(1, std::memory_order_release);
  return true;
}

void Task::cancel_from(Napi::Env env, Control& control) {
  control.cancelled.store(true, std::memory_order_relaxed);
  Task* const task = control.task;
  std::unique_ptr<Napi::Promise::Deferred> deferred;
  if (task == nullptr || !task->leave(deferred)) return;
  Environment::of(env).end_task(task);
  deferred->Reject(failure(env, BACKEND_CANCELLED, "cancelled while it was waiting").Value());
}

void Task::settle(Environment& environment) {
  const std::unique_ptr<Task> self(this);
  control_->task = nullptr;
  const Napi::Env env = environment.env();
  const Napi::HandleScope scope(env);
  environment.end_task(this);
  feed_->deliver(env);  // before the promise: no event comes after the result
  if (status_ != BACKEND_OK) {
    deferred_->Reject(failure(env, status_, message_).Value());
    return;
  }
  try {
    deferred_->Resolve(result(env));
  } catch (const Napi::Error& error) {
    deferred_->Reject(error.Value());
  }
}

}  // namespace trtn
