// SPDX-License-Identifier: Apache-2.0
#include "exit_guard.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace trtn {
namespace {

// A run that cannot be interrupted keeps the process no longer than this.
constexpr std::chrono::milliseconds kExitPatience(500);

struct Watched {
  std::mutex mutex;
  std::vector<ExitGuarded*> items;
  std::atomic<bool> exiting{false};
};

// Leaked: threads may still use it while static destructors run.
Watched& watched() {
  static auto& instance = *new Watched;
  return instance;
}

void at_exit() {
  Watched& all = watched();
  if (all.exiting.exchange(true)) return;  // armed more than once
  // Held to the end: whoever is just being destroyed on another thread waits here for the process to be gone.
  all.mutex.lock();
  for (ExitGuarded* item : all.items) item->freeze();
  const auto until = std::chrono::steady_clock::now() + kExitPatience;
  for (ExitGuarded* item : all.items) {
    while (!item->idle() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace

void ExitGuard::arm() noexcept { (void)std::atexit(at_exit); }

void ExitGuard::watch(ExitGuarded* guarded) {
  static const bool armed = (arm(), true);
  (void)armed;
  Watched& all = watched();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.items.push_back(guarded);
}

void ExitGuard::forget(ExitGuarded* guarded) {
  Watched& all = watched();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.items.erase(std::remove(all.items.begin(), all.items.end(), guarded), all.items.end());
}

}  // namespace trtn
