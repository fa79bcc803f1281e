// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "cuda_entry.h"
#include "state.h"

namespace sim {

namespace {

struct Violations {
  uint64_t count = 0;
  std::string last;
};

struct Registry {
  std::mutex lock;
  std::map<std::string, std::unique_ptr<Counter>> counters;
  std::map<std::string, std::unique_ptr<std::atomic<int64_t>>> live;
  std::map<std::string, Violations> violations;
  std::vector<Happening> events;
};

Registry& registry() {
  static Registry* const all = new Registry;
  return *all;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

bool integer(const std::string& text, int64_t& value) {
  char* end = nullptr;
  value = std::strtoll(text.c_str(), &end, 10);
  return end != text.c_str() && *end == '\0';
}

// "cudaMalloc:2:2" = the second call from now on fails with code 2; -1 instead of the first number: each call.
bool setFault(std::string text) {
  // ":sticky" says what the code says already, and is refused where it does not.
  const bool sticky = text.size() > 7 && text.compare(text.size() - 7, 7, ":sticky") == 0;
  if (sticky) text.resize(text.size() - 7);
  // A name may hold colons (IExecutionContext::enqueueV3, async:compute): the numbers are the last two parts.
  const size_t second = text.rfind(':');
  if (second == std::string::npos || second == 0) return false;
  const size_t first = text.rfind(':', second - 1);
  if (first == std::string::npos) return false;
  int64_t nth = 0;
  int64_t code = 0;
  if (!integer(text.substr(first + 1, second - first - 1), nth) || !integer(text.substr(second + 1), code))
    return false;
  if (sticky && !isSticky(static_cast<int>(code))) return false;
  Counter& target = counter(text.substr(0, first).c_str());
  target.since = target.calls.load();
  target.code = static_cast<int>(code);
  target.failAt = nth;
  return true;
}

void clearFaults() {
  const std::lock_guard<std::mutex> guard(registry().lock);
  for (auto& entry : registry().counters) entry.second->failAt = 0;
}

void resetCounters() {
  const std::lock_guard<std::mutex> guard(registry().lock);
  registry().events.clear();
  for (auto& entry : registry().counters) entry.second->calls = entry.second->since = 0;
  registry().violations.clear();
}

// The settings that are plain numbers.
std::atomic<int>* smallNumber(const std::string& key) {
  Settings& all = settings();
  if (key == "driver") return &all.driver;
  if (key == "driverVersion") return &all.driverVersion;
  if (key == "devices") return &all.devices;
  if (key == "sm") return &all.sm;
  if (key == "foreignThreads") return &all.foreignThreads;
  if (key == "watchInputs") return &all.watchInputs;
  if (key == "consumedPercent") return &all.consumedPercent;
  if (key == "watchMainThread") return &all.watchMainThread;
  if (key == "capturable") return &all.capturable;
  if (key == "hold") return &all.held;
  if (key == "events") return &all.recording;
  return nullptr;
}

std::atomic<int64_t>* largeNumber(const std::string& key) {
  Settings& all = settings();
  if (key == "memory") return &all.memory;
  if (key == "pinned") return &all.pinned;
  if (key == "copyInNs") return &all.latency[0];
  if (key == "computeNs") return &all.latency[1];
  if (key == "copyOutNs") return &all.latency[2];
  if (key == "bytesPerUs") return &all.bandwidth;
  if (key == "buildStepNs") return &all.buildDelay;
  return nullptr;
}

bool setNumber(const std::string& key, int64_t value) {
  Settings& all = settings();
  if (key == "devices" && (value < 0 || value > kMaxDevices)) return false;
  if (std::atomic<int>* const small = smallNumber(key)) {
    *small = static_cast<int>(value);
  } else if (std::atomic<int64_t>* const large = largeNumber(key)) {
    *large = value;
  } else {
    return false;
  }
  all.timed = all.latency[0] != 0 || all.latency[1] != 0 || all.latency[2] != 0 || all.bandwidth != 0;
  if (key == "hold") {
    const std::lock_guard<std::mutex> guard(gpu().lock);  // the scheduler looks, or waits: never between the two
    gpu().wake.notify_all();
  }
  return true;
}

std::string eventsJson() {
  constexpr const char* kUnitNames[kUnits] = {"copyIn", "compute", "copyOut"};
  std::string out = "[";
  for (const Happening& event : registry().events) {
    const std::string unit = event.unit < 0 ? "none" : kUnitNames[event.unit];
    out += (out.size() > 1 ? "," : "") + ("{\"what\":" + quoted(event.what)) + ",\"unit\":" + quoted(unit) +
           ",\"stream\":" + std::to_string(event.stream) + ",\"operation\":" + std::to_string(event.operation) +
           ",\"bytes\":" + std::to_string(event.bytes) + "}";
  }
  return out + "]";
}

std::string violationsJson() {
  std::string out = "{";
  for (const auto& [kind, seen] : registry().violations) {
    out += (out.size() > 1 ? "," : "") + quoted(kind) + ":{\"count\":" + std::to_string(seen.count) +
           ",\"last\":" + quoted(seen.last) + "}";
  }
  return out + "}";
}

}  // namespace

void happened(const Happening& event) {
  if (settings().recording.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard<std::mutex> guard(registry().lock);
  registry().events.push_back(event);
}

Counter& counter(const char* name) {
  const std::lock_guard<std::mutex> guard(registry().lock);
  std::unique_ptr<Counter>& slot = registry().counters[name];
  if (!slot) {
    slot = std::make_unique<Counter>();
    slot->name = name;
  }
  return *slot;
}

Settings& settings() {
  static Settings* const all = new Settings;
  return *all;
}

int64_t latencyOf(int unit, size_t bytes) {
  if (unit < 0) return 0;
  const int64_t bandwidth = settings().bandwidth.load(std::memory_order_relaxed);
  const int64_t transfer = unit == 1 || bandwidth == 0 ? 0 : static_cast<int64_t>(bytes) * 1000 / bandwidth;
  return settings().latency[static_cast<size_t>(unit)].load(std::memory_order_relaxed) + transfer;
}

void violation(const char* kind, const std::string& text) {
  const std::lock_guard<std::mutex> guard(registry().lock);
  Violations& seen = registry().violations[kind];
  ++seen.count;
  seen.last = text;
}

std::atomic<int64_t>& live(const char* kind) {
  const std::lock_guard<std::mutex> guard(registry().lock);
  std::unique_ptr<std::atomic<int64_t>>& slot = registry().live[kind];
  if (!slot) slot = std::make_unique<std::atomic<int64_t>>(0);
  return *slot;
}

bool set(const std::string& key, const std::string& value) {
  if (key == "fault") return setFault(value);
  if (key == "clearFaults") return clearFaults(), true;
  if (key == "resetCounters") return resetCounters(), true;
  if (key == "name" || key == "version" || key == "packed") {
    const std::lock_guard<std::mutex> guard(settings().lock);
    (key == "name" ? settings().name : key == "version" ? settings().version : settings().packed) = value;
    return true;
  }
  if (key == "driver" && value == "hang") return settings().driver = kHang, true;
  int64_t number = 0;
  return integer(value, number) && setNumber(key, number);
}

std::string get(const std::string& what) {
  const std::lock_guard<std::mutex> guard(registry().lock);
  std::string out = "{";
  if (what == "violations") return violationsJson();
  if (what == "events") return eventsJson();
  if (what == "calls") {
    for (const auto& [name, counted] : registry().counters) {
      if (counted->calls == 0) continue;
      out += (out.size() > 1 ? "," : "") + quoted(name) + ":" + std::to_string(counted->calls.load());
    }
  } else if (what == "live") {
    for (const auto& [name, count] : registry().live) {
      out += (out.size() > 1 ? "," : "") + quoted(name) + ":" + std::to_string(count->load());
    }
  } else {
    return "";
  }
  return out + "}";
}

namespace {

// TENSORRT_SIM="key=value;key=value", when the library is loaded.
__attribute__((constructor)) void readEnvironment() {
  const char* const text = std::getenv("TENSORRT_SIM");
  if (text == nullptr) return;
  const std::string all = text;
  for (size_t from = 0; from < all.size();) {
    const size_t end = std::min(all.find(';', from), all.size());
    const std::string pair = all.substr(from, end - from);
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || !set(pair.substr(0, equals), pair.substr(equals + 1))) {
      std::fprintf(stderr, "TENSORRT_SIM: cannot set %s (native/sim/README.md)\n", pair.c_str());
    }
    from = end + 1;
  }
}

}  // namespace

}  // namespace sim

extern "C" {

__attribute__((visibility("default"))) int sim_set(const char* key, const char* value) {
  return sim::set(key, value) ? 1 : 0;
}

// JSON, to be freed with free(); null: no such thing.
__attribute__((visibility("default"))) char* sim_get(const char* what) {
  const std::string text = sim::get(what);
  return text.empty() ? nullptr : strdup(text.c_str());
}
}
