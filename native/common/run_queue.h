// SPDX-License-Identifier: Apache-2.0
// Runs that wait for a lane: those that any lane may take, and those meant for one. Not thread-safe.
#ifndef TENSORRT_NODE_COMMON_RUN_QUEUE_H_
#define TENSORRT_NODE_COMMON_RUN_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <vector>

#include "backend.h"

namespace trtn {

using LaneClock = std::chrono::steady_clock;

struct QueuedRun {
  const backend_run* run;
  LaneClock::time_point submitted;

  LaneClock::time_point deadline() const {
    if (run->budget_ns == 0) return LaneClock::time_point::max();
    return submitted + std::chrono::duration_cast<LaneClock::duration>(std::chrono::nanoseconds(run->budget_ns));
  }
  uint64_t waited_ns() const {
    const auto waited = LaneClock::now() - submitted;
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count());
  }
};

class RunQueue {
 public:
  explicit RunQueue(size_t lanes) : pinned_(lanes) {}

  size_t size() const { return size_; }

  void push(const QueuedRun& item) {
    (item.run->lane < 0 ? shared_ : pinned_[static_cast<size_t>(item.run->lane)]).push_back(item);
    ++size_;
  }

  // The oldest that `lane` may take; its own first.
  std::optional<QueuedRun> pop(size_t lane) {
    Items& items = pinned_[lane].empty() ? shared_ : pinned_[lane];
    if (items.empty()) return std::nullopt;
    const QueuedRun item = items.front();
    items.pop_front();
    --size_;
    return item;
  }

  // What pop() would give. Null: nothing.
  const QueuedRun* peek(size_t lane) const {
    const Items& items = pinned_[lane].empty() ? shared_ : pinned_[lane];
    return items.empty() ? nullptr : &items.front();
  }

  std::optional<QueuedRun> remove(const void* user) {
    std::optional<QueuedRun> removed;
    each([&](Items& items) {
      const auto found =
          std::find_if(items.begin(), items.end(), [&](const QueuedRun& q) { return q.run->user == user; });
      if (removed.has_value() || found == items.end()) return;
      removed = *found;
      items.erase(found);
      --size_;
    });
    return removed;
  }

  std::vector<QueuedRun> take_expired(LaneClock::time_point now) {
    std::vector<QueuedRun> expired;
    each([&](Items& items) {
      const auto dead =
          std::stable_partition(items.begin(), items.end(), [&](const QueuedRun& q) { return q.deadline() > now; });
      expired.insert(expired.end(), dead, items.end());
      size_ -= static_cast<size_t>(items.end() - dead);
      items.erase(dead, items.end());
    });
    return expired;
  }

  LaneClock::time_point earliest_deadline() {
    LaneClock::time_point earliest = LaneClock::time_point::max();
    each([&](const Items& items) {
      for (const QueuedRun& item : items) earliest = std::min(earliest, item.deadline());
    });
    return earliest;
  }

 private:
  using Items = std::deque<QueuedRun>;

  template <typename Visit>
  void each(Visit&& visit) {
    visit(shared_);
    for (Items& items : pinned_) visit(items);
  }

  Items shared_;
  std::vector<Items> pinned_;  // by lane
  size_t size_ = 0;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_RUN_QUEUE_H_
