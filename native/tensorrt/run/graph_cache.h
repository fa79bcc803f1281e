// SPDX-License-Identifier: Apache-2.0
// The graphs of one lane, by what they were captured for. Not thread-safe.
#ifndef TENSORRT_NODE_RUN_GRAPH_CACHE_H_
#define TENSORRT_NODE_RUN_GRAPH_CACHE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "../cuda.h"
#include "layout.h"

namespace trt::run {

// [slot, kind, layout, epoch of page-locked memory, addresses …]
using GraphKey = std::vector<int64_t>;

class GraphCache {
 public:
  explicit GraphCache(size_t capacity) : capacity_(capacity) {}

  // Null: not captured.
  CudaGraphExec find(const GraphKey& key);
  // Whether a graph more would be of use: not where it would drive out one that is used as much.
  // `busy(slot)`: such a slot's graphs may be running, and stay.
  bool make_room(const std::function<bool(int64_t slot)>& busy);
  // `layout`: the shapes that it runs.
  void add(const GraphKey& key, OwnedGraphExec exec, std::shared_ptr<const Layout> layout);
  bool holds(int64_t slot, const Layout& layout) const;
  // Of the shapes that this slot has graphs for, those that `better` prefers to all others (and to none, which is null).
  using Better = std::function<bool(const Layout& candidate, const Layout* best)>;
  std::shared_ptr<const Layout> best(int64_t slot, const Better& better) const;
  void forget_slot(int64_t slot);
  void clear();
  // Any thread.
  size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    GraphKey key;
    OwnedGraphExec exec;
    std::shared_ptr<const Layout> layout;
    uint64_t used = 0;
  };
  using Entries = std::list<Entry>;
  Entries::iterator erase(Entries::iterator entry);

  size_t capacity_;
  std::atomic<size_t> size_{0};
  uint64_t clock_ = 0;  // launches so far
  Entries entries_;     // the latest used first
  std::unordered_map<GraphKey, Entries::iterator, KeyHash> by_key_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_GRAPH_CACHE_H_
