// SPDX-License-Identifier: Apache-2.0
// What the submitter and the waiters of a session do.
#include <algorithm>

#include "error.h"
#include "relax.h"
#include "session.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::LaneClock;
using trtn::QueuedRun;

constexpr char kSpent[] = "the time budget was spent in the queue";
// A waiter stages no more than this itself: a large copy would keep it from reporting what has finished.
constexpr size_t kLight = 64 << 10;

size_t staged_bytes(const backend_run& run, bool may_be_padded) {
  size_t bytes = 0;
  for (uint32_t i = 0; i < run.input_count; ++i) {
    if (may_be_padded || run.inputs[i].memory != BACKEND_PAGE_LOCKED) bytes += run.inputs[i].bytes;
  }
  return bytes;
}

// Runs `body`, which throws, and says what came of it.
template <typename Body>
backend_status attempt(std::string& message, Body&& body) noexcept {
  try {
    body();
    return BACKEND_OK;
  } catch (const Error& error) {
    message = error.what();
    return error.status();
  } catch (const std::bad_alloc&) {
    message.clear();  // making a text would need memory
    return BACKEND_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    message = error.what();
    return BACKEND_INTERNAL;
  }
}

}  // namespace

// The process is exiting: never returns.
void Session::park(std::unique_lock<std::mutex>& lock) {
  while (frozen_) work_.wait(lock);
}

// Under mutex_: is there a run that a free slot could take?
bool Session::has_work() const {
  return queue_.size() > 0 && std::any_of(waiters_.begin(), waiters_.end(),
                                          [](const auto& waiter) { return waiter->lane->free_slots() > 0; });
}

// CUDA's device belongs to the thread, and these do nothing else. Should setting it fail, the next call says why.
void Session::enter_thread(const std::string& name) {
  (void)pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // for debuggers and profilers
  (void)device_.cuda().SetDevice(device_.index());
}

void Session::serve_queue() {
  const LogScope scope(log_);
  enter_thread("trt-submit");
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    park(lock);
    expire(lock);
    if (has_work()) {
      lock.unlock();
      {
        const std::lock_guard<std::mutex> submitting(submission_);
        pump(false);
      }
      lock.lock();
    } else if (stopping_ && queue_.size() == 0) {
      lock.unlock();
      const std::lock_guard<std::mutex> last(submission_);  // a waiter may be about to put the last run on the device
      return;
    } else {
      sleep_until_due(lock);
    }
  }
}

// Until there is something to submit, or the first budget in the queue is spent.
void Session::sleep_until_due(std::unique_lock<std::mutex>& lock) {
  const LaneClock::time_point due = queue_.earliest_deadline();
  submitter_sleeps_ = true;
  if (due == LaneClock::time_point::max()) {
    work_.wait(lock);
  } else if (due > LaneClock::now()) {
    // On the system clock: waiting on the steady one needs pthread_cond_clockwait, which glibc 2.28 lacks. The cap bounds
    // what a step of that clock can cost.
    const auto remaining = std::min<LaneClock::duration>(due - LaneClock::now(), std::chrono::seconds(1));
    work_.wait_until(lock, std::chrono::system_clock::now() + remaining);
  }
  submitter_sleeps_ = false;
}

void Session::expire(std::unique_lock<std::mutex>& lock) {
  const std::vector<QueuedRun> expired = queue_.take_expired(LaneClock::now());
  if (expired.empty()) return;
  lock.unlock();
  for (const QueuedRun& item : expired) {
    backend_timings timings{};
    timings.queue_ns = item.waited_ns();
    finish(*item.run, BACKEND_DEADLINE, kSpent, timings, -1);
  }
  lock.lock();
}

// The next run and the lane for it: the one with the most free slots.
bool Session::take(bool only_light, QueuedRun& item, Waiter*& waiter) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (frozen_) return false;
  std::vector<std::unique_ptr<Waiter>>& all = waiters_;
  int most = 0;
  const QueuedRun* next = nullptr;
  for (const auto& each : all) {
    const int slots = each->lane->free_slots();
    if (slots <= most) continue;
    const QueuedRun* const candidate = queue_.peek(static_cast<size_t>(each->lane->index()));
    if (candidate == nullptr) continue;
    most = slots;
    next = candidate;
    waiter = each.get();
  }
  if (next == nullptr) return false;
  if (only_light && staged_bytes(*next->run, settings_.padToGraph) > kLight) {
    if (submitter_sleeps_) work_.notify_one();
    return false;
  }
  item = *queue_.pop(static_cast<size_t>(waiter->lane->index()));
  beginning_ = item.run->user;
  beginning_cancelled_ = false;
  return true;
}

// Under submission_.
void Session::pump(bool only_light) {
  QueuedRun item{};
  Waiter* waiter = nullptr;
  const Section section(*this);  // before take() looks whether the process exits
  while (take(only_light, item, waiter)) begin(item, *waiter);
}

void Session::begin(const QueuedRun& item, Waiter& waiter) {
  const backend_run& run = *item.run;
  backend_timings timings{};
  timings.queue_ns = item.waited_ns();
  if (run.budget_ns > 0 && timings.queue_ns > run.budget_ns) {
    finish(run, BACKEND_DEADLINE, kSpent, timings, -1);
    return;
  }
  Slot* slot = nullptr;
  std::string message;
  const backend_status status = attempt(message, [&] {
    device_.require_usable();
    slot = &waiter.lane->start(run);
  });
  if (status != BACKEND_OK) {
    finish(run, status, message.c_str(), timings, waiter.lane->index());
    return;
  }
  slot->timings.queue_ns = timings.queue_ns;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    slot->cancelled = beginning_cancelled_;
    beginning_ = nullptr;
    waiter.in_flight.push_back(slot);
    ++on_device_;
  }
  waiter.arrived.notify_one();
}

void Session::serve_lane(Waiter& waiter) {
  const LogScope scope(log_);
  enter_thread("trt-wait-" + std::to_string(waiter.lane->index()));
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    park(lock);
    if (waiter.in_flight.empty()) {
      if (submitted_) return;
      waiter.arrived.wait(lock);
      continue;
    }
    Slot& slot = *waiter.in_flight.front();
    {
      const Section section(*this);
      lock.unlock();
      complete(waiter, slot, wait_for(slot));
    }
    lock.lock();
  }
}

int Session::wait_for(Slot& slot) {
  const Cuda& cuda = device_.cuda();
  Statistics::add(statistics_.calls);
  if (!settings_.spinWait) return cuda.EventSynchronize(slot.done.get());
  for (;;) {
    const int code = cuda.EventQuery(slot.done.get());
    if (code != cuda::kNotReady) return code;
    for (int i = 0; i < 64; ++i) trtn::relax();
  }
}

bool Session::is_cancelled(const Slot& slot) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return slot.cancelled;
}

// The slot is given to the next run before the caller hears of this one: the device is kept busy.
void Session::complete(Waiter& waiter, Slot& slot, int code) {
  std::string message;
  const backend_run& run = *slot.run;
  const backend_status status = attempt(message, [&] {
    device_.check(code, "cudaEventSynchronize");
    if (is_cancelled(slot)) throw Error(BACKEND_CANCELLED, "cancelled while it was on the device");
    read_marks(slot);
    slot.collect();
  });
  if (status != BACKEND_OK) {
    (void)device_.cuda().StreamSynchronize(slot.stream.get());  // the caller's memory is the caller's again
    slot.abandon();
  }
  const backend_timings timings = slot.timings;
  Statistics::add(statistics_.copies, timings.copies);
  bool more = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiter.in_flight.pop_front();
    waiter.lane->free(slot);
    if (--on_device_ == 0) drained_.notify_all();
    if (stopping_) work_.notify_one();
    more = queue_.size() > 0;
  }
  if (more) submit_more();
  finish(run, status, message.c_str(), timings, waiter.lane->index());
}

void Session::submit_more() {
  if (submission_.try_lock()) {
    pump(true);
    submission_.unlock();
    return;
  }
  // Whoever has it may have looked before our slot was free.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (submitter_sleeps_ && has_work()) work_.notify_one();
}

// Times of the stages: from the device where it was asked for, else the whole of it as computing.
void Session::read_marks(Slot& slot) {
  backend_timings& timings = slot.timings;
  if (!slot.marks[0]) {
    const auto spent = LaneClock::now() - slot.begun;
    timings.compute_ns = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
    return;
  }
  const auto between = [&](Event from, Event to) {
    float ms = 0;
    device_.check(device_.cuda().EventElapsedTime(&ms, from, to), "cudaEventElapsedTime");
    return static_cast<uint64_t>(static_cast<double>(ms) * 1e6);
  };
  timings.copy_in_ns += between(slot.marks[0].get(), slot.marks[1].get());
  timings.compute_ns = between(slot.marks[1].get(), slot.marks[2].get());
  timings.copy_out_ns += between(slot.marks[2].get(), slot.done.get());
}

}  // namespace trt::run
