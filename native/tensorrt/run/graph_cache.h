// SPDX-License-Identifier: Apache-2.0
// The graphs of one lane, by what they were captured for. Not thread-safe.
#ifndef TENSORRT_NODE_RUN_GRAPH_CACHE_H_
#define TENSORRT_NODE_RUN_GRAPH_CACHE_H_

#include <cstdint>
#include <functional>
#include <list>
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
  void add(const GraphKey& key, OwnedGraphExec exec);
  void forget_slot(int64_t slot);
  void clear();
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    GraphKey key;
    OwnedGraphExec exec;
    uint64_t used = 0;
  };
  using Entries = std::list<Entry>;
  Entries::iterator erase(Entries::iterator entry);

  size_t capacity_;
  uint64_t clock_ = 0;  // launches so far
  Entries entries_;     // the latest used first
  std::unordered_map<GraphKey, Entries::iterator, KeyHash> by_key_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_GRAPH_CACHE_H_
