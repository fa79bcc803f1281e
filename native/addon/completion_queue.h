// SPDX-License-Identifier: Apache-2.0
// Finished work on its way to the JS thread: one lock-free list per environment, one wake-up for all that is in it.
#ifndef TENSORRT_NODE_ADDON_COMPLETION_QUEUE_H_
#define TENSORRT_NODE_ADDON_COMPLETION_QUEUE_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>

namespace trtn {

class Environment;

class Completion {
 public:
  virtual ~Completion() = default;
  // JS thread, inside the handle scope of all that is drained with it. Frees or recycles this object.
  virtual void settle(Environment& environment) = 0;
  // The environment is gone: frees this object without JavaScript.
  virtual void abandon() noexcept = 0;

 private:
  friend class CompletionQueue;
  Completion* next_ = nullptr;
};

class CompletionQueue {
 public:
  explicit CompletionQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Any thread. Only the first into an empty list wakes the JS thread: under load one wake-up serves many.
  void push(Completion* completion) noexcept {
    Completion* head = head_.load(std::memory_order_relaxed);
    do {
      completion->next_ = head;
    } while (!head_.compare_exchange_weak(head, completion, std::memory_order_release, std::memory_order_relaxed));
    if (head != nullptr) return;
    const std::lock_guard<std::mutex> lock(wake_mutex_);
    if (!closed_) wake_();
  }

  // Consumer. Calls `each` for everything that has come, oldest first.
  template <typename Each>
  void drain(Each&& each) {
    Completion* newest = head_.exchange(nullptr, std::memory_order_acquire);
    Completion* oldest = nullptr;
    while (newest != nullptr) {
      Completion* next = newest->next_;
      newest->next_ = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest != nullptr) {
      Completion* next = oldest->next_;
      each(oldest);
      oldest = next;
    }
  }

  // After it no wake-up begins; one in progress has ended.
  void close() noexcept {
    const std::lock_guard<std::mutex> lock(wake_mutex_);
    closed_ = true;
  }

 private:
  std::atomic<Completion*> head_{nullptr};
  std::mutex wake_mutex_;
  bool closed_ = false;
  const std::function<void()> wake_;
};

// What runs and tasks hold of their environment: all that other threads may touch.
struct Mailbox {
  explicit Mailbox(std::function<void()> wake) : queue(std::move(wake)) {}

  // Any thread. `last`: nothing more comes of that run or task. The caller touches neither afterwards.
  void post(Completion* completion, bool last) noexcept {
    queue.push(completion);
    if (last) outstanding.fetch_sub(1, std::memory_order_release);  // the very last touch: see Environment::shut_down
  }

  CompletionQueue queue;
  std::atomic<size_t> outstanding{0};  // runs and tasks in native hands
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_COMPLETION_QUEUE_H_
