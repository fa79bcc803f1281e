// SPDX-License-Identifier: Apache-2.0
// Everything the addon keeps for one Node environment (main thread or worker). JS thread only.
#ifndef TENSORRT_NODE_ADDON_ENVIRONMENT_H_
#define TENSORRT_NODE_ADDON_ENVIRONMENT_H_

#include <napi.h>

#include <memory>
#include <unordered_set>
#include <vector>

#include "channel.h"
#include "completion_queue.h"

namespace trtn {

// A run or task in native hands, as the end of its environment sees it.
class InFlight {
 public:
  virtual ~InFlight() = default;
  virtual void cancel() noexcept = 0;
  // JS thread. True: it is none of the environment's any more, and touches nothing of it again; it ends by itself, or never.
  virtual bool leave() noexcept { return false; }
};

class RunPool;

class Environment {
 public:
  explicit Environment(Napi::Env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  Napi::Env env() const { return env_; }
  Mailbox* mailbox() const { return mailbox_; }
  RunPool& run_pool() { return *run_pool_; }

  // Runs are known by small numbers that TypeScript reuses. Work in flight keeps the process alive.
  void begin_run(size_t id, InFlight* run);
  void end_run(size_t id);
  void cancel_run(size_t id) noexcept;
  void begin_task(InFlight* task);
  void end_task(InFlight* task);

  Channel& channel() { return channel_; }
  // Settles what has finished, now. Called by a wake-up, and by a JS thread that polls instead of waiting for one.
  void drain();

  Napi::FunctionReference backend_class;
  Napi::FunctionReference engine_class;
  Napi::FunctionReference session_class;

 private:
  static void on_wake(napi_env env, napi_value function, void* context, void* data);
  void more_busy();
  void less_busy();
  void shut_down() noexcept;

  const Napi::Env env_;
  napi_threadsafe_function wake_ = nullptr;
  Mailbox* mailbox_ = nullptr;   // leaked if a backend never gives its work back
  RunPool* run_pool_ = nullptr;  // likewise
  std::vector<InFlight*> runs_;  // by id
  std::unordered_set<InFlight*> tasks_;
  size_t busy_ = 0;
  Channel channel_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_ENVIRONMENT_H_
