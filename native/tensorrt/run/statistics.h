// SPDX-License-Identifier: Apache-2.0
// What a session has done, for its "describe". Counted on the hot path: relaxed atomics.
#ifndef TENSORRT_NODE_RUN_STATISTICS_H_
#define TENSORRT_NODE_RUN_STATISTICS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace trt::run {

// Why a run that could have been a graph was not.
enum class Fallback {
  kOff,      // cudaGraph is 0
  kTimings,  // stages are timed, which a graph has no events for
  kOnHost,   // tensors on the host: their values are read at enqueue
  kDynamic,  // output shapes depend on data
  kWeightStreaming,
  kNotCapturable,  // the library says so of the stream
  kCaptureFailed,
  kFull,  // more combinations of shapes and buffers than graphCapacity, all in use
  kCount
};
constexpr size_t kFallbacks = static_cast<size_t>(Fallback::kCount);
// GraphFallback of lib/engine/graph-stats.ts.
constexpr const char* kFallbackNames[kFallbacks] = {"disabled",       "timings",         "hostTensors",
                                                    "dynamicOutputs", "weightStreaming", "notCapturable",
                                                    "captureFailed",  "capacity"};

struct Statistics {
  using Counter = std::atomic<uint64_t>;
  Counter runs{0};
  Counter failures{0};
  Counter plain{0};           // enqueued by TensorRT
  Counter compute_graphs{0};  // graph launches between copies
  Counter whole_graphs{0};    // graph launches that copy, too
  Counter captures{0};
  Counter padded{0};       // of both kinds of graph launches: as a larger batch
  Counter padded_rows{0};  // added to them
  Counter copies{0};       // between the caller's memory and ours, on the host
  Counter calls{0};        // of CUDA by us, in submitting and waiting; those that TensorRT makes are not seen
  Counter contexts{0};
  std::array<Counter, kFallbacks> fallbacks{};

  void fell_back(Fallback reason) noexcept { add(fallbacks[static_cast<size_t>(reason)]); }
  static void add(Counter& counter, uint64_t count = 1) noexcept {
    counter.fetch_add(count, std::memory_order_relaxed);
  }

  void set_failure(const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex);
    last_capture_failure = text;
  }
  std::string failure() {
    const std::lock_guard<std::mutex> lock(mutex);
    return last_capture_failure;
  }

 private:
  std::mutex mutex;
  std::string last_capture_failure;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_STATISTICS_H_
