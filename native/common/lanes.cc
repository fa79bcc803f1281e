// SPDX-License-Identifier: Apache-2.0
#include "lanes.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include "exit_guard.h"
#include "relax.h"
#include "run_queue.h"

namespace trtn {
namespace {

constexpr char kSpent[] = "the time budget was spent in the queue";
constexpr int kMostSkipped = 63;  // polls left out in a row: one in 64 looks whether polling pays again

}  // namespace

class Lanes::Impl : public ExitGuarded {
 public:
  Impl(std::vector<std::unique_ptr<LaneWork>> work, std::chrono::microseconds spin)
      // Polling with one processor only keeps the submitter from running.
      : spin_(std::thread::hardware_concurrency() > 1 ? spin : std::chrono::microseconds(0)),
        lanes_(work.size()),
        queue_(work.size()) {
    for (size_t i = 0; i < lanes_.size(); ++i) lanes_[i].work = std::move(work[i]);
    try {
      for (size_t i = 0; i < lanes_.size(); ++i) lanes_[i].thread = std::thread([this, i] { serve(i); });
    } catch (const std::system_error&) {  // no thread to be had: leave as if never constructed
      stop();
      throw;
    }
    ExitGuard::watch(this);
  }

  ~Impl() override {
    ExitGuard::forget(this);
    stop();
  }

  void submit(const backend_run* run) noexcept {
    if (run->lane >= static_cast<int32_t>(lanes_.size())) {
      finish(*run, BACKEND_INVALID_ARGUMENT, "no such lane", {}, -1);
      return;
    }
    const QueuedRun item{run, LaneClock::now()};
    bool wake_one = false;
    bool wake_all = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      queue_.push(item);
      publish_size();
      if (run->budget_ns > 0) watch_deadline(item.deadline());
      wake_one = sleepers_ > 0 && run->lane < 0;
      wake_all = sleepers_ > 0 && run->lane >= 0;  // only one of the sleepers may take it
    }
    if (wake_one) ready_.notify_one();
    if (wake_all) ready_.notify_all();
  }

  void cancel(void* user) noexcept {
    std::optional<QueuedRun> removed;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (Lane& lane : lanes_) {
        if (lane.running != nullptr && lane.running->user == user) {
          lane.interrupted = true;
          lane.work->interrupt();
          return;
        }
      }
      removed = queue_.remove(user);
      publish_size();
    }
    if (removed.has_value()) refuse(*removed, BACKEND_CANCELLED, "cancelled while queued");
  }

  // At process exit: no execute() may overlap the destructors of the libraries it runs in.
  void freeze() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    frozen_ = true;
    for (Lane& lane : lanes_) {
      if (lane.running != nullptr) lane.work->interrupt();
    }
  }

  bool idle() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::none_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.running != nullptr; });
  }

 private:
  struct Lane {
    std::unique_ptr<LaneWork> work;
    std::thread thread;
    const backend_run* running = nullptr;  // guarded by mutex_, as everything but `work` is
    bool interrupted = false;
  };

  static void finish(const backend_run& run, backend_status status, const char* message, backend_timings timings,
                     int32_t lane) noexcept {
    timings.struct_size = sizeof timings;
    run.done(run.user, status, status == BACKEND_OK ? nullptr : message, &timings, lane);
  }

  // Of a run that no lane has taken.
  static void refuse(const QueuedRun& item, backend_status status, const char* message) noexcept {
    backend_timings timings{};
    timings.queue_ns = item.waited_ns();
    finish(*item.run, status, message, timings, -1);
  }

  // Under mutex_, after each change of the queue: polling lanes look at it without.
  void publish_size() noexcept { pending_.store(queue_.size(), std::memory_order_release); }

  void stop() noexcept {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    ready_.notify_all();
    for (Lane& lane : lanes_) {
      if (lane.thread.joinable()) lane.thread.join();
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      drained_ = true;
    }
    sweep_changed_.notify_one();
    if (sweeper_.joinable()) sweeper_.join();
  }

  // Lanes look at budgets when they take a run. While all of them are busy, the sweeper does: a caller learns in time
  // that it must fall back. Started by the first run that needs it. Called under mutex_.
  void watch_deadline(LaneClock::time_point deadline) noexcept {
    if (deadline >= sweep_at_) return;  // it wakes early enough as it is
    sweep_at_ = deadline;
    try {
      if (!sweeper_.joinable()) sweeper_ = std::thread([this] { sweep(); });
    } catch (const std::system_error&) {  // no thread to be had: budgets are looked at when a lane is free
    }
    sweep_changed_.notify_one();
  }

  void sweep() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!drained_) {
      if (sweep_at_ == LaneClock::time_point::max() || frozen_) {
        sweep_changed_.wait(lock);
      } else if (LaneClock::now() < sweep_at_) {
        // On the system clock: waiting on the steady one needs pthread_cond_clockwait, which glibc 2.28 lacks. The
        // cap bounds what a step of that clock can cost.
        const auto remaining = std::min<LaneClock::duration>(sweep_at_ - LaneClock::now(), std::chrono::seconds(1));
        sweep_changed_.wait_until(lock, std::chrono::system_clock::now() + remaining);
      } else {
        const std::vector<QueuedRun> expired = queue_.take_expired(LaneClock::now());
        publish_size();
        sweep_at_ = queue_.earliest_deadline();
        lock.unlock();
        for (const QueuedRun& item : expired) refuse(item, BACKEND_DEADLINE, kSpent);
        lock.lock();
      }
    }
  }

  // A lane's record of polls that nothing came of.
  struct Patience {
    int skip = 0;     // polls to leave out from here
    int backoff = 0;  // how many were left out the last time
  };

  // Polls without the mutex for as long as it pays, so that the submitter never meets a sleeping lane under load. Where
  // the submitter has to wait for this very core, polling only delays it: after a poll in vain ever more are left out.
  void poll(Patience& patience) noexcept {
    if (spin_.count() == 0 || pending_.load(std::memory_order_acquire) > 0) return;
    if (patience.skip > 0) {
      --patience.skip;
      return;
    }
    const LaneClock::time_point until = LaneClock::now() + spin_;
    while (pending_.load(std::memory_order_acquire) == 0) {
      if (LaneClock::now() >= until) {
        patience.backoff = std::min(2 * patience.backoff + 1, kMostSkipped);
        patience.skip = patience.backoff;
        return;
      }
      for (int i = 0; i < 16; ++i) relax();
    }
    patience.backoff = 0;
  }

  // Next run for this lane; none when stopping and drained.
  std::optional<QueuedRun> take(size_t index) {
    Lane& lane = lanes_[index];
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      while (frozen_) sleep(lock);  // the process is exiting: never return
      if (const std::optional<QueuedRun> item = queue_.pop(index)) {
        publish_size();
        lane.work->rearm();
        lane.interrupted = false;
        lane.running = item->run;
        return item;
      }
      if (stopping_) return std::nullopt;
      sleep(lock);
    }
  }

  void sleep(std::unique_lock<std::mutex>& lock) {
    ++sleepers_;
    ready_.wait(lock);
    --sleepers_;
  }

  bool release(Lane& lane) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    lane.running = nullptr;
    return lane.interrupted;
  }

  void serve(size_t index) {
    Lane& lane = lanes_[index];
    std::string message;
    Patience patience;
    while (const std::optional<QueuedRun> item = take(index)) {
      const backend_run& run = *item->run;
      backend_timings timings{};
      timings.queue_ns = item->waited_ns();
      message.clear();
      backend_status status = BACKEND_DEADLINE;
      if (run.budget_ns == 0 || timings.queue_ns <= run.budget_ns) {
        status = lane.work->execute(run, timings, message);
      } else {
        message = kSpent;
      }
      if (release(lane) && status != BACKEND_OK) {
        status = BACKEND_CANCELLED;
        message = "cancelled while running";
      }
      finish(run, status, message.c_str(), timings, static_cast<int32_t>(index));
      poll(patience);
    }
  }

  const std::chrono::microseconds spin_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Lane> lanes_;
  RunQueue queue_;
  std::atomic<size_t> pending_{0};  // its size; written under mutex_, polled without
  size_t sleepers_ = 0;
  std::thread sweeper_;
  std::condition_variable sweep_changed_;
  LaneClock::time_point sweep_at_ = LaneClock::time_point::max();
  bool stopping_ = false;
  bool drained_ = false;
  bool frozen_ = false;
};

Lanes::Lanes(std::vector<std::unique_ptr<LaneWork>> work, std::chrono::microseconds spin)
    : impl_(std::make_unique<Impl>(std::move(work), spin)) {}
Lanes::~Lanes() = default;
void Lanes::submit(const backend_run* run) noexcept { impl_->submit(run); }
void Lanes::cancel(void* user) noexcept { impl_->cancel(user); }

}  // namespace trtn
