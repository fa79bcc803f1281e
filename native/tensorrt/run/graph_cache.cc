// SPDX-License-Identifier: Apache-2.0
#include "graph_cache.h"

#include <algorithm>

namespace trt::run {

CudaGraphExec GraphCache::find(const GraphKey& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  entries_.front().used = ++clock_;
  return entries_.front().exec.get();
}

bool GraphCache::make_room(const std::function<bool(int64_t slot)>& busy) {
  if (entries_.size() < capacity_) return true;
  for (auto entry = std::prev(entries_.end());; --entry) {
    // In use as often as the new one could be: driving out one for the other would mean to capture at every run.
    if (clock_ - entry->used < 2 * capacity_) {
      ++clock_;  // counted, or a full cache could never change
      return false;
    }
    if (!busy(entry->key.front())) {
      erase(entry);
      return true;
    }
    if (entry == entries_.begin()) return false;
  }
}

void GraphCache::add(const GraphKey& key, OwnedGraphExec exec, std::shared_ptr<const Layout> layout) {
  entries_.push_front({key, std::move(exec), std::move(layout), ++clock_});
  by_key_[key] = entries_.begin();
  size_.store(entries_.size(), std::memory_order_relaxed);
}

bool GraphCache::holds(int64_t slot, const Layout& layout) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.key.front() == slot && entry.layout->id == layout.id; });
}

std::shared_ptr<const Layout> GraphCache::best(int64_t slot, const Better& better) const {
  std::shared_ptr<const Layout> found;
  for (const Entry& entry : entries_) {
    if (entry.key.front() == slot && better(*entry.layout, found.get())) found = entry.layout;
  }
  return found;
}

GraphCache::Entries::iterator GraphCache::erase(Entries::iterator entry) {
  by_key_.erase(entry->key);
  const auto next = entries_.erase(entry);
  size_.store(entries_.size(), std::memory_order_relaxed);
  return next;
}

void GraphCache::forget_slot(int64_t slot) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = entry->key.front() == slot ? erase(entry) : std::next(entry);
  }
}

void GraphCache::clear() {
  by_key_.clear();
  entries_.clear();
  size_.store(0, std::memory_order_relaxed);
}

}  // namespace trt::run
