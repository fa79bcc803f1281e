// SPDX-License-Identifier: Apache-2.0
#include "layout.h"

namespace trt::run {

uint64_t hash_words(const void* words, size_t count) noexcept {
  const auto* begin = static_cast<const uint64_t*>(words);
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < count; ++i) {
    hash = (hash ^ begin[i]) * 1099511628211u;
    hash ^= hash >> 29;  // whole words at a time: carry their high bits down
  }
  return hash;
}

std::shared_ptr<const Layout> LayoutCache::find(const std::vector<int64_t>& key) {
  if (!entries_.empty() && entries_.front().key == key) return entries_.front().layout;  // by far the most common
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front().layout;
}

void LayoutCache::add(const std::vector<int64_t>& key, std::shared_ptr<const Layout> layout) {
  if (entries_.size() >= capacity_) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, std::move(layout)});
  by_key_[key] = entries_.begin();
}

void LayoutCache::clear() {
  by_key_.clear();
  entries_.clear();
}

}  // namespace trt::run
