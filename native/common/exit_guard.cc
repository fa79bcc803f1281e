// SPDX-License-Identifier: Apache-2.0
#include "exit_guard.h"

#include <unistd.h>

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
  std::mutex loading;
  std::mutex mutex;
  std::vector<ExitGuarded*> items;
  std::atomic<bool> exiting{false};
};

// Leaked: threads may still use it while static destructors run.
Watched& watched() {
  static auto& instance = *new Watched;
  return instance;
}

void at_exit(int status, void*) {
  Watched& all = watched();
  if (all.exiting.exchange(true)) return;  // armed more than once
  // Held to the end: whoever is just being destroyed on another thread waits here for the process to be gone.
  all.mutex.lock();
  for (ExitGuarded* item : all.items) item->freeze();
  const auto until = std::chrono::steady_clock::now() + kExitPatience;
  for (ExitGuarded* item : all.items) {
    while (!item->idle()) {
      // A thread is deep inside of a library (NVIDIA's compiler, for seconds): the library's destructors under it would end in
      // a crash, or in waiting for ever.
      if (std::chrono::steady_clock::now() >= until) _exit(status);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace

void ExitGuard::arm() noexcept { (void)on_exit(at_exit, nullptr); }

void ExitGuard::about_to_exit() noexcept {
  watched().loading.lock();  // for ever
  arm();
}

ExitGuard::Loading::Loading() { watched().loading.lock(); }

ExitGuard::Loading::~Loading() {
  arm();
  watched().loading.unlock();
}

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
