// SPDX-License-Identifier: Apache-2.0
// What can be asked of a session besides runs.
#include "error.h"
#include "json.h"
#include "session.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::JsonWriter;

int64_t value(const Statistics::Counter& counter) {
  return static_cast<int64_t>(counter.load(std::memory_order_relaxed));
}

void write_graphs(JsonWriter& json, Statistics& statistics, const SessionSettings& settings, size_t kept) {
  json.key("cudaGraph").begin_object();
  json.key("enabled").boolean(settings.cudaGraph).key("capacity").number(settings.graphCapacity);
  json.key("kept").number(static_cast<int64_t>(kept)).key("captured").number(value(statistics.captures));
  json.key("whole").number(value(statistics.whole_graphs)).key("compute").number(value(statistics.compute_graphs));
  json.key("padded").number(value(statistics.padded)).key("paddedRows").number(value(statistics.padded_rows));
  json.key("plain").number(value(statistics.plain)).key("fallbacks").begin_object();
  for (size_t i = 0; i < kFallbacks; ++i) {
    const int64_t count = value(statistics.fallbacks[i]);
    if (count > 0) json.key(kFallbackNames[i]).number(count);
  }
  json.end_object().key("failure").text_or_null(statistics.failure()).end_object();
}

}  // namespace

void Session::quiesce() {
  submission_.lock();
  std::unique_lock<std::mutex> lock(mutex_);
  while (on_device_ > 0) drained_.wait(lock);
}

void Session::resume() noexcept {
  submission_.unlock();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (has_work()) work_.notify_one();
}

void Session::reset() {
  device_.require_usable();
  quiesce();
  try {
    const Section section(*this);
    const LogScope scope(log_);
    device_.use();
    layouts_.clear();
    for (const auto& waiter : waiters_) waiter->lane->reset();
  } catch (...) {
    resume();
    throw;
  }
  resume();
}

std::string Session::describe() {
  size_t kept = 0;
  for (const auto& waiter : waiters_) kept += waiter->lane->graphs();
  JsonWriter json;
  json.begin_object().key("lanes").number(static_cast<int64_t>(waiters_.size()));
  json.key("slots").number(settings_.slots).key("device").number(device_.index());
  json.key("lost").text_or_null(device_.cause()).key("allocationStrategy").text(allocation_name(settings_.allocation));
  json.key("spinWait").boolean(settings_.spinWait).key("timings").boolean(settings_.timings);
  json.key("runs").number(value(statistics_.runs)).key("failures").number(value(statistics_.failures));
  json.key("contexts").number(value(statistics_.contexts)).key("copies").number(value(statistics_.copies));
  json.key("cudaCalls").number(value(statistics_.calls));
  json.key("pinned").begin_object().key("outstanding").number(static_cast<int64_t>(device_.pinned().outstanding()));
  json.key("idleBytes").number(static_cast<int64_t>(device_.pinned().idle_bytes())).end_object();
  write_graphs(json, statistics_, settings_, kept);
  return json.end_object().str();
}

}  // namespace trt::run
