// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/build_thread.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <set>
#include <string>

#include "tensorrt/unusable.h"

namespace trt {
namespace {

constexpr size_t kStackBytes = size_t{64} << 20;
constexpr std::chrono::milliseconds kAskCancelled(20);

// Not a std::exception_ptr: copying one needs a newer libstdc++ than Node itself does (scripts/check-binary.ts).
struct Work {
  const std::function<void()>& body;
  backend_status status = BACKEND_OK;
  std::string message;

  void fail(backend_status why, const char* text) noexcept {
    status = why;
    try {
      message = text;
    } catch (...) {  // no memory even for the words
    }
  }
};

void* runWork(void* argument) {
  Work& work = *static_cast<Work*>(argument);
  try {
    work.body();
  } catch (const Error& error) {
    work.fail(error.status(), error.what());
  } catch (const std::bad_alloc&) {
    work.fail(BACKEND_OUT_OF_MEMORY, "The host has no memory left for this call.");
  } catch (const std::exception& error) {
    work.fail(BACKEND_INTERNAL, error.what());
  } catch (...) {
    work.fail(BACKEND_INTERNAL, "An exception of unknown type was thrown.");
  }
  return nullptr;
}

struct Turns {
  std::mutex mutex;
  std::condition_variable ended;
  std::set<int32_t> busy;
};

// Leaked: a build may still run while static destructors do.
Turns& turns() {
  static auto& instance = *new Turns;
  return instance;
}

}  // namespace

void runOnLargeStack(const std::function<void()>& body) {
  Work work{body, BACKEND_OK, ""};
  pthread_attr_t attributes;
  pthread_t thread;
  int code = pthread_attr_init(&attributes);
  if (code == 0) {
    pthread_attr_setstacksize(&attributes, kStackBytes);
    code = pthread_create(&thread, &attributes, runWork, &work);
    pthread_attr_destroy(&attributes);
  }
  if (code != 0) throw Error(BACKEND_OUT_OF_MEMORY, "No thread for the build could be started.");
  pthread_join(thread, nullptr);
  if (work.status != BACKEND_OK) throw Error(work.status, work.message);
}

BuildTurn::BuildTurn(int32_t device, trtn::Progress& progress) : device_(device) {
  Turns& all = turns();
  std::unique_lock<std::mutex> lock(all.mutex);
  const bool waits = all.busy.count(device) > 0;
  if (waits) progress.step("wait", 0, 1);
  while (!all.ended.wait_for(lock, kAskCancelled, [&] { return all.busy.count(device) == 0; })) {
    progress.throw_if_cancelled();
  }
  if (waits) progress.step("wait", 1, 1);
  all.busy.insert(device);
}

BuildTurn::~BuildTurn() {
  Turns& all = turns();
  {
    const std::lock_guard<std::mutex> lock(all.mutex);
    all.busy.erase(device_);
  }
  all.ended.notify_all();
}

}  // namespace trt
