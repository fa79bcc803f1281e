// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <algorithm>
#include <system_error>

#include "error.h"
#include "options.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::LaneClock;
using trtn::QueuedRun;

constexpr int32_t kMostLanes = 1024;
constexpr size_t kMostLayouts = 256;
// Page-locked memory kept for other sessions when one has ended.
constexpr size_t kKeptPinned = size_t{256} << 20;

}  // namespace

Session::Session(Model& model, const backend_session_request& request)
    : model_(model),
      device_(model.device()),
      layouts_(kMostLayouts),
      log_(std::make_shared<JobLog>(nullptr)),
      queue_(static_cast<size_t>(std::max(1, request.lanes))) {
  if (request.lanes < 1 || request.lanes > kMostLanes) {
    throw Error(BACKEND_INVALID_ARGUMENT, "Expected 1 to " + std::to_string(kMostLanes) + " lanes but received " +
                                              std::to_string(request.lanes) + ".");
  }
  trtn::OptionReader reader(request.options, request.option_count);
  settings_ = read_session_settings(reader);
  reader.refuse_unknown();
  device_.require_usable();
  device_.use();
  const LogScope scope(log_);
  const Shared shared{model_, settings_, layouts_, statistics_, *log_};
  for (int32_t i = 0; i < request.lanes; ++i) {
    waiters_.push_back(std::make_unique<Waiter>());
    waiters_.back()->lane = std::make_unique<Lane>(shared, i);
  }
  start_threads();
  trtn::ExitGuard::watch(this);
  model_.enter(this);
}

void Session::start_threads() {
  try {
    for (const auto& waiter : waiters_) waiter->thread = std::thread([this, &waiter = *waiter] { serve_lane(waiter); });
    submitter_ = std::thread([this] { serve_queue(); });
  } catch (const std::system_error&) {  // no thread to be had: leave as if never constructed
    stop();
    throw;
  }
}

Session::~Session() {
  model_.leave(this);
  stop();
  {
    const Section section(*this);
    (void)device_.cuda().SetDevice(device_.index());
    waiters_.clear();
    device_.pinned().trim(kKeptPinned);
  }
  trtn::ExitGuard::forget(this);
}

void Session::stop() noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (submitter_.joinable()) submitter_.join();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    submitted_ = true;
  }
  for (const auto& waiter : waiters_) {
    waiter->arrived.notify_all();
    if (waiter->thread.joinable()) waiter->thread.join();
  }
}

void Session::finish(const backend_run& run, backend_status status, const char* message, backend_timings timings,
                     int32_t lane) {
  timings.struct_size = sizeof timings;
  Statistics::add(status == BACKEND_OK ? statistics_.runs : statistics_.failures);
  run.done(run.user, status, status == BACKEND_OK ? nullptr : message, &timings, lane);
}

void Session::submit(const backend_run* run) noexcept {
  if (run->lane >= static_cast<int32_t>(waiters_.size())) {
    finish(*run, BACKEND_INVALID_ARGUMENT, "no such lane", {}, -1);
    return;
  }
  const QueuedRun item{run, LaneClock::now()};
  bool wake = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push(item);
    // With no slot free, the waiter that frees one goes on with the queue. A budget needs someone who looks at the clock.
    wake = submitter_sleeps_ && (run->budget_ns > 0 || has_work());
    if (wake) submitter_sleeps_ = false;
  }
  if (wake) work_.notify_one();
}

void Session::cancel(void* user) noexcept {
  std::optional<QueuedRun> removed;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    removed = queue_.remove(user);
    if (!removed.has_value()) mark_cancelled(user);
    if (stopping_) work_.notify_one();
  }
  if (!removed.has_value()) return;
  backend_timings timings{};
  timings.queue_ns = removed->waited_ns();
  finish(*removed->run, BACKEND_CANCELLED, "cancelled while queued", timings, -1);
}

// Under mutex_. What is on the device cannot be taken back: it runs to its end, and is then told as cancelled.
void Session::mark_cancelled(void* user) noexcept {
  if (beginning_ == user) beginning_cancelled_ = true;
  for (const auto& waiter : waiters_) {
    for (Slot* const slot : waiter->in_flight) slot->cancelled |= slot->run->user == user;
  }
}

void Session::freeze() noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  frozen_ = true;
}

bool Session::idle() noexcept { return inside_.load() == 0; }

}  // namespace trt::run
