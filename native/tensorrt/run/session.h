// SPDX-License-Identifier: Apache-2.0
// Runs of one session: who submits, who waits, and what ends when.
//
// submit() only queues. The *submitter* puts runs on the device while slots are free. Each lane has a *waiter*, which
// blocks in cudaEventSynchronize on the lane's oldest run: not one waiter for the whole device, because a short run would
// then be reported only after a long one that was submitted before it. A waiter that has freed a slot submits the next
// run itself where that takes no time, so that under load a run costs one wake-up, not two.
#ifndef TENSORRT_NODE_RUN_SESSION_H_
#define TENSORRT_NODE_RUN_SESSION_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backend.h"
#include "exit_guard.h"
#include "lane.h"
#include "run_queue.h"

namespace trt::run {

class Session : public trtn::ExitGuarded {
 public:
  // @throws Error
  Session(Model& model, const backend_session_request& request);
  // Drains. Never on the JS thread.
  ~Session() override;

  // ---- Any thread; none blocks on the device ----
  void submit(const backend_run* run) noexcept;
  void cancel(void* user) noexcept;
  void freeze() noexcept override;
  bool idle() noexcept override;
  std::string describe();

  Device& device() { return device_; }

  // ---- Not the JS thread ----
  // Drops contexts, graphs and scratch memory, once nothing runs. Runs that come meanwhile wait.
  void reset();
  // Until resume(), nothing is put on the device; when it returns, nothing is on it. By one caller at a time.
  void quiesce();
  void resume() noexcept;

 private:
  struct Waiter {
    std::unique_ptr<Lane> lane;
    std::deque<Slot*> in_flight;  // guarded by mutex_
    std::condition_variable arrived;
    std::thread thread;
  };
  // A thread is inside CUDA or TensorRT: at process exit none may be, when the destructors of the libraries run.
  class Section {
   public:
    explicit Section(Session& session) : session_(session) { session_.inside_.fetch_add(1); }
    ~Section() { session_.inside_.fetch_sub(1); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

   private:
    Session& session_;
  };

  void mark_cancelled(void* user) noexcept;
  bool is_cancelled(const Slot& slot);
  void start_threads();
  void enter_thread(const std::string& name);
  void stop() noexcept;
  void serve_queue();
  void serve_lane(Waiter& waiter);
  void sleep_until_due(std::unique_lock<std::mutex>& lock);
  bool has_work() const;
  void pump(bool only_light);
  bool take(bool only_light, trtn::QueuedRun& item, Waiter*& waiter);
  void begin(const trtn::QueuedRun& item, Waiter& waiter);
  int wait_for(Slot& slot);
  void complete(Waiter& waiter, Slot& slot, int code);
  void submit_more();
  void read_marks(Slot& slot);
  void expire(std::unique_lock<std::mutex>& lock);
  void park(std::unique_lock<std::mutex>& lock);
  void finish(const backend_run& run, backend_status status, const char* message, backend_timings timings,
              int32_t lane);

  Model& model_;
  Device& device_;
  SessionSettings settings_;
  LayoutCache layouts_;
  Statistics statistics_;
  std::shared_ptr<JobLog> log_;
  std::mutex submission_;  // held by whoever puts runs on the device. Before mutex_
  std::mutex mutex_;
  std::condition_variable work_;     // for the submitter
  std::condition_variable drained_;  // for those who wait until nothing is on the device
  std::vector<std::unique_ptr<Waiter>> waiters_;
  std::thread submitter_;
  trtn::RunQueue queue_;
  size_t on_device_ = 0;
  void* beginning_ = nullptr;  // user of the latest run that left the queue
  bool beginning_cancelled_ = false;
  bool submitter_sleeps_ = false;
  bool stopping_ = false;   // no more runs will come
  bool submitted_ = false;  // and all of them are on the device
  bool frozen_ = false;     // the process exits
  std::atomic<int> inside_{0};
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_SESSION_H_
