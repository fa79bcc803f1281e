// SPDX-License-Identifier: Apache-2.0
// One inference in flight. Plain data in native hands: TypeScript keeps the inputs and the promise, under `id`.
#ifndef TENSORRT_NODE_ADDON_RUN_H_
#define TENSORRT_NODE_ADDON_RUN_H_

#include <memory>
#include <string>
#include <vector>

#include "backend.h"
#include "environment.h"
#include "handles.h"

namespace trtn {

class RunPool;

class Run : public Completion, public InFlight {
 public:
  Run(RunPool* pool, Mailbox* mailbox) : pool_(pool), mailbox_(mailbox) {}

  std::vector<backend_tensor> inputs;
  std::vector<backend_tensor> outputs;

  // JS thread; `inputs` and `outputs` are filled.
  void submit(Environment& environment, size_t id, const std::shared_ptr<SessionHandle>& session, int32_t lane,
              uint64_t budget_ns);
  void cancel() noexcept override { session_->api().cancel(session_->get(), this); }
  void settle(Environment& environment) override;
  void abandon() noexcept override;

 private:
  static void on_done(void* user, backend_status status, const char* message, const backend_timings* timings,
                      int32_t lane);
  void report(Channel& channel);
  void report_failure(Channel& channel);
  void attach_large(Channel& channel);
  double* write_head(double* numbers) const;
  void give_back_pooled() noexcept;
  void recycle() noexcept;

  RunPool* const pool_;
  Mailbox* const mailbox_;
  std::shared_ptr<SessionHandle> session_;
  backend_run request_{};
  backend_timings timings_{};
  backend_status status_ = BACKEND_OK;
  std::string message_;
  int32_t lane_ = -1;
  size_t id_ = 0;
  std::vector<double> places_;  // per output where JavaScript finds it: see NativeChannel.report
};

// Runs of one environment, reused: a run that starts allocates nothing once the pool is warm. JS thread.
class RunPool {
 public:
  explicit RunPool(Mailbox* mailbox) : mailbox_(mailbox) {}
  Run* take();
  void give_back(Run* run);

 private:
  Mailbox* const mailbox_;
  std::vector<std::unique_ptr<Run>> idle_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_RUN_H_
