// SPDX-License-Identifier: Apache-2.0
#include "graph_cache.h"

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

void GraphCache::add(const GraphKey& key, OwnedGraphExec exec) {
  entries_.push_front({key, std::move(exec), ++clock_});
  by_key_[key] = entries_.begin();
}

GraphCache::Entries::iterator GraphCache::erase(Entries::iterator entry) {
  by_key_.erase(entry->key);
  return entries_.erase(entry);
}

void GraphCache::forget_slot(int64_t slot) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = entry->key.front() == slot ? erase(entry) : std::next(entry);
  }
}

void GraphCache::clear() {
  by_key_.clear();
  entries_.clear();
}

}  // namespace trt::run
