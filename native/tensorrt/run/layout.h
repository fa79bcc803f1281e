// SPDX-License-Identifier: Apache-2.0
// What a combination of input shapes comes to: profile, output shapes, and where each tensor lies in a slot's memory.
#ifndef TENSORRT_NODE_RUN_LAYOUT_H_
#define TENSORRT_NODE_RUN_LAYOUT_H_

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "../trt.h"

namespace trt::run {

constexpr size_t kAlignment = 256;  // TensorRT's for device addresses
inline size_t aligned(size_t bytes) noexcept { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct Place {
  Dims dims;  // -1: known only after the run
  size_t bytes = 0;
  size_t offset = 0;  // from the begin of its side's memory; on_host tensors have a memory of their own
  bool on_host = false;
  bool dynamic = false;  // output whose shape depends on data: memory through an output allocator
};

// Immutable. Inputs and outputs in the engine's order.
struct Layout {
  uint64_t id = 0;
  int32_t profile = 0;
  std::vector<Place> inputs;
  std::vector<Place> outputs;
  size_t input_bytes = 0;   // of device memory, padding included
  size_t output_bytes = 0;  // likewise, dynamic ones left out
  size_t host_bytes = 0;    // of tensors that live on the host, both directions
  bool any_on_host = false;
  bool any_dynamic = false;

  size_t device_bytes() const { return input_bytes + output_bytes; }
};

// 64-bit FNV-1a.
uint64_t hash_words(const void* words, size_t count) noexcept;

struct KeyHash {
  size_t operator()(const std::vector<int64_t>& key) const noexcept { return hash_words(key.data(), key.size()); }
};

// The most recently used layouts. Not thread-safe.
class LayoutCache {
 public:
  explicit LayoutCache(size_t capacity) : capacity_(capacity) {}
  // Null: not known.
  std::shared_ptr<const Layout> find(const std::vector<int64_t>& key);
  void add(const std::vector<int64_t>& key, std::shared_ptr<const Layout> layout);
  void clear();

 private:
  struct Entry {
    std::vector<int64_t> key;
    std::shared_ptr<const Layout> layout;
  };
  size_t capacity_;
  std::list<Entry> entries_;  // the latest first
  std::unordered_map<std::vector<int64_t>, std::list<Entry>::iterator, KeyHash> by_key_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_LAYOUT_H_
