// SPDX-License-Identifier: Apache-2.0
#include "environment.h"

#include <chrono>
#include <thread>

#include "run.h"

namespace trtn {
namespace {

// How long the end of an environment waits for backends to give their work back. With ExitGuard's patience, which may
// come after it, it stays under two seconds.
constexpr std::chrono::milliseconds kShutdownPatience(1200);

}  // namespace

Environment::Environment(Napi::Env env) : env_(env), channel_(env) {
  const Napi::String name = Napi::String::New(env, "tensorrt-node");
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, on_wake, &wake_);
  NAPI_THROW_IF_FAILED_VOID(env, status);
  napi_unref_threadsafe_function(env, wake_);  // idle, we keep no process alive
  mailbox_ = new Mailbox([wake = wake_] { napi_call_threadsafe_function(wake, nullptr, napi_tsfn_nonblocking); });
  run_pool_ = new RunPool(mailbox_);
  // Registered after the function above, so it runs before that is torn down.
  env.AddCleanupHook([this] { shut_down(); });
}

Environment::~Environment() = default;

void Environment::on_wake(napi_env env, napi_value, void* context, void*) {
  if (env != nullptr) static_cast<Environment*>(context)->drain();
}

void Environment::drain() {
  mailbox_->queue.drain([this](Completion* completion) {
    try {
      completion->settle(*this);
    } catch (const Napi::Error&) {  // a worker that is being terminated takes no values any more: nobody waits for them
    }
  });
  channel_.flush();
}

void Environment::begin_run(size_t id, InFlight* run) {
  if (id >= runs_.size()) runs_.resize(id + 1, nullptr);
  runs_[id] = run;
  mailbox_->outstanding.fetch_add(1, std::memory_order_relaxed);
  more_busy();
}

void Environment::end_run(size_t id) {
  runs_[id] = nullptr;
  less_busy();
}

void Environment::cancel_run(size_t id) noexcept {
  if (id < runs_.size() && runs_[id] != nullptr) runs_[id]->cancel();
}

void Environment::begin_task(InFlight* task) {
  tasks_.insert(task);
  mailbox_->outstanding.fetch_add(1, std::memory_order_relaxed);
  more_busy();
}

void Environment::end_task(InFlight* task) {
  tasks_.erase(task);
  less_busy();
}

void Environment::more_busy() {
  if (busy_++ == 0) napi_ref_threadsafe_function(env_, wake_);
}

void Environment::less_busy() {
  if (--busy_ == 0) napi_unref_threadsafe_function(env_, wake_);
}

// JavaScript memory is about to be freed: lanes must have let go of it.
void Environment::shut_down() noexcept {
  for (InFlight* run : runs_) {
    if (run != nullptr) run->cancel();
  }
  for (InFlight* task : tasks_) {
    if (!task->leave()) task->cancel();
  }
  const auto until = std::chrono::steady_clock::now() + kShutdownPatience;
  while (mailbox_->outstanding.load(std::memory_order_acquire) > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const bool all_back = mailbox_->outstanding.load(std::memory_order_acquire) == 0;
  mailbox_->queue.close();
  mailbox_->queue.drain([](Completion* completion) { completion->abandon(); });
  if (all_back) {
    delete run_pool_;
    delete mailbox_;
  }
  napi_release_threadsafe_function(wake_, napi_tsfn_abort);
}

}  // namespace trtn
