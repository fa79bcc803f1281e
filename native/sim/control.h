// SPDX-License-Identifier: Apache-2.0
// What a test can set and read: settings, faults, call counters, violations, live objects. README.md lists the keys.
#ifndef TENSORRT_NODE_SIM_CONTROL_H_
#define TENSORRT_NODE_SIM_CONTROL_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace sim {

// One thing that can be counted and made to fail: a CUDA or TensorRT call, or an asynchronous operation ("async:compute").
struct Counter {
  std::string name;
  std::atomic<uint64_t> calls{0};
  std::atomic<int64_t> failAt{0};  // the how-manieth call from the setting on fails; 0: none, -1: each one
  std::atomic<uint64_t> since{0};  // `calls` when the fault was set
  std::atomic<int> code{0};

  // Counts a call. @returns the code it must fail with, or 0. Inline: the simulated TensorRT calls it too.
  int next() {
    const uint64_t index = calls.fetch_add(1, std::memory_order_relaxed) + 1;
    const int64_t at = failAt.load(std::memory_order_relaxed);
    if (at == 0) return 0;
    return at < 0 || index - since == static_cast<uint64_t>(at) ? code.load() : 0;
  }
};
Counter& counter(const char* name);  // never freed; look it up once

struct Settings {
  std::atomic<int> driver{0};  // 0: works; a CUDA error; kHang
  std::atomic<int> driverVersion{13000};
  std::atomic<int> devices{1};
  std::atomic<int> sm{89};
  std::atomic<int64_t> memory{int64_t{8} << 30};
  std::atomic<int64_t> pinned{int64_t{4} << 30};
  std::array<std::atomic<int64_t>, 3> latency{};  // ns: copy in, compute, copy out
  std::atomic<int64_t> bandwidth{0};              // bytes a µs of a copy engine; 0: any
  std::atomic<bool> timed{false};                 // anything at all takes time
  std::atomic<int64_t> buildDelay{0};             // ns between progress steps of a build
  std::atomic<int> foreignThreads{1};             // progress from other threads than the builder's
  std::atomic<int> watchInputs{1};                // checksums of inputs in flight
  std::atomic<int> consumedPercent{50};           // of a run, after which it has read its inputs
  std::atomic<int> watchMainThread{0};            // calls there that may block are violations
  std::atomic<int> capturable{1};                 // what RTX answers about its streams
  std::atomic<int> held{0};                       // by unit, a bit each: what has begun there does not end
  std::atomic<int> recording{0};                  // events, for sim_get("events")
  std::mutex lock;
  std::string name = "Simulated GPU";
  std::string version;  // of TensorRT, in place of the one that the library has
  std::string packed;   // this tensor has a format other than a linear one: "x=CHW32", "x=HWC"
};
constexpr int kHang = -1;
Settings& settings();
int64_t latencyOf(int unit, size_t bytes);
inline bool isHeld(int unit) { return unit >= 0 && (settings().held.load(std::memory_order_relaxed) >> unit & 1) != 0; }

// One thing that happened to an operation of a stream, in the order in which it did.
struct Happening {
  const char* what;  // "call": it was put into its stream; "begin" and "end": of its engine
  int unit;
  uint64_t stream;
  uint64_t operation;  // numbered from 1, in the order of their calls
  size_t bytes;
};
// Kept while the setting `events` is 1.
void happened(const Happening& event);

// A rule of the hardware that the product broke. Counted by kind; the last text of each kind is kept.
void violation(const char* kind, const std::string& text);

// Objects that are alive now, by kind.
std::atomic<int64_t>& live(const char* kind);
class Live {
 public:
  explicit Live(const char* kind) : count_(live(kind)) { ++count_; }
  ~Live() { --count_; }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

 private:
  std::atomic<int64_t>& count_;
};

bool set(const std::string& key, const std::string& value);  // false: no such key, or a bad value
std::string get(const std::string& what);                    // JSON; empty: no such thing

}  // namespace sim

// `const int fault = SIM_ENTER("name")`: the counter is looked up once for each place.
#define SIM_COUNT(name)                                    \
  ([]() -> int {                                           \
    static ::sim::Counter& counted = ::sim::counter(name); \
    return counted.next();                                 \
  }())

#endif  // TENSORRT_NODE_SIM_CONTROL_H_
