// SPDX-License-Identifier: Apache-2.0
// Output memory of the scripted backend: reused by exact size, counted, so that tests can tell a leak.
#ifndef TENSORRT_NODE_TEST_SCRIPTED_POOL_H_
#define TENSORRT_NODE_TEST_SCRIPTED_POOL_H_

#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

namespace trtn::scripted {

struct Pooled {
  void* data;
  size_t bytes;
};

class Pool {
 public:
  static Pool& instance() {
    static auto& pool = *new Pool;  // leaked: outputs outlive every session
    return pool;
  }

  Pooled* take(size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++out_;
    std::vector<Pooled*>& free = free_[bytes];
    if (free.empty()) return new Pooled{std::malloc(bytes == 0 ? 1 : bytes), bytes};
    Pooled* const taken = free.back();
    free.pop_back();
    return taken;
  }

  void give_back(Pooled* pooled) {
    const std::lock_guard<std::mutex> lock(mutex_);
    --out_;
    free_[pooled->bytes].push_back(pooled);
  }

  size_t out() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return out_;
  }

 private:
  std::mutex mutex_;
  std::map<size_t, std::vector<Pooled*>> free_;
  size_t out_ = 0;
};

}  // namespace trtn::scripted

#endif  // TENSORRT_NODE_TEST_SCRIPTED_POOL_H_
