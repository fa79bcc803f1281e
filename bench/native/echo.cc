// SPDX-License-Identifier: Apache-2.0
// What an asynchronous N-API call costs with nothing around it: the floor that bench:overhead compares the package with.
// One thread; each run pins two buffers, makes a promise, copies the bytes in and out, and is settled by a batched
// thread-safe function (armed flag + finished list). No checks: the bench is the only caller. Never part of the package.
#include <node_api.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Job {
  napi_deferred deferred;
  napi_ref input;
  napi_ref output;
  const void* source;
  void* target;
  size_t bytes;
  Job* next;
};

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

class Echo {
 public:
  Echo(napi_env env, std::chrono::microseconds spin) : env_(env), spin_(spin) {
    napi_value name;
    napi_create_string_utf8(env, "echo", NAPI_AUTO_LENGTH, &name);
    napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, &Echo::settle, &wake_);
    napi_unref_threadsafe_function(env, wake_);  // an idle echo does not keep the process
    thread_ = std::thread([this] { serve(); });
  }

  ~Echo() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    ready_.notify_one();
    thread_.join();
    napi_release_threadsafe_function(wake_, napi_tsfn_abort);
  }

  void submit(Job* job) {
    if (in_flight_++ == 0) napi_ref_threadsafe_function(env_, wake_);
    bool wake = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      queue_.push_back(job);
      pending_.fetch_add(1, std::memory_order_release);
      wake = sleeping_;
    }
    if (wake) ready_.notify_one();
  }

 private:
  static void settle(napi_env env, napi_value, void* context, void*) {
    auto* const self = static_cast<Echo*>(context);
    self->armed_.store(false);  // first: what finishes from here on wakes us again
    Job* job = self->finished_.exchange(nullptr);
    Job* oldest = nullptr;
    while (job != nullptr) {
      Job* const next = job->next;
      job->next = oldest;
      oldest = job;
      job = next;
    }
    while (oldest != nullptr) {
      Job* const done = oldest;
      oldest = oldest->next;
      if (env != nullptr) self->resolve(env, done);
      delete done;
    }
  }

  void resolve(napi_env env, Job* job) {
    napi_value output;
    napi_get_reference_value(env, job->output, &output);
    napi_resolve_deferred(env, job->deferred, output);
    napi_delete_reference(env, job->input);
    napi_delete_reference(env, job->output);
    if (--in_flight_ == 0) napi_unref_threadsafe_function(env, wake_);
  }

  // As native/common/lanes.cc does it: like with like.
  void poll() {
    if (spin_.count() == 0 || pending_.load(std::memory_order_acquire) > 0) return;
    if (skip_ > 0) {
      --skip_;
      return;
    }
    const Clock::time_point until = Clock::now() + spin_;
    while (pending_.load(std::memory_order_acquire) == 0) {
      if (Clock::now() >= until) {
        backoff_ = std::min(2 * backoff_ + 1, 63);
        skip_ = backoff_;
        return;
      }
      for (int i = 0; i < 16; ++i) relax();
    }
    backoff_ = 0;
  }

  Job* take() {
    std::unique_lock<std::mutex> lock(mutex_);
    sleeping_ = true;
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    sleeping_ = false;
    if (queue_.empty()) return nullptr;
    Job* const job = queue_.front();
    queue_.pop_front();
    pending_.fetch_sub(1, std::memory_order_relaxed);
    return job;
  }

  void serve() {
    while (Job* const job = take()) {
      if (staging_.size() < job->bytes) staging_.resize(job->bytes);
      std::memcpy(staging_.data(), job->source, job->bytes);
      std::memcpy(job->target, staging_.data(), job->bytes);
      job->next = finished_.load(std::memory_order_relaxed);
      while (!finished_.compare_exchange_weak(job->next, job)) {
      }
      if (!armed_.exchange(true)) napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
      poll();
    }
  }

  const napi_env env_;
  const std::chrono::microseconds spin_;
  napi_threadsafe_function wake_ = nullptr;
  size_t in_flight_ = 0;  // JS thread only
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job*> queue_;
  bool sleeping_ = false;
  bool stopping_ = false;
  int skip_ = 0;  // with backoff_: the serving thread only
  int backoff_ = 0;
  std::atomic<size_t> pending_{0};
  std::atomic<Job*> finished_{nullptr};
  std::atomic<bool> armed_{false};
  std::vector<unsigned char> staging_;
  std::thread thread_;
};

struct View {
  void* data;
  size_t bytes;
};

View view(napi_env env, napi_value array) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr);
  return {data, type == napi_float32_array ? length * sizeof(float) : length};
}

// run(input, output): both Float32Array or Uint8Array of equal size; resolves with `output`.
napi_value run(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  void* echo = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &echo);
  const View input = view(env, arguments[0]);
  const View output = view(env, arguments[1]);
  auto* const job = new Job{nullptr, nullptr, nullptr, input.data, output.data, input.bytes, nullptr};
  napi_create_reference(env, arguments[0], 1, &job->input);
  napi_create_reference(env, arguments[1], 1, &job->output);
  napi_value promise;
  napi_create_promise(env, &job->deferred, &promise);
  static_cast<Echo*>(echo)->submit(job);
  return promise;
}

// create(spinMicros) → run. The thread ends with the environment.
napi_value create(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  int64_t spin = 0;
  napi_get_value_int64(env, argument, &spin);
  auto* const echo = new Echo(env, std::chrono::microseconds(spin));
  napi_add_env_cleanup_hook(env, [](void* made) { delete static_cast<Echo*>(made); }, echo);
  napi_value function;
  napi_create_function(env, "run", NAPI_AUTO_LENGTH, run, echo, &function);
  return function;
}

// copy(source, target): one plain memcpy, on the JS thread.
napi_value copy(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const View source = view(env, arguments[0]);
  std::memcpy(view(env, arguments[1]).data, source.data, source.bytes);
  return nullptr;
}

void expose(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  expose(env, exports, "create", create);
  expose(env, exports, "copy", copy);
  return exports;
}
